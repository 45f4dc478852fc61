package stripesim_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

// answers charges each card once, off-session, and counts how it went.
func (s *sim) answers(cards []stripesim.StoredCard, attempt string) map[string]int {
	s.t.Helper()
	counts := map[string]int{}
	for i, c := range cards {
		intent := must(s.client.CreateIntent(s.ctx(), attempt+"i"+strconv.Itoa(i), stripe.IntentParams{
			Amount: 1_000, Currency: "jpy", Customer: c.Customer,
		}))(s.t)
		_, err := s.client.ConfirmIntent(s.ctx(), attempt+"c"+strconv.Itoa(i), intent.ID,
			stripe.ConfirmParams{PaymentMethod: c.PaymentMethod, OffSession: true})
		var refused *stripe.Error
		switch {
		case err == nil:
			counts["paid"]++
		case !errors.As(err, &refused):
			s.t.Fatal(err)
		case refused.DeclineCode != "" && refused.Code == "card_declined":
			counts["declined: "+refused.DeclineCode]++
			counts["declined"]++
		case refused.Kind == stripe.KindInvalid:
			counts["missing"]++
		case refused.Code == "authentication_required":
			counts["3-D Secure"]++
		default:
			counts["declined: "+refused.Code]++
			counts["declined"]++
		}
	}
	return counts
}

func TestCardsThatAShopBringsAlongFailInTheirShares(t *testing.T) {
	s := start(t)
	var cards []stripesim.StoredCard
	var methods []map[string]any
	for i := range 1_000 {
		id := strconv.Itoa(i)
		cards = append(cards, stripesim.StoredCard{Customer: "cus_" + id, PaymentMethod: "pm_" + id})
		methods = append(methods, map[string]any{"id": "pm_" + id, "customer": "cus_" + id})
	}
	if err := s.server.Know(cards); err != nil {
		t.Fatal(err)
	}
	got := s.answers(cards, "first")
	for kind, share := range map[string][2]int{"declined": {40, 80}, "3-D Secure": {4, 18}, "missing": {4, 18}, "paid": {890, 950}} {
		if n := got[kind]; n < share[0] || n > share[1] {
			t.Errorf("%d of 1,000 are %s, want %d to %d", n, kind, share[0], share[1])
		}
	}
	if got["declined: insufficient_funds"] == 0 || got["declined: generic_decline"] == 0 || got["declined: expired_card"] == 0 {
		t.Errorf("declines of one kind only: %v", got)
	}
	s.control("/_sim/known", map[string]any{"payment_methods": methods, "mixed": true})
	again := s.answers(cards, "again")
	for kind, n := range got {
		if again[kind] != n {
			t.Errorf("told again, %d are %s, before %d", again[kind], kind, n)
		}
	}
	if err := s.server.Know([]stripesim.StoredCard{{Customer: "cus_1"}}); err == nil {
		t.Error("a card without an id is known")
	}
}
