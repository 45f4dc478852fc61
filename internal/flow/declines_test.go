package flow_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

const day = 24 * time.Hour

// alertsOf are the kinds of the open alerts.
func alertsOf(t *testing.T, w *thread.World) []alert.Alert {
	t.Helper()
	list, err := db.OpenAlerts(t.Context(), w.DB, thread.StoreID, ident.ID{}, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestACardWithoutFundsIsTriedOnDaysOneThreeFiveAndSevenAndThenWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		hana.Behave(t, "insufficient_funds")
		first := hana.Deadline(t)
		w.AdvanceTo(t, first)
		for i, wait := range []int{1, 3, 5, 7} {
			_, p := renewal(t, w, hana)
			if want := first.Add(time.Duration(wait) * day); p.State != payment.StateDue || !p.NextAt.Equal(want) || p.Failures != i+1 {
				t.Errorf("after %d failures: %s, next %s, want %s", p.Failures, p.State, p.NextAt, want)
			}
			w.AdvanceTo(t, first.Add(time.Duration(wait)*day))
		}
		w.AdvanceTo(t, first.Add(12*day))
		_, p := renewal(t, w, hana)
		if p.State != payment.StateAction || !p.NextAt.IsZero() || p.Failures != 5 {
			t.Errorf("after the last retry: %s, next %s, %d failures", p.State, p.NextAt, p.Failures)
		}
		if alerts := alertsOf(t, w); len(alerts) != 1 || alerts[0].Kind != alert.KindPaymentFailed {
			t.Fatalf("alerts %+v", alerts)
		}
		// staff press retry once the customer says that there is money
		hana.Behave(t, "ok")
		a := alertsOf(t, w)[0]
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if o, _ := renewal(t, w, hana); o.Payment != order.PaymentPaid || len(alertsOf(t, w)) != 0 {
			t.Errorf("the order is %s, %d alerts", o.Payment, len(alertsOf(t, w)))
		}
		w.Sound(t)
	})
}

func TestOnlyCardsThatMayPassLaterAreTriedByThemselves(t *testing.T) {
	cases := []struct {
		behaviour string
		class     payment.Decline
		tries     int
		kind      alert.Kind
	}{
		{"insufficient_funds", payment.DeclineRetry, 5, alert.KindPaymentFailed},
		{"processing_error", payment.DeclineRetry, 5, alert.KindPaymentFailed},
		{"lost_card", payment.DeclineNever, 1, alert.KindPaymentFailed},
		{"stolen_card", payment.DeclineNever, 1, alert.KindPaymentFailed},
		{"fraudulent", payment.DeclineNever, 1, alert.KindPaymentFailed},
		{"expired_card", payment.DeclineCustomer, 1, alert.KindPaymentFailed},
		{"incorrect_cvc", payment.DeclineCustomer, 1, alert.KindPaymentFailed},
		{"call_issuer", payment.DeclineFew, 3, alert.KindPaymentFailed},
		{"3ds_always", payment.DeclineAuth, 1, alert.KindAuthentication},
		{"missing", payment.DeclineCustomer, 1, alert.KindPaymentFailed},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, len(cases))
		for i, c := range cases {
			members[i].Behave(t, c.behaviour)
		}
		start := members[0].Deadline(t)
		w.AdvanceTo(t, start)
		w.AdvanceTo(t, start.Add(14*day))
		kinds := map[ident.ID]alert.Kind{}
		for _, a := range alertsOf(t, w) {
			kinds[a.OrderID] = a.Kind
		}
		for i, c := range cases {
			o, p := renewal(t, w, members[i])
			if o.Payment != order.PaymentFailing || p.Decline != c.class || p.Failures != c.tries || p.State != payment.StateAction {
				t.Errorf("%s: order %s, payment %s, class %q, %d tries; want %q and %d", c.behaviour, o.Payment, p.State, p.Decline, p.Failures, c.class, c.tries)
			}
			if kinds[o.ID] != c.kind {
				t.Errorf("%s: alert %q, want %q", c.behaviour, kinds[o.ID], c.kind)
			}
			var letters int
			for _, m := range w.Mails.To(members[i].Customer.Mail) {
				if strings.Contains(m.Text, "/pay/") {
					letters++
				}
				for _, word := range []string{"紛失", "盗難", "不正", "lost", "stolen", "fraud"} {
					if strings.Contains(m.Subject+m.Text, word) {
						t.Errorf("%s: the customer is told %q", c.behaviour, word)
					}
				}
			}
			if want := min(c.tries, 2); letters != want {
				t.Errorf("%s: %d mails with a link to pay, want %d", c.behaviour, letters, want)
			}
		}
		w.Sound(t)
	})
}

func TestALostCardIsNotTriedEvenByStaffOrTheCustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		hana.Behave(t, "lost_card")
		w.AdvanceTo(t, hana.Deadline(t))
		o, _ := renewal(t, w, hana)
		a := alertsOf(t, w)[0]
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("staff could retry: %v", err)
		}
		if _, err := w.Flow.PayAgain(t.Context(), thread.StoreID, o.ID, shopReturn); !fault.Is(err, fault.Conflict) {
			t.Errorf("the customer could retry: %v", err)
		}
		if len(alertsOf(t, w)) != 1 {
			t.Error("the alert is gone though nothing was done")
		}
		hana.GiveCard(t, o.ID, visa)
		if o, _ = renewal(t, w, hana); o.Payment != order.PaymentPaid {
			t.Errorf("with a new card the order is %s", o.Payment)
		}
		w.Sound(t)
	})
}

