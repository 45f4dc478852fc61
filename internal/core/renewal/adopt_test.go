package renewal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// elsewhere is monthly as another cart hands it over: eleven boxes delivered, the
// next on 5 January 2027.
func elsewhere(changes ...func(*Input)) Input {
	in := monthly(append([]func(*Input){boxes(11)}, changes...)...)
	in.Deliveries = nil
	in.Subscription.LastSlot, in.Subscription.FirstEligible = 0, false
	if !in.Subscription.Anchor.IsZero() {
		in.Subscription.Anchor = calendar.On(2027, 1, 5)
	}
	return in
}

func dateless(in *Input) { in.Subscription.Anchor = calendar.Date{} }

func tellAdoption(a Adoption, err error) []string {
	var words []string
	for _, e := range fault.All(err) {
		words = append(words, e.Key)
	}
	for _, d := range a.Deliveries {
		words = append(words, fmt.Sprintf("slot %d %s(%s) for %s until %s, %d yen", d.Slot, d.State, d.Cause, d.Date, d.DeadlineDate, d.Quoted))
	}
	if !a.NextDue.IsZero() {
		words = append(words, "next due "+a.NextDue.Format(time.RFC3339))
	}
	return words
}

func TestWhatAnotherCartHandsOverGoesOnHere(t *testing.T) {
	cutover := at("2026-12-20T15:00:00Z") // 21 December, 0:00 in Tokyo
	for _, tc := range []struct {
		name    string
		in      Input
		failed  bool
		cutover time.Time
		want    []string
	}{
		{"one that runs", elsewhere(), false, cutover, []string{
			"slot 1 planned() for 2027-01-05 until 2026-12-29, 2072 yen",
			"slot 2 planned() for 2027-02-05 until 2027-01-29, 2072 yen",
			"slot 3 planned() for 2027-03-05 until 2027-02-26, 2072 yen",
			"next due 2026-12-29T15:00:00Z",
		}},
		{"one whose deadline passes as the day begins", elsewhere(), false, at("2026-12-29T15:00:00Z"), []string{
			"slot 1 skipped(cutover) for 2027-01-05 until 2026-12-29, 0 yen",
			"slot 2 planned() for 2027-02-05 until 2027-01-29, 2072 yen",
			"slot 3 planned() for 2027-03-05 until 2027-02-26, 2072 yen",
			"slot 4 planned() for 2027-04-05 until 2027-03-29, 2072 yen",
			"next due 2027-01-29T15:00:00Z",
		}},
		{"one whose card was failing", elsewhere(noCard), true, cutover, []string{
			"slot 1 blocked(card_failed) for 2027-01-05 until 2026-12-29, 2072 yen",
			"slot 2 planned() for 2027-02-05 until 2027-01-29, 2072 yen",
			"slot 3 planned() for 2027-03-05 until 2027-02-26, 2072 yen",
			"slot 4 planned() for 2027-04-05 until 2027-03-29, 2072 yen",
			"next due 2027-01-29T15:00:00Z",
		}},
		{"one whose card was failing when its deadline passed", elsewhere(noCard), true, at("2026-12-29T15:00:00Z"), []string{
			"slot 1 skipped(cutover) for 2027-01-05 until 2026-12-29, 0 yen",
			"slot 2 blocked(card_failed) for 2027-02-05 until 2027-01-29, 2072 yen",
			"slot 3 planned() for 2027-03-05 until 2027-02-26, 2072 yen",
			"slot 4 planned() for 2027-04-05 until 2027-03-29, 2072 yen",
			"slot 5 planned() for 2027-05-05 until 2027-04-28, 2072 yen",
			"next due 2027-02-26T15:00:00Z",
		}},
		{"one that is paused", elsewhere(state(subscription.StatePaused), dateless), false, cutover, nil},
		{"one that has ended", elsewhere(state(subscription.StateCancelled), dateless), false, cutover, nil},
		{"one that nothing ships to", elsewhere(func(in *Input) { in.Address.Country = "US" }), false, cutover, []string{"fault.shipping.no_zone"}},
		{"one of a store that never ships", elsewhere(closedAlways), false, cutover, []string{"fault.shipping.closed"}},
		{"one with a failing card of a store that never ships", elsewhere(noCard, closedAlways), true, cutover, []string{"fault.shipping.closed"}},
		{"one that no carrier collects so much for", elsewhere(func(in *Input) {
			in.Subscription.Pays, in.Settings.Payment.CODTiers = "cod", []shipping.CODTier{{Ceiling: 1_000, Fee: 330}}
		}), false, cutover, []string{"fault.cod.too_much"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			adopted, err := Adopt(tc.in, tc.failed, tc.cutover)
			if diff := cmp.Diff(tc.want, tellAdoption(adopted, err)); diff != "" {
				t.Error(diff)
			}
			if last := len(adopted.Deliveries); err == nil && adopted.Subscription.LastSlot != last {
				t.Errorf("last slot %d of %d", adopted.Subscription.LastSlot, last)
			}
		})
	}
}

