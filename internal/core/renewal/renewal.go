// Package renewal decides what becomes of a subscription's due boxes. The
// engine, the preview in my page and the forecast call the same function.
package renewal

import (
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
	Deliveries   []subscription.Delivery // open ones, by slot
	LastSlot     int                     // highest slot ever planned
	Variants     map[ident.ID]VariantFacts
	Address      place.Address
	HasCard      bool
	Unpaid       bool // an earlier order of the subscription is not paid
	Settings     store.Settings
	Zone         *time.Location
	Pays         pricing.Method
}

// VariantFacts are what pricing and selling need to know of a variant.
type VariantFacts struct {
	TaxClass tax.Class
	Status   catalog.Status
}

// Due is the outcome for one delivery whose deadline has passed.
type Due struct {
	Delivery subscription.Delivery // with its new state and cause
	Priced   pricing.Priced        // for an order to be made
	Want     stock.Want            // pieces to reserve
	Alert    alert.Kind            // empty: none
}

// Outcome for a subscription: at most one box to order, the others held, missed
// or blocked, and the deliveries to plan next.
type Outcome struct {
	Order   *Due
	Others  []Due
	Planned []subscription.Delivery // new, without id; Quoted is set
	// Completed says that the ordered box is the last of a fixed count.
	Completed bool
}

// Decide says what becomes of the deliveries due at now (spec §5): a paused
// subscription holds them; the oldest of an active one is ordered; any further
// ones, due after a downtime, are skipped as missed, so that never more than one
// box is charged at once. Stock is not looked at: it is allocated under lock.
func Decide(in Input, now time.Time) (Outcome, error) {
	var out Outcome
	ahead := 0
	for _, d := range in.Deliveries {
		if d.State != subscription.DeliveryPlanned {
			continue
		}
		if d.Deadline.After(now) {
			ahead++
			continue
		}
		due, err := decideDue(in, d, out.Order != nil)
		if err != nil {
			return Outcome{}, err
		}
		if due.Delivery.State == subscription.DeliveryOrdered {
			out.Order = &due
		} else {
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
		return out, nil
	}
	var err error
	out.Planned, err = planNext(in, after, ahead, now)
	return out, err
}

func decideDue(in Input, d subscription.Delivery, alreadyOrdering bool) (Due, error) {
	due := Due{Delivery: d}
	become := func(state subscription.DeliveryState, cause subscription.Cause, kind alert.Kind) (Due, error) {
		due.Delivery.State, due.Delivery.Cause, due.Alert = state, cause, kind
		return due, nil
	}
	if in.Subscription.State == subscription.StatePaused {
		return become(subscription.DeliveryHeld, subscription.CauseNone, "")
	}
	if alreadyOrdering {
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
	if in.Pays == pricing.MethodCard && !in.HasCard {
		return become(subscription.DeliveryBlocked, subscription.CauseNoCard, alert.KindNoCard)
	}
	if _, ok := zoneOf(in); !ok {
		return become(subscription.DeliveryBlocked, subscription.CauseUndelivered, alert.KindNoZone)
	}
	priced, err := PriceBox(in, in.Subscription.BoxOf(0), d.ShippingDate)
	if err != nil {
		return Due{}, err
	}
	due.Priced = priced
	due.Want = stock.Want{}
	for _, item := range in.Subscription.Items {
		due.Want[item.VariantID] += item.Quantity
	}
	return become(subscription.DeliveryOrdered, subscription.CauseNone, "")
}

// planNext keeps the visible range filled and quotes each new delivery. A slot
// whose deadline has passed already (after a long downtime) is not planned: it
// was never shown to the customer.
func planNext(in Input, after subscription.Subscription, ahead int, now time.Time) ([]subscription.Delivery, error) {
	zone, ok := zoneOf(in)
	if !ok {
		return nil, nil
	}
	terms := in.Settings.Terms(in.Zone, after.GraceDays, zone.TransitDays)
	last := firstSlotAfter(after, in.LastSlot, terms, now) - 1
	planned := after.Upcoming(last, ahead, terms)
	for i := range planned {
		priced, err := PriceBox(in, after.BoxOf(ahead+i), planned[i].ShippingDate)
		if err != nil {
			return nil, err
		}
		planned[i].Quoted = priced.Total
	}
	return planned, nil
}

// firstSlotAfter is the first slot after last that the customer can still change.
func firstSlotAfter(s subscription.Subscription, last int, terms calendar.Terms, now time.Time) int {
	slot := last + 1
	for {
		planned, ok := calendar.Plan(s.Cycle.Slot(s.Anchor, slot), terms)
		if !ok || planned.Deadline.After(now) {
			return slot
		}
		slot++
	}
}

func zoneOf(in Input) (shipping.Zone, bool) {
	method, ok := in.Settings.Delivery.Method(in.Subscription.ShippingMethod)
	if !ok {
		return shipping.Zone{}, false
	}
	return method.Zone(in.Address)
}

// PriceBox prices the n-th box of a subscription shipped on a date.
func PriceBox(in Input, box int, shipped calendar.Date) (pricing.Priced, error) {
	method, _ := in.Settings.Delivery.Method(in.Subscription.ShippingMethod)
	zone, _ := method.Zone(in.Address)
	items := make([]pricing.Item, len(in.Subscription.Items))
	for i, item := range in.Subscription.Items {
		items[i] = pricing.Item{
			VariantID: item.VariantID, Quantity: item.Quantity, Subscription: true,
			Regular: item.Regular, Agreed: item.Agreed, First: item.First,
			TaxClass: in.Variants[item.VariantID].TaxClass,
		}
	}
	return pricing.Price(pricing.Input{
		Currency: in.Subscription.Currency, Items: items, Box: box,
		FirstEligible: in.Subscription.FirstEligible, Address: in.Address, Zone: zone,
		ShippingClass: method.TaxClass, Payment: in.Pays,
		CODTiers: in.Settings.Payment.CODTiers, CODClass: in.Settings.Payment.CODTaxClass,
		Tax: in.Settings.Tax, TaxDate: shipped,
	})
}
