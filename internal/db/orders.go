package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

type orderRow struct {
	bun.BaseModel  `bun:"table:orders"`
	StoreID        int64
	ID             uid
	Number         string
	CustomerID     uid
	SubscriptionID uid
	Source         string
	Lang           string
	Currency       string
	Goods          int64
	Shipping       int64
	Fee            int64
	TaxTotal       int64
	Total          int64
	Payment        string
	Fulfilment     string
	PaidBy         string
	Address        document[place.Address]
	ShippingMethod string
	TimeSlot       string
	DeliveryDate   day
	ShippingDate   day
	Box            int
	Breakdown      document[order.Breakdown]
	Version        int64
	PlacedAt       instant
}

type orderLineRow struct {
	bun.BaseModel `bun:"table:order_lines"`
	StoreID       int64
	ID            uid
	OrderID       uid
	VariantID     uid
	SKU           string
	Name          string
	OptionText    string
	Quantity      int64
	Unit          int64
	Regular       int64
	Total         int64
	BasisPoints   int64
	Reason        string
	Position      int
}

const orderColumns = `id, number, customer_id, subscription_id, source, lang, currency, goods, shipping, fee,
	tax_total, total, payment, fulfilment, paid_by, address, shipping_method, time_slot, delivery_date,
	shipping_date, box, breakdown, version, placed_at`

// InsertOrders writes orders and their lines.
func InsertOrders(ctx context.Context, tx Tx, storeID int64, list []order.Order) error {
	rows := make([]orderRow, len(list))
	var lines []orderLineRow
	for i, o := range list {
		rows[i] = orderRow{
			StoreID: storeID, ID: uid(o.ID), Number: o.Number, CustomerID: uid(o.CustomerID),
			SubscriptionID: uid(o.SubscriptionID), Source: string(o.Source), Lang: o.Lang,
			Currency: string(o.Currency), Goods: o.Goods, Shipping: o.Shipping, Fee: o.Fee,
			TaxTotal: o.TaxTotal, Total: o.Total, Payment: string(o.Payment), Fulfilment: string(o.Fulfilment),
			PaidBy: o.PaidBy, Address: doc(o.Address), ShippingMethod: o.ShippingMethod, TimeSlot: o.TimeSlot,
			DeliveryDate: day(o.DeliveryDate), ShippingDate: day(o.ShippingDate), Box: o.Box,
			Breakdown: doc(o.Breakdown), Version: 1, PlacedAt: at(o.PlacedAt),
		}
		for position, l := range o.Lines {
			lines = append(lines, orderLineRow{
				StoreID: storeID, ID: uid(l.ID), OrderID: uid(o.ID), VariantID: uid(l.VariantID), SKU: l.SKU,
				Name: l.Name, OptionText: l.OptionText, Quantity: l.Quantity, Unit: l.Unit, Regular: l.Regular,
				Total: l.Total, BasisPoints: l.BasisPoints, Reason: l.Reason, Position: position,
			})
		}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	return insert(ctx, tx, lines)
}

// OrdersByIDs reads orders with their lines, in no order.
func OrdersByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) ([]order.Order, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return orders(ctx, c, storeID, "id IN (?)", in(uids(ids)))
}

// OrderByNumber finds an order by its short number.
func OrderByNumber(ctx context.Context, c Conn, storeID int64, number string) (order.Order, error) {
	return one(orders(ctx, c, storeID, "number = ?", number))
}

// OrdersOf reads a customer's orders, the newest first.
func OrdersOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID, limit int) ([]order.Order, error) {
	return orders(ctx, c, storeID, "customer_id = ? ORDER BY id DESC LIMIT ?", uid(customerID), limit)
}

// OrdersOfSubscription reads the orders of a subscription, the newest first.
func OrdersOfSubscription(ctx context.Context, c Conn, storeID int64, subscriptionID ident.ID, limit int) ([]order.Order, error) {
	return orders(ctx, c, storeID, "subscription_id = ? ORDER BY id DESC LIMIT ?", uid(subscriptionID), limit)
}

// OrderFilter narrows the console's list of orders. Empty fields do not.
type OrderFilter struct {
	Payment order.PaymentState
	Source  order.Source
	// Text begins a number or a customer's name, kana or mail, or ends a phone
	// number.
	Text string
	// From and Until bound when the order was placed: Until is the first instant
	// after.
	From, Until time.Time
	Before      ident.ID // keyset: orders older than this one
	Limit       int
}

// searchedMost bounds the numbers, and the customers of each way to find them, whose
// orders a text finds.
const searchedMost = 1_000

