package renewal

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// keepable is a planned delivery on days that the store can keep by its terms of
// now: its shipping date may have become a closed day since, or its way a longer
// one. It ships earlier then, where that is after its deadline, with the days that
// preparing it takes, and not before today; else it comes later, on the first day
// that can be kept. Its slot and the deadline that was shown stay. It reports false
// for a store that never ships.
func keepable(d subscription.Delivery, today calendar.Date, terms calendar.Terms) (subscription.Delivery, bool) {
	ships, ok := terms.Shipping.On(d.Date, terms.TransitDays)
	if ok && terms.Shipping.Ships(d.ShippingDate) && !d.ShippingDate.After(ships) {
		return d, true
	}
	from := d.DeadlineDate.AddDays(max(terms.PreparationDays, 1))
	if from.Before(today) {
		from = today
	}
	for range maxWait {
		if !ok {
			return d, false
		}
		if !ships.Before(from) {
			d.ShippingDate = ships
			return d, true
		}
		d.Date = d.Date.AddDays(1)
		ships, ok = terms.Shipping.On(d.Date, terms.TransitDays)
	}
	return d, false
}
