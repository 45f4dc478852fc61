package flow_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// large is a third size of the thread's product.
func large(p catalog.Product) catalog.Product {
	p.Options = []catalog.Option{p.Options[0]}
	p.Options[0].Values = append(slices.Clone(p.Options[0].Values), map[string]string{"ja": "1kg", "en": "1 kg"})
	p.Variants = append(slices.Clone(p.Variants), catalog.Variant{
		SKU: "HB-1KG", Values: []int{2}, WeightGrams: 1_050,
		Prices: map[money.Currency]catalog.Price{"JPY": {Regular: 6_400, Subscription: 5_760, Trial: 3_000}},
	})
	return p
}

func skus(p catalog.Product) []string {
	var list []string
	for _, v := range p.Variants {
		list = append(list, v.SKU)
	}
	return list
}

func TestVariantsComeWithTheirStockAndGoWithIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		before := stored(t, w, w.Product.ID)
		save := func(p catalog.Product, onHand map[string]int64) catalog.Product {
			t.Helper()
			if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: p, OnHand: onHand}); err != nil {
				t.Fatal(err)
			}
			return stored(t, w, p.ID)
		}
		p := save(large(before), map[string]int64{"HB-1KG": 7})
		added := p.Variants[2]
		if added.SKU != "HB-1KG" || added.Available != 7 || added.WeightGrams != 1_050 || added.Prices["JPY"].Trial != 3_000 {
			t.Fatalf("added %+v", added)
		}
		// the order of the rows is the order in the shop
		moved := p
		moved.Variants = []catalog.Variant{p.Variants[2], p.Variants[0], p.Variants[1]}
		p = save(moved, nil)
		if got := skus(p); !slices.Equal(got, []string{"HB-1KG", before.Variants[0].SKU, before.Variants[1].SKU}) {
			t.Errorf("the rows stand as %v", got)
		}

		without := p
		without.Options, without.Variants = before.Options, p.Variants[1:]
		p = save(without, nil)
		if got := skus(p); !slices.Equal(got, skus(before)) {
			t.Errorf("left are %v", got)
		}
		if counts, err := db.StockCounts(t.Context(), w.DB, thread.StoreID, []ident.ID{added.ID}); err != nil || len(counts) > 0 {
			t.Errorf("there is stock of it still: %v, %v", counts, err)
		}
	})
}

func TestAVariantThatSomethingHoldsIsNotRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := w.Shopper(t, "hana@example.jp")
		s.Subscribe(t, "4242424242424242")
		w.Drain(t)
		p := stored(t, w, w.Product.ID)
		refused := func(want string) {
			t.Helper()
			next := p
			next.Variants = p.Variants[1:]
			_, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: next})
			if diff := cmp.Diff(map[string]string{"variants": want}, fields(err)); diff != "" {
				t.Errorf("%v %s", err, diff)
			}
			if now := stored(t, w, p.ID); len(now.Variants) != 2 {
				t.Errorf("left are %v", skus(now))
			}
		}
		refused("fault.product.variant_subscribed")
		uses, err := db.VariantUses(t.Context(), w.DB, thread.StoreID, []ident.ID{p.Variants[0].ID, p.Variants[1].ID})
		if err != nil || len(uses) != 1 || uses[p.Variants[0].ID] != (db.VariantUse{Running: 1, Recorded: true}) {
			t.Errorf("held by %+v, %v", uses, err)
		}
	})
}

func TestASKUThatComesAgainKeepsItsVariant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		p := stored(t, w, w.Product.ID)
		again := p
		again.Variants = slices.Clone(p.Variants)
		again.Variants[1].ID = ident.ID{} // removed, and typed anew
		if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: again}); err != nil {
			t.Fatal(err)
		}
		if now := stored(t, w, p.ID); now.Variants[1].ID != p.Variants[1].ID || now.Variants[1].Available != 20 {
			t.Errorf("kept %+v", now.Variants[1])
		}
		third := large(stored(t, w, p.ID))
		third.Variants[2].SKU = p.Variants[0].SKU
		_, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: third})
		if !fault.Is(err, fault.Invalid) || fields(err)["variants[2].sku"] != "fault.product.same_sku" {
			t.Errorf("the same SKU twice: %v", err)
		}
	})
}
