package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// saveDelivery changes how the shop ships and lets the engine quote anew.
func saveDelivery(t *testing.T, w *thread.World, change func(*store.Delivery)) {
	t.Helper()
	ok(t, savedGroup(t, w, db.SettingsDelivery, func(s *store.Settings) { change(&s.Delivery) }))
	w.Clock.Forward(10 * time.Second)
	w.Drain(t)
}

// postage is what a parcel costs everywhere.
func postage(fee int64) func(*store.Delivery) {
	return func(d *store.Delivery) {
		for i := range d.Methods[0].Zones {
			d.Methods[0].Zones[i].Fee = fee
		}
	}
}

// planned are the deliveries that are to come.
func planned(t *testing.T, s *thread.Shopper) []subscription.Delivery {
	t.Helper()
	_, all := s.Subscription(t)
	var list []subscription.Delivery
	for _, d := range all {
		if d.State == subscription.DeliveryPlanned {
			list = append(list, d)
		}
	}
	return list
}

// notices are the mails to a shopper about changed terms.
func notices(w *thread.World, to string) (texts []string) {
	for _, m := range w.Mails.To(to) {
		if strings.Contains(m.Subject, "お届け予定とお支払い金額のお知らせ") {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

func TestRaisedPostageIsToldBeforeItIsCharged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		w.Drain(t)
		list := planned(t, hana)
		told := list[0].Quoted

		saveDelivery(t, w, postage(500)) // lower: at once, and nobody has to know
		for _, d := range planned(t, hana) {
			if d.Quoted != told-150 {
				t.Errorf("with less postage slot %d is quoted %d", d.Slot, d.Quoted)
			}
		}
		if n := len(notices(w, hanaMail)); n != 0 {
			t.Errorf("%d notices of less postage", n)
		}

		saveDelivery(t, w, postage(900))
		for _, d := range planned(t, hana) {
			if d.Quoted != told+250 || d.Deadline != list[d.Slot-list[0].Slot].Deadline {
				t.Errorf("slot %d is quoted %d, until %s", d.Slot, d.Quoted, d.Deadline)
			}
		}
		mails := notices(w, hanaMail)
		if len(mails) != 1 || !strings.Contains(mails[0], "2,560円") { // 1,330 + 900 + 330
			t.Fatalf("the customer is told: %v", mails)
		}
		saveDelivery(t, w, func(d *store.Delivery) { d.Methods[0].Slots = d.Methods[0].Slots[:2] })
		if n := len(notices(w, hanaMail)); n != 1 {
			t.Errorf("%d notices where nothing has changed for the customer", n)
		}

		// Two days before the deadline it is too late to tell: what was told holds.
		w.AdvanceTo(t, list[0].Deadline.AddDate(0, 0, -2))
		saveDelivery(t, w, postage(1_200))
		now := planned(t, hana)
		if now[0].Quoted != told+250 || now[1].Quoted != told+550 {
			t.Errorf("two days before its deadline the next is quoted %d, the one after it %d", now[0].Quoted, now[1].Quoted)
		}
		w.AdvanceTo(t, list[0].Deadline)
		w.AdvanceTo(t, list[1].Deadline)
		orders := hana.Orders(t)
		if len(orders) != 3 || orders[1].Total != told+250 || orders[2].Total != told+550 || orders[1].Shipping != 900 {
			t.Errorf("charged: %+v", orders)
		}
		w.Sound(t)
	})
}

func TestANewClosedDayMovesWhatIsPlanned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		w.Drain(t)
		before := planned(t, hana)
		saveDelivery(t, w, func(d *store.Delivery) { // from the deadline to the day before the delivery
			for day := before[0].DeadlineDate; day.Before(before[0].Date); day = day.AddDays(1) {
				d.Shipping.ClosedDates = append(d.Shipping.ClosedDates, day)
			}
		})
		after := planned(t, hana)
		if after[0].ShippingDate != before[0].Date || after[0].Date != before[0].Date.AddDays(1) || after[0].Deadline != before[0].Deadline {
			t.Errorf("for %s the box ships on %s, until %s", after[0].Date, after[0].ShippingDate, after[0].Deadline)
		}
		if after[1].Date != before[1].Date || after[1].ShippingDate != before[1].ShippingDate {
			t.Errorf("the one after it comes on %s", after[1].Date)
		}
		if mails := notices(w, hanaMail); len(mails) != 1 {
			t.Errorf("the customer is told: %v", mails)
		}
		w.AdvanceTo(t, before[0].Deadline)
		orders := hana.Orders(t)
		if len(orders) != 2 || orders[1].ShippingDate != after[0].ShippingDate || orders[1].DeliveryDate != after[0].Date {
			t.Errorf("ordered: %+v", orders)
		}
		w.Sound(t)
	})
}

