package flow_test

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestProductPageCartConfirmationAndMyPageNameTheSameAmounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		s := w.Shopper(t, "hana@example.jp")
		plan := w.Product.Plan
		for _, cycle := range plan.Cycles {
			for _, count := range append([]int{0}, plan.FixedCounts...) {
				for _, quantity := range []int64{1, 3} {
					sameAmounts(t, w, s, flow.ProductChoice{
						Slug: w.Product.Slug, Values: []int{0}, Subscribe: true, Cycle: cycle, Count: count, Quantity: quantity,
						CustomerID: s.Customer.ID,
					})
				}
			}
		}
	})
}

// sameAmounts puts a choice into a new cart and holds each page's figures
// against the first one's.
func sameAmounts(t *testing.T, w *thread.World, s *thread.Shopper, c flow.ProductChoice) {
	t.Helper()
	quote, err := w.Flow.QuoteProduct(t.Context(), thread.StoreID, c)
	if err != nil || len(quote.Faults) > 0 {
		t.Fatalf("quote %+v: %v %v", c, err, quote.Faults)
	}
	key := flow.CartKey{StoreID: thread.StoreID, CustomerID: s.Customer.ID}
	key.CartID, err = w.Flow.AddToCart(t.Context(), flow.AddToCart{
		CartKey: key, VariantID: quote.Variant.ID, Quantity: c.Quantity, Cycle: c.Cycle, Count: c.Count,
	})
	if err != nil {
		t.Fatalf("add %+v: %v", c, err)
	}
	preview, err := w.Flow.PreviewCart(t.Context(), key)
	if err != nil || len(preview.Faults) > 0 {
		t.Fatalf("preview %+v: %v %v", c, err, preview.Faults)
	}
	err = w.Flow.ChooseDelivery(t.Context(), flow.ChooseDelivery{
		CartKey: key, Actor: audit.Actor{Kind: audit.ActorCustomer, ID: s.Customer.ID},
		Address: s.Address.Address, TimeSlot: "1820", Pays: pricing.MethodCard,
	})
	if err != nil {
		t.Fatalf("choose delivery: %v", err)
	}
	proposal, err := w.Flow.PreviewOrder(t.Context(), thread.StoreID, s.Customer.ID, key.CartID)
	if err != nil {
		t.Fatalf("preview the order: %v", err)
	}
	shown := quote.Subscription.Boxes
	for name, boxes := range map[string][]flow.ProposedBox{
		"cart": preview.Subscriptions[0].Boxes, "confirmation": proposal.Subscriptions[0].Boxes,
	} {
		if len(boxes) != len(shown) {
			t.Fatalf("%+v: the %s shows %d boxes, the product page %d", c, name, len(boxes), len(shown))
		}
		for i, b := range boxes {
			if b.Planned != shown[i].Planned || b.Priced.Total != shown[i].Priced.Total {
				t.Errorf("%+v: box %d on the %s is %s for %d, on the product page %s for %d", c, b.Box,
					name, b.Planned.Date, b.Priced.Total, shown[i].Planned.Date, shown[i].Priced.Total)
			}
		}
	}
	if quote.Priced.Total != proposal.Priced.Total || preview.Priced.Total != proposal.Priced.Total {
		t.Errorf("%+v: to pay %d, %d and %d", c, quote.Priced.Total, preview.Priced.Total, proposal.Priced.Total)
	}
	// my page, for the box that comes after the first
	next := proposal.Subscriptions[0].Subscription
	if len(shown) > 1 {
		coming := next.Upcoming(1, 0, calendar.Planned{}, proposal.Shop.Terms(proposal.Shop.Location, next.GraceDays, proposal.Zone.TransitDays))
		priced, err := w.Flow.QuoteDelivery(t.Context(), thread.StoreID, next, 2, coming[0])
		if err != nil || priced.Total != shown[1].Priced.Total {
			t.Errorf("%+v: my page says %d for box 2, the product page %d, %v", c, priced.Total, shown[1].Priced.Total, err)
		}
	}
	for _, l := range preview.All {
		if err := w.Flow.RemoveFromCart(t.Context(), key, l.ID); err != nil {
			t.Fatalf("empty the cart: %v", err)
		}
	}
}

func TestTheFirstPriceIsOfferedOnceACustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		s := w.Shopper(t, "hana@example.jp")
		c := flow.ProductChoice{Slug: w.Product.Slug, Values: []int{0}, Subscribe: true, Quantity: 1, CustomerID: s.Customer.ID}
		total := func() int64 {
			q, err := w.Flow.QuoteProduct(t.Context(), thread.StoreID, c)
			if err != nil {
				t.Fatal(err)
			}
			return q.Priced.Total
		}
		if got := total(); got != 980+650 {
			t.Errorf("the first time %d", got)
		}
		s.Subscribe(t, "4242424242424242")
		if got := total(); got != 1_330+650 {
			t.Errorf("the second time %d", got)
		}
		if c.CustomerID = w.Shopper(t, "other@example.jp").Customer.ID; total() != 980+650 {
			t.Error("another customer does not get the first price")
		}
	})
}

func TestACartIsNobodyElses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana, other := w.Shopper(t, "hana@example.jp"), w.Shopper(t, "other@example.jp")
		id := hana.Fill(t, 2, thread.Monthly, pricing.MethodCard)
		stolen := flow.CartKey{StoreID: thread.StoreID, CartID: id, CustomerID: other.Customer.ID}
		if n, err := w.Flow.CartCount(t.Context(), stolen); n != 0 || err != nil {
			t.Errorf("another's cart shows %d pieces, %v", n, err)
		}
		if p, err := w.Flow.PreviewCart(t.Context(), stolen); len(p.All) != 0 || err != nil {
			t.Errorf("another's cart shows %d lines, %v", len(p.All), err)
		}
		own, err := w.Flow.AddToCart(t.Context(), flow.AddToCart{CartKey: stolen, VariantID: w.Product.Variants[0].ID, Quantity: 1})
		if err != nil || own == id {
			t.Errorf("goods went into another's cart: %v", err)
		}
	})
}

func TestAPlanIsAskedBeforeGoodsGoIntoACart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 5)
		variant := w.Product.Variants[0].ID
		weekly := calendar.Cycle{Every: 1, Unit: calendar.UnitWeek}
		for name, c := range map[string]struct {
			in    flow.AddToCart
			field string
		}{
			"a cycle that is not offered": {flow.AddToCart{VariantID: variant, Quantity: 1, Cycle: weekly}, "cycle"},
			"a count that is not offered": {flow.AddToCart{VariantID: variant, Quantity: 1, Cycle: thread.Monthly, Count: 7}, "count"},
			"more than the plan allows":   {flow.AddToCart{VariantID: variant, Quantity: 4, Cycle: thread.Monthly}, "quantity"},
			"more than there is":          {flow.AddToCart{VariantID: variant, Quantity: 6}, "quantity"},
			"nothing":                     {flow.AddToCart{VariantID: variant}, "quantity"},
			"less than nothing":           {flow.AddToCart{VariantID: variant, Quantity: -1}, "quantity"},
		} {
			c.in.StoreID = thread.StoreID
			_, err := w.Flow.AddToCart(t.Context(), c.in)
			faults := fault.All(err)
			if len(faults) == 0 || faults[0].Field != c.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.Flow.AddToCart(t.Context(), flow.AddToCart{
			CartKey: flow.CartKey{StoreID: 2}, VariantID: variant, Quantity: 1,
		})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("goods of another store: %v", err)
		}
	})
}
