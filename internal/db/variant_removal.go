package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/stock"
)

// VariantUse is what holds a variant: none of it is written in another table's
// keys, so that nothing but this stands between a variant and its removal.
type VariantUse struct {
	Running  int  // subscriptions that are neither cancelled nor completed
	Recorded bool // some order, or some subscription that is over, tells of it
}

type variantUseRow struct {
	ID       uid
	Running  int
	Recorded bool
}

// VariantUses reads what holds each of some variants; those that nothing holds
// are missing.
func VariantUses(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]VariantUse, error) {
	uses := make(map[ident.ID]VariantUse, len(ids))
	if len(ids) == 0 {
		return uses, nil
	}
	rows, err := selectInto[variantUseRow](ctx, c, `SELECT v.id,
			(SELECT count(DISTINCT s.id) FROM subscription_items AS i
				JOIN subscriptions AS s ON s.store_id = i.store_id AND s.id = i.subscription_id
				WHERE i.store_id = v.store_id AND i.variant_id = v.id AND s.state NOT IN ('cancelled', 'completed')) AS running,
			EXISTS (SELECT 1 FROM order_lines AS l WHERE l.store_id = v.store_id AND l.variant_id = v.id)
				OR EXISTS (SELECT 1 FROM subscription_items AS i WHERE i.store_id = v.store_id AND i.variant_id = v.id) AS recorded
		FROM variants AS v WHERE v.store_id = ? AND v.id IN (?)`, storeID, in(uids(ids)))
	if err != nil {
		return nil, fmt.Errorf("look for what holds variants: %w", err)
	}
	for _, r := range rows {
		if r.Running > 0 || r.Recorded {
			uses[ident.ID(r.ID)] = VariantUse{Running: r.Running, Recorded: r.Recorded}
		}
	}
	return uses, nil
}

// RemoveVariants takes variants out of a store with their prices, their stock and
// what lies of them in carts. The pieces go out of the ledger. Whether something
// holds them is the caller's to look for: VariantUses, and what is reserved.
func RemoveVariants(ctx context.Context, tx Tx, storeID int64, ids []ident.ID, newID ident.Generator, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	counts, err := StockCounts(ctx, tx, storeID, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if count, known := counts[id]; known && count.OnHand != 0 {
			row := stockLedgerRow{
				StoreID: storeID, ID: uid(newID()), VariantID: uid(id), At: at(now),
				Cause: string(stock.CauseCount), OnHand: -count.OnHand,
			}
			if err := insert(ctx, tx, []stockLedgerRow{row}); err != nil {
				return err
			}
		}
	}
	for _, from := range []struct{ table, column string }{
		{"cart_lines", "variant_id"}, {"variant_prices", "variant_id"}, {"stock", "variant_id"}, {"variants", "id"},
	} {
		query := "DELETE FROM " + from.table + " WHERE store_id = ? AND " + from.column + " IN (?)"
		_, err := tx.ExecContext(ctx, query, storeID, in(uids(ids)))
		if err != nil {
			return doing("remove variants from "+from.table, err)
		}
	}
	return nil
}

// SKUsTaken are those of some SKUs that belong to another product than id.
func SKUsTaken(ctx context.Context, c Conn, storeID int64, id ident.ID, skus []string) (map[string]bool, error) {
	taken := map[string]bool{}
	if len(skus) == 0 {
		return taken, nil
	}
	rows, err := selectInto[variantRow](ctx, c, "SELECT sku FROM variants WHERE store_id = ? AND product_id <> ? AND sku IN (?)",
		storeID, uid(id), in(skus))
	for _, row := range rows {
		taken[row.SKU] = true
	}
	return taken, doing("look for SKUs", err)
}
