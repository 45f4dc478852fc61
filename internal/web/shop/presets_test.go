package shop_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// preset is a plan, what a shopper chooses of it, and what follows by hand: on
// which days the boxes come, until when each can be changed, what each costs.
type preset struct {
	name     string
	plan     func(p *catalog.Plan)
	price    catalog.Price
	cycle    string
	count    int
	quantity int64
	first    string // wished for; empty: the earliest, 23 November
	pays     string
	boxes    []presetBox
	ends     bool // with the last of boxes
}

type presetBox struct {
	date     string
	deadline string // the day; empty for the first box, which is ordered at once
	total    int64
}

// usual are the prices of the presets: 980 the first time, then 1,330; a parcel
// costs 650 below 5,000.
var usual = catalog.Price{Regular: 1_480, Subscription: 1_330, First: 980}

func off(basisPoints, amount int64) catalog.Discount {
	return catalog.Discount{BasisPoints: basisPoints, Amount: amount}
}

// presets are plans of every kind that the [定期購入] tab can make.
var presets = []preset{
	{
		name: "monthly by date, single, until cancelled",
		plan: func(p *catalog.Plan) { p.MaxQuantity = 1 }, price: usual, cycle: "1m", quantity: 1, first: "2026-12-31", pays: "card",
		boxes: []presetBox{
			{"2026-12-31", "", 1_630},
			{"2027-01-31", "2027-01-26", 1_980},
			{"2027-02-28", "2027-02-23", 1_980},
			{"2027-03-31", "2027-03-26", 1_980},
		},
	},
	{
		// 980 × 95 % = 931; × 3 + 650 = 3,443. 1,330 × 95 % = 1,263.5 → 1,263; × 3 + 650 = 4,439
		name: "fortnightly, several at once with tiers",
		plan: func(p *catalog.Plan) {
			p.VolumeTiers = []catalog.VolumeTier{{From: 3, Discount: off(500, 0)}, {From: 6, Discount: off(1_000, 0)}}
			p.MaxQuantity = 9
		},
		price: usual, cycle: "2w", quantity: 3, pays: "card",
		boxes: []presetBox{
			{"2026-11-23", "", 3_443},
			{"2026-12-07", "2026-12-02", 4_439},
			{"2026-12-21", "2026-12-16", 4_439},
			{"2027-01-04", "2026-12-30", 4_439},
		},
	},
	{
		// 1,263.5 → 1,197 from six on: 1,330 × 90 %; × 6 = 7,182, postage free; 980 × 90 % = 882; × 6 = 5,292
		name: "the higher tier, free postage from 5,000",
		plan: func(p *catalog.Plan) {
			p.VolumeTiers = []catalog.VolumeTier{{From: 3, Discount: off(500, 0)}, {From: 6, Discount: off(1_000, 0)}}
			p.MaxQuantity = 9
		},
		price: usual, cycle: "2w", quantity: 6, pays: "card",
		boxes: []presetBox{{"2026-11-23", "", 5_292}, {"2026-12-07", "2026-12-02", 7_182}, {"2026-12-21", "2026-12-16", 7_182}},
	},
	{
		name: "every 30 days, at least three, three times",
		plan: func(p *catalog.Plan) { p.MinimumDeliveries, p.FixedCounts, p.UntilCancelled = 3, []int{3, 6}, false }, price: usual,
		cycle: "30d", count: 3, quantity: 1, pays: "card", ends: true,
		boxes: []presetBox{{"2026-11-23", "", 1_630}, {"2026-12-23", "2026-12-18", 1_980}, {"2027-01-22", "2027-01-17", 1_980}},
	},
	{
		name: "monthly by weekday, at least two, without a notice",
		plan: func(p *catalog.Plan) {
			p.Cycles = []calendar.Cycle{{Every: 1, Unit: calendar.UnitMonthWeekday}}
			p.MinimumDeliveries, p.DeadlineNotice, p.FixedCounts = 2, false, nil
		},
		price: usual, cycle: "1mw", quantity: 1, first: "2026-12-08", pays: "card", // second Tuesdays
		boxes: []presetBox{
			{"2026-12-08", "", 1_630},
			{"2027-01-12", "2027-01-07", 1_980},
			{"2027-02-09", "2027-02-04", 1_980},
			{"2027-03-09", "2027-03-04", 1_980},
		},
	},
	{
		// from the third 1,330 × 90 % = 1,197; from the fifth × 80 % = 1,064
		name: "cheaper from the third and from the fifth of six",
		plan: func(p *catalog.Plan) {
			p.CountDiscounts = []catalog.CountDiscount{{FromBox: 3, Discount: off(1_000, 0)}, {FromBox: 5, Discount: off(2_000, 0)}}
		},
		price: usual, cycle: "1m", count: 6, quantity: 1, pays: "card", ends: true,
		boxes: []presetBox{
			{"2026-11-23", "", 1_630},
			{"2026-12-23", "2026-12-18", 1_980},
			{"2027-01-23", "2027-01-18", 1_847},
			{"2027-02-23", "2027-02-18", 1_847},
			{"2027-03-23", "2027-03-18", 1_714},
			{"2027-04-23", "2027-04-18", 1_714},
		},
	},
	{
		// (980 − 80) × 2 + 650; (1,330 − 80) × 2 + 650; from the third 200 off the box
		name: "amounts off each piece and off the box",
		plan: func(p *catalog.Plan) {
			p.VolumeTiers = []catalog.VolumeTier{{From: 2, Discount: off(0, 80)}}
			p.CountDiscounts = []catalog.CountDiscount{{FromBox: 3, Discount: off(0, 200)}}
		},
		price: usual, cycle: "1m", quantity: 2, pays: "card",
		boxes: []presetBox{
			{"2026-11-23", "", 2_450},
			{"2026-12-23", "2026-12-18", 3_150},
			{"2027-01-23", "2027-01-18", 2_950},
			{"2027-02-23", "2027-02-18", 2_950},
		},
	},
	{
		name: "postage always free", plan: func(p *catalog.Plan) { p.Shipping = catalog.ShippingFree },
		price: usual, cycle: "2w", quantity: 1, pays: "card",
		boxes: []presetBox{{"2026-11-23", "", 980}, {"2026-12-07", "2026-12-02", 1_330}, {"2026-12-21", "2026-12-16", 1_330}},
	},
	{
		name: "postage free for the second", plan: func(p *catalog.Plan) { p.Shipping, p.FreeBox = catalog.ShippingFreeBox, 2 },
		price: usual, cycle: "2w", quantity: 1, pays: "card",
		boxes: []presetBox{
			{"2026-11-23", "", 1_630},
			{"2026-12-07", "2026-12-02", 1_330},
			{"2026-12-21", "2026-12-16", 1_980},
			{"2027-01-04", "2026-12-30", 1_980},
		},
	},
	{
		name: "a long grace, nothing to put off, one delivery in sight",
		plan: func(p *catalog.Plan) {
			p.CustomerGraceDays, p.StaffGraceDays, p.MaxPutOffDays, p.VisibleDeliveries = 10, 4, 0, 1
			p.AllowSkip, p.AllowPause = false, false
		},
		price: usual, cycle: "30d", quantity: 1, pays: "card",
		boxes: []presetBox{{"2026-11-23", "", 1_630}, {"2026-12-23", "2026-12-13", 1_980}, {"2027-01-22", "2027-01-12", 1_980}},
	},
	{
		// without a grace the parcel, a day on the way and a day to pick, decides
		name: "no grace, no first price, six in sight, cash on delivery",
		plan: func(p *catalog.Plan) {
			p.CustomerGraceDays, p.StaffGraceDays, p.VisibleDeliveries = 0, 0, 6
		},
		price: catalog.Price{Regular: 1_480, Subscription: 1_330}, cycle: "1m", quantity: 1, pays: "cod",
		boxes: []presetBox{{"2026-11-23", "", 2_310}, {"2026-12-23", "2026-12-21", 2_310}, {"2027-01-23", "2027-01-21", 2_310}},
	},
}

