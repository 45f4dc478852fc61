package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// merchant is who looks at the gateway past the shop.
func merchant(w *thread.World) *stripe.Client {
	return stripe.New(stripe.Config{BaseURL: w.SimURL, SecretKey: thread.GatewayKey})
}

// mustTellOfLateMoney checks that staff are told, once, of money for an order
// that is not to be sent.
func mustTellOfLateMoney(t *testing.T, w *thread.World, o order.Order) {
	t.Helper()
	var told []alert.Alert
	for _, a := range alertsOf(t, w) {
		if a.Kind == alert.KindLateMoney {
			told = append(told, a)
		}
	}
	if len(told) != 1 || told[0].OrderID != o.ID {
		t.Fatalf("alerts of late money %+v, want one of order %s", told, o.Number)
	}
	if told[0].Args["Number"] != o.Number || told[0].Args["Intent"] == "" {
		t.Errorf("the alert says %v", told[0].Args)
	}
}

// The process that makes the page is frozen until another has given the order up:
// nobody may be sent to a page that takes money for nothing.
func TestAPageWhoseMakingOutlivesItsOrderIsShownToNobodyAndEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		w.Fault(t, createSession, "after", "slow", 1)
		type answer struct {
			page string
			err  error
		}
		made := make(chan answer, 1)
		go func() {
			page, err := w.Flow.OpenPaymentPage(context.Background(), hostedPage(placed))
			made <- answer{page, err}
		}()
		waitFor(t, func() bool { return len(w.Faults(t)) == 0 })
		w.Clock.Forward(33 * time.Minute)
		other, _ := w.Process()
		if _, err := other.SweepSessions(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentCancelled {
			t.Fatalf("the order is %s before the page was made", o.Payment)
		}
		got := <-made
		if !fault.Is(got.err, fault.Conflict) || got.page != "" {
			t.Errorf("the customer is sent to %q, %v", got.page, got.err)
		}
		found := false
		for _, e := range w.Events(t) {
			found = found || e.Type == stripe.EventSessionExpired
		}
		if !found {
			t.Error("the page can still be paid at the gateway")
		}
		w.Sound(t)
	})
}

// strangePage is a page of an order that the shop does not know of, as where the
// database was restored or the answer to its creation lost.
func strangePage(t *testing.T, w *thread.World, hana *thread.Shopper, o order.Order) string {
	t.Helper()
	open, err := w.Flow.OpenOrder(t.Context(), thread.StoreID, o.ID)
	ok(t, err)
	metadata := map[string]string{"order_id": o.ID.String(), "payment_id": open.Payment.ID.String()}
	page, err := merchant(w).CreateSession(t.Context(), "strange:"+o.ID.String(), stripe.SessionParams{
		Mode: stripe.ModePayment, Customer: hana.Customer.GatewayID, Currency: "jpy", SaveCard: true,
		Items:      []stripe.LineItem{{Name: "x", Amount: o.Total, Quantity: 1}},
		SuccessURL: shopReturn, CancelURL: shopCancel, Metadata: metadata, IntentMetadata: metadata,
	})
	ok(t, err)
	return page.URL
}

func TestMoneyForAnOrderThatWasGivenUpIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		apply(t, hana)
		o := hana.Orders(t)[0]
		page := strangePage(t, w, hana, o)
		w.Pass(t, 33*time.Minute) // the shop gives the order up, its own page was never opened
		w.PayPage(t, page, visa)
		for range 2 {
			for _, e := range w.Events(t) {
				w.Deliver(t, e)
			}
		}
		for range 8 {
			w.Pass(t, time.Minute)
		}
		if o = hana.Orders(t)[0]; o.Payment != order.PaymentCancelled {
			t.Errorf("the order is %s", o.Payment)
		}
		mustTellOfLateMoney(t, w, o)
	})
}

func TestAnOrderPaidOnTwoPagesIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		page := strangePage(t, w, hana, hana.Orders(t)[0])
		w.PayPage(t, hana.Page(t, placed), visa)
		ok(t, comeBack(w, placed))
		w.PayPage(t, page, visa)
		for _, e := range w.Events(t) {
			w.Deliver(t, e)
		}
		for range 8 {
			w.Pass(t, time.Minute)
		}
		mustTellOfLateMoney(t, w, hana.Orders(t)[0])
	})
}

