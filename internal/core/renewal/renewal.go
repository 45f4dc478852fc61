// Package renewal decides what becomes of a subscription's due boxes. The
// engine, the preview in my page and the forecast call the same function.
package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Input is everything that decides about a subscription's deliveries, looked up
// beforehand.
type Input struct {
	Subscription subscription.Subscription
	Deliveries   []subscription.Delivery // planned, blocked and held ones, by slot
	Variants     map[ident.ID]VariantFacts
	Address      place.Address
	HasCard      bool
	Unpaid       bool                 // an earlier order of the subscription is not paid
	OutOfStock   bool                 // reserving the whole box was tried and failed
	Given        stock.Want           // what could be reserved instead, where the plan ships the rest
	StockOut     catalog.StockOutRule // of the product's plan now
	Settings     store.Settings
	Zone         *time.Location
	// Staff says that staff ask for a change: for them it closes StaffGraceDays
	// (変更猶予日数1) before the delivery, and what is blocked can be changed.
	Staff          bool
	StaffGraceDays int
}

// VariantFacts are what pricing and selling need to know of a variant.
type VariantFacts struct {
	ProductID ident.ID // whose units count together for a volume discount
	TaxClass  tax.Class
	Status    catalog.Status
}

// Due is the outcome for one delivery whose deadline has passed.
type Due struct {
	Delivery subscription.Delivery // with its new state and cause
	Priced   pricing.Priced        // for an order to be made
	Want     stock.Want            // pieces to reserve
	Alert    alert.Kind            // empty: none
}

// Outcome for a subscription: at most one box to order; the others held,
// blocked or missed; and the deliveries to write anew.
type Outcome struct {
	Order   *Due
	Others  []Due
	Planned []subscription.Delivery // new, without id; planned ones carry their quote
	// Requoted are planned deliveries that cost another sum now: a delivery before
	// them was left out, so each is the box before the one it would have been.
	Requoted []subscription.Delivery
	// Completed says that the ordered box is the last of a fixed count.
	Completed bool
	// NextDue is the earliest deadline still ahead; zero when none is planned.
	NextDue time.Time
	// LastSlot is the highest slot ever written.
	LastSlot int
}

// Decide says what becomes of the deliveries due at now (docs/rules.md): a paused
// subscription holds them; the oldest of an active one is ordered; any further
// ones, due after a downtime, are skipped as missed, so that never more than one
// box is charged at once. A blocked delivery is looked at again with the due
// ones; a held one waits for the subscription to be resumed. Stock is not looked
// at here: the caller reserves under lock and decides again with OutOfStock where
// that failed.
//
// Nothing is decided before the first payment, and nothing is ordered for a
// subscription that has ended: its open deliveries are cancelled.
func Decide(in Input, now time.Time) (Outcome, error) {
	out := Outcome{LastSlot: in.Subscription.LastSlot}
	if in.Subscription.State == subscription.StateAwaitingPayment {
		return out, nil
	}
	if ended(in.Subscription) {
		out.Others = cancelled(in.Deliveries, 0)
		out.Completed = in.Subscription.State == subscription.StateActive
		return out, nil
	}
	var ahead []subscription.Delivery
	waiting := 0 // held and blocked boxes, which may still be ordered
	for _, d := range in.Deliveries {
		switch {
		case d.State == subscription.DeliveryPlanned && d.Deadline.After(now):
			ahead = append(ahead, d)
			continue
		case d.State == subscription.DeliveryHeld:
			waiting++
			continue
		case d.State == subscription.DeliveryBlocked && d.Deadline.After(now) && in.mayPlan():
			d.State, d.Cause = subscription.DeliveryPlanned, subscription.CauseNone
			out.Others = append(out.Others, Due{Delivery: d})
			ahead = append(ahead, d)
			continue
		case d.State != subscription.DeliveryPlanned && d.State != subscription.DeliveryBlocked:
			continue
		}
		due, err := decideDue(in, d, out.Order != nil, now)
		if err != nil {
			return Outcome{}, err
		}
		if isWaiting(due.Delivery) {
			waiting++
		}
		if due.Delivery.State == subscription.DeliveryOrdered {
			out.Order = &due
		} else if due.Delivery.State != d.State || due.Delivery.Cause != d.Cause {
			out.Others = append(out.Others, due)
		}
	}
	after := in.Subscription
	if out.Order != nil {
		out.Order.Delivery.Box = after.BoxOf(0)
		out.Completed = after.LastBox()
		after.BoxesOrdered++
	}
	if out.Completed {
		out.Others = cancelled(in.Deliveries, out.Order.Delivery.Slot)
		return out, nil
	}
	// Waiting boxes come before those planned from now on and keep their place in
	// a fixed count: were they all ordered one day, the count must still hold.
	after.BoxesOrdered += waiting
	if err := requote(in, after, ahead, &out); err != nil {
		return Outcome{}, err
	}
	if err := planAhead(in, after, len(ahead), latest(in.Deliveries), now, &out); err != nil {
		return Outcome{}, err
	}
	out.NextDue = earliest(ahead, out.Planned)
	return out, nil
}

