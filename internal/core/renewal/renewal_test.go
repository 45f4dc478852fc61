package renewal

import (
	"errors"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the same rules of time zones on every machine

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

var coffee = ident.ID{15: 1}

func tokyo() *time.Location {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		panic(err)
	}
	return zone
}

// at reads an instant that the test itself wrote.
func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(s)
	}
	return t
}

// settings of a Japanese store: postage 650 yen, one day on the way and one to
// prepare, deadlines at 24:00.
func settings() store.Settings {
	return store.Settings{
		Tax: tax.Japan(),
		Delivery: store.Delivery{
			PreparationDays: 1, CutOffMinutes: 1440,
			Methods: []shipping.Method{{
				Code: "takkyubin", TaxClass: tax.Standard, AllowCOD: true,
				Zones: []shipping.Zone{{Country: "JP", Fee: 650, TransitDays: 1}},
			}},
		},
		Payment: store.Payment{CODTaxClass: tax.Standard, CODTiers: []shipping.CODTier{{Ceiling: 10_000, Fee: 330}}},
	}
}

// monthly is a coffee at 1,422 yen (980 the first time) on each 5th from 5
// December 2026, grace 7 days. Box 1 is ordered; slots 2, 3 and 4 are planned:
//
//	slot 2: 5 January, deadline 29 December 24:00 = 2026-12-29T15:00Z
//	slot 3: 5 February, deadline 29 January 24:00 = 2027-01-29T15:00Z
//	slot 4: 5 March, deadline 26 February 24:00 = 2027-02-26T15:00Z
func monthly(changes ...func(*Input)) Input {
	in := Input{
		Subscription: subscription.Subscription{
			ID: ident.ID{15: 7}, State: subscription.StateActive, Currency: "JPY",
			Cycle: calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}, Anchor: calendar.On(2026, 12, 5),
			BoxesOrdered: 1, LastSlot: 1, ShippingMethod: "takkyubin", Pays: "card", FirstEligible: true,
			GraceDays: 7, Visible: 3,
			Items: []subscription.Item{{VariantID: coffee, Quantity: 1, Agreed: 1422, First: 980, Regular: 1580}},
		},
		Variants: map[ident.ID]VariantFacts{coffee: {TaxClass: tax.Reduced, Status: catalog.StatusOnSale}},
		Address:  place.Address{Country: "JP", Region: "JP-13", Postcode: "167-0042"},
		HasCard:  true, Settings: settings(), Zone: tokyo(),
	}
	in.Deliveries = in.Subscription.Upcoming(1, 0, calendar.Planned{}, in.Settings.Terms(in.Zone, 7, 1))
	in.Subscription.LastSlot = 4
	for _, change := range changes {
		change(&in)
	}
	return in
}

func state(s subscription.State) func(*Input) { return func(in *Input) { in.Subscription.State = s } }

func count(n int) func(*Input) { return func(in *Input) { in.Subscription.Count = n } }

func boxes(n int) func(*Input) { return func(in *Input) { in.Subscription.BoxesOrdered = n } }
func unpaid(in *Input)         { in.Unpaid = true }
func noStock(in *Input)        { in.OutOfStock = true }
func noCard(in *Input)         { in.HasCard = false }
func abroad(in *Input)         { in.Address = place.Address{Country: "US"} }

func productEnded(in *Input) {
	in.Variants = map[ident.ID]VariantFacts{coffee: {TaxClass: tax.Reduced, Status: catalog.StatusEnded}}
}

// became changes a delivery of the input by its slot.
func became(slot int, s subscription.DeliveryState, c subscription.Cause) func(*Input) {
	return func(in *Input) { in.Deliveries[slot-2].State, in.Deliveries[slot-2].Cause = s, c }
}

// only keeps the first deliveries of the input: the others were never planned.
func only(n int) func(*Input) {
	return func(in *Input) { in.Deliveries, in.Subscription.LastSlot = in.Deliveries[:n], n+1 }
}

