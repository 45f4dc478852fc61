package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Queue is a table whose rows are work to do: next_due says when, lease_until
// and token who is at it. The rows themselves are the queue.
type Queue string

// The queues.
const (
	QueueSubscriptions Queue = "subscriptions"
	QueuePayments      Queue = "payments"
	QueueSessions      Queue = "hosted_sessions"
	QueueMails         Queue = "outbox"
	QueueRequotes      Queue = "requotes"
	QueueWebhooks      Queue = "webhook_events" // claimed by ClaimWebhooks: its rows have no id of ours
)

// Ref names a row of a store.
type Ref struct {
	StoreID int64
	ID      ident.ID
}

// Lease is who claims and until when. Until is an instant of the wall clock:
// leases must not end because a demo's business clock jumps.
type Lease struct {
	Token ident.ID
	Now   time.Time // wall clock
	Until time.Time
}

// Claim takes up to limit rows due at the business instant due, the longest
// waiting first, and leases them. Rows another process works on are passed over,
// never waited for. A row whose lease ran out is claimed again.
func Claim(ctx context.Context, tx Tx, q Queue, due time.Time, limit int, lease Lease) ([]Ref, error) {
	skip := ""
	if tx.engine == Postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	// MATERIALIZED keeps PostgreSQL from running the locking select once per row.
	query := fmt.Sprintf(`WITH due AS MATERIALIZED (
		SELECT store_id, id FROM %[1]s
		WHERE next_due <= ? AND NOT quarantined AND (lease_until IS NULL OR lease_until < ?)
		ORDER BY next_due, id LIMIT ?%[2]s)
		UPDATE %[1]s SET lease_until = ?, token = ?, tries = tries + 1
		FROM due WHERE %[1]s.store_id = due.store_id AND %[1]s.id = due.id
		RETURNING %[1]s.store_id, %[1]s.id /* all stores */`, q, skip)
	rows, err := selectInto[refRow](ctx, tx, query, at(due), at(lease.Now), limit, at(lease.Until), uid(lease.Token))
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", q, err)
	}
	refs := make([]Ref, len(rows))
	for i, r := range rows {
		refs[i] = Ref{StoreID: r.StoreID, ID: ident.ID(r.ID)}
	}
	return refs, nil
}

type refRow struct {
	StoreID int64 `bun:"store_id"`
	ID      uid   `bun:"id"`
}

// ClaimOne leases a single row whatever its due time, for work that a person is
// waiting for. It reports false when somebody else holds it.
func ClaimOne(ctx context.Context, tx Tx, q Queue, ref Ref, lease Lease) (bool, error) {
	query := fmt.Sprintf(`UPDATE %s SET lease_until = ?, token = ?, tries = tries + 1
		WHERE store_id = ? AND id = ? AND (lease_until IS NULL OR lease_until < ?) AND NOT quarantined
		RETURNING store_id, id`, q)
	rows, err := selectInto[refRow](ctx, tx, query,
		at(lease.Until), uid(lease.Token), ref.StoreID, uid(ref.ID), at(lease.Now))
	if err != nil {
		return false, fmt.Errorf("claim one of %s: %w", q, err)
	}
	return len(rows) == 1, nil
}

// Release gives rows back that were claimed with the token, due again at next.
func Release(ctx context.Context, tx Tx, q Queue, storeID int64, ids []ident.ID, token ident.ID, next time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	query := fmt.Sprintf(`UPDATE %s SET lease_until = NULL, token = NULL, next_due = ?
		WHERE store_id = ? AND id IN (?) AND token = ?`, q)
	if _, err := tx.ExecContext(ctx, query, at(next), storeID, in(uids(ids)), uid(token)); err != nil {
		return fmt.Errorf("release %s: %w", q, err)
	}
	return nil
}

// DropLeases gives rows back that were claimed with the token, due when they were.
func DropLeases(ctx context.Context, tx Tx, q Queue, storeID int64, ids []ident.ID, token ident.ID) error {
	if len(ids) == 0 {
		return nil
	}
	query := fmt.Sprintf(`UPDATE %s SET lease_until = NULL, token = NULL WHERE store_id = ? AND id IN (?) AND token = ?`, q)
	if _, err := tx.ExecContext(ctx, query, storeID, in(uids(ids)), uid(token)); err != nil {
		return fmt.Errorf("drop leases of %s: %w", q, err)
	}
	return nil
}

// Quarantine sets a row aside: it could not be processed and would stop others.
func Quarantine(ctx context.Context, tx Tx, q Queue, ref Ref, token ident.ID) error {
	query := fmt.Sprintf(`UPDATE %s SET lease_until = NULL, token = NULL, quarantined = ?
		WHERE store_id = ? AND id = ? AND token = ?`, q)
	if _, err := tx.ExecContext(ctx, query, true, ref.StoreID, uid(ref.ID), uid(token)); err != nil {
		return fmt.Errorf("quarantine in %s: %w", q, err)
	}
	return nil
}

// Unquarantine makes a row due again at next, by a person's order.
func Unquarantine(ctx context.Context, tx Tx, q Queue, ref Ref, next time.Time) error {
	query := fmt.Sprintf(`UPDATE %s SET lease_until = NULL, token = NULL, quarantined = ?, next_due = ?
		WHERE store_id = ? AND id = ?`, q)
	if _, err := tx.ExecContext(ctx, query, false, at(next), ref.StoreID, uid(ref.ID)); err != nil {
		return fmt.Errorf("unquarantine in %s: %w", q, err)
	}
	return nil
}

// HasDue reports whether Claim would find anything.
func HasDue(ctx context.Context, c Conn, q Queue, due, wall time.Time) (bool, error) {
	query := fmt.Sprintf(`SELECT store_id FROM %s WHERE next_due <= ? AND NOT quarantined
		AND (lease_until IS NULL OR lease_until < ?) ORDER BY next_due LIMIT 1 /* all stores */`, q)
	rows, err := selectInto[storeIDRow](ctx, c, query, at(due), at(wall))
	if err != nil {
		return false, fmt.Errorf("look for due %s: %w", q, err)
	}
	return len(rows) > 0, nil
}

type storeIDRow struct{ StoreID int64 }

// NextDue is the earliest due time in a queue, for the demo's clock; false when
// the queue is empty.
func NextDue(ctx context.Context, c Conn, q Queue) (time.Time, bool, error) {
	var row struct {
		Due instant `bun:"due"`
	}
	query := fmt.Sprintf(`SELECT next_due AS due FROM %s
		WHERE next_due IS NOT NULL AND NOT quarantined ORDER BY next_due LIMIT 1 /* all stores */`, q)
	if err := found(c.Scan(ctx, &row, query)); err != nil {
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, false, nil
		}
		return time.Time{}, false, fmt.Errorf("next due of %s: %w", q, err)
	}
	return row.Due.time(), true, nil
}
