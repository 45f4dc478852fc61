package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

type alertRow struct {
	bun.BaseModel  `bun:"table:alerts"`
	StoreID        int64
	ID             uid
	Kind           string
	Severity       string
	Noun           string
	SubjectID      uid
	SubscriptionID uid
	OrderID        uid
	Args           document[map[string]any]
	At             instant
	ResolvedAt     instant
	Version        int64
}

const alertColumns = `id, kind, severity, noun, subject_id, subscription_id, order_id, args, at, resolved_at, version`

// RaiseAlerts opens alerts; one of a kind that is open for its subject already
// stays as it is.
func RaiseAlerts(ctx context.Context, tx Tx, storeID int64, list []alert.Alert) error {
	rows := make([]alertRow, len(list))
	for i, a := range list {
		rows[i] = alertRow{
			StoreID: storeID, ID: uid(a.ID), Kind: string(a.Kind), Severity: string(a.Kind.Severity()),
			Noun: a.Noun, SubjectID: uid(a.SubjectID), SubscriptionID: uid(a.SubscriptionID),
			OrderID: uid(a.OrderID), Args: doc(a.Args), At: at(a.At), Version: 1,
		}
	}
	_, err := insertOr(ctx, tx, rows, "ON CONFLICT (store_id, kind, subject_id) WHERE resolved_at IS NULL DO NOTHING")
	return doing("raise alerts", err)
}

// ResolveAlertsOfOrders closes the open alerts of orders.
func ResolveAlertsOfOrders(ctx context.Context, tx Tx, storeID int64, orderIDs []ident.ID, now time.Time) error {
	if len(orderIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE alerts SET resolved_at = ?, version = version + 1
		WHERE store_id = ? AND order_id IN (?) AND resolved_at IS NULL`, at(now), storeID, in(uids(orderIDs)))
	if err != nil {
		return fmt.Errorf("resolve alerts: %w", err)
	}
	return nil
}

// ResolveAlertsOfSubjects closes the open alerts about subjects.
func ResolveAlertsOfSubjects(ctx context.Context, tx Tx, storeID int64, subjectIDs []ident.ID, now time.Time) error {
	if len(subjectIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE alerts SET resolved_at = ?, version = version + 1
		WHERE store_id = ? AND subject_id IN (?) AND resolved_at IS NULL`, at(now), storeID, in(uids(subjectIDs)))
	if err != nil {
		return fmt.Errorf("resolve alerts: %w", err)
	}
	return nil
}

// OpenAlerts is a page of what needs attention, the newest first.
func OpenAlerts(ctx context.Context, c Conn, storeID int64, before ident.ID, limit int) ([]alert.Alert, error) {
	if before.IsZero() {
		return alerts(ctx, c, storeID, "resolved_at IS NULL ORDER BY id DESC LIMIT ?", limit)
	}
	return alerts(ctx, c, storeID, "resolved_at IS NULL AND id < ? ORDER BY id DESC LIMIT ?", uid(before), limit)
}

// Alert reads one alert.
func Alert(ctx context.Context, c Conn, storeID int64, id ident.ID) (alert.Alert, error) {
	return one(alerts(ctx, c, storeID, "id = ?", uid(id)))
}

// CountOpenAlerts counts what needs attention.
func CountOpenAlerts(ctx context.Context, c Conn, storeID int64) (int, error) {
	var n int
	err := c.Scan(ctx, &n, "SELECT count(*) FROM alerts WHERE store_id = ? AND resolved_at IS NULL", storeID)
	if err != nil {
		return 0, fmt.Errorf("count alerts: %w", err)
	}
	return n, nil
}

// Waiting counts what waits for staff.
type Waiting struct {
	Alerts        int
	Conversations int // that nobody has answered
}

// CountWaiting counts what waits for staff, in one query.
func CountWaiting(ctx context.Context, c Conn, storeID int64) (Waiting, error) {
	return one(selectInto[Waiting](ctx, c, `SELECT
		(SELECT count(*) FROM alerts WHERE store_id = ? AND resolved_at IS NULL) AS alerts,
		(SELECT count(*) FROM conversations WHERE store_id = ? AND handled_at IS NULL) AS conversations`, storeID, storeID))
}

func alerts(ctx context.Context, c Conn, storeID int64, where string, args ...any) ([]alert.Alert, error) {
	rows, err := selectInto[alertRow](ctx, c,
		"SELECT "+alertColumns+" FROM alerts WHERE store_id = ? AND "+where, append([]any{storeID}, args...)...)
	if err != nil {
		return nil, err
	}
	list := make([]alert.Alert, len(rows))
	for i, r := range rows {
		list[i] = alert.Alert{
			ID: ident.ID(r.ID), Kind: alert.Kind(r.Kind), Noun: r.Noun, SubjectID: ident.ID(r.SubjectID),
			SubscriptionID: ident.ID(r.SubscriptionID), OrderID: ident.ID(r.OrderID), Args: r.Args.V,
			At: r.At.time(), ResolvedAt: r.ResolvedAt.time(), Version: r.Version,
		}
	}
	return list, nil
}

// ResolveAlert closes one alert by a person's decision.
func ResolveAlert(ctx context.Context, tx Tx, storeID int64, id ident.ID, version int64, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE alerts SET resolved_at = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND version = ? AND resolved_at IS NULL`, at(now), storeID, uid(id), version)
	return hit(result, err, ErrStale, "resolve alert")
}

type slotRow struct {
	ID      uid
	OrderID uid
	Slot    int
}

// SlotsOf tells the slots of deliveries, by their ids, and of the deliveries that
// orders carry, by the orders' ids: of several in one order the first.
func SlotsOf(ctx context.Context, c Conn, storeID int64, deliveryIDs, orderIDs []ident.ID) (map[ident.ID]int, error) {
	slots := make(map[ident.ID]int, len(deliveryIDs)+len(orderIDs))
	read := func(column string, ids []ident.ID) error {
		if len(ids) == 0 {
			return nil
		}
		rows, err := selectInto[slotRow](ctx, c, "SELECT id, order_id, slot FROM deliveries WHERE store_id = ? AND "+column+
			" IN (?) ORDER BY slot DESC", storeID, in(uids(ids)))
		if err != nil {
			return fmt.Errorf("read slots: %w", err)
		}
		for _, r := range rows {
			slots[ident.ID(r.ID)] = r.Slot
			if column == "order_id" {
				slots[ident.ID(r.OrderID)] = r.Slot
			}
		}
		return nil
	}
	if err := read("id", deliveryIDs); err != nil {
		return nil, err
	}
	return slots, read("order_id", orderIDs)
}
