package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// States of a mail in the outbox.
const (
	MailWaiting = "waiting"
	MailSent    = "sent"
	MailRefused = "refused"
)

// Mail is a mail to be written: event, facts and language. It is rendered when
// it is sent.
type Mail struct {
	ID             ident.ID
	Event          string
	Dedupe         string // one mail per store and key
	CustomerID     ident.ID
	OrderID        ident.ID
	SubscriptionID ident.ID
	Recipient      string
	Lang           string
	Facts          json.RawMessage
	MessageID      string // stable over all tries
	Subject        string // known once sent
	State          string
	Tries          int
	LastError      string
	CreatedAt      time.Time
	SentAt         time.Time
}

type outboxRow struct {
	bun.BaseModel  `bun:"table:outbox"`
	StoreID        int64
	ID             uid
	Event          string
	Dedupe         string
	CustomerID     uid
	OrderID        uid
	SubscriptionID uid
	Recipient      string
	Lang           string
	Facts          string
	MessageID      string
	Subject        string
	State          string
	NextDue        instant
	Tries          int
	LastError      string
	CreatedAt      instant
	SentAt         instant
}

const outboxColumns = `id, event, dedupe, customer_id, order_id, subscription_id, recipient, lang, facts,
	message_id, subject, state, next_due, tries, last_error, created_at, sent_at`

// WriteMails puts mails into the outbox, in the transaction of what they tell
// of. A mail whose key is there already is not written again.
func WriteMails(ctx context.Context, tx Tx, storeID int64, list []Mail, now time.Time) error {
	rows := make([]outboxRow, len(list))
	for i, m := range list {
		facts := string(m.Facts)
		if facts == "" {
			facts = "{}"
		}
		rows[i] = outboxRow{
			StoreID: storeID, ID: uid(m.ID), Event: m.Event, Dedupe: m.Dedupe, CustomerID: uid(m.CustomerID),
			OrderID: uid(m.OrderID), SubscriptionID: uid(m.SubscriptionID), Recipient: m.Recipient, Lang: m.Lang,
			Facts: facts, MessageID: m.MessageID, State: MailWaiting, NextDue: at(now), CreatedAt: at(now),
		}
	}
	_, err := insertOr(ctx, tx, rows, "ON CONFLICT (store_id, dedupe) DO NOTHING")
	return doing("write mails", err)
}

// MailsByIDs reads mails, in no order.
func MailsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) ([]Mail, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return mails(ctx, c, storeID, "id IN (?)", in(uids(ids)))
}

// MailsOfSubscription reads what was written about a subscription, the newest first.
func MailsOfSubscription(ctx context.Context, c Conn, storeID int64, subscriptionID ident.ID, limit int) ([]Mail, error) {
	return mails(ctx, c, storeID, "subscription_id = ? ORDER BY id DESC LIMIT ?", uid(subscriptionID), limit)
}

// MailsOfOrder reads what was written about an order, the newest first.
func MailsOfOrder(ctx context.Context, c Conn, storeID int64, orderID ident.ID, limit int) ([]Mail, error) {
	return mails(ctx, c, storeID, "order_id = ? ORDER BY id DESC LIMIT ?", uid(orderID), limit)
}

func mails(ctx context.Context, c Conn, storeID int64, where string, args ...any) ([]Mail, error) {
	rows, err := selectInto[outboxRow](ctx, c,
		"SELECT "+outboxColumns+" FROM outbox WHERE store_id = ? AND "+where, append([]any{storeID}, args...)...)
	if err != nil {
		return nil, err
	}
	list := make([]Mail, len(rows))
	for i, r := range rows {
		list[i] = Mail{
			ID: ident.ID(r.ID), Event: r.Event, Dedupe: r.Dedupe, CustomerID: ident.ID(r.CustomerID),
			OrderID: ident.ID(r.OrderID), SubscriptionID: ident.ID(r.SubscriptionID), Recipient: r.Recipient,
			Lang: r.Lang, Facts: json.RawMessage(r.Facts), MessageID: r.MessageID, Subject: r.Subject,
			State: r.State, Tries: r.Tries, LastError: r.LastError,
			CreatedAt: r.CreatedAt.time(), SentAt: r.SentAt.time(),
		}
	}
	return list, nil
}

// MailResult is how sending a mail ended. Next is when to try again; zero for
// mails that are sent or refused for good.
type MailResult struct {
	ID      ident.ID
	State   string
	Subject string
	Error   string
	Next    time.Time
	SentAt  time.Time
}

// CloseMails records results of mails leased with the token.
func CloseMails(ctx context.Context, tx Tx, storeID int64, list []MailResult, token ident.ID) error {
	var v tuples
	for _, m := range list {
		v.add(uid(m.ID), m.State, m.Subject, m.Error, at(m.Next), at(m.SentAt))
	}
	_, err := v.update(ctx, tx, "id, state, subject, last_error, next_due, sent_at", `UPDATE outbox AS o
		SET state = v.state, subject = v.subject, last_error = v.last_error,
			next_due = v.next_due,
			sent_at = v.sent_at, lease_until = NULL, token = NULL
		FROM v WHERE o.store_id = ? AND o.id = v.id AND o.token = ?`, storeID, uid(token))
	if err != nil {
		return fmt.Errorf("close mails: %w", err)
	}
	return nil
}

// RetryMail puts a refused mail back to be sent.
func RetryMail(ctx context.Context, tx Tx, storeID int64, id ident.ID, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE outbox SET state = ?, next_due = ?, lease_until = NULL, token = NULL
		WHERE store_id = ? AND id = ? AND state = ?`, MailWaiting, at(now), storeID, uid(id), MailRefused)
	return hit(result, err, ErrNotFound, "retry mail")
}