func TestQuotingAnewGoesInSetsAndBeginsAgainWithNewTerms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 5)
		ok(t, savedGroup(t, w, db.SettingsDelivery, func(s *store.Settings) { postage(900)(&s.Delivery) }))
		set := func() int {
			t.Helper()
			n, err := w.Flow.Requote(t.Context(), 2)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := set(); n != 0 {
			t.Fatalf("%d looked at at once: other processes still know the old terms", n)
		}
		w.Clock.Forward(10 * time.Second)
		quotes := func() map[int64]int {
			m := map[int64]int{}
			for _, s := range members {
				m[planned(t, s)[0].Quoted]++
			}
			return m
		}
		if n, got := set(), quotes(); n != 2 || got[2_230] != 2 {
			t.Fatalf("the first set looks at %d and leaves %v", n, got)
		}
		ok(t, savedGroup(t, w, db.SettingsDelivery, func(s *store.Settings) { postage(1_000)(&s.Delivery) }))
		w.Clock.Forward(10 * time.Second)
		for range 3 {
			set()
		}
		if n, got := set(), quotes(); n != 0 || got[2_330] != 5 {
			t.Errorf("at the end %d are looked at, and it leaves %v", n, got)
		}
	})
}

func TestOneThatCannotBeReadStopsNoneOfTheOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 5)
		sick, _ := members[2].Subscription(t)
		setCycle(t, w, sick.ID, "every now and then")
		saveDelivery(t, w, postage(500))
		setCycle(t, w, sick.ID, thread.Monthly.String())
		for i, s := range members {
			want := int64(1_830)
			if i == 2 {
				want = 2_310 // as it was in cash
			}
			if got := planned(t, s)[0].Quoted; got != want {
				t.Errorf("member %d is quoted %d, want %d", i, got, want)
			}
		}
	})
}

func TestABoxAboveTheCeilingGoesOnWhenTheCeilingIsRaised(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		tiers := func(ceiling int64) {
			t.Helper()
			ok(t, savedGroup(t, w, db.SettingsPayment, func(s *store.Settings) {
				s.Payment.CODTiers = []shipping.CODTier{{Ceiling: ceiling, Fee: 330}}
			}))
			w.Clock.Forward(10 * time.Second)
			w.Drain(t)
		}
		tiers(1_000)
		w.AdvanceTo(t, hana.Deadline(t))
		if _, list := hana.Subscription(t); list[1].Cause != subscription.CauseCODLimit {
			t.Fatalf("the box is %s (%s)", list[1].State, list[1].Cause)
		}
		tiers(10_000)
		if orders := hana.Orders(t); len(orders) != 2 {
			t.Errorf("%d orders", len(orders))
		}
		if list := alertsOf(t, w); len(list) != 0 {
			t.Errorf("alerts %+v", list)
		}
		w.Sound(t)
	})
}

// A customer without mail cannot be told, and pays what was told.
func TestWhoCannotBeToldPaysWhatWasTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 1)
		write(t, w.DB, "UPDATE customers SET mail = '' WHERE store_id = 1 AND id = ?", raw(w, members[0].Customer.ID))
		saveDelivery(t, w, postage(5_000))
		told := planned(t, members[0])[0]
		if told.Quoted != 1_330+650+330 { // as it was in cash
			t.Fatalf("quoted %d", told.Quoted)
		}
		w.AdvanceTo(t, told.Deadline)
		orders := members[0].Orders(t)
		if len(orders) != 2 || orders[1].Total != told.Quoted {
			t.Errorf("charged: %+v", orders)
		}
	})
}

// A box that waited for a card and gets one in the run in which another is left out
// is planned again at another price: one delivery, written once.
func TestABoxThatIsPlannedAgainAtAnotherPriceIsWrittenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		edit(t, w, func(p *catalog.Product) { p.Plan.StockOut = catalog.StockOutSkip })
		members := w.Members(t, 1)
		s, list := members[0].Subscription(t)
		first, second := list[1], list[2]
		write(t, w.DB, "UPDATE deliveries SET state = 'blocked', cause = 'card_failed', quoted = 1 WHERE store_id = 1 AND id = ?", raw(w, second.ID))
		w.AdvanceTo(t, first.Deadline)
		_, list = members[0].Subscription(t)
		if list[1].State != subscription.DeliverySkipped || list[2].State != subscription.DeliveryPlanned || list[2].Quoted != 1_980 {
			t.Errorf("%s: the first is %s, the second %s at %d", s.Number, list[1].State, list[2].State, list[2].Quoted)
		}
	})
}
