package flow_test

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestAPaymentThatCannotBeReadIsSetAsideAndTheOthersAreCharged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 5)
		for _, m := range members {
			m.Behave(t, "insufficient_funds")
		}
		w.AdvanceTo(t, members[0].Deadline(t))
		for _, m := range members {
			m.Behave(t, "ok")
		}
		_, bad := renewal(t, w, members[2])
		const spoil = "UPDATE attempts SET params = ? WHERE store_id = 1 AND intent_id = ? AND step = 'confirm'"
		write(t, w.DB, spoil, `{"payment_method"`, bad.IntentID)
		w.Clock.Forward(24 * time.Hour)
		if _, err := w.Flow.Charge(t.Context(), 100); err != nil {
			t.Errorf("the set failed: %v", err)
		}
		for i, m := range members {
			want := order.PaymentPaid
			if i == 2 {
				want = order.PaymentFailing
			}
			if o, _ := renewal(t, w, m); o.Payment != want {
				t.Errorf("order %d is %s, want %s", i, o.Payment, want)
			}
		}
		set := openAlert(t, w, alert.KindQuarantined)
		if set.SubjectID != bad.ID || set.OrderID != bad.OrderID {
			t.Errorf("the alert is about %s, order %s", set.SubjectID, set.OrderID)
		}
		if n, err := w.Flow.Charge(t.Context(), 100); n != 0 || err != nil {
			t.Errorf("%d payments are taken again, %v", n, err)
		}
		// somebody mends the row and has it processed again
		write(t, w.DB, spoil, `{}`, bad.IntentID)
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, set.ID, set.Version); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if o, _ := renewal(t, w, members[2]); o.Payment != order.PaymentPaid {
			t.Errorf("the mended order is %s", o.Payment)
		}
		w.Sound(t)
	})
}
