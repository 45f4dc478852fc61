package importcsv

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// Whatever a file has become on its way, it is refused in words or every product
// it makes can be sold.
func TestDamagedFileIsRefusedInWordsOrSound(t *testing.T) {
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	catalogues.OnMissing(func(lang i18n.Lang, key string) { t.Errorf("%s: no text for %s", lang, key) })
	files := map[string][]byte{}
	for _, name := range []string{"products.csv", "products-messy.csv"} {
		files[name] = testFile(t, name)
	}
	mapping := preset(t)
	rapid.Check(t, func(t *rapid.T) {
		content := bytes.Clone(files[rapid.SampledFrom([]string{"products.csv", "products-messy.csv"}).Draw(t, "file")])
		for range rapid.IntRange(1, 4).Draw(t, "wounds") {
			at := rapid.IntRange(0, len(content)-1).Draw(t, "at")
			length := min(rapid.IntRange(0, 12).Draw(t, "length"), len(content)-at)
			put := rapid.OneOf(
				rapid.SliceOfN(rapid.Byte(), 0, 3),
				rapid.Map(rapid.SampledFrom([]string{",", "\"", "\n", "0", "-", "9", "1m,", "円"}), func(s string) []byte { return []byte(s) }),
			).Draw(t, "put")
			content = append(append(bytes.Clone(content[:at]), put...), content[at+length:]...)
		}
		report, changes, err := decideProducts(content, mapping, shelf{currency: "JPY"}, fixture.IDs())
		if err != nil {
			if len(fault.All(err)) == 0 {
				t.Fatalf("not for a person: %v", err)
			}
			for _, lang := range i18n.Langs {
				if text := Refusal(catalogues.For(lang), err).Error(); text == "" || strings.Contains(text, "import.") {
					t.Fatalf("%s: %q", lang, text)
				}
			}
			return
		}
		for _, f := range report.Findings {
			if f.Row < 2 || strings.Contains(f.text(catalogues.For(i18n.Ja)), "\n") {
				t.Fatalf("finding %+v: %s", f, f.text(catalogues.For(i18n.Ja)))
			}
		}
		if len(report.Findings) > 0 {
			return
		}
		for _, c := range changes {
			checkSellable(t, c)
		}
	})
}

func checkSellable(t *rapid.T, c productChange) {
	p := c.product
	if p.Code == "" || p.Slug == "" || p.Texts["ja"].Name == "" || p.TaxClass == "" || len(p.Variants) == 0 {
		t.Fatalf("half a product: %+v", p)
	}
	if p.Plan != nil {
		if err := p.Plan.Validate(); err != nil {
			t.Fatalf("%s: %v", p.Code, err)
		}
	}
	chosen := map[string]bool{}
	for _, v := range p.Variants {
		price := v.Prices["JPY"]
		if v.SKU == "" || price.Regular <= 0 || price.Subscription > price.Regular || price.First > price.Subscription {
			t.Fatalf("half a variant: %+v", v)
		}
		if choice := fmt.Sprint(v.Values); chosen[choice] || len(v.Values) != len(p.Options) {
			t.Fatalf("%s cannot be chosen: %v", v.SKU, v.Values)
		} else {
			chosen[choice] = true
		}
	}
}
