package catalog

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

func sound() Product {
	return Product{
		Code: "HB-BLEND", Slug: "hb-blend", Status: StatusOnSale, Category: "beans", TaxClass: tax.Reduced,
		Texts: map[string]Text{"ja": {Name: "ひばりブレンド", Description: "一行目\n二行目\n"}, "en": {}},
		Variants: []Variant{{SKU: "HB-200", Prices: map[money.Currency]Price{
			"JPY": {Regular: 1_480, Subscription: 1_330, First: 980},
		}}},
		Plan: &Plan{
			Cycles: []calendar.Cycle{{Every: 1, Unit: calendar.UnitMonth}}, MaxQuantity: 20, MinimumDeliveries: 1,
			UntilCancelled: true, StaffGraceDays: 2, CustomerGraceDays: 5, MaxPutOffDays: 30, VisibleDeliveries: 3,
		},
	}
}

func TestAProductIsRefusedBesideTheFieldsThatAreWrong(t *testing.T) {
	price := func(p Price) func(*Product) {
		return func(product *Product) { product.Variants[0].Prices = map[money.Currency]Price{"JPY": p} }
	}
	text := func(lang string, text Text) func(*Product) {
		return func(p *Product) { p.Texts[lang] = text }
	}
	for name, c := range map[string]struct {
		spoil func(*Product)
		want  map[string]string
	}{
		"nothing":                   {func(*Product) {}, map[string]string{}},
		"no plan":                   {func(p *Product) { p.Plan = nil }, map[string]string{}},
		"no code":                   {func(p *Product) { p.Code = "" }, map[string]string{"code": "fault.required"}},
		"a code with a space":       {func(p *Product) { p.Code = "HB 1" }, map[string]string{"code": "fault.product.code"}},
		"capitals in an address":    {func(p *Product) { p.Slug = "Blend" }, map[string]string{"slug": "fault.product.slug"}},
		"an address that is long":   {func(p *Product) { p.Slug = strings.Repeat("a", 65) }, map[string]string{"slug": "fault.too_long"}},
		"an unknown status":         {func(p *Product) { p.Status = "gone" }, map[string]string{"status": "fault.choose"}},
		"an unknown tax class":      {func(p *Product) { p.TaxClass = "" }, map[string]string{"tax_class": "fault.choose"}},
		"no Japanese name":          {text("ja", Text{Name: " "}), map[string]string{"texts.ja.name": "fault.required"}},
		"no texts at all":           {func(p *Product) { p.Texts = nil }, map[string]string{"texts.ja.name": "fault.required"}},
		"a summary without a name":  {text("en", Text{Summary: "For every day"}), map[string]string{"texts.en.name": "fault.required"}},
		"a line break in a name":    {text("en", Text{Name: "a\nb"}), map[string]string{"texts.en.name": "fault.characters"}},
		"NUL in a description":      {text("en", Text{Name: "a", Description: "b\nc\x00"}), map[string]string{"texts.en.description": "fault.characters"}},
		"a long description":        {text("en", Text{Name: "a", Description: strings.Repeat("あ", 1_001)}), map[string]string{"texts.en.description": "fault.too_long"}},
		"no variant":                {func(p *Product) { p.Variants = nil }, map[string]string{"variants": "fault.required", "plan.price": "fault.product.no_subscription_price"}},
		"no price":                  {price(Price{}), map[string]string{"variants[0].regular": "fault.required", "plan.price": "fault.product.no_subscription_price"}},
		"dearer by subscription":    {price(Price{Regular: 100, Subscription: 101}), map[string]string{"variants[0].subscription": "fault.product.above_regular"}},
		"dearer at first":           {price(Price{Regular: 100, Subscription: 90, First: 91}), map[string]string{"variants[0].first": "fault.product.above_subscription"}},
		"more than can be charged":  {price(Price{Regular: MaxPrice + 1, Subscription: 1}), map[string]string{"variants[0].regular": "fault.amount"}},
		"a plan without a price":    {price(Price{Regular: 100}), map[string]string{"plan.price": "fault.product.no_subscription_price"}},
		"a plan that is wrong":      {func(p *Product) { p.Plan.Cycles = nil }, map[string]string{"plan.cycles": "fault.plan.no_cycle"}},
		"a SKU with a line break":   {func(p *Product) { p.Variants[0].SKU = "A\nB" }, map[string]string{"variants[0].sku": "fault.product.code"}},
		"a category that is a path": {func(p *Product) { p.Category = "../x" }, map[string]string{"category": "fault.choose"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := sound()
			p.Texts = maps.Clone(p.Texts)
			c.spoil(&p)
			got := map[string]string{}
			for _, e := range fault.All(p.Validate("JPY")) {
				got[e.Field] = e.Key
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFaultsOfTextsComeInTheOrderOfTheForm(t *testing.T) {
	p := sound()
	p.Texts = map[string]Text{"zh-Hans": {Name: "a\n"}, "en": {Name: "b\n"}, "ja": {}}
	var fields []string
	for _, e := range fault.All(p.Validate("JPY")) {
		fields = append(fields, e.Field)
	}
	if want := []string{"texts.ja.name", "texts.en.name", "texts.zh-Hans.name"}; !slices.Equal(fields, want) {
		t.Errorf("%v, want %v", fields, want)
	}
}