// mayPlan reports whether a box that was blocked before its deadline, as one whose
// card failed before moving in here, is planned as it had been: it is ordered and
// charged at its deadline, when its customer was told, and can be changed till then.
func (in Input) mayPlan() bool {
	return in.Subscription.State == subscription.StateActive &&
		(in.HasCard || in.Subscription.Pays != string(pricing.MethodCard))
}

// requote prices the deliveries ahead again where one before them was left out:
// their box numbers, and with them their discounts, are others now.
func requote(in Input, after subscription.Subscription, ahead []subscription.Delivery, out *Outcome) error {
	if !slices.ContainsFunc(out.Others, func(d Due) bool { return d.Delivery.State == subscription.DeliverySkipped }) {
		return nil
	}
	if _, ships := zoneOf(in); !ships {
		return nil
	}
	for i, d := range ahead {
		total, err := quote(in, after.BoxOf(i), d.ShippingDate)
		if err != nil {
			return err
		}
		if total != d.Quoted {
			d.Quoted = total
			out.Requoted = append(out.Requoted, d)
		}
	}
	return nil
}

// ended reports whether no further box may be ordered: by the subscription's
// state or because its fixed count is used up.
func ended(s subscription.Subscription) bool {
	return s.State == subscription.StateCancelled || s.State == subscription.StateCompleted || usedUp(s)
}

func usedUp(s subscription.Subscription) bool { return s.Count > 0 && s.BoxesOrdered >= s.Count }

func isWaiting(d subscription.Delivery) bool {
	return d.State == subscription.DeliveryHeld || d.State == subscription.DeliveryBlocked
}

// cancelled are the open deliveries but the one on a slot: no count is left.
func cancelled(deliveries []subscription.Delivery, except int) []Due {
	var list []Due
	for _, d := range deliveries {
		if d.Slot == except || (d.State != subscription.DeliveryPlanned && !isWaiting(d)) {
			continue
		}
		d.State, d.Cause = subscription.DeliveryCancelled, subscription.CauseNone
		list = append(list, Due{Delivery: d})
	}
	return list
}

func decideDue(in Input, d subscription.Delivery, ordering bool, now time.Time) (Due, error) {
	due := Due{Delivery: d}
	become := func(state subscription.DeliveryState, cause subscription.Cause, kind alert.Kind) (Due, error) {
		due.Delivery.State, due.Delivery.Cause, due.Alert = state, cause, kind
		return due, nil
	}
	if in.Subscription.State == subscription.StatePaused {
		if d.State == subscription.DeliveryBlocked {
			return due, nil
		}
		return become(subscription.DeliveryHeld, subscription.CauseNone, "")
	}
	if ordering {
		return become(subscription.DeliverySkipped, subscription.CauseMissed, alert.KindMissed)
	}
	if in.Unpaid {
		return become(subscription.DeliveryBlocked, subscription.CauseUnpaid, "")
	}
	for _, item := range in.Subscription.Items {
		facts, known := in.Variants[item.VariantID]
		if !known || facts.Status == catalog.StatusEnded {
			return become(subscription.DeliveryBlocked, subscription.CauseProductEnded, alert.KindProductEnded)
		}
	}
	if in.Subscription.Pays == string(pricing.MethodCard) && !in.HasCard {
		if d.Cause == subscription.CauseCardFailed {
			return become(subscription.DeliveryBlocked, d.Cause, alert.KindCardFailed)
		}
		return become(subscription.DeliveryBlocked, subscription.CauseNoCard, alert.KindNoCard)
	}
	zone, ok := zoneOf(in)
	if !ok {
		return become(subscription.DeliveryBlocked, subscription.CauseNoZone, alert.KindNoZone)
	}
	today := calendar.DateOf(now.In(in.Zone))
	terms := in.Settings.Terms(in.Zone, in.Subscription.GraceDays, zone.TransitDays)
	if d.ShippingDate.Before(today) {
		if d.State == subscription.DeliveryBlocked && d.Cause == subscription.CauseUnpaid {
			return become(subscription.DeliverySkipped, subscription.CauseUnpaid, "")
		}
		moved, open := MoveToEarliest(d, today, terms)
		if !open {
			return become(subscription.DeliveryBlocked, subscription.CauseNoZone, alert.KindNoZone)
		}
		due.Delivery = moved
	} else if kept, ok := keepable(d, today, terms); ok { // else nothing ships for a year
		due.Delivery = kept
	}
	kind := alert.Kind("")
	if in.OutOfStock {
		in.Subscription.Items = in.rest()
		switch {
		case in.StockOut == catalog.StockOutSkip:
			return become(subscription.DeliverySkipped, subscription.CauseStockOut, alert.KindStockSkipped)
		case len(in.Subscription.Items) == 0:
			return become(subscription.DeliveryBlocked, subscription.CauseStockOut, alert.KindStockOut)
		}
		kind = alert.KindStockRest
	}
	priced, err := PriceDelivery(in, due.Delivery, in.Subscription.BoxOf(0))
	if pricing.IsTooMuch(err) {
		due.Delivery = d
		return become(subscription.DeliveryBlocked, subscription.CauseCODLimit, alert.KindCODLimit)
	}
	if err != nil {
		return Due{}, err
	}
	due.Priced = priced
	due.Want = stock.Want{}
	for _, item := range in.Subscription.Items {
		due.Want[item.VariantID] += item.Quantity
	}
	return become(subscription.DeliveryOrdered, subscription.CauseNone, kind)
}