// OrderList is a page of the one order list, the newest first.
func OrderList(ctx context.Context, c Conn, storeID int64, f OrderFilter) ([]order.Order, error) {
	where, args := "TRUE", []any{}
	add := func(condition string, values ...any) {
		where += " AND " + condition
		args = append(args, values...)
	}
	if f.Payment != "" {
		add("payment = ?", string(f.Payment))
	}
	if f.Source != "" {
		add("source = ?", string(f.Source))
	}
	if text := place.Fold(f.Text); text != "" {
		// by key from what is found, or a name of few would be looked for in all orders
		like, found := customersLike(storeID, f.Text, searchedMost)
		number := strings.ToUpper(text)
		add(`id IN (SELECT id FROM (SELECT id FROM orders WHERE store_id = ? AND number >= ? AND number < ? ORDER BY number DESC LIMIT ?) AS n
			UNION SELECT o.id FROM (`+like+`) AS c CROSS JOIN orders AS o WHERE o.store_id = ? AND o.customer_id = c.id)`,
			slices.Concat([]any{storeID, number, number + lastRune, searchedMost}, found, []any{storeID})...)
	}
	if !f.From.IsZero() {
		add("placed_at >= ?", at(f.From))
	}
	if !f.Until.IsZero() {
		add("placed_at < ?", at(f.Until))
	}
	if !f.Before.IsZero() {
		add("id < ?", uid(f.Before))
	}
	return orders(ctx, c, storeID, where+" ORDER BY id DESC LIMIT ?", append(args, f.Limit)...)
}

func orders(ctx context.Context, c Conn, storeID int64, where string, args ...any) ([]order.Order, error) {
	rows, err := selectInto[orderRow](ctx, c,
		"SELECT "+orderColumns+" FROM orders WHERE store_id = ? AND "+where, append([]any{storeID}, args...)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]uid, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	lines, err := selectInto[orderLineRow](ctx, c, `SELECT id, order_id, variant_id, sku, name, option_text, quantity,
		unit, regular, total, basis_points, reason FROM order_lines
		WHERE store_id = ? AND order_id IN (?) ORDER BY order_id, position`, storeID, in(ids))
	if err != nil {
		return nil, err
	}
	byOrder := map[uid][]order.Line{}
	for _, l := range lines {
		byOrder[l.OrderID] = append(byOrder[l.OrderID], order.Line{
			ID: ident.ID(l.ID), VariantID: ident.ID(l.VariantID), SKU: l.SKU, Name: l.Name, OptionText: l.OptionText,
			Quantity: l.Quantity, Unit: l.Unit, Regular: l.Regular, Total: l.Total,
			BasisPoints: l.BasisPoints, Reason: l.Reason,
		})
	}
	list := make([]order.Order, len(rows))
	for i, r := range rows {
		list[i] = r.core()
		list[i].Lines = byOrder[r.ID]
	}
	return list, nil
}

func (r orderRow) core() order.Order {
	return order.Order{
		ID: ident.ID(r.ID), Number: r.Number, CustomerID: ident.ID(r.CustomerID),
		SubscriptionID: ident.ID(r.SubscriptionID), Source: order.Source(r.Source), Lang: r.Lang,
		Currency: money.Currency(r.Currency), Goods: r.Goods, Shipping: r.Shipping, Fee: r.Fee,
		TaxTotal: r.TaxTotal, Total: r.Total, Payment: order.PaymentState(r.Payment),
		Fulfilment: order.FulfilmentState(r.Fulfilment), PaidBy: r.PaidBy, Address: r.Address.V,
		ShippingMethod: r.ShippingMethod, TimeSlot: r.TimeSlot, DeliveryDate: calendar.Date(r.DeliveryDate),
		ShippingDate: calendar.Date(r.ShippingDate), Box: r.Box, Breakdown: r.Breakdown.V,
		Version: r.Version, PlacedAt: r.PlacedAt.time(),
	}
}

// OrderState is what an order's money and box are doing.
type OrderState struct {
	ID           ident.ID
	Payment      order.PaymentState
	Fulfilment   order.FulfilmentState
	DeliveryDate calendar.Date
	ShippingDate calendar.Date
}

// UpdateOrderStates writes states and dates of orders. The payment of each order
// must be locked by the caller: it is what serialises them.
func UpdateOrderStates(ctx context.Context, tx Tx, storeID int64, list []OrderState) error {
	var v tuples
	for _, s := range list {
		v.add(uid(s.ID), string(s.Payment), string(s.Fulfilment), day(s.DeliveryDate), day(s.ShippingDate))
	}
	_, err := v.update(ctx, tx, "id, payment, fulfilment, delivery_date, shipping_date", `UPDATE orders AS o
		SET payment = v.payment, fulfilment = v.fulfilment,
			delivery_date = v.delivery_date,
			shipping_date = v.shipping_date, version = o.version + 1
		FROM v WHERE o.store_id = ? AND o.id = v.id`, storeID)
	if err != nil {
		return fmt.Errorf("update orders: %w", err)
	}
	return nil
}

// UnpaidSubscriptions tells which of the subscriptions have an order that is
// neither paid nor given up.
func UnpaidSubscriptions(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]bool, error) {
	unpaid := map[ident.ID]bool{}
	if len(ids) == 0 {
		return unpaid, nil
	}
	rows, err := selectInto[refRow](ctx, c, `SELECT DISTINCT subscription_id AS id FROM payments
		WHERE store_id = ? AND subscription_id IN (?) AND state IN ('session', 'due', 'action', 'unknown')`,
		storeID, in(uids(ids)))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		unpaid[ident.ID(r.ID)] = true
	}
	return unpaid, nil
}
