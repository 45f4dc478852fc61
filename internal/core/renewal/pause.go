package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Pause (一時停止) stops a subscription without an end: deliveries that fall due
// are held until it is resumed. An order that is not paid is in the way.
func Pause(in Input, now time.Time) (Change, error) {
	s := in.Subscription
	if err := running(s); err != nil {
		return Change{}, err
	}
	if in.Unpaid {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.unpaid")
	}
	if err := s.Become(subscription.StatePaused); err != nil {
		return Change{}, err
	}
	return fit(in, s, slices.Clone(in.Deliveries), now)
}

// Box is one parcel with all deliveries that a pause held.
type Box struct {
	Deliveries []subscription.Delivery // ordered, with their box numbers
	Priced     pricing.Priced
	Want       stock.Want
}

// Resume (再開) makes a paused subscription run again. The deliveries that were
// held are shipped in one box at the earliest date, each counting as a box, or
// skipped where ship is false. Those still ahead stay where they are. One without
// a date, which another cart handed over paused, begins at the earliest date.
func Resume(in Input, ship bool, now time.Time) (Change, error) {
	s := in.Subscription
	if s.State != subscription.StatePaused {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.state")
	}
	if err := s.Become(subscription.StateActive); err != nil {
		return Change{}, err
	}
	if s.Anchor.IsZero() {
		var err error
		if s, err = reanchored(in, s, now); err != nil {
			return Change{}, err
		}
	}
	list := slices.Clone(in.Deliveries)
	var held []int
	for i, d := range list {
		// One whose deadline has just passed would be held by the next run.
		if d.State == subscription.DeliveryHeld || (isPlanned(d) && !d.Deadline.After(now)) {
			held = append(held, i)
		}
	}
	if s.Count > 0 { // the count may have been cut to the minimum during the pause
		room := min(max(s.Count-s.BoxesOrdered, 0), len(held))
		for _, i := range held[room:] {
			list[i].State, list[i].Cause = subscription.DeliveryCancelled, subscription.CauseNone
		}
		held = held[:room]
	}
	if !ship {
		for _, i := range held {
			list[i].State, list[i].Cause = subscription.DeliverySkipped, subscription.CauseCustomer
		}
	}
	if !ship || len(held) == 0 {
		return fit(in, s, list, now)
	}
	box, err := heldBox(in, list, held, now)
	if err != nil {
		return Change{}, err
	}
	for i, at := range held {
		list[at] = box.Deliveries[i]
	}
	s.BoxesOrdered += len(held)
	var change Change
	if usedUp(s) {
		if err := s.Become(subscription.StateCompleted); err != nil {
			return Change{}, err
		}
		for i, d := range list {
			if isPlanned(d) || isWaiting(d) {
				list[i].State, list[i].Cause = subscription.DeliveryCancelled, subscription.CauseNone
			}
		}
		change = Change{Subscription: s, Updated: changed(in.Deliveries, list)}
	} else if change, err = fit(in, s, list, now); err != nil {
		return Change{}, err
	}
	change.Box = box
	return change, nil
}

// heldBox orders the held deliveries together, or says what is in the way.
func heldBox(in Input, list []subscription.Delivery, held []int, now time.Time) (*Box, error) {
	s := in.Subscription
	refuse := func(key string) (*Box, error) { return nil, fault.New(fault.Conflict, key) }
	if in.Unpaid {
		return refuse("fault.subscription.unpaid")
	}
	for _, item := range s.Items {
		if facts, known := in.Variants[item.VariantID]; !known || facts.Status == catalog.StatusEnded {
			return refuse("fault.resume.ended")
		}
	}
	if s.Pays == string(pricing.MethodCard) && !in.HasCard {
		return refuse("fault.resume.card")
	}
	zone, ok := zoneOf(in)
	if !ok {
		return refuse("fault.shipping.no_zone")
	}
	terms := in.Settings.Terms(in.Zone, s.GraceDays, zone.TransitDays)
	box := &Box{Want: stock.Want{}}
	for i, at := range held {
		moved, open := MoveToEarliest(list[at], calendar.DateOf(now.In(in.Zone)), terms)
		if !open {
			return refuse("fault.shipping.closed")
		}
		moved.State, moved.Cause, moved.Box = subscription.DeliveryOrdered, subscription.CauseNone, s.BoxOf(i)
		box.Deliveries = append(box.Deliveries, moved)
	}
	for _, item := range s.Items {
		box.Want[item.VariantID] += item.Quantity * int64(len(held))
	}
	var err error
	box.Priced, err = PriceParcel(in, s.BoxOf(0), len(held), box.Deliveries[0].ShippingDate)
	return box, err
}
