package flow_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

var merchandiser = audit.Actor{Kind: audit.ActorStaff, RequestID: "r1"}

// stored reads a product of the thread's store.
func stored(t *testing.T, w *thread.World, id ident.ID) catalog.Product {
	t.Helper()
	found, err := db.ProductsByIDs(t.Context(), w.DB, thread.StoreID, []ident.ID{id})
	if err != nil {
		t.Fatal(err)
	}
	return found[id]
}

// fields are what a refusal says beside which fields.
func fields(err error) map[string]string {
	said := map[string]string{}
	for _, e := range fault.All(err) {
		said[e.Field] = e.Key
	}
	return said
}

// newProduct is one that staff typed.
func newProduct() catalog.Product {
	return catalog.Product{
		Code: "MUG", Slug: "mug", Status: catalog.StatusDraft, Category: "tools", TaxClass: tax.Standard,
		Texts:    map[string]catalog.Text{"ja": {Name: "湯のみ"}},
		Variants: []catalog.Variant{{SKU: "MUG-1", Prices: map[money.Currency]catalog.Price{"JPY": {Regular: 2_200}}}},
	}
}

func TestASavedProductKeepsWhatStaffMayNotChangeAndTellsWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		before := stored(t, w, w.Product.ID)
		wanted := before
		wanted.Code, wanted.Picture = "OTHER", "elsewhere.svg"
		wanted.Texts = map[string]catalog.Text{"en": {Name: "Lark Blend"}}
		plan := *before.Plan
		plan.CustomerGraceDays = 6
		wanted.Plan = &plan
		wanted.Variants = append([]catalog.Variant(nil), before.Variants...)
		wanted.Variants[0].SKU, wanted.Variants[0].Picture = "OTHER-SKU", "elsewhere.svg"
		wanted.Variants[0].Prices = map[money.Currency]catalog.Price{"JPY": {Regular: 1_500, Subscription: 1_330, First: 980}}
		saved, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: wanted})
		if err != nil {
			t.Fatal(err)
		}
		want := before
		want.Plan, want.Version = &plan, before.Version+1
		want.Texts = maps.Clone(before.Texts)
		want.Texts["en"] = catalog.Text{Name: "Lark Blend"}
		want.Variants = append([]catalog.Variant(nil), before.Variants...)
		want.Variants[0].Prices = map[money.Currency]catalog.Price{"JPY": {Regular: 1_500, Subscription: 1_330, First: 980}}
		for i := range want.Variants {
			want.Variants[i].Version++
		}
		if diff := cmp.Diff(want, stored(t, w, saved.ID)); diff != "" {
			t.Error(diff)
		}
		trail, err := db.AuditTrail(t.Context(), w.DB, thread.StoreID, []ident.ID{saved.ID}, 10)
		if err != nil || len(trail) != 1 {
			t.Fatalf("%d audit lines, %v", len(trail), err)
		}
		changes := map[string]audit.Change{
			"name.en": {Before: "Hibari Blend", After: "Lark Blend"}, "summary.en": {Before: "For every day"},
			"description.en": {Before: "Three dark roasts."}, "customer_grace_days": {Before: "5", After: "6"},
			"regular." + before.Variants[0].SKU: {Before: "1480 JPY", After: "1500 JPY"},
		}
		if diff := cmp.Diff(changes, trail[0].Changes); diff != "" || trail[0].Verb != "product.changed" {
			t.Errorf("%s: %s", trail[0].Verb, diff)
		}
	})
}

func TestASecondTabCannotOverwriteAProduct(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		read := stored(t, w, w.Product.ID)
		first, second := read, read
		first.Slug, second.Status = "first", catalog.StatusEnded
		if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: first}); err != nil {
			t.Fatal(err)
		}
		_, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: second})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("the second tab: %v", err)
		}
		if p := stored(t, w, read.ID); p.Slug != "first" || p.Status != catalog.StatusOnSale {
			t.Errorf("kept %s, %s", p.Slug, p.Status)
		}
	})
}

func TestNothingIsWrittenWhereNothingChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		read := stored(t, w, w.Product.ID)
		in := flow.SaveProductInput{Product: read, OnHand: map[string]int64{read.Variants[0].SKU: 20}}
		if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, in); err != nil {
			t.Fatal(err)
		}
		if p := stored(t, w, read.ID); p.Version != read.Version {
			t.Errorf("version %d, was %d", p.Version, read.Version)
		}
		if trail, err := db.AuditTrail(t.Context(), w.DB, thread.StoreID, []ident.ID{read.ID}, 10); err != nil || len(trail) > 0 {
			t.Errorf("%d audit lines, %v", len(trail), err)
		}
	})
}

