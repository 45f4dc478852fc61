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
// ordered.
func SetQuantity(in Input, itemID ident.ID, quantity, most int64, now time.Time) (Change, error) {
	s := in.Subscription
	if err := running(s); err != nil {
		return Change{}, err
	}
	at := slices.IndexFunc(s.Items, func(i subscription.Item) bool { return i.ID == itemID })
	if at < 0 {
		return Change{}, fault.New(fault.NotFound, "fault.not_found")
	}
	if quantity < 1 || quantity > most {
		return Change{}, fault.Field("quantity", "fault.number.range", "Min", 1, "Max", most)
	}
	if slices.ContainsFunc(in.Deliveries, func(d subscription.Delivery) bool {
		return isWaiting(d) || (isPlanned(d) && !d.Deadline.After(now))
	}) {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.busy")
	}
	s.Items = slices.Clone(s.Items)
	s.Items[at].Quantity = quantity
	if err := collectable(in, s, in.Deliveries); err != nil {
		return Change{}, err
	}
	return fit(in, s, slices.Clone(in.Deliveries), now)
}
