package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// SubscriptionFilter says which subscriptions are looked for; what is zero does
// not narrow the search.
type SubscriptionFilter struct {
	State subscription.State
	// Text is a number, or the beginning of a name, kana or mail address, or the
	// end of a phone number.
	Text      string
	ProductID ident.ID
	// Trouble keeps those with an order whose payment failed or is in doubt.
	Trouble bool
	// From and Until bound the date of a coming box, both ends included.
	From, Until calendar.Date
}

// dated reports whether the filter asks for boxes of some dates.
func (f SubscriptionFilter) dated() bool { return !f.From.IsZero() || !f.Until.IsZero() }

// narrow reports whether the filter keeps few, so that they can be counted one by
// one. Of the others totals are kept.
func (f SubscriptionFilter) narrow() bool { return strings.TrimSpace(f.Text) != "" || f.Trouble }

// between bounds the date of the boxes d; it begins with AND.
func between(d string, from, until calendar.Date) (condition string, args []any) {
	if !from.IsZero() {
		condition, args = condition+" AND "+d+"date >= ?", append(args, day(from))
	}
	if !until.IsZero() {
		condition, args = condition+" AND "+d+"date <= ?", append(args, day(until))
	}
	return condition, args
}

// keeps is what the filter asks of a subscription s that its text has found; it
// begins with AND.
func (f SubscriptionFilter) keeps() (condition string, args []any) {
	if f.State != "" {
		condition, args = condition+" AND s.state = ?", append(args, string(f.State))
	}
	if !f.ProductID.IsZero() {
		condition, args = condition+" AND s.product_id = ?", append(args, uid(f.ProductID))
	}
	if f.Trouble {
		condition += ` AND EXISTS (SELECT 1 FROM orders AS o WHERE o.store_id = s.store_id AND o.subscription_id = s.id
			AND o.payment IN ('failing', 'unknown'))`
	}
	if f.dated() {
		dates, values := between("d.", f.From, f.Until)
		condition += ` AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.store_id = s.store_id AND d.subscription_id = s.id
			AND d.state IN ('planned', 'blocked')` + dates + ")"
		args = append(args, values...)
	}
	return condition, args
}

// SubscriptionKey is the place in a list after which its next page begins. Date
// is set in lists of some dates only, which go by date; Customer in searches for a
// text, which go by the index that finds the customers.
type SubscriptionKey struct {
	Date     calendar.Date
	Customer CustomerKey
	ID       ident.ID
}

// IsZero reports whether the key is the beginning.
func (k SubscriptionKey) IsZero() bool { return k == SubscriptionKey{} }

// A list reads on until its page is full, but not for ever: a page that is not full
// may have another after it.
const (
	searchStep  = 200
	searchSteps = 5
)

// FindSubscriptions is a page of the subscriptions that a filter keeps: those found
// by a text in the order of its index, those with a box of some dates by the first
// such date, else the newest first. It reads about a page, however many there are.
// The key of the next page is zero on the last one.
func FindSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, limit int) ([]subscription.Subscription, SubscriptionKey, error) {
	source := newestSubscriptions
	switch {
	case strings.TrimSpace(f.Text) != "":
		source = subscriptionsByText
	case f.Trouble:
		source = troubledSubscriptions
	case f.dated():
		source = subscriptionsByDate
	}
	var found []SubscriptionKey
	next := after
	for step := 0; step < searchSteps && len(found) <= limit; step++ {
		keys, last, err := source(ctx, c, storeID, f, next, limit+1)
		if err != nil {
			return nil, SubscriptionKey{}, fmt.Errorf("find subscriptions: %w", err)
		}
		found, next = append(found, keys...), last
		if next.IsZero() {
			break
		}
	}
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1]
	}
	list, err := inOrder(ctx, c, storeID, found)
	return list, next, err
}

var everyState = []subscription.State{
	subscription.StateAwaitingPayment, subscription.StateActive, subscription.StatePaused,
	subscription.StateCancelled, subscription.StateCompleted,
}

