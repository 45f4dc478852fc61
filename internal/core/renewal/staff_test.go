package renewal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// byStaff asks as staff, whose own grace is so many days.
func byStaff(grace int) func(*Input) {
	return func(in *Input) { in.Staff, in.StaffGraceDays = true, grace }
}

// The deadline of slot 2, for 5 January, is the end of 29 December.
func TestStaffChangeADeliveryUntilTheirOwnDeadline(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Input
		now  string
		want string // fault, empty for none
	}{
		{"a customer after the deadline", monthly(quoted), "2026-12-30T03:00:00Z", "fault.delivery.deadline"},
		{"staff after it", monthly(quoted, byStaff(3)), "2026-12-30T03:00:00Z", ""},
		{"staff on their last day", monthly(quoted, byStaff(3)), "2027-01-02T14:59:59Z", ""},
		{"staff a second later", monthly(quoted, byStaff(3)), "2027-01-02T15:00:00Z", "fault.delivery.deadline"},
		{"staff, whose grace would end before the customer's", monthly(quoted, byStaff(20)), "2026-12-29T03:00:00Z", ""},
		{"staff, of a box that waits for stock", monthly(quoted, byStaff(3), became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)), "2027-01-20T03:00:00Z", ""},
		{"a customer, of a box that waits for stock", monthly(quoted, became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)), "2026-12-10T03:00:00Z", "fault.delivery.state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			change, err := Skip(c.in, 2, at(c.now))
			if c.want != "" {
				if diff := cmp.Diff([]string{c.want}, tellChange(change, err)); diff != "" {
					t.Error(diff)
				}
				return
			}
			if err != nil || len(change.Updated) == 0 || change.Updated[0].State != subscription.DeliverySkipped {
				t.Errorf("not skipped: %v, %v", tellChange(change, nil), err)
			}
		})
	}
}

func TestASwitchToCashOrdersWhatCouldNotBeChargedAnew(t *testing.T) {
	in := monthly(quoted, unpaid, boxes(2))
	order := ident.ID{15: 42}
	in.Deliveries[0].State, in.Deliveries[0].Box, in.Deliveries[0].OrderID = subscription.DeliveryOrdered, 2, order
	cod(&in)
	left, taken := WithoutOrders(in, []ident.ID{order})
	now := at("2026-12-30T03:00:00Z")
	change, err := PayOnDelivery(left, taken, now)
	if err != nil {
		t.Fatal(err)
	}
	first := change.Updated[0]
	if change.Subscription.Pays != "cod" || change.Subscription.BoxesOrdered != 1 || !change.NextDue.Equal(now) {
		t.Errorf("pays %s, %d boxes, due %s", change.Subscription.Pays, change.Subscription.BoxesOrdered, change.NextDue)
	}
	if first.Slot != 2 || first.State != subscription.DeliveryBlocked || first.Box != 0 || !first.OrderID.IsZero() || first.Quoted != 2072+330 {
		t.Errorf("the delivery is not ordered anew with the fee: %+v", first)
	}
	for _, d := range change.Updated[1:] {
		if d.Quoted != 2072+330 {
			t.Errorf("slot %d costs %d", d.Slot, d.Quoted)
		}
	}
	if _, err := PayOnDelivery(in, nil, now); err == nil {
		t.Error("an order that is not paid is forgotten")
	}
	again := left
	again.Subscription = change.Subscription
	if diff := cmp.Diff([]string{"fault.subscription.cod_already"}, tellChange(PayOnDelivery(again, nil, now))); diff != "" {
		t.Error(diff)
	}
	dear := left
	dear.Settings.Payment.CODTiers = []shipping.CODTier{{Ceiling: 2_401, Fee: 330}} // 2,072 + 330 is more
	if diff := cmp.Diff([]string{"fault.cod.too_much"}, tellChange(PayOnDelivery(dear, taken, now))); diff != "" {
		t.Error(diff)
	}
	foreign := left
	foreign.Settings.Profile.Address.Country = "TW"
	if diff := cmp.Diff([]string{"fault.subscription.no_cod"}, tellChange(PayOnDelivery(foreign, taken, now))); diff != "" {
		t.Errorf("nobody collects abroad: %s", diff)
	}
	closed := left
	closed.Settings.Payment.COD = false
	if diff := cmp.Diff([]string{"fault.subscription.no_cod"}, tellChange(PayOnDelivery(closed, taken, now))); diff != "" {
		t.Error(diff)
	}
}

// cod lets the store of an input take cash on delivery.
func cod(in *Input) {
	in.Settings.Payment.COD = true
	in.Settings.Profile.Address.Country = "JP"
	in.Settings.Delivery.Methods[0].AllowCOD = true
}

