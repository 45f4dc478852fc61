package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// The calls of a renewal.
const (
	createIntent  = "POST /v1/payment_intents"
	confirmIntent = "POST /v1/payment_intents/*/confirm"
	readIntent    = "GET /v1/payment_intents/*"
	listIntents   = "GET /v1/payment_intents"
)

// renewal is the shopper's second order with its payment.
func renewal(t *testing.T, w *thread.World, s *thread.Shopper) (order.Order, payment.Payment) {
	t.Helper()
	orders := s.Orders(t)
	if len(orders) != 2 {
		t.Fatalf("%d orders, want 2", len(orders))
	}
	open, err := w.Flow.OpenOrder(t.Context(), thread.StoreID, orders[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	return open.Order, open.Payment
}

// chargesOf are the charges of a shopper that took money.
func chargesOf(t *testing.T, w *thread.World, s *thread.Shopper) int {
	t.Helper()
	n := 0
	for _, c := range w.Ledger(t).Succeeded() {
		if c.Customer == s.Customer.GatewayID {
			n++
		}
	}
	return n
}

func TestWhateverFailsAtTheGatewayEveryRenewalIsChargedOnce(t *testing.T) {
	type strike struct{ endpoint, when, kind string }
	var troubles [][]strike
	for _, kind := range []string{"500", "hang", "reset"} {
		for _, when := range []string{"before", "after"} {
			troubles = append(troubles,
				[]strike{{createIntent, when, kind}},
				[]strike{{confirmIntent, when, kind}},
				// the answer to the confirmation is lost, then reading the intent fails too
				[]strike{{confirmIntent, "after", "reset"}, {readIntent, when, kind}},
				[]strike{{createIntent, "after", "500"}, {listIntents, when, kind}},
				[]strike{{createIntent, when, kind}, {confirmIntent, when, kind}},
			)
		}
	}
	for _, kind := range []string{"429", "409"} {
		troubles = append(troubles, []strike{{createIntent, "before", kind}}, []strike{{confirmIntent, "before", kind}},
			[]strike{{confirmIntent, "after", "reset"}, {readIntent, "before", kind}})
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1_000)
		members := w.Members(t, len(troubles))
		for i, trouble := range troubles {
			for _, s := range trouble {
				members[i].Fault(t, s.endpoint, s.when, s.kind, 2)
			}
		}
		start := members[0].Deadline(t)
		w.AdvanceTo(t, start)
		w.AdvanceTo(t, start.Add(2*time.Hour))
		for i, trouble := range troubles {
			o, p := renewal(t, w, members[i])
			if o.Payment != order.PaymentPaid || p.State != payment.StatePaid {
				t.Errorf("%v: the order is %s, the payment %s", trouble, o.Payment, p.State)
			}
			if n := chargesOf(t, w, members[i]); n != 1 {
				t.Errorf("%v: %d charges", trouble, n)
			}
		}
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); n != 0 || err != nil {
			t.Errorf("%d alerts are left, %v", n, err)
		}
		w.Sound(t)
	})
}

func TestAnUnclearPaymentIsTakenForNothingAndStaffLearnOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		hana.Fault(t, confirmIntent, "after", "reset", 1)
		hana.Fault(t, readIntent, "before", "reset", 0)
		start := hana.Deadline(t)
		w.AdvanceTo(t, start)
		if o, p := renewal(t, w, hana); o.Payment != order.PaymentUnknown || p.State != payment.StateUnknown {
			t.Errorf("the order is %s, the payment %s", o.Payment, p.State)
		}
		w.AdvanceTo(t, start.Add(time.Hour))
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); n != 1 || err != nil {
			t.Errorf("%d alerts, want 1 (%v)", n, err)
		}
		w.Heal(t)
		w.AdvanceTo(t, start.Add(3*time.Hour))
		if o, _ := renewal(t, w, hana); o.Payment != order.PaymentPaid {
			t.Errorf("the order is %s", o.Payment)
		}
		w.Sound(t)
	})
}

