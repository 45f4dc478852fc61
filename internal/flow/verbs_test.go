package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// customer is a shopper with a running subscription who changes it in my page.
type customer struct {
	*thread.Shopper
	t *testing.T
	w *thread.World
}

func member(t *testing.T, w *thread.World) customer {
	t.Helper()
	return customer{w.Members(t, 1)[0], t, w}
}

// verb is what a form of my page sends, before anything was shown.
func (c customer) verb() flow.Verb {
	c.t.Helper()
	s, _ := c.Subscription(c.t)
	return flow.Verb{
		StoreID: thread.StoreID, CustomerID: c.Customer.ID, SubscriptionID: s.ID,
		Actor: audit.Actor{Kind: audit.ActorCustomer, ID: c.Customer.ID, RequestID: "test"},
	}
}

// shown is the verb of a form that shows an effect.
func (c customer) shown(e flow.Effect, err error) flow.Verb {
	c.t.Helper()
	ok(c.t, err)
	v := c.verb()
	v.Version, v.Digest = e.Version(), e.Digest()
	return v
}

func (c customer) skip(slot int, undo bool) error {
	c.t.Helper()
	in := flow.SkipDelivery{Verb: c.verb(), Slot: slot, Undo: undo}
	in.Verb = c.shown(c.w.Flow.PreviewSkip(c.t.Context(), in))
	_, err := c.w.Flow.Skip(c.t.Context(), in)
	return err
}

func (c customer) putOff(slot int, date calendar.Date, following bool) error {
	c.t.Helper()
	in := flow.PutOff{Verb: c.verb(), Slot: slot, Date: date, Following: following}
	in.Verb = c.shown(c.w.Flow.PreviewPutOff(c.t.Context(), in))
	_, err := c.w.Flow.PutOff(c.t.Context(), in)
	return err
}

func (c customer) pause() error {
	c.t.Helper()
	in := flow.Pause{Verb: c.verb()}
	in.Verb = c.shown(c.w.Flow.PreviewPause(c.t.Context(), in))
	_, err := c.w.Flow.Pause(c.t.Context(), in)
	return err
}

func (c customer) resume(ship bool) (flow.Changed, error) {
	c.t.Helper()
	in := flow.Resume{Verb: c.verb(), Ship: ship}
	in.Verb = c.shown(c.w.Flow.PreviewResume(c.t.Context(), in))
	return c.w.Flow.Resume(c.t.Context(), in)
}

func (c customer) cancel(reason string) error {
	c.t.Helper()
	in := flow.Cancel{Verb: c.verb(), Reason: reason}
	in.Verb = c.shown(c.w.Flow.PreviewCancel(c.t.Context(), in))
	_, err := c.w.Flow.Cancel(c.t.Context(), in)
	return err
}

// calendar is what is in the books: slot, state and date of each delivery.
func (c customer) calendar() []string {
	c.t.Helper()
	var list []string
	_, deliveries := c.Subscription(c.t)
	for _, d := range deliveries {
		list = append(list, string(d.State)+" "+d.Date.String())
	}
	return list
}

// trail are the verbs of the audit trail of the subscription, the newest first.
func (c customer) trail() []audit.Line {
	c.t.Helper()
	s, _ := c.Subscription(c.t)
	lines, err := db.AuditTrail(c.t.Context(), c.w.DB, thread.StoreID, []ident.ID{s.ID}, 100)
	ok(c.t, err)
	return lines
}

func (c customer) mustTell(verb, subject string) {
	c.t.Helper()
	if line := c.trail()[0]; line.Verb != verb || line.Actor.ID != c.Customer.ID {
		c.t.Errorf("the trail says %s by %v, want %s by the customer", line.Verb, line.Actor, verb)
	}
	c.w.Drain(c.t)
	mails := c.w.Mails.To(c.Customer.Mail)
	if len(mails) == 0 || mails[len(mails)-1].Subject != subject {
		c.t.Errorf("no mail says %s", subject)
	}
}

