package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Happening is how often something happened at an instant. What and Detail are
// words of the table that was asked; Sum is money in minor units, or pieces.
type Happening struct {
	At     time.Time
	What   string
	Detail string
	Count  int
	Sum    int64
}

// Period is from an instant until before another.
type Period struct{ From, Until time.Time }

type happeningRow struct {
	At     instant
	What   string
	Detail string
	Count  int
	Sum    int64
}

// happenings runs a query whose placeholders are store, from and until. Its
// answer is as long as there are instants, not rows: the engine works in sets,
// and a simulation's clock stands still while it does.
func happenings(ctx context.Context, c Conn, what, query string, storeID int64, p Period) ([]Happening, error) {
	rows, err := selectInto[happeningRow](ctx, c, query, storeID, at(p.From), at(p.Until))
	if err != nil {
		return nil, fmt.Errorf("count %s: %w", what, err)
	}
	list := make([]Happening, len(rows))
	for i, r := range rows {
		list[i] = Happening{At: r.At.time(), What: r.What, Detail: r.Detail, Count: r.Count, Sum: r.Sum}
	}
	return list, nil
}

// OrdersMade counts orders by source (What) and payment method (Detail), with
// their totals.
func OrdersMade(ctx context.Context, c Conn, storeID int64, p Period) ([]Happening, error) {
	return happenings(ctx, c, "orders", `SELECT placed_at AS at, source AS what, paid_by AS detail,
		count(*) AS count, CAST(sum(total) AS BIGINT) AS sum FROM orders
		WHERE store_id = ? AND placed_at >= ? AND placed_at < ? GROUP BY placed_at, source, paid_by`, storeID, p)
}

// ChargesAnswered counts answers to tries to charge by their outcome (What: the
// attempt's state, or "authentication" where the bank asks for the customer),
// with the amounts. Detail is "first" or "retry".
func ChargesAnswered(ctx context.Context, c Conn, storeID int64, p Period) ([]Happening, error) {
	return happenings(ctx, c, "charges", `SELECT a.ended_at AS at,
		CASE WHEN a.state = 'declined' AND (a.code = 'authentication_required' OR a.decline = 'authentication_required')
			THEN 'authentication' ELSE a.state END AS what,
		CASE WHEN EXISTS (SELECT 1 FROM attempts AS b WHERE b.store_id = a.store_id AND b.payment_id = a.payment_id
			AND b.no < a.no AND b.state = 'declined') THEN 'retry' ELSE 'first' END AS detail,
		count(*) AS count, CAST(sum(p.amount) AS BIGINT) AS sum
		FROM attempts AS a JOIN payments AS p ON p.store_id = a.store_id AND p.id = a.payment_id
		WHERE a.store_id = ? AND a.ended_at >= ? AND a.ended_at < ?
			AND (a.step = 'confirm' AND a.state = 'succeeded' OR a.state = 'declined')
		GROUP BY 1, 2, 3`, storeID, p)
}

// MailsWritten counts mails by event (What) and state (Detail).
func MailsWritten(ctx context.Context, c Conn, storeID int64, p Period) ([]Happening, error) {
	return happenings(ctx, c, "mails", `SELECT created_at AS at, event AS what, state AS detail, count(*) AS count, 0 AS sum
		FROM outbox WHERE store_id = ? AND created_at >= ? AND created_at < ? GROUP BY created_at, event, state`, storeID, p)
}

// AlertsRaised counts alerts by kind (What); Detail is "open" or "resolved".
func AlertsRaised(ctx context.Context, c Conn, storeID int64, p Period) ([]Happening, error) {
	return happenings(ctx, c, "alerts", `SELECT at, kind AS what,
		CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END AS detail, count(*) AS count, 0 AS sum
		FROM alerts WHERE store_id = ? AND at >= ? AND at < ? GROUP BY 1, 2, 3`, storeID, p)
}

// StockFlow is what moved of a variant at an instant, and for which cause.
type StockFlow struct {
	At        time.Time
	VariantID ident.ID
	Cause     string
	OnHand    int64
	Reserved  int64
}

