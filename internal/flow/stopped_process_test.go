package flow_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// meanwhile is what others do to an order while the process that charges it lies
// stopped past its lease. Each may be refused with what a person is told.
var meanwhile = []struct {
	name string
	act  func(t *testing.T, w *thread.World, f *flow.Flow, s *thread.Shopper, o order.Order) error
}{
	{"another process takes the charge over", func(_ *testing.T, _ *thread.World, f *flow.Flow, _ *thread.Shopper, _ order.Order) error {
		_, err := f.Charge(context.Background(), 100)
		return err
	}},
	{"the customer pays at the link", func(_ *testing.T, _ *thread.World, f *flow.Flow, _ *thread.Shopper, o order.Order) error {
		_, err := f.PayAgain(context.Background(), thread.StoreID, o.ID, shopReturn)
		return err
	}},
	{"two tabs pay at the link", func(_ *testing.T, _ *thread.World, f *flow.Flow, _ *thread.Shopper, o order.Order) error {
		for _, err := range atOnce(2, func(int) error {
			_, err := f.PayAgain(context.Background(), thread.StoreID, o.ID, shopReturn)
			return err
		}) {
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{"the customer gives another card", func(t *testing.T, w *thread.World, f *flow.Flow, _ *thread.Shopper, o order.Order) error {
		page, err := f.OpenCardPage(context.Background(), hostedPage(placedOf(o)))
		if err != nil {
			return err
		}
		w.PayPage(t, page, visa)
		_, err = f.PaymentReturn(context.Background(), thread.StoreID, o.ID, shopReturn)
		return err
	}},
	{"staff take the order back", func(_ *testing.T, w *thread.World, f *flow.Flow, s *thread.Shopper, _ order.Order) error {
		list, err := db.SubscriptionsOf(context.Background(), w.DB, thread.StoreID, s.Customer.ID)
		if err != nil {
			return err
		}
		in := flow.TakeBack{Verb: byStaff(w, list[0]), Slot: 2}
		effect, err := f.PreviewTakeBack(context.Background(), in)
		if err != nil {
			return err
		}
		in.Verb = shown(in.Verb, effect)
		_, err = f.TakeBack(context.Background(), in)
		return err
	}},
	{"the customer leaves", func(_ *testing.T, w *thread.World, f *flow.Flow, s *thread.Shopper, _ order.Order) error {
		list, err := db.SubscriptionsOf(context.Background(), w.DB, thread.StoreID, s.Customer.ID)
		if err != nil {
			return err
		}
		in := flow.Cancel{Verb: flow.Verb{
			StoreID: thread.StoreID, CustomerID: s.Customer.ID, SubscriptionID: list[0].ID,
			Actor: audit.Actor{Kind: audit.ActorCustomer, ID: s.Customer.ID},
		}}
		effect, err := f.PreviewCancel(context.Background(), in)
		if err != nil {
			return err
		}
		in.Verb = shown(in.Verb, effect)
		_, err = f.Cancel(context.Background(), in)
		return err
	}},
}

// stop lets a process stop in the middle of a call to the gateway for each of the
// members, past its lease; the channel tells how it ended once it went on.
func stop(t *testing.T, w *thread.World, endpoint, when string, members int) <-chan error {
	t.Helper()
	w.Fault(t, endpoint, when, "slow", members)
	sleeper, _ := w.Process()
	woken := make(chan error, 1)
	go func() {
		_, err := sleeper.Charge(context.Background(), 100)
		woken <- err
	}()
	waitFor(t, func() bool { return len(w.Faults(t)) == 0 })
	w.Wall.Forward(5 * time.Minute)
	return woken
}

// mustHaveEndedOnce checks a member's second order after everything: it is paid by
// one charge, or it took no money and is failing or taken back.
func mustHaveEndedOnce(t *testing.T, w *thread.World, s *thread.Shopper, name string) {
	t.Helper()
	o, charges := s.Orders(t)[1], chargesOf(t, w, s)
	switch o.Payment {
	case order.PaymentPaid:
		if charges != 1 {
			t.Errorf("%s: paid with %d charges", name, charges)
		}
	case order.PaymentFailing, order.PaymentCancelled:
		if charges != 0 {
			t.Errorf("%s: %s with %d charges", name, o.Payment, charges)
		}
	default:
		t.Errorf("%s: the order ends %s", name, o.Payment)
	}
}

func TestWhateverOthersDoWhileAProcessLiesStoppedNothingIsChargedTwice(t *testing.T) {
	stops := []struct {
		name, endpoint, when string
		retry                bool // of a charge that was declined before
	}{
		{"while it makes the intent, before that is made", createIntent, "before", false},
		{"while it makes the intent, before its answer", createIntent, "after", false},
		{"while it asks for the money, before that is taken", confirmIntent, "before", false},
		{"while it asks for the money, before its answer", confirmIntent, "after", false},
		{"while it tries again, before the bank is asked", confirmIntent, "before", true},
		{"while it tries again, before its answer", confirmIntent, "after", true},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, at := range stops {
			for _, card := range []string{"ok", "insufficient_funds"} {
				t.Run("stopped "+at.name+", card "+card, func(t *testing.T) {
					t.Parallel() // it mostly waits
					w := thread.New(t, dbtest.Open(t, d.Engine), 100)
					members := w.Members(t, len(meanwhile))
					w.Clock.Set(members[0].Deadline(t))
					if at.retry {
						for _, m := range members {
							m.Behave(t, "insufficient_funds")
						}
						w.Drain(t)
						w.Clock.Forward(24 * time.Hour)
					} else if _, err := w.Flow.PassDeadlines(t.Context(), 100); err != nil {
						t.Fatal(err)
					}
					for _, m := range members {
						m.Behave(t, card)
					}
					woken := stop(t, w, at.endpoint, at.when, len(members))
					for i := len(members) - 1; i >= 0; i-- { // the first would take them all over
						other, _ := w.Process()
						err := meanwhile[i].act(t, w, other, members[i], members[i].Orders(t)[1])
						if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Unavailable) {
							t.Errorf("%s: %v", meanwhile[i].name, err)
						}
					}
					ok(t, <-woken)
					for range 4 {
						w.Pass(t, 5*time.Minute)
					}
					for i, m := range members {
						mustHaveEndedOnce(t, w, m, meanwhile[i].name)
					}
					w.Sound(t)
					// with money in the bank what still fails is paid by the next tries
					for _, m := range members {
						m.Behave(t, "ok")
					}
					w.AdvanceTo(t, w.Clock.Now().Add(8*24*time.Hour))
					for i, m := range members {
						mustHaveEndedOnce(t, w, m, meanwhile[i].name)
						if o, p := m.Orders(t)[1], stateOf(t, w, m); o.Payment == order.PaymentFailing && p != payment.StateAction {
							t.Errorf("%s: the order is %s, its payment %s", meanwhile[i].name, o.Payment, p)
						}
					}
					w.Sound(t)
				})
			}
		}
	})
}

// A gateway that takes its time makes a batch last longer than its lease: what was not
// asked for by then is left to others, who do not wait for it.
func TestABatchThatOutlivesItsLeaseAsksForNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		const all, atATime = 12, 8
		members := w.Members(t, all)
		w.Clock.Set(members[0].Deadline(t))
		if _, err := w.Flow.PassDeadlines(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
		w.Fault(t, confirmIntent, "before", "slow", all)
		slow, _ := w.Process()
		done := make(chan error, 1)
		go func() {
			_, err := slow.Charge(context.Background(), 100)
			done <- err
		}()
		waitFor(t, func() bool {
			var fault struct{ Hits int }
			left := w.Faults(t)
			return len(left) == 1 && json.Unmarshal(left[0], &fault) == nil && fault.Hits == atATime
		})
		w.Wall.Forward(time.Minute)
		ok(t, <-done)
		if n := len(w.Ledger(t).Succeeded()); n != atATime {
			t.Errorf("%d were charged by the slow batch, want the %d that it had begun", n, atATime)
		}
		w.Heal(t)
		w.Pass(t, time.Minute)
		for i, m := range members {
			if o, _ := renewal(t, w, m); o.Payment != order.PaymentPaid || chargesOf(t, w, m) != 1 {
				t.Errorf("order %d is %s with %d charges", i, o.Payment, chargesOf(t, w, m))
			}
		}
		w.Sound(t)
	})
}

// stateOf is the state of the payment of a member's second order.
func stateOf(t *testing.T, w *thread.World, s *thread.Shopper) payment.State {
	t.Helper()
	open, err := w.Flow.OpenOrder(t.Context(), thread.StoreID, s.Orders(t)[1].ID)
	ok(t, err)
	return open.Payment.State
}
