package flow

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/db"
)

// BookArrivals puts the stock that is expected until a day on the shelf, and has
// the boxes looked at again that wait for it. It returns what came. A simulation
// calls it on the day; in real life somebody counts what was delivered.
func (f *Flow) BookArrivals(ctx context.Context, storeID int64, until calendar.Date) (arrived []db.Arrival, err error) {
	now := f.Now()
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if arrived, err = db.Arrivals(ctx, tx, storeID, until); err != nil {
			return err
		}
		moves, variants := make([]db.StockMove, len(arrived)), make([]ident.ID, len(arrived))
		for i, a := range arrived {
			if err := db.ForgetExpected(ctx, tx, storeID, a); err != nil {
				return err
			}
			moves[i] = db.StockMove{VariantID: a.VariantID, OnHand: a.Quantity, Cause: stock.CauseArrive}
			variants[i] = a.VariantID
		}
		if err := db.MoveStock(ctx, tx, storeID, moves, f.NewID, now); err != nil {
			return err
		}
		return db.WakeShort(ctx, tx, storeID, variants, now)
	})
	if err != nil {
		return nil, fmt.Errorf("book expected stock: %w", err)
	}
	return arrived, nil
}