// StockFlows sums the stock ledger by instant, variant and cause.
func StockFlows(ctx context.Context, c Conn, storeID int64, p Period) ([]StockFlow, error) {
	type row struct {
		At        instant
		VariantID uid
		Cause     string
		OnHand    int64
		Reserved  int64
	}
	rows, err := selectInto[row](ctx, c, `SELECT at, variant_id, cause, CAST(sum(on_hand) AS BIGINT) AS on_hand,
		CAST(sum(reserved) AS BIGINT) AS reserved FROM stock_ledger
		WHERE store_id = ? AND at >= ? AND at < ? GROUP BY at, variant_id, cause`, storeID, at(p.From), at(p.Until))
	if err != nil {
		return nil, fmt.Errorf("sum the stock ledger: %w", err)
	}
	list := make([]StockFlow, len(rows))
	for i, r := range rows {
		list[i] = StockFlow{At: r.At.time(), VariantID: ident.ID(r.VariantID), Cause: r.Cause, OnHand: r.OnHand, Reserved: r.Reserved}
	}
	return list, nil
}

// Shortage is how many boxes could not be filled at an instant, and how many
// pieces of a variant they held.
type Shortage struct {
	At        time.Time
	VariantID ident.ID
	Boxes     int
	Pieces    int64
}

// Shortages are the alerts of boxes without stock, by instant and variant. Of a
// box with several goods each counts: which one was short is not kept.
func Shortages(ctx context.Context, c Conn, storeID int64, p Period) ([]Shortage, error) {
	type row struct {
		At        instant
		VariantID uid
		Boxes     int
		Pieces    int64
	}
	rows, err := selectInto[row](ctx, c, `SELECT a.at, i.variant_id, count(*) AS boxes, CAST(sum(i.quantity) AS BIGINT) AS pieces
		FROM alerts AS a JOIN subscription_items AS i ON i.store_id = a.store_id AND i.subscription_id = a.subscription_id
		WHERE a.store_id = ? AND a.at >= ? AND a.at < ? AND a.kind = 'stock_out' GROUP BY a.at, i.variant_id`,
		storeID, at(p.From), at(p.Until))
	if err != nil {
		return nil, fmt.Errorf("count shortages: %w", err)
	}
	list := make([]Shortage, len(rows))
	for i, r := range rows {
		list[i] = Shortage{At: r.At.time(), VariantID: ident.ID(r.VariantID), Boxes: r.Boxes, Pieces: r.Pieces}
	}
	return list, nil
}

// DueTerms counts the deliveries whose deadline falls into the period by what
// became of them: state (What) and cause (Detail), at the deadline.
func DueTerms(ctx context.Context, c Conn, storeID int64, p Period) ([]Happening, error) {
	return happenings(ctx, c, "due deliveries", `SELECT deadline AS at, state AS what, cause AS detail, count(*) AS count, 0 AS sum
		FROM deliveries WHERE store_id = ? AND deadline >= ? AND deadline < ? GROUP BY deadline, state, cause`, storeID, p)
}

// StoredCard is a stored card as the gateway names it and its customer.
type StoredCard struct {
	GatewayID  string
	CustomerID string // at the gateway
	Mail       string
	Name       string
	Brand      string
	Last4      string
	ExpMonth   int
	ExpYear    int
}

// StoredCards are up to limit stored cards of a store after one, by their name at
// the gateway.
func StoredCards(ctx context.Context, c Conn, storeID int64, after string, limit int) ([]StoredCard, error) {
	cards, err := selectInto[StoredCard](ctx, c, `SELECT k.gateway_id, coalesce(c.gateway_id, '') AS customer_id,
		coalesce(c.mail, '') AS mail, c.family || ' ' || c.given AS name, k.brand, k.last4, k.exp_month, k.exp_year
		FROM cards AS k JOIN customers AS c ON c.store_id = k.store_id AND c.id = k.customer_id
		WHERE k.store_id = ? AND k.gateway_id > ? ORDER BY k.gateway_id LIMIT ?`, storeID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the stored cards: %w", err)
	}
	return cards, nil
}

// LatestOrder is when the last order of a store was placed; false when none was.
func LatestOrder(ctx context.Context, c Conn, storeID int64) (time.Time, bool, error) {
	rows, err := selectInto[happeningRow](ctx, c,
		"SELECT placed_at AS at FROM orders WHERE store_id = ? ORDER BY placed_at DESC LIMIT 1", storeID)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("read the latest order: %w", err)
	}
	if len(rows) == 0 {
		return time.Time{}, false, nil
	}
	return rows[0].At.time(), true, nil
}
