package flow_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

const (
	visa       = "4242424242424242"
	threeDS    = "4000002500003155"
	failsLater = "4000000000000341"
	hanaMail   = "hana@example.jp"

	shopReturn = "http://shop.example/return"
	shopCancel = "http://shop.example/cancel"
)

// atOnce runs n calls that all begin together and returns their errors.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	group.Wait()
	return errs
}

// apply places the order of a monthly subscription paid by card.
func apply(t *testing.T, hana *thread.Shopper) flow.Placed {
	t.Helper()
	return hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard)))
}

func hostedPage(placed flow.Placed) flow.HostedPage {
	return flow.HostedPage{
		StoreID: thread.StoreID, OrderID: placed.OrderID, Lang: i18n.Ja, ReturnURL: shopReturn, CancelURL: shopCancel,
	}
}

// comeBack is the customer returning, wherever from.
func comeBack(w *thread.World, placed flow.Placed) error {
	_, err := w.Flow.PaymentReturn(context.Background(), thread.StoreID, placed.OrderID, shopReturn)
	return err
}

// mustBePaidOnce checks an order paid on the hosted page: everything began, once.
func mustBePaidOnce(t *testing.T, w *thread.World, hana *thread.Shopper) {
	t.Helper()
	w.Drain(t)
	orders := hana.Orders(t)
	if len(orders) != 1 || orders[0].Payment != order.PaymentPaid || orders[0].Fulfilment != order.FulfilmentReady {
		t.Fatalf("orders %+v", orders)
	}
	s, deliveries := hana.Subscription(t)
	if s.State != subscription.StateActive || len(deliveries) != 4 || deliveries[0].State != subscription.DeliveryOrdered {
		t.Errorf("subscription %s with %d deliveries", s.State, len(deliveries))
	}
	if mails := w.Mails.To(hana.Customer.Mail); len(mails) != 1 {
		t.Errorf("%d mails tell of the order, want 1", len(mails))
	}
	if n := chargesOf(t, w, hana); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
	w.Sound(t) // compares the stock with the orders too
}

func deliverAll(t *testing.T, w *thread.World) {
	t.Helper()
	for _, e := range w.Events(t) {
		w.Deliver(t, e)
	}
	w.Drain(t)
}

func TestAPaidOrderStartsOnceInWhateverOrderReturnAndWebhookCome(t *testing.T) {
	stories := []struct {
		name string
		tell func(t *testing.T, w *thread.World, placed flow.Placed)
	}{
		{"the return before the webhook", func(t *testing.T, w *thread.World, placed flow.Placed) {
			ok(t, comeBack(w, placed))
			deliverAll(t, w)
		}},
		{"the webhook before the return", func(t *testing.T, w *thread.World, placed flow.Placed) {
			deliverAll(t, w)
			ok(t, comeBack(w, placed))
		}},
		{"both of them twice", func(t *testing.T, w *thread.World, placed flow.Placed) {
			for range 2 {
				ok(t, comeBack(w, placed))
				deliverAll(t, w)
			}
		}},
		{"eight returns and webhooks at once", func(t *testing.T, w *thread.World, placed flow.Placed) {
			for _, e := range w.Events(t) {
				w.Deliver(t, e)
			}
			for _, err := range atOnce(8, func(i int) error {
				if i%2 == 0 {
					return comeBack(w, placed)
				}
				_, err := w.Flow.HandleWebhooks(context.Background(), 10)
				return err
			}) {
				ok(t, err)
			}
		}},
		{"the webhook late and no return", func(t *testing.T, w *thread.World, _ flow.Placed) {
			w.Clock.Forward(20 * time.Minute) // before the sweeper looks
			deliverAll(t, w)
		}},
		{"neither of them ever", func(t *testing.T, w *thread.World, _ flow.Placed) {
			w.Pass(t, 33*time.Minute) // the sweeper asks
		}},
		{"everything after the sweeper", func(t *testing.T, w *thread.World, placed flow.Placed) {
			w.Pass(t, 33*time.Minute)
			ok(t, comeBack(w, placed))
			deliverAll(t, w)
		}},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		for i, story := range stories {
			t.Run(story.name, func(t *testing.T) {
				hana := w.Shopper(t, fmt.Sprintf("hana%d@example.jp", i))
				placed := apply(t, hana)
				w.PayPage(t, hana.Page(t, placed), visa)
				story.tell(t, w, placed)
				mustBePaidOnce(t, w, hana)
			})
		}
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestLookingAtTheReturnPageDoesNotPay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		ok(t, comeBack(w, placed)) // before the page was even opened
		page := hana.Page(t, placed)
		ok(t, comeBack(w, placed))
		w.Drain(t)
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentAwaiting {
			t.Fatalf("the order is %s", o.Payment)
		}
		if n := len(w.Mails.To(hanaMail)); n != 0 {
			t.Errorf("%d mails before paying", n)
		}
		w.PayPage(t, page, visa)
		ok(t, comeBack(w, placed))
		mustBePaidOnce(t, w, hana)
	})
}

func TestAnAbandonedPageReleasesEverythingOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		hana.Page(t, placed)
		if n := w.Reserved(t); n != 1 {
			t.Fatalf("%d pieces reserved while the page is open, want 1", n)
		}
		w.Clock.Forward(33 * time.Minute)
		for _, err := range atOnce(6, func(i int) error {
			if i%2 == 0 {
				return comeBack(w, placed)
			}
			_, err := w.Flow.SweepSessions(context.Background(), 10)
			return err
		}) {
			ok(t, err)
		}
		deliverAll(t, w)
		w.Pass(t, time.Hour)

		if o := hana.Orders(t)[0]; o.Payment != order.PaymentCancelled || o.Fulfilment != order.FulfilmentCancelled {
			t.Errorf("the order is %s, %s", o.Payment, o.Fulfilment)
		}
		s, deliveries := hana.Subscription(t)
		if s.State != subscription.StateCancelled {
			t.Errorf("the subscription is %s", s.State)
		}
		for _, one := range deliveries {
			if one.State != subscription.DeliveryCancelled {
				t.Errorf("delivery %d is %s", one.Slot, one.State)
			}
		}
		if n := w.Reserved(t); n != 0 {
			t.Errorf("%d pieces still reserved", n)
		}
		if n := len(w.Mails.To(hanaMail)); n != 0 {
			t.Errorf("%d mails tell of an order that never was", n)
		}
		w.AdvanceTo(t, w.Clock.Now().Add(60*24*time.Hour))
		if n := len(w.Ledger(t).Charges); n != 0 {
			t.Errorf("%d charges", n)
		}
		w.Sound(t)
	})
}

func TestAPageThatNobodyOpenedReleasesTheStockToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		w.Pass(t, 33*time.Minute)
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentCancelled || w.Reserved(t) != 0 {
			t.Errorf("the order is %s, %d pieces reserved", o.Payment, w.Reserved(t))
		}
		if _, err := w.Flow.OpenPaymentPage(t.Context(), hostedPage(placed)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a page for an order that was given up: %v", err)
		}
		w.Sound(t)
	})
}

func TestPayingInTheLastSecondCountsAndReleasesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		page := hana.Page(t, placed)
		w.Clock.Forward(31*time.Minute - time.Second)
		w.PayPage(t, page, visa)
		w.Pass(t, 2*time.Minute)
		mustBePaidOnce(t, w, hana)
	})
}

func TestASessionOfAnotherOrderOrSumSettlesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		large := hana.Place(t, hana.Order(t, hana.Fill(t, 3, thread.Monthly, pricing.MethodCard)))
		hana.Page(t, large)
		kenji := w.Shopper(t, "kenji@example.jp")
		small := apply(t, kenji)
		w.PayPage(t, kenji.Page(t, small), visa)
		// the row of the large order is made to point at the session that paid the small one
		foreign, err := db.OpenHostedSession(t.Context(), d, thread.StoreID, small.OrderID)
		ok(t, err)
		write(t, d, "UPDATE hosted_sessions SET gateway_id = 'x' WHERE store_id = 1 AND gateway_id = ?", foreign.GatewayID)
		write(t, d, "UPDATE hosted_sessions SET gateway_id = ? WHERE store_id = 1 AND gateway_id <> 'x'", foreign.GatewayID)
		if err := comeBack(w, large); err == nil {
			t.Error("a session of another order was taken for payment")
		}
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentAwaiting {
			t.Errorf("the large order is %s", o.Payment)
		}
		if n, err := db.CountOpenAlerts(t.Context(), d, thread.StoreID); err != nil || n != 1 {
			t.Errorf("%d alerts tell staff of it, want 1 (%v)", n, err)
		}
	})
}

// write changes rows behind the shop's back.
func write(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestTwoTabsThatOpenThePaymentPageGetOnePage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		pages := make([]string, 4)
		for _, err := range atOnce(len(pages), func(i int) (err error) {
			pages[i], err = w.Flow.OpenPaymentPage(context.Background(), hostedPage(placed))
			return err
		}) {
			if err != nil && !fault.Is(err, fault.Unavailable) { // a key in use is a tab that may try again
				t.Error(err)
			}
		}
		for _, page := range pages {
			if again := hana.Page(t, placed); page != "" && page != again {
				t.Errorf("pages %s and %s", page, again)
			}
		}
		w.PayPage(t, hana.Page(t, placed), visa)
		// the other tab gives up and goes back to the shop
		ok(t, comeBack(w, placed))
		if _, err := w.Flow.OpenPaymentPage(t.Context(), hostedPage(placed)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second page for a paid order: %v", err)
		}
		mustBePaidOnce(t, w, hana)
	})
}

func TestTheOtherTabOfAPaidPageCannotPayAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		page := hana.Page(t, placed)
		w.PayPage(t, page, visa)
		response, err := http.PostForm(page, url.Values{"number": {visa}, "expiry": {"12/34"}, "cvc": {"123"}, "name": {"HANA"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusGone {
			t.Errorf("the second tab's card got %d", response.StatusCode)
		}
		ok(t, comeBack(w, placed))
		mustBePaidOnce(t, w, hana)
	})
}

func TestThreeDSecureOnTheHostedPagePaysOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		if back := w.PayPage(t, hana.Page(t, placed), threeDS); !strings.HasPrefix(back, shopReturn) {
			t.Errorf("sent back to %s", back)
		}
		ok(t, comeBack(w, placed))
		mustBePaidOnce(t, w, hana)
		// a card that was authenticated once is charged without the customer
		_, deliveries := hana.Subscription(t)
		w.AdvanceTo(t, deliveries[1].Deadline)
		if orders := hana.Orders(t); len(orders) != 2 || orders[1].Payment != order.PaymentPaid {
			t.Errorf("renewal %+v", orders)
		}
		w.Sound(t)
	})
}
