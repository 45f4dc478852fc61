package importcsv

import (
	"bytes"
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { dbtest.Main(m) }

// later is when the second import of a test happens.
var later = fixture.Start.Add(24 * time.Hour)

func testFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// edited is the merchant's file with some of its text replaced.
func edited(t *testing.T, oldNew ...string) []byte {
	t.Helper()
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(testFile(t, "products.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldNew); i += 2 {
		if !bytes.Contains(text, []byte(oldNew[i])) {
			t.Fatalf("the file has no %q", oldNew[i])
		}
	}
	return []byte(strings.NewReplacer(oldNew...).Replace(string(text)))
}

func preset(t *testing.T) Mapping {
	t.Helper()
	mapping, err := ProductsPreset()
	if err != nil {
		t.Fatal(err)
	}
	return mapping
}

// books imports into one database; ids go on counting from file to file.
type books struct {
	t     *testing.T
	d     *db.DB
	newID ident.Generator
	now   time.Time
}

func booksOf(t *testing.T, d *db.DB) *books {
	return &books{t: t, d: d, newID: fixture.IDs(), now: fixture.Start}
}

func (b *books) input(content []byte) ProductsInput {
	return ProductsInput{StoreID: 1, Content: content, Mapping: preset(b.t), NewID: b.newID, Now: b.now, RequestID: "r1"}
}

func (b *books) check(content []byte) Report {
	b.t.Helper()
	report, err := CheckProducts(b.t.Context(), b.d, b.input(content))
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

func (b *books) load(content []byte) Report {
	b.t.Helper()
	report, err := Products(b.t.Context(), b.d, b.input(content))
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

func (b *books) shelf() []catalog.Product {
	b.t.Helper()
	products, err := db.Products(b.t.Context(), b.d, 1)
	if err != nil {
		b.t.Fatal(err)
	}
	return products
}

func (b *books) product(code string) catalog.Product {
	b.t.Helper()
	products := b.shelf()
	i := slices.IndexFunc(products, func(p catalog.Product) bool { return p.Code == code })
	if i < 0 {
		b.t.Fatalf("no product %s", code)
	}
	return products[i]
}

func (b *books) count(sku string) db.StockCount {
	b.t.Helper()
	for _, p := range b.shelf() {
		for _, v := range p.Variants {
			if v.SKU == sku {
				counts, err := db.StockCounts(b.t.Context(), b.d, 1, []ident.ID{v.ID})
				if err != nil {
					b.t.Fatal(err)
				}
				return counts[v.ID]
			}
		}
	}
	b.t.Fatalf("no SKU %s", sku)
	return db.StockCount{}
}

func (b *books) write(fn func(ctx context.Context, tx db.Tx) error) {
	b.t.Helper()
	if err := b.d.Write(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func TestMerchantsFileGoesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		want := Report{Encoding: CP932, Rows: 22, Products: Counts{New: 10}, Variants: Counts{New: 22}}
		if diff := cmp.Diff(want, b.check(testFile(t, "products.csv"))); diff != "" {
			t.Fatalf("dry run: %s", diff)
		}
		if n := len(b.shelf()); n != 0 {
			t.Fatalf("the dry run wrote %d products", n)
		}
		want.Written = true
		if diff := cmp.Diff(want, b.load(testFile(t, "products.csv"))); diff != "" {
			t.Fatal(diff)
		}
		blend := b.product("HB-BLEND")
		wantPlan := &catalog.Plan{
			Cycles: []calendar.Cycle{
				{Every: 1, Unit: calendar.UnitMonth}, {Every: 2, Unit: calendar.UnitWeek}, {Every: 30, Unit: calendar.UnitDay},
			},
			MaxQuantity: 20, MinimumDeliveries: 1, UntilCancelled: true, DeadlineNotice: true,
			StaffGraceDays: 2, CustomerGraceDays: 5, MaxPutOffDays: 30, VisibleDeliveries: 3,
			Shipping: catalog.ShippingOrdinary, StockOut: catalog.StockOutWait, AllowSkip: true, AllowPause: true,
		}
		if diff := cmp.Diff(wantPlan, blend.Plan); diff != "" {
			t.Error(diff)
		}
		if blend.Slug != "hb-blend" || blend.Status != catalog.StatusOnSale || blend.TaxClass != tax.Reduced ||
			blend.Texts["ja"].Name != "ひばりブレンド" || blend.Position != 1 || len(blend.Variants) != 4 {
			t.Errorf("blend: %+v", blend)
		}
		last := blend.Variants[3]
		if last.SKU != "HB-BLEND-G-500g" || blend.OptionText(last, "ja") != "中挽き・500g" || last.WeightGrams != 540 ||
			last.Available != 1_774 || last.Prices["JPY"] != (catalog.Price{Regular: 3_380, Subscription: 3_040}) {
			t.Errorf("variant: %+v", last)
		}
		wantCount := db.StockCount{OnHand: 98, Expected: 164, ExpectedDate: calendar.On(2026, 12, 20)}
		if got := b.count("HB-ETH-G-200g"); got != wantCount {
			t.Errorf("stock %+v, want %+v", got, wantCount)
		}
		if drip := b.product("HB-DRIP"); drip.Variants[0].Prices["JPY"].First != 500 || len(drip.Options) != 1 {
			t.Errorf("drip: %+v", drip)
		}
		if mug := b.product("HB-MUG"); mug.Plan != nil || mug.TaxClass != tax.Standard || mug.Variants[2].Prices["JPY"].Subscription != 0 {
			t.Errorf("mug: %+v", mug)
		}
		if series := b.product("HB-SERIES"); len(series.Options) != 0 || len(series.Variants) != 1 {
			t.Errorf("series: %+v", series)
		}
		if others, err := db.Products(t.Context(), d, 2); err != nil || len(others) != 0 {
			t.Errorf("store 2 has %v, %v", others, err)
		}
	})
}

func TestSecondImportChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		b.load(testFile(t, "products.csv"))
		before := b.shelf()
		trail := b.trail("HB-BLEND")
		b.now = later
		for _, file := range []string{"products.csv", "products-messy.csv"} {
			report := b.load(testFile(t, file))
			report.Encoding = ""
			want := Report{Rows: 22, Products: Counts{Unchanged: 10}, Variants: Counts{Unchanged: 22}, Written: true}
			if diff := cmp.Diff(want, report); diff != "" {
				t.Errorf("%s: %s", file, diff)
			}
			if diff := cmp.Diff(before, b.shelf()); diff != "" {
				t.Errorf("%s: the shelf changed: %s", file, diff)
			}
			if diff := cmp.Diff(trail, b.trail("HB-BLEND")); diff != "" {
				t.Errorf("%s: audit lines of nothing: %s", file, diff)
			}
		}
	})
}