// tell puts an outcome into words.
func tell(out Outcome) []string {
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if o := out.Order; o != nil {
		say("order slot %d as box %d for %s, shipped %s, %d yen", o.Delivery.Slot, o.Delivery.Box, o.Delivery.Date, o.Delivery.ShippingDate, o.Priced.Total)
	}
	for _, d := range out.Others {
		say("slot %d %s(%s) alert(%s)", d.Delivery.Slot, d.Delivery.State, d.Delivery.Cause, d.Alert)
	}
	for _, d := range out.Planned {
		say("new slot %d %s(%s) for %s, %d yen", d.Slot, d.State, d.Cause, d.Date, d.Quoted)
	}
	if out.Completed {
		say("completed")
	}
	if !out.NextDue.IsZero() {
		say("next due %s", out.NextDue.Format(time.RFC3339))
	}
	return words
}

const (
	due2, due3, due4 = "2026-12-29T15:00:00Z", "2027-01-29T15:00:00Z", "2027-02-26T15:00:00Z"

	ordered2 = "order slot 2 as box 2 for 2027-01-05, shipped 2027-01-04, 2072 yen" // 1,422 + 650
	new5     = "new slot 5 planned() for 2027-04-05, 2072 yen"
	new6     = "new slot 6 planned() for 2027-05-05, 2072 yen"
	next3    = "next due " + due3
	next4    = "next due " + due4
	next5    = "next due 2027-03-29T15:00:00Z"
)