// An intent is confirmed past the shop, whose order was given up: by webhook, and
// where a process had asked for the money when the order was given up.
func TestAnIntentThatSucceedsAfterItsOrderWasGivenUpIsTold(t *testing.T) {
	stories := []struct {
		name string
		tell func(t *testing.T, w *thread.World, hana *thread.Shopper, giveUp, pay func())
	}{
		{"the message comes after the order was given up", func(t *testing.T, w *thread.World, _ *thread.Shopper, giveUp, pay func()) {
			giveUp()
			pay()
			deliverAll(t, w)
		}},
		{"the order is given up while its money is asked for", func(t *testing.T, w *thread.World, hana *thread.Shopper, giveUp, _ func()) {
			hana.Behave(t, "ok")
			hana.Fault(t, confirmIntent, "after", "slow", 1)
			o, _ := renewal(t, w, hana)
			done := make(chan error, 1)
			go func() {
				_, err := w.Flow.PayAgain(context.Background(), thread.StoreID, o.ID, shopReturn)
				done <- err
			}()
			waitFor(t, func() bool { return len(w.Faults(t)) == 0 && chargesOf(t, w, hana) == 1 })
			giveUp()
			ok(t, <-done)
		}},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, story := range stories {
			t.Run(story.name, func(t *testing.T) {
				w := thread.New(t, dbtest.Open(t, d.Engine), 100)
				hana := w.Members(t, 1)[0]
				hana.Behave(t, "insufficient_funds")
				w.AdvanceTo(t, hana.Deadline(t))
				o, p := renewal(t, w, hana)
				giveUp := func() {
					write(t, w.DB, "UPDATE payments SET state = 'void', next_due = NULL WHERE store_id = 1 AND order_id IN (SELECT id FROM orders WHERE store_id = 1 AND number = ?)", o.Number)
					write(t, w.DB, "UPDATE orders SET payment = 'cancelled', fulfilment = 'cancelled' WHERE store_id = 1 AND number = ?", o.Number)
				}
				pay := func() {
					hana.Behave(t, "ok")
					_, err := merchant(w).ConfirmIntent(t.Context(), "by hand", p.IntentID, stripe.ConfirmParams{PaymentMethod: hana.Card.GatewayID, OffSession: true})
					ok(t, err)
				}
				story.tell(t, w, hana, giveUp, pay)
				mustTellOfLateMoney(t, w, o)
				if o := hana.Orders(t)[1]; o.Payment != order.PaymentCancelled {
					t.Errorf("the order is %s", o.Payment)
				}
			})
		}
	})
}

// A page is settled only where order, payment, customer and sum are its own.
func TestAPaidPageThatIsNotTheOrdersOwnSettlesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		stories := []struct {
			name string
			page func(t *testing.T, w *thread.World, hana, kenji *thread.Shopper, placed flow.Placed) stripe.SessionParams
		}{
			{"another payment's", func(t *testing.T, w *thread.World, hana, kenji *thread.Shopper, _ flow.Placed) stripe.SessionParams {
				return stripe.SessionParams{Customer: hana.Customer.GatewayID, Metadata: map[string]string{"payment_id": w.Flow.NewID().String()}}
			}},
			{"without a payment", func(_ *testing.T, _ *thread.World, hana, _ *thread.Shopper, _ flow.Placed) stripe.SessionParams {
				return stripe.SessionParams{Customer: hana.Customer.GatewayID}
			}},
			{"another customer's", func(t *testing.T, w *thread.World, _, kenji *thread.Shopper, placed flow.Placed) stripe.SessionParams {
				open, err := w.Flow.OpenOrder(t.Context(), thread.StoreID, placed.OrderID)
				ok(t, err)
				return stripe.SessionParams{Customer: kenji.Customer.GatewayID, Metadata: map[string]string{"payment_id": open.Payment.ID.String()}}
			}},
		}
		for _, story := range stories {
			t.Run(story.name, func(t *testing.T) {
				w := thread.New(t, dbtest.Open(t, d.Engine), 100)
				hana, kenji := w.Shopper(t, hanaMail), w.Shopper(t, "kenji@example.jp")
				placed := hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard)))
				o := hana.Orders(t)[0]
				params := story.page(t, w, hana, kenji, placed)
				params.Mode, params.Currency, params.SaveCard, params.IntentMetadata = stripe.ModePayment, "jpy", true, params.Metadata
				params.Items = []stripe.LineItem{{Name: "x", Amount: o.Total, Quantity: 1}}
				params.SuccessURL, params.CancelURL = shopReturn, shopCancel
				page, err := merchant(w).CreateSession(t.Context(), "foreign", params)
				ok(t, err)
				hana.Page(t, placed)
				write(t, w.DB, "UPDATE hosted_sessions SET gateway_id = ? WHERE store_id = 1", page.ID)
				w.PayPage(t, page.URL, visa)
				if err := comeBack(w, placed); err == nil {
					t.Error("it was taken for payment")
				}
				if o := hana.Orders(t)[0]; o.Payment != order.PaymentAwaiting {
					t.Errorf("the order is %s", o.Payment)
				}
				if n := len(alertsOf(t, w)); n != 1 {
					t.Errorf("%d alerts tell staff of it, want 1", n)
				}
			})
		}
	})
}