func TestPagesEngineAndChargesAgreeForEveryKindOfPlan(t *testing.T) {
	for _, p := range presets {
		t.Run(p.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := walk{preset: p, Site: webtest.New(t, d)}
				w.words = w.Flow.Texts.For(i18n.Ja)
				w.sell(t)
				w.me = w.Member(t, mailbox).ID
				w.b = w.Browser(t)
				w.b.LogIn(t, mailbox)
				w.order(t)
				for n := 2; n <= len(p.boxes); n++ {
					w.coming(t, n)
					w.pass(t, n)
				}
				w.end(t)
			})
		})
	}
}

const mailbox = "chihiro@example.jp"

// walk goes with one shopper from the product page to the last box.
type walk struct {
	preset
	*webtest.Site
	words *i18n.Localizer
	b     *webtest.Browser
	me    ident.ID
	own   string // address of the subscription in my page
}

// sell gives the world's product the preset's plan and prices.
func (w *walk) sell(t *testing.T) {
	t.Helper()
	w.plan(w.Product.Plan)
	w.Product.Variants[0].Prices[money.Currency("JPY")] = w.price
	if err := w.Product.Validate("JPY"); err != nil {
		t.Fatalf("no shop may sell by this plan: %v", err)
	}
	if err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := db.UpsertProduct(ctx, tx, thread.StoreID, w.Product, w.Clock.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (w *walk) yen(minor int64) string { return w.words.Money(money.Yen(minor)) }

func (w *walk) day(t *testing.T, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// until is the deadline of a box, as an instant and as pages write it.
func (w *walk) until(t *testing.T, b presetBox) (time.Time, string) {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	at := w.day(t, b.deadline).AddDays(1).Start(zone).UTC()
	return at, w.words.DeadlineAt(at, zone)
}

// order goes from the product page over cart and confirmation to the first order.
func (w *walk) order(t *testing.T) {
	t.Helper()
	form := url.Values{
		"product": {w.Product.Slug}, "option0": {"0"}, "way": {"subscribe"}, "cycle": {w.cycle},
		"count": {strconv.Itoa(w.count)}, "quantity": {strconv.FormatInt(w.quantity, 10)}, "first": {w.first},
	}
	first, second := w.boxes[0], w.boxes[1]
	_, until := w.until(t, second)
	if w.pays == "card" { // the product page assumes a card
		shows(t, w.b, goods+"?"+form.Encode(), w.yen(first.total), w.yen(second.total), until,
			w.words.Date(w.day(t, first.date)), w.words.Date(w.day(t, second.date)))
	}
	goesTo(t, w.b, "/cart", form, "/cart")
	if w.pays == "card" {
		shows(t, w.b, "/cart", w.yen(first.total), w.words.Date(w.day(t, first.date)))
	}
	delivery := address(w.pays)
	delivery.Set("date", w.first)
	goesTo(t, w.b, "/checkout", delivery, "/checkout/confirm")
	w.agreed(t)
	said := []string{until, w.words.Date(w.day(t, first.date)), w.words.Date(w.day(t, second.date))}
	for _, b := range w.boxes {
		said = append(said, w.yen(b.total))
	}
	doc := shows(t, w.b, "/checkout/confirm", said...)
	placed := goesTo(t, w.b, "/checkout/confirm", confirmation(t, doc), "")
	if w.pays == "card" {
		back := w.b.Get(t, path(t, w.PayPage(t, placed.Location, "4242424242424242")))
		if back.Status != http.StatusSeeOther {
			t.Fatalf("return: %d", back.Status)
		}
		placed = back
	}
	doc = shows(t, w.b, placed.Location, w.yen(second.total))
	w.own = doc.Find("a.cta[href^='/mypage/subscriptions/']").AttrOr("href", "")
	w.Drain(t)
	w.ordered(t, 1, w.Clock.Now())
}

// agreed holds the proposal, which the confirmation renders, against the table.
func (w *walk) agreed(t *testing.T) {
	t.Helper()
	cart, err := db.CartOf(t.Context(), w.DB, thread.StoreID, w.me)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Flow.PreviewOrder(t.Context(), thread.StoreID, w.me, cart.ID)
	if err != nil {
		t.Fatal(err)
	}
	if later := p.Subscriptions[0].Boxes[1].Priced.Goods; later != p.Priced.Goods {
		shows(t, w.b, "/cart", w.yen(later))
	}
	var got []presetBox
	for _, b := range p.Subscriptions[0].Boxes[:min(len(w.boxes), len(p.Subscriptions[0].Boxes))] {
		said := presetBox{date: b.Planned.Date.String(), total: b.Priced.Total}
		if b.Box > 1 {
			said.deadline = b.Planned.DeadlineDate.String()
		}
		got = append(got, said)
	}
	if diff := cmp.Diff(w.boxes[:len(got)], got, cmp.AllowUnexported(presetBox{})); diff != "" || len(got) < 3 {
		t.Fatalf("the confirmation proposes %d boxes: %s", len(got), diff)
	}
}

// coming checks what my page and the database say before the n-th box.
func (w *walk) coming(t *testing.T, n int) {
	t.Helper()
	next := w.boxes[n-1]
	at, until := w.until(t, next)
	main := text(shows(t, w.b, w.own, "継続中", w.words.Date(w.day(t, next.date)), w.yen(next.total), until).Find("main"))
	for label, allowed := range map[string]bool{
		"日にちを変える": w.Product.Plan.MaxPutOffDays > 0, "数量を変える": w.Product.Plan.MaxQuantity > 1,
		"お休みする": w.Product.Plan.AllowSkip, "一時停止": w.Product.Plan.AllowPause,
	} {
		if strings.Contains(main, label) != allowed {
			t.Errorf("my page offers %s: %v", label, !allowed)
		}
	}
	s, planned := w.subscription(t)
	if len(planned) != w.inSight(n) {
		t.Errorf("%d deliveries are in sight, want %d", len(planned), w.inSight(n))
	}
	for i, d := range planned[:min(len(planned), len(w.boxes)-n+1)] {
		b := w.boxes[n-1+i]
		if d.Date.String() != b.date || d.DeadlineDate.String() != b.deadline || d.Quoted != b.total {
			t.Errorf("box %d is planned for %s, until %s, at %d; want %+v", n+i, d.Date, d.DeadlineDate, d.Quoted, b)
		}
	}
	if s.BoxesOrdered != n-1 || !planned[0].Deadline.Equal(at) {
		t.Errorf("%d boxes ordered, the next deadline is %s, want %s", s.BoxesOrdered, planned[0].Deadline, at)
	}
}

// inSight is how many deliveries are planned while the n-th box is the next.
func (w *walk) inSight(n int) int {
	if w.count > 0 {
		return min(w.Product.Plan.VisibleDeliveries, w.count-n+1)
	}
	return w.Product.Plan.VisibleDeliveries
}

func (w *walk) subscription(t *testing.T) (subscription.Subscription, []subscription.Delivery) {
	t.Helper()
	list, err := db.SubscriptionsOf(t.Context(), w.DB, thread.StoreID, w.me)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d subscriptions, %v", len(list), err)
	}
	open, err := db.OpenDeliveries(t.Context(), w.DB, thread.StoreID, []ident.ID{list[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	return list[0], open[list[0].ID]
}

// pass lets the deadline of the n-th box pass: nothing happens before it.
func (w *walk) pass(t *testing.T, n int) {
	t.Helper()
	at, _ := w.until(t, w.boxes[n-1])
	w.AdvanceTo(t, at.Add(-time.Second))
	if got := len(w.orders(t)); got != n-1 {
		t.Fatalf("%d orders a second before the deadline of box %d", got, n)
	}
	w.AdvanceTo(t, at)
	w.ordered(t, n, at)
}

// orders of the shopper, the oldest first.
func (w *walk) orders(t *testing.T) []order.Order {
	t.Helper()
	list, err := db.OrdersOf(t.Context(), w.DB, thread.StoreID, w.me, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// ordered checks the order of the n-th box, its charge and its mails.
func (w *walk) ordered(t *testing.T, n int, at time.Time) {
	t.Helper()
	orders, b := w.orders(t), w.boxes[n-1]
	if len(orders) != n {
		t.Fatalf("%d orders after box %d", len(orders), n)
	}
	o := orders[n-1]
	if o.Total != b.total || o.DeliveryDate.String() != b.date || o.Box != n || !o.PlacedAt.Equal(at) {
		t.Errorf("box %d is ordered as %d at %s for %s, %d yen; want %+v", n, o.Box, o.PlacedAt, o.DeliveryDate, o.Total, b)
	}
	var steps int64
	for _, step := range o.Breakdown.Steps {
		steps += step.Amount
	}
	if steps != o.Total {
		t.Errorf("its steps add up to %d of %d", steps, o.Total)
	}
	charges := w.Ledger(t).Succeeded()
	switch {
	case w.pays == "cod":
		if len(charges) != 0 || o.Payment != order.PaymentCOD {
			t.Errorf("the order is %s, %d charges", o.Payment, len(charges))
		}
	case len(charges) != n || charges[n-1].Amount != b.total || charges[n-1].Created != at.Unix():
		t.Errorf("charged %+v, want %d at %d", charges, b.total, at.Unix())
	}
	w.mailed(t, n, b)
}

// mailed checks that the order's mail says sum and day, and whether the notice
// came.
func (w *walk) mailed(t *testing.T, n int, b presetBox) {
	t.Helper()
	notices := 0
	var told []mail.Message
	for _, m := range w.Mails.To(mailbox) {
		switch {
		case strings.Contains(m.Subject, "お届け内容が確定しました"):
			notices++
		case !strings.Contains(m.Subject, "会員登録"):
			told = append(told, m)
		}
	}
	want := 0
	if w.Product.Plan.DeadlineNotice {
		want = n - 1 // not for the first box
	}
	if len(told) != n || notices != want {
		t.Fatalf("%d mails and %d notices after box %d, want %d and %d", len(told), notices, n, n, want)
	}
	if m := told[n-1]; !strings.Contains(m.Text, w.yen(b.total)) || !strings.Contains(m.Text, w.words.Date(w.day(t, b.date))) {
		t.Errorf("the mail of box %d does not say %s on %s:\n%s", n, w.yen(b.total), b.date, m.Text)
	}
}

// end checks that a fixed count ends with its last box, and that other plans go on.
func (w *walk) end(t *testing.T) {
	t.Helper()
	s, planned := w.subscription(t)
	if w.ends {
		shows(t, w.b, w.own, "お届け終了")
		if s.State != subscription.StateCompleted || len(planned) != 0 {
			t.Errorf("after the last box it is %s with %d planned", s.State, len(planned))
		}
		return
	}
	if s.State != subscription.StateActive || len(planned) != w.Product.Plan.VisibleDeliveries {
		t.Errorf("it is %s with %d planned", s.State, len(planned))
	}
	if _, err := w.Flow.PreviewCancel(t.Context(), flow.Cancel{Verb: flow.Verb{
		StoreID: thread.StoreID, CustomerID: w.me, SubscriptionID: s.ID,
	}}); err != nil {
		t.Errorf("it cannot be ended: %v", err)
	}
}
