package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/stock"
)

// ErrSKUTaken is returned for a SKU that another product of the store has.
var ErrSKUTaken = errors.New("SKU belongs to another product")

type variantRow struct {
	bun.BaseModel `bun:"table:variants"`

	StoreID      int64
	ID           uid
	ProductID    uid
	SKU          string `bun:"sku"`
	OptionValues document[[]int]
	WeightGrams  int
	Picture      string
	Position     int
	Version      int64
	SKUSearch    string `bun:"sku_search"`
}

// stockedVariantRow is a variant with what can be promised of it.
type stockedVariantRow struct {
	variantRow `bun:",extend"`

	Available int64
}

type variantPriceRow struct {
	bun.BaseModel `bun:"table:variant_prices"`

	StoreID      int64
	VariantID    uid
	Currency     money.Currency
	Regular      int64
	Subscription int64
	First        int64
	Trial        int64
}

// variantsOfProducts reads variants with prices and stock in two queries, in the
// order of the page.
func variantsOfProducts(ctx context.Context, c Conn, storeID int64, products []uid) (map[uid][]catalog.Variant, error) {
	rows, err := selectInto[stockedVariantRow](ctx, c, `SELECT v.*, COALESCE(s.on_hand - s.reserved, 0) AS available
		FROM variants AS v LEFT JOIN stock AS s ON s.store_id = v.store_id AND s.variant_id = v.id
		WHERE v.store_id = ? AND v.product_id IN (?) ORDER BY v.position, v.id`, storeID, in(products))
	if err != nil || len(rows) == 0 {
		return nil, doing("read variants", err)
	}
	ids := make([]uid, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	prices, err := rowsOf[variantPriceRow](ctx, c, "WHERE store_id = ? AND variant_id IN (?)", storeID, in(ids))
	if err != nil {
		return nil, doing("read prices", err)
	}
	pricesOf := map[uid]map[money.Currency]catalog.Price{}
	for _, row := range prices {
		if pricesOf[row.VariantID] == nil {
			pricesOf[row.VariantID] = map[money.Currency]catalog.Price{}
		}
		pricesOf[row.VariantID][row.Currency] = catalog.Price{
			Regular: row.Regular, Subscription: row.Subscription, First: row.First, Trial: row.Trial,
		}
	}
	variants := map[uid][]catalog.Variant{}
	for _, row := range rows {
		variants[row.ProductID] = append(variants[row.ProductID], catalog.Variant{
			ID: ident.ID(row.ID), ProductID: ident.ID(row.ProductID), SKU: row.SKU,
			Values: row.OptionValues.V, WeightGrams: row.WeightGrams, Picture: row.Picture,
			Position: row.Position, Prices: pricesOf[row.ID], Available: row.Available, Version: row.Version,
		})
	}
	return variants, nil
}

// upsertVariants saves the variants of p by SKU, and their prices, and returns
// them with the ids that are kept.
func upsertVariants(ctx context.Context, tx Tx, storeID int64, p catalog.Product) ([]catalog.Variant, error) {
	if len(p.Variants) == 0 {
		return nil, nil
	}
	kept := slices.Clone(p.Variants)
	var prices []variantPriceRow
	for i, v := range kept {
		row := variantRow{
			StoreID: storeID, ID: uid(v.ID), ProductID: uid(p.ID), SKU: v.SKU, OptionValues: doc(v.Values),
			WeightGrams: v.WeightGrams, Picture: v.Picture, Position: v.Position, Version: 1,
			SKUSearch: place.Fold(v.SKU),
		}
		written, err := one(insertReturning[variantRow](ctx, tx, []variantRow{row}, `ON CONFLICT (store_id, sku) DO UPDATE
			SET option_values = EXCLUDED.option_values, weight_grams = EXCLUDED.weight_grams,
				picture = EXCLUDED.picture, position = EXCLUDED.position, version = variants.version + 1
			WHERE variants.product_id = EXCLUDED.product_id RETURNING id, version`))
		if err = doing("save variant", err); errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("save variant %s: %w", v.SKU, ErrSKUTaken)
		}
		if err != nil {
			return nil, err
		}
		kept[i].ID, kept[i].ProductID, kept[i].Version = ident.ID(written.ID), p.ID, written.Version
		for _, currency := range slices.Sorted(maps.Keys(v.Prices)) {
			price := v.Prices[currency]
			prices = append(prices, variantPriceRow{
				StoreID: storeID, VariantID: written.ID, Currency: currency,
				Regular: price.Regular, Subscription: price.Subscription, First: price.First, Trial: price.Trial,
			})
		}
	}
	if len(prices) == 0 {
		return kept, nil
	}
	_, err := insertOr(ctx, tx, prices, `ON CONFLICT (store_id, variant_id, currency) DO UPDATE
		SET regular = EXCLUDED.regular, subscription = EXCLUDED.subscription, first = EXCLUDED.first, trial = EXCLUDED.trial`)
	return kept, doing("save prices", err)
}

// SetStock sets what a merchant's books hold: pieces on hand, and pieces expected
// on a date (zero: none known). The reserved ones stay; a count below them is
// refused: IsCheck. The change is written to the ledger under ledgerID.
func SetStock(ctx context.Context, tx Tx, storeID int64, variantID ident.ID, onHand, expected int64,
	expectedDate calendar.Date, ledgerID ident.ID, now time.Time,
) error {
	counted := StockCount{OnHand: onHand, Expected: expected, ExpectedDate: expectedDate}
	return setStock(ctx, tx, storeID, variantID, counted, stock.CauseImport, ledgerID, now)
}

// CountStock sets, as SetStock does, what staff counted by hand.
func CountStock(ctx context.Context, tx Tx, storeID int64, variantID ident.ID, counted StockCount, ledgerID ident.ID, now time.Time) error {
	return setStock(ctx, tx, storeID, variantID, counted, stock.CauseCount, ledgerID, now)
}

func setStock(ctx context.Context, tx Tx, storeID int64, variantID ident.ID, counted StockCount, cause stock.Cause, ledgerID ident.ID, now time.Time) error {
	// The first statement changes nothing in a row that is there: it locks it
	// and says what it held.
	var before int64
	err := tx.Scan(ctx, &before, `INSERT INTO stock (store_id, variant_id, on_hand, reserved) VALUES (?, ?, 0, 0)
		ON CONFLICT (store_id, variant_id) DO UPDATE SET on_hand = stock.on_hand
		RETURNING on_hand`, storeID, uid(variantID))
	if err != nil {
		return doing("lock stock", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE stock SET on_hand = ?, expected = ?, expected_date = ?
		WHERE store_id = ? AND variant_id = ?`,
		counted.OnHand, counted.Expected, day(counted.ExpectedDate), storeID, uid(variantID))
	if err != nil {
		return doing("set stock", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO stock_ledger (store_id, id, variant_id, at, cause, on_hand, reserved)
		VALUES (?, ?, ?, ?, ?, ?, 0)`,
		storeID, uid(ledgerID), uid(variantID), at(now), cause, counted.OnHand-before)
	return doing("write stock ledger", err)
}