// newestSubscriptions reads the next subscriptions, of a state and product where the
// filter names them.
func newestSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, limit int) ([]SubscriptionKey, SubscriptionKey, error) {
	states := []subscription.State{f.State}
	if f.State == "" && !f.ProductID.IsZero() {
		states = everyState // by which the index of products goes first
	}
	var parts []string
	var args []any
	for _, state := range states {
		f.State = state
		keeps, values := f.keeps()
		query := "SELECT s.id FROM subscriptions AS s WHERE s.store_id = ?" + keeps
		args = append(append(args, storeID), values...)
		if !after.ID.IsZero() {
			query, args = query+" AND s.id < ?", append(args, uid(after.ID))
		}
		parts, args = append(parts, "SELECT id FROM ("+query+" ORDER BY s.id DESC LIMIT ?) AS p"), append(args, limit)
	}
	rows, err := selectInto[idRow](ctx, c, strings.Join(parts, " UNION ALL ")+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	return keysOf(rows), SubscriptionKey{}, err
}

type idRow struct{ ID uid }

type foundSubscriptionRow struct {
	ID         uid
	CustomerID uid
	Date       day
}

// subscriptionsByText reads the subscriptions of the next customers whom the text
// finds, before all that whose number it is.
func subscriptionsByText(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, _ int) ([]SubscriptionKey, SubscriptionKey, error) {
	const query = "SELECT s.id, s.customer_id FROM subscriptions AS s WHERE s.store_id = ?"
	keeps, values := f.keeps()
	number := strings.ToUpper(place.Fold(f.Text))
	var keys []SubscriptionKey
	if after.IsZero() {
		rows, err := selectInto[foundSubscriptionRow](ctx, c, query+" AND s.number = ?"+keeps, append([]any{storeID, number}, values...)...)
		if err != nil {
			return nil, SubscriptionKey{}, err
		}
		for _, r := range rows {
			keys = append(keys, SubscriptionKey{ID: ident.ID(r.ID)})
		}
	}
	customers, last, err := matchingCustomers(ctx, c, storeID, f.Text, after.Customer, searchStep)
	if err != nil {
		return nil, SubscriptionKey{}, err
	}
	if !after.Customer.IsZero() && !after.ID.IsZero() { // the page before may have ended amid a customer's
		customers = slices.Insert(customers, 0, after.Customer)
	}
	if len(customers) == 0 {
		return keys, SubscriptionKey{}, nil
	}
	ids := make([]ident.ID, len(customers))
	for i, k := range customers {
		ids[i] = k.ID
	}
	rows, err := selectInto[foundSubscriptionRow](ctx, c, query+" AND s.customer_id IN (?) AND s.number <> ?"+keeps+" ORDER BY s.id",
		append([]any{storeID, in(uids(ids)), number}, values...)...)
	if err != nil {
		return nil, SubscriptionKey{}, err
	}
	of := map[ident.ID][]ident.ID{}
	for _, r := range rows {
		of[ident.ID(r.CustomerID)] = append(of[ident.ID(r.CustomerID)], ident.ID(r.ID))
	}
	for _, k := range customers {
		for _, id := range of[k.ID] {
			if k != after.Customer || id.Compare(after.ID) > 0 {
				keys = append(keys, SubscriptionKey{Customer: k, ID: id})
			}
		}
	}
	return keys, SubscriptionKey{Customer: last}, nil
}

// troubledOrders is a table of the newest orders whose payment failed or is in
// doubt, no more than limit of each.
func troubledOrders(storeID int64, limit int) (table string, args []any) {
	const part = `SELECT subscription_id AS id FROM (SELECT subscription_id FROM orders WHERE store_id = ? AND payment = ?
		AND subscription_id IS NOT NULL ORDER BY id DESC LIMIT ?) AS `
	return part + "failing UNION " + part + "doubtful",
		[]any{storeID, string(order.PaymentFailing), limit, storeID, string(order.PaymentUnknown), limit}
}

// troubledSubscriptions reads the next subscriptions of the newest thousand orders
// whose payment failed, and as many in doubt.
func troubledSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, limit int) ([]SubscriptionKey, SubscriptionKey, error) {
	table, args := troubledOrders(storeID, countedMost)
	f.Trouble = false
	keeps, values := f.keeps()
	query, args := "SELECT s.id FROM ("+table+") AS t CROSS JOIN subscriptions AS s WHERE s.store_id = ? AND s.id = t.id"+keeps,
		append(append(args, storeID), values...)
	if !after.ID.IsZero() {
		query, args = query+" AND s.id < ?", append(args, uid(after.ID))
	}
	rows, err := selectInto[idRow](ctx, c, query+" ORDER BY s.id DESC LIMIT ?", append(args, limit)...)
	return keysOf(rows), SubscriptionKey{}, err
}

func keysOf(rows []idRow) []SubscriptionKey {
	keys := make([]SubscriptionKey, len(rows))
	for i, r := range rows {
		keys[i] = SubscriptionKey{ID: ident.ID(r.ID)}
	}
	return keys
}

