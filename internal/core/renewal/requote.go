package renewal

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// noticeDays are how long before its deadline a customer is told at least that a
// delivery costs more than they were told; one that is due sooner stays at its price.
const noticeDays = 7

// Requote is what the store's terms of now, its postage, fees, tax, closed days and
// ways, make of deliveries that were planned by earlier ones.
type Requote struct {
	Updated []subscription.Delivery
	// Notice says that the customer is to be told: something costs more, or comes on
	// another day.
	Notice bool
	// Wake says that a box is blocked which the new terms may let go on: the run is to
	// look at it, before the next box is due and one of the two is missed.
	Wake bool
}

// Reconsider quotes the planned deliveries of a subscription anew, and moves those
// that the store cannot ship as planned any more. Deadlines that were shown stay,
// and so does what was agreed at sign-up: unit prices and discounts.
//
// A lower total counts at once. A higher one counts where the customer can be told,
// reachable says so, and noticeDays are left; else what was told stays, and is what
// is charged (PriceDelivery). One that is paused is quoted, and shown, when it is
// resumed.
func Reconsider(in Input, reachable bool, now time.Time) (Requote, error) {
	var out Requote
	zone, ships := zoneOf(in)
	if !ships || ended(in.Subscription) || in.Subscription.State != subscription.StateActive {
		return out, nil
	}
	terms := in.Settings.Terms(in.Zone, in.Subscription.GraceDays, zone.TransitDays)
	today := calendar.DateOf(now.In(in.Zone))
	box := 0
	var before calendar.Date
	for _, d := range in.Deliveries {
		ahead := d.Deadline.After(now)
		switch {
		case isWaiting(d) && !ahead:
			box++ // it is told what is charged already
			out.Wake = out.Wake || d.Cause == subscription.CauseCODLimit || d.Cause == subscription.CauseNoZone
			continue
		case !isPlanned(d) && !isWaiting(d):
			continue
		}
		next := d
		if ahead {
			var ok bool
			if next, ok = keepable(d, today, terms); !ok {
				return Requote{Wake: out.Wake}, nil // it never ships
			}
			for !next.Date.After(before) { // the one before it has moved onto its day
				later := next
				later.Date = next.Date.AddDays(1)
				later.ShippingDate, _ = terms.Shipping.On(later.Date, terms.TransitDays)
				next = later
			}
			total, err := quote(in, in.Subscription.BoxOf(box), next.ShippingDate)
			if err != nil {
				return Requote{}, err
			}
			dearer := total > d.Quoted
			if !dearer || (reachable && !now.AddDate(0, 0, noticeDays).After(d.Deadline)) {
				next.Quoted = total
				out.Notice = out.Notice || dearer
			}
			out.Notice = out.Notice || next.Date != d.Date
		}
		if next != d {
			out.Updated = append(out.Updated, next)
		}
		before = next.Date
		box++
	}
	return out, nil
}
