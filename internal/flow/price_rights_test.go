package flow_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// edit changes the world's product, as staff do.
func edit(t *testing.T, w *thread.World, change func(p *catalog.Product)) {
	t.Helper()
	change(&w.Product)
	ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := db.UpsertProduct(ctx, tx, thread.StoreID, w.Product, w.Clock.Now())
		return err
	}))
}

// total is what the confirmation of a new cart says.
func total(t *testing.T, w *thread.World, s *thread.Shopper) int64 {
	t.Helper()
	p, err := w.Flow.PreviewOrder(t.Context(), thread.StoreID, s.Customer.ID, s.Fill(t, 1, thread.Monthly, pricing.MethodCard))
	ok(t, err)
	return p.Priced.Total
}

func kinds(t *testing.T, w *thread.World) []alert.Kind {
	t.Helper()
	var list []alert.Kind
	for _, a := range alertsOf(t, w) {
		list = append(list, a.Kind)
	}
	return list
}

func TestAFirstPriceIsHeldByAnOrderAndFreeAgainWhenItIsGivenUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Page(t, hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard))))
		if got := total(t, w, hana); got != 1_330+650 {
			t.Errorf("while the first order waits for its payment another costs %d", got)
		}
		w.Pass(t, time.Hour) // nobody comes back from the hosted page
		if got := total(t, w, hana); got != 980+650 {
			t.Errorf("once it is given up it costs %d", got)
		}
		hana.Subscribe(t, visa)
		if got := total(t, w, hana); got != 1_330+650 {
			t.Errorf("who has had the first price pays %d", got)
		}
	})
}

func TestOrdersAtTheSameMomentHaveOneFirstPriceBetweenThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		forms := make([]flow.PlaceOrder, 6)
		for i := range forms {
			forms[i] = hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD))
		}
		var wait sync.WaitGroup
		answers := make([]error, len(forms))
		for i, form := range forms {
			wait.Go(func() { _, answers[i] = w.Flow.PlaceOrder(t.Context(), form) })
		}
		wait.Wait()
		placed := 0
		for _, err := range answers {
			switch {
			case err == nil:
				placed++
			case !fault.Is(err, fault.Conflict):
				t.Errorf("refused with %v", err)
			}
		}
		if list := hana.Orders(t); placed != 1 || len(list) != 1 || list[0].Total != 980+650+330 {
			t.Errorf("%d placed: %+v", placed, list)
		}
		if got := total(t, w, hana); got != 1_330+650 {
			t.Errorf("the page shown again says %d", got)
		}
	})
}

func TestACardThatHadAFirstPriceIsToldToStaffAndChangesNoPrice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		w.Shopper(t, hanaMail).Subscribe(t, visa)
		if list := kinds(t, w); len(list) != 0 {
			t.Fatalf("the first use of a card raised %v", list)
		}
		kenji := w.Shopper(t, "kenji@example.jp")
		kenji.Subscribe(t, visa)
		if o := kenji.Orders(t)[0]; o.Total != 980+650 {
			t.Errorf("he paid %d", o.Total)
		}
		if list := kinds(t, w); len(list) != 1 || list[0] != alert.KindPriceCard {
			t.Errorf("staff are told %v", list)
		}
	})
}

func TestSomebodyElseAtTheAddressOrPhoneIsToldToStaff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		place := func(mail, change string, args ...any) []alert.Kind {
			s := w.Shopper(t, mail)
			if change != "" {
				write(t, d, "UPDATE addresses SET "+change+` WHERE store_id = 1 AND customer_id =
					(SELECT id FROM customers WHERE store_id = 1 AND mail = ?)`, append(args, mail)...)
			}
			s.Place(t, s.Order(t, s.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
			return kinds(t, w)
		}
		if list := place("stranger@example.jp", ""); len(list) != 0 {
			t.Errorf("a stranger raised %v", list)
		}
		if list := place("phone@example.jp", "phone = ?", hana.Address.Address.Phone); len(list) != 1 || list[0] != alert.KindPriceNearby {
			t.Errorf("the same phone number: %v", list)
		}
		if list := place("room@example.jp", "building = ?", hana.Address.Address.Building); len(list) != 2 || list[0] != alert.KindPriceNearby {
			t.Errorf("the same address: %v", list)
		}
	})
}

