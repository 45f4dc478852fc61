package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// countedMost is how many subscriptions are counted and summed one by one, where no
// total is kept of what a filter asks for.
const countedMost = 1_000

// SubscriptionSum is how many subscriptions there are, how many coming boxes of
// theirs, and what the boxes with nothing in their way will bring, in minor units of
// the store's currency.
type SubscriptionSum struct {
	Subscriptions int
	Boxes         int
	Expected      int64
}

// SubscriptionSums are the sums of what a filter keeps, by state.
type SubscriptionSums struct {
	ByState map[subscription.State]SubscriptionSum
	// More says that there are more subscriptions than were counted.
	More bool
	// Unsummed says that there are too many to sum their boxes.
	Unsummed bool
}

type subscriptionSumRow struct {
	State    string
	N        int
	Boxes    int
	Expected int64
}

// SumSubscriptions sums what a filter keeps by state, whatever state it names, with
// the boxes of its dates, else those from one day until another. What neither a text
// nor trouble narrows comes from totals; the rest is counted one by one, as far as
// countedMost.
func SumSubscriptions(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, from, until calendar.Date) (SubscriptionSums, error) {
	f.State = ""
	if f.dated() {
		from, until = f.From, f.Until
	}
	sums := SubscriptionSums{ByState: map[subscription.State]SubscriptionSum{}}
	var steps []func() ([]subscriptionSumRow, error)
	if f.narrow() || f.dated() {
		steps = append(steps, func() ([]subscriptionSumRow, error) { return sums.count(ctx, c, storeID, f) })
	} else {
		steps = append(steps, func() ([]subscriptionSumRow, error) { return totalSubscriptionsOf(ctx, c, storeID, f) })
	}
	if f.narrow() {
		steps = append(steps, func() ([]subscriptionSumRow, error) {
			if sums.Unsummed = sums.More; sums.Unsummed {
				return nil, nil
			}
			return sumBoxes(ctx, c, storeID, f, from, until)
		})
	} else {
		steps = append(steps, func() ([]subscriptionSumRow, error) { return totalBoxesOf(ctx, c, storeID, f, from, until) })
	}
	for _, step := range steps {
		rows, err := step()
		if err != nil {
			return sums, fmt.Errorf("sum subscriptions: %w", err)
		}
		for _, r := range rows {
			sum := sums.ByState[subscription.State(r.State)]
			sum.Subscriptions += r.N
			sum.Boxes += r.Boxes
			sum.Expected += r.Expected
			sums.ByState[subscription.State(r.State)] = sum
		}
	}
	return sums, nil
}

// ofProduct narrows totals to the filter's product; it begins with AND.
func (f SubscriptionFilter) ofProduct() (condition string, args []any) {
	if f.ProductID.IsZero() {
		return "", nil
	}
	return " AND product_id = ?", []any{uid(f.ProductID)}
}

func totalSubscriptionsOf(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter) ([]subscriptionSumRow, error) {
	product, values := f.ofProduct()
	from, args := totals(storeID, totalSubscriptions, product, values...)
	return selectInto[subscriptionSumRow](ctx, c, "SELECT state, CAST(sum(n) AS bigint) AS n FROM "+from+" GROUP BY state", args...)
}

func totalBoxesOf(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, from, until calendar.Date) ([]subscriptionSumRow, error) {
	product, values := f.ofProduct()
	dates, days := between("", from, until)
	table, args := totals(storeID, totalOpen, product+dates, append(values, days...)...)
	return selectInto[subscriptionSumRow](ctx, c, `SELECT state, CAST(sum(n) AS bigint) AS boxes,
			CAST(sum(CASE WHEN box = 'planned' THEN total ELSE 0 END) AS bigint) AS expected
		FROM `+table+" GROUP BY state", args...)
}

// hits are the tables "candidates", where the search begins, and "hits", the ids and
// states of what the filter keeps of them; neither has many more than countedMost
// rows.
func (f SubscriptionFilter) hits(storeID int64) (with string, args []any) {
	const limit = countedMost + 1
	on, keeper, number := "s.id = c.id", f, ""
	var candidates string
	switch text := strings.TrimSpace(f.Text); {
	case text != "":
		on, number = "s.customer_id = c.id", strings.ToUpper(place.Fold(text))
		candidates, args = customersLike(storeID, text, limit)
	case f.Trouble:
		candidates, args = troubledOrders(storeID, limit)
		keeper.Trouble = false
	default:
		dates, values := between("", f.From, f.Until)
		candidates = `SELECT subscription_id AS id FROM deliveries WHERE store_id = ? AND state IN ('planned', 'blocked')` + dates +
			" ORDER BY date, subscription_id LIMIT ?"
		args = append(append([]any{storeID}, values...), limit)
		keeper.From, keeper.Until = calendar.Date{}, calendar.Date{}
	}
	keeps, values := keeper.keeps()
	with = "WITH candidates AS (" + candidates + "), hits AS (SELECT s.id, s.state FROM candidates AS c CROSS JOIN subscriptions AS s" +
		" WHERE s.store_id = ? AND " + on + keeps +
		" UNION SELECT s.id, s.state FROM subscriptions AS s WHERE s.store_id = ? AND s.number = ?" + keeps + " LIMIT ?) "
	args = append(append(args, storeID), values...)
	return with, append(append(append(args, storeID, number), values...), limit)
}

// count counts the filter's hits by state.
func (s *SubscriptionSums) count(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter) ([]subscriptionSumRow, error) {
	with, args := f.hits(storeID)
	rows, err := selectInto[subscriptionSumRow](ctx, c, with+`SELECT '' AS state, count(*) AS n FROM candidates
		UNION ALL SELECT state, count(*) AS n FROM hits GROUP BY state`, args...)
	if err != nil {
		return nil, err
	}
	byState := slices.DeleteFunc(rows, func(r subscriptionSumRow) bool {
		s.More = s.More || r.N > countedMost
		return r.State == ""
	})
	return byState, nil
}

// sumBoxes sums the boxes of the filter's hits by state.
func sumBoxes(ctx context.Context, c Conn, storeID int64, f SubscriptionFilter, from, until calendar.Date) ([]subscriptionSumRow, error) {
	with, args := f.hits(storeID)
	dates, values := between("d.", from, until)
	return selectInto[subscriptionSumRow](ctx, c, with+`SELECT h.state, count(*) AS boxes,
			CAST(sum(CASE WHEN d.state = 'planned' THEN d.quoted ELSE 0 END) AS bigint) AS expected
		FROM hits AS h CROSS JOIN deliveries AS d
		WHERE d.store_id = ? AND d.subscription_id = h.id AND d.state IN ('planned', 'blocked')`+dates+` GROUP BY h.state`,
		append(append(args, storeID), values...)...)
}
