package db

import (
	"context"

	"github.com/uptrace/bun"

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
	var rows []struct {
		VariantID    uid
		OnHand       int64
		Reserved     int64
		Expected     int64
		ExpectedDate day
	}
	err := c.conn().NewSelect().Table("stock").
		Column("variant_id", "on_hand", "reserved", "expected", "expected_date").
		Where("store_id = ?", storeID).Where("variant_id IN (?)", bun.List(uids(variantIDs))).
		Scan(ctx, &rows)
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
