package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// What a product may hold, in characters, and the most a variant may cost, in
// minor units.
const (
	MaxCode        = 64
	MaxName        = 200
	MaxSummary     = 200
	MaxDescription = 1000 // of 説明文, too
	MaxPrice       = 999_999_999_999
)

var (
	// codeForm is what stands on labels and in the files of other programs.
	codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	// slugForm is what stands in addresses.
	slugForm = regexp.MustCompile(`^[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
)

// Validate refuses a product that cannot be kept or sold in the currency, with
// the reason beside the field: "texts.ja.name", "variants[0].regular",
// "plan.cycles". Every variant has a price in it.
func (p Product) Validate(currency money.Currency) error {
	var faults fault.List
	faults.Add(formed("code", p.Code, codeForm, "fault.product.code"))
	faults.Add(formed("slug", p.Slug, slugForm, "fault.product.slug"))
	if !slices.Contains([]Status{StatusDraft, StatusOnSale, StatusEnded}, p.Status) {
		faults.Add(fault.Field("status", "fault.choose"))
	}
	if !slices.Contains([]tax.Class{tax.Standard, tax.Reduced}, p.TaxClass) {
		faults.Add(fault.Field("tax_class", "fault.choose"))
	}
	if p.Category != "" {
		faults.Add(formed("category", p.Category, slugForm, "fault.choose"))
	}
	p.checkTexts(&faults)
	if len(p.Variants) == 0 {
		faults.Add(fault.Field("variants", "fault.required"))
	}
	for i, v := range p.Variants {
		path := fmt.Sprintf("variants[%d].", i)
		faults.Add(formed(path+"sku", v.SKU, codeForm, "fault.product.code"))
		v.Prices[currency].check(&faults, path)
	}
	p.checkOptions(&faults)
	checkTiers(&faults, "volume_tiers", p.VolumeTiers)
	p.checkDiscounts(&faults, currency)
	if p.Plan == nil {
		return faults.Err()
	}
	if !slices.ContainsFunc(p.Variants, func(v Variant) bool { return v.Prices[currency].Subscription > 0 }) {
		faults.Add(fault.Field("plan.price", "fault.product.no_subscription_price"))
	}
	for _, e := range fault.All(p.Plan.Validate()) {
		faults.Add(&fault.Error{Code: e.Code, Key: e.Key, Field: "plan." + e.Field, Args: e.Args})
	}
	return faults.Err()
}

// checkTexts asks for a Japanese name, which stands in for the others.
func (p Product) checkTexts(faults *fault.List) {
	languages := []string{"ja"}
	for lang := range p.Texts {
		if lang != "ja" {
			languages = append(languages, lang)
		}
	}
	slices.Sort(languages[1:])
	for _, lang := range languages {
		path, text, need := "texts."+lang+".", p.Texts[lang], place.Optional
		if lang == "ja" || text.Summary != "" || text.Description != "" || text.Plan != "" {
			need = place.Required // without a name the other texts would never be shown
		}
		faults.Add(place.CheckText(path+"name", text.Name, MaxName, need))
		faults.Add(place.CheckText(path+"summary", text.Summary, MaxSummary, place.Optional))
		faults.Add(paragraphs(path+"description", text.Description))
		faults.Add(paragraphs(path+"plan", text.Plan))
	}
}

// paragraphs refuses a text of several lines that is too long or holds what
// cannot be shown.
func paragraphs(field, text string) *fault.Error {
	if utf8.RuneCountInString(text) > MaxDescription {
		return fault.Field(field, "fault.too_long", "Max", MaxDescription)
	}
	for line := range strings.Lines(text) {
		if e := place.CheckText(field, strings.TrimSuffix(line, "\n"), MaxDescription, place.Optional); e != nil {
			return e
		}
	}
	return nil
}

// check refuses prices out of order: first ≤ subscription ≤ regular and trial ≤
// regular. A first price needs a subscription price.
func (p Price) check(faults *fault.List, path string) {
	for _, amount := range []struct {
		name  string
		minor int64
	}{{"regular", p.Regular}, {"subscription", p.Subscription}, {"first", p.First}, {"trial", p.Trial}} {
		if amount.minor < 0 || amount.minor > MaxPrice {
			faults.Add(fault.Field(path+amount.name, "fault.amount"))
		}
	}
	switch {
	case p.Regular == 0:
		faults.Add(fault.Field(path+"regular", "fault.required"))
	case p.Subscription > p.Regular:
		faults.Add(fault.Field(path+"subscription", "fault.product.above_regular"))
	case p.First > p.Subscription:
		faults.Add(fault.Field(path+"first", "fault.product.above_subscription"))
	}
	if p.Regular > 0 && p.Trial > p.Regular {
		faults.Add(fault.Field(path+"trial", "fault.product.trial_above_regular"))
	}
}

func formed(field, value string, form *regexp.Regexp, key string) *fault.Error {
	switch {
	case value == "":
		return fault.Field(field, "fault.required")
	case len(value) > MaxCode:
		return fault.Field(field, "fault.too_long", "Max", MaxCode)
	case !form.MatchString(value):
		return fault.Field(field, key)
	}
	return nil
}