func TestAKeyThatTheGatewayForgotIsNeverSentAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		created, never := w.Members(t, 2), 0
		created[0].Fault(t, createIntent, "after", "reset", 1)
		created[1].Fault(t, createIntent, "before", "reset", 1)
		w.AdvanceTo(t, created[0].Deadline(t))
		w.Fault(t, "", "before", "reset", never) // the gateway is away for more than a day
		w.Pass(t, 25*time.Hour)
		w.Heal(t)
		for range 4 {
			w.Pass(t, time.Hour)
		}
		for _, s := range created {
			if o, _ := renewal(t, w, s); o.Payment != order.PaymentPaid {
				t.Errorf("the order is %s", o.Payment)
			}
			if n := chargesOf(t, w, s); n != 1 {
				t.Errorf("%d charges", n)
			}
		}
		if n := intentsOf(t, w, created[0]); n != 1 {
			t.Errorf("%d intents for a creation whose answer was lost", n)
		}
		w.Sound(t)
	})
}

// intentsOf counts the intents that the gateway made for a shopper: one message
// tells of each that was charged or declined.
func intentsOf(t *testing.T, w *thread.World, s *thread.Shopper) int {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range w.Ledger(t).Charges {
		if c.Customer == s.Customer.GatewayID {
			seen[c.Intent] = true
		}
	}
	return len(seen)
}

// crash runs the charge stage in a process that dies while it waits for the
// gateway: its context ends and nothing more is written.
func crash(t *testing.T, w *thread.World) {
	t.Helper()
	f, _ := w.Process()
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	if _, err := f.Charge(ctx, 10); err == nil {
		t.Error("the process that was to die lived")
	}
}

func TestAProcessThatDiesAtAnyStepLosesAndDoublesNoCharge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, step := range []struct{ name, endpoint, when string }{
			{"before the intent was made", createIntent, "before"},
			{"after the intent was made, before its id was stored", createIntent, "after"},
			{"before the confirmation reached the gateway", confirmIntent, "before"},
			{"after the charge, before it was settled", confirmIntent, "after"},
		} {
			t.Run(step.name, func(t *testing.T) {
				w := thread.New(t, dbtest.Open(t, d.Engine), 100)
				hana := w.Members(t, 1)[0]
				w.Clock.Set(hana.Deadline(t))
				if _, err := w.Flow.PassDeadlines(t.Context(), 10); err != nil {
					t.Fatal(err)
				}
				w.Hang(t, step.endpoint, step.when, time.Minute, 1)
				crash(t, w)
				other, _ := w.Process()
				if n, err := other.Charge(t.Context(), 10); n != 0 || err != nil {
					t.Errorf("another process took %d payments under lease, %v", n, err)
				}
				w.Wall.Forward(4 * time.Minute) // the lease is over
				w.Clock.Forward(4 * time.Minute)
				for range 3 {
					if _, err := other.Charge(t.Context(), 10); err != nil {
						t.Error(err)
					}
					w.Clock.Forward(time.Minute)
				}
				if o, p := renewal(t, w, hana); o.Payment != order.PaymentPaid || p.State != payment.StatePaid {
					t.Errorf("the order is %s, the payment %s", o.Payment, p.State)
				}
				if n := chargesOf(t, w, hana); n != 1 {
					t.Errorf("%d charges", n)
				}
				w.Sound(t)
			})
		}
	})
}

func TestAProcessThatSleepsPastItsLeaseAndWakesInTheMiddleChargesNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		steps := []string{createIntent, confirmIntent}
		members := w.Members(t, len(steps))
		w.Clock.Set(members[0].Deadline(t))
		if _, err := w.Flow.PassDeadlines(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		for i, step := range steps {
			members[i].Fault(t, step, "before", "slow", 1)
		}
		sleeper, _ := w.Process()
		woken := make(chan error, 1)
		go func() {
			_, err := sleeper.Charge(context.Background(), 10)
			woken <- err
		}()
		waitFor(t, func() bool { return len(w.Faults(t)) == 1 }) // it waits for the first answer
		w.Wall.Forward(5 * time.Minute)
		other, _ := w.Process()
		for range 4 {
			if _, err := other.Charge(t.Context(), 10); err != nil {
				t.Error(err)
			}
			w.Clock.Forward(time.Minute)
		}
		if err := <-woken; err != nil {
			t.Error(err)
		}
		for range 4 {
			w.Pass(t, 5*time.Minute)
		}
		for i, step := range steps {
			if o, p := renewal(t, w, members[i]); o.Payment != order.PaymentPaid || p.Failures != 0 {
				t.Errorf("%s: the order is %s after %d failures", step, o.Payment, p.Failures)
			}
			if n := chargesOf(t, w, members[i]); n != 1 {
				t.Errorf("%s: %d charges", step, n)
			}
		}
		w.Sound(t)
	})
}
