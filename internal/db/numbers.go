package db

import (
	"context"
	"fmt"
)

// Kinds of numbers. Each counts from 1 in each store.
const (
	NumberOrder        = "order"
	NumberSubscription = "subscription"
	NumberCustomer     = "customer"
)

// TakeNumbers takes n numbers in a write transaction of its own and returns the
// first: [first, first+n) belongs to the caller. Taken so, the row is not held
// while a longer transaction works; numbers of one that fails are lost.
func TakeNumbers(ctx context.Context, d *DB, storeID int64, kind string, n int64) (first int64, err error) {
	err = d.Write(ctx, func(ctx context.Context, tx Tx) error {
		if d.Engine == Postgres {
			// Others wait for the row, so its commit does not wait for the disk. It is
			// on disk before anything that uses the numbers, which is later in the log.
			if _, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit TO off"); err != nil {
				return fmt.Errorf("take numbers: %w", err)
			}
		}
		first, err = TakeNumbersTx(ctx, tx, storeID, kind, n)
		return err
	})
	return first, err
}

// TakeNumbersTx is TakeNumbers within a transaction: other takers of the kind
// wait until it ends.
func TakeNumbersTx(ctx context.Context, tx Tx, storeID int64, kind string, n int64) (first int64, err error) {
	var next int64
	err = tx.Scan(ctx, &next, `INSERT INTO numbers (store_id, kind, next) VALUES (?, ?, ?)
		ON CONFLICT (store_id, kind) DO UPDATE SET next = numbers.next + ?
		RETURNING next`, storeID, kind, 1+n, n)
	return next - n, doing("take numbers", err)
}