func (b *books) trail(code string) []audit.Line {
	b.t.Helper()
	p := b.product(code)
	nouns := []ident.ID{p.ID}
	for _, v := range p.Variants {
		nouns = append(nouns, v.ID)
	}
	lines, err := db.AuditTrail(b.t.Context(), b.d, 1, nouns, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return lines
}

func TestMessyFileSaysTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		want := Report{Encoding: UTF8, Rows: 22, Products: Counts{New: 10}, Variants: Counts{New: 22}, Written: true}
		if diff := cmp.Diff(want, b.load(testFile(t, "products-messy.csv"))); diff != "" {
			t.Fatal(diff)
		}
		report := b.check(testFile(t, "products.csv"))
		if report.Products.Unchanged != 10 || report.Variants.Unchanged != 22 || len(report.Findings) > 0 {
			t.Errorf("the merchant's own file after it: %+v", report)
		}
	})
}

func TestChangesAreCountedSavedAndAudited(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		b.load(testFile(t, "products.csv"))
		before := b.product("HB-BLEND")
		b.now = later
		report := b.load(edited(t,
			"豆,200g,1480,1330,,8%,230,1926,", "豆,200g,1580,1330,980,8%,230,1900,",
			"HB-MUG,HB-MUG-C,常滑焼マグ,青磁,,3300,,,10%,410,66,84,2026/12/14,0,,,,,,",
			"HB-MUG,HB-MUG-C,常滑焼マグ,青磁,,3300,,,10%,410,66,84,2026/12/14,0,,,,,,\r\nHB-MUG,HB-MUG-G,常滑焼マグ,飴,,3500,,,10%,410,12,,,0,,,,,,",
			"カフェインレス コロンビア", "デカフェ コロンビア"))
		want := Report{
			Encoding: UTF8, Rows: 23, Written: true,
			Products: Counts{Changed: 2, Unchanged: 8}, Variants: Counts{New: 1, Changed: 1, Unchanged: 21},
		}
		if diff := cmp.Diff(want, report); diff != "" {
			t.Fatal(diff)
		}
		after := b.product("HB-BLEND")
		if after.ID != before.ID || after.Variants[0].ID != before.Variants[0].ID ||
			after.Variants[0].Prices["JPY"] != (catalog.Price{Regular: 1_580, Subscription: 1_330, First: 980}) {
			t.Errorf("blend: %+v", after.Variants[0])
		}
		if got := b.count("HB-BLEND-B-200g").OnHand; got != 1_900 {
			t.Errorf("%d on hand, want 1,900", got)
		}
		if name := b.product("HB-DECAF").Texts["ja"].Name; name != "デカフェ コロンビア" {
			t.Errorf("decaf is called %s", name)
		}
		amber := b.product("HB-MUG")
		if got := amber.OptionText(amber.Variants[3], "ja"); got != "飴" || b.count("HB-MUG-G").OnHand != 12 {
			t.Errorf("new mug %s: %+v", got, amber.Variants[3])
		}
		var changes []map[string]audit.Change
		for _, line := range b.trail("HB-BLEND") {
			if line.At.Equal(later) {
				changes = append(changes, line.Changes)
				if line.Actor.Kind != audit.ActorImport || line.Actor.RequestID != "r1" {
					t.Errorf("actor %+v", line.Actor)
				}
			}
		}
		wantChanges := []map[string]audit.Change{
			{"on_hand": {Before: "1926", After: "1900"}},
			{"HB-BLEND-B-200g.regular": {Before: "1480", After: "1580"}, "HB-BLEND-B-200g.first": {Before: "0", After: "980"}},
		}
		if diff := cmp.Diff(wantChanges, changes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhatTheFileDoesNotSayStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		b.load(testFile(t, "products.csv"))
		dressed := b.product("HB-BLEND")
		dressed.Category, dressed.Picture, dressed.Status = "beans", "goods/bag-blend.svg", catalog.StatusDraft
		dressed.Texts["ja"] = catalog.Text{Name: "ひばりブレンド", Summary: "毎朝の一杯"}
		dressed.Texts["en"] = catalog.Text{Name: "Hibari Blend"}
		dressed.Options[0].Values[0]["en"] = "Whole bean"
		dressed.Plan.FixedCounts, dressed.Plan.MaxQuantity = []int{3, 6}, 5
		b.write(func(ctx context.Context, tx db.Tx) error {
			_, err := db.UpsertProduct(ctx, tx, 1, dressed, fixture.Start)
			return err
		})
		before := b.product("HB-BLEND")
		// A price changes, so that the product is saved, and one SKU is left out.
		b.load(edited(t, "豆,200g,1480,1330", "豆,200g,1490,1330",
			"HB-BLEND,HB-BLEND-G-500g,ひばりブレンド,中挽き,500g,3380,3040,,8%,540,1774,2258,2026/12/14,1,\"1m,2w,30d\",1,2,5,30,3\r\n", ""))
		after := b.product("HB-BLEND")
		if after.Variants[0].Prices["JPY"].Regular != 1_490 {
			t.Fatalf("the price stays: %+v", after.Variants[0])
		}
		after.Variants[0].Prices["JPY"] = before.Variants[0].Prices["JPY"]
		after.Version = before.Version
		for i := range after.Variants {
			after.Variants[i].Version = before.Variants[i].Version
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSpoiledFileIsReportedRowByRowAndNothingIsWritten(t *testing.T) {
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	catalogues.OnMissing(func(lang i18n.Lang, key string) { t.Errorf("%s: no text for %s", lang, key) })
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := booksOf(t, d)
		report := b.load(testFile(t, "products-spoiled.csv"))
		if report.Written || len(b.shelf()) > 0 {
			t.Fatalf("written: %+v", report)
		}
		if bad := report.BadRows(); bad != 34 {
			t.Errorf("%d bad rows, want each of rows 2 to 35", bad)
		}
		for _, lang := range i18n.Langs {
			words := catalogues.For(lang)
			var out bytes.Buffer
			if err := report.Print(&out, words); err != nil {
				t.Fatal(err)
			}
			out.WriteString(report.Err(words).Error() + "\n")
			golden := "testdata/products-spoiled." + string(lang) + ".txt"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("%s: %s", lang, diff)
			}
		}
	})
}

