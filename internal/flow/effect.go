package flow

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Effect is what a change does, before it is done: the subscription and its
// coming deliveries as they are and as they would be.
type Effect struct {
	Shop    Shop
	Product catalog.Product
	Before  subscription.Subscription
	After   subscription.Subscription
	Rows    []EffectRow // by slot
	// Owed is how many boxes the agreed minimum still asks for.
	Owed int
	// Box is what is ordered at once, by a resume that ships.
	Box *renewal.Box
	// TakenBack are orders that could not be paid and are cancelled with it.
	TakenBack []order.Order
}

// EffectRow is one delivery, before and after.
type EffectRow struct {
	Slot   int
	Before EffectDelivery
	After  EffectDelivery
}

// EffectDelivery is a delivery that is to come; There is false where it is none,
// be it skipped, ordered or not planned.
type EffectDelivery struct {
	There    bool
	Box      int // number it would get
	State    subscription.DeliveryState
	Date     calendar.Date
	Deadline time.Time
	Charged  calendar.Date // for cash on delivery the day of the delivery
	Total    money.Amount
}

// Changes reports whether the row is another afterwards.
func (r EffectRow) Changes() bool { return r.Before != r.After }

// Version is that of the subscription as it is.
func (e Effect) Version() int64 { return e.Before.Version }

// Digest identifies what was shown: a change is made only if the customer saw
// exactly this.
func (e Effect) Digest() string {
	shown := struct {
		State  subscription.State
		Count  int
		Anchor calendar.Date
		Items  []subscription.Item
		Rows   []EffectRow
		Total  int64
		Boxes  int
		Taken  []string
	}{State: e.After.State, Count: e.After.Count, Anchor: e.After.Anchor, Items: e.After.Items, Rows: e.Rows}
	if e.Box != nil {
		shown.Total, shown.Boxes = e.Box.Priced.Total, len(e.Box.Deliveries)
	}
	for _, o := range e.TakenBack {
		shown.Taken = append(shown.Taken, o.Number)
	}
	return digest(shown)
}

// effect words a decided change for the customer.
func (c *changing) effect() Effect {
	e := Effect{
		Shop: c.set.shop, Product: c.product, Before: c.in.Subscription, After: c.change.Subscription,
		Owed: renewal.Owed(c.left.Subscription), Box: c.change.Box,
	}
	for _, o := range c.failing {
		e.TakenBack = append(e.TakenBack, o.order)
	}
	before := e.coming(e.Before, c.in.Deliveries)
	after := e.coming(e.After, c.deliveriesAfter())
	var slots []int
	for slot := range before {
		slots = append(slots, slot)
	}
	for slot := range after {
		if _, known := before[slot]; !known {
			slots = append(slots, slot)
		}
	}
	slices.Sort(slots)
	for _, slot := range slots {
		e.Rows = append(e.Rows, EffectRow{Slot: slot, Before: before[slot], After: after[slot]})
	}
	return e
}

// deliveriesAfter are all deliveries once the change is made.
func (c *changing) deliveriesAfter() []subscription.Delivery {
	bySlot := map[int]subscription.Delivery{}
	for _, d := range slices.Concat(c.in.Deliveries, c.taken, c.change.Updated, c.change.Planned) {
		bySlot[d.Slot] = d
	}
	for _, d := range c.change.Retracted {
		delete(bySlot, d.Slot)
	}
	var list []subscription.Delivery
	for _, d := range bySlot {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b subscription.Delivery) int { return a.Slot - b.Slot })
	return list
}

// coming are the deliveries that are still to be ordered, by slot.
func (e Effect) coming(s subscription.Subscription, list []subscription.Delivery) map[int]EffectDelivery {
	bySlot := map[int]EffectDelivery{}
	for _, d := range list {
		switch d.State {
		case subscription.DeliveryPlanned, subscription.DeliveryHeld, subscription.DeliveryBlocked:
		default:
			continue
		}
		shown := EffectDelivery{
			There: true, Box: s.BoxOf(len(bySlot)), State: d.State, Date: d.Date, Deadline: d.Deadline,
			Charged: calendar.DateOf(d.Deadline.In(e.Shop.Location)), Total: money.Of(d.Quoted, s.Currency),
		}
		if s.Pays == string(pricing.MethodCOD) {
			shown.Charged = d.Date
		}
		bySlot[d.Slot] = shown
	}
	return bySlot
}
