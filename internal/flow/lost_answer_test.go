package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// useKey gives the shop another key of the gateway.
func useKey(t *testing.T, w *thread.World, key string) {
	t.Helper()
	sealed := w.Flow.Secrets.Seal(thread.StoreID, flow.SecretGatewayKey, []byte(key))
	ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.PutSecret(ctx, tx, thread.StoreID, flow.SecretGatewayKey, sealed, w.Clock.Now())
	}))
	w.Wall.Forward(2 * time.Second) // other processes look again
}

// lostAnswer lets a member be charged and the answer be lost, and nobody is able
// to read how it went.
func lostAnswer(t *testing.T, w *thread.World) *thread.Shopper {
	t.Helper()
	hana := w.Members(t, 1)[0]
	hana.Fault(t, confirmIntent, "after", "reset", 1)
	hana.Fault(t, readIntent, "before", "reset", 0)
	w.AdvanceTo(t, hana.Deadline(t))
	if o, _ := renewal(t, w, hana); o.Payment != order.PaymentUnknown {
		t.Fatalf("the order is %s", o.Payment)
	}
	w.Heal(t)
	return hana
}

// The money is taken, nobody knows, and then the gateway refuses to say: that is no
// answer to whether it was taken.
func TestAGatewayThatRefusesToSayHowAChargeEndedHasNotRefusedTheCharge(t *testing.T) {
	other := "pi_of_another_account"
	stories := []struct {
		name        string
		spoil, mend func(t *testing.T, w *thread.World, p payment.Payment)
	}{
		{
			"the key was taken back",
			func(t *testing.T, w *thread.World, _ payment.Payment) { useKey(t, w, "sk_test_revoked") },
			func(t *testing.T, w *thread.World, _ payment.Payment) { useKey(t, w, thread.GatewayKey) },
		},
		{
			"the account does not know the intent",
			func(t *testing.T, w *thread.World, p payment.Payment) {
				write(t, w.DB, "UPDATE payments SET intent_id = ? WHERE store_id = 1 AND intent_id = ?", other, p.IntentID)
				write(t, w.DB, "UPDATE attempts SET intent_id = ? WHERE store_id = 1 AND intent_id = ?", other, p.IntentID)
			},
			func(t *testing.T, w *thread.World, p payment.Payment) {
				write(t, w.DB, "UPDATE payments SET intent_id = ? WHERE store_id = 1 AND intent_id = ?", p.IntentID, other)
				write(t, w.DB, "UPDATE attempts SET intent_id = ? WHERE store_id = 1 AND intent_id = ?", p.IntentID, other)
			},
		},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, story := range stories {
			t.Run(story.name, func(t *testing.T) {
				w := thread.New(t, dbtest.Open(t, d.Engine), 100)
				hana := lostAnswer(t, w)
				_, p := renewal(t, w, hana)
				mails := len(w.Mails.To(hana.Customer.Mail))
				story.spoil(t, w, p)
				for range 4 {
					w.Pass(t, 10*time.Minute)
				}
				if o, now := renewal(t, w, hana); o.Payment != order.PaymentUnknown || now.State != payment.StateUnknown || now.Failures != 0 {
					t.Errorf("the order is %s, the payment %s after %d failures", o.Payment, now.State, now.Failures)
				}
				if n := len(w.Mails.To(hana.Customer.Mail)); n != mails {
					t.Errorf("%d mails tell the customer of a failure", n-mails)
				}
				if n := len(alertsOf(t, w)); n != 1 {
					t.Errorf("%d alerts, want 1", n)
				}
				story.mend(t, w, p)
				for range 2 {
					w.Pass(t, time.Hour)
				}
				if o, _ := renewal(t, w, hana); o.Payment != order.PaymentPaid || chargesOf(t, w, hana) != 1 {
					t.Errorf("the order is %s with %d charges", o.Payment, chargesOf(t, w, hana))
				}
				w.Sound(t)
			})
		}
	})
}

func TestAChargeOfAnotherSumPaysNothingAndIsToldAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, change := range []string{"amount = amount + 1", "currency = 'USD'", "customer_id = (SELECT id FROM customers WHERE store_id = 1 AND mail <> 'member0@example.jp' LIMIT 1)"} {
			t.Run(change, func(t *testing.T) {
				w := thread.New(t, dbtest.Open(t, d.Engine), 100)
				w.Shopper(t, "kenji@example.jp")
				hana := lostAnswer(t, w)
				write(t, w.DB, "UPDATE payments SET "+change+" WHERE store_id = 1 AND intent_id IS NOT NULL")
				w.Pass(t, time.Minute)
				if o, p := renewal(t, w, hana); o.Payment == order.PaymentPaid || p.State == payment.StatePaid {
					t.Errorf("the order is %s, the payment %s", o.Payment, p.State)
				}
				if n := len(alertsOf(t, w)); n != 1 {
					t.Errorf("%d alerts, want 1", n)
				}
			})
		}
	})
}
