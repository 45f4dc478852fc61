package flow_test

import (
	"context"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// The shipping desk sends a box while the order is being taken back: it keeps its
// order, and nobody is told otherwise.
func TestABoxThatIsSentWhileItsOrderIsTakenBackKeepsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, sent := range []order.FulfilmentState{order.FulfilmentInstructed, order.FulfilmentShipped, order.FulfilmentDelivered} {
			t.Run(string(sent), func(t *testing.T) {
				t.Parallel() // it mostly waits
				w := thread.New(t, dbtest.Open(t, d.Engine), 20)
				s := failed(t, w)
				running, _ := s.Subscription(t)
				in := flow.TakeBack{Verb: byStaff(w, running), Slot: 2}
				effect, err := w.Flow.PreviewTakeBack(t.Context(), in)
				ok(t, err)
				in.Verb = shown(in.Verb, effect)
				w.Fault(t, "POST /v1/payment_intents/*/cancel", "after", "slow", 1)
				done := make(chan error, 1)
				go func() {
					_, err := w.Flow.TakeBack(context.Background(), in)
					done <- err
				}()
				waitFor(t, func() bool { return len(w.Faults(t)) == 0 })
				o, _ := renewal(t, w, s)
				write(t, w.DB, "UPDATE orders SET fulfilment = ? WHERE store_id = 1 AND number = ?", string(sent), o.Number)
				if err := <-done; !fault.Is(err, fault.Conflict) {
					t.Errorf("taken back: %v", err)
				}
				o, p := renewal(t, w, s)
				_, boxes := s.Subscription(t)
				if o.Fulfilment != sent || p.State == payment.StateVoid || boxes[1].State != subscription.DeliveryOrdered {
					t.Errorf("the order is %s, the payment %s, the box %s", o.Fulfilment, p.State, boxes[1].State)
				}
				w.Sound(t)
			})
		}
	})
}
