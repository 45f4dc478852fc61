package flow_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestTheSameConfirmationSubmittedTwiceIsOneOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		in := hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard))
		first := hana.Place(t, in)
		if again := hana.Place(t, in); again != first {
			t.Errorf("the second submit got %+v, the first %+v", again, first)
		}
		if n := w.Reserved(t); n != 1 {
			t.Errorf("%d pieces reserved, want 1", n)
		}
		w.PayPage(t, hana.Page(t, first), visa)
		ok(t, comeBack(w, first))
		if again := hana.Place(t, in); again != first { // the back button, much later
			t.Errorf("a submit after paying got %+v", again)
		}
		mustBePaidOnce(t, w, hana)
	})
}

func TestTheSameConfirmationSubmittedByEightAtOnceIsOneOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		in := hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard))
		answers := make([]flow.Placed, 8)
		for _, err := range atOnce(len(answers), func(i int) (err error) {
			answers[i], err = w.Flow.PlaceOrder(context.Background(), in)
			return err
		}) {
			ok(t, err)
		}
		for _, answer := range answers {
			if answer != answers[0] {
				t.Errorf("answers %+v and %+v", answers[0], answer)
			}
		}
		w.PayPage(t, hana.Page(t, answers[0]), visa)
		ok(t, comeBack(w, answers[0]))
		mustBePaidOnce(t, w, hana)
	})
}

func TestWhatChangedSinceTheConfirmationIsShownAgainAndNotOrdered(t *testing.T) {
	changes := []struct {
		name   string
		change func(t *testing.T, w *thread.World, hana *thread.Shopper, in *flow.PlaceOrder)
	}{
		{"a piece added in another tab", func(t *testing.T, w *thread.World, _ *thread.Shopper, in *flow.PlaceOrder) {
			line := db.CartLine{ID: w.Flow.NewID(), VariantID: w.Product.Variants[1].ID, Quantity: 1}
			ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return db.AddCartLine(ctx, tx, thread.StoreID, in.CartID, line, w.Clock.Now())
			}))
		}},
		{"the price raised", func(t *testing.T, w *thread.World, _ *thread.Shopper, _ *flow.PlaceOrder) {
			p := w.Product
			p.Variants = append([]catalog.Variant{}, p.Variants...)
			price := p.Variants[0].Prices["JPY"]
			price.Subscription, price.First = price.Subscription+100, price.First+100
			p.Variants[0].Prices = map[money.Currency]catalog.Price{"JPY": price}
			ok(t, w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := db.UpsertProduct(ctx, tx, thread.StoreID, p, w.Clock.Now())
				return err
			}))
		}},
		{"a figure sent that was never shown", func(_ *testing.T, _ *thread.World, _ *thread.Shopper, in *flow.PlaceOrder) {
			in.Digest = "000000000000000000000000"
		}},
		{"no figure sent", func(_ *testing.T, _ *thread.World, _ *thread.Shopper, in *flow.PlaceOrder) { in.Digest = "" }},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		for i, c := range changes {
			t.Run(c.name, func(t *testing.T) {
				hana := w.Shopper(t, fmt.Sprintf("hana%d@example.jp", i))
				in := hana.Order(t, hana.Fill(t, 1, thread.Monthly, pricing.MethodCard))
				shown := in
				c.change(t, w, hana, &in)
				if _, err := w.Flow.PlaceOrder(t.Context(), in); !fault.Is(err, fault.Conflict) {
					t.Fatalf("placed: %v", err)
				}
				if n := len(hana.Orders(t)); n != 0 {
					t.Errorf("%d orders", n)
				}
				w.Sound(t)
				// shown again it can be ordered
				hana.Place(t, hana.Order(t, shown.CartID))
			})
		}
	})
}

func TestTwoCartsOfOneCustomerAreTwoOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		for range 2 {
			placed := hana.Place(t, hana.Order(t, hana.Fill(t, 1, calendar.Cycle{}, pricing.MethodCard)))
			w.PayPage(t, hana.Page(t, placed), visa)
			ok(t, comeBack(w, placed))
		}
		if n := len(w.Ledger(t).Succeeded()); n != 2 {
			t.Errorf("%d charges for two orders", n)
		}
		w.Sound(t)
	})
}

func TestTwentyShoppersGetTenPiecesTenTimes(t *testing.T) {
	const shoppers, pieces = 20, 10
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, pieces)
		orders := make([]flow.PlaceOrder, shoppers)
		for i := range orders {
			shopper := w.Shopper(t, fmt.Sprintf("shopper%d@example.jp", i))
			orders[i] = shopper.Order(t, shopper.Fill(t, 1, calendar.Cycle{}, pricing.MethodCOD))
		}
		placed := 0
		for _, err := range atOnce(shoppers, func(i int) error {
			_, err := w.Flow.PlaceOrder(context.Background(), orders[i])
			return err
		}) {
			switch {
			case err == nil:
				placed++
			case !soldOut(err):
				t.Errorf("refused with %v", err)
			}
		}
		if n := len(w.AllOrders(t)); placed != pieces || n != pieces || w.Reserved(t) != pieces {
			t.Errorf("%d placed, %d orders, %d pieces reserved; want %d", placed, n, w.Reserved(t), pieces)
		}
		w.Sound(t)
	})
}

// soldOut reports whether a shopper was told that the goods are gone.
func soldOut(err error) bool { return fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) }
