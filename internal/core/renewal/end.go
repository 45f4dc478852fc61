package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Cancel (解約) ends a subscription: at once where the agreed minimum is reached,
// else after the last delivery of the minimum, by making that its fixed count.
// An order made at its deadline stands. An order that is not paid is in the way.
func Cancel(in Input, now time.Time) (Change, error) {
	s := in.Subscription
	if s.State != subscription.StateActive && s.State != subscription.StatePaused {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.state")
	}
	if in.Unpaid {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.unpaid")
	}
	if Owed(s) > 0 {
		if s.Count == s.Minimum {
			return Change{}, fault.New(fault.Conflict, "fault.subscription.ending")
		}
		s.Count = s.Minimum
		return fit(in, s, slices.Clone(in.Deliveries), now)
	}
	if err := s.Become(subscription.StateCancelled); err != nil {
		return Change{}, err
	}
	list := slices.Clone(in.Deliveries)
	for i, d := range list {
		if isPlanned(d) || isWaiting(d) {
			list[i].State, list[i].Cause = subscription.DeliveryCancelled, subscription.CauseCustomer
		}
	}
	return Change{Subscription: s, Updated: changed(in.Deliveries, list)}, nil
}

// Owed is how many boxes the agreed minimum still asks for.
func Owed(s subscription.Subscription) int { return max(s.Minimum-s.BoxesOrdered, 0) }

// WithoutOrders is the input once orders that could not be paid are taken back, as
// they are when their customer leaves: their boxes are not counted, and their
// deliveries, which it returns too, are cancelled.
func WithoutOrders(in Input, orders []ident.ID) (Input, []subscription.Delivery) {
	in.Deliveries = slices.Clone(in.Deliveries)
	in.Unpaid = false
	var taken []subscription.Delivery
	for i, d := range in.Deliveries {
		if d.State != subscription.DeliveryOrdered || !slices.Contains(orders, d.OrderID) {
			continue
		}
		d.State, d.Cause = subscription.DeliveryCancelled, subscription.CauseCustomer
		in.Deliveries[i] = d
		in.Subscription.BoxesOrdered--
		taken = append(taken, d)
	}
	return in, taken
}
