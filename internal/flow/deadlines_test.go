package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestABrokenRecordIsSetAsideAndTheOthersFinish(t *testing.T) {
	poisons := []struct {
		name string
		harm func(t *testing.T, w *thread.World, id ident.ID)
		heal func(t *testing.T, w *thread.World, id ident.ID)
	}{
		{
			// every order of it breaks CHECK (total >= 0): the whole set is refused and halved
			"a price that no order may have",
			func(t *testing.T, w *thread.World, id ident.ID) { setAgreed(t, w, id, -10_000) },
			func(t *testing.T, w *thread.World, id ident.ID) { setAgreed(t, w, id, 1_330) },
		},
		{
			"a cycle that nobody can read",
			func(t *testing.T, w *thread.World, id ident.ID) { setCycle(t, w, id, "every now and then") },
			func(t *testing.T, w *thread.World, id ident.ID) { setCycle(t, w, id, thread.Monthly.String()) },
		},
		{
			// the box it is about to order is taken: a unique constraint refuses it
			"a box that was ordered already",
			func(t *testing.T, w *thread.World, id ident.ID) { setBoxes(t, w, id, 0) },
			func(t *testing.T, w *thread.World, id ident.ID) { setBoxes(t, w, id, 1) },
		},
		{
			// as if it were another at the moment of writing, each time
			"a delivery that nobody can write",
			freezeDeliveries, thawDeliveries,
		},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 20+len(poisons))
		sick := map[ident.ID]int{} // subscription → poison
		for i := range poisons {
			s, _ := members[7*i].Subscription(t)
			sick[s.ID] = i
		}
		deadline := members[1].Deadline(t)
		for id, i := range sick {
			poisons[i].harm(t, w, id)
		}
		w.AdvanceTo(t, deadline)
		for i, m := range members {
			want := 2
			if i%7 == 0 && i/7 < len(poisons) {
				want = 1
			}
			if n := len(m.Orders(t)); n != want {
				t.Errorf("member %d has %d orders, want %d", i, n, want)
			}
		}
		alerts := alertsOf(t, w)
		if len(alerts) != len(poisons) {
			t.Errorf("%d alerts, want %d", len(alerts), len(poisons))
		}
		for _, a := range alerts {
			i, known := sick[a.SubjectID]
			if a.Kind != alert.KindQuarantined || !known {
				t.Fatalf("alert %+v", a)
			}
			poisons[i].heal(t, w, a.SubjectID)
			if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); err != nil {
				t.Fatal(err)
			}
		}
		w.Drain(t)
		for i := range poisons {
			if n := len(members[7*i].Orders(t)); n != 2 {
				t.Errorf("%s, healed and retried: %d orders", poisons[i].name, n)
			}
		}
		w.Sound(t)
	})
}

// freezeDeliveries lets the database pass over every change of a subscription's
// deliveries.
func freezeDeliveries(t *testing.T, w *thread.World, id ident.ID) {
	t.Helper()
	if w.DB.Engine == db.Postgres {
		write(t, w.DB, "CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END' /* all stores */")
		write(t, w.DB, fmt.Sprintf(`CREATE TRIGGER frozen BEFORE UPDATE ON deliveries FOR EACH ROW
			WHEN (OLD.subscription_id = '%s') EXECUTE FUNCTION frozen() /* all stores */`, id))
		return
	}
	write(t, w.DB, fmt.Sprintf(`CREATE TRIGGER frozen BEFORE UPDATE ON deliveries
		WHEN OLD.subscription_id = X'%x' BEGIN SELECT RAISE(IGNORE); END /* all stores */`, id[:]))
}

func thawDeliveries(t *testing.T, w *thread.World, _ ident.ID) {
	t.Helper()
	if w.DB.Engine == db.Postgres {
		write(t, w.DB, "DROP TRIGGER frozen ON deliveries /* all stores */")
		return
	}
	write(t, w.DB, "DROP TRIGGER frozen /* all stores */")
}

func setAgreed(t *testing.T, w *thread.World, id ident.ID, amount int64) {
	write(t, w.DB, "UPDATE subscription_items SET agreed = ? WHERE store_id = 1 AND subscription_id = ?", amount, raw(w, id))
}

func setCycle(t *testing.T, w *thread.World, id ident.ID, cycle string) {
	write(t, w.DB, "UPDATE subscriptions SET cycle = ? WHERE store_id = 1 AND id = ?", cycle, raw(w, id))
}

