package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// failingOrder is an order whose charge was declined. It is taken back when its
// customer cancels or pauses: the intent at the gateway first, then the order.
type failingOrder struct {
	order   order.Order
	payment payment.Payment
}

// failingOrders reads the orders of a subscription that are not paid. It refuses
// (Conflict) while a charge is under way or its result unknown: a success stands,
// so it must be known first.
func (f *Flow) failingOrders(ctx context.Context, storeID int64, subscriptionID ident.ID) ([]failingOrder, error) {
	orders, err := db.OrdersOfSubscription(ctx, f.DB, storeID, subscriptionID, manyOrders)
	if err != nil {
		return nil, fmt.Errorf("read the orders of a subscription: %w", err)
	}
	byID := map[ident.ID]order.Order{}
	ids := make([]ident.ID, len(orders))
	for i, o := range orders {
		byID[o.ID], ids[i] = o, o.ID
	}
	payments, err := db.PaymentsOfOrders(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, fmt.Errorf("read their payments: %w", err)
	}
	var list []failingOrder
	for _, p := range payments {
		switch {
		case declined(p):
			list = append(list, failingOrder{byID[p.OrderID], p})
		case p.State == payment.StateDue, p.State == payment.StateUnknown, p.State == payment.StateSession:
			return nil, fault.New(fault.Conflict, "fault.subscription.charging")
		default: // settled, one way or the other
		}
	}
	return list, nil
}

// manyOrders is more than a subscription has unpaid ones among: only the latest
// can be.
const manyOrders = 50

// declined reports whether a charge was tried and refused, and no other is under
// way.
func declined(p payment.Payment) bool {
	return (p.State == payment.StateDue && p.Failures > 0) || p.State == payment.StateAction
}

// withoutFailing makes the change as if the failing orders had never been, where
// there are any.
func (f *Flow) withoutFailing(ctx context.Context, c *changing, storeID int64) error {
	if !c.in.Unpaid {
		return nil
	}
	var err error
	if c.failing, err = f.failingOrders(ctx, storeID, c.in.Subscription.ID); err != nil {
		return err
	}
	ids := make([]ident.ID, len(c.failing))
	for i, o := range c.failing {
		ids[i] = o.order.ID
	}
	c.left, c.taken = renewal.WithoutOrders(c.in, ids)
	return nil
}

// cancelIntents ends the intents of the failing orders at the gateway, under a
// lease that keeps every other process from charging them. What it leased is
// given back by dropFailing or by saving the orders.
func (f *Flow) cancelIntents(ctx context.Context, storeID int64, shop Shop, list []failingOrder, lease db.Lease) error {
	if f.Locked {
		return fault.New(fault.Unavailable, "fault.unavailable")
	}
	gateway, err := f.gateway(ctx, storeID, shop.Settings)
	if err != nil {
		return err
	}
	for _, o := range list {
		held := false
		err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			held, err = db.ClaimOne(ctx, tx, db.QueuePayments, db.Ref{StoreID: storeID, ID: o.payment.ID}, lease)
			return err
		})
		if err != nil {
			return err
		}
		if !held {
			return fault.New(fault.Conflict, "fault.subscription.charging")
		}
		if err := cancelIntent(ctx, gateway, o.payment); err != nil {
			return err
		}
	}
	return nil
}

// cancelIntent makes sure that an intent can take no money any more. One that
// has taken it is refused (Conflict): the engine will settle it. It is safe to do
// again, and without effect on the money, so it is no attempt.
func cancelIntent(ctx context.Context, gateway *stripe.Client, p payment.Payment) error {
	if p.IntentID == "" {
		return nil
	}
	intent, err := gateway.CancelIntent(ctx, "cancel:"+p.ID.String()+":"+p.IntentID, p.IntentID)
	if err != nil {
		// It may be cancelled already, or have succeeded: the intent itself knows.
		if intent, err = gateway.Intent(ctx, p.IntentID); err != nil {
			return fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "fault.unavailable"), err)
		}
	}
	switch intent.Status {
	case stripe.IntentCanceled:
		return nil
	case stripe.IntentSucceeded:
		return fault.New(fault.Conflict, "fault.subscription.charging")
	default:
		return fault.New(fault.Unavailable, "fault.unavailable")
	}
}

// dropFailing gives the leases back after a change that was not made. The engine
// finds out what became of the intents when the payments are due again.
func (f *Flow) dropFailing(ctx context.Context, storeID int64, list []failingOrder, lease db.Lease) error {
	ids := make([]ident.ID, len(list))
	for i, o := range list {
		ids[i] = o.payment.ID
	}
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.DropLeases(ctx, tx, db.QueuePayments, storeID, ids, lease.Token)
	})
}

// takeBack voids the payments, cancels the orders and frees their stock. It
// refuses where a payment is not as it was (somebody has charged it) and where an
// order has been sent since it was shown.
func (f *Flow) takeBack(ctx context.Context, tx db.Tx, storeID int64, list []failingOrder, actor audit.Actor, lease db.Lease, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	var paymentIDs, orderIDs []ident.ID
	for _, o := range list {
		paymentIDs, orderIDs = append(paymentIDs, o.payment.ID), append(orderIDs, o.order.ID)
	}
	held, err := db.LockLeasedPayments(ctx, tx, storeID, paymentIDs, lease.Token)
	if err != nil {
		return err
	}
	locked, err := db.LockPayments(ctx, tx, storeID, paymentIDs)
	if err != nil {
		return err
	}
	for i, p := range locked {
		if !held[p.ID] || (!declined(p) && p.State != payment.StateCODDue) {
			return fault.New(fault.Conflict, "fault.subscription.charging")
		}
		locked[i].State, locked[i].NextAt = payment.StateVoid, time.Time{}
	}
	// The orders as they are under the lock of their payments: one may be on its way
	// by now.
	orders, err := db.OrdersByIDs(ctx, tx, storeID, orderIDs)
	if err != nil {
		return err
	}
	var states []db.OrderState
	var moves []db.StockMove
	var lines []audit.Line
	for _, o := range orders {
		if onItsWay(o) {
			return fault.New(fault.Conflict, "fault.order.on_its_way")
		}
		states = append(states, db.OrderState{
			ID: o.ID, Payment: order.PaymentCancelled, Fulfilment: order.FulfilmentCancelled,
			DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
		})
		for _, l := range o.Lines {
			moves = append(moves, db.StockMove{VariantID: l.VariantID, Reserved: -l.Quantity, OrderID: o.ID, Cause: stock.CauseRelease})
		}
		lines = append(lines, f.line(actor, "order.given_up", "order", o.ID, now,
			change("payment", string(o.Payment), string(order.PaymentCancelled))))
	}
	if err := db.UpdatePayments(ctx, tx, storeID, locked); err != nil {
		return err
	}
	if err := db.UpdateOrderStates(ctx, tx, storeID, states); err != nil {
		return err
	}
	if err := db.MoveStock(ctx, tx, storeID, moves, f.NewID, now); err != nil {
		return err
	}
	if err := db.ResolveAlertsOfOrders(ctx, tx, storeID, orderIDs, now); err != nil {
		return err
	}
	return db.WriteAudit(ctx, tx, storeID, lines)
}
