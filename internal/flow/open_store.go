package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
)

// TurnStore opens or closes a store; Version is that of the store that was shown.
type TurnStore struct {
	StoreID int64
	Actor   audit.Actor
	Version int64
}

// OpenStore lets shoppers in. It refuses a store that lacks what the law wants a
// shop to say: Invalid, one fault for each of store.Missing; Conflict where
// somebody else has opened or closed it meanwhile.
func (f *Flow) OpenStore(ctx context.Context, in TurnStore) error { return f.turnStore(ctx, in, true) }

// CloseStore shows shoppers that the store prepares. Subscriptions that run go
// on: the engine, my page and the links in mails work as before.
func (f *Flow) CloseStore(ctx context.Context, in TurnStore) error {
	return f.turnStore(ctx, in, false)
}

func (f *Flow) turnStore(ctx context.Context, in TurnStore, open bool) error {
	return stale(f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		shop, err := f.Shop(ctx, tx, in.StoreID)
		if err != nil {
			return err
		}
		if shop.Open == open {
			return db.ErrStale
		}
		if open {
			if err := wanting(shop.Missing()).Err(); err != nil {
				return err
			}
		}
		if err := db.SetStoreOpen(ctx, tx, in.StoreID, open, in.Version); err != nil {
			return err
		}
		verb := "store.closed"
		if open {
			verb = "store.opened"
		}
		return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{f.line(in.Actor, verb, "store", shop.NounID(), f.Now(), nil)})
	}))
}

// wanting says of each field that a store cannot open without it.
func wanting(missing []store.Field) fault.List {
	var faults fault.List
	for _, field := range missing {
		faults.Add(fault.Field(string(field), "fault.store.missing"))
	}
	return faults
}