func TestEachDueDeliveryGetsItsOutcome(t *testing.T) {
	blocked2 := became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)
	tests := []struct {
		name string
		in   Input
		now  string
		want []string
	}{
		{"nothing is due a second before the deadline", monthly(), "2026-12-29T14:59:59Z", []string{"next due " + due2}},
		{"at the deadline the box is ordered and one more planned", monthly(), due2, []string{ordered2, new5, next3}},
		{"on the shipping day it still ships that day", monthly(), "2027-01-04T14:59:00Z", []string{ordered2, new5, next3}},
		{
			"a day later it moves to the earliest date, its neighbours stay", monthly(), "2027-01-04T15:00:00Z",
			[]string{"order slot 2 as box 2 for 2027-01-07, shipped 2027-01-06, 2072 yen", new5, next3},
		},
		{
			"first and only box of an import pays the first price",
			monthly(boxes(0)), due2,
			[]string{"order slot 2 as box 1 for 2027-01-05, shipped 2027-01-04, 1630 yen", new5, next3}, // 980 + 650
		},
		{
			"cash on delivery adds its fee and needs no card",
			monthly(noCard, func(in *Input) { in.Subscription.Pays = "cod" }), due2,
			[]string{ // 1,422 + 650 + 330
				"order slot 2 as box 2 for 2027-01-05, shipped 2027-01-04, 2402 yen",
				"new slot 5 planned() for 2027-04-05, 2402 yen", next3,
			},
		},

		{"a pause holds it and plans on", monthly(state(subscription.StatePaused)), due2, []string{"slot 2 held() alert()", new5, next3}},
		{
			"a pause leaves a blocked one alone",
			monthly(state(subscription.StatePaused), blocked2), due2,
			[]string{new5, next3},
		},
		{
			"a held one waits for the subscription to be resumed",
			monthly(became(2, subscription.DeliveryHeld, "")), due2,
			[]string{new5, next3},
		},

		{"an unpaid box before it blocks it", monthly(unpaid), due2, []string{"slot 2 blocked(unpaid) alert()", new5, next3}},
		{"an ended product", monthly(productEnded), due2, []string{"slot 2 blocked(ended) alert(product_ended)", new5, next3}},
		{
			"a product that is gone",
			monthly(func(in *Input) { in.Variants = nil }), due2,
			[]string{"slot 2 blocked(ended) alert(product_ended)", new5, next3},
		},
		{"no card", monthly(noCard), due2, []string{"slot 2 blocked(no_card) alert(no_card)", new5, next3}},
		{"an address that nothing ships to", monthly(abroad), due2, []string{"slot 2 blocked(no_zone) alert(no_zone)", next3}},
		{"no stock", monthly(noStock), due2, []string{"slot 2 blocked(stock_out) alert(stock_out)", new5, next3}},
		{
			"still no stock: no second alert",
			monthly(noStock, blocked2), "2026-12-31T00:00:00Z",
			[]string{new5, next3},
		},
		{
			"another reason is told",
			monthly(noCard, blocked2), "2026-12-31T00:00:00Z",
			[]string{"slot 2 blocked(no_card) alert(no_card)", new5, next3},
		},
		{"stock has come", monthly(blocked2), "2026-12-31T00:00:00Z", []string{ordered2, new5, next3}},
		{
			"stock has come late",
			monthly(blocked2), "2027-01-10T03:00:00Z",
			[]string{"order slot 2 as box 2 for 2027-01-12, shipped 2027-01-11, 2072 yen", new5, next3},
		},
		{
			"paid in time, the blocked box is ordered",
			monthly(became(2, subscription.DeliveryBlocked, subscription.CauseUnpaid)), "2027-01-03T00:00:00Z",
			[]string{ordered2, new5, next3},
		},
		{
			"paid too late, the blocked box is skipped and the calendar kept",
			monthly(became(2, subscription.DeliveryBlocked, subscription.CauseUnpaid)), "2027-01-10T00:00:00Z",
			[]string{"slot 2 skipped(unpaid) alert()", new5, next3},
		},
		{
			"two boxes were blocked: the oldest is ordered, never both",
			monthly(blocked2, became(3, subscription.DeliveryBlocked, subscription.CauseStockOut)), "2027-01-30T00:00:00Z",
			[]string{
				"order slot 2 as box 2 for 2027-02-01, shipped 2027-01-31, 2072 yen", "slot 3 skipped(missed) alert(missed)",
				new5, new6, next4,
			},
		},

		{
			"after a downtime the oldest is ordered, the others are missed",
			monthly(), "2027-02-27T00:00:00Z",
			[]string{
				"order slot 2 as box 2 for 2027-03-01, shipped 2027-02-28, 2072 yen",
				"slot 3 skipped(missed) alert(missed)", "slot 4 skipped(missed) alert(missed)",
				new5, new6, "new slot 7 planned() for 2027-06-05, 2072 yen", next5,
			},
		},
		{
			"slots that fell due before they were planned are missed, too",
			monthly(only(1), func(in *Input) { in.Subscription.Visible = 1 }), "2027-03-29T15:00:00Z",
			[]string{
				"order slot 2 as box 2 for 2027-04-01, shipped 2027-03-31, 2072 yen",
				"new slot 3 skipped(missed) for 2027-02-05, 0 yen", "new slot 4 skipped(missed) for 2027-03-05, 0 yen",
				"new slot 5 skipped(missed) for 2027-04-05, 0 yen",
				new6, "next due 2027-04-28T15:00:00Z",
			},
		},
		{
			"or held, in a pause",
			monthly(only(1), state(subscription.StatePaused), func(in *Input) { in.Subscription.Visible = 1 }), due3,
			[]string{
				"slot 2 held() alert()", "new slot 3 held() for 2027-02-05, 0 yen",
				"new slot 4 planned() for 2027-03-05, 2072 yen", next4,
			},
		},
		{
			"a downtime in a pause holds all",
			monthly(state(subscription.StatePaused)), due3,
			[]string{"slot 2 held() alert()", "slot 3 held() alert()", new5, new6, next4},
		},

		{
			"the last box of a fixed count completes it",
			monthly(count(2), only(1)), due2,
			[]string{ordered2, "completed"},
		},
		{
			"the one before it plans no more than the count",
			monthly(count(3), only(2)), due2,
			[]string{ordered2, next3},
		},
		{
			"a blocked box keeps its place in the count",
			monthly(count(3), only(2), noStock), due2,
			[]string{"slot 2 blocked(stock_out) alert(stock_out)", next3},
		},
		{
			"a blocked last box: no further slot is planned, missed or due",
			monthly(count(3), boxes(2), only(1), noStock), "2027-06-01T00:00:00Z",
			[]string{"slot 2 blocked(stock_out) alert(stock_out)"},
		},
		{
			"a held box keeps its place, too",
			monthly(count(3), only(2), state(subscription.StatePaused)), due2,
			[]string{"slot 2 held() alert()", next3},
		},
		{
			"all boxes held: later slots are no boxes of this subscription",
			monthly(count(3), only(2), state(subscription.StatePaused)), "2027-06-01T00:00:00Z",
			[]string{"slot 2 held() alert()", "slot 3 held() alert()"},
		},
		{
			"slots held before they were planned stop at the count",
			monthly(count(4), only(1), state(subscription.StatePaused)), "2027-06-01T00:00:00Z",
			[]string{
				"slot 2 held() alert()", "new slot 3 held() for 2027-02-05, 0 yen", "new slot 4 held() for 2027-03-05, 0 yen",
			},
		},
		{
			"a missed box gives its place back",
			monthly(count(3), only(2), became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)), due3,
			[]string{
				"order slot 2 as box 2 for 2027-02-01, shipped 2027-01-31, 2072 yen", "slot 3 skipped(missed) alert(missed)",
				"new slot 4 planned() for 2027-03-05, 2072 yen", next4,
			},
		},
		{
			"more was planned than the count leaves: the rest is cancelled",
			monthly(count(2)), due2,
			[]string{ordered2, "slot 3 cancelled() alert()", "slot 4 cancelled() alert()", "completed"},
		},
		{
			"a count already used up orders nothing more",
			monthly(count(1)), due2,
			[]string{"slot 2 cancelled() alert()", "slot 3 cancelled() alert()", "slot 4 cancelled() alert()", "completed"},
		},

		{
			"only the first box still to come is quoted at the first price",
			monthly(boxes(0), only(0)), "2026-12-01T00:00:00Z",
			[]string{ // 980 + 650, then 1,422 + 650
				"new slot 2 planned() for 2027-01-05, 1630 yen", "new slot 3 planned() for 2027-02-05, 2072 yen",
				"new slot 4 planned() for 2027-03-05, 2072 yen", "next due " + due2,
			},
		},
		{
			"a blocked first box keeps the first price, those after it have none",
			monthly(boxes(0), only(1), noStock), due2,
			[]string{
				"slot 2 blocked(stock_out) alert(stock_out)", "new slot 3 planned() for 2027-02-05, 2072 yen",
				"new slot 4 planned() for 2027-03-05, 2072 yen", new5, next3,
			},
		},

		{"nothing is decided before the first payment", monthly(state(subscription.StateAwaitingPayment)), due4, nil},
		{
			"nothing is ordered after a cancellation",
			monthly(state(subscription.StateCancelled), blocked2, became(3, subscription.DeliveryHeld, "")), due4,
			[]string{"slot 2 cancelled() alert()", "slot 3 cancelled() alert()", "slot 4 cancelled() alert()"},
		},
		{
			"nor after completion",
			monthly(state(subscription.StateCompleted), only(1)), due4,
			[]string{"slot 2 cancelled() alert()"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := Decide(tt.in, at(tt.now))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tell(out)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnOrderKnowsThePiecesItNeeds(t *testing.T) {
	filter := ident.ID{15: 2}
	in := monthly(func(in *Input) {
		in.Variants[filter] = VariantFacts{TaxClass: tax.Standard, Status: catalog.StatusOnSale}
		in.Subscription.Items = append(
			in.Subscription.Items,
			subscription.Item{VariantID: filter, Quantity: 2, Agreed: 300, Regular: 330},
			subscription.Item{VariantID: coffee, Quantity: 3, Agreed: 1422, Regular: 1580},
		)
	})
	out, err := Decide(in, at(due2))
	if err != nil || out.Order == nil {
		t.Fatalf("%+v, %v", out, err)
	}
	if w := out.Order.Want; len(w) != 2 || w[coffee] != 4 || w[filter] != 2 {
		t.Errorf("wants %v", w)
	}
	if total := out.Order.Priced.Total; total != 4*1422+2*300+650 {
		t.Errorf("costs %d", total)
	}
}

func TestThePlanSaysWhatBecomesOfABoxWithoutStock(t *testing.T) {
	filter := ident.ID{15: 2}
	two := func(rule catalog.StockOutRule, given stock.Want) Input {
		return monthly(noStock, func(in *Input) {
			in.StockOut, in.Given = rule, given
			in.Variants[filter] = VariantFacts{TaxClass: tax.Standard, Status: catalog.StatusOnSale}
			in.Subscription.Items = append(in.Subscription.Items,
				subscription.Item{VariantID: filter, Quantity: 2, Agreed: 300, Regular: 330})
		})
	}
	// The new slot 5 has both: 1,422 + 600 + 650.
	const new5 = "new slot 5 planned() for 2027-04-05, 2672 yen"
	tests := []struct {
		name string
		in   Input
		want []string
	}{
		{"nothing said: it waits", two("", nil), []string{"slot 2 blocked(stock_out) alert(stock_out)", new5, next3}},
		{"wait, though some is there", two(catalog.StockOutWait, stock.Want{coffee: 1}), []string{"slot 2 blocked(stock_out) alert(stock_out)", new5, next3}},
		{"skip: no box is used", two(catalog.StockOutSkip, nil), []string{"slot 2 skipped(stock_out) alert(stock_skipped)", new5, next3}},
		{
			"the rest: what is there is priced alone", two(catalog.StockOutRest, stock.Want{coffee: 1}),
			[]string{"order slot 2 as box 2 for 2027-01-05, shipped 2027-01-04, 2072 yen", new5, next3},
		},
		{"the rest of nothing waits", two(catalog.StockOutRest, nil), []string{"slot 2 blocked(stock_out) alert(stock_out)", new5, next3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := Decide(tt.in, at(due2))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tell(out)); diff != "" {
				t.Error(diff)
			}
			if o := out.Order; o != nil && (o.Alert != alert.KindStockRest || len(o.Want) != 1 || o.Want[coffee] != 1) {
				t.Errorf("staff read %q, %v is reserved", o.Alert, o.Want)
			}
		})
	}
}

func TestWhatComesAfterASkippedBoxIsQuotedAnew(t *testing.T) {
	in := monthly(noStock, func(in *Input) {
		in.StockOut = catalog.StockOutSkip
		in.Subscription.Agreement.Count = []catalog.CountDiscount{{FromBox: 3, Discount: catalog.Discount{Amount: 422}}}
	})
	for i, quote := range []int64{2072, 1650, 1650} { // as boxes 2, 3 and 4
		in.Deliveries[i].Quoted = quote
	}
	out, err := Decide(in, at(due2))
	if err != nil {
		t.Fatal(err)
	}
	// Slot 3 is the second box now, slot 4 still has its discount.
	if len(out.Requoted) != 1 || out.Requoted[0].Slot != 3 || out.Requoted[0].Quoted != 2072 {
		t.Errorf("quoted anew: %+v", out.Requoted)
	}
	if last := out.Planned[len(out.Planned)-1]; last.Quoted != 1650 {
		t.Errorf("the new slot %d is quoted at %d", last.Slot, last.Quoted)
	}
}

func TestABoxIsPricedByWhatWasAgreed(t *testing.T) {
	in := monthly(func(in *Input) {
		in.Subscription.Items[0].Quantity = 3
		in.Subscription.Agreement = subscription.Agreement{
			Volume:   []catalog.VolumeTier{{From: 3, Discount: catalog.Discount{BasisPoints: 500}}},
			Count:    []catalog.CountDiscount{{FromBox: 4, Discount: catalog.Discount{Amount: 50}}},
			Shipping: catalog.ShippingFreeBox, FreeBox: 3,
		}
	})
	// 1,422 × 95 % = 1,350.9 → 1,350; × 3 = 4,050
	for box, want := range map[int]int64{2: 4050 + 650, 3: 4050, 4: 4000 + 650} {
		if p, err := PriceBox(in, box, calendar.On(2027, 1, 4)); err != nil || p.Total != want {
			t.Errorf("box %d costs %d, want %d (%v)", box, p.Total, want, err)
		}
	}
	// Boxes 2 to 4 together: each as the box it is, one postage, free by the third's right.
	if p, err := PriceParcel(in, 2, 3, calendar.On(2027, 1, 4)); err != nil || p.Total != 4050+4050+4000 {
		t.Errorf("three boxes cost %d (%v)", p.Total, err)
	}
}

func TestARecordThatCannotBePricedIsAnError(t *testing.T) {
	dear := monthly(func(in *Input) { in.Subscription.Items[0].Agreed = 20_000_000_000_000 })
	if out, err := Decide(dear, at(due2)); err == nil {
		t.Errorf("more than a shop can mean: %v", tell(out))
	}
	endless := monthly(func(in *Input) { in.Subscription.Cycle = calendar.Cycle{} })
	if out, err := Decide(endless, at(due4)); !errors.Is(err, calendar.ErrMalformedCycle) {
		t.Errorf("a cycle that never moves on: %v, %v", tell(out), err)
	}
}

// More than the carrier collects is the matter of one box: the others go on, and it
// is ordered once the ceiling is raised.
func TestABoxAboveTheCeilingWaitsAlone(t *testing.T) {
	in := monthly(func(in *Input) { in.Subscription.Pays, in.Subscription.Items[0].Quantity = "cod", 7 }) // 9,954 + 650 + 330
	out, err := Decide(in, at(due2))
	want := []string{
		"slot 2 blocked(cod_limit) alert(cod_limit)",
		"new slot 5 planned() for 2027-04-05, 10604 yen", next3,
	}
	if diff := cmp.Diff(want, tell(out)); diff != "" || err != nil {
		t.Errorf("%s %v", diff, err)
	}
	in.Deliveries[0] = out.Others[0].Delivery
	change, err := Skip(in, 3, at(due2))
	if err != nil || !change.NextDue.Equal(at(due2)) {
		t.Errorf("a customer cannot skip another box: %v, %v", tellChange(change, nil), err)
	}
	in.Settings.Payment.CODTiers = []shipping.CODTier{{Ceiling: 20_000, Fee: 440}}
	out, err = Decide(in, at(due2))
	if err != nil || out.Order == nil || out.Order.Delivery.Slot != 2 || out.Order.Priced.Total != 9_954+650+440 {
		t.Errorf("with a higher ceiling: %v, %v", tell(out), err)
	}
	in.Settings = settings()
	in.Subscription.Items[0].ID = coffee
	if diff := cmp.Diff([]string{"fault.cod.too_much"}, tellChange(SetQuantity(in, coffee, 7, 9, at(due2)))); diff != "" {
		t.Errorf("as large as before: %s", diff)
	}
	smaller, err := SetQuantity(in, coffee, 6, 9, at(due2)) // 8,532 + 650 + 330
	if err != nil || !smaller.NextDue.Equal(at(due2)) || smaller.Updated[0].Slot != 2 || smaller.Updated[0].Quoted != 9_512 {
		t.Fatalf("it cannot be made smaller: %v, %v", tellChange(smaller, nil), err)
	}
	out, err = Decide(afterwards(in, smaller), at(due2))
	if err != nil || out.Order == nil || out.Order.Delivery.Slot != 2 || out.Order.Priced.Total != 9_512 {
		t.Errorf("the smaller box does not go on: %v, %v", tell(out), err)
	}
	few := monthly(func(in *Input) { in.Subscription.Pays = "cod"; in.Subscription.Items[0].ID = coffee })
	if diff := cmp.Diff([]string{"fault.cod.too_much"}, tellChange(SetQuantity(few, coffee, 7, 9, at("2026-12-10T03:00:00Z")))); diff != "" {
		t.Errorf("more pieces than can be collected for: %s", diff)
	}
}

func TestALateDeliveryKeepsItsSlot(t *testing.T) {
	in := monthly()
	d := in.Deliveries[0]
	moved, ok := MoveToEarliest(d, calendar.On(2027, 1, 15), in.Settings.Terms(in.Zone, 7, 1))
	if !ok || moved.Slot != 2 || moved.Date != calendar.On(2027, 1, 17) || moved.ShippingDate != calendar.On(2027, 1, 16) || moved.Deadline != d.Deadline {
		t.Errorf("%+v, %v", moved, ok)
	}
	never := in.Settings.Terms(in.Zone, 7, 1)
	never.Shipping.ClosedWeekdays = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	if still, ok := MoveToEarliest(d, calendar.On(2027, 1, 15), never); ok || still != d {
		t.Errorf("a store that never ships: %+v, %v", still, ok)
	}
}
