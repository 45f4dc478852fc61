package simulate

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
)

// today is the business date of the original.
func (in Input) today(zone *time.Location) calendar.Date { return calendar.DateOf(in.Now.In(zone)) }

// start is where the copy's clock begins: now, or the first day where that is
// past.
func (in Input) start(zone *time.Location) time.Time {
	if in.From.Before(in.today(zone)) {
		return in.From.Start(zone)
	}
	return in.Now
}

// check refuses periods that make no sense (fault.Invalid, with the field). A
// past first day is possible as long as no order has been placed since: what has
// happened cannot happen again.
func (in Input) check(ctx context.Context, d db.Conn, zone *time.Location) error {
	if err := simulation.CheckPeriod(in.From, in.To); err != nil {
		return err
	}
	if err := in.Cards.Check(); err != nil {
		return err
	}
	if !in.From.Before(in.today(zone)) {
		return nil
	}
	last, any, err := db.LatestOrder(ctx, d, in.StoreID)
	if err != nil {
		return err
	}
	if any && !last.Before(in.From.Start(zone)) {
		return fault.Field("from", "simulation.fault.past", "Date", in.today(zone))
	}
	return nil
}
