package subscription

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Upcoming plans the deliveries that must exist ahead: from the slot after last
// on, until want of them are planned or the fixed count is used up. open is how
// many planned deliveries exist already, before the latest of them. Ids and quotes
// are the caller's.
//
// The slot gives the date, always from the anchor; a delivery moved by its
// neighbour's infeasible date never moves those after it, but where they would
// ship together.
func (s Subscription) Upcoming(last, open int, before calendar.Planned, terms calendar.Terms) []Delivery {
	var list []Delivery
	for slot := last + 1; open+len(list) < s.Visible; slot++ {
		if s.Count > 0 && s.BoxesOrdered+open+len(list) >= s.Count {
			break
		}
		planned, ok := calendar.PlanAfter(before, s.Cycle.Slot(s.Anchor, slot), terms)
		if !ok {
			break
		}
		list = append(list, FromPlanned(s.ID, slot, planned))
		before = planned
	}
	return list
}

// FromPlanned is a new planned delivery on a slot; id and quote are the caller's.
func FromPlanned(subscriptionID ident.ID, slot int, p calendar.Planned) Delivery {
	return Delivery{
		SubscriptionID: subscriptionID, Slot: slot, State: DeliveryPlanned,
		Date: p.Date, ShippingDate: p.ShippingDate, DeadlineDate: p.DeadlineDate, Deadline: p.Deadline,
	}
}

// Planned is a delivery's date with what follows from it.
func (d Delivery) Planned() calendar.Planned {
	return calendar.Planned{Date: d.Date, ShippingDate: d.ShippingDate, DeadlineDate: d.DeadlineDate, Deadline: d.Deadline}
}

// BoxOf is the box number that a planned delivery would get: the boxes already
// ordered and the planned ones before it count, skipped and missed slots do not.
func (s Subscription) BoxOf(plannedBefore int) int { return s.BoxesOrdered + plannedBefore + 1 }

// LastBox reports whether ordering one more box completes a fixed count.
func (s Subscription) LastBox() bool { return s.Count > 0 && s.BoxesOrdered+1 >= s.Count }
