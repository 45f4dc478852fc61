package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// SetQuantity changes how many pieces of an item each box holds, from the next
// delivery that can be changed on; most is the plan's 購入単位. A delivery whose
// deadline has passed keeps what it had, so the change waits until that one is
// ordered. One that something blocks may be in the way of itself, as it costs more
// than a carrier collects or there are too few pieces: it takes the change, too, and
// is tried at once; its customer, whose deadline is over, can make it smaller only.
func SetQuantity(in Input, itemID ident.ID, quantity, most int64, now time.Time) (Change, error) {
	s := in.Subscription
	if err := running(s); err != nil {
		return Change{}, err
	}
	at := slices.IndexFunc(s.Items, func(i subscription.Item) bool { return i.ID == itemID })
	if at < 0 {
		return Change{}, fault.New(fault.NotFound, "fault.not_found")
	}
	late := func(d subscription.Delivery) bool { return isBlocked(d) && !d.Deadline.After(now) }
	if !in.Staff && slices.ContainsFunc(in.Deliveries, late) {
		most = min(most, s.Items[at].Quantity)
	}
	if quantity < 1 || quantity > most {
		return Change{}, fault.Field("quantity", "fault.number.range", "Min", 1, "Max", most)
	}
	if slices.ContainsFunc(in.Deliveries, func(d subscription.Delivery) bool {
		return d.State == subscription.DeliveryHeld || (isPlanned(d) && !d.Deadline.After(now))
	}) {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.busy")
	}
	s.Items = slices.Clone(s.Items)
	s.Items[at].Quantity = quantity
	list, err := quoteWaiting(in, s, slices.Clone(in.Deliveries))
	if err != nil {
		return Change{}, err
	}
	if err := collectable(in, s, list); err != nil {
		return Change{}, err
	}
	return fit(in, s, list, now)
}

// quoteWaiting prices the deliveries of the list that wait as the boxes that the
// subscription, as a change wants it, makes of them. It refuses (Invalid) one that
// no carrier collects so much for.
func quoteWaiting(in Input, s subscription.Subscription, list []subscription.Delivery) ([]subscription.Delivery, error) {
	in.Subscription = s
	waiting := 0
	for i, d := range list {
		if !isWaiting(d) {
			continue
		}
		box, err := PriceBox(in, s.BoxOf(waiting), d.ShippingDate)
		if err != nil {
			return nil, err
		}
		list[i].Quoted = box.Total
		waiting++
	}
	return list, nil
}
