package thread

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Members makes n shoppers with a running monthly subscription that is charged to
// their stored card from the second box on; the first was paid in cash.
func (w *World) Members(t testing.TB, n int) []*Shopper {
	t.Helper()
	list := make([]*Shopper, n)
	for i := range list {
		list[i] = w.Shopper(t, fmt.Sprintf("member%d@example.jp", i))
		list[i].Place(t, list[i].Order(t, list[i].Fill(t, 1, Monthly, pricing.MethodCOD)))
	}
	w.write(t, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE subscriptions SET pays = ?, card_id =
			(SELECT c.id FROM cards AS c WHERE c.store_id = 1 AND c.customer_id = subscriptions.customer_id)
			WHERE store_id = 1`, string(pricing.MethodCard))
		return err
	})
	w.Drain(t)
	return list
}

// Deadline is when the shopper's next box is decided about.
func (s *Shopper) Deadline(t testing.TB) time.Time {
	t.Helper()
	_, deliveries := s.Subscription(t)
	for _, d := range deliveries {
		if d.State == subscription.DeliveryPlanned {
			return d.Deadline
		}
	}
	t.Fatal("no box is planned")
	return time.Time{}
}

// Behave makes the shopper's stored card behave in another way from now on, as the
// simulator's /_sim/known has it.
func (s *Shopper) Behave(t testing.TB, behaviour string) {
	t.Helper()
	s.w.Know(t, s.Customer.GatewayID, s.Card.GatewayID, behaviour)
}

// Fault tells the simulator to misbehave towards this shopper; a hanging request
// breaks after a tenth of a second, a slow one takes most of one.
func (s *Shopper) Fault(t testing.TB, endpoint, when, kind string, count int) {
	t.Helper()
	delay := map[string]int{"hang": 100, "slow": 700}[kind] // in milliseconds; what is 0 takes none
	call(t, http.MethodPost, s.w.SimURL+"/_sim/faults", map[string]any{
		"endpoint": endpoint, "when": when, "kind": kind, "count": count, "customer": s.Customer.GatewayID, "delay_ms": delay,
	}, nil)
}
