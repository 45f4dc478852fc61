package flow_test

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// Three pieces with postage and fee are 4,970 yen, and no carrier collects more
// than 4,000: with one piece the box goes on.
func TestACustomerMakesABoxAboveTheCeilingSmaller(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		s, _ := c.Subscription(t)
		write(t, w.DB, "UPDATE subscriptions SET pays = 'cod' WHERE store_id = 1 AND id = ?", raw(w, s.ID))
		write(t, w.DB, "UPDATE subscription_items SET quantity = 3 WHERE store_id = 1 AND subscription_id = ?", raw(w, s.ID))
		ok(t, savedGroup(t, w, db.SettingsPayment, func(s *store.Settings) {
			s.Payment.CODTiers = []shipping.CODTier{{Ceiling: 4_000, Fee: 330}}
		}))
		w.AdvanceTo(t, c.Deadline(t))
		if _, list := c.Subscription(t); list[1].State != subscription.DeliveryBlocked || list[1].Cause != subscription.CauseCODLimit {
			t.Fatalf("the box is %s (%s)", list[1].State, list[1].Cause)
		}
		in := flow.ChangeQuantity{Verb: c.verb(), ItemID: s.Items[0].ID, Quantity: 3}
		if _, err := w.Flow.PreviewQuantity(t.Context(), in); !fault.Is(err, fault.Invalid) {
			t.Errorf("as many as before: %v", err)
		}
		in.Quantity = 1
		effect, err := w.Flow.PreviewQuantity(t.Context(), in)
		in.Verb = c.shown(effect, err)
		if got := effect.Rows[0].After.Total.Minor; got != 2_310 {
			t.Errorf("%d is shown", got)
		}
		if _, err := w.Flow.ChangeQuantity(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if orders := c.Orders(t); len(orders) != 2 || orders[1].Total != 2_310 || orders[1].Payment != order.PaymentCOD {
			t.Errorf("orders %+v", orders)
		}
		if list := alertsOf(t, w); len(list) != 0 {
			t.Errorf("alerts %+v", list)
		}
		w.Sound(t)
	})
}
