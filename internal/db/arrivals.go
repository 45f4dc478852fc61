package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Arrival is stock that is expected on a date.
type Arrival struct {
	VariantID ident.ID
	Date      calendar.Date
	Quantity  int64
}

// Arrivals are the pieces expected until a date, the earliest first.
func Arrivals(ctx context.Context, c Conn, storeID int64, until calendar.Date) ([]Arrival, error) {
	type row struct {
		VariantID    uid
		Expected     int64
		ExpectedDate day
	}
	rows, err := selectInto[row](ctx, c, `SELECT variant_id, expected, expected_date FROM stock
		WHERE store_id = ? AND expected > 0 AND expected_date <= ? ORDER BY expected_date, variant_id`, storeID, day(until))
	if err != nil {
		return nil, fmt.Errorf("read expected stock: %w", err)
	}
	list := make([]Arrival, len(rows))
	for i, r := range rows {
		list[i] = Arrival{VariantID: ident.ID(r.VariantID), Date: calendar.Date(r.ExpectedDate), Quantity: r.Expected}
	}
	return list, nil
}

// ForgetExpected takes an expectation away that has come true; ErrStale where it
// is another one by now.
func ForgetExpected(ctx context.Context, tx Tx, storeID int64, a Arrival) error {
	result, err := tx.ExecContext(ctx, `UPDATE stock SET expected = 0, expected_date = NULL
		WHERE store_id = ? AND variant_id = ? AND expected = ? AND expected_date = ?`,
		storeID, uid(a.VariantID), a.Quantity, day(a.Date))
	return hit(result, err, ErrStale, "forget expected stock")
}

// WakeShort makes the subscriptions due at once whose boxes wait for stock of the
// variants.
func WakeShort(ctx context.Context, tx Tx, storeID int64, variantIDs []ident.ID, now time.Time) error {
	if len(variantIDs) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE subscriptions SET next_due = ?, version = version + 1
		WHERE store_id = ? AND state = 'active'
		AND EXISTS (SELECT 1 FROM subscription_items AS i WHERE i.store_id = subscriptions.store_id
			AND i.subscription_id = subscriptions.id AND i.variant_id IN (?))
		AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.store_id = subscriptions.store_id
			AND d.subscription_id = subscriptions.id AND d.state = 'blocked' AND d.cause = 'stock_out')`,
		at(now), storeID, in(uids(variantIDs)))
	if err != nil {
		return fmt.Errorf("wake subscriptions that wait for stock: %w", err)
	}
	return nil
}
