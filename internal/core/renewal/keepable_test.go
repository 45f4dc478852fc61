package renewal

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Slot 2 is planned for 5 January, shipped on the 4th, until 29 December.
func TestABoxShipsOnNoDayThatTheStoreHasClosedSince(t *testing.T) {
	january := func(day int) calendar.Date { return calendar.On(2027, 1, day) }
	for _, c := range []struct {
		name string
		in   Input
		want string // shipped → delivered
	}{
		{"the day itself", monthly(closed(january(4), january(4))), "2027-01-03 → 2027-01-05"},
		{"all days but that after the deadline", monthly(closed(calendar.On(2026, 12, 31), january(4))), "2026-12-30 → 2027-01-05"},
		{"all days since the deadline", monthly(closed(calendar.On(2026, 12, 30), january(6))), "2027-01-07 → 2027-01-08"},
		{"a way that is longer now", monthly(func(in *Input) {
			in.Settings.Delivery.Methods[0].Zones = []shipping.Zone{{Country: "JP", Fee: 650, TransitDays: 3}}
		}), "2027-01-02 → 2027-01-05"},
		{"a way that is shorter now", monthly(func(in *Input) {
			in.Settings.Delivery.Methods[0].Zones = []shipping.Zone{{Country: "JP", Fee: 650, TransitDays: 0}}
		}), "2027-01-04 → 2027-01-05"},
	} {
		out, err := Decide(c.in, at(due2))
		if err != nil || out.Order == nil {
			t.Errorf("%s: %v, %v", c.name, tell(out), err)
			continue
		}
		d := out.Order.Delivery
		if got := d.ShippingDate.String() + " → " + d.Date.String(); got != c.want || d.Slot != 2 || d.Deadline != at(due2) {
			t.Errorf("%s closed: slot %d ships %s, want %s", c.name, d.Slot, got, c.want)
		}
	}
}

// Told 2,072 yen, the customer is charged no more, whatever was raised since.
func TestABoxCostsWhatItsCustomerWasTold(t *testing.T) {
	raised := func(in *Input) { in.Settings.Delivery.Methods[0].Zones[0].Fee = 900 }
	lowered := func(in *Input) { in.Settings.Delivery.Methods[0].Zones[0].Fee = 500 }
	cash := func(in *Input) {
		in.Subscription.Pays = "cod"
		for i := range in.Deliveries {
			in.Deliveries[i].Quoted = 1422 + 650 + 330
		}
		in.Settings.Payment.CODTiers = []shipping.CODTier{{Ceiling: 10_000, Fee: 2_330}}
	}
	for _, c := range []struct {
		name  string
		in    Input
		total int64
	}{
		{"postage raised", monthly(quoted, raised), 2072},
		{"postage lowered", monthly(quoted, lowered), 1922},
		{"nothing told", monthly(raised), 2322},
		{"the fee raised beyond the postage", monthly(quoted, cash), 2402},
	} {
		out, err := Decide(c.in, at(due2))
		if err != nil || out.Order == nil {
			t.Fatalf("%s: %v, %v", c.name, tell(out), err)
		}
		if got := out.Order.Priced; got.Total != c.total || got.Goods != 1422 || got.Shipping < 0 {
			t.Errorf("%s: %d yen are charged, %d of them postage, %d fee", c.name, got.Total, got.Shipping, got.Fee)
		}
	}
}

func TestABoxAboveTheCeilingIsShownAtWhatWasTold(t *testing.T) {
	in := monthly(func(in *Input) { in.Subscription.Pays, in.Subscription.Items[0].Quantity = "cod", 7 })
	d := in.Deliveries[0]
	d.Quoted = 10_604
	priced, err := ShowDelivery(in, d, 2)
	if err != nil || priced.Total != 10_604 || priced.Fee != 0 {
		t.Errorf("%d yen, %v", priced.Total, err)
	}
	if diff := cmp.Diff([]int64{800, 1000}, []int64{priced.Tax[0].BasisPoints, priced.Tax[1].BasisPoints}); diff != "" {
		t.Error(diff)
	}
	in.Settings.Tax = tax.Rules{Inclusive: true}
	if priced, err = ShowDelivery(in, d, 2); err != nil || priced.Total != 10_604 {
		t.Errorf("without tax: %d yen, %v", priced.Total, err)
	}
}
