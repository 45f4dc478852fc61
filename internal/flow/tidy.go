package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
)

// How long marks are kept that only matter for a while.
const (
	loginMarksKept = 24 * time.Hour
	requestsKept   = 90 * 24 * time.Hour
)

// Tidy removes sessions of browsers that are over, marks of failed logins that no
// longer slow anybody down, codes and password links that have expired, answers to
// requests that nobody repeats, and totals of nothing.
func (f *Flow) Tidy(ctx context.Context) error {
	wall := f.Wall()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return inOrder(
			func() error { return db.DeleteExpiredSessions(ctx, tx, wall) },
			func() error { return db.DeleteLoginFailures(ctx, tx, wall.Add(-loginMarksKept)) },
			func() error { return db.DeleteLoginCodes(ctx, tx, wall) },
			func() error { return db.DeletePasswordLinks(ctx, tx, wall) },
			func() error { return db.DeleteRequests(ctx, tx, f.Now().Add(-requestsKept)) },
			func() error { return db.DeleteEmptyTotals(ctx, tx) },
		)
	})
}
