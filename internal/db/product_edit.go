package db

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// HoldProduct locks a product until the transaction ends, so that nobody changes
// it between the check and UpsertProduct. ErrStale where its version is another
// than the one that was read.
func HoldProduct(ctx context.Context, tx Tx, storeID int64, id ident.ID, version int64) error {
	var current int64
	err := tx.Scan(ctx, &current, "SELECT version FROM products WHERE store_id = ? AND id = ?"+forUpdate(tx.engine),
		storeID, uid(id))
	if err != nil {
		return doing("hold product", err)
	}
	if current != version {
		return fmt.Errorf("hold product: %w", ErrStale)
	}
	return nil
}

// ProductNamesTaken reports whether another product of the store than id has the
// code, and whether another has the slug.
func ProductNamesTaken(ctx context.Context, c Conn, storeID int64, id ident.ID, code, slug string) (codeTaken, slugTaken bool, err error) {
	rows, err := selectInto[productRow](ctx, c, "SELECT code, slug FROM products WHERE store_id = ? AND id <> ? AND (code = ? OR slug = ?)",
		storeID, uid(id), code, slug)
	if err != nil {
		return false, false, doing("look for a product's names", err)
	}
	for _, row := range rows {
		codeTaken, slugTaken = codeTaken || row.Code == code, slugTaken || row.Slug == slug
	}
	return codeTaken, slugTaken, nil
}

// EndOfShelf is the position of a product that comes after all others.
func EndOfShelf(ctx context.Context, c Conn, storeID int64) (int, error) {
	var position int
	err := c.Scan(ctx, &position, "SELECT COALESCE(MAX(position), -1) + 1 FROM products WHERE store_id = ?", storeID)
	return position, doing("find the end of the shelf", err)
}
