package subscription

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

func TestASubscriptionGoesOnlyTheWaysItMay(t *testing.T) {
	all := []State{StateAwaitingPayment, StateActive, StatePaused, StateCancelled, StateCompleted}
	allowed := map[State][]State{
		StateAwaitingPayment: {StateActive, StateCancelled},
		StateActive:          {StatePaused, StateCancelled, StateCompleted},
		StatePaused:          {StateActive, StateCancelled},
		StateCancelled:       nil,
		StateCompleted:       nil,
	}
	for _, from := range all {
		for _, to := range all {
			want := false
			for _, s := range allowed[from] {
				want = want || s == to
			}
			s := Subscription{State: from}
			err := s.Become(to)
			if (err == nil) != want {
				t.Errorf("%s → %s: %v", from, to, err)
			}
			switch {
			case err == nil && s.State != to:
				t.Errorf("%s → %s left it %s", from, to, s.State)
			case err != nil && (s.State != from || !fault.Is(err, fault.Conflict)):
				t.Errorf("%s → %s was refused as %v and left it %s", from, to, err, s.State)
			}
		}
	}
}

func TestADeliveryGoesOnlyTheWaysItMay(t *testing.T) {
	all := []DeliveryState{
		DeliveryPlanned, DeliveryOrdered, DeliveryShipped, DeliveryDelivered,
		DeliveryHeld, DeliveryBlocked, DeliverySkipped, DeliveryCancelled,
	}
	allowed := map[DeliveryState][]DeliveryState{
		DeliveryPlanned:   {DeliveryOrdered, DeliveryHeld, DeliveryBlocked, DeliverySkipped, DeliveryCancelled},
		DeliveryHeld:      {DeliveryOrdered, DeliverySkipped, DeliveryCancelled},
		DeliveryBlocked:   {DeliveryPlanned, DeliveryOrdered, DeliverySkipped, DeliveryCancelled},
		DeliveryOrdered:   {DeliveryShipped, DeliveryCancelled},
		DeliveryShipped:   {DeliveryDelivered},
		DeliverySkipped:   {DeliveryPlanned},
		DeliveryDelivered: nil,
		DeliveryCancelled: nil,
	}
	for _, from := range all {
		for _, to := range all {
			want := false
			for _, s := range allowed[from] {
				want = want || s == to
			}
			if got := from.CanBecome(to); got != want {
				t.Errorf("%s → %s: %v", from, to, got)
			}
		}
	}
}

var terms = calendar.Terms{GraceDays: 7, TransitDays: 1, PreparationDays: 1, Zone: time.UTC}

// monthly began on 31 January 2026 and has one box ordered.
func monthly(count, visible int) Subscription {
	return Subscription{
		ID: ident.ID{15: 7}, Cycle: calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}, Anchor: calendar.On(2026, 1, 31),
		Count: count, Visible: visible, BoxesOrdered: 1, State: StateActive,
	}
}

func dates(list []Delivery) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Date.String())
	}
	return out
}

func TestUpcomingKeepsTheVisibleRangeFilled(t *testing.T) {
	tests := []struct {
		name       string
		s          Subscription
		last, open int
		want       []string
	}{
		{"three after the first box", monthly(0, 3), 1, 0, []string{"2026-02-28", "2026-03-31", "2026-04-30"}},
		{"one more where two are open", monthly(0, 3), 3, 2, []string{"2026-04-30"}},
		{"none where all are open", monthly(0, 3), 4, 3, nil},
		{"none where more are open than visible", monthly(0, 3), 9, 8, nil},
		{"a count of three leaves two", monthly(3, 6), 1, 0, []string{"2026-02-28", "2026-03-31"}},
		{"a count of three with one open leaves one", monthly(3, 6), 2, 1, []string{"2026-03-31"}},
		{"a count of one leaves none", monthly(1, 6), 1, 0, nil},
		{"skipped slots use up no box: slots 2 to 5 are behind, one box ordered", monthly(3, 6), 5, 0, []string{"2026-06-30", "2026-07-31"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := tt.s.Upcoming(tt.last, tt.open, calendar.Planned{}, terms)
			if diff := cmp.Diff(tt.want, dates(list)); diff != "" {
				t.Error(diff)
			}
			for i, d := range list {
				if d.Slot != tt.last+1+i || d.State != DeliveryPlanned || d.SubscriptionID != tt.s.ID || d.Box != 0 {
					t.Errorf("planned %+v", d)
				}
			}
		})
	}
}

func TestAPlannedDeliveryKnowsItsDays(t *testing.T) {
	d := monthly(0, 1).Upcoming(1, 0, calendar.Planned{}, terms)[0]
	want := Delivery{
		SubscriptionID: ident.ID{15: 7}, Slot: 2, State: DeliveryPlanned,
		Date: calendar.On(2026, 2, 28), ShippingDate: calendar.On(2026, 2, 27), DeadlineDate: calendar.On(2026, 2, 21),
		Deadline: time.Date(2026, 2, 22, 0, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

func TestAStoreThatNeverShipsPlansNothing(t *testing.T) {
	closed := terms
	closed.Shipping.ClosedWeekdays = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	if list := monthly(0, 3).Upcoming(1, 0, calendar.Planned{}, closed); len(list) != 0 {
		t.Errorf("planned %v", dates(list))
	}
}

func TestBoxesAreNumberedByWhatWasReallyOrdered(t *testing.T) {
	s := monthly(3, 3)
	if got := s.BoxOf(0); got != 2 {
		t.Errorf("the next box is %d", got)
	}
	if got := s.BoxOf(1); got != 3 {
		t.Errorf("the one after it is %d", got)
	}
	if s.LastBox() {
		t.Error("the second of three is the last")
	}
	s.BoxesOrdered = 2
	if !s.LastBox() {
		t.Error("the third of three is not the last")
	}
	s.Count = 0
	if s.LastBox() {
		t.Error("until cancelled, yet there is a last box")
	}
}

func TestUpcomingNeverExceedsACountNorLeavesASlotOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := monthly(rapid.IntRange(0, 12).Draw(t, "count"), rapid.IntRange(1, 12).Draw(t, "visible"))
		s.BoxesOrdered = rapid.IntRange(0, 12).Draw(t, "ordered")
		last, open := rapid.IntRange(0, 30).Draw(t, "last"), rapid.IntRange(0, 12).Draw(t, "open")
		list := s.Upcoming(last, open, calendar.Planned{}, terms)
		want := max(s.Visible-open, 0)
		if s.Count > 0 {
			want = min(want, max(s.Count-s.BoxesOrdered-open, 0))
		}
		if len(list) != want {
			t.Fatalf("%d planned, want %d", len(list), want)
		}
		for i, d := range list {
			if d.Slot != last+1+i {
				t.Fatalf("slot %d at place %d after %d", d.Slot, i, last)
			}
		}
	})
}
