package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

type secretRow struct {
	bun.BaseModel `bun:"table:secrets"`

	StoreID   int64
	Name      string
	Sealed    []byte
	UpdatedAt instant
}

// PutSecret keeps a secret, sealed by package seal, in place of any before it.
func PutSecret(ctx context.Context, tx Tx, storeID int64, name string, sealed []byte, now time.Time) error {
	tx.touchShop()
	row := secretRow{StoreID: storeID, Name: name, Sealed: sealed, UpdatedAt: at(now)}
	_, err := tx.NewInsert().Model(&row).
		On("CONFLICT (store_id, name) DO UPDATE").
		Set("sealed = EXCLUDED.sealed").Set("updated_at = EXCLUDED.updated_at").
		Exec(ctx)
	return doing("put secret", err)
}

// Secret reads a sealed secret, or ErrNotFound.
func Secret(ctx context.Context, c Conn, storeID int64, name string) ([]byte, error) {
	var row secretRow
	err := c.conn().NewSelect().Model(&row).
		Where("store_id = ?", storeID).Where("name = ?", name).Scan(ctx)
	return row.Sealed, doing("read secret", err)
}
