package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
)

// Held is how long a set of work has kept others from writing: the longest of its
// write transactions, on SQLite against everybody, on PostgreSQL against those who
// want the same rows. It is for one set at a time.
type Held struct {
	since   time.Time
	longest time.Duration
}

type heldKey struct{}

// WithHeld returns a context in which sets of work tell how long they held.
func WithHeld(ctx context.Context, h *Held) context.Context {
	return context.WithValue(ctx, heldKey{}, h)
}

// Longest is the longest transaction so far, without its commit: how long a disk
// takes does not depend on how much is written at once.
func (h *Held) Longest() time.Duration { return h.longest }

// write is DB.Write for sets of work.
func (f *Flow) write(ctx context.Context, fn func(context.Context, db.Tx) error) error {
	h, _ := ctx.Value(heldKey{}).(*Held)
	if h == nil {
		return f.DB.Write(ctx, fn)
	}
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		h.since = f.Wall()
		err := fn(ctx, tx)
		h.longest = max(h.longest, f.Wall().Sub(h.since))
		return err
	})
}

// holdsFromNow says that only now the transaction has got what others want too;
// what it did before was wait.
func (f *Flow) holdsFromNow(ctx context.Context) {
	if h, _ := ctx.Value(heldKey{}).(*Held); h != nil {
		h.since = f.Wall()
	}
}
