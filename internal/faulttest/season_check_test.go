package faulttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// before are the boxes of good books' subscriptions when the season begins.
func (b *Books) before() map[ident.ID]int {
	boxes := map[ident.ID]int{}
	for _, s := range b.Subscriptions {
		boxes[s.ID] = firstBox
	}
	return boxes
}

func TestSeasonCheckNamesWhatDoesNotAddUp(t *testing.T) {
	b := goodBooks()
	if violations := checkSeason(b, b.before()); len(violations) > 0 {
		t.Fatalf("good books: %q", violations)
	}
	for _, tc := range []struct {
		name  string
		plant func(b *Books)
		want  string
	}{
		{"a due delivery that nobody looked at", func(b *Books) { b.Deliveries[2*soldOut].State = subscription.DeliveryPlanned }, "is still planned"},
		{"an ordered delivery without its order", func(b *Books) { b.Deliveries[0].OrderID = ident.ID{} }, "carried by an order: false"},
		{"a delivery ordered too early", func(b *Books) { b.Deliveries[0].Deadline = b.Now.Add(time.Hour) }, "before its deadline"},
		{"a box that is counted twice", func(b *Books) { b.Subscriptions[paid].BoxesOrdered++ }, "counts 3 boxes, 1 before and 1 ordered"},
		{"an intent that was made and forgotten", func(b *Books) { b.Intents["requires_confirmation"] = 1 }, "the gateway has 3 intents"},
		{"a refusal asked for twice", func(b *Books) { b.Charges = append(b.Charges, b.Charges[refused]) }, "2 times asked"},
		{"a missing card that a bank refused", func(b *Books) { b.Attempts[refused].Decline = "payment_method_missing" }, "1 times asked"},
		{"an attempt left open", func(b *Books) { b.Attempts[paid].State = payment.AttemptOpen }, "is open"},
		{"stock reserved for nobody", func(b *Books) { b.reserve(4) }, "4 reserved, orders hold 3"},
		{"a mail that was never received", func(b *Books) { b.Received = b.Received[1:] }, "was never received"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := goodBooks()
			tc.plant(&b)
			violations := checkSeason(b, b.before())
			if !slices.ContainsFunc(violations, func(v string) bool { return strings.Contains(v, tc.want) }) {
				t.Errorf("found %q, want one with %q", violations, tc.want)
			}
		})
	}
}

func TestSeasonsThatDifferInOneFigureOrOneStoryAreToldApart(t *testing.T) {
	of := func(orders int, story string) outcome {
		o := outcome{figures: map[figure]tally{}, stories: map[string]string{"T1": story}}
		o.count(calendar.Date{Year: 2026, Month: time.December, Day: 24}, orders, 1_980, "order", "renewal", "card")
		return o
	}
	one := of(1, "paid")
	if list := one.differences(of(1, "paid")); len(list) > 0 {
		t.Errorf("the same: %q", list)
	}
	for want, other := range map[string]outcome{
		"2026-12-24 order renewal card": of(2, "paid"), "T1: paid; elsewhere failing": of(1, "failing"), "elsewhere {Count:0 Sum:0}": {},
	} {
		list := strings.Join(one.differences(other), "\n")
		if !strings.Contains(list, want) {
			t.Errorf("found %q, want %q", list, want)
		}
	}
}