func TestRowsThatDoNotFitTheStoreAreRefused(t *testing.T) {
	type finding struct {
		Row         int
		Column, Key string
	}
	for _, tc := range []struct {
		name  string
		file  []byte
		store func(b *books)
		want  finding
	}{
		{
			"a SKU of another product",
			edited(t, "HB-GUA,HB-GUA-G-200g,", "HB-GUA,HB-MUG-W,", "HB-MUG,HB-MUG-W,常滑焼マグ,白,,3300,,,10%,410,66,84,2026/12/14,0,,,,,,\r\n", ""),
			nil,
			finding{13, "SKU", "import.sku.taken"},
		},
		{
			"less stock than is reserved", edited(t, ",白,,3300,,,10%,410,66,", ",白,,3300,,,10%,410,3,"),
			func(b *books) {
				v := b.product("HB-MUG").Variants[0]
				b.write(func(ctx context.Context, tx db.Tx) error {
					return db.MoveStock(ctx, tx, 1, []db.StockMove{{VariantID: v.ID, Reserved: 4, Cause: "reserve"}}, b.newID, later)
				})
			},
			finding{20, "在庫数", "import.stock.reserved"},
		},
		{
			"a page address that is taken", edited(t, "HB-SUP,HB-SUP-30", "HIBARI-SUP,HIBARI-SUP-30"),
			func(b *books) {
				p := b.product("HB-SUP")
				p.Slug = "hibari-sup"
				b.write(func(ctx context.Context, tx db.Tx) error {
					_, err := db.UpsertProduct(ctx, tx, 1, p, later)
					return err
				})
			},
			finding{23, "商品コード", "import.code.taken"},
		},
		{
			"another SKU with the same options", edited(t, "HB-MUG-K", "HB-MUG-KURO"),
			nil,
			finding{21, "SKU", "import.option.other_sku"},
		},
		{
			"options that a left out SKU has not",
			edited(t, ",白,,", ",白,大,", "HB-MUG,HB-MUG-K,常滑焼マグ,黒,,3300,,,10%,410,66,84,2026/12/14,0,,,,,,\r\n", "",
				",青磁,,", ",青磁,大,"),
			nil,
			finding{20, "SKU", "import.option.changed"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := booksOf(t, d)
				b.load(testFile(t, "products.csv"))
				if tc.store != nil {
					tc.store(b)
				}
				before := b.shelf()
				report := b.load(tc.file)
				var got []finding
				for _, f := range report.Findings {
					got = append(got, finding{f.Row, f.Column, f.Fault.Key})
				}
				if diff := cmp.Diff([]finding{tc.want}, got); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(before, b.shelf()); diff != "" || report.Written {
					t.Errorf("written: %s", diff)
				}
			})
		})
	}
}