// The card networks count how often a card is tried: no button tries it for ever.
func TestNoButtonTriesARefusedCardForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		hana.Behave(t, "insufficient_funds")
		w.AdvanceTo(t, hana.Deadline(t))
		o, _ := renewal(t, w, hana)
		refused := false
		for range 15 {
			_, err := w.Flow.PayAgain(t.Context(), thread.StoreID, o.ID, shopReturn)
			if refused = fault.Is(err, fault.Conflict); err != nil && !refused {
				t.Fatal(err)
			}
		}
		if n := failedCharges(t, w); !refused || n > 9 {
			t.Errorf("the bank was asked %d times, the button was refused: %t", n, refused)
		}
		a := openAlert(t, w, alert.KindPaymentFailed)
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("staff could try again: %v", err)
		}
		hana.GiveCard(t, o.ID, visa)
		if o, _ = renewal(t, w, hana); o.Payment != order.PaymentPaid {
			t.Errorf("with a new card the order is %s", o.Payment)
		}
		w.Sound(t)
	})
}

// asked makes members whose bank asks for 3-D Secure at the second box.
func asked(t *testing.T, w *thread.World, n int) []*thread.Shopper {
	t.Helper()
	members := w.Members(t, n)
	for _, m := range members {
		m.Behave(t, "3ds_always")
	}
	w.AdvanceTo(t, members[0].Deadline(t))
	for _, m := range members {
		if _, p := renewal(t, w, m); p.State != payment.StateAction || p.Decline != payment.DeclineAuth {
			t.Fatalf("the payment is %s, %q", p.State, p.Decline)
		}
	}
	return members
}

// answer answers the bank's question at its page.
func answer(t *testing.T, w *thread.World, address, choice string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if strings.HasPrefix(address, "/") {
		address = w.SimURL + address
	}
	response, err := client.PostForm(address, url.Values{"answer": {choice}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

func payAgain(t *testing.T, w *thread.World, o order.Order) string {
	t.Helper()
	next, err := w.Flow.PayAgain(t.Context(), thread.StoreID, o.ID, shopReturn)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func paymentReturn(t *testing.T, w *thread.World, id ident.ID) {
	t.Helper()
	if _, err := w.Flow.PaymentReturn(t.Context(), thread.StoreID, id, shopReturn); err != nil {
		t.Fatal(err)
	}
}

func TestTheBanksQuestionIsAnsweredByTheCustomerAtTheLink(t *testing.T) {
	stories := []struct {
		name   string
		act    func(t *testing.T, w *thread.World, hana *thread.Shopper, o order.Order)
		charge int
	}{
		{"approved", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "approve")
			paymentReturn(t, w, o.ID)
		}, 1},
		{"approved and the return lost, without a webhook", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "approve")
			w.Pass(t, 10*time.Minute)
		}, 1},
		{"approved and only the webhook comes", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "approve")
			deliverAll(t, w)
		}, 1},
		{"approved, returned twice", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "approve")
			for range 2 {
				paymentReturn(t, w, o.ID)
			}
			deliverAll(t, w)
		}, 1},
		{"failed", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "fail")
			paymentReturn(t, w, o.ID)
		}, 0},
		{"failed, then approved", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			answer(t, w, payAgain(t, w, o), "fail")
			paymentReturn(t, w, o.ID)
			answer(t, w, payAgain(t, w, o), "approve")
			paymentReturn(t, w, o.ID)
		}, 1},
		{"abandoned", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			payAgain(t, w, o)
			w.Pass(t, 40*time.Minute)
		}, 0},
		{"abandoned, then another card", func(t *testing.T, w *thread.World, hana *thread.Shopper, o order.Order) {
			payAgain(t, w, o)
			w.Pass(t, 40*time.Minute)
			hana.GiveCard(t, o.ID, visa)
		}, 1},
		{"approved long after it was taken for abandoned, returning", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			page := payAgain(t, w, o)
			w.Pass(t, 40*time.Minute)
			answer(t, w, page, "approve")
			paymentReturn(t, w, o.ID)
			w.Drain(t)
		}, 1},
		{"approved long after it was taken for abandoned, by webhook", func(t *testing.T, w *thread.World, _ *thread.Shopper, o order.Order) {
			page := payAgain(t, w, o)
			w.Pass(t, 40*time.Minute)
			answer(t, w, page, "approve")
			deliverAll(t, w)
		}, 1},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := asked(t, w, len(stories))
		for i, story := range stories {
			t.Run(story.name, func(t *testing.T) {
				hana := members[i]
				story.act(t, w, hana, hana.Orders(t)[1])
				w.Drain(t)
				o, p := renewal(t, w, hana)
				want := order.PaymentFailing
				if story.charge == 1 {
					want = order.PaymentPaid
				}
				if o.Payment != want || chargesOf(t, w, hana) != story.charge {
					t.Errorf("the order is %s (payment %s) with %d charges", o.Payment, p.State, chargesOf(t, w, hana))
				}
				open := 0
				for _, a := range alertsOf(t, w) {
					if a.OrderID == o.ID {
						open++
					}
				}
				if open != 1-story.charge {
					t.Errorf("%d alerts", open)
				}
				w.Sound(t)
			})
		}
	})
}

