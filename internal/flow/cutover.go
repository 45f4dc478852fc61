package flow

import (
	"context"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// handedOver is a delivery that belongs to the cart before (移行), with its
// subscription.
type handedOver struct {
	subscription subscription.Subscription
	delivery     subscription.Delivery
	nextDue      time.Time // of the deliveries planned here
}

// takeOver makes a delivery that the cart before did not make one of this
// store's: its deadline has passed, so it is ordered at once, for the earliest date
// that can be kept.
func (f *Flow) takeOver(ctx context.Context, tx db.Tx, storeID int64, a alert.Alert) error {
	h, ok, err := f.handedOver(ctx, tx, storeID, a)
	if err != nil {
		return err
	}
	if !ok || h.subscription.State != subscription.StateActive {
		return fault.New(fault.Conflict, "fault.subscription.state")
	}
	now := f.Now()
	h.delivery.State, h.delivery.Cause = subscription.DeliveryPlanned, subscription.CauseNone
	if err := db.ChangeSubscription(ctx, tx, storeID, h.subscription, now); err != nil {
		return stale(err)
	}
	return stale(db.RewriteDeliveries(ctx, tx, storeID, []subscription.Delivery{h.delivery}))
}

// countElsewhere counts a delivery that the cart before made among the boxes of
// its subscription.
func (f *Flow) countElsewhere(ctx context.Context, tx db.Tx, storeID int64, a alert.Alert) error {
	h, ok, err := f.handedOver(ctx, tx, storeID, a)
	if err != nil || !ok {
		return err
	}
	h.subscription.BoxesOrdered++
	return stale(db.ChangeSubscription(ctx, tx, storeID, h.subscription, h.nextDue))
}

// handedOver reads what an alert of the cut-over is about; ok is false where the
// delivery is not the cart's before any more.
func (f *Flow) handedOver(ctx context.Context, tx db.Tx, storeID int64, a alert.Alert) (h handedOver, ok bool, err error) {
	ids := []ident.ID{a.SubscriptionID}
	subscriptions, err := db.SubscriptionsByIDs(ctx, tx, storeID, ids)
	if err != nil || len(subscriptions) == 0 {
		return h, false, err
	}
	all, err := db.Deliveries(ctx, tx, storeID, ids)
	if err != nil {
		return h, false, err
	}
	list := all[a.SubscriptionID]
	at := slices.IndexFunc(list, func(d subscription.Delivery) bool {
		return d.ID == a.SubjectID && d.State == subscription.DeliverySkipped && d.Cause == subscription.CauseCutover
	})
	if at < 0 {
		return h, false, nil
	}
	h = handedOver{subscription: subscriptions[0], delivery: list[at]}
	for _, d := range list {
		if d.State == subscription.DeliveryPlanned && (h.nextDue.IsZero() || d.Deadline.Before(h.nextDue)) {
			h.nextDue = d.Deadline
		}
	}
	return h, true, nil
}
