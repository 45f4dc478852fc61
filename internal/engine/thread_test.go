package engine_test

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const visa = "4242424242424242"

func TestSubscriberIsChargedAtTheDeadlineAndOnlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, "hana@example.jp")
		hana.Subscribe(t, visa)
		w.Drain(t)

		s, deliveries := hana.Subscription(t)
		if s.State != subscription.StateActive || len(deliveries) != 4 {
			t.Fatalf("state %s with %d deliveries, want active with 4", s.State, len(deliveries))
		}
		w.AdvanceTo(t, deliveries[1].Deadline)
		w.Drain(t)

		orders := hana.Orders(t)
		if len(orders) != 2 {
			t.Fatalf("%d orders, want 2", len(orders))
		}
		if orders[1].Payment != order.PaymentPaid || orders[1].Fulfilment != order.FulfilmentReady || orders[1].Box != 2 {
			t.Errorf("second order: %s, %s, box %d", orders[1].Payment, orders[1].Fulfilment, orders[1].Box)
		}
		ledger := w.Ledger(t)
		if charges := ledger.Succeeded(); len(charges) != 2 || charges[0].Amount+charges[1].Amount != orders[0].Total+orders[1].Total {
			t.Errorf("ledger %+v for orders of %d and %d", charges, orders[0].Total, orders[1].Total)
		}
		// start of the subscription, deadline notice and order of box 2
		if mails := w.Mails.To("hana@example.jp"); len(mails) != 3 {
			t.Errorf("%d mails, want 3", len(mails))
			for _, m := range mails {
				t.Log(m.Subject)
			}
		}
	})
}

func TestCashOnDeliveryNeedsNoGateway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, "hana@example.jp")
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		_, deliveries := hana.Subscription(t)
		w.AdvanceTo(t, deliveries[1].Deadline)
		orders := hana.Orders(t)
		if len(orders) != 2 || orders[1].Payment != order.PaymentCOD || orders[1].Fee != 330 {
			t.Fatalf("orders %+v", orders)
		}
		if n := len(w.Ledger(t).Charges); n != 0 {
			t.Errorf("%d charges for cash on delivery", n)
		}
	})
}

func TestFailingCardIsAlertedAndPaidOnceWithANewCard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, "hana@example.jp")
		hana.Subscribe(t, "4000000000000341")
		_, deliveries := hana.Subscription(t)
		w.AdvanceTo(t, deliveries[1].Deadline)

		orders := hana.Orders(t)
		if len(orders) != 2 || orders[1].Payment != order.PaymentFailing {
			t.Fatalf("orders %+v", orders)
		}
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); err != nil || n != 1 {
			t.Errorf("%d open alerts, want 1 (%v)", n, err)
		}
		hana.GiveCard(t, orders[1].ID, visa)
		w.AdvanceTo(t, w.Clock.Now().Add(10*24*time.Hour))

		if orders = hana.Orders(t); orders[1].Payment != order.PaymentPaid {
			t.Errorf("after the new card: %s", orders[1].Payment)
		}
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); err != nil || n != 0 {
			t.Errorf("%d open alerts after paying (%v)", n, err)
		}
		if n := len(w.Ledger(t).Succeeded()); n != 2 {
			t.Errorf("%d charges, want 2", n)
		}
	})
}
