package stripesim_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// together runs n functions at once, all let go at a barrier.
func together(n int, run func(i int)) {
	barrier := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-barrier
			run(i)
		})
	}
	close(barrier)
	all.Wait()
}

func TestManyConfirmationsOfOneIntentChargeOnce(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	intent := s.intent("a", customer, method, 1000)
	together(20, func(i int) {
		_, err := s.client.ConfirmIntent(s.ctx(), fmt.Sprint("key-", i%10), intent.ID, stripe.ConfirmParams{OffSession: true})
		switch stripe.KindOf(err) {
		case "", stripe.KindInvalid, stripe.KindConflict:
		default:
			t.Error(err)
		}
	})
	if counts := s.ledger().Counts; counts.ChargesSucceeded != 1 || counts.IntentsChargedTwice != 0 {
		t.Errorf("%+v", counts)
	}
}

func TestManyTabsPayOnce(t *testing.T) {
	s := start(t)
	open := s.session("a")
	var mu sync.Mutex
	answers := map[int]int{}
	together(10, func(int) {
		status, _, _ := s.page(open.URL, typeCard("4242424242424242"))
		mu.Lock()
		answers[status]++
		mu.Unlock()
	})
	if answers[303] != 1 || answers[410] != 9 {
		t.Errorf("answers %v, want one payment", answers)
	}
	if n := s.ledger().Counts.ChargesSucceeded; n != 1 {
		t.Errorf("%d charges", n)
	}
}

func TestACardConfirmedOnceWithSaveCardRenewsByItself(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("3ds")
	first := s.intent("first", customer, method, 1000)
	_, err := s.client.ConfirmIntent(s.ctx(), "alone", first.ID, stripe.ConfirmParams{PaymentMethod: method, OffSession: true})
	wantKind(t, err, stripe.KindDeclined)
	asked := must(s.client.ConfirmIntent(s.ctx(), "together", first.ID, stripe.ConfirmParams{
		PaymentMethod: method, ReturnURL: "https://shop.example/", SaveCard: true,
	}))(t)
	s.page(asked.NextActionURL, map[string][]string{"answer": {"approve"}})
	second := s.intent("second", customer, method, 1000)
	paid := must(s.client.ConfirmIntent(s.ctx(), "renewal", second.ID, stripe.ConfirmParams{OffSession: true}))(t)
	if paid.Status != stripe.IntentSucceeded {
		t.Errorf("status %s", paid.Status)
	}
}

func TestACardExpiresWithItsMonth(t *testing.T) {
	s := start(t)
	customer, _ := s.customerWith("ok")
	s.control("/_sim/known", map[string]any{"payment_methods": []map[string]any{
		{"id": "pm_old", "customer": customer, "exp_month": 11, "exp_year": 2026},
	}})
	confirm := func(key string) error {
		intent := s.intent(key, customer, "pm_old", 1000)
		_, err := s.client.ConfirmIntent(stripe.WithRequestID(s.ctx(), "request-"+key), "confirm "+key, intent.ID, stripe.ConfirmParams{OffSession: true})
		return err
	}
	s.clock.Advance(time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC).Sub(beginning))
	if err := confirm("last second"); err != nil {
		t.Error(err)
	}
	s.clock.Advance(time.Second)
	if e := wantError(t, confirm("too late"), stripe.KindDeclined); e.Code != "expired_card" {
		t.Errorf("code %q", e.Code)
	}
	if got := s.ledger().Charges[0].RequestID; got != "request-last second" {
		t.Errorf("the shop's request id did not arrive: %q", got)
	}
}

func TestADeclineCodeAloneIsABehaviour(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("insufficient_funds")
	intent := s.intent("a", customer, method, 1000)
	_, err := s.client.ConfirmIntent(s.ctx(), "k", intent.ID, stripe.ConfirmParams{OffSession: true})
	if e := wantError(t, err, stripe.KindDeclined); e.DeclineCode != "insufficient_funds" {
		t.Errorf("code %q", e.DeclineCode)
	}
}
