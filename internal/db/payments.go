package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/payment"
)

type paymentRow struct {
	bun.BaseModel  `bun:"table:payments"`
	StoreID        int64
	ID             uid
	OrderID        uid
	CustomerID     uid
	SubscriptionID uid
	DeliveryID     uid
	Kind           string
	State          string
	Amount         int64
	Currency       string
	CardID         uid
	IntentID       optional
	IntentNo       int
	Failures       int
	FirstFailedAt  instant
	Decline        string
	NextDue        instant
	Version        int64
	CreatedAt      instant
}

const paymentColumns = `id, order_id, customer_id, subscription_id, delivery_id, kind, state, amount, currency,
	card_id, intent_id, intent_no, failures, first_failed_at, decline, next_due, version, created_at`

func (r paymentRow) core() payment.Payment {
	return payment.Payment{
		ID: ident.ID(r.ID), OrderID: ident.ID(r.OrderID), CustomerID: ident.ID(r.CustomerID),
		SubscriptionID: ident.ID(r.SubscriptionID), DeliveryID: ident.ID(r.DeliveryID),
		Kind: payment.Kind(r.Kind), State: payment.State(r.State),
		Amount: money.Of(r.Amount, money.Currency(r.Currency)), CardID: ident.ID(r.CardID),
		IntentID: string(r.IntentID), IntentNo: r.IntentNo, Failures: r.Failures,
		FirstFailedAt: r.FirstFailedAt.time(), Decline: payment.Decline(r.Decline),
		NextAt: r.NextDue.time(), Version: r.Version,
	}
}

// InsertPayments writes new payments, created at the time of their orders.
func InsertPayments(ctx context.Context, tx Tx, storeID int64, list []payment.Payment, created time.Time) error {
	rows := make([]paymentRow, len(list))
	for i, p := range list {
		rows[i] = paymentRow{
			StoreID: storeID, ID: uid(p.ID), OrderID: uid(p.OrderID), CustomerID: uid(p.CustomerID),
			SubscriptionID: uid(p.SubscriptionID), DeliveryID: uid(p.DeliveryID), Kind: string(p.Kind),
			State: string(p.State), Amount: p.Amount.Minor, Currency: string(p.Amount.Currency),
			CardID: uid(p.CardID), IntentID: optional(p.IntentID), IntentNo: p.IntentNo, Failures: p.Failures,
			FirstFailedAt: at(p.FirstFailedAt), Decline: string(p.Decline), NextDue: at(p.NextAt),
			Version: 1, CreatedAt: at(created),
		}
	}
	return insert(ctx, tx, rows)
}

// PaymentsByIDs reads payments, in no order.
func PaymentsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) ([]payment.Payment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return payments(ctx, c, storeID, "id IN (?)", in(uids(ids)))
}

// PaymentsOfOrders reads the payments of orders, the oldest first.
func PaymentsOfOrders(ctx context.Context, c Conn, storeID int64, orderIDs []ident.ID) ([]payment.Payment, error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	return payments(ctx, c, storeID, "order_id IN (?) ORDER BY id", in(uids(orderIDs)))
}

// PaymentsByIntents finds the payments that own intents at the gateway.
func PaymentsByIntents(ctx context.Context, c Conn, storeID int64, intents []string) ([]payment.Payment, error) {
	if len(intents) == 0 {
		return nil, nil
	}
	return payments(ctx, c, storeID, "intent_id IN (?)", in(intents))
}

// LockPayments locks payments, by id, and reads them as they are now.
func LockPayments(ctx context.Context, tx Tx, storeID int64, ids []ident.ID) ([]payment.Payment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return payments(ctx, tx, storeID, "id IN (?) ORDER BY id"+forUpdate(tx.engine), in(uids(ids)))
}

func payments(ctx context.Context, c Conn, storeID int64, where string, args ...any) ([]payment.Payment, error) {
	rows, err := selectInto[paymentRow](ctx, c,
		"SELECT "+paymentColumns+" FROM payments WHERE store_id = ? AND "+where, append([]any{storeID}, args...)...)
	if err != nil {
		return nil, err
	}
	list := make([]payment.Payment, len(rows))
	for i, r := range rows {
		list[i] = r.core()
	}
	return list, nil
}

