package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
)

// Kinds of totals. What each counts stands in the migrations, with the triggers
// that count.
const (
	totalSubscriptions = "subscriptions"
	totalOpen          = "open" // boxes that are still to be ordered
	totalMade          = "made" // boxes that are orders
)

const totalKey = "store_id, kind, date, deadline, product_id, pays, state, quarantined, box"

// totals is what follows FROM to read the totals of a store as they are at this
// moment, those that are not folded yet among them; rest narrows both. The rows of
// one key must be summed.
func totals(storeID int64, kind, rest string, args ...any) (from string, values []any) {
	const part = "SELECT date, deadline, product_id, pays, state, quarantined, box, n, total FROM "
	where := " WHERE store_id = ? AND kind = ?" + rest
	values = append([]any{storeID, kind}, args...)
	return "(" + part + "totals" + where + " UNION ALL " + part + "total_deltas" + where + ") AS t", append(values, values...)
}

// FoldTotals adds up to limit deltas to the totals and returns how many. Any number
// of processes may fold: each takes deltas that no other has. SQLite's totals have
// none, as they are written at once.
func FoldTotals(ctx context.Context, d *DB, limit int) (n int, err error) {
	if d.Engine != Postgres {
		return 0, nil
	}
	if waiting, err := deltasWait(ctx, d); err != nil || !waiting {
		return 0, err
	}
	err = d.Write(ctx, func(ctx context.Context, tx Tx) error {
		// in the order of their keys, so that two who fold never wait for each other
		return tx.Scan(ctx, &n, `WITH taken AS (
				DELETE FROM total_deltas WHERE id = ANY (ARRAY(
					SELECT id FROM total_deltas ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED))
				RETURNING *),
			folded AS (
				INSERT INTO totals AS t (`+totalKey+`, n, total)
				SELECT `+totalKey+`, sum(n), sum(total) FROM taken GROUP BY `+totalKey+` ORDER BY `+totalKey+`
				ON CONFLICT (`+totalKey+`) DO UPDATE SET n = t.n + excluded.n, total = t.total + excluded.total)
			SELECT count(*) FROM taken /* all stores */`, limit)
	})
	if err != nil {
		return 0, fmt.Errorf("fold totals: %w", err)
	}
	return n, nil
}

// deltasWait reports whether there is anything to fold: a read instead of a write
// transaction.
func deltasWait(ctx context.Context, d *DB) (bool, error) {
	rows, err := selectInto[storeIDRow](ctx, d, "SELECT store_id FROM total_deltas ORDER BY id LIMIT 1 /* all stores */")
	if err != nil {
		return false, fmt.Errorf("look for totals to fold: %w", err)
	}
	return len(rows) > 0, nil
}

// DeleteEmptyTotals removes the totals of which nothing is left.
func DeleteEmptyTotals(ctx context.Context, tx Tx) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM totals WHERE n = 0 AND total = 0 /* all stores */"); err != nil {
		return fmt.Errorf("remove empty totals: %w", err)
	}
	return nil
}

// zeroID is the id of what a kind of totals does not tell apart.
var zeroID = map[Engine]string{
	SQLite: "X'00000000000000000000000000000000'", Postgres: "'00000000-0000-0000-0000-000000000000'::uuid",
}

// TotalsAstray counts the totals of a store that are not what summing every row
// gives: none, or a fault of ours. It reads every row.
func TotalsAstray(ctx context.Context, d *DB, storeID int64) (int, error) {
	epoch, first := at(time.Unix(0, 0)), day(calendar.On(1970, time.January, 1))
	query := "SELECT count(*) FROM (SELECT " + totalKey + ` FROM (
			SELECT ` + totalKey + `, n, total FROM totals WHERE store_id = ?
			UNION ALL SELECT ` + totalKey + `, n, total FROM total_deltas WHERE store_id = ?
			UNION ALL SELECT s.store_id, 'subscriptions', ?, ?, s.product_id, '', s.state, ?, '', -1, 0
				FROM subscriptions AS s WHERE s.store_id = ?
			UNION ALL SELECT d.store_id, 'open', d.date, d.deadline, s.product_id, s.pays, s.state, s.quarantined, d.state, -1, -d.quoted
				FROM deliveries AS d JOIN subscriptions AS s ON s.store_id = d.store_id AND s.id = d.subscription_id
				WHERE d.store_id = ? AND d.state IN ('planned', 'blocked')
			UNION ALL SELECT d.store_id, 'made', d.date, ?, ` + zeroID[d.Engine] + `, '', '', ?, d.state, -1, -d.quoted
				FROM deliveries AS d WHERE d.store_id = ? AND d.state IN ('ordered', 'shipped', 'delivered')) AS a
		GROUP BY ` + totalKey + ` HAVING sum(n) <> 0 OR sum(total) <> 0) AS astray`
	var n int
	err := d.Scan(ctx, &n, query, storeID, storeID, first, epoch, false, storeID, storeID, epoch, false, storeID)
	if err != nil {
		return 0, fmt.Errorf("check totals: %w", err)
	}
	return n, nil
}
