package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/stock"
)

type stockLedgerRow struct {
	bun.BaseModel `bun:"table:stock_ledger"`
	StoreID       int64
	ID            uid
	VariantID     uid
	At            instant
	Cause         string
	OnHand        int64
	Reserved      int64
	OrderID       uid
}

// StockAvailable reads what is available of variants as it is this moment.
func StockAvailable(ctx context.Context, c Conn, storeID int64, variantIDs []ident.ID) (map[ident.ID]int64, error) {
	return stockAvailable(ctx, c, storeID, variantIDs, "")
}

// LockStock locks the levels of variants, by id, and reads what is available.
func LockStock(ctx context.Context, tx Tx, storeID int64, variantIDs []ident.ID) (map[ident.ID]int64, error) {
	return stockAvailable(ctx, tx, storeID, variantIDs, forUpdate(tx.engine))
}

func stockAvailable(ctx context.Context, c Conn, storeID int64, variantIDs []ident.ID, lock string) (map[ident.ID]int64, error) {
	available := map[ident.ID]int64{}
	if len(variantIDs) == 0 {
		return available, nil
	}
	type row struct {
		VariantID uid
		Free      int64
	}
	rows, err := selectInto[row](ctx, c, `SELECT variant_id, on_hand - reserved AS free FROM stock
		WHERE store_id = ? AND variant_id IN (?) ORDER BY variant_id`+lock, storeID, in(uids(variantIDs)))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		available[ident.ID(r.VariantID)] = r.Free
	}
	return available, nil
}

// StockMove is one line of the stock ledger: changes of what is on hand and of
// what is reserved, for an order.
type StockMove struct {
	VariantID ident.ID
	OnHand    int64
	Reserved  int64
	OrderID   ident.ID
	Cause     stock.Cause
}

// MoveStock writes the ledger and changes levels, these last: all who sell the
// same goods wait for the rows from then on, so that it is best the last thing a
// transaction does. Below zero the database refuses (IsCheck).
func MoveStock(ctx context.Context, tx Tx, storeID int64, moves []StockMove, newID ident.Generator, now time.Time) error {
	// one row a variant: PostgreSQL would apply only one of several to it
	type change struct{ onHand, reserved int64 }
	sums := map[ident.ID]change{}
	rows := make([]stockLedgerRow, len(moves))
	for i, m := range moves {
		sum := sums[m.VariantID]
		sum.onHand += m.OnHand
		sum.reserved += m.Reserved
		sums[m.VariantID] = sum
		rows[i] = stockLedgerRow{
			StoreID: storeID, ID: uid(newID()), VariantID: uid(m.VariantID), At: at(now), Cause: string(m.Cause),
			OnHand: m.OnHand, Reserved: m.Reserved, OrderID: uid(m.OrderID),
		}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	var v tuples
	variants := make([]ident.ID, 0, len(sums))
	for variant, sum := range sums {
		v.add(uid(variant), sum.onHand, sum.reserved)
		variants = append(variants, variant)
	}
	if len(variants) > 1 && tx.engine == Postgres {
		// an UPDATE of several rows locks them in any order, and two might wait for each other
		if _, err := LockStock(ctx, tx, storeID, variants); err != nil {
			return err
		}
	}
	result, err := v.update(ctx, tx, "variant_id, on_hand, reserved", `UPDATE stock AS s
		SET on_hand = s.on_hand + v.on_hand, reserved = s.reserved + v.reserved
		FROM v WHERE s.store_id = ? AND s.variant_id = v.variant_id`, storeID)
	if err != nil {
		return fmt.Errorf("move stock: %w", err)
	}
	if result == nil {
		return nil
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(sums)) {
		return fmt.Errorf("move stock of %d variants, %d have any: %w", len(sums), n, errors.Join(err, ErrNotFound))
	}
	return nil
}