func TestTwoSubscriptionsInOneOrderHaveOneFirstPriceBetweenThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		other := calendar.Cycle{Every: 2, Unit: calendar.UnitMonth}
		edit(t, w, func(p *catalog.Product) { p.Plan.Cycles = append(p.Plan.Cycles, other) })
		hana := w.Shopper(t, hanaMail)
		cart := hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)
		ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			line := db.CartLine{ID: w.Flow.NewID(), VariantID: w.Product.Variants[0].ID, Quantity: 1, Cycle: other}
			return db.AddCartLine(ctx, tx, thread.StoreID, cart, line, w.Clock.Now())
		}))
		hana.Place(t, hana.Order(t, cart))
		if o := hana.Orders(t)[0]; o.Goods != 980+1_330 {
			t.Errorf("the goods of both cost %d", o.Goods)
		}
		list, err := db.SubscriptionsOf(t.Context(), w.DB, thread.StoreID, hana.Customer.ID)
		ok(t, err)
		if len(list) != 2 || list[0].FirstEligible == list[1].FirstEligible {
			t.Errorf("which subscription had it: %+v", list)
		}
	})
}

func TestATrialPriceIsForOnePieceOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		edit(t, w, func(p *catalog.Product) {
			price := p.Variants[0].Prices["JPY"]
			price.Trial = 500
			p.Variants[0].Prices["JPY"] = price
		})
		hana := w.Shopper(t, hanaMail)
		choice := flow.ProductChoice{Slug: w.Product.Slug, Values: []int{0}, Quantity: 2, CustomerID: hana.Customer.ID}
		q, err := w.Flow.QuoteProduct(t.Context(), thread.StoreID, choice)
		ok(t, err)
		if q.Maximum != 1 || q.Choice.Quantity != 1 || q.Priced.Total != 500+650 || len(q.Faults) != 1 || q.Faults[0].Key != "fault.trial.one" {
			t.Errorf("the page offers %d for %d: %v", q.Maximum, q.Priced.Total, q.Faults)
		}
		add := func(variant, quantity int) error {
			_, err := w.Flow.AddToCart(t.Context(), flow.AddToCart{
				CartKey:   flow.CartKey{StoreID: thread.StoreID, CustomerID: hana.Customer.ID},
				VariantID: w.Product.Variants[variant].ID, Quantity: int64(quantity),
			})
			return err
		}
		if faults := fault.All(add(0, 2)); len(faults) != 1 || faults[0].Field != "quantity" || faults[0].Key != "fault.trial.one" {
			t.Errorf("two at once: %v", faults)
		}
		ok(t, add(0, 1))
		if faults := fault.All(add(0, 1)); len(faults) != 1 || faults[0].Key != "fault.trial.one" {
			t.Errorf("one after the other: %v", faults)
		}
		ok(t, add(1, 2)) // has no trial price
		hana.Place(t, hana.Order(t, hana.Fill(t, 1, calendar.Cycle{}, pricing.MethodCOD)))
		if o := hana.Orders(t)[0]; o.Goods != 500 || o.Lines[0].Reason != string(pricing.ReasonTrial) {
			t.Errorf("ordered for %d: %+v", o.Goods, o.Lines)
		}
		q, err = w.Flow.QuoteProduct(t.Context(), thread.StoreID, choice)
		ok(t, err)
		if q.Maximum == 1 || q.Priced.Goods != 2*1_480 || len(q.Faults) != 0 {
			t.Errorf("afterwards %d are offered, two for %d: %v", q.Maximum, q.Priced.Goods, q.Faults)
		}
		if got := total(t, w, hana); got != 980+650 {
			t.Errorf("the first price of a subscription is another right, but it costs %d", got)
		}
	})
}
