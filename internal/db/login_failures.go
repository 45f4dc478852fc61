package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

type loginFailureRow struct {
	bun.BaseModel `bun:"table:login_failures"`

	StoreID int64
	Subject string
	Count   int
	LastAt  instant
}

// RecordFailure counts a failed login against a subject (an account or a network
// address). The count starts anew where the last failure is older than forget.
func RecordFailure(ctx context.Context, tx Tx, storeID int64, subject string, now time.Time, forget time.Duration) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO login_failures (store_id, subject, count, last_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (store_id, subject) DO UPDATE SET
			count = CASE WHEN login_failures.last_at < ? THEN 1 ELSE login_failures.count + 1 END,
			last_at = EXCLUDED.last_at`,
		storeID, subject, at(now), at(now.Add(-forget)))
	return doing("record failed login", err)
}

// Failures reads how often logins of the subject failed and when last; 0 for a
// subject without failures.
func Failures(ctx context.Context, c Conn, storeID int64, subject string) (count int, last time.Time, err error) {
	rows, err := rowsOf[loginFailureRow](ctx, c, "WHERE store_id = ? AND subject = ?", storeID, subject)
	if err != nil || len(rows) == 0 {
		return 0, time.Time{}, doing("read failed logins", err)
	}
	return rows[0].Count, rows[0].LastAt.time(), nil
}

// ClearFailures forgets the failures of a subject, after a login.
func ClearFailures(ctx context.Context, tx Tx, storeID int64, subject string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM login_failures WHERE store_id = ? AND subject = ?", storeID, subject)
	return doing("clear failed logins", err)
}

// DeleteLoginFailures removes marks older than before, of all stores.
func DeleteLoginFailures(ctx context.Context, tx Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM login_failures WHERE last_at < ? /* all stores */", at(before))
	return doing("delete old login failures", err)
}