func TestASkippedDeliveryIsNotOrderedAndUsesUpNoBox(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		before := c.calendar()
		ok(t, c.skip(2, false))
		c.mustTell("delivery.skipped", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		want := append(append([]string{before[0], "skipped" + before[1][len("planned"):]}, before[2:]...), "planned 2027-03-23")
		if diff := cmp.Diff(want, c.calendar()); diff != "" {
			t.Error(diff)
		}
		ok(t, c.skip(2, true))
		c.mustTell("delivery.restored", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		ok(t, c.skip(2, false))
		w.AdvanceTo(t, c.Deadline(t))
		if s, list := c.Subscription(t); s.BoxesOrdered != 2 || list[2].Box != 2 || list[2].State != subscription.DeliveryOrdered {
			t.Errorf("%d boxes after slot 3, which is box %d and %s", s.BoxesOrdered, list[2].Box, list[2].State)
		}
		w.Sound(t)
	})
}

func TestADeliveryIsPutOffAloneOrWithAllThatFollow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		days, err := w.Flow.PutOffDates(t.Context(), flow.PutOff{Verb: c.verb(), Slot: 2})
		ok(t, err)
		if len(days) == 0 || days[0] != calendar.On(2026, 12, 24) || days[len(days)-1] != calendar.On(2027, 1, 22) {
			t.Fatalf("put off to %v", days)
		}
		ok(t, c.putOff(2, calendar.On(2027, 1, 5), false))
		c.mustTell("delivery.put_off", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		ok(t, c.putOff(3, calendar.On(2027, 2, 3), true))
		c.mustTell("delivery.put_off_all", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		want := []string{"ordered 2026-11-23", "planned 2027-01-05", "planned 2027-02-03", "planned 2027-03-03"}
		if diff := cmp.Diff(want, c.calendar()); diff != "" {
			t.Error(diff)
		}
		deadline := c.Deadline(t)
		if want := time.Date(2026, 12, 31, 15, 0, 0, 0, time.UTC); !deadline.Equal(want) { // 31 December, 24:00 in Tokyo
			t.Errorf("deadline %s, want %s", deadline, want)
		}
		w.AdvanceTo(t, deadline.Add(-time.Second))
		if n := len(c.Orders(t)); n != 1 {
			t.Errorf("%d orders a second before the new deadline", n)
		}
		w.AdvanceTo(t, deadline)
		if orders := c.Orders(t); len(orders) != 2 || orders[1].DeliveryDate != calendar.On(2027, 1, 5) {
			t.Errorf("%d orders", len(orders))
		}
		want[1] = "ordered 2027-01-05"
		if diff := cmp.Diff(append(want, "planned 2027-04-03"), c.calendar()); diff != "" {
			t.Error(diff)
		}
		w.Sound(t)
	})
}

func TestAQuantityIsOrderedAndChargedAsItWasShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		s, _ := c.Subscription(t)
		in := flow.ChangeQuantity{Verb: c.verb(), ItemID: s.Items[0].ID, Quantity: 4}
		if _, err := w.Flow.PreviewQuantity(t.Context(), in); !fault.Is(err, fault.Invalid) {
			t.Errorf("four pieces, where the plan allows three: %v", err)
		}
		in.Quantity = 3
		effect, err := w.Flow.PreviewQuantity(t.Context(), in)
		in.Verb = c.shown(effect, err)
		if got := effect.Rows[0].After.Total.Minor; got != 4_640 { // 3 × 1,330 + 650
			t.Errorf("%d is shown", got)
		}
		if _, err := w.Flow.ChangeQuantity(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		c.mustTell("subscription.quantity", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		w.AdvanceTo(t, c.Deadline(t))
		if orders := c.Orders(t); len(orders) != 2 || orders[1].Total != 4_640 || orders[1].Payment != order.PaymentPaid {
			t.Errorf("orders %+v", orders)
		}
		w.Sound(t)
	})
}

