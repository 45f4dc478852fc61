package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// TakeBack (受注の取り消し) cancels the order of one delivery of a subscription,
// which goes on without it: an order that could not be charged, or one to be paid
// on delivery that is not on its way yet.
type TakeBack struct {
	Verb
	Slot int
}

// PreviewTakeBack shows which order is cancelled and what is to come then.
func (f *Flow) PreviewTakeBack(ctx context.Context, in TakeBack) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// TakeBack cancels it as it was shown: its intent at the gateway first, where it
// has one, then the order; its stock is free again. It refuses (Conflict) what is
// paid, what is being charged, and what the shipping desk has been told of.
func (f *Flow) TakeBack(ctx context.Context, in TakeBack) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in TakeBack) deed() deed {
	return deed{
		returns: in.Slot,
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			if len(c.failing) == 0 {
				return renewal.Change{}, fault.New(fault.Conflict, "fault.delivery.state")
			}
			return renewal.OnwardWithout(c.left, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			numbers := ""
			for _, o := range e.TakenBack {
				numbers = o.Number
			}
			return "delivery.taken_back", change("order", numbers, "")
		},
		mail: always(eventChanged),
	}
}

// withoutOrder makes the change as if the order of the delivery on a slot had
// never been.
func (f *Flow) withoutOrder(ctx context.Context, c *changing, storeID int64, slot int, now time.Time) error {
	at := slices.IndexFunc(c.in.Deliveries, func(d subscription.Delivery) bool { return d.Slot == slot })
	if at < 0 || c.in.Deliveries[at].State != subscription.DeliveryOrdered {
		return fault.New(fault.Conflict, "fault.delivery.state")
	}
	d := c.in.Deliveries[at]
	orders, err := db.OrdersByIDs(ctx, f.DB, storeID, []ident.ID{d.OrderID})
	if err != nil {
		return fmt.Errorf("read the order to take back: %w", err)
	}
	if len(orders) != 1 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if orders[0].Source != order.SourceRenewal { // one from the shop may hold more than this box
		return fault.New(fault.Conflict, "fault.order.not_renewal")
	}
	p, err := f.mainPayment(ctx, f.DB, storeID, d.OrderID)
	if err != nil {
		return err
	}
	if err := mayTakeBack(orders[0], p, c.in.Closes(d).After(now)); err != nil {
		return err
	}
	c.failing = []failingOrder{{orders[0], p}}
	c.left, c.taken = renewal.WithoutOrders(c.in, []ident.ID{d.OrderID})
	return nil
}

// mayTakeBack says why an order cannot be taken back. One that was not charged can
// be for as long as nothing was sent; the carrier's desk counts on one to be paid
// on delivery once its staff deadline has passed.
func mayTakeBack(o order.Order, p payment.Payment, open bool) error {
	if onItsWay(o) {
		return fault.New(fault.Conflict, "fault.order.on_its_way")
	}
	switch {
	case declined(p):
		return nil
	case p.State == payment.StateCODDue && open:
		return nil
	case p.State == payment.StateCODDue:
		return fault.New(fault.Conflict, "fault.delivery.deadline")
	case p.State == payment.StatePaid:
		return fault.New(fault.Conflict, "fault.order.paid")
	default:
		return fault.New(fault.Conflict, "fault.subscription.charging")
	}
}

// onItsWay reports whether the shipping desk has been told of an order, so that
// nobody can take it back any more.
func onItsWay(o order.Order) bool {
	return o.Fulfilment != order.FulfilmentHeld && o.Fulfilment != order.FulfilmentReady
}
