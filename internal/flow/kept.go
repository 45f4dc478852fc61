package flow

import (
	"context"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
)

// keepFor is how long a process believes what it has read of a shop's settings
// where another process may change them. What this one changes it sees at once,
// and whoever writes reads anew in the transaction.
const keepFor = time.Second

// kept holds what nearly every request and every set of work needs and hardly
// anybody changes, by store or host.
type kept struct {
	shops, hosts, secrets sync.Map
}

type keptValue struct {
	value      any
	generation uint64
	until      time.Time
}

// keep returns what is kept under a key, or reads it. What cannot be read is
// kept by nobody, so that only things that exist take up memory.
func keep[V any](f *Flow, in *sync.Map, key any, read func() (V, error)) (V, error) {
	now, generation := f.Wall(), f.DB.Generation() // from before reading
	if known, ok := in.Load(key); ok {
		if k := known.(keptValue); k.generation == generation && now.Before(k.until) {
			return k.value.(V), nil
		}
	}
	value, err := read()
	if err == nil {
		in.Store(key, keptValue{value: value, generation: generation, until: now.Add(keepFor)})
	}
	return value, err
}

// StoreOfHost is the id of the store that answers at a host name;
// db.ErrNotFound where none does.
func (f *Flow) StoreOfHost(ctx context.Context, host string) (int64, error) {
	return keep(f, &f.kept.hosts, host, func() (int64, error) {
		s, err := db.StoreByHost(ctx, f.DB, host)
		return s.ID, err
	})
}

type secretName struct {
	storeID int64
	name    string
}

// secret opens a secret of a store.
func (f *Flow) secret(ctx context.Context, storeID int64, name string) (string, error) {
	return keep(f, &f.kept.secrets, secretName{storeID, name}, func() (string, error) {
		sealed, err := db.Secret(ctx, f.DB, storeID, name)
		if err != nil {
			return "", err
		}
		opened, err := f.Secrets.Open(storeID, name, sealed)
		return string(opened), err
	})
}
