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
	_, err := insertOr(ctx, tx, []secretRow{row},
		"ON CONFLICT (store_id, name) DO UPDATE SET sealed = EXCLUDED.sealed, updated_at = EXCLUDED.updated_at")
	return doing("put secret", err)
}

// Secret reads a sealed secret, or ErrNotFound.
func Secret(ctx context.Context, c Conn, storeID int64, name string) ([]byte, error) {
	row, err := rowOf[secretRow](ctx, c, "WHERE store_id = ? AND name = ?", storeID, name)
	return row.Sealed, doing("read secret", err)
}
