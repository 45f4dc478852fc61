package catalog

import (
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// What a product may offer to choose from, and what a variant may weigh.
const (
	MaxOptions  = 3
	MaxValues   = 50
	MaxOption   = 60 // characters of an option's name or of a value
	maxVariants = 200
	maxGrams    = 1_000_000
)

// checkOptions refuses options without a Japanese name, which stands in for the
// others, and variants that a shopper could not tell apart.
func (p Product) checkOptions(faults *fault.List) {
	if len(p.Options) > MaxOptions {
		faults.Add(fault.Field("options", "fault.product.too_many", "Max", MaxOptions))
	}
	for i, o := range p.Options {
		at := fmt.Sprintf("options[%d].", i)
		checkWords(faults, at+"names.", o.Names)
		if len(o.Values) == 0 {
			faults.Add(fault.Field(at+"values", "fault.required"))
		}
		if len(o.Values) > MaxValues {
			faults.Add(fault.Field(at+"values", "fault.product.too_many", "Max", MaxValues))
		}
		for n, value := range o.Values {
			checkWords(faults, fmt.Sprintf("%svalues[%d].", at, n), value)
		}
	}
	if len(p.Variants) > maxVariants {
		faults.Add(fault.Field("variants", "fault.product.too_many", "Max", maxVariants))
	}
	if len(p.Options) == 0 && len(p.Variants) > 1 {
		faults.Add(fault.Field("options", "fault.product.no_options"))
		return
	}
	for i, v := range p.Variants {
		p.checkChoice(faults, i, v)
	}
}

// checkChoice refuses a variant that is none of the options' combinations, or
// that is another variant again.
func (p Product) checkChoice(faults *fault.List, i int, v Variant) {
	at := fmt.Sprintf("variants[%d].", i)
	faults.Add(within(at+"weight_grams", v.WeightGrams, 0, maxGrams))
	earlier := p.Variants[:i]
	if v.SKU != "" && slices.ContainsFunc(earlier, func(o Variant) bool { return o.SKU == v.SKU }) {
		faults.Add(fault.Field(at+"sku", "fault.product.same_sku"))
	}
	for n, o := range p.Options {
		if n >= len(v.Values) || v.Values[n] < 0 || v.Values[n] >= len(o.Values) {
			faults.Add(fault.Field(fmt.Sprintf("%svalues[%d]", at, n), "fault.choose"))
			return
		}
	}
	if len(p.Options) > 0 && slices.ContainsFunc(earlier, func(o Variant) bool { return slices.Equal(o.Values, v.Values) }) {
		faults.Add(fault.Field(at+"values[0]", "fault.product.same_choice"))
	}
}

// checkWords refuses words by language of which the Japanese is missing.
func checkWords(faults *fault.List, path string, words map[string]string) {
	for _, lang := range []string{"ja", "en", "zh-Hans", "zh-Hant"} {
		need := place.Optional
		if lang == "ja" {
			need = place.Required
		}
		faults.Add(place.CheckText(path+lang, words[lang], MaxOption, need))
	}
}