func TestABoxOfTheCartBeforeIsOrderedHereOrCounted(t *testing.T) {
	cutover := func(more ...func(*Input)) Input {
		return monthly(append([]func(*Input){quoted, became(2, subscription.DeliverySkipped, subscription.CauseCutover)}, more...)...)
	}
	now := at("2026-12-30T03:00:00Z")
	ours, err := TakeOver(cutover(), 2, now)
	if err != nil {
		t.Fatal(err)
	}
	d := ours.Updated[0]
	if d.State != subscription.DeliveryPlanned || d.Cause != subscription.CauseNone || d.Deadline.After(now) || !ours.NextDue.Equal(d.Deadline) {
		t.Errorf("the run does not order it at once: %v", tellChange(ours, nil))
	}
	// Of two boxes whose deadlines have passed one would be missed.
	if diff := cmp.Diff([]string{"fault.subscription.busy"}, tellChange(TakeOver(cutover(), 2, at("2027-01-29T15:00:00Z")))); diff != "" {
		t.Error(diff)
	}
	theirs, err := Elsewhere(cutover(), 2, now)
	if err != nil || theirs.Subscription.BoxesOrdered != 2 || theirs.Updated[0].Cause != subscription.CauseElsewhere {
		t.Errorf("it does not count: %v, %v", tellChange(theirs, nil), err)
	}
	last, err := Elsewhere(cutover(count(2)), 2, now)
	if err != nil || last.Subscription.State != subscription.StateCompleted || !last.NextDue.IsZero() {
		t.Errorf("the last of a fixed count does not end it: %v, %v", tellChange(last, nil), err)
	}
	for name, rule := range map[string]func(Input, int, time.Time) (Change, error){"taken over": TakeOver, "counted": Elsewhere} {
		if diff := cmp.Diff([]string{"fault.delivery.state"}, tellChange(rule(monthly(quoted), 2, now))); diff != "" {
			t.Errorf("a planned box is %s: %s", name, diff)
		}
		if diff := cmp.Diff([]string{"fault.not_found"}, tellChange(rule(cutover(), 9, now))); diff != "" {
			t.Errorf("nothing is %s: %s", name, diff)
		}
	}
}

// The skipped deliveries of slots 2 and 3 are within staff's grace, and their
// customer's deadlines have passed: taken back, both would be due at once.
func TestStaffTakeBackOneSkipAtATime(t *testing.T) {
	skipped := func(slot int) func(*Input) {
		return became(slot, subscription.DeliverySkipped, subscription.CauseCustomer)
	}
	now := at("2027-01-29T15:00:00Z")
	late := func(in *Input) { in.Deliveries[0].Date = calendar.On(2027, 2, 4) } // put off
	in := monthly(quoted, byStaff(0), late, skipped(2), skipped(3))
	change, err := Restore(in, 2, now)
	if err != nil || !change.NextDue.Equal(at(due2)) {
		t.Fatalf("the first: %v, %v", tellChange(change, nil), err)
	}
	in = afterwards(in, change)
	if diff := cmp.Diff([]string{"fault.subscription.busy"}, tellChange(Restore(in, 3, now))); diff != "" {
		t.Errorf("the second at once: %s", diff)
	}
	out, err := Decide(in, now)
	if err != nil || out.Order == nil || out.Order.Delivery.Slot != 2 || len(out.Others) != 0 {
		t.Errorf("the run makes of it: %v, %v", tell(out), err)
	}
	for _, waits := range []func(*Input){
		became(3, subscription.DeliveryBlocked, subscription.CauseStockOut), became(3, subscription.DeliveryPlanned, subscription.CauseNone),
	} {
		in := monthly(quoted, byStaff(0), late, skipped(2), waits)
		if diff := cmp.Diff([]string{"fault.subscription.busy"}, tellChange(Restore(in, 2, now))); diff != "" {
			t.Errorf("beside one that is due: %s", diff)
		}
	}
}

func TestStaffMakeABlockedBoxLargerAndCustomersOnlySmaller(t *testing.T) {
	now := at("2026-12-30T03:00:00Z")
	for _, c := range []struct {
		name     string
		in       Input
		quantity int64
		want     string // fault, empty for none
	}{
		{"staff, more", monthly(quoted, byStaff(3)), 3, ""},
		{"staff, less", monthly(quoted, byStaff(3)), 1, ""},
		{"a customer, more", monthly(quoted), 3, "fault.number.range"},
		{"a customer, less", monthly(quoted), 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)(&c.in)
			c.in.Subscription.Items[0].Quantity, c.in.Deliveries[0].Quoted = 2, 3494
			change, err := SetQuantity(c.in, c.in.Subscription.Items[0].ID, c.quantity, 3, now)
			if c.want != "" {
				if diff := cmp.Diff([]string{c.want}, tellChange(change, err)); diff != "" {
					t.Error(diff)
				}
				return
			}
			if err != nil || !change.NextDue.Equal(now) || change.Updated[0].Slot != 2 || change.Updated[0].Quoted != 1422*c.quantity+650 {
				t.Errorf("%v, %v", tellChange(change, nil), err)
			}
		})
	}
}