func TestAPauseHoldsAndAResumeShipsAllInOneBoxChargedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		ok(t, c.pause())
		c.mustTell("subscription.paused", "【ひばり珈琲】定期購入を一時停止しました（T0000001）")
		w.AdvanceTo(t, time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC))
		if n := len(c.Orders(t)); n != 1 {
			t.Fatalf("%d orders in a pause", n)
		}
		in := flow.Resume{Verb: c.verb(), Ship: true}
		effect, err := w.Flow.PreviewResume(t.Context(), in)
		in.Verb = c.shown(effect, err)
		if len(effect.Box.Deliveries) != 2 || effect.Box.Priced.Total != 3_310 {
			t.Errorf("%d boxes for %d are shown", len(effect.Box.Deliveries), effect.Box.Priced.Total)
		}
		first, err := w.Flow.Resume(t.Context(), in)
		ok(t, err)
		if again, err := w.Flow.Resume(t.Context(), in); err != nil || again != first {
			t.Errorf("the second submit got %+v, %v; the first %+v", again, err, first)
		}
		w.Drain(t)
		orders := c.Orders(t)
		if len(orders) != 2 || orders[1].ID != first.OrderID || orders[1].Total != 3_310 || orders[1].Payment != order.PaymentPaid {
			t.Fatalf("orders %+v", orders)
		}
		s, list := c.Subscription(t)
		if s.State != subscription.StateActive || s.BoxesOrdered != 3 {
			t.Errorf("%s with %d boxes", s.State, s.BoxesOrdered)
		}
		for i, d := range list[1:3] {
			if d.State != subscription.DeliveryOrdered || d.OrderID != first.OrderID || d.Box != i+2 || d.Date != calendar.On(2027, 2, 3) {
				t.Errorf("delivery %+v", d)
			}
		}
		if n := len(w.Ledger(t).Succeeded()); n != 1 {
			t.Errorf("%d charges", n)
		}
		w.AdvanceTo(t, c.Deadline(t))
		if n := len(c.Orders(t)); n != 3 {
			t.Errorf("%d orders after the next deadline", n)
		}
		w.Sound(t)
	})
}

func TestAResumeThatTheStockCannotFillLeavesThePause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 2)
		c := member(t, w)
		ok(t, c.pause())
		w.AdvanceTo(t, time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC))
		if _, err := c.resume(true); !fault.Is(err, fault.Conflict) {
			t.Errorf("two boxes from one piece: %v", err)
		}
		if s, _ := c.Subscription(t); s.State != subscription.StatePaused || len(c.Orders(t)) != 1 {
			t.Errorf("%s with %d orders", s.State, len(c.Orders(t)))
		}
		_, err := c.resume(false)
		ok(t, err)
		c.mustTell("subscription.resumed", "【ひばり珈琲】定期購入を再開しました（T0000001）")
		if s, list := c.Subscription(t); s.State != subscription.StateActive || list[1].State != subscription.DeliverySkipped || list[2].State != subscription.DeliverySkipped {
			t.Errorf("%s: %v", s.State, c.calendar())
		}
		w.Sound(t)
	})
}

func TestACancelledSubscriptionOrdersNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		ok(t, c.cancel("too_much"))
		if got := c.trail()[0].Changes["reason"].After; got != "too_much" {
			t.Errorf("the reason kept is %q", got)
		}
		c.mustTell("subscription.cancelled", "【ひばり珈琲】定期購入の解約を承りました（T0000001）")
		w.AdvanceTo(t, w.Clock.Now().AddDate(0, 6, 0))
		if s, list := c.Subscription(t); s.State != subscription.StateCancelled || len(c.Orders(t)) != 1 || len(list) != 4 {
			t.Errorf("%s with %d orders: %v", s.State, len(c.Orders(t)), c.calendar())
		}
		if orders := c.Orders(t); orders[0].Payment == order.PaymentCancelled {
			t.Error("the order that was made was taken back")
		}
		w.Sound(t)
	})
}

func TestBelowTheMinimumACancellationEndsThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE subscriptions SET minimum = 3 WHERE store_id = ?", thread.StoreID)
			return err
		}))
		effect, err := w.Flow.PreviewCancel(t.Context(), flow.Cancel{Verb: c.verb()})
		ok(t, err)
		if effect.Owed != 2 || effect.After.State != subscription.StateActive || effect.After.Count != 3 {
			t.Errorf("%d owed, %s, %d in all", effect.Owed, effect.After.State, effect.After.Count)
		}
		ok(t, c.cancel(""))
		c.mustTell("subscription.ending", "【ひばり珈琲】定期購入の内容を変更しました（T0000001）")
		w.AdvanceTo(t, w.Clock.Now().AddDate(1, 0, 0))
		if s, _ := c.Subscription(t); s.State != subscription.StateCompleted || len(c.Orders(t)) != 3 {
			t.Errorf("%s with %d orders", s.State, len(c.Orders(t)))
		}
		w.Sound(t)
	})
}

