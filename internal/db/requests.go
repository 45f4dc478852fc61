package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

type requestRow struct {
	bun.BaseModel `bun:"table:requests"`

	StoreID int64
	Key     string
	Answer  string
	At      instant
}

// Remember keeps the answer to a request under its key. The first writer wins;
// the second waits for it and gets the stored answer: first is false, and what
// else its transaction wrote must be rolled back.
func Remember(ctx context.Context, tx Tx, storeID int64, key, answer string, now time.Time) (first bool, stored string, err error) {
	row := requestRow{StoreID: storeID, Key: key, Answer: answer, At: at(now)}
	rows, err := insertOr(ctx, tx, []requestRow{row}, "ON CONFLICT (store_id, key) DO NOTHING")
	if err != nil {
		return false, "", doing("remember request", err)
	}
	if rows == 1 {
		return true, answer, nil
	}
	stored, err = Answer(ctx, tx, storeID, key)
	return false, stored, err
}

// Answer reads the stored answer of a request, or ErrNotFound.
func Answer(ctx context.Context, c Conn, storeID int64, key string) (string, error) {
	row, err := rowOf[requestRow](ctx, c, "WHERE store_id = ? AND key = ?", storeID, key)
	return row.Answer, doing("read answer of request", err)
}

// DeleteRequests removes answers older than before, of all stores.
func DeleteRequests(ctx context.Context, tx Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM requests WHERE at < ? /* all stores */", at(before))
	return doing("delete old requests", err)
}