// UpdatePayments writes payments that were locked in this transaction and gives
// their lease back.
func UpdatePayments(ctx context.Context, tx Tx, storeID int64, list []payment.Payment) error {
	return updatePayments(ctx, tx, storeID, list, "lease_until = NULL, token = NULL, tries = 0,")
}

// UpdateLeasedPayments writes payments that were locked in this transaction and
// keeps their lease: the work on them goes on.
func UpdateLeasedPayments(ctx context.Context, tx Tx, storeID int64, list []payment.Payment) error {
	return updatePayments(ctx, tx, storeID, list, "")
}

func updatePayments(ctx context.Context, tx Tx, storeID int64, list []payment.Payment, lease string) error {
	var v tuples
	for _, p := range list {
		v.add(uid(p.ID), string(p.State), uid(p.CardID), optional(p.IntentID), p.IntentNo, p.Failures,
			at(p.FirstFailedAt), string(p.Decline), at(p.NextAt))
	}
	_, err := v.update(ctx, tx, "id, state, card_id, intent_id, intent_no, failures, first_failed_at, decline, next_due",
		`UPDATE payments AS p SET state = v.state, card_id = v.card_id,
			intent_id = v.intent_id, intent_no = v.intent_no, failures = v.failures,
			first_failed_at = v.first_failed_at, decline = v.decline,
			next_due = v.next_due, `+lease+` version = p.version + 1
		FROM v WHERE p.store_id = ? AND p.id = v.id`, storeID)
	if err != nil {
		return fmt.Errorf("update payments: %w", err)
	}
	return nil
}

// LockLeasedPayments locks the payments that are still leased with the token and
// returns their ids.
func LockLeasedPayments(ctx context.Context, tx Tx, storeID int64, ids []ident.ID, token ident.ID) (map[ident.ID]bool, error) {
	held := map[ident.ID]bool{}
	if len(ids) == 0 {
		return held, nil
	}
	rows, err := selectInto[refRow](ctx, tx, `SELECT id FROM payments WHERE store_id = ? AND id IN (?) AND token = ?
		ORDER BY id`+forUpdate(tx.engine), storeID, in(uids(ids)), uid(token))
	if err != nil {
		return nil, fmt.Errorf("lock leased payments: %w", err)
	}
	for _, r := range rows {
		held[ident.ID(r.ID)] = true
	}
	return held, nil
}

// SetIntents stores the ids of intents that were created for payments, where
// none is stored yet.
func SetIntents(ctx context.Context, tx Tx, storeID int64, list []payment.Payment) error {
	var v tuples
	for _, p := range list {
		v.add(uid(p.ID), p.IntentID, p.IntentNo)
	}
	_, err := v.update(ctx, tx, "id, intent_id, intent_no", `UPDATE payments AS p
		SET intent_id = v.intent_id, intent_no = v.intent_no, version = p.version + 1
		FROM v WHERE p.store_id = ? AND p.id = v.id AND p.intent_id IS NULL`, storeID)
	if err != nil {
		return fmt.Errorf("store intents: %w", err)
	}
	return nil
}

// HurryPayments makes payments with an unanswered attempt due now, but for those
// that a process is at: it records the answer itself, and where it dies its lease
// ends.
func HurryPayments(ctx context.Context, tx Tx, storeID int64, ids []ident.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE payments SET next_due = ?, version = version + 1
		WHERE store_id = ? AND id IN (?) AND token IS NULL AND state IN ('due', 'unknown')
		AND EXISTS (SELECT 1 FROM attempts AS a WHERE a.store_id = payments.store_id
			AND a.payment_id = payments.id AND a.state IN ('open', 'unknown'))`, at(now), storeID, in(uids(ids)))
	if err != nil {
		return fmt.Errorf("hurry payments: %w", err)
	}
	return nil
}
