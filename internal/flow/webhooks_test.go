package flow_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// permutations of n things, as lists of their places.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			longer := append(append(append([]int{}, shorter[:at]...), n-1), shorter[at:]...)
			all = append(all, longer)
		}
	}
	return all
}

func TestTheMessagesOfAPurchaseMayComeInAnyOrderAndTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1_000)
		buy := func(i int) (*thread.Shopper, []thread.Event) {
			shopper := w.Shopper(t, fmt.Sprintf("shopper%d@example.jp", i))
			known := len(w.Events(t))
			w.PayPage(t, shopper.Page(t, apply(t, shopper)), visa)
			return shopper, w.Events(t)[known:]
		}
		_, events := buy(0)
		if len(events) < 2 {
			t.Fatalf("a purchase sends %d messages", len(events))
		}
		for i, places := range permutations(len(events)) {
			shopper, events := buy(i + 1)
			for _, at := range places {
				w.Deliver(t, events[at])
				w.Deliver(t, events[at])
				w.Drain(t)
				w.Deliver(t, events[at])
			}
			w.Drain(t)
			if o := shopper.Orders(t)[0]; o.Payment != order.PaymentPaid {
				t.Errorf("messages in the order %v: %s", places, o.Payment)
			}
			if n := len(w.Mails.To(shopper.Customer.Mail)); n != 1 {
				t.Errorf("messages in the order %v: %d mails", places, n)
			}
		}
		w.Pass(t, time.Hour) // the purchase whose messages were lost
		w.Sound(t)
	})
}

func TestTheMessagesOfARenewalMayComeInAnyOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Subscribe(t, visa)
		_, deliveries := hana.Subscription(t)
		w.AdvanceTo(t, deliveries[1].Deadline)
		events := w.Events(t)
		for _, places := range permutations(len(events)) {
			for _, at := range places {
				w.Deliver(t, events[at])
			}
			w.Drain(t)
		}
		if orders := hana.Orders(t); len(orders) != 2 || orders[1].Payment != order.PaymentPaid {
			t.Errorf("orders %+v", orders)
		}
		if n := len(w.Mails.To(hanaMail)); n != 3 {
			t.Errorf("%d mails, want 3", n)
		}
		w.Sound(t)
	})
}

func TestAMessageThatIsNotTheGatewaysIsRefusedAndChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		w.PayPage(t, hana.Page(t, apply(t, hana)), visa)
		body := w.Events(t)[0].Body
		now := w.Wall.Now()
		for name, forged := range map[string]struct {
			body      []byte
			signature string
		}{
			"without a signature":     {body, ""},
			"with another secret":     {body, thread.Sign(body, "whsec_other", now)},
			"ten minutes old":         {body, thread.Sign(body, thread.WebhookSecret, now.Add(-10*time.Minute))},
			"from the future":         {body, thread.Sign(body, thread.WebhookSecret, now.Add(10*time.Minute))},
			"changed after signing":   {bytes.Replace(body, []byte("evt"), []byte("evx"), 1), thread.Sign(body, thread.WebhookSecret, now)},
			"no message":              {[]byte("hello"), thread.Sign([]byte("hello"), thread.WebhookSecret, now)},
			"an empty body":           {nil, thread.Sign(nil, thread.WebhookSecret, now)},
			"a signature of nonsense": {body, "t=x,v1=y"},
		} {
			err := w.Flow.ReceiveWebhook(t.Context(), thread.StoreID, forged.body, forged.signature)
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.Drain(t)
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentAwaiting {
			t.Errorf("the order is %s", o.Payment)
		}
		if _, err := w.Flow.HandleWebhooks(t.Context(), 10); err != nil {
			t.Error(err)
		}
	})
}

func TestAMessageOfAnotherStoreOrOfAnUnknownObjectChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		w.PayPage(t, hana.Page(t, apply(t, hana)), visa)
		event := w.Events(t)[0]
		// store 2 has no secret of this account
		signature := thread.Sign(event.Body, thread.WebhookSecret, w.Wall.Now())
		if err := w.Flow.ReceiveWebhook(t.Context(), 2, event.Body, signature); err == nil {
			t.Error("another store took the message")
		}
		for i, typ := range []string{"checkout.session.completed", "payment_intent.succeeded", "payout.paid"} {
			body := fmt.Appendf(nil, `{"id":"evt_x%d","object":"event","type":%q,"data":{"object":{"id":"x_%d"}}}`, i, typ, i)
			w.Deliver(t, thread.Event{Type: typ, Body: body})
		}
		for range 8 { // an unknown session may be one whose creation is not stored yet
			w.Pass(t, 10*time.Second)
		}
		if o := hana.Orders(t)[0]; o.Payment != order.PaymentAwaiting {
			t.Errorf("the order is %s", o.Payment)
		}
		w.Clock.Forward(time.Minute)
		if n, err := w.Flow.HandleWebhooks(t.Context(), 10); n != 0 || err != nil {
			t.Errorf("%d messages still wait, %v", n, err)
		}
	})
}
