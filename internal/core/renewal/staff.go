package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Changes that only staff make.

// OnwardWithout goes on with a subscription once orders of it were taken back
// (WithoutOrders): their boxes are not counted, and a fixed count gets as many
// deliveries more at its end.
func OnwardWithout(in Input, now time.Time) (Change, error) {
	if err := running(in.Subscription); err != nil {
		return Change{}, err
	}
	if in.Unpaid {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.unpaid")
	}
	return fit(in, in.Subscription, slices.Clone(in.Deliveries), now)
}

// PayOnDelivery (代金引換への切り替え) lets a subscription be paid in cash from its
// next box on. taken are the deliveries of orders that could not be charged and
// were taken back (WithoutOrders): they are ordered anew, at the price with the
// fee, as is what waited for a card.
func PayOnDelivery(in Input, taken []subscription.Delivery, now time.Time) (Change, error) {
	s := in.Subscription
	if err := running(s); err != nil {
		return Change{}, err
	}
	if in.Unpaid {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.unpaid")
	}
	if s.Pays == string(pricing.MethodCOD) {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.cod_already")
	}
	method, ok := in.Settings.Delivery.Method(s.ShippingMethod)
	domestic := in.Address.Country == in.Settings.Profile.Address.Country // the carrier collects the money
	if !ok || !method.AllowCOD || !in.Settings.Payment.COD || !domestic {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.no_cod")
	}
	s.Pays = string(pricing.MethodCOD)
	list := slices.Clone(in.Deliveries)
	for i, d := range list {
		if slices.ContainsFunc(taken, func(t subscription.Delivery) bool { return t.Slot == d.Slot }) {
			d.State, d.Cause, d.Box = subscription.DeliveryBlocked, subscription.CauseNone, 0
			d.OrderID = ident.ID{}
			list[i] = d
		}
	}
	list, err := quoteWaiting(in, s, list)
	if err != nil {
		return Change{}, err
	}
	if err := collectable(in, s, list); err != nil {
		return Change{}, err
	}
	return fit(in, s, list, now)
}

// TakeOver delivers a box whose deadline had passed before the store moved in
// (CauseCutover), and which therefore was the cart's before: it is ordered with the
// next run, on the earliest date that can be kept.
func TakeOver(in Input, slot int, now time.Time) (Change, error) {
	at, err := cutOver(in, slot)
	if err != nil {
		return Change{}, err
	}
	if in.Unpaid {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.unpaid")
	}
	if slices.ContainsFunc(in.Deliveries, dueAt(now)) { // of two, one would be missed
		return Change{}, fault.New(fault.Conflict, "fault.subscription.busy")
	}
	zone, ok := zoneOf(in)
	if !ok {
		return Change{}, fault.New(fault.Conflict, "fault.shipping.no_zone")
	}
	terms := in.Settings.Terms(in.Zone, in.Subscription.GraceDays, zone.TransitDays)
	list := slices.Clone(in.Deliveries)
	moved, open := MoveToEarliest(list[at], calendar.DateOf(now.In(in.Zone)), terms)
	if !open {
		return Change{}, fault.New(fault.Conflict, "fault.shipping.closed")
	}
	moved.State, moved.Cause = subscription.DeliveryPlanned, subscription.CauseNone
	list[at] = moved
	return fit(in, in.Subscription, list, now)
}

// Elsewhere counts a box that the cart before delivered (CauseCutover): it is one
// of the agreed ones, and nothing is ordered for it here.
func Elsewhere(in Input, slot int, now time.Time) (Change, error) {
	at, err := cutOver(in, slot)
	if err != nil {
		return Change{}, err
	}
	s, list := in.Subscription, slices.Clone(in.Deliveries)
	list[at].Cause = subscription.CauseElsewhere
	s.BoxesOrdered++
	if !usedUp(s) {
		return fit(in, s, list, now)
	}
	if err := s.Become(subscription.StateCompleted); err != nil {
		return Change{}, err
	}
	for i, d := range list {
		if isPlanned(d) || isWaiting(d) {
			list[i].State, list[i].Cause = subscription.DeliveryCancelled, subscription.CauseNone
		}
	}
	return Change{Subscription: s, Updated: changed(in.Deliveries, list)}, nil
}

// cutOver finds the delivery on a slot that is the other cart's still.
func cutOver(in Input, slot int) (int, error) {
	if err := running(in.Subscription); err != nil {
		return 0, err
	}
	at := slices.IndexFunc(in.Deliveries, func(d subscription.Delivery) bool { return d.Slot == slot })
	if at < 0 {
		return 0, fault.New(fault.NotFound, "fault.not_found")
	}
	if d := in.Deliveries[at]; d.State != subscription.DeliverySkipped || d.Cause != subscription.CauseCutover {
		return 0, fault.New(fault.Conflict, "fault.delivery.state")
	}
	return at, nil
}
