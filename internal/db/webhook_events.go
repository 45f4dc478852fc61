package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// WebhookEvent is a message of the gateway, stored once by its id. Only what
// it is about is kept: the object is read again when the event is handled.
type WebhookEvent struct {
	StoreID  int64
	EventID  string
	Type     string
	ObjectID string
	Tries    int
}

type webhookEventRow struct {
	bun.BaseModel `bun:"table:webhook_events"`
	StoreID       int64
	EventID       string
	Type          string
	ObjectID      string
	ReceivedAt    instant
	State         string
	NextDue       instant
	Tries         int
}

// ReceiveWebhooks stores events; a duplicate changes nothing.
func ReceiveWebhooks(ctx context.Context, tx Tx, events []WebhookEvent, now time.Time) error {
	rows := make([]webhookEventRow, len(events))
	for i, e := range events {
		rows[i] = webhookEventRow{
			StoreID: e.StoreID, EventID: e.EventID, Type: e.Type, ObjectID: e.ObjectID,
			ReceivedAt: at(now), State: "waiting", NextDue: at(now),
		}
	}
	_, err := insertOr(ctx, tx, rows, "ON CONFLICT (store_id, event_id) DO NOTHING")
	return doing("store webhooks", err)
}

// ClaimWebhooks leases events that wait, the oldest first.
func ClaimWebhooks(ctx context.Context, tx Tx, due time.Time, limit int, lease Lease) ([]WebhookEvent, error) {
	skip := ""
	if tx.engine == Postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	rows, err := selectInto[webhookEventRow](ctx, tx, `WITH due AS MATERIALIZED (
		SELECT store_id, event_id FROM webhook_events
		WHERE next_due <= ? AND NOT quarantined AND (lease_until IS NULL OR lease_until < ?)
		ORDER BY next_due, event_id LIMIT ?`+skip+`)
		UPDATE webhook_events SET lease_until = ?, token = ?, tries = tries + 1
		FROM due WHERE webhook_events.store_id = due.store_id AND webhook_events.event_id = due.event_id
		RETURNING webhook_events.store_id, webhook_events.event_id, type, object_id, tries /* all stores */`,
		at(due), at(lease.Now), limit, at(lease.Until), uid(lease.Token))
	if err != nil {
		return nil, fmt.Errorf("claim webhooks: %w", err)
	}
	events := make([]WebhookEvent, len(rows))
	for i, r := range rows {
		events[i] = WebhookEvent{StoreID: r.StoreID, EventID: r.EventID, Type: r.Type, ObjectID: r.ObjectID, Tries: r.Tries}
	}
	return events, nil
}

// CloseWebhooks marks events as handled.
func CloseWebhooks(ctx context.Context, tx Tx, storeID int64, eventIDs []string, token ident.ID) error {
	if len(eventIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE webhook_events SET state = 'done', next_due = NULL, lease_until = NULL, token = NULL
		WHERE store_id = ? AND event_id IN (?) AND token = ?`, storeID, in(eventIDs), uid(token))
	if err != nil {
		return fmt.Errorf("close webhooks: %w", err)
	}
	return nil
}

// PostponeWebhooks gives events back, due again at next; quarantine sets them
// aside instead.
func PostponeWebhooks(ctx context.Context, tx Tx, storeID int64, eventIDs []string, token ident.ID, next time.Time, quarantine bool) error {
	if len(eventIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE webhook_events SET next_due = ?, quarantined = ?, lease_until = NULL, token = NULL
		WHERE store_id = ? AND event_id IN (?) AND token = ?`, at(next), quarantine, storeID, in(eventIDs), uid(token))
	if err != nil {
		return fmt.Errorf("postpone webhooks: %w", err)
	}
	return nil
}
