package renewal

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// PutOff is a delivery to come on a later date: it alone, or it and all that
// follow.
type PutOff struct {
	Slot      int
	Date      calendar.Date
	Following bool
	MaxDays   int // 配送延長可能日数 of the plan, counted from the date before it was put off
}

// Apply puts the delivery off. Its new date must be one on which a box can
// arrive, at most MaxDays after the date it had before it was ever put off, and
// before the next delivery. Following moves the anchor, so that the slots after it
// keep their distance from it: they are not put off themselves.
func (p PutOff) Apply(in Input, now time.Time) (Change, error) {
	list, at, err := changeable(in, p.Slot, isPlanned, now)
	if err != nil {
		return Change{}, err
	}
	zone, ok := zoneOf(in)
	if !ok {
		return Change{}, fault.New(fault.Conflict, "fault.shipping.no_zone")
	}
	s := in.Subscription
	terms := in.Settings.Terms(in.Zone, s.GraceDays, zone.TransitDays)
	from := putOffFrom(list[at])
	if !p.Date.After(list[at].Date) || p.Date.After(from.AddDays(p.MaxDays)) {
		return Change{}, fault.Field("date", "fault.delivery.put_off_range", "Days", p.MaxDays)
	}
	planned, ok := calendar.Plan(p.Date, terms)
	// Where the store ships earlier than it did, a later date may be too late.
	if !ok || planned.Date != p.Date || (!in.Staff && !planned.Deadline.After(now)) {
		return Change{}, fault.Field("date", "fault.delivery.no_day")
	}
	list[at] = dated(list[at], planned)
	list[at].PutOffFrom = from
	if p.Following {
		if s.Anchor, ok = s.AnchorFor(p.Slot, p.Date); !ok {
			return Change{}, fault.Field("date", "fault.delivery.no_rule")
		}
		before := planned
		for i, d := range list {
			if d.Slot <= p.Slot || (!isPlanned(d) && !d.Restorable()) {
				continue
			}
			later, ok := calendar.PlanAfter(before, s.Cycle.Slot(s.Anchor, d.Slot), terms)
			if !ok {
				return Change{}, fault.New(fault.Conflict, "fault.shipping.closed")
			}
			if isPlanned(d) {
				before = later
			}
			list[i] = dated(d, later)
			list[i].PutOffFrom = calendar.Date{}
		}
	}
	// A slot that is not planned yet is in the way, too, on the day on which it
	// would be planned had nothing been put off, or else all after it.
	ahead := latest(in.Deliveries)
	if p.Following {
		ahead = latest(list)
	}
	next, ok := calendar.PlanAfter(ahead, s.Cycle.Slot(s.Anchor, s.LastSlot+1), terms)
	if ok && !inOrder(append(list[:len(list):len(list)], subscription.FromPlanned(s.ID, s.LastSlot+1, next))) {
		return Change{}, fault.Field("date", "fault.delivery.past_next")
	}
	return fit(in, s, list, now)
}

// Dates are the days to which the delivery may be put off, in order.
func (p PutOff) Dates(in Input, now time.Time) []calendar.Date {
	var dates []calendar.Date
	for _, d := range in.Deliveries {
		if d.Slot != p.Slot {
			continue
		}
		for date := d.Date.AddDays(1); !date.After(putOffFrom(d).AddDays(p.MaxDays)); date = date.AddDays(1) {
			try := p
			try.Date = date
			if _, err := try.Apply(in, now); err == nil {
				dates = append(dates, date)
			}
		}
	}
	return dates
}

// putOffFrom is the date from which the days that a delivery may be put off count:
// one that was put off before does not get them once more.
func putOffFrom(d subscription.Delivery) calendar.Date {
	if d.PutOffFrom.IsZero() {
		return d.Date
	}
	return d.PutOffFrom
}
