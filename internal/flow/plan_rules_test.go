package flow_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// refusedAs is the key of the only fault, empty for none.
func refusedAs(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	faults := fault.All(err)
	if len(faults) != 1 {
		t.Fatalf("no fault: %v", err)
	}
	return faults[0].Key
}

func TestAPlanMayForbidCustomersToSkipAndToPause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		edit(t, w, func(p *catalog.Product) { p.Plan.AllowSkip, p.Plan.AllowPause = false, false })
		skip, pause := flow.SkipDelivery{Verb: c.verb(), Slot: 2}, flow.Pause{Verb: c.verb()}
		_, err := w.Flow.PreviewSkip(t.Context(), skip)
		if key := refusedAs(t, err); key != "fault.plan.skip_not_allowed" {
			t.Errorf("skip: %q", key)
		}
		_, err = w.Flow.PreviewPause(t.Context(), pause)
		if key := refusedAs(t, err); key != "fault.plan.pause_not_allowed" {
			t.Errorf("pause: %q", key)
		}
		skip.Actor.Kind, pause.Actor.Kind = audit.ActorStaff, audit.ActorStaff
		if _, err := w.Flow.PreviewSkip(t.Context(), skip); err != nil {
			t.Errorf("staff may not skip: %v", err)
		}
		if _, err := w.Flow.PreviewPause(t.Context(), pause); err != nil {
			t.Errorf("staff may not pause: %v", err)
		}
	})
}

func TestThePlanDecidesWhatAResumeDoesWithHeldBoxes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		c := member(t, w)
		ok(t, c.pause())
		w.AdvanceTo(t, c.Deadline(t)) // the second box is held
		resume := func(ship bool) (shipped bool, skipped int, key string) {
			e, err := w.Flow.PreviewResume(t.Context(), flow.Resume{Verb: c.verb(), Ship: ship})
			for _, r := range e.Rows {
				if r.Before.State == subscription.DeliveryHeld && !r.After.There {
					skipped++
				}
			}
			return e.Box != nil, skipped, refusedAs(t, err)
		}
		if shipped, _, key := resume(true); !shipped || key != "" {
			t.Errorf("by default: shipped %v, %q", shipped, key)
		}
		if shipped, skipped, key := resume(false); shipped || skipped != 1 || key != "" {
			t.Errorf("the customer may choose: %v %d %q", shipped, skipped, key)
		}
		edit(t, w, func(p *catalog.Product) { p.Plan.AllowSkip = false })
		if _, _, key := resume(false); key != "fault.plan.skip_not_allowed" {
			t.Errorf("where skipping is not allowed: %q", key)
		}
		edit(t, w, func(p *catalog.Product) { p.Plan.ResumeSkips = true })
		if shipped, skipped, key := resume(true); shipped || skipped != 1 || key != "" {
			t.Errorf("where the plan skips: %v %d %q", shipped, skipped, key)
		}
	})
}

// twoSizes places an order for both sizes of the product in one subscription.
func twoSizes(t *testing.T, w *thread.World, mail string) *thread.Shopper {
	t.Helper()
	s := w.Shopper(t, mail)
	cart := s.Fill(t, 1, thread.Monthly, pricing.MethodCOD)
	ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.AddCartLine(ctx, tx, thread.StoreID, cart, db.CartLine{
			ID: w.Flow.NewID(), VariantID: w.Product.Variants[1].ID, Quantity: 1, Cycle: thread.Monthly,
		}, w.Clock.Now())
	}))
	s.Place(t, s.Order(t, cart))
	return s
}

