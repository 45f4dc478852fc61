package subscription

import "github.com/teiki-commerce/teiki/internal/core/calendar"

// AnchorFor is the anchor from which a slot falls on the date and all later ones
// follow by the cycle. It reports false where no anchor does: a month's 31st
// cannot be counted from a first slot in a month of 30 days.
func (s Subscription) AnchorFor(slot int, date calendar.Date) (calendar.Date, bool) {
	anchor := s.Cycle.Slot(date, 2-slot)
	return anchor, s.Cycle.Slot(anchor, slot) == date
}

// Restorable reports whether a delivery was skipped by its customer, so that it
// may be taken back before its deadline.
func (d Delivery) Restorable() bool {
	return d.State == DeliverySkipped && d.Cause == CauseCustomer
}
