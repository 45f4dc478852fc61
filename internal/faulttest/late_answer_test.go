package faulttest

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// A process that lay frozen past its lease hears of a refusal that another
// process has read at the gateway and settled long since.
func TestARefusalThatTwoProcessesHearOfCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, "hana@example.jp")
		hana.Subscribe(t, "4000000000000341") // every renewal is refused
		w.Drain(t)
		_, deliveries := hana.Subscription(t)
		w.Clock.Set(deliveries[1].Deadline)
		if _, err := w.Flow.PassDeadlines(t.Context(), 10); err != nil {
			t.Fatal(err)
		}

		w.Fault(t, "POST /v1/payment_intents/*/confirm", "after", "slow", 1)
		slow := make(chan error, 1)
		go func() {
			_, err := w.Flow.Charge(t.Context(), 10)
			slow <- err
		}()
		refused := func() int { l := w.Ledger(t); return len(l.Charges) - len(l.Succeeded()) }
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for refused() == 0 {
			select {
			case err := <-slow:
				t.Fatalf("the slow process ended before it was refused: %v", err)
			case <-tick.C:
			}
		}
		later := &flow.Flow{
			DB: d, Secrets: w.Flow.Secrets, Texts: w.Flow.Texts, Mailer: w.Flow.Mailer, NewID: w.Flow.NewID, Now: w.Flow.Now,
			Wall: func() time.Time { return time.Now().Add(time.Hour) },
		}
		if n, err := later.Charge(t.Context(), 10); err != nil || n != 1 {
			t.Fatalf("the other process took %d payments: %v", n, err)
		}
		select {
		case err := <-slow:
			t.Fatalf("the slow process was not slow enough: %v", err)
		default:
		}
		if err := <-slow; err != nil {
			t.Fatal(err)
		}

		orders := hana.Orders(t)
		if len(orders) != 2 || orders[1].Payment != order.PaymentFailing {
			t.Fatalf("orders %+v", orders)
		}
		payments, err := db.PaymentsOfOrders(t.Context(), d, thread.StoreID, []ident.ID{orders[1].ID})
		if err != nil || len(payments) != 1 {
			t.Fatalf("%d payments: %v", len(payments), err)
		}
		if p := payments[0]; p.Failures != 1 || p.State != payment.StateDue || refused() != 1 {
			t.Errorf("%d failures counted, %s, refused %d times by the bank", p.Failures, p.State, refused())
		}
	})
}

// A process that dies between writing a retry's attempt and asking for the money
// leaves an intent that still shows the refusal of the first try.
func TestARetryThatNeverReachedTheBankIsNotTakenForRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		hana.Behave(t, "insufficient_funds")
		w.AdvanceTo(t, hana.Deadline(t))
		refused := len(w.Ledger(t).Charges) - len(w.Ledger(t).Succeeded())
		if refused != 1 {
			t.Fatalf("refused %d times", refused)
		}
		hana.Behave(t, "ok") // there is money again
		next, _, err := db.NextDue(t.Context(), d, db.QueuePayments)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Set(next)

		w.Hang(t, "POST /v1/payment_intents/*/confirm", "before", time.Minute, 1)
		ctx, die := context.WithCancel(t.Context())
		dead := make(chan error, 1)
		go func() {
			_, err := w.Flow.Charge(ctx, 10)
			dead <- err
		}()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for len(w.Faults(t)) > 0 {
			select {
			case err := <-dead:
				t.Fatalf("the process ended before its call: %v", err)
			case <-tick.C:
			}
		}
		die()
		if err := <-dead; err == nil {
			t.Fatal("the process wrote down an answer")
		}
		w.Wall.Forward(time.Hour) // past its lease
		w.Drain(t)

		orders := hana.Orders(t)
		if len(orders) != 2 || orders[1].Payment != order.PaymentPaid {
			t.Errorf("orders %+v", orders)
		}
	})
}