func TestANewProductStandsAtTheEndOfTheShelfWithWhatWasCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		in := flow.SaveProductInput{Product: newProduct(), OnHand: map[string]int64{"MUG-1": 12}}
		saved, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, in)
		if err != nil {
			t.Fatal(err)
		}
		list, err := db.Products(t.Context(), w.DB, thread.StoreID)
		if err != nil || len(list) != 2 || list[1].ID != saved.ID || list[1].Variants[0].Available != 12 {
			t.Fatalf("the shelf holds %+v, %v", list, err)
		}
		trail, err := db.AuditTrail(t.Context(), w.DB, thread.StoreID, []ident.ID{saved.ID}, 10)
		if err != nil || len(trail) != 1 || trail[0].Verb != "product.created" || trail[0].Changes["on_hand.MUG-1"].After != "12" {
			t.Errorf("the trail says %+v, %v", trail, err)
		}
	})
}

func TestNamesOfAnotherProductAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		fixture.Store(t, d, 2)
		fixture.Product(t, d, w.Flow.NewID, 2, "MUG", 1) // another store's names are free
		for name, c := range map[string]struct {
			spoil func(*catalog.Product)
			want  map[string]string
		}{
			"code": {func(p *catalog.Product) { p.Code = w.Product.Code }, map[string]string{"code": "fault.product.code_taken"}},
			"slug": {func(p *catalog.Product) { p.Slug = w.Product.Slug }, map[string]string{"slug": "fault.product.slug_taken"}},
			"SKU":  {func(p *catalog.Product) { p.Variants[0].SKU = w.Product.Variants[0].SKU }, map[string]string{"variants[0].sku": "fault.product.sku_taken"}},
			"nothing at all": {func(p *catalog.Product) { *p = catalog.Product{} }, map[string]string{
				"code": "fault.required", "slug": "fault.required", "status": "fault.choose", "tax_class": "fault.choose",
				"texts.ja.name": "fault.required", "variants": "fault.required",
			}},
		} {
			p := newProduct()
			c.spoil(&p)
			_, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: p})
			if diff := cmp.Diff(c.want, fields(err)); diff != "" {
				t.Errorf("%s: %v %s", name, err, diff)
			}
		}
		if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: newProduct()}); err != nil {
			t.Errorf("a name of another store: %v", err)
		}
		if list, err := db.Products(t.Context(), w.DB, thread.StoreID); err != nil || len(list) != 2 {
			t.Errorf("%d products, %v", len(list), err)
		}
	})
}

func TestAnotherStoresProductIsNotThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		fixture.Store(t, d, 2)
		_, err := w.Flow.SaveProduct(t.Context(), 2, merchandiser, flow.SaveProductInput{Product: stored(t, w, w.Product.ID)})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("saved from the store beside: %v", err)
		}
	})
}

func TestAPlanIsSwitchedOffAndOnAndLeavesRunningSubscriptionsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := w.Shopper(t, "hana@example.jp")
		s.Subscribe(t, "4242424242424242")
		w.Drain(t)
		agreed, planned := s.Subscription(t)
		p := stored(t, w, w.Product.ID)
		p.Plan = nil
		p, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: p})
		if err != nil {
			t.Fatal(err)
		}
		if stored(t, w, p.ID).Plan != nil {
			t.Error("the plan is still there")
		}
		p.Plan = fixture.Plan()
		p.Plan.CustomerGraceDays, p.Plan.MinimumDeliveries, p.Plan.FixedCounts = 9, 4, nil
		if _, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: p}); err != nil {
			t.Fatal(err)
		}
		now, still := s.Subscription(t)
		if diff := cmp.Diff(agreed, now); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(planned, still); diff != "" {
			t.Error(diff)
		}
		p = stored(t, w, p.ID)
		p.Plan.CustomerGraceDays = 1
		_, err = w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, flow.SaveProductInput{Product: p})
		if diff := cmp.Diff(map[string]string{"plan.customer_grace_days": "fault.plan.customer_grace_below_staff"}, fields(err)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFewerPiecesThanAreReservedAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		s := w.Shopper(t, "hana@example.jp")
		s.Subscribe(t, "4242424242424242")
		w.Drain(t)
		p := stored(t, w, w.Product.ID)
		for _, pieces := range []int64{0, -1, 10_000_000} {
			in := flow.SaveProductInput{Product: p, OnHand: map[string]int64{p.Variants[0].SKU: pieces}}
			_, err := w.Flow.SaveProduct(t.Context(), thread.StoreID, merchandiser, in)
			if fields(err)["variants[0].on_hand"] == "" {
				t.Errorf("%d pieces: %v", pieces, err)
			}
		}
		if after := stored(t, w, p.ID).Variants[0].Available; after != p.Variants[0].Available {
			t.Errorf("%d available, were %d", after, p.Variants[0].Available)
		}
	})
}
