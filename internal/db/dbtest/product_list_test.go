package dbtest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// shelf puts products into store 1, and one into store 2 that must never show.
func shelf(t *testing.T, d *db.DB) {
	t.Helper()
	newID := fixture.IDs()
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for i, p := range []struct {
			code, ja, en string
			status       catalog.Status
		}{
			{"HB-BLEND", "ひばりブレンド", "Hibari Blend", catalog.StatusOnSale},
			{"HB-NIGHT", "深煎りブレンド 夜汽車", "Night Train", catalog.StatusOnSale},
			{"MUG", "湯のみ", "", catalog.StatusDraft},
			{"OLD", "ヒバリ缶", "", catalog.StatusEnded},
		} {
			product := fixture.Blend(newID, p.code)
			product.Slug, product.Status, product.Position = fmt.Sprintf("goods-%d", i), p.status, i/2
			product.Texts = map[string]catalog.Text{"ja": {Name: p.ja}, "en": {Name: p.en}}
			if _, err := db.UpsertProduct(ctx, tx, 1, product, fixture.Start); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	fixture.Product(t, d, newID, 2, "HB-OTHER", 1)
}

func codes(list []catalog.Product) []string {
	found := make([]string, len(list))
	for i, p := range list {
		found[i] = p.Code
	}
	return found
}

func TestProductsAreFoundByTheBeginningOfNameCodeOrSKU(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shelf(t, d)
		for name, c := range map[string]struct {
			filter db.ProductFilter
			want   []string
		}{
			"all":                         {db.ProductFilter{}, []string{"HB-BLEND", "HB-NIGHT", "MUG", "OLD"}},
			"of a status":                 {db.ProductFilter{Status: catalog.StatusOnSale}, []string{"HB-BLEND", "HB-NIGHT"}},
			"a name in either kana":       {db.ProductFilter{Text: "ひばり"}, []string{"HB-BLEND", "OLD"}},
			"in half-width kana":          {db.ProductFilter{Text: " ﾋﾊﾞﾘ "}, []string{"HB-BLEND", "OLD"}},
			"a name in another language":  {db.ProductFilter{Text: "night t"}, []string{"HB-NIGHT"}},
			"a code in full-width":        {db.ProductFilter{Text: "ｈｂ－"}, []string{"HB-BLEND", "HB-NIGHT"}},
			"a code without its dash":     {db.ProductFilter{Text: "hbn"}, []string{"HB-NIGHT"}},
			"a SKU":                       {db.ProductFilter{Text: "mug-"}, []string{"MUG"}},
			"a status and a text":         {db.ProductFilter{Status: catalog.StatusEnded, Text: "ヒバリ"}, []string{"OLD"}},
			"no middle of a name":         {db.ProductFilter{Text: "夜汽車"}, nil},
			"signs that mean nothing":     {db.ProductFilter{Text: "ー・"}, nil},
			"what SQL would take as such": {db.ProductFilter{Text: "%"}, nil},
		} {
			list, next, err := db.FindProducts(t.Context(), d, 1, c.filter, db.ProductKey{}, 10)
			if err != nil {
				t.Fatal(err)
			}
			found := codes(list)
			slices.Sort(found)
			if !slices.Equal(found, c.want) || !next.ID.IsZero() {
				t.Errorf("%s: %v and then %v, want %v", name, found, next, c.want)
			}
		}
	})
}

func TestAListOfProductsIsReadPageByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shelf(t, d)
		all, err := db.Products(t.Context(), d, 1)
		if err != nil {
			t.Fatal(err)
		}
		var read []string
		var key db.ProductKey
		for range len(all) {
			page, next, err := db.FindProducts(t.Context(), d, 1, db.ProductFilter{}, key, 1)
			if err != nil {
				t.Fatal(err)
			}
			read = append(read, codes(page)...)
			if key = next; key.ID.IsZero() {
				break
			}
		}
		if want := codes(all); !slices.Equal(read, want) || !key.ID.IsZero() {
			t.Errorf("read %v and then %v, want %v", read, key, want)
		}
		counts, err := db.CountProducts(t.Context(), d, 1, db.ProductFilter{Status: catalog.StatusDraft, Text: "ひばり"})
		if err != nil || len(counts) != 2 || counts[catalog.StatusOnSale] != 1 || counts[catalog.StatusEnded] != 1 {
			t.Errorf("counted %v, %v", counts, err)
		}
	})
}
