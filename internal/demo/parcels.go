package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// When the carrier comes for the parcels, when it hands them over, and after how
// many days it has passed on what it collected. Hours of the shop's day.
const (
	shippingHour   = 15
	deliveryHour   = 17
	collectionDays = 10
)

// parcels sends what was ready to be sent and lets it arrive: teiki has no
// shipping desk yet, and a shop in which nothing ever left the shelf would be
// none. Levels and ledger of the stock, orders, deliveries and the trail say the
// same as they will with one.
func (s *story) parcels(ctx context.Context) error {
	all, err := db.OrderList(ctx, s.Flow.DB, StoreID, db.OrderFilter{Limit: 100_000})
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	var sent []order.Order
	ids := []ident.ID{}
	for _, o := range slices.Backward(all) {
		if o.Fulfilment == order.FulfilmentReady && s.past(o.ShippingDate, shippingHour) {
			sent, ids = append(sent, o), append(ids, o.ID)
		}
	}
	deliveries, err := db.DeliveriesOfOrders(ctx, s.Flow.DB, StoreID, ids)
	if err != nil {
		return fmt.Errorf("read the deliveries: %w", err)
	}
	s.lineID = idsOf(func() time.Time { return s.lineAt }, 8)
	return s.Flow.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := s.ship(ctx, tx, sent); err != nil {
			return err
		}
		if err := s.handOver(ctx, tx, sent, deliveries); err != nil {
			return err
		}
		return s.collect(ctx, tx, sent)
	})
}

// past reports whether an hour of a day is over.
func (s *story) past(day calendar.Date, hour int) bool { return !s.at(day, hour).After(s.now) }

func (s *story) at(day calendar.Date, hour int) time.Time {
	return day.Start(s.zone).Add(time.Duration(hour) * time.Hour)
}

// ship takes the pieces off the shelf, day by day.
func (s *story) ship(ctx context.Context, tx db.Tx, sent []order.Order) error {
	moves := map[calendar.Date][]db.StockMove{}
	for _, o := range sent {
		for _, l := range o.Lines {
			moves[o.ShippingDate] = append(moves[o.ShippingDate], db.StockMove{
				VariantID: l.VariantID, OnHand: -l.Quantity, Reserved: -l.Quantity, OrderID: o.ID, Cause: stock.CauseShip,
			})
		}
	}
	for _, day := range slices.SortedFunc(maps.Keys(moves), calendar.Date.Compare) {
		if err := db.MoveStock(ctx, tx, StoreID, moves[day], s.Flow.NewID, s.at(day, shippingHour)); err != nil {
			return err
		}
	}
	return nil
}

// handOver writes where each box is by now.
func (s *story) handOver(ctx context.Context, tx db.Tx, sent []order.Order, deliveries map[ident.ID][]subscription.Delivery) error {
	var states []db.OrderState
	var boxes []subscription.Delivery
	var lines []audit.Line
	say := func(o order.Order, verb string, at time.Time, before, after order.FulfilmentState) {
		lines = append(lines, s.line(o, verb, at, "fulfilment", string(before), string(after)))
	}
	for _, o := range sent {
		state, box := order.FulfilmentShipped, subscription.DeliveryShipped
		say(o, "order.shipped", s.at(o.ShippingDate, shippingHour), o.Fulfilment, state)
		if s.past(o.DeliveryDate, deliveryHour) {
			say(o, "order.delivered", s.at(o.DeliveryDate, deliveryHour), state, order.FulfilmentDelivered)
			state, box = order.FulfilmentDelivered, subscription.DeliveryDelivered
		}
		states = append(states, db.OrderState{
			ID: o.ID, Payment: o.Payment, Fulfilment: state, DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
		})
		for _, d := range deliveries[o.ID] {
			d.State = box
			boxes = append(boxes, d)
		}
	}
	if err := db.UpdateOrderStates(ctx, tx, StoreID, states); err != nil {
		return err
	}
	if err := db.UpdateDeliveries(ctx, tx, StoreID, boxes); err != nil {
		return err
	}
	return db.WriteAudit(ctx, tx, StoreID, lines)
}

// collect books what the carrier has passed on of cash on delivery.
func (s *story) collect(ctx context.Context, tx db.Tx, sent []order.Order) error {
	collected := map[ident.ID]order.Order{}
	var states []db.OrderState
	var lines []audit.Line
	for _, o := range sent {
		passedOn := o.DeliveryDate.AddDays(collectionDays)
		if o.Payment != order.PaymentCOD || !s.past(passedOn, deliveryHour) {
			continue
		}
		collected[o.ID] = o
		states = append(states, db.OrderState{
			ID: o.ID, Payment: order.PaymentCollected, Fulfilment: order.FulfilmentDelivered,
			DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
		})
		lines = append(lines, s.line(o, "order.collected", s.at(passedOn, deliveryHour), "payment",
			string(o.Payment), string(order.PaymentCollected)))
	}
	payments, err := db.PaymentsOfOrders(ctx, tx, StoreID, slices.Collect(maps.Keys(collected)))
	if err != nil {
		return fmt.Errorf("read the payments: %w", err)
	}
	for i := range payments {
		payments[i].State = payment.StateCollected
	}
	if err := db.UpdatePayments(ctx, tx, StoreID, payments); err != nil {
		return err
	}
	if err := db.UpdateOrderStates(ctx, tx, StoreID, states); err != nil {
		return err
	}
	return db.WriteAudit(ctx, tx, StoreID, lines)
}

// line is an audit line of its own time: the trail is in the order of its ids.
func (s *story) line(o order.Order, verb string, at time.Time, field, before, after string) audit.Line {
	s.lineAt = at
	return audit.Line{
		ID: s.lineID(), At: at, Actor: s.owner(), Verb: verb, Noun: "order", NounID: o.ID,
		Changes: map[string]audit.Change{field: {Before: before, After: after}},
	}
}
