package db

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// StockCount is what SetStock wrote, with what is reserved of it now.
type StockCount struct {
	OnHand       int64
	Reserved     int64
	Expected     int64
	ExpectedDate calendar.Date // zero: none known
}

// StockCounts reads the counts of variants; those never counted are missing.
func StockCounts(ctx context.Context, c Conn, storeID int64, variantIDs []ident.ID) (map[ident.ID]StockCount, error) {
	counts := make(map[ident.ID]StockCount, len(variantIDs))
	if len(variantIDs) == 0 {
		return counts, nil
	}
	type row struct {
		VariantID    uid
		OnHand       int64
		Reserved     int64
		Expected     int64
		ExpectedDate day
	}
	rows, err := selectInto[row](ctx, c, `SELECT variant_id, on_hand, reserved, expected, expected_date FROM stock
		WHERE store_id = ? AND variant_id IN (?)`, storeID, in(uids(variantIDs)))
	if err != nil {
		return nil, doing("read stock counts", err)
	}
	for _, r := range rows {
		counts[ident.ID(r.VariantID)] = StockCount{
			OnHand: r.OnHand, Reserved: r.Reserved, Expected: r.Expected, ExpectedDate: calendar.Date(r.ExpectedDate),
		}
	}
	return counts, nil
}
