package db

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/store"
)

type storeRow struct {
	bun.BaseModel `bun:"table:stores"`

	ID        int64
	Slug      string
	Currency  string
	Zone      string
	Open      bool
	Demo      bool
	Version   int64
	CreatedAt instant
}

func (r storeRow) core() store.Store {
	return store.Store{
		ID: r.ID, Slug: r.Slug, Currency: money.Currency(r.Currency), Zone: r.Zone,
		Open: r.Open, Demo: r.Demo, Version: r.Version,
	}
}

// InsertStore adds a store as version 1. Its id and slug are the caller's.
func InsertStore(ctx context.Context, tx Tx, s store.Store, now time.Time) error {
	tx.touchShop()
	row := storeRow{
		ID: s.ID, Slug: s.Slug, Currency: string(s.Currency), Zone: s.Zone,
		Open: s.Open, Demo: s.Demo, Version: 1, CreatedAt: at(now),
	}
	err := insertRow(ctx, tx, row)
	return doing("insert store", err)
}

// Store reads one store.
func Store(ctx context.Context, c Conn, id int64) (store.Store, error) {
	row, err := rowOf[storeRow](ctx, c, "WHERE id = ?", id)
	return row.core(), doing("read store", err)
}

// Stores reads all stores of the installation in the order of their ids.
func Stores(ctx context.Context, c Conn) ([]store.Store, error) {
	rows, err := rowsOf[storeRow](ctx, c, "ORDER BY id")
	if err != nil {
		return nil, doing("read stores", err)
	}
	list := make([]store.Store, len(rows))
	for i, row := range rows {
		list[i] = row.core()
	}
	return list, nil
}

// StoreByHost reads the store that answers at a host name, in whatever case.
func StoreByHost(ctx context.Context, c Conn, host string) (store.Store, error) {
	row, err := rowOf[storeRow](ctx, c, "WHERE id = (SELECT store_id FROM store_hosts WHERE host = ?) /* all stores */", strings.ToLower(host))
	return row.core(), doing("read store by host", err)
}

// SetStoreOpen opens or closes a store for shoppers. ErrStale where it is not in
// the version that the caller read.
func SetStoreOpen(ctx context.Context, tx Tx, id int64, open bool, version int64) error {
	tx.touchShop()
	result, err := tx.ExecContext(ctx, "UPDATE stores SET open = ?, version = version + 1 WHERE id = ? AND version = ?", open, id, version)
	return hit(result, err, ErrStale, "open or close store")
}

type hostRow struct {
	bun.BaseModel `bun:"table:store_hosts"`

	Host    string
	StoreID int64
}

// AddHost has a store answer at a host name (without port). A name that another
// store has is refused: IsUnique.
func AddHost(ctx context.Context, tx Tx, storeID int64, host string) error {
	tx.touchShop()
	row := hostRow{Host: strings.ToLower(host), StoreID: storeID}
	err := insertRow(ctx, tx, row)
	return doing("add host", err)
}
