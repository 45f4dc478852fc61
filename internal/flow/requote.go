package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// settlesAfter is how long a round of quoting waits after the terms have changed:
// what other processes keep of the old ones (keepFor) is forgotten by then, and what
// they were writing is written.
const settlesAfter = 5 * time.Second

// eventPriceNotice tells a customer that deliveries cost more, or come on another
// day, than they were told.
const eventPriceNotice = "price_notice"

// Requote looks at up to limit running subscriptions of a store whose terms have
// changed: their planned deliveries get the total and the days of now, and whose
// customer has to know is told (docs/rules.md, "Changed terms"). It returns how many
// it looked at.
func (f *Flow) Requote(ctx context.Context, limit int) (int, error) {
	now := f.Now()
	lease := f.lease(deadlineLease)
	var refs []db.Ref
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueueRequotes, now, 1, lease)
		return err
	})
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	n, err := f.requoteSet(ctx, refs[0], lease.Token, limit, now)
	if err != nil {
		err = errors.Join(err, f.write(ctx, func(ctx context.Context, tx db.Tx) error {
			return db.DropLeases(ctx, tx, db.QueueRequotes, refs[0].StoreID, []ident.ID{refs[0].ID}, lease.Token)
		}))
	}
	if errors.Is(err, db.ErrStale) { // somebody changes one of them just now: it is looked at again
		return n, nil
	}
	return n, err
}

func (f *Flow) requoteSet(ctx context.Context, ref db.Ref, token ident.ID, limit int, now time.Time) (int, error) {
	after, err := db.RequoteAfter(ctx, f.DB, ref)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil // given up for a newer round
	}
	if err != nil {
		return 0, err
	}
	ids, err := db.RunningAfter(ctx, f.DB, ref.StoreID, after, limit)
	if err != nil {
		return 0, err
	}
	var round requotes
	if len(ids) > 0 {
		if round, err = f.requoted(ctx, ref, ids, now); err != nil {
			return 0, fmt.Errorf("read subscriptions to quote anew: %w", err)
		}
	}
	last := ident.ID{}
	if len(ids) == limit {
		last = ids[limit-1]
	}
	err = f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		ours, err := db.AdvanceRequote(ctx, tx, ref, token, last)
		if err != nil || !ours {
			return err
		}
		if err := db.TouchSubscriptions(ctx, tx, ref.StoreID, round.changed); err != nil {
			return err
		}
		if err := db.WakeSubscriptions(ctx, tx, ref.StoreID, round.woken, now); err != nil {
			return err
		}
		return round.save(ctx, tx, f, ref.StoreID, now)
	})
	return max(len(ids), 1), err
}

// requotes are the rows of a set that is quoted anew.
type requotes struct {
	dueWrites
	changed []subscription.Subscription // as they were read
	woken   []ident.ID
}

// requoted collects what becomes of a set. One that cannot be read or priced is
// passed over: the deadline run sets it aside with an alert.
func (f *Flow) requoted(ctx context.Context, ref db.Ref, ids []ident.ID, now time.Time) (w requotes, err error) {
	boxes, err := f.readable(ctx, ref.StoreID, ids)
	if err != nil {
		return w, err
	}
	for _, b := range boxes {
		s := b.in.Subscription
		out, err := renewal.Reconsider(b.in, b.customer.Mail != "", now)
		if err != nil {
			slog.WarnContext(ctx, "a subscription cannot be quoted", "store", ref.StoreID, "subscription", s.ID, "error", err)
			continue
		}
		if out.Wake {
			w.woken = append(w.woken, s.ID)
		}
		if len(out.Updated) == 0 {
			continue
		}
		w.changed = append(w.changed, s)
		w.requoted = append(w.requoted, out.Updated...)
		was := map[ident.ID]subscription.Delivery{}
		for _, d := range b.in.Deliveries {
			was[d.ID] = d
		}
		for _, d := range out.Updated {
			old := was[d.ID]
			fields := change("total", money.Of(old.Quoted, s.Currency).String(), money.Of(d.Quoted, s.Currency).String())
			if old.Date != d.Date || old.ShippingDate != d.ShippingDate {
				fields["date"] = audit.Change{Before: old.Date.String(), After: d.Date.String()}
				fields["ships"] = audit.Change{Before: old.ShippingDate.String(), After: d.ShippingDate.String()}
			}
			w.audit = append(w.audit, f.line(audit.System, "delivery.requoted", "subscription", s.ID, now, fields))
		}
		if out.Notice && b.customer.Mail != "" {
			dedupe := eventPriceNotice + ":" + s.ID.String() + ":" + ref.ID.String()
			w.mails = append(w.mails, f.newMail(eventPriceNotice, dedupe, order.Order{SubscriptionID: s.ID, Lang: b.customer.Lang}, b.customer))
		}
	}
	return w, nil
}

// readable reads a set, without those whose record nobody can read.
func (f *Flow) readable(ctx context.Context, storeID int64, ids []ident.ID) ([]*dueBox, error) {
	set, err := f.loadDue(ctx, storeID, ids)
	switch {
	case err == nil:
		return set.boxes, nil
	case !db.IsData(err):
		return nil, err
	case len(ids) == 1:
		slog.WarnContext(ctx, "a subscription cannot be read", "store", storeID, "subscription", ids[0], "error", err)
		return nil, nil
	}
	half := len(ids) / 2
	first, err := f.readable(ctx, storeID, ids[:half])
	if err != nil {
		return nil, err
	}
	second, err := f.readable(ctx, storeID, ids[half:])
	return append(first, second...), err
}