// rest are the items that a plan which ships what there is can ship.
func (in Input) rest() []subscription.Item {
	var items []subscription.Item
	for _, item := range in.Subscription.Items {
		if in.StockOut == catalog.StockOutRest && in.Given[item.VariantID] > 0 {
			items = append(items, item)
		}
	}
	return items
}

// MoveToEarliest gives a delivery that can no longer ship on its day the first
// date that can be kept. Its slot stays, so the calendar of those after it does
// not move (docs/rules.md: due 1 Aug, paid 15 Aug, next 1 Sep).
func MoveToEarliest(d subscription.Delivery, today calendar.Date, terms calendar.Terms) (subscription.Delivery, bool) {
	date, open := calendar.Earliest(today, terms)
	if !open {
		return d, false
	}
	d.Date = date
	d.ShippingDate = date.AddDays(-terms.TransitDays)
	return d, true
}

// planAhead keeps the visible range filled and quotes each new delivery. Slots
// whose deadline has passed before they were ever planned (a long downtime) are
// written as missed, or as held during a pause: no due delivery is silent. after
// counts the box just ordered and the waiting ones among its boxes; before is the
// latest delivery there is.
func planAhead(in Input, after subscription.Subscription, ahead int, before calendar.Planned, now time.Time, out *Outcome) error {
	if !after.Cycle.Valid() {
		return calendar.ErrMalformedCycle // its slots would never reach today
	}
	zone, ok := zoneOf(in)
	if !ok || after.Anchor.IsZero() { // without a date it waits to be resumed
		return nil
	}
	terms := in.Settings.Terms(in.Zone, after.GraceDays, zone.TransitDays)
	passed := subscription.Delivery{State: subscription.DeliverySkipped, Cause: subscription.CauseMissed}
	if after.State == subscription.StatePaused {
		passed = subscription.Delivery{State: subscription.DeliveryHeld}
	}
	for ahead == 0 && !usedUp(after) {
		planned, feasible := calendar.PlanAfter(before, after.Cycle.Slot(after.Anchor, out.LastSlot+1), terms)
		if !feasible || planned.Deadline.After(now) {
			break
		}
		out.LastSlot++
		before = planned
		missed := subscription.FromPlanned(after.ID, out.LastSlot, planned)
		missed.State, missed.Cause = passed.State, passed.Cause
		if isWaiting(missed) {
			after.BoxesOrdered++
		}
		out.Planned = append(out.Planned, missed)
	}
	for i, d := range after.Upcoming(out.LastSlot, ahead, before, terms) {
		total, err := quote(in, after.BoxOf(ahead+i), d.ShippingDate)
		if err != nil {
			return err
		}
		d.Quoted = total
		out.Planned = append(out.Planned, d)
		out.LastSlot = d.Slot
	}
	return nil
}

// latest is what those that are planned next come after: the days of the planned
// boxes, and the deadlines of all, as the days of those that are ordered or wait
// may have moved since.
func latest(list []subscription.Delivery) calendar.Planned {
	var last calendar.Planned
	for _, d := range list {
		switch d.State {
		case subscription.DeliveryPlanned:
			if d.Date.After(last.Date) {
				last.Date = d.Date
			}
			if d.ShippingDate.After(last.ShippingDate) {
				last.ShippingDate = d.ShippingDate
			}
		case subscription.DeliveryHeld, subscription.DeliveryBlocked,
			subscription.DeliveryOrdered, subscription.DeliveryShipped, subscription.DeliveryDelivered:
		case subscription.DeliverySkipped, subscription.DeliveryCancelled:
			continue
		}
		if d.Deadline.After(last.Deadline) {
			last.Deadline = d.Deadline
		}
	}
	return last
}

func earliest(lists ...[]subscription.Delivery) time.Time {
	var first time.Time
	for _, list := range lists {
		for _, d := range list {
			if d.State == subscription.DeliveryPlanned && (first.IsZero() || d.Deadline.Before(first)) {
				first = d.Deadline
			}
		}
	}
	return first
}

func zoneOf(in Input) (shipping.Zone, bool) {
	method, ok := in.Settings.Delivery.Method(in.Subscription.ShippingMethod)
	if !ok {
		return shipping.Zone{}, false
	}
	return method.Zone(in.Address)
}
