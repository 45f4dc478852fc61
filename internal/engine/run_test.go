package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// running starts the loops of n processes; stop ends them and waits.
func running(w *thread.World, n int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var loops sync.WaitGroup
	for range n {
		_, e := w.Process()
		loops.Go(func() { e.Run(ctx) })
	}
	return func() { cancel(); loops.Wait() }
}

// waitFor polls until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-limit.C:
			t.Fatalf("waited too long: %s", what)
		}
	}
}

// renewals are the orders of the deadline run by their payment.
func renewals(t *testing.T, w *thread.World) map[order.PaymentState]int {
	t.Helper()
	count := map[order.PaymentState]int{}
	for _, o := range w.AllOrders(t) {
		if o.Source == order.SourceRenewal {
			count[o.Payment]++
		}
	}
	return count
}

func TestLoopsOfThreeProcessesRenewEachSubscriptionOnceAndStopWhenTold(t *testing.T) {
	const due = 60
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 2*due)
		members := w.Members(t, due)
		stop := running(w, 3)
		w.Clock.Set(members[0].Deadline(t))
		waitFor(t, "all renewals are paid", func() bool { return renewals(t, w)[order.PaymentPaid] == due })
		waitFor(t, "all mails are sent", func() bool {
			n, err := db.CountWaitingMails(t.Context(), d, thread.StoreID)
			return err == nil && n == 0
		})
		stop()
		for _, m := range members {
			// of the start, of the deadline and of the order
			if n := len(w.Mails.To(m.Customer.Mail)); n != 3 {
				t.Errorf("%s got %d mails", m.Customer.Mail, n)
			}
		}
		w.Clock.Forward(31 * 24 * time.Hour)
		if n := len(w.Ledger(t).Succeeded()); n != due || renewals(t, w)[order.PaymentPaid] != due {
			t.Errorf("%d charges, want %d", n, due)
		}
		w.Sound(t)
	})
}

func TestAStageThatFailsDoesNotStopTheOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		// the gateway's key is gone: charging fails, deadlines and mails go on
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE secrets SET name = 'away' WHERE store_id = 1 AND name = 'stripe_secret_key'")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		stop := running(w, 1)
		defer stop()
		w.Clock.Set(hana.Deadline(t))
		waitFor(t, "the deadline notice is sent", func() bool { return len(w.Mails.To(hana.Customer.Mail)) == 2 })
		if got := renewals(t, w); got[order.PaymentDue] != 1 || len(got) != 1 {
			t.Errorf("renewals %v", got)
		}
	})
}

func TestTheClockOfADemoKnowsWhatIsNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		if next, ok, err := w.Engine.NextDue(t.Context()); ok || err != nil {
			t.Errorf("in an empty shop something is due at %s, %v", next, err)
		}
		hana := w.Members(t, 1)[0]
		next, ok, err := w.Engine.NextDue(t.Context())
		if err != nil || !ok || !next.Equal(hana.Deadline(t)) {
			t.Errorf("next is %s (%t, %v), want %s", next, ok, err, hana.Deadline(t))
		}
	})
}
