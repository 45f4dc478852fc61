package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// AskRequote has all running subscriptions of a store looked at again from due on,
// from the first: its terms have changed. A round that is under way is given up for
// it; id names the new one.
func AskRequote(ctx context.Context, tx Tx, storeID int64, id ident.ID, due time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO requotes (store_id, id, next_due, tries, quarantined) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (store_id) DO UPDATE SET id = EXCLUDED.id, after = NULL, next_due = EXCLUDED.next_due,
			lease_until = NULL, token = NULL, tries = 0, quarantined = EXCLUDED.quarantined`,
		storeID, uid(id), at(due), false)
	if err != nil {
		return fmt.Errorf("ask to quote anew: %w", err)
	}
	return nil
}

type requoteRow struct{ After uid }

// RequoteAfter is the subscription that a round has come to; zero: it begins.
// ErrNotFound where a newer round has taken its place.
func RequoteAfter(ctx context.Context, c Conn, ref Ref) (ident.ID, error) {
	rows, err := selectInto[requoteRow](ctx, c, "SELECT after FROM requotes WHERE store_id = ? AND id = ?", ref.StoreID, uid(ref.ID))
	row, err := one(rows, err)
	if err != nil {
		return ident.ID{}, doing("read how far quoting has come", err)
	}
	return ident.ID(row.After), nil
}

// AdvanceRequote says how far a round has come, or, with the zero id, that it is
// done, and gives its lease back. It reports false where the round is another's, or
// was given up for a newer one, and takes the row else: who asks for a newer one
// waits until the transaction ends.
func AdvanceRequote(ctx context.Context, tx Tx, ref Ref, token, after ident.ID) (bool, error) {
	query, args := "DELETE FROM requotes WHERE store_id = ? AND id = ? AND token = ?", []any{ref.StoreID, uid(ref.ID), uid(token)}
	if !after.IsZero() {
		query = "UPDATE requotes SET after = ?, tries = 0, lease_until = NULL, token = NULL WHERE store_id = ? AND id = ? AND token = ?"
		args = append([]any{uid(after)}, args...)
	}
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, fmt.Errorf("advance quoting: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// RunningAfter are the ids of up to limit active subscriptions of a store, from the
// one after an id on; zero: from the first.
func RunningAfter(ctx context.Context, c Conn, storeID int64, after ident.ID, limit int) ([]ident.ID, error) {
	begin, args := "", []any{storeID}
	if !after.IsZero() {
		begin, args = "AND id > ?", append(args, uid(after))
	}
	rows, err := selectInto[refRow](ctx, c, fmt.Sprintf(`SELECT store_id, id FROM subscriptions
		WHERE store_id = ? %s AND state = 'active' ORDER BY id LIMIT ?`, begin), append(args, limit)...)
	if err != nil {
		return nil, doing("read running subscriptions", err)
	}
	ids := make([]ident.ID, len(rows))
	for i, r := range rows {
		ids[i] = ident.ID(r.ID)
	}
	return ids, nil
}

// TouchSubscriptions takes the rows of subscriptions whose deliveries change, as
// they were read; ErrStale where one has changed meanwhile.
func TouchSubscriptions(ctx context.Context, tx Tx, storeID int64, read []subscription.Subscription) error {
	var v tuples
	for _, s := range read {
		v.add(uid(s.ID), s.Version)
	}
	result, err := v.update(ctx, tx, "id, version", `UPDATE subscriptions AS s SET version = s.version + 1
		FROM v WHERE s.store_id = ? AND s.id = v.id AND s.version = v.version`, storeID)
	if err != nil || result == nil {
		return doing("touch subscriptions", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(read)) {
		return fmt.Errorf("touch subscriptions: %d of %d: %w", n, len(read), ErrStale)
	}
	return nil
}