func TestANewCardGivenWhileARetryRunsPaysOnceWithTheNewCard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		first := hana.Deadline(t)
		hana.Behave(t, "insufficient_funds")
		w.AdvanceTo(t, first)
		o, _ := renewal(t, w, hana)
		w.Clock.Set(first.Add(day))
		page, err := w.Flow.OpenCardPage(t.Context(), hostedPage(placedOf(o)))
		if err != nil {
			t.Fatal(err)
		}
		// the retry is declined only after the customer has stored another card
		hana.Fault(t, confirmIntent, "after", "slow", 1)
		hana.Behave(t, "lost_card")
		retried := make(chan error, 1)
		other, _ := w.Process()
		go func() {
			_, err := other.Charge(context.Background(), 10)
			retried <- err
		}()
		waitFor(t, func() bool { return failedCharges(t, w) == 2 })
		w.PayPage(t, page, visa)
		ok(t, comeBack(w, placedOf(o)))
		if err := <-retried; err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		o, p := renewal(t, w, hana)
		if o.Payment != order.PaymentPaid || chargesOf(t, w, hana) != 1 {
			t.Errorf("the order is %s (payment %s) with %d charges", o.Payment, p.State, chargesOf(t, w, hana))
		}
		w.AdvanceTo(t, first.Add(10*day))
		w.Sound(t)
	})
}

func TestALatePaymentMovesTheBoxAndKeepsTheCalendar(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		_, before := hana.Subscription(t)
		hana.Behave(t, "expired_card")
		w.AdvanceTo(t, before[1].Deadline)
		o, _ := renewal(t, w, hana)
		paidAt := before[1].Date.Start(tokyo(t)).Add(14*day + 10*time.Hour) // due the 1st, paid the 15th
		w.AdvanceTo(t, paidAt)
		hana.GiveCard(t, o.ID, visa)
		w.Drain(t)

		_, after := hana.Subscription(t)
		today := calendar.DateOf(paidAt.In(tokyo(t)))
		if after[1].State != subscription.DeliveryOrdered || !today.Before(after[1].Date) || today.AddDays(7).Before(after[1].Date) {
			t.Errorf("the paid box comes on %s, it was paid on %s", after[1].Date, today)
		}
		if after[2].Date != before[2].Date || after[3].Date != before[3].Date {
			t.Errorf("the calendar moved: %s and %s, before %s and %s", after[2].Date, after[3].Date, before[2].Date, before[3].Date)
		}
		if o, _ = renewal(t, w, hana); o.DeliveryDate != after[1].Date {
			t.Errorf("the order says %s, the delivery %s", o.DeliveryDate, after[1].Date)
		}
		w.Sound(t)
	})
}

func TestWhileAnOrderIsUnpaidTheNextBoxIsBlockedAndThenOrderedOrSkipped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 2)
		soon, late := members[0], members[1]
		_, boxes := soon.Subscription(t)
		for _, s := range members {
			s.Behave(t, "expired_card")
		}
		w.AdvanceTo(t, boxes[2].Deadline)
		for _, s := range members {
			if _, now := s.Subscription(t); now[2].State != subscription.DeliveryBlocked || now[2].Cause != subscription.CauseUnpaid {
				t.Fatalf("the next box is %s, %q", now[2].State, now[2].Cause)
			}
			if n := len(s.Orders(t)); n != 2 {
				t.Errorf("%d orders", n)
			}
		}
		soon.GiveCard(t, soon.Orders(t)[1].ID, visa)
		w.Drain(t)
		w.AdvanceTo(t, boxes[2].Date.Start(tokyo(t)).Add(2*day))
		late.GiveCard(t, late.Orders(t)[1].ID, visa)
		w.Drain(t)

		_, ordered := soon.Subscription(t)
		if orders := soon.Orders(t); len(orders) != 3 || ordered[2].State != subscription.DeliveryOrdered || orders[2].Payment != order.PaymentPaid {
			t.Errorf("paid in time: %d orders, the box is %s", len(orders), ordered[2].State)
		}
		_, skipped := late.Subscription(t)
		if n := len(late.Orders(t)); n != 2 || skipped[2].State != subscription.DeliverySkipped || skipped[2].Cause != subscription.CauseUnpaid {
			t.Errorf("paid too late: %d orders, the box is %s, %q", n, skipped[2].State, skipped[2].Cause)
		}
		w.AdvanceTo(t, boxes[3].Deadline)
		if n := len(late.Orders(t)); n != 3 {
			t.Errorf("%d orders after the next deadline, want 3", n)
		}
		w.Sound(t)
	})
}
