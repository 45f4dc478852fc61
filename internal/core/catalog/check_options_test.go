package catalog

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// sized is a product in two sizes.
func sized() Product {
	p := sound()
	p.Options = []Option{{
		Names:  map[string]string{"ja": "内容量", "en": "Size"},
		Values: []map[string]string{{"ja": "200g"}, {"ja": "500g"}},
	}}
	large := p.Variants[0]
	large.SKU = "HB-500"
	p.Variants = []Variant{p.Variants[0], large}
	p.Variants[0].Values, p.Variants[1].Values = []int{0}, []int{1}
	return p
}

func TestVariantsThatShoppersCannotTellApartAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Product)
		want  map[string]string
	}{
		"nothing":                {func(*Product) {}, map[string]string{}},
		"no options":             {func(p *Product) { p.Options = nil }, map[string]string{"options": "fault.product.no_options"}},
		"no option's name":       {func(p *Product) { p.Options[0].Names = nil }, map[string]string{"options[0].names.ja": "fault.required"}},
		"a value without words":  {func(p *Product) { p.Options[0].Values[1] = map[string]string{"en": "500 g"} }, map[string]string{"options[0].values[1].ja": "fault.required"}},
		"an option of no values": {func(p *Product) { p.Options[0].Values = nil }, map[string]string{"options[0].values": "fault.required", "variants[0].values[0]": "fault.choose", "variants[1].values[0]": "fault.choose"}},
		"nothing chosen":         {func(p *Product) { p.Variants[1].Values = []int{-1} }, map[string]string{"variants[1].values[0]": "fault.choose"}},
		"a value that is gone":   {func(p *Product) { p.Variants[1].Values = []int{2} }, map[string]string{"variants[1].values[0]": "fault.choose"}},
		"the same twice":         {func(p *Product) { p.Variants[1].Values = []int{0} }, map[string]string{"variants[1].values[0]": "fault.product.same_choice"}},
		"the same SKU twice":     {func(p *Product) { p.Variants[1].SKU = "HB-200" }, map[string]string{"variants[1].sku": "fault.product.same_sku"}},
		"less than no weight":    {func(p *Product) { p.Variants[0].WeightGrams = -1 }, map[string]string{"variants[0].weight_grams": "fault.number.range"}},
		"too many options": {func(p *Product) {
			p.Options = slices.Repeat(p.Options, 4)
			p.Variants[0].Values, p.Variants[1].Values = []int{0, 0, 0, 0}, []int{0, 0, 0, 1}
		}, map[string]string{"options": "fault.product.too_many"}},
	} {
		p := sized()
		c.spoil(&p)
		got := map[string]string{}
		for _, e := range fault.All(p.Validate("JPY")) {
			got[e.Field] = e.Key
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