func closedAlways(in *Input) {
	in.Settings.Delivery.Shipping.ClosedWeekdays = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
}

func TestAPausedOneWithoutADateBeginsWhereItsDeadlineIsAhead(t *testing.T) {
	in := elsewhere(state(subscription.StatePaused), dateless)
	change, err := Resume(in, true, at("2026-12-10T03:00:00Z"))
	// a week of grace: the 17th is the first day whose deadline, tonight, is ahead
	want := []string{
		"active, 11 boxes of 0, anchor 2026-12-17, last slot 3",
		"new slot 1 for 2026-12-17, 2072 yen",
		"new slot 2 for 2027-01-17, 2072 yen",
		"new slot 3 for 2027-02-17, 2072 yen",
		"next due 2026-12-10T15:00:00Z",
	}
	if diff := cmp.Diff(want, tellChange(change, err)); diff != "" {
		t.Error(diff)
	}
	for name, in := range map[string]Input{
		"fault.shipping.closed":  elsewhere(state(subscription.StatePaused), dateless, closedAlways),
		"fault.shipping.no_zone": elsewhere(state(subscription.StatePaused), dateless, func(in *Input) { in.Address.Country = "US" }),
	} {
		if change, err := Resume(in, true, at("2026-12-10T03:00:00Z")); len(fault.All(err)) != 1 || fault.All(err)[0].Key != name {
			t.Errorf("%s: %v, %v", name, change, err)
		}
	}
}

func TestAPausedOneWithoutADateIsNeverDue(t *testing.T) {
	out, err := Decide(elsewhere(state(subscription.StatePaused), dateless), at("2027-12-10T03:00:00Z"))
	if err != nil || out.Order != nil || len(out.Others)+len(out.Planned) > 0 || !out.NextDue.IsZero() {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAFailedCardBlocksUntilThereIsAnother(t *testing.T) {
	in := elsewhere(noCard)
	adopted, err := Adopt(in, true, at("2026-12-20T15:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	in.Subscription, in.Deliveries = adopted.Subscription, adopted.Deliveries
	still, err := Decide(in, at("2026-12-29T15:00:00Z"))
	if err != nil || still.Order != nil || len(still.Others) > 0 {
		t.Errorf("without a card: %+v, %v", still, err)
	}
	in.HasCard = true
	// Before its deadline it is planned as it was told; nothing is charged.
	early, err := Decide(in, at("2026-12-25T03:00:00Z"))
	wantEarly := []string{"slot 1 planned() alert()", "next due 2026-12-29T15:00:00Z"}
	if diff := cmp.Diff(wantEarly, tell(early)); diff != "" || err != nil {
		t.Errorf("with another card before its deadline: %s %v", diff, err)
	}
	paused := in
	paused.Subscription.State = subscription.StatePaused
	if out, err := Decide(paused, at("2026-12-25T03:00:00Z")); err != nil || len(out.Others) > 0 {
		t.Errorf("in a pause: %v, %v", tell(out), err)
	}
	out, err := Decide(in, at("2026-12-29T15:00:00Z"))
	if err != nil || out.Order == nil || out.Order.Delivery.Slot != 1 || out.Order.Delivery.Box != 12 {
		t.Errorf("with another card: %+v, %v", out, err)
	}
}