// Once its charge is declined an order is taken back by a customer who leaves: no
// card that works later, no retry and no link charges it any more.
func TestWhoLeavesTakesTheDeclinedOrderBack(t *testing.T) {
	leave := map[string]func(customer) error{
		"cancel": func(c customer) error { return c.cancel("") },
		"pause":  func(c customer) error { return c.pause() },
	}
	for name, do := range leave {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := thread.New(t, d, 100)
				c := member(t, w)
				c.Behave(t, "insufficient_funds")
				w.AdvanceTo(t, c.Deadline(t))
				effect, err := w.Flow.PreviewCancel(t.Context(), flow.Cancel{Verb: c.verb()})
				ok(t, err)
				if len(effect.TakenBack) != 1 || effect.TakenBack[0].Number != c.Orders(t)[1].Number {
					t.Errorf("taken back: %+v", effect.TakenBack)
				}
				ok(t, do(c))
				c.Behave(t, "ok")
				o := c.Orders(t)[1]
				if _, err := w.Flow.PayAgain(t.Context(), thread.StoreID, o.ID, "http://shop.example/"); !fault.Is(err, fault.Conflict) {
					t.Errorf("the link still pays: %v", err)
				}
				w.AdvanceTo(t, w.Clock.Now().AddDate(0, 3, 0))
				if o = c.Orders(t)[1]; o.Payment != order.PaymentCancelled || len(c.Orders(t)) != 2 {
					t.Errorf("the order is %s, of %d", o.Payment, len(c.Orders(t)))
				}
				if n := len(w.Ledger(t).Succeeded()); n != 0 {
					t.Errorf("%d charges after leaving", n)
				}
				if s, list := c.Subscription(t); s.BoxesOrdered != 1 || list[1].State != subscription.DeliveryCancelled {
					t.Errorf("%d boxes: %v", s.BoxesOrdered, c.calendar())
				}
				alerts, err := db.CountOpenAlerts(t.Context(), w.DB, thread.StoreID)
				ok(t, err)
				if alerts != 0 {
					t.Errorf("%d alerts are open", alerts)
				}
				w.Sound(t)
			})
		})
	}
}

// A charge that succeeded meanwhile stands, and one that nobody knows of is found
// out first.
func TestWhoLeavesWhileAChargeIsUnclearWaitsForItsResult(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		w.Fault(t, "POST /v1/payment_intents/*/confirm", "after", "reset", 1)
		w.Fault(t, "GET /v1/payment_intents/*", "before", "500", 0)
		w.AdvanceTo(t, c.Deadline(t))
		if o := c.Orders(t)[1]; o.Payment != order.PaymentUnknown {
			t.Fatalf("the order is %s", o.Payment)
		}
		if _, err := w.Flow.PreviewCancel(t.Context(), flow.Cancel{Verb: c.verb()}); !fault.Is(err, fault.Conflict) {
			t.Errorf("cancelled in the dark: %v", err)
		}
		w.Heal(t)
		w.Pass(t, time.Hour)
		ok(t, c.cancel(""))
		if o := c.Orders(t)[1]; o.Payment != order.PaymentPaid {
			t.Errorf("the order that was paid is %s", o.Payment)
		}
		w.Sound(t)
	})
}

// A gateway that cannot be reached leaves everything as it was.
func TestWhoCannotLeaveBecauseOfTheGatewayStays(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 100)
	c := member(t, w)
	c.Behave(t, "insufficient_funds")
	w.AdvanceTo(t, c.Deadline(t))
	w.Fault(t, "", "before", "reset", 0)
	if err := c.cancel(""); !fault.Is(err, fault.Unavailable) {
		t.Errorf("cancelled without the gateway: %v", err)
	}
	if s, _ := c.Subscription(t); s.State != subscription.StateActive {
		t.Errorf("the subscription is %s", s.State)
	}
	w.Heal(t)
	ok(t, c.cancel(""))
	w.Sound(t)
}