func TestTheEngineFollowsThePlanWhereStockIsShort(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := twoSizes(t, w, hanaMail)
		ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { // what is reserved stays
			return db.SetStock(ctx, tx, thread.StoreID, w.Product.Variants[1].ID, 1, 0, calendar.Date{}, w.Flow.NewID(), w.Clock.Now())
		}))

		edit(t, w, func(p *catalog.Product) { p.Plan.StockOut = catalog.StockOutRest })
		w.AdvanceTo(t, hana.Deadline(t))
		orders := hana.Orders(t)
		// 1,330 + 650 + 330
		if len(orders) != 2 || len(orders[1].Lines) != 1 || orders[1].Total != 2_310 || orders[1].Box != 2 {
			t.Fatalf("the rest: %+v", orders)
		}
		if list := kinds(t, w); !slices.Equal(list, []alert.Kind{alert.KindStockRest}) {
			t.Errorf("staff are told %v", list)
		}

		edit(t, w, func(p *catalog.Product) { p.Plan.StockOut = catalog.StockOutSkip })
		w.AdvanceTo(t, hana.Deadline(t))
		s, deliveries := hana.Subscription(t)
		third := deliveries[2]
		if len(hana.Orders(t)) != 2 || s.BoxesOrdered != 2 || third.State != subscription.DeliverySkipped || third.Cause != subscription.CauseStockOut {
			t.Errorf("the third is %s(%s), %d boxes", third.State, third.Cause, s.BoxesOrdered)
		}
		if list := kinds(t, w); !slices.Contains(list, alert.KindStockSkipped) {
			t.Errorf("staff are told %v", list)
		}

		if mails := w.Mails.To(hanaMail); !strings.Contains(mails[len(mails)-1].Text, "在庫が不足しているため、今回はお休み") {
			t.Errorf("the last mail says %s", mails[len(mails)-1].Text)
		}

		edit(t, w, func(p *catalog.Product) { p.Plan.StockOut = catalog.StockOutWait })
		w.AdvanceTo(t, hana.Deadline(t))
		_, deliveries = hana.Subscription(t)
		if fourth := deliveries[3]; fourth.State != subscription.DeliveryBlocked {
			t.Errorf("the fourth is %s", fourth.State)
		}
	})
}

func TestDiscountsAgreedAtSignUpOutliveThePlan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		edit(t, w, func(p *catalog.Product) {
			p.Plan.CountDiscounts = []catalog.CountDiscount{{FromBox: 2, Discount: catalog.Discount{Amount: 130}}}
			p.Plan.Shipping, p.Plan.FreeBox = catalog.ShippingFreeBox, 3
		})
		hana := w.Shopper(t, hanaMail)
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		edit(t, w, func(p *catalog.Product) { p.Plan.CountDiscounts, p.Plan.Shipping = nil, catalog.ShippingOrdinary })
		_, deliveries := hana.Subscription(t)
		// first 980 + 650 + 330; then 1,200 + 650 + 330; the third without postage; then as before
		for i, want := range []int64{1_960, 2_180, 1_530, 2_180} {
			if deliveries[i].Quoted != want {
				t.Errorf("box %d is quoted %d, want %d", i+1, deliveries[i].Quoted, want)
			}
		}
		w.AdvanceTo(t, hana.Deadline(t))
		w.AdvanceTo(t, hana.Deadline(t))
		orders := hana.Orders(t)
		if len(orders) != 3 || orders[1].Total != 2_180 || orders[2].Total != 1_530 {
			t.Errorf("ordered: %+v", orders)
		}
		mails := w.Mails.To(hanaMail)
		if !slices.ContainsFunc(mails, func(m mail.Message) bool { return strings.Contains(m.Text, "ご継続割引（2回目から）") }) {
			t.Errorf("%d mails, none says why the box costs less", len(mails))
		}
	})
}

// Without stock the rule is asked again, and what it says of one record only then
// must not keep the others of its set from their outcome.
func TestARecordThatBreaksARuleOnlyWithoutStockIsSetAsideAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		edit(t, w, func(p *catalog.Product) { p.Plan.StockOut = catalog.StockOutSkip })
		members := w.Members(t, 3)
		sick, _ := members[1].Subscription(t)
		// Skipped, the box after the next would be the third, which no shop can mean.
		write(t, w.DB, "UPDATE subscriptions SET agreement = ? WHERE store_id = 1 AND id = ?",
			`{"count":[{"from_box":3,"amount":-1},{"from_box":4,"amount":1}]}`, raw(w, sick.ID))
		ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { // what is reserved stays
			return db.SetStock(ctx, tx, thread.StoreID, w.Product.Variants[0].ID, 3, 0, calendar.Date{}, w.Flow.NewID(), w.Clock.Now())
		}))
		w.AdvanceTo(t, members[0].Deadline(t))
		for i, want := range []subscription.DeliveryState{subscription.DeliverySkipped, subscription.DeliveryPlanned, subscription.DeliverySkipped} {
			if _, list := members[i].Subscription(t); list[1].State != want {
				t.Errorf("the box of member %d is %s", i, list[1].State)
			}
		}
		if list := kinds(t, w); !slices.Contains(list, alert.KindQuarantined) {
			t.Errorf("staff are told %v", list)
		}
	})
}
