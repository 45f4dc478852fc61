package demo_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var logins = demo.Logins{OwnerPasswordHash: "hash of the owner's", CustomerPasswordHash: "hash of the customer's"}

// seed fills the database; every call makes the same ids.
func seed(t *testing.T, d *db.DB) error {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return fixture.Start }
	return demo.Seed(t.Context(), &flow.Flow{DB: d, Texts: texts, NewID: fixture.IDs(), Now: now}, logins)
}

// empty opens a migrated database without a store.
func empty(t *testing.T, engine db.Engine) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dbtest.Empty(t, engine))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// each seeds an empty database of each engine.
func each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			d := empty(t, engine)
			if err := seed(t, d); err != nil {
				t.Fatal(err)
			}
			test(t, d)
		})
	}
}

func goods(t *testing.T, d *db.DB) []catalog.Product {
	t.Helper()
	products, err := db.Products(t.Context(), d, demo.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	return products
}

func TestShopIsWhole(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		shop, err := db.Store(ctx, d, demo.StoreID)
		if err != nil || shop.Slug != "hibari" || !shop.Demo || !shop.Open {
			t.Fatalf("store %+v, %v", shop, err)
		}
		settings, err := db.Settings(ctx, d, demo.StoreID)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := i18n.Load()
		if err != nil {
			t.Fatal(err)
		}
		want := demo.Settings()
		want.Legal = flow.SampleLegal(texts)
		if diff := cmp.Diff(want, settings); diff != "" {
			t.Error(diff)
		}
		owner, hash, err := db.StaffByMail(ctx, d, demo.StoreID, demo.OwnerMail)
		if err != nil || owner.Role != staff.RoleOwner || hash != logins.OwnerPasswordHash {
			t.Errorf("owner %+v with %q, %v", owner, hash, err)
		}
		buyer, hash, err := db.CustomerByMail(ctx, d, demo.StoreID, demo.CustomerMail)
		if err != nil || !buyer.HasLogin || hash != logins.CustomerPasswordHash || buyer.Name.Family != "早川" {
			t.Errorf("customer %+v with %q, %v", buyer, hash, err)
		}
		addresses, err := db.AddressesOf(ctx, d, demo.StoreID, buyer.ID)
		if err != nil || len(addresses) != 1 || addresses[0].Address.Postcode != "167-0042" {
			t.Errorf("addresses %+v, %v", addresses, err)
		}
	})
}

func TestEveryProductIsReadyForTheShelf(t *testing.T) {
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, d *db.DB) {
		products, variants := goods(t, d), 0
		for _, p := range products {
			variants += len(p.Variants)
			if p.Plan != nil {
				if err := p.Plan.Validate(); err != nil {
					t.Errorf("%s: plan: %v", p.Code, err)
				}
			}
			for _, lang := range i18n.Langs {
				text, own := p.Texts[string(lang)]
				if !own || text.Name == "" || text.Summary == "" || text.Description == "" {
					t.Errorf("%s has no text in %s: %+v", p.Code, lang, text)
				}
				if p.Plan != nil && text.Plan == "" {
					t.Errorf("%s does not say in %s how its subscription works", p.Code, lang)
				}
				if !catalogues.For(lang).Has("category." + p.Category) {
					t.Errorf("%s: category %q has no name in %s", p.Code, p.Category, lang)
				}
				for _, o := range p.Options {
					for _, words := range append(slices.Clone(o.Values), o.Names) {
						if words[string(lang)] == "" {
							t.Errorf("%s: option without a word in %s: %v", p.Code, lang, words)
						}
					}
				}
			}
			pictures := []string{p.Picture}
			for _, v := range p.Variants {
				if v.Picture != "" {
					pictures = append(pictures, v.Picture)
				}
				if v.Available <= 0 {
					t.Errorf("%s is sold out", v.SKU)
				}
			}
			for _, picture := range pictures {
				if _, err := os.Stat("../web/static/" + picture); err != nil {
					t.Errorf("%s: %v", p.Code, err)
				}
			}
		}
		if len(products) != 10 || variants != 22 {
			t.Errorf("%d products with %d variants, want 10 with 22", len(products), variants)
		}
		blend, series, mug := products[0], products[6], products[8]
		if blend.Slug != "hb-blend" || blend.TaxClass != tax.Reduced || blend.OptionText(blend.Variants[0], "en") != "Whole bean・200 g" {
			t.Errorf("blend: %+v", blend)
		}
		if series.Code != "HB-SERIES" || series.Plan.UntilCancelled || !slices.Equal(series.Plan.FixedCounts, []int{6}) {
			t.Errorf("series: %+v", series.Plan)
		}
		if mug.Code != "HB-MUG" || mug.Plan != nil || mug.TaxClass != tax.Standard {
			t.Errorf("mug: %+v", mug)
		}
	})
}

func TestSecondSeedDoesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		before := goods(t, d)
		if err := seed(t, d); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, goods(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMerchantsFileFindsTheShopAsItSays(t *testing.T) {
	file, err := os.ReadFile("products.csv")
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := importcsv.ProductsPreset()
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, d *db.DB) {
		report, err := importcsv.CheckProducts(t.Context(), d, importcsv.ProductsInput{
			StoreID: demo.StoreID, Content: file, Mapping: mapping, NewID: fixture.IDs(), Now: fixture.Start,
		})
		want := importcsv.Report{
			Encoding: importcsv.CP932, Rows: 22,
			Products: importcsv.Counts{Unchanged: 10}, Variants: importcsv.Counts{Unchanged: 22},
		}
		if diff := cmp.Diff(want, report); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
	})
}

func TestBoxesReachEveryAddressAtTheRightPrice(t *testing.T) {
	method, ok := demo.Settings().Delivery.Method("takkyubin")
	if !ok {
		t.Fatal("no 宅急便")
	}
	for _, tc := range []struct {
		to       string
		region   string
		postcode string
		fee      int64
		days     int
	}{
		{"Suginami", "JP-13", "167-0042", 650, 1},
		{"Sapporo", "JP-01", "060-0001", 650, 2},
		{"Naha", "JP-47", "900-0001", 1_500, 3},
		{"Ogasawara", "JP-13", "100-2101", 1_500, 3},
		{"Amami", "JP-46", "894-0001", 1_500, 3},
		{"Kagoshima", "JP-46", "890-0001", 650, 2},
	} {
		zone, ok := method.Zone(place.Address{Country: "JP", Region: tc.region, Postcode: tc.postcode})
		if !ok || zone.Fee != tc.fee || zone.TransitDays != tc.days {
			t.Errorf("%s: %+v, want %d yen in %d days", tc.to, zone, tc.fee, tc.days)
		}
	}
}

func TestFailedSeedLeavesNothing(t *testing.T) {
	d := empty(t, db.SQLite)
	taken := staff.Member{ID: fixture.IDs()(), Mail: demo.OwnerMail}
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.InsertStaff(ctx, tx, taken, "", fixture.Start)
	}); err != nil {
		t.Fatal(err)
	}
	if err := seed(t, d); !db.IsUnique(err) {
		t.Fatalf("the owner's mail is taken: %v", err)
	}
	if stores, err := db.Stores(t.Context(), d); err != nil || len(stores) != 0 {
		t.Errorf("stores %v, %v", stores, err)
	}
}
