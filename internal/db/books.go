package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// ImportedCustomer is a customer as far as an import of books looks at one.
type ImportedCustomer struct {
	customer.Customer
	Imported bool // came by an import, not by signing up
}

// CustomersForImport reads all customers of a store, by number.
func CustomersForImport(ctx context.Context, c Conn, storeID int64) (map[string]ImportedCustomer, error) {
	var rows []customerRow
	if err := c.conn().NewSelect().Model(&rows).Where("store_id = ?", storeID).Scan(ctx); err != nil {
		return nil, doing("read all customers", err)
	}
	byNumber := make(map[string]ImportedCustomer, len(rows))
	for _, row := range rows {
		byNumber[row.Number] = ImportedCustomer{Customer: row.core(), Imported: !row.ImportedAt.time().IsZero()}
	}
	return byNumber, nil
}

// InsertImportedCustomers adds customers without login as version 1. A number or a mail that is taken is refused: IsUnique.
func InsertImportedCustomers(ctx context.Context, tx Tx, storeID int64, list []customer.Customer, now time.Time) error {
	rows := make([]customerRow, len(list))
	for i, c := range list {
		rows[i] = customerRowOf(storeID, c)
		rows[i].Version, rows[i].ImportedAt = 1, at(now)
	}
	return insert(ctx, tx, rows)
}

// InsertAddresses adds addresses as version 1.
func InsertAddresses(ctx context.Context, tx Tx, storeID int64, list []customer.Address, now time.Time) error {
	rows := make([]addressRow, len(list))
	for i, a := range list {
		rows[i] = addressRowOf(storeID, a)
		rows[i].Version, rows[i].CreatedAt = 1, at(now)
	}
	return insert(ctx, tx, rows)
}

// AllAddresses reads the addresses of all customers of a store, each customer's
// oldest first.
func AllAddresses(ctx context.Context, c Conn, storeID int64) (map[ident.ID][]customer.Address, error) {
	var rows []addressRow
	err := c.conn().NewSelect().Model(&rows).Where("store_id = ?", storeID).Order("id").Scan(ctx)
	byCustomer := map[ident.ID][]customer.Address{}
	for _, row := range rows {
		id := ident.ID(row.CustomerID)
		byCustomer[id] = append(byCustomer[id], row.core())
	}
	return byCustomer, doing("read all addresses", err)
}

// AllCards reads the stored cards of a store by their id at the gateway.
func AllCards(ctx context.Context, c Conn, storeID int64) (map[string]customer.Card, error) {
	var rows []cardRow
	err := c.conn().NewSelect().Model(&rows).Where("store_id = ?", storeID).Scan(ctx)
	byGateway := make(map[string]customer.Card, len(rows))
	for _, row := range rows {
		byGateway[row.GatewayID] = row.core()
	}
	return byGateway, doing("read all cards", err)
}

// InsertCards adds cards whose gateway ids nobody has yet.
func InsertCards(ctx context.Context, tx Tx, storeID int64, list []customer.Card, now time.Time) error {
	rows := make([]cardRow, len(list))
	for i, card := range list {
		rows[i] = cardRow{
			StoreID: storeID, ID: uid(card.ID), CustomerID: uid(card.CustomerID), GatewayID: card.GatewayID,
			Brand: card.Brand, Last4: card.Last4, ExpMonth: card.ExpMonth, ExpYear: card.ExpYear,
			Fingerprint: card.Fingerprint, CreatedAt: at(now),
		}
	}
	return insert(ctx, tx, rows)
}

// SetGatewayIDs keeps the ids at the gateway of customers that have none yet.
func SetGatewayIDs(ctx context.Context, tx Tx, storeID int64, ids map[ident.ID]string) error {
	var v tuples
	for id, gateway := range ids {
		v.add(uid(id), gateway)
	}
	_, err := v.update(ctx, tx, "id, gateway_id", `UPDATE customers AS c SET gateway_id = v.gateway_id, version = c.version + 1
		FROM v WHERE c.store_id = ? AND c.id = v.id AND c.gateway_id IS NULL`, storeID)
	if err != nil {
		return fmt.Errorf("set gateway ids of customers: %w", err)
	}
	return nil
}

// Origin is what a subscription that began elsewhere brings along.
type Origin struct {
	SubscriptionID ident.ID
	Channel        string        // how its customer signed up: web, lp, phone, fax, postcard
	PausedOn       calendar.Date // zero: never
	EndedOn        calendar.Date // the day it was cancelled on; zero: it was not
	FailedCardID   ident.ID      // the card that was refused there; zero: none
	Cutover        calendar.Date
}

type originRow struct {
	bun.BaseModel `bun:"table:subscription_origins"`

	StoreID        int64
	SubscriptionID uid
	Channel        string
	PausedOn       day
	EndedOn        day
	FailedCardID   uid
	Cutover        day
	ImportedAt     instant
}

// InsertOrigins says of subscriptions where they come from.
func InsertOrigins(ctx context.Context, tx Tx, storeID int64, list []Origin, now time.Time) error {
	rows := make([]originRow, len(list))
	for i, o := range list {
		rows[i] = originRow{
			StoreID: storeID, SubscriptionID: uid(o.SubscriptionID), Channel: o.Channel,
			PausedOn: day(o.PausedOn), EndedOn: day(o.EndedOn), FailedCardID: uid(o.FailedCardID),
			Cutover: day(o.Cutover), ImportedAt: at(now),
		}
	}
	return insert(ctx, tx, rows)
}

type numberRow struct {
	Number   string
	Imported bool
}

// SubscriptionNumbers reads which numbers a store has given out, and whether the
// subscription came by an import.
func SubscriptionNumbers(ctx context.Context, c Conn, storeID int64) (map[string]bool, error) {
	rows, err := selectInto[numberRow](ctx, c, `SELECT s.number, o.subscription_id IS NOT NULL AS imported
		FROM subscriptions AS s LEFT JOIN subscription_origins AS o ON o.store_id = s.store_id AND o.subscription_id = s.id
		WHERE s.store_id = ?`, storeID)
	if err != nil {
		return nil, err
	}
	imported := make(map[string]bool, len(rows))
	for _, r := range rows {
		imported[r.Number] = r.Imported
	}
	return imported, nil
}

// SkipNumbers makes the next number of a kind at least next, so that numbers
// which an import brought along are not given out again.
func SkipNumbers(ctx context.Context, tx Tx, storeID int64, kind string, next int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO numbers (store_id, kind, next) VALUES (?, ?, ?)
		ON CONFLICT (store_id, kind) DO UPDATE SET next = EXCLUDED.next WHERE numbers.next < EXCLUDED.next`,
		storeID, kind, next)
	if err != nil {
		return fmt.Errorf("skip numbers: %w", err)
	}
	return nil
}
