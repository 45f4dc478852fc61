package app

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
	_ "time/tzdata" // deadlines must not depend on the machine's zone files

	"github.com/google/uuid"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
)

// NewID makes version 7 identifiers from the wall clock: they sort by the time
// they were made.
func NewID() ident.ID { return ident.ID(uuid.Must(uuid.NewV7())) }

// Wall is the machine's clock, for leases, sessions and rate limits.
func Wall() time.Time { return time.Now() }

// BusinessClock is the wall clock plus the demo's offset, which is a row of the
// database so that all processes agree.
type BusinessClock struct {
	offset atomic.Int64
}

// Now is the business time.
func (c *BusinessClock) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load())).Truncate(time.Microsecond)
}

// offsetPoll is how soon a process sees that another moved the clock.
const offsetPoll = time.Second

// Load reads the offset.
func (c *BusinessClock) Load(ctx context.Context, d *db.DB) error {
	offset, err := db.DemoOffset(ctx, d)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.offset.Store(int64(offset))
	return nil
}

// Follow keeps reading the offset until the context ends.
func (c *BusinessClock) Follow(ctx context.Context, d *db.DB) {
	ticker := time.NewTicker(offsetPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = c.Load(ctx, d) // a database that is away is the stages' to report
		}
	}
}

// MoveTo moves the business clock forward to an instant.
func (c *BusinessClock) MoveTo(ctx context.Context, d *db.DB, to time.Time) error {
	offset := time.Until(to)
	if offset <= time.Duration(c.offset.Load()) {
		return nil
	}
	err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return db.SetDemoOffset(ctx, tx, offset) })
	if err == nil {
		c.offset.Store(int64(offset))
	}
	return err
}
