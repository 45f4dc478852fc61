package renewal

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Adoption is how a subscription that began in another cart goes on here.
type Adoption struct {
	Subscription subscription.Subscription // with its last slot
	Deliveries   []subscription.Delivery   // new, without id; planned ones carry their quote
	NextDue      time.Time                 // earliest deadline here; zero: the engine leaves it alone
}

// Adopt plans a subscription that another cart hands over at cutover (移行). Its
// anchor is the next delivery's date, its boxes those delivered so far.
//
// A delivery whose deadline had passed by cutover is the other cart's: it is
// skipped here (CauseCutover), nothing is charged for it, and the slots after it
// are planned. Where the card was failing there, the first of those is blocked
// (CauseCardFailed) until there is another card. One that is paused or ended has
// no deliveries.
//
// It refuses (Invalid) an address that nothing ships to, since the engine would
// never look at such a subscription, and a box that cannot be priced.
func Adopt(in Input, cardFailed bool, cutover time.Time) (Adoption, error) {
	s := in.Subscription
	if s.State != subscription.StateActive {
		return Adoption{Subscription: s}, nil
	}
	if !s.Cycle.Valid() {
		return Adoption{}, calendar.ErrMalformedCycle // its slots would never reach the cut-over
	}
	zone, ok := zoneOf(in)
	if !ok {
		return Adoption{}, fault.New(fault.Invalid, "fault.shipping.no_zone")
	}
	terms := in.Settings.Terms(in.Zone, s.GraceDays, zone.TransitDays)
	out := Outcome{LastSlot: s.LastSlot}
	var next subscription.Delivery
	var before calendar.Planned
	for {
		planned, feasible := calendar.PlanAfter(before, s.Cycle.Slot(s.Anchor, out.LastSlot+1), terms)
		if !feasible {
			return Adoption{}, fault.New(fault.Invalid, "fault.shipping.closed")
		}
		next = subscription.FromPlanned(s.ID, out.LastSlot+1, planned)
		if planned.Deadline.After(cutover) {
			break
		}
		before = planned
		next.State, next.Cause = subscription.DeliverySkipped, subscription.CauseCutover
		out.Planned, out.LastSlot = append(out.Planned, next), next.Slot
	}
	counting := s
	priced, err := PriceBox(in, s.BoxOf(0), next.ShippingDate)
	if err != nil {
		return Adoption{}, err
	}
	if cardFailed {
		next.State, next.Cause, next.Quoted = subscription.DeliveryBlocked, subscription.CauseCardFailed, priced.Total
		out.Planned, out.LastSlot = append(out.Planned, next), next.Slot
		counting.BoxesOrdered++ // it waits, and comes before those planned now
		before = next.Planned()
	}
	if err := planAhead(in, counting, 0, before, cutover, &out); err != nil {
		return Adoption{}, err
	}
	s.LastSlot = out.LastSlot
	return Adoption{Subscription: s, Deliveries: out.Planned, NextDue: earliest(out.Planned)}, nil
}

// reanchored gives a subscription without a date, as other carts hand paused ones
// over, the earliest date whose deadline is still ahead.
func reanchored(in Input, s subscription.Subscription, now time.Time) (subscription.Subscription, error) {
	zone, ok := zoneOf(in)
	if !ok {
		return s, fault.New(fault.Conflict, "fault.shipping.no_zone")
	}
	terms := in.Settings.Terms(in.Zone, s.GraceDays, zone.TransitDays)
	today := calendar.DateOf(now.In(in.Zone))
	for shift := range maxWait {
		planned, feasible := calendar.Plan(today.AddDays(shift), terms)
		if !feasible {
			break
		}
		if planned.Deadline.After(now) {
			s.Anchor = planned.Date // no slot was ever counted, so this is the first
			return s, nil
		}
	}
	return s, fault.New(fault.Conflict, "fault.shipping.closed")
}

// maxWait bounds the search for a date whose deadline is ahead: a plan's grace is
// at most a year.
const maxWait = 2 * 366