func TestAChangeIsRefusedWhenItIsNotWhatWasShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		in := flow.SkipDelivery{Verb: c.verb(), Slot: 2}
		effect, err := w.Flow.PreviewSkip(t.Context(), in)
		in.Verb = c.shown(effect, err)

		stranger := in
		stranger.CustomerID = w.Flow.NewID()
		if _, err := w.Flow.Skip(t.Context(), stranger); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
		otherStore := in
		otherStore.StoreID = 2
		if _, err := w.Flow.Skip(t.Context(), otherStore); err == nil {
			t.Error("another store's subscription was changed")
		}
		tampered := in
		tampered.Slot = 3
		if _, err := w.Flow.Skip(t.Context(), tampered); !fault.Is(err, fault.Conflict) {
			t.Errorf("another slot than shown: %v", err)
		}
		ok(t, c.skip(3, false)) // in another tab
		if _, err := w.Flow.Skip(t.Context(), in); !fault.Is(err, fault.Conflict) {
			t.Errorf("after a change in another tab: %v", err)
		}
		if _, err := w.Flow.PreviewSkip(t.Context(), flow.SkipDelivery{Verb: stranger.Verb, Slot: 2}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger looks: %v", err)
		}
	})
}

func TestTheSameChangeSubmittedByEightAtOnceIsOneChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		w.Clock.Set(c.Deadline(t).Add(-time.Hour))
		in := flow.SkipDelivery{Verb: c.verb(), Slot: 2}
		effect, err := w.Flow.PreviewSkip(t.Context(), in)
		in.Verb = c.shown(effect, err)
		for _, err := range atOnce(8, func(int) error {
			_, err := w.Flow.Skip(context.Background(), in)
			return err
		}) {
			ok(t, err)
		}
		told := 0
		for _, line := range c.trail() {
			if line.Verb == "delivery.skipped" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestAfterTheDeadlineADeliveryIsReadOnly(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 100)
	c := member(t, w)
	in := flow.SkipDelivery{Verb: c.verb(), Slot: 2}
	effect, err := w.Flow.PreviewSkip(t.Context(), in)
	in.Verb = c.shown(effect, err)
	w.Clock.Set(c.Deadline(t)) // the engine has not looked yet
	if _, err := w.Flow.Skip(t.Context(), in); !fault.Is(err, fault.Conflict) {
		t.Errorf("skipped at the deadline: %v", err)
	}
	w.Drain(t)
	if n := len(c.Orders(t)); n != 2 {
		t.Errorf("%d orders", n)
	}
}

// The subscription's row decides who was first: a box is either ordered before its
// customer left or never.
func TestWhoLeavesAtTheDeadlineGetsTheBoxOrNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 6)
		verbs := make([]flow.Verb, len(members))
		for i, m := range members {
			c := customer{m, t, w}
			e, err := w.Flow.PreviewCancel(t.Context(), flow.Cancel{Verb: c.verb()})
			verbs[i] = c.shown(e, err)
		}
		w.Clock.Set(members[0].Deadline(t))
		for i, err := range atOnce(len(members)+2, func(i int) error {
			if i >= len(members) {
				return w.Engine.Drain(context.Background())
			}
			_, err := w.Flow.Cancel(context.Background(), flow.Cancel{Verb: verbs[i]})
			return err
		}) {
			if err != nil && (i >= len(members) || !fault.Is(err, fault.Conflict)) {
				t.Errorf("%d: %v", i, err)
			}
		}
		w.Drain(t)
		for _, m := range members {
			s, list := m.Subscription(t)
			orders := m.Orders(t)
			if len(orders) != s.BoxesOrdered {
				t.Errorf("%d orders for %d boxes", len(orders), s.BoxesOrdered)
			}
			for _, box := range list[1:] {
				left := s.State == subscription.StateCancelled
				if left && box.State == subscription.DeliveryPlanned || box.State == subscription.DeliveryOrdered == box.OrderID.IsZero() {
					t.Errorf("%s subscription with slot %d %s, order %s", s.State, box.Slot, box.State, box.OrderID)
				}
			}
		}
		w.Sound(t)
	})
}
