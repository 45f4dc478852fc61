package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

const createSession = "POST /v1/checkout/sessions"

// openImpatiently asks for the payment page and gives up soon.
func openImpatiently(w *thread.World, placed flow.Placed) error {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := w.Flow.OpenPaymentPage(ctx, hostedPage(placed))
	return err
}

func TestAPageWhoseMakingFailedIsMadeByTheNextTryAndPaidOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		for _, kind := range []string{"500", "hang", "reset"} {
			for _, when := range []string{"before", "after"} {
				for _, pause := range []time.Duration{0, 5 * time.Minute} {
					t.Run(kind+" "+when+" the effect, tried again after "+pause.String(), func(t *testing.T) {
						hana := w.Shopper(t, kind+when+pause.String()+"@example.jp")
						placed := apply(t, hana)
						w.Fault(t, createSession, when, kind, 1)
						if err := openImpatiently(w, placed); !fault.Is(err, fault.Unavailable) {
							t.Errorf("the customer is told %v", err)
						}
						w.Pass(t, pause)
						w.PayPage(t, hana.Page(t, placed), visa)
						ok(t, comeBack(w, placed))
						mustBePaidOnce(t, w, hana)
					})
				}
			}
		}
	})
}

func TestAGatewayThatIsAwayForAWhileCostsNoOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		w.Fault(t, "", "before", "reset", 0)
		for range 4 {
			if err := openImpatiently(w, placed); !fault.Is(err, fault.Unavailable) {
				t.Errorf("the customer is told %v", err)
			}
			w.Clock.Forward(3 * time.Minute)
		}
		w.Heal(t)
		w.PayPage(t, hana.Page(t, placed), visa)
		ok(t, comeBack(w, placed))
		mustBePaidOnce(t, w, hana)
	})
}

func TestASessionThatCannotBeReadIsAskedAboutAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		placed := apply(t, hana)
		w.PayPage(t, hana.Page(t, placed), visa)
		w.Fault(t, "GET /v1/checkout/sessions/*", "before", "500", 3)
		if err := comeBack(w, placed); err == nil {
			t.Error("the return page guessed")
		}
		w.Pass(t, 33*time.Minute)
		for range 3 {
			w.Pass(t, 2*time.Minute)
		}
		mustBePaidOnce(t, w, hana)
	})
}

func TestAnExpiryWhoseAnswerIsLostEndsTheHoldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		for _, kind := range []string{"500", "reset"} {
			for _, when := range []string{"before", "after"} {
				t.Run(kind+" "+when, func(t *testing.T) {
					hana := w.Shopper(t, kind+when+"@example.jp")
					placed := apply(t, hana)
					hana.Page(t, placed)
					w.Fault(t, "POST /v1/checkout/sessions/*/expire", when, kind, 1)
					w.Pass(t, 33*time.Minute)
					w.Pass(t, 3*time.Minute)
					if o := hana.Orders(t)[0]; o.Payment != order.PaymentCancelled || w.Reserved(t) != 0 {
						t.Errorf("the order is %s, %d pieces reserved", o.Payment, w.Reserved(t))
					}
					w.Sound(t)
				})
			}
		}
	})
}
