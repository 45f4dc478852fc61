package shop_test

import (
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// discounted gives the only product a first and a trial price, tiers, a discount
// from the fourth box on, free first postage and a minimum of three.
func discounted(t *testing.T, site *webtest.Site) {
	t.Helper()
	found, err := db.ProductsByIDs(t.Context(), site.DB, thread.StoreID, []ident.ID{site.Product.ID})
	if err != nil {
		t.Fatal(err)
	}
	p := found[site.Product.ID]
	plan := *p.Plan
	plan.MinimumDeliveries, plan.Shipping, plan.FreeBox = 3, catalog.ShippingFreeBox, 1
	plan.VolumeTiers = []catalog.VolumeTier{{From: 3, Discount: catalog.Discount{Amount: 70}}}
	plan.CountDiscounts = []catalog.CountDiscount{{FromBox: 4, Discount: catalog.Discount{Amount: 100}}}
	p.Plan = &plan
	for i := range p.Variants {
		p.Variants[i].Prices = map[money.Currency]catalog.Price{
			"JPY": {Regular: 1_480, Subscription: 1_330, First: 980, Trial: 500},
		}
	}
	if _, err := site.Flow.SaveProduct(t.Context(), thread.StoreID, audit.System, flow.SaveProductInput{Product: p}); err != nil {
		t.Fatal(err)
	}
}

func texts(found *goquery.Selection) []string {
	return found.Map(func(_ int, s *goquery.Selection) string { return text(s) })
}

// 3 × 980 − 3 × 70 = 2,730; 3 × (1,330 − 70) = 3,780; − 100 = 3,680; postage 650
// from the second box on, 2,730 + 2 × 4,430 = 11,590 for the minimum of three.
func TestAFirstPriceNeverStandsWithoutWhatFollowsIt(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	discounted(t, site)
	b := site.Browser(t)
	doc := b.Get(t, goods+"?way=subscribe&quantity=3").Doc(t)
	want := []string{
		"初回のお支払い 2,730円", "2〜3回目のお支払い 4,430円", "4回目以降のお支払い 4,330円", "最低3回の合計 11,590円",
	}
	var got []string
	doc.Find("#price .why .t").Each(func(_ int, s *goquery.Selection) {
		s.Find("small").Remove()
		got = append(got, text(s.Find("dt"))+" "+text(s.Find("dd")))
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
	if got := text(doc.Find(".way-first")); got != "初回 980円（税込）、2回目以降 1,330円（税込）、最低3回・商品合計 3,640円（税込）" {
		t.Errorf("the choice says %q", got)
	}
	levels := texts(doc.Find(".lv li"))
	if diff := cmp.Diff([]string{"通常1,480円今回だけ", "定期・初回910円1回目のみ", "定期1,330円1〜2点", "定期・まとめて1,260円3点以上"}, levels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	if n := doc.Find(".lv .on").Length(); n != 2 {
		t.Errorf("%d levels are marked, want the first box's and that of three", n)
	}
	once := b.Get(t, goods+"?way=once").Doc(t)
	if got := text(once.Find(".way").First()); got == "" || once.Find("#quantity").AttrOr("max", "") != "1" {
		t.Errorf("a trial pack: %q, up to %s pieces", got, once.Find("#quantity").AttrOr("max", ""))
	}
	if got := text(once.Find("#price .why .t dd")); got != "1,150円（税込・送料込）" {
		t.Errorf("a trial pack costs %s", got)
	}
}
