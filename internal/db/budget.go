package db

import (
	"context"
	"fmt"
	"time"
)

// aheadLimit is how far the clocks of processes may differ.
const aheadLimit = 10 * time.Second

// TakeBudget draws up to want requests from a gateway account's budget for an
// endpoint, a bucket that refills at perSecond and holds one second's worth. The
// row is shared by all processes. keep is what must be left for others (the
// shoppers' share); a shopper passes a negative keep and may overdraw.
func TakeBudget(ctx context.Context, tx Tx, account, endpoint string, want, perSecond, keep int64, now time.Time) (int64, error) {
	const micro = 1_000_000
	nowMicros := now.UnixMicro()
	type row struct {
		Tokens int64
		AtUs   int64
	}
	// tokens are kept in millionths, so that a slow refill is not rounded away
	_, err := tx.ExecContext(ctx, `INSERT INTO gateway_budget (account, endpoint, tokens, at_us) VALUES (?, ?, ?, ?)
		ON CONFLICT (account, endpoint) DO NOTHING`, account, endpoint, perSecond*micro, nowMicros)
	if err != nil {
		return 0, fmt.Errorf("open gateway budget: %w", err)
	}
	rows, err := selectInto[row](ctx, tx, `SELECT tokens, at_us FROM gateway_budget WHERE account = ? AND endpoint = ?`+
		forUpdate(tx.engine), account, endpoint)
	if err != nil {
		return 0, err
	}
	bucket, err := one(rows, nil)
	if err != nil {
		return 0, err
	}
	if bucket.AtUs-nowMicros > aheadLimit.Microseconds() {
		// A clock was ahead, and is not any more or is another machine's: nobody else
		// would be granted anything until its time.
		bucket.AtUs = nowMicros
	}
	elapsed := max(nowMicros-bucket.AtUs, 0)
	tokens := min(bucket.Tokens+min(elapsed, 10*micro)*perSecond, perSecond*micro)
	granted := max(min(want, (tokens-keep*micro)/micro), 0)
	_, err = tx.ExecContext(ctx, `UPDATE gateway_budget SET tokens = ?, at_us = ? WHERE account = ? AND endpoint = ?`,
		tokens-granted*micro, max(nowMicros, bucket.AtUs), account, endpoint)
	if err != nil {
		return 0, fmt.Errorf("draw gateway budget: %w", err)
	}
	return granted, nil
}
