package flow

import (
	"context"
	"log/slog"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
)

const (
	sweepLease = time.Minute
	sweepWait  = time.Minute
)

// SweepSessions takes up to limit hosted sessions whose time is over and asks
// the gateway how they ended: no webhook may ever come.
func (f *Flow) SweepSessions(ctx context.Context, limit int) (int, error) {
	now := f.Now()
	lease := f.lease(sweepLease)
	var refs []db.Ref
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueueSessions, now, limit, lease)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, ref := range refs {
		state, err := f.SettleSession(ctx, ref.StoreID, ref.ID)
		if err == nil && state != db.SessionOpen {
			continue
		}
		if err != nil {
			slog.WarnContext(ctx, "session not settled yet", "session", ref.ID, "error", err)
		}
		if err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			return db.Release(ctx, tx, db.QueueSessions, ref.StoreID, []ident.ID{ref.ID}, lease.Token, now.Add(sweepWait))
		}); err != nil {
			return len(refs), err
		}
	}
	return len(refs), nil
}
