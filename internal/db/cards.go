package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

type cardRow struct {
	bun.BaseModel `bun:"table:cards"`

	StoreID     int64
	ID          uid
	CustomerID  uid
	GatewayID   string
	Brand       string
	Last4       string
	ExpMonth    int
	ExpYear     int
	Fingerprint string
	CreatedAt   instant
}

func (r cardRow) core() customer.Card {
	return customer.Card{
		ID: ident.ID(r.ID), CustomerID: ident.ID(r.CustomerID), GatewayID: r.GatewayID,
		Brand: r.Brand, Last4: r.Last4, ExpMonth: r.ExpMonth, ExpYear: r.ExpYear, Fingerprint: r.Fingerprint,
	}
}

// UpsertCard keeps a card by its gateway id and returns it as kept, with the id
// it has had from the first time on. A gateway id that another customer has is
// ErrNotFound: the gateway gives a stored card to one customer only.
func UpsertCard(ctx context.Context, tx Tx, storeID int64, card customer.Card, now time.Time) (customer.Card, error) {
	row := cardRow{
		StoreID: storeID, ID: uid(card.ID), CustomerID: uid(card.CustomerID), GatewayID: card.GatewayID,
		Brand: card.Brand, Last4: card.Last4, ExpMonth: card.ExpMonth, ExpYear: card.ExpYear,
		Fingerprint: card.Fingerprint, CreatedAt: at(now),
	}
	kept, err := one(insertReturning[refRow](ctx, tx, []cardRow{row}, `ON CONFLICT (store_id, gateway_id) DO UPDATE
		SET brand = EXCLUDED.brand, last4 = EXCLUDED.last4, exp_month = EXCLUDED.exp_month,
			exp_year = EXCLUDED.exp_year, fingerprint = EXCLUDED.fingerprint
		WHERE cards.customer_id = EXCLUDED.customer_id RETURNING id`))
	row.ID = kept.ID
	return row.core(), doing("keep card", err)
}

// CardsOf reads a customer's cards, the newest first.
func CardsOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) ([]customer.Card, error) {
	rows, err := rowsOf[cardRow](ctx, c, "WHERE store_id = ? AND customer_id = ? ORDER BY id DESC", storeID, uid(customerID))
	list := make([]customer.Card, len(rows))
	for i, row := range rows {
		list[i] = row.core()
	}
	return list, doing("read cards of customer", err)
}

// CardsByIDs reads a set of cards; those not there are missing from it.
func CardsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]customer.Card, error) {
	set := make(map[ident.ID]customer.Card, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[cardRow](ctx, c, "WHERE store_id = ? AND id IN (?)", storeID, in(uids(ids)))
	for _, row := range rows {
		set[ident.ID(row.ID)] = row.core()
	}
	return set, doing("read cards", err)
}
