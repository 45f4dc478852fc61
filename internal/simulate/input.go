package simulate

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
)

// start is where the copy's clock begins: after all that has happened in the
// original, or at the first day where that is past.
func (in Input) start(zone *time.Location, now time.Time) time.Time {
	if in.From.Before(calendar.DateOf(now.In(zone))) {
		return in.From.Start(zone)
	}
	return now.Truncate(time.Microsecond).Add(time.Microsecond)
}

// check refuses periods that make no sense (fault.Invalid, with the field). A
// past first day is possible as long as no order has been placed since: what has
// happened cannot happen again.
func (in Input) check(ctx context.Context, d db.Conn, zone *time.Location, now time.Time) error {
	if err := simulation.CheckPeriod(in.From, in.To); err != nil {
		return err
	}
	if err := in.Cards.Check(); err != nil {
		return err
	}
	today := calendar.DateOf(now.In(zone))
	if !in.From.Before(today) {
		return nil
	}
	last, any, err := db.LatestOrder(ctx, d, in.StoreID)
	if err != nil {
		return err
	}
	if any && !last.Before(in.From.Start(zone)) {
		return fault.Field("from", "simulation.fault.past", "Date", today)
	}
	return nil
}