func setBoxes(t *testing.T, w *thread.World, id ident.ID, boxes int) {
	write(t, w.DB, "UPDATE subscriptions SET boxes_ordered = ? WHERE store_id = 1 AND id = ?", boxes, raw(w, id))
}

// raw is an id as the engine's own type.
func raw(w *thread.World, id ident.ID) any {
	if w.DB.Engine == db.Postgres {
		return id.String()
	}
	return id[:]
}

func TestASoldOutBoxWaitsIsAlertedAndMailedAndOrderedOnceStockIsThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 5) // three for the first boxes, two for the second
		members := w.Members(t, 3)
		w.AdvanceTo(t, members[0].Deadline(t))
		var waiting *thread.Shopper
		for _, m := range members {
			if len(m.Orders(t)) == 1 {
				waiting = m
			}
		}
		if waiting == nil || len(w.AllOrders(t)) != 5 || w.Reserved(t) != 5 {
			t.Fatalf("%d orders, %d pieces reserved, want 5", len(w.AllOrders(t)), w.Reserved(t))
		}
		_, boxes := waiting.Subscription(t)
		if boxes[1].State != subscription.DeliveryBlocked || boxes[1].Cause != subscription.CauseStockOut {
			t.Errorf("the box without goods is %s, %q", boxes[1].State, boxes[1].Cause)
		}
		alerts := alertsOf(t, w)
		if len(alerts) != 1 || alerts[0].Kind != alert.KindStockOut {
			t.Fatalf("alerts %+v", alerts)
		}
		if n := len(w.Mails.To(waiting.Customer.Mail)); n != 2 { // of the start and of the missing goods
			t.Errorf("%d mails, want 2", n)
		}
		retry := func() {
			t.Helper()
			a := alertsOf(t, w)[0]
			if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); err != nil {
				t.Fatal(err)
			}
			w.Drain(t)
		}
		setStock(t, w, 6)
		retry()
		if orders := waiting.Orders(t); len(orders) != 2 || orders[1].Payment != order.PaymentPaid {
			t.Errorf("with stock: %d orders", len(orders))
		}
		w.Sound(t)
	})
}

func setStock(t *testing.T, w *thread.World, pieces int64) {
	t.Helper()
	if err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.SetStock(ctx, tx, thread.StoreID, w.Product.Variants[0].ID, pieces, 0, calendar.Date{}, w.Flow.NewID(), w.Clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
}

func TestARetryWithoutStockKeepsTheAlert(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		hana := w.Members(t, 1)[0]
		w.AdvanceTo(t, hana.Deadline(t))
		a := alertsOf(t, w)[0]
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, a.ID, a.Version); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if alerts := alertsOf(t, w); len(alerts) != 1 || alerts[0].Kind != alert.KindStockOut {
			t.Errorf("after a retry in vain: alerts %+v", alerts)
		}
		if n := len(w.Mails.To(hana.Customer.Mail)); n != 2 {
			t.Errorf("%d mails, want 2: the retry in vain is not told again", n)
		}
	})
}

func TestAfterSixtyDaysOfDowntimeOneBoxIsOrderedAndTheOthersAreMissed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 3)
		w.Clock.Set(members[0].Deadline(t).Add(60 * day)) // in one leap: nobody worked
		w.Drain(t)
		for _, m := range members {
			_, boxes := m.Subscription(t)
			ordered, missed, planned := 0, 0, 0
			for _, b := range boxes[1:] {
				switch {
				case b.State == subscription.DeliveryOrdered:
					ordered++
					if b.Slot != 2 || b.Date.Start(tokyo(t)).Before(w.Clock.Now()) {
						t.Errorf("ordered is slot %d for %s", b.Slot, b.Date)
					}
				case b.State == subscription.DeliverySkipped && b.Cause == subscription.CauseMissed:
					missed++
				case b.State == subscription.DeliveryPlanned && b.Deadline.After(w.Clock.Now()):
					planned++
				default:
					t.Errorf("slot %d is %s, %q, deadline %s", b.Slot, b.State, b.Cause, b.Deadline)
				}
			}
			if ordered != 1 || missed != 1 || planned < 1 {
				t.Errorf("%d ordered, %d missed, %d planned", ordered, missed, planned)
			}
			if n := chargesOf(t, w, m); n != 1 {
				t.Errorf("%d charges at once", n)
			}
		}
		if alerts := alertsOf(t, w); len(alerts) != 3 || alerts[0].Kind != alert.KindMissed {
			t.Errorf("alerts %+v", alerts)
		}
		w.Sound(t)
	})
}

