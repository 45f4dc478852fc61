package db

import (
	"context"
	"fmt"
)

// Detach makes a copied database start afresh with a gateway that knows nothing
// of the original's intents and sessions, and with only one store at work: no
// process holds a row, payments under way get a new intent, mails that waited
// count as sent, what the original's gateway would have told is forgotten, and
// nothing of other stores is due. It is for copies only.
func Detach(ctx context.Context, tx Tx, storeID int64) error {
	for _, s := range []struct {
		query string
		args  []any
	}{
		{"UPDATE subscriptions SET lease_until = NULL, token = NULL, version = version + 1 WHERE store_id = ? AND token IS NOT NULL", []any{storeID}},
		{"UPDATE payments SET lease_until = NULL, token = NULL, version = version + 1 WHERE store_id = ? AND token IS NOT NULL", []any{storeID}},
		{`UPDATE payments SET intent_id = NULL, intent_no = intent_no + 1, state = CASE state WHEN 'unknown' THEN 'due' ELSE state END
			WHERE store_id = ? AND state IN ('due', 'unknown', 'action') AND intent_id IS NOT NULL`, []any{storeID}},
		{"UPDATE attempts SET state = 'failed' WHERE store_id = ? AND state IN ('open', 'unknown')", []any{storeID}},
		{"UPDATE hosted_sessions SET next_due = NULL, lease_until = NULL, token = NULL WHERE store_id = ? AND next_due IS NOT NULL", []any{storeID}},
		{"UPDATE outbox SET state = ?, next_due = NULL, lease_until = NULL, token = NULL WHERE store_id = ? AND next_due IS NOT NULL", []any{MailSent, storeID}},
		{"UPDATE requotes SET lease_until = NULL, token = NULL WHERE store_id = ? AND token IS NOT NULL", []any{storeID}},
		{"UPDATE webhook_events SET next_due = NULL WHERE store_id = ? AND next_due IS NOT NULL", []any{storeID}},
	} {
		if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
			return fmt.Errorf("detach the copy: %w", err)
		}
	}
	for _, q := range []string{"subscriptions", "payments", "hosted_sessions", "outbox", "webhook_events", "requotes"} {
		query := fmt.Sprintf("UPDATE %s SET next_due = NULL WHERE store_id <> ? AND next_due IS NOT NULL /* all stores */", q)
		if _, err := tx.ExecContext(ctx, query, storeID); err != nil {
			return fmt.Errorf("let the other stores rest: %w", err)
		}
	}
	return nil
}
