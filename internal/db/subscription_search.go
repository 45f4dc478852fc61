package db

import (
	"context"
	"fmt"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
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

// from are the subscriptions s with those of their boxes d that are still to be
// ordered: the boxes of the filter's dates, else each one's next where it has any.
// The conditions go behind the filter's own.
func (f SubscriptionFilter) from(storeID int64) (tables, conditions string, args []any) {
	if !f.dated() {
		return `subscriptions AS s LEFT JOIN deliveries AS d ON d.store_id = s.store_id AND d.subscription_id = s.id
			AND d.state IN ('planned', 'blocked') AND d.slot = (SELECT min(n.slot) FROM deliveries AS n
				WHERE n.store_id = s.store_id AND n.subscription_id = s.id AND n.state IN ('planned', 'blocked'))`, "", nil
	}
	// SQLite takes the tables of a CROSS JOIN in their order. The dates keep few of
	// all boxes, so they come first; by itself it begins with the subscriptions and
	// goes through the dates for each.
	tables = "deliveries AS d CROSS JOIN subscriptions AS s"
	conditions = ` AND d.store_id = ? AND d.subscription_id = s.id AND d.state IN ('planned', 'blocked')`
	args = []any{storeID}
	if !f.From.IsZero() {
		conditions, args = conditions+" AND d.date >= ?", append(args, day(f.From))
	}
	if !f.Until.IsZero() {
		conditions, args = conditions+" AND d.date <= ?", append(args, day(f.Until))
	}
	return tables, conditions, args
}

// where is what the filter asks of the subscription itself.
func (f SubscriptionFilter) where(storeID int64) (string, []any) {
	where, args := " WHERE s.store_id = ?", []any{storeID}
	if f.State != "" {
		where, args = where+" AND s.state = ?", append(args, string(f.State))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		where, args = where+" AND (s.number = ?", append(args, strings.ToUpper(place.Fold(text)))
		if like, values := customerLike(text); like != "" {
			where += " OR s.customer_id IN (SELECT id FROM customers WHERE store_id = ? AND " + like + ")"
			args = append(append(args, storeID), values...)
		}
		where += ")"
	}
	if !f.ProductID.IsZero() {
		where, args = where+" AND s.product_id = ?", append(args, uid(f.ProductID))
	}
	if f.Trouble {
		where += ` AND s.id IN (SELECT subscription_id FROM orders WHERE store_id = ?
			AND payment IN ('failing', 'unknown') AND subscription_id IS NOT NULL)`
		args = append(args, storeID)
	}
	return where, args
}

// SubscriptionKey is the place in a list after which its next page begins. Date
// is set in lists of some dates only, which go by date.
type SubscriptionKey struct {
	Date calendar.Date
	ID   ident.ID
}

type subscriptionKeyRow struct {
	ID   uid
	Date day
}

// FindSubscriptions is a page of the subscriptions that a filter keeps: those
// with a box of its dates by the first such date, else the newest first. The key
// of the next page is zero on the last one.
func FindSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, after SubscriptionKey, limit int) ([]subscription.Subscription, SubscriptionKey, error) {
	where, args := f.where(storeID)
	var query string
	if f.dated() {
		tables, dates, values := f.from(storeID)
		query = "SELECT s.id, min(d.date) AS date FROM " + tables + where + dates + " GROUP BY s.id"
		args = append(args, values...)
		if !after.ID.IsZero() {
			query += " HAVING min(d.date) > ? OR (min(d.date) = ? AND s.id > ?)"
			args = append(args, day(after.Date), day(after.Date), uid(after.ID))
		}
		query += " ORDER BY min(d.date), s.id LIMIT ?"
	} else {
		query = "SELECT s.id FROM subscriptions AS s" + where
		if !after.ID.IsZero() {
			query, args = query+" AND s.id < ?", append(args, uid(after.ID))
		}
		query += " ORDER BY s.id DESC LIMIT ?"
	}
	keys, err := selectInto[subscriptionKeyRow](ctx, c, query, append(args, limit+1)...)
	if err != nil {
		return nil, SubscriptionKey{}, fmt.Errorf("find subscriptions: %w", err)
	}
	var next SubscriptionKey
	if len(keys) > limit {
		keys = keys[:limit]
		last := keys[limit-1]
		next = SubscriptionKey{Date: calendar.Date(last.Date), ID: ident.ID(last.ID)}
	}
	list, err := inOrder(ctx, c, storeID, keys)
	return list, next, err
}

// inOrder reads the subscriptions of keys in the order of the keys.
func inOrder(ctx context.Context, c Conn, storeID int64, keys []subscriptionKeyRow) ([]subscription.Subscription, error) {
	ids := make([]ident.ID, len(keys))
	for i, k := range keys {
		ids[i] = ident.ID(k.ID)
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

// SubscriptionSum is what a filter keeps: how many subscriptions, how many coming
// boxes of theirs, and what the boxes with nothing in their way will bring, in
// minor units of the store's currency.
type SubscriptionSum struct {
	Subscriptions int
	Boxes         int
	Expected      int64
}

type subscriptionSumRow struct {
	State    string
	N        int
	Boxes    int
	Expected int64
}

// SumSubscriptions sums what a filter keeps by state, whatever state it names.
func SumSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter) (map[subscription.State]SubscriptionSum, error) {
	f.State = ""
	tables, boxes, values := f.from(storeID)
	where, args := f.where(storeID)
	rows, err := selectInto[subscriptionSumRow](ctx, c, `SELECT s.state, count(DISTINCT s.id) AS n, count(d.id) AS boxes,
			CAST(COALESCE(sum(CASE WHEN d.state = 'planned' THEN d.quoted ELSE 0 END), 0) AS bigint) AS expected
		FROM `+tables+where+boxes+" GROUP BY s.state", append(args, values...)...)
	if err != nil {
		return nil, fmt.Errorf("sum subscriptions: %w", err)
	}
	sums := make(map[subscription.State]SubscriptionSum, len(rows))
	for _, r := range rows {
		sums[subscription.State(r.State)] = SubscriptionSum{Subscriptions: r.N, Boxes: r.Boxes, Expected: r.Expected}
	}
	return sums, nil
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
