package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Change is what somebody's change makes of a subscription and its deliveries.
// Preview and deed call the same functions of this package, with all deliveries
// of the subscription in Input.
type Change struct {
	Subscription subscription.Subscription // as it is afterwards
	Updated      []subscription.Delivery   // with their new values
	Planned      []subscription.Delivery   // new, without id
	// Retracted are planned deliveries that a fixed count no longer reaches. They
	// leave the calendar: were they kept as cancelled, a later skip could not plan
	// their slots anew.
	Retracted []subscription.Delivery
	NextDue   time.Time // earliest deadline of the planned deliveries, zero for none
	// Box is what is ordered at once, by a resume only.
	Box *Box
}

// fit makes list, the deliveries as a change wants them, fit the subscription s
// as the change wants it: a fixed count is neither exceeded nor missed, the
// visible range is filled, every planned delivery has the price of the box it
// would be.
func fit(in Input, s subscription.Subscription, list []subscription.Delivery, now time.Time) (Change, error) {
	before := in.Deliveries
	in.Subscription, in.Deliveries = s, list
	if _, ok := zoneOf(in); !ok {
		return Change{}, fault.New(fault.Conflict, "fault.shipping.no_zone")
	}
	change := Change{}
	waiting := howMany(list, isWaiting)
	list, change.Retracted = trim(s, list, waiting)
	for _, d := range slices.Backward(change.Retracted) {
		if d.Slot == s.LastSlot {
			s.LastSlot--
		}
	}
	ahead := 0
	for i, d := range list {
		if d.State != subscription.DeliveryPlanned {
			continue
		}
		total, err := quote(in, s.BoxOf(waiting+ahead), d.ShippingDate)
		if err != nil {
			return Change{}, err
		}
		list[i].Quoted = total
		ahead++
	}
	out := Outcome{LastSlot: s.LastSlot}
	counting := s
	counting.BoxesOrdered += waiting
	if err := planAhead(in, counting, ahead, latest(list), now, &out); err != nil {
		return Change{}, err
	}
	s.LastSlot = out.LastSlot
	change.Subscription, change.Planned = s, out.Planned
	change.Updated = changed(before, list)
	change.NextDue = earliest(list, out.Planned)
	if s.State == subscription.StateActive && slices.ContainsFunc(list, isBlocked) {
		// What it waits for may have come a moment ago, and the run not have looked.
		change.NextDue = now
	}
	return change, nil
}

// trim takes planned deliveries away from the end until a fixed count is kept.
func trim(s subscription.Subscription, list []subscription.Delivery, waiting int) (kept, retracted []subscription.Delivery) {
	if s.Count == 0 {
		return list, nil
	}
	room := max(s.Count-s.BoxesOrdered-waiting, 0)
	for _, d := range list {
		if d.State == subscription.DeliveryPlanned {
			if room == 0 {
				retracted = append(retracted, d)
				continue
			}
			room--
		}
		kept = append(kept, d)
	}
	return kept, retracted
}

// changed are the deliveries of list that differ from how they were.
func changed(before, list []subscription.Delivery) []subscription.Delivery {
	was := map[int]subscription.Delivery{}
	for _, d := range before {
		was[d.Slot] = d
	}
	return slices.DeleteFunc(slices.Clone(list), func(d subscription.Delivery) bool { return was[d.Slot] == d })
}

func howMany(list []subscription.Delivery, is func(subscription.Delivery) bool) int {
	n := 0
	for _, d := range list {
		if is(d) {
			n++
		}
	}
	return n
}

// running refuses changes of a subscription that is not active.
func running(s subscription.Subscription) error {
	if s.State != subscription.StateActive {
		return fault.New(fault.Conflict, "fault.subscription.state")
	}
	return nil
}

// changeable finds the delivery on a slot, in a copy of the list, if it is in the
// state and its deadline has not passed.
func changeable(in Input, slot int, is func(subscription.Delivery) bool, now time.Time) ([]subscription.Delivery, int, error) {
	if err := running(in.Subscription); err != nil {
		return nil, 0, err
	}
	at := slices.IndexFunc(in.Deliveries, func(d subscription.Delivery) bool { return d.Slot == slot })
	if at < 0 {
		return nil, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	d := in.Deliveries[at]
	if !is(d) {
		return nil, 0, fault.New(fault.Conflict, "fault.delivery.state")
	}
	if !in.Closes(d).After(now) && !(in.Staff && isWaiting(d)) {
		return nil, 0, fault.New(fault.Conflict, "fault.delivery.deadline")
	}
	return slices.Clone(in.Deliveries), at, nil
}

// Closes is the first instant at which who asks can no longer change a delivery:
// its deadline, for staff the end of the day that their own grace leaves, where
// that is later.
func (in Input) Closes(d subscription.Delivery) time.Time {
	if !in.Staff {
		return d.Deadline
	}
	if staff := d.Date.AddDays(1 - in.StaffGraceDays).Start(in.Zone); staff.After(d.Deadline) {
		return staff
	}
	return d.Deadline
}

// isOpen tells what can be left out by who asks: a planned delivery, by staff a
// blocked one too.
func (in Input) isOpen(d subscription.Delivery) bool {
	return isPlanned(d) || (in.Staff && d.State == subscription.DeliveryBlocked)
}

func isPlanned(d subscription.Delivery) bool { return d.State == subscription.DeliveryPlanned }

func isBlocked(d subscription.Delivery) bool { return d.State == subscription.DeliveryBlocked }

// dueAt tells which deliveries the next run orders, or tries to.
func dueAt(now time.Time) func(subscription.Delivery) bool {
	return func(d subscription.Delivery) bool { return (isBlocked(d) || isPlanned(d)) && !d.Deadline.After(now) }
}

// dated gives a delivery a date with what follows from it.
func dated(d subscription.Delivery, p calendar.Planned) subscription.Delivery {
	d.Date, d.ShippingDate, d.DeadlineDate, d.Deadline = p.Date, p.ShippingDate, p.DeadlineDate, p.Deadline
	return d
}

// inOrder reports whether planned deliveries keep the order of their slots, by
// date and by deadline. Two with one deadline would be due at once, and one of
// them be missed.
func inOrder(list []subscription.Delivery) bool {
	var last subscription.Delivery
	for _, d := range list {
		if d.State != subscription.DeliveryPlanned {
			continue
		}
		if !last.Date.IsZero() && (!last.Date.Before(d.Date) || !last.Deadline.Before(d.Deadline)) {
			return false
		}
		last = d
	}
	return true
}
