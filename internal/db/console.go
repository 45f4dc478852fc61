package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Queries made for pages of the console.

type stateCountRow struct {
	State string
	N     int
}

// CountSubscriptions counts the subscriptions of a store by state.
func CountSubscriptions(ctx context.Context, c Conn, storeID int64) (map[subscription.State]int, error) {
	from, args := totals(storeID, totalSubscriptions, "")
	rows, err := selectInto[stateCountRow](ctx, c,
		"SELECT state, CAST(sum(n) AS bigint) AS n FROM "+from+" GROUP BY state HAVING sum(n) <> 0", args...)
	if err != nil {
		return nil, fmt.Errorf("count subscriptions: %w", err)
	}
	counts := make(map[subscription.State]int, len(rows))
	for _, r := range rows {
		counts[subscription.State(r.State)] = r.N
	}
	return counts, nil
}

// CountOrders counts the orders of a store whose payment is in one of the states.
func CountOrders(ctx context.Context, c Conn, storeID int64, states []order.PaymentState) (map[order.PaymentState]int, error) {
	rows, err := selectInto[stateCountRow](ctx, c, `SELECT payment AS state, count(*) AS n FROM orders
		WHERE store_id = ? AND payment IN (?) GROUP BY payment`, storeID, in(states))
	counts := make(map[order.PaymentState]int, len(rows))
	for _, r := range rows {
		counts[order.PaymentState(r.State)] = r.N
	}
	return counts, err
}

// CountWaitingMails counts the mails that are yet to be sent.
func CountWaitingMails(ctx context.Context, c Conn, storeID int64) (int, error) {
	rows, err := selectInto[stateCountRow](ctx, c, `SELECT '' AS state, count(*) AS n FROM outbox
		WHERE store_id = ? AND next_due IS NOT NULL AND NOT quarantined`, storeID)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}

// DayTotal is how many boxes paid for in one way arrive on a day and what they
// cost together, in minor units of the store's currency.
type DayTotal struct {
	Date    calendar.Date
	Pays    string
	Planned bool // a sale to come: no order made yet, and nothing in its way
	Ordered bool // a sale that was made: the box is on its way to this day, or came
	Count   int
	Total   int64
}

type dayTotalRow struct {
	Date  day
	Pays  string
	State string
	N     int
	Total int64
}

// DeliveriesByDay sums the deliveries of a range of dates, both ends included,
// by date, payment method and state; those that are orders have no method. Cancelled
// and skipped ones do not count.
func DeliveriesByDay(ctx context.Context, c Conn, storeID int64, from, until calendar.Date) ([]DayTotal, error) {
	open, args := totals(storeID, totalOpen, " AND date >= ? AND date <= ?", day(from), day(until))
	made, more := totals(storeID, totalMade, " AND date >= ? AND date <= ?", day(from), day(until))
	const sum = " SELECT date, pays, box AS state, CAST(sum(n) AS bigint) AS n, CAST(sum(total) AS bigint) AS total FROM "
	const by = " GROUP BY date, pays, box HAVING sum(n) <> 0"
	rows, err := selectInto[dayTotalRow](ctx, c, sum+open+by+" UNION ALL"+sum+made+by+" ORDER BY date, pays, state", append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("sum deliveries by day: %w", err)
	}
	list := make([]DayTotal, len(rows))
	for i, r := range rows {
		list[i] = DayTotal{
			Date: calendar.Date(r.Date), Pays: r.Pays, Planned: r.State == string(subscription.DeliveryPlanned),
			Ordered: r.State != string(subscription.DeliveryPlanned) && r.State != string(subscription.DeliveryBlocked),
			Count:   r.N, Total: r.Total,
		}
	}
	return list, nil
}

// DueTotal is what passes the next deadline of one product and payment method.
type DueTotal struct {
	Deadline  time.Time
	ProductID ident.ID
	Pays      string
	Count     int
	Total     int64
}

type dueTotalRow struct {
	Deadline  instant
	ProductID uid
	Pays      string
	N         int
	Total     int64
}

type dueRow struct{ NextDue instant }

// NextDeadline sums the planned deliveries of running subscriptions that share
// the next deadline after now, by product and payment method; none where nothing
// is planned.
func NextDeadline(ctx context.Context, c Conn, storeID int64, now time.Time) ([]DueTotal, error) {
	first, err := selectInto[dueRow](ctx, c, `SELECT next_due FROM subscriptions WHERE store_id = ? AND next_due > ?
		AND NOT quarantined AND state = 'active' ORDER BY next_due LIMIT 1`, storeID, at(now))
	if err != nil || len(first) == 0 {
		return nil, doing("look for the next deadline", err)
	}
	from, args := totals(storeID, totalOpen, " AND deadline = ? AND state = ? AND NOT quarantined AND box = ?",
		first[0].NextDue, string(subscription.StateActive), string(subscription.DeliveryPlanned))
	rows, err := selectInto[dueTotalRow](ctx, c, `SELECT deadline, product_id, pays, CAST(sum(n) AS bigint) AS n,
			CAST(sum(total) AS bigint) AS total
		FROM `+from+` GROUP BY deadline, product_id, pays HAVING sum(n) <> 0 ORDER BY product_id, pays`, args...)
	if err != nil {
		return nil, fmt.Errorf("sum the next deadline: %w", err)
	}
	list := make([]DueTotal, len(rows))
	for i, r := range rows {
		list[i] = DueTotal{
			Deadline: r.Deadline.time(), ProductID: ident.ID(r.ProductID), Pays: r.Pays, Count: r.N, Total: r.Total,
		}
	}
	return list, nil
}

