package app

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestTheDemosClockMissesNoBoxHoweverFarItMoves(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			w, place := shopIn(t, engine)
			h := house(t, place)
			h.Flow.Mailer = with(house(t, place), w).Flow.Mailer
			members := w.Members(t, 2)
			m := &mover{house: h}
			first, ok, err := m.NextDeadline(t.Context())
			if err != nil || !ok {
				t.Fatalf("no deadline is ahead: %v", err)
			}
			target := first.Add(180 * 24 * time.Hour)
			if err := m.Forward(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			if now := h.Clock.Now(); now.Before(target) || now.After(target.Add(time.Minute)) {
				t.Errorf("the clock shows %s, not %s", now, target)
			}
			for _, s := range members {
				orders := s.Orders(t)
				if len(orders) < 7 {
					t.Errorf("%d orders in six months", len(orders))
				}
				for _, o := range orders[1:] {
					if o.Payment != order.PaymentPaid {
						t.Errorf("order %s is %s", o.Number, o.Payment)
					}
				}
				_, boxes := s.Subscription(t)
				for _, b := range boxes {
					if b.State != subscription.DeliveryOrdered && b.State != subscription.DeliveryPlanned {
						t.Errorf("box %d is %s, %q", b.Slot, b.State, b.Cause)
					}
				}
			}
			if alerts, err := db.OpenAlerts(t.Context(), w.DB, thread.StoreID, ident.ID{}, 10); err != nil || len(alerts) != 0 {
				t.Errorf("alerts %+v, %v", alerts, err)
			}
			w.Sound(t)
		})
	}
}

func TestTheDemosClockIsKeptAndNeverGoesBack(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			_, place := shopIn(t, engine)
			h := house(t, place)
			ahead := Wall().Add(48 * time.Hour)
			if err := h.Clock.MoveTo(t.Context(), h.DB, ahead); err != nil {
				t.Fatal(err)
			}
			if err := h.Clock.MoveTo(t.Context(), h.DB, Wall()); err != nil {
				t.Fatal(err)
			}
			// another process, or this one after a restart, sees the same time
			if now := house(t, place).Clock.Now(); now.Before(ahead) {
				t.Errorf("the clock shows %s, it was moved to %s", now, ahead)
			}
		})
	}
}
