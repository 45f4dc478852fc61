package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// blends puts the same product, with equal ids, into both stores.
func blends(t *testing.T, d *db.DB) (one, two catalog.Product) {
	t.Helper()
	return fixture.Product(t, d, fixture.IDs(), 1, "HB-BLEND", 100),
		fixture.Product(t, d, fixture.IDs(), 2, "HB-BLEND", 200)
}

func TestProductReadsBackAsWrittenHoweverItIsAskedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one, two := blends(t, d)
		for id, want := range map[int64]catalog.Product{1: one, 2: two} {
			list := []catalog.Product{want}
			if diff := cmp.Diff(list, must(db.Products(ctx, d, id))(t)); diff != "" {
				t.Errorf("Products of store %d: %s", id, diff)
			}
			if diff := cmp.Diff(list, must(db.ProductsOnSale(ctx, d, id, "beans"))(t)); diff != "" {
				t.Errorf("ProductsOnSale of store %d: %s", id, diff)
			}
			if diff := cmp.Diff(want, must(db.ProductBySlug(ctx, d, id, "hb-blend"))(t)); diff != "" {
				t.Errorf("ProductBySlug of store %d: %s", id, diff)
			}
			if diff := cmp.Diff(map[ident.ID]catalog.Product{want.ID: want},
				must(db.ProductsByIDs(ctx, d, id, []ident.ID{want.ID, {1}}))(t)); diff != "" {
				t.Errorf("ProductsByIDs of store %d: %s", id, diff)
			}
			if diff := cmp.Diff(map[ident.ID]catalog.Product{want.Variants[1].ID: want},
				must(db.VariantsByIDs(ctx, d, id, []ident.ID{want.Variants[1].ID, {1}}))(t)); diff != "" {
				t.Errorf("VariantsByIDs of store %d: %s", id, diff)
			}
		}
		for _, slug := range []string{"HB-BLEND", "hb-blend ", "hb"} {
			if _, err := db.ProductBySlug(ctx, d, 1, slug); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("slug %q: %v, want ErrNotFound", slug, err)
			}
		}
		if list := must(db.ProductsOnSale(ctx, d, 1, "tea"))(t); len(list) != 0 {
			t.Errorf("category tea has %v", list)
		}
	})
}

func TestSecondUpsertKeepsIDsAndWhatItDoesNotName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one, two := blends(t, d)
		// Other ids, as an import makes them, and one variant and language less.
		next := catalog.Product{
			ID: ident.ID{50}, Code: one.Code, Slug: "blend", Status: catalog.StatusEnded, TaxClass: one.TaxClass,
			Texts: map[string]catalog.Text{"ja": {Name: "新ブレンド"}},
			Variants: []catalog.Variant{{
				ID: ident.ID{51}, SKU: "HB-BLEND-500g", Values: []int{1}, Position: 5,
				Prices: map[money.Currency]catalog.Price{"JPY": {Regular: 4_000}, "USD": {Regular: 2_900}},
			}},
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			kept, err := db.UpsertProduct(ctx, tx, 1, next, fixture.Start)
			if err == nil && (kept.ID != one.ID || kept.Version != 2 || kept.Variants[0].ID != one.Variants[1].ID) {
				t.Errorf("kept %+v, want the ids from before and version 2", kept)
			}
			return err
		})
		want := next
		want.ID, want.Version = one.ID, 2
		want.Texts = map[string]catalog.Text{"ja": {Name: "新ブレンド"}, "en": one.Texts["en"]}
		want.Variants = []catalog.Variant{one.Variants[0], next.Variants[0]}
		want.Variants[1].ID, want.Variants[1].ProductID = one.Variants[1].ID, one.ID
		want.Variants[1].Version, want.Variants[1].Available = 2, 100
		if diff := cmp.Diff(want, must(db.ProductBySlug(ctx, d, 1, "blend"))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]catalog.Product{two}, must(db.ProductsOnSale(ctx, d, 2, ""))(t)); diff != "" {
			t.Errorf("store 2 changed: %s", diff)
		}
		if list := must(db.ProductsOnSale(ctx, d, 1, ""))(t); len(list) != 0 {
			t.Errorf("the ended product is on sale: %v", list)
		}
	})
}

func TestSKUOfAnotherProductAndTakenSlugAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := blends(t, d)
		newID := fixture.IDs()
		for range 20 {
			newID() // past the ids that are taken
		}
		other := fixture.Blend(newID, "HB-OTHER")
		other.Variants[0].SKU = one.Variants[0].SKU
		save := func() error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := db.UpsertProduct(ctx, tx, 1, other, fixture.Start)
				return err
			})
		}
		if err := save(); !errors.Is(err, db.ErrSKUTaken) {
			t.Errorf("a SKU of another product: %v, want ErrSKUTaken", err)
		}
		other.Variants[0].SKU, other.Slug = "HB-OTHER-200g", one.Slug
		if err := save(); !db.IsUnique(err) {
			t.Errorf("a slug of another product: %v, want a unique violation", err)
		}
		other.Slug = "HB-blend" // another slug: bytes count
		if err := save(); err != nil {
			t.Error(err)
		}
	})
}

func TestShelfTakesTheSameQueriesForOneProductAndForTwenty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		newID := fixture.IDs()
		count := func() int {
			queries := 0
			counted := d.Watch(func(string) error { queries++; return nil })
			must(db.ProductsOnSale(t.Context(), counted, 1, ""))(t)
			return queries
		}
		fixture.Product(t, d, newID, 1, "P00", 1)
		one := count()
		for i := range 19 {
			fixture.Product(t, d, newID, 1, "P"+string(rune('A'+i)), 1)
		}
		if twenty := count(); one != 4 || twenty != 4 {
			t.Errorf("%d queries for one product, %d for twenty, want 4", one, twenty)
		}
	})
}

func TestStockIsSetAndWrittenToTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one, two := blends(t, d)
		variant := one.Variants[0].ID
		set := func(onHand int64, ledger byte) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.SetStock(ctx, tx, 1, variant, onHand, 40, calendar.On(2026, 12, 14), ident.ID{ledger}, fixture.Start)
			})
		}
		if err := set(70, 90); err != nil {
			t.Fatal(err)
		}
		if got := must(db.Products(ctx, d, 1))(t)[0].Variants[0].Available; got != 70 {
			t.Errorf("available %d, want 70", got)
		}
		if err := set(-1, 91); !db.IsCheck(err) {
			t.Errorf("stock below zero: %v, want a check violation", err)
		}
		var changes []int64
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return tx.Scan(ctx, &changes, `SELECT on_hand FROM stock_ledger WHERE store_id = 1 AND variant_id IN
				(SELECT id FROM variants WHERE store_id = 1 AND sku = ?) AND cause = 'import' ORDER BY id`,
				one.Variants[0].SKU)
		})
		if diff := cmp.Diff([]int64{100, -30}, changes); diff != "" {
			t.Errorf("the ledger's changes: %s", diff)
		}
		if diff := cmp.Diff([]catalog.Product{two}, must(db.Products(ctx, d, 2))(t)); diff != "" {
			t.Errorf("store 2 changed: %s", diff)
		}
	})
}