// Moves are how many subscriptions came and went.
type Moves struct {
	Began     int
	Cancelled int
}

type moveRow struct {
	Verb string
	N    int
}

// MovesSince counts the subscriptions that were begun, without those whose first
// payment never came, and those that were cancelled since an instant.
func MovesSince(ctx context.Context, c Conn, storeID int64, since time.Time) (Moves, error) {
	rows, err := selectInto[moveRow](ctx, c, `SELECT verb, count(*) AS n FROM audit WHERE store_id = ? AND at >= ?
		AND verb IN ('subscription.applied', 'subscription.given_up', 'subscription.cancelled') GROUP BY verb`, storeID, at(since))
	if err != nil {
		return Moves{}, fmt.Errorf("count who came and went: %w", err)
	}
	var m Moves
	for _, r := range rows {
		switch r.Verb {
		case "subscription.applied":
			m.Began += r.N
		case "subscription.given_up":
			m.Began -= r.N
		default:
			m.Cancelled = r.N
		}
	}
	m.Began = max(m.Began, 0) // one applied for before, and given up since
	return m, nil
}

// CustomerUse is what a customer has ordered so far, in minor units of the
// store's currency; orders that were given up do not count.
type CustomerUse struct {
	N     int
	Total int64
}

// UseOf sums a customer's orders.
func UseOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) (CustomerUse, error) {
	return one(selectInto[CustomerUse](ctx, c, `SELECT count(*) AS n, CAST(COALESCE(sum(total), 0) AS bigint) AS total
		FROM orders WHERE store_id = ? AND customer_id = ? AND payment NOT IN ('awaiting', 'cancelled')`,
		storeID, uid(customerID)))
}

// FindCustomers finds customers whose name, kana or mail begins with the text,
// or whose phone ends with it, by name, then kana, phone and mail.
func FindCustomers(ctx context.Context, c Conn, storeID int64, text string, limit int) ([]customer.Customer, error) {
	keys, _, err := matchingCustomers(ctx, c, storeID, text, CustomerKey{}, limit)
	if err != nil {
		return nil, err
	}
	return customersInOrder(ctx, c, storeID, keys)
}

// CustomerFilter narrows the console's list of customers. Text is as for
// FindCustomers, or a number; empty keeps all.
type CustomerFilter struct {
	Text  string
	After CustomerKey // keyset: who comes after this one
	Limit int
}

// CustomerList is a page of the customers, the newest first, or those whom a text
// finds in the order of FindCustomers. The key of the next page is zero on the last
// one.
func CustomerList(ctx context.Context, c Conn, storeID int64, f CustomerFilter) ([]customer.Customer, CustomerKey, error) {
	if text := strings.TrimSpace(f.Text); text != "" {
		return searchCustomers(ctx, c, storeID, text, f.After, f.Limit)
	}
	rest, args := "WHERE store_id = ?", []any{storeID}
	if !f.After.IsZero() {
		rest, args = rest+" AND id < ?", append(args, uid(f.After.ID))
	}
	rows, err := rowsOf[customerRow](ctx, c, rest+" ORDER BY id DESC LIMIT ?", append(args, f.Limit+1)...)
	if err != nil {
		return nil, CustomerKey{}, fmt.Errorf("list customers: %w", err)
	}
	var next CustomerKey
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next.ID = ident.ID(rows[f.Limit-1].ID)
	}
	list := make([]customer.Customer, len(rows))
	for i, r := range rows {
		list[i] = r.core()
	}
	return list, next, nil
}

// SubscriptionsOfCustomers reads the subscriptions of customers, the newest first.
func SubscriptionsOfCustomers(ctx context.Context, c Conn, storeID int64, customerIDs []ident.ID, limit int) ([]subscription.Subscription, error) {
	if len(customerIDs) == 0 {
		return nil, nil
	}
	rows, err := selectInto[subscriptionRow](ctx, c, "SELECT "+subscriptionColumns+
		" FROM subscriptions WHERE store_id = ? AND customer_id IN (?) ORDER BY id DESC LIMIT ?", storeID, in(uids(customerIDs)), limit)
	if err != nil {
		return nil, err
	}
	return withItems(ctx, c, storeID, rows)
}

// OrdersOfCustomers reads the orders of customers, the newest first.
func OrdersOfCustomers(ctx context.Context, c Conn, storeID int64, customerIDs []ident.ID, limit int) ([]order.Order, error) {
	if len(customerIDs) == 0 {
		return nil, nil
	}
	return orders(ctx, c, storeID, "customer_id IN (?) ORDER BY id DESC LIMIT ?", in(uids(customerIDs)), limit)
}

// OpenAlertsOf reads the open alerts about a subscription or about an order.
func OpenAlertsOf(ctx context.Context, c Conn, storeID int64, subscriptionID, orderID ident.ID) ([]alert.Alert, error) {
	return alerts(ctx, c, storeID, `resolved_at IS NULL AND (subscription_id = ? OR order_id = ?)
		ORDER BY id DESC LIMIT 20`, uid(subscriptionID), uid(orderID))
}