func TestTwoProcessesOrderEachOfTwoHundredDueBoxesOnce(t *testing.T) {
	const due = 200
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 3*due)
		members := w.Members(t, due)
		w.Clock.Set(members[0].Deadline(t))
		w.Fault(t, "", "before", "reset", 3)
		w.Fault(t, "", "after", "500", 3)
		_, one := w.Process()
		_, two := w.Process()
		for _, err := range atOnce(2, func(i int) error {
			if i == 0 {
				return one.Drain(context.Background())
			}
			return two.Drain(context.Background())
		}) {
			ok(t, err)
		}
		w.AdvanceTo(t, w.Clock.Now().Add(time.Hour))
		paid := 0
		for _, o := range w.AllOrders(t) {
			if o.Source == order.SourceRenewal && o.Payment == order.PaymentPaid {
				paid++
			}
		}
		if n := len(w.Ledger(t).Succeeded()); paid != due || n != due || w.Reserved(t) != 2*due {
			t.Errorf("%d paid orders, %d charges, %d pieces reserved; want %d, %d, %d", paid, n, w.Reserved(t), due, due, 2*due)
		}
		w.Sound(t)
	})
}

func TestEachChangeOfStateHasItsAuditLine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Subscribe(t, failsLater)
		s, boxes := hana.Subscription(t)
		w.AdvanceTo(t, boxes[1].Deadline)
		orders := hana.Orders(t)
		hana.GiveCard(t, orders[1].ID, visa)
		w.Drain(t)
		for _, c := range []struct {
			id    ident.ID
			verbs []string
		}{
			{orders[0].ID, []string{"order.placed", "order.paid"}},
			{orders[1].ID, []string{"order.created", "payment.declined", "order.card_given", "order.paid"}},
			{s.ID, []string{"subscription.applied", "subscription.started", "delivery.ordered", "subscription.card_changed"}},
		} {
			lines, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{c.id}, 100)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]audit.Line{}
			for _, l := range lines {
				told[l.Verb] = l
			}
			for _, verb := range c.verbs {
				if l, found := told[verb]; !found || l.Actor.Kind == "" || l.At.IsZero() {
					t.Errorf("no whole line %q among %d", verb, len(lines))
				}
			}
		}
	})
}

func TestAChangeThatCannotBeWrittenIntoTheTrailIsNotMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Members(t, 1)[0]
		w.Clock.Set(hana.Deadline(t))
		write(t, d, "ALTER TABLE audit RENAME TO audit_away")
		if _, err := w.Flow.PassDeadlines(t.Context(), 10); err == nil {
			t.Error("a deadline passed without its audit line")
		}
		write(t, d, "ALTER TABLE audit_away RENAME TO audit")
		if n := len(hana.Orders(t)); n != 1 || w.Reserved(t) != 1 {
			t.Errorf("%d orders, %d pieces reserved", n, w.Reserved(t))
		}
		w.Wall.Forward(time.Minute) // the failed run's lease is over
		w.Drain(t)
		if n := len(hana.Orders(t)); n != 2 {
			t.Errorf("%d orders after the trail is back", n)
		}
		w.Sound(t)
	})
}

func TestStockThatCameByTheNextDeadlineEndsTheAlert(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		hana := w.Members(t, 1)[0]
		_, boxes := hana.Subscription(t)
		w.AdvanceTo(t, boxes[1].Deadline)
		if alerts := alertsOf(t, w); len(alerts) != 1 || alerts[0].Kind != alert.KindStockOut {
			t.Fatalf("alerts %+v", alerts)
		}
		setStock(t, w, 10)
		w.AdvanceTo(t, boxes[2].Deadline)
		if n := len(hana.Orders(t)); n != 2 {
			t.Errorf("%d orders", n)
		}
		for _, a := range alertsOf(t, w) {
			if a.Kind == alert.KindStockOut {
				t.Error("goods are there and ordered, the alert is still open")
			}
		}
		w.Sound(t)
	})
}