// subscriptionsByDate reads the next boxes of the filter's dates and keeps the
// subscriptions of which each is the first.
func subscriptionsByDate(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, _ int) ([]SubscriptionKey, SubscriptionKey, error) {
	dates, values := between("d.", f.From, f.Until)
	query := "SELECT d.subscription_id AS id, d.date FROM deliveries AS d WHERE d.store_id = ? AND d.state IN ('planned', 'blocked')"
	args := []any{storeID}
	if after.IsZero() {
		query, args = query+dates, append(args, values...)
	} else {
		until, end := between("d.", calendar.Date{}, f.Until)
		query += " AND (d.date, d.subscription_id) > (?, ?)" + until
		args = append(append(args, day(after.Date), uid(after.ID)), end...)
	}
	boxes, err := selectInto[foundSubscriptionRow](ctx, c, query+" ORDER BY d.date, d.subscription_id LIMIT ?", append(args, searchStep)...)
	if err != nil || len(boxes) == 0 {
		return nil, SubscriptionKey{}, err
	}
	ids := make([]uid, len(boxes))
	for i, b := range boxes {
		ids[i] = b.ID
	}
	first, err := firstBoxes(ctx, c, storeID, f, ids)
	if err != nil {
		return nil, SubscriptionKey{}, err
	}
	var keys []SubscriptionKey
	for _, b := range boxes {
		if date, kept := first[b.ID]; kept && date == calendar.Date(b.Date) {
			keys = append(keys, SubscriptionKey{Date: date, ID: ident.ID(b.ID)})
			delete(first, b.ID)
		}
	}
	if len(boxes) < searchStep {
		return keys, SubscriptionKey{}, nil
	}
	last := boxes[len(boxes)-1]
	return keys, SubscriptionKey{Date: calendar.Date(last.Date), ID: ident.ID(last.ID)}, nil
}

// firstBoxes says of those subscriptions that the filter keeps when the first of
// their boxes of its dates comes. Both statements go by key, so that none begins with
// the boxes of all subscriptions.
func firstBoxes(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, ids []uid) (map[uid]calendar.Date, error) {
	from, until := f.From, f.Until
	f.From, f.Until = calendar.Date{}, calendar.Date{}
	keeps, values := f.keeps()
	kept, err := selectInto[idRow](ctx, c, "SELECT s.id FROM subscriptions AS s WHERE s.store_id = ? AND s.id IN (?)"+keeps,
		append([]any{storeID, in(ids)}, values...)...)
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	ids = make([]uid, len(kept))
	for i, k := range kept {
		ids[i] = k.ID
	}
	boxes, err := selectInto[foundSubscriptionRow](ctx, c, `SELECT subscription_id AS id, date FROM deliveries
		WHERE store_id = ? AND subscription_id IN (?) AND state IN ('planned', 'blocked')`, storeID, in(ids))
	if err != nil {
		return nil, err
	}
	first := make(map[uid]calendar.Date, len(ids))
	for _, b := range boxes {
		date := calendar.Date(b.Date)
		if date.Before(from) || !until.IsZero() && date.After(until) {
			continue
		}
		if earlier, ok := first[b.ID]; !ok || date.Before(earlier) {
			first[b.ID] = date
		}
	}
	return first, nil
}

// inOrder reads the subscriptions of keys in the order of the keys.
func inOrder(ctx context.Context, c Conn, storeID int64, keys []SubscriptionKey) ([]subscription.Subscription, error) {
	ids := make([]ident.ID, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	read, err := SubscriptionsByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.ID]subscription.Subscription, len(read))
	for _, s := range read {
		byID[s.ID] = s
	}
	list := make([]subscription.Subscription, 0, len(read))
	for _, id := range ids {
		if s, ok := byID[id]; ok {
			list = append(list, s)
		}
	}
	return list, nil
}

type troubleRow struct{ SubscriptionID uid }

// SubscriptionsInTrouble says which subscriptions have an order whose payment
// failed or is in doubt.
func SubscriptionsInTrouble(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := selectInto[troubleRow](ctx, c, `SELECT subscription_id FROM orders WHERE store_id = ?
		AND subscription_id IN (?) AND payment IN ('failing', 'unknown')`, storeID, in(uids(ids)))
	if err != nil {
		return nil, fmt.Errorf("look for payments in trouble: %w", err)
	}
	found := make(map[ident.ID]bool, len(rows))
	for _, r := range rows {
		found[ident.ID(r.SubscriptionID)] = true
	}
	return found, nil
}
