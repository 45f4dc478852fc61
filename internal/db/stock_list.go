package db

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// StockLine is a variant with what is there of it.
type StockLine struct {
	StockCount
	VariantID ident.ID
	SKU       string
	Name      string // of the product, in the language asked for, else in Japanese
}

// StockList reads the stock of all variants of a store by SKU.
func StockList(ctx context.Context, c Conn, storeID int64, lang string) ([]StockLine, error) {
	type row struct {
		VariantID    uid
		SKU          string `bun:"sku"`
		Name         string
		OnHand       int64
		Reserved     int64
		Expected     int64
		ExpectedDate day
	}
	rows, err := selectInto[row](ctx, c, `SELECT v.id AS variant_id, v.sku, coalesce(t.name, ja.name, '') AS name,
		s.on_hand, s.reserved, s.expected, s.expected_date
		FROM stock AS s JOIN variants AS v ON v.store_id = s.store_id AND v.id = s.variant_id
		LEFT JOIN product_texts AS t ON t.store_id = v.store_id AND t.product_id = v.product_id AND t.lang = ?
		LEFT JOIN product_texts AS ja ON ja.store_id = v.store_id AND ja.product_id = v.product_id AND ja.lang = 'ja'
		WHERE s.store_id = ? ORDER BY v.sku`, lang, storeID)
	if err != nil {
		return nil, fmt.Errorf("list the stock: %w", err)
	}
	list := make([]StockLine, len(rows))
	for i, r := range rows {
		list[i] = StockLine{
			VariantID: ident.ID(r.VariantID), SKU: r.SKU, Name: r.Name, StockCount: StockCount{
				OnHand: r.OnHand, Reserved: r.Reserved, Expected: r.Expected, ExpectedDate: calendar.Date(r.ExpectedDate),
			},
		}
	}
	return list, nil
}
