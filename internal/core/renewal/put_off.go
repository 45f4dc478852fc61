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
	MaxDays   int // 配送延長可能日数 of the plan, counted from the slot's own date
}

// Apply puts the delivery off. Its new date must be one on which a box can
// arrive, at most MaxDays after the slot's own date, and before the next
// delivery. Following moves the anchor, so that the slots after it keep their
// distance from it.
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
	own, ok := calendar.Plan(s.Cycle.Slot(s.Anchor, p.Slot), terms)
	if !ok {
		return Change{}, fault.New(fault.Conflict, "fault.shipping.closed")
	}
	if !p.Date.After(list[at].Date) || p.Date.After(own.Date.AddDays(p.MaxDays)) {
		return Change{}, fault.Field("date", "fault.delivery.put_off_range", "Days", p.MaxDays)
	}
	planned, ok := calendar.Plan(p.Date, terms)
	if !ok || planned.Date != p.Date {
		return Change{}, fault.Field("date", "fault.delivery.no_day")
	}
	list[at] = dated(list[at], planned)
	if p.Following {
		if s.Anchor, ok = s.AnchorFor(p.Slot, p.Date); !ok {
			return Change{}, fault.Field("date", "fault.delivery.no_rule")
		}
		for i, d := range list {
			if d.Slot <= p.Slot || (!isPlanned(d) && !d.Restorable()) {
				continue
			}
			later, ok := calendar.Plan(s.Cycle.Slot(s.Anchor, d.Slot), terms)
			if !ok {
				return Change{}, fault.New(fault.Conflict, "fault.shipping.closed")
			}
			list[i] = dated(d, later)
		}
	}
	// A slot that is not planned yet is in the way, too.
	next, ok := calendar.Plan(s.Cycle.Slot(s.Anchor, s.LastSlot+1), terms)
	if ok && !inOrder(append(list[:len(list):len(list)], subscription.FromPlanned(s.ID, s.LastSlot+1, next))) {
		return Change{}, fault.Field("date", "fault.delivery.past_next")
	}
	return fit(in, s, list, now)
}

// Dates are the days to which the delivery may be put off, in order.
func (p PutOff) Dates(in Input, now time.Time) []calendar.Date {
	var dates []calendar.Date
	own := in.Subscription.Cycle.Slot(in.Subscription.Anchor, p.Slot)
	// An infeasible slot lies some days after its own date; the rule itself says
	// where the end is.
	for _, d := range in.Deliveries {
		if d.Slot != p.Slot {
			continue
		}
		for date := d.Date.AddDays(1); !date.After(own.AddDays(p.MaxDays + longestShift)); date = date.AddDays(1) {
			try := p
			try.Date = date
			if _, err := try.Apply(in, now); err == nil {
				dates = append(dates, date)
			}
		}
	}
	return dates
}

// longestShift is by how many days a closure may move a slot for Dates to reach
// the end of its range: the longest holidays of a shop, with room.
const longestShift = 31
