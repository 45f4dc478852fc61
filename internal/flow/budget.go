package flow

import (
	"context"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/db"
)

// Budget is a gateway's limits in requests a second (Stripe: 25 an endpoint
// inside 100 in all, docs.stripe.com/rate-limits). A fifth is kept for shoppers.
type Budget struct {
	PerSecond   int64
	PerEndpoint int64
}

// Endpoints with a limit of their own.
const (
	endpointCreate  = "payment_intents"
	endpointConfirm = "payment_intents/confirm"
	endpointRead    = "payment_intents/read"
	endpointAll     = "all"
)

// shoppersShare of a budget is left alone by the engine.
const shoppersShare = 5

// draw takes up to want calls of an endpoint from the budget that all processes
// share, and returns how many may be made now.
func (f *Flow) draw(ctx context.Context, storeID int64, endpoint string, want int) (int, error) {
	if f.Budget == (Budget{}) || want == 0 {
		return want, nil
	}
	granted := int64(want)
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		granted = int64(want)
		for _, b := range []struct {
			endpoint  string
			perSecond int64
		}{{endpointAll, f.Budget.PerSecond}, {endpoint, f.Budget.PerEndpoint}} {
			n, err := db.TakeBudget(ctx, tx, account(storeID), b.endpoint, granted, b.perSecond, b.perSecond/shoppersShare, f.Wall())
			if err != nil {
				return err
			}
			granted = n
		}
		return nil
	})
	return int(granted), err
}

// account names the gateway account of a store in the budget.
func account(storeID int64) string { return "store:" + strconv.FormatInt(storeID, 10) }
