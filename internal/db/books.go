package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// ImportedCustomer is a customer as far as an import of books looks at one.
type ImportedCustomer struct {
	customer.Customer
	Imported bool // came by an import, not by signing up
}

// CustomersForImport reads all customers of a store, by number.
func CustomersForImport(ctx context.Context, c Conn, storeID int64) (map[string]ImportedCustomer, error) {
	rows, err := rowsOf[customerRow](ctx, c, "WHERE store_id = ?", storeID)
	if err != nil {
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
	rows, err := rowsOf[addressRow](ctx, c, "WHERE store_id = ? ORDER BY id", storeID)
	byCustomer := map[ident.ID][]customer.Address{}
	for _, row := range rows {
		id := ident.ID(row.CustomerID)
		byCustomer[id] = append(byCustomer[id], row.core())
	}
	return byCustomer, doing("read all addresses", err)
}

// AllCards reads the stored cards of a store by their id at the gateway.
func AllCards(ctx context.Context, c Conn, storeID int64) (map[string]customer.Card, error) {
	rows, err := rowsOf[cardRow](ctx, c, "WHERE store_id = ?", storeID)
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

// AgreedSubscription is a subscription with the day its customer signed up.
type AgreedSubscription struct {
	subscription.Subscription
	AppliedAt time.Time
}

// SubscriptionsAfter reads a store's subscriptions in the order of their numbers,
// from the one after a number on.
func SubscriptionsAfter(ctx context.Context, c Conn, storeID int64, after string, limit int) ([]AgreedSubscription, error) {
	rows, err := selectInto[subscriptionRow](ctx, c, "SELECT "+subscriptionColumns+
		" FROM subscriptions WHERE store_id = ? AND number > ? ORDER BY number LIMIT ?", storeID, after, limit)
	if err != nil {
		return nil, err
	}
	list, err := withItems(ctx, c, storeID, rows)
	if err != nil {
		return nil, err
	}
	agreed := make([]AgreedSubscription, len(list))
	for i, s := range list {
		agreed[i] = AgreedSubscription{Subscription: s, AppliedAt: rows[i].CreatedAt.time()}
	}
	return agreed, nil
}

// Origins reads where subscriptions come from; those that began here are missing.
func Origins(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]Origin, error) {
	set := make(map[ident.ID]Origin, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[originRow](ctx, c, "WHERE store_id = ? AND subscription_id IN (?)", storeID, in(uids(ids)))
	for _, r := range rows {
		id := ident.ID(r.SubscriptionID)
		set[id] = Origin{
			SubscriptionID: id, Channel: r.Channel, PausedOn: calendar.Date(r.PausedOn), EndedOn: calendar.Date(r.EndedOn),
			FailedCardID: ident.ID(r.FailedCardID), Cutover: calendar.Date(r.Cutover),
		}
	}
	return set, doing("read origins of subscriptions", err)
}

// AddressesOfCustomers reads the addresses of customers, each one's oldest first.
func AddressesOfCustomers(ctx context.Context, c Conn, storeID int64, customerIDs []ident.ID) (map[ident.ID][]customer.Address, error) {
	byCustomer := map[ident.ID][]customer.Address{}
	if len(customerIDs) == 0 {
		return byCustomer, nil
	}
	rows, err := rowsOf[addressRow](ctx, c, "WHERE store_id = ? AND customer_id IN (?) ORDER BY customer_id, id", storeID, in(uids(customerIDs)))
	for _, row := range rows {
		id := ident.ID(row.CustomerID)
		byCustomer[id] = append(byCustomer[id], row.core())
	}
	return byCustomer, doing("read addresses of customers", err)
}

type lastDoneRow struct {
	NounID uid
	At     instant
}

// LastDone reads when a verb was last done to each of the nouns; those to which it
// never was are missing.
func LastDone(ctx context.Context, c Conn, storeID int64, verb string, nounIDs []ident.ID) (map[ident.ID]time.Time, error) {
	last := map[ident.ID]time.Time{}
	if len(nounIDs) == 0 {
		return last, nil
	}
	rows, err := selectInto[lastDoneRow](ctx, c, `SELECT noun_id, MAX(at) AS at FROM audit
		WHERE store_id = ? AND noun_id IN (?) AND verb = ? GROUP BY noun_id`, storeID, in(uids(nounIDs)), verb)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		last[ident.ID(r.NounID)] = r.At.time()
	}
	return last, nil
}
