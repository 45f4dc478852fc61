package console

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// The inputs are named by the paths that faults of a product name.
func textID(lang i18n.Lang, name string) string { return "texts." + string(lang) + "." + name }

func variantID(i int, name string) string { return fmt.Sprintf("variants[%d].%s", i, name) }

// filled is the form as it stands before anybody types.
func (e *editing) filled() url.Values {
	p := e.stored
	form := url.Values{
		"version": {strconv.FormatInt(p.Version, 10)}, "code": {p.Code}, "slug": {p.Slug}, "status": {string(p.Status)},
		"category": {p.Category}, "tax_class": {string(p.TaxClass)},
	}
	for lang, text := range p.Texts {
		form.Set(textID(i18n.Lang(lang), "name"), text.Name)
		form.Set(textID(i18n.Lang(lang), "summary"), text.Summary)
		form.Set(textID(i18n.Lang(lang), "description"), text.Description)
	}
	for i, variant := range p.Variants {
		price := variant.Prices[e.v.shop.Currency]
		onHand := strconv.FormatInt(e.counts[variant.ID].OnHand, 10)
		form.Set(variantID(i, "sku"), variant.SKU)
		form.Set(variantID(i, "regular"), e.v.typed(price.Regular))
		form.Set(variantID(i, "subscription"), e.v.typed(price.Subscription))
		form.Set(variantID(i, "first"), e.v.typed(price.First))
		form.Set(variantID(i, "on_hand"), onHand)
		form.Set(variantID(i, "on_hand_was"), onHand)
	}
	fillPlan(form, p.Plan)
	return form
}

// typed writes an amount as it is typed, empty for none.
func (v *visit) typed(minor int64) string {
	switch {
	case minor == 0:
		return ""
	case v.shop.Currency == "JPY":
		return strconv.FormatInt(minor, 10)
	}
	return v.words.Money(v.amount(minor))
}

// read makes of the form the product that staff want; what cannot be read is a
// fault.
func (e *editing) read() flow.SaveProductInput {
	e.wanted = e.stored
	in := flow.SaveProductInput{OnHand: map[string]int64{}}
	version, err := strconv.ParseInt(e.form.Get("version"), 10, 64)
	if err != nil {
		version = 0 // of no product: answered as one that changed meanwhile
	}
	e.wanted.Version = version
	switch e.tab {
	case tabNew:
		e.wanted.Code = e.line("code")
		e.readBasic()
		e.readVariants(in.OnHand)
	case tabBasic:
		e.readBasic()
	case tabVariants:
		e.readVariants(in.OnHand)
	case tabPlan:
		e.readPlan()
	}
	in.Product = e.wanted
	return in
}

func (e *editing) readBasic() {
	p := &e.wanted
	p.Slug, p.Status, p.Category = e.line("slug"), catalog.Status(e.form.Get("status")), e.line("category")
	p.TaxClass = tax.Class(e.form.Get("tax_class"))
	p.Texts = map[string]catalog.Text{}
	maps.Copy(p.Texts, e.stored.Texts)
	for _, lang := range i18n.Langs {
		text := catalog.Text{
			Name: e.line(textID(lang, "name")), Summary: e.line(textID(lang, "summary")),
			Description: strings.ReplaceAll(e.line(textID(lang, "description")), "\r\n", "\n"),
		}
		if _, there := p.Texts[string(lang)]; there || text != (catalog.Text{}) {
			p.Texts[string(lang)] = text
		}
	}
}

func (e *editing) readVariants(onHand map[string]int64) {
	e.wanted.Variants = slices.Clone(e.stored.Variants)
	for i := range e.wanted.Variants {
		variant := &e.wanted.Variants[i]
		if e.tab == tabNew {
			variant.SKU = e.line(variantID(i, "sku"))
		}
		prices := map[money.Currency]catalog.Price{}
		maps.Copy(prices, variant.Prices)
		prices[e.v.shop.Currency] = catalog.Price{
			Regular: e.amount(variantID(i, "regular")), Subscription: e.amount(variantID(i, "subscription")),
			First: e.amount(variantID(i, "first")),
		}
		variant.Prices = prices
		if e.form.Get(variantID(i, "on_hand")) != e.form.Get(variantID(i, "on_hand_was")) {
			onHand[variant.SKU] = int64(e.number(variantID(i, "on_hand")))
		}
	}
}

// line is what was typed, without space around it.
func (e *editing) line(id string) string { return strings.TrimSpace(e.form.Get(id)) }

// amount reads an amount; an empty field is none.
func (e *editing) amount(id string) int64 {
	text := e.line(id)
	if text == "" {
		return 0
	}
	amount, err := e.v.words.ParseMoney(text, e.v.shop.Currency)
	if err != nil {
		e.faults.Add(fault.Field(id, "fault.amount"))
	}
	return amount.Minor
}

// number reads a whole number, of full-width digits too.
func (e *editing) number(id string) int {
	n, ok := whole(e.form.Get(id))
	if !ok {
		e.faults.Add(fault.Field(id, "fault.number.invalid"))
	}
	return n
}

func whole(typed string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(norm.NFKC.String(typed)))
	return n, err == nil
}

// fields makes the inputs of a form.
type fields struct {
	v      *visit
	form   url.Values
	faults frame.Faults
}

// field is an input whose label is "console.product." and the key.
func (f fields) field(id, key string) ProductField {
	return ProductField{Field: f.faults.Field(id, f.form.Get(id)), ID: id, Label: f.v.words.T("console.product." + key)}
}

func (f fields) line(id, key string, limit int) ProductField {
	field := f.field(id, key)
	field.Limit = limit
	return field
}

func (f fields) price(id, key string) ProductField {
	field := f.field(id, key)
	field.Unit, field.Number, field.Limit = string(f.v.shop.Currency), true, 20
	if unit := "console.product.unit." + field.Unit; f.v.words.Has(unit) {
		field.Unit = f.v.words.T(unit)
	}
	return field
}

func (f fields) count(id, key, unit string) ProductField {
	field := f.field(id, key)
	field.Number, field.Limit = true, 8
	if unit != "" {
		field.Unit = f.v.words.T("console.product.unit." + unit)
	}
	return field
}

func (f fields) hinted(field ProductField) ProductField {
	field.Hint = f.v.words.T("console.product.hint." + field.ID)
	return field
}

func (f fields) choice(id, value, label string) page.Choice {
	return page.Choice{Value: value, Label: label, Selected: slices.Contains(f.form[id], value)}
}

func (f fields) basic(e *editing) *ProductBasic {
	v := f.v
	b := &ProductBasic{Slug: f.hinted(f.line("slug", "slug", catalog.MaxCode))}
	if e.tab == tabNew {
		code := f.hinted(f.line("code", "product_code", catalog.MaxCode))
		b.Code = &code
	}
	for _, s := range []catalog.Status{catalog.StatusDraft, catalog.StatusOnSale, catalog.StatusEnded} {
		choice := f.choice("status", string(s), v.productTag(s).Text)
		choice.Note = v.words.T("console.product.status." + string(s))
		b.Statuses = append(b.Statuses, choice)
	}
	for _, slug := range v.categories(e.stored.Category) {
		b.Categories = append(b.Categories, f.choice("category", slug, v.category(slug)))
	}
	for _, class := range []tax.Class{tax.Reduced, tax.Standard} {
		b.TaxClasses = append(b.TaxClasses, f.choice("tax_class", string(class), v.words.T("console.product.tax_class."+string(class))))
	}
	for _, lang := range i18n.Langs {
		b.Texts = append(b.Texts, f.text(lang))
	}
	return b
}

func (f fields) text(lang i18n.Lang) ProductText {
	t := ProductText{
		Lang: string(lang), Title: f.v.h.Catalog.For(lang).T("common.lang"), Filled: f.form.Get(textID(lang, "name")) != "",
		Name:        f.line(textID(lang, "name"), "name", catalog.MaxName),
		Summary:     f.line(textID(lang, "summary"), "summary", catalog.MaxSummary),
		Description: f.line(textID(lang, "description"), "description", catalog.MaxDescription),
	}
	t.Description.Area = true
	for _, field := range []*ProductField{&t.Name, &t.Summary, &t.Description} {
		field.Lang = t.Lang
		t.Open = t.Open || field.Error != ""
	}
	t.Open = t.Open || lang == i18n.Ja
	return t
}

// categories are those that the catalogues name, and the product's own.
func (v *visit) categories(own string) []string {
	list := []string{own}
	for _, key := range v.h.Catalog.Keys(i18n.Ja) {
		if slug, is := strings.CutPrefix(key, "category."); is && slug != own {
			list = append(list, slug)
		}
	}
	return list
}

func (f fields) variants(e *editing) []ProductVariant {
	list := make([]ProductVariant, len(e.stored.Variants))
	for i, variant := range e.stored.Variants {
		list[i] = ProductVariant{
			Title: e.stored.OptionText(variant, string(f.v.words.Lang())), SKU: variant.SKU,
			Regular:      f.price(variantID(i, "regular"), "regular"),
			Subscription: f.price(variantID(i, "subscription"), "subscription"),
			First:        f.price(variantID(i, "first"), "first"),
			OnHand:       f.count(variantID(i, "on_hand"), "on_hand", "pieces"),
			OnHandWas:    f.form.Get(variantID(i, "on_hand_was")), WasID: variantID(i, "on_hand_was"),
		}
		if reserved := e.counts[variant.ID].Reserved; reserved > 0 {
			list[i].OnHand.Note = f.v.words.Plural("console.product.reserved", int(reserved))
		}
		if e.tab == tabNew {
			sku := f.line(variantID(i, "sku"), "sku", catalog.MaxCode)
			list[i].New = &sku
		}
		f.explainPrices(&list[i])
	}
	return list
}

// explainPrices says beside prices what they come to.
func (f fields) explainPrices(p *ProductVariant) {
	amount := func(field ProductField) int64 {
		parsed, err := f.v.words.ParseMoney(field.Value, f.v.shop.Currency)
		if err != nil {
			return 0
		}
		return parsed.Minor
	}
	regular, subscription, first := amount(p.Regular), amount(p.Subscription), amount(p.First)
	switch {
	case subscription == 0:
		p.Subscription.Note = f.v.words.T("console.product.subscription.none")
	case subscription < regular:
		p.Subscription.Note = f.v.words.T("console.product.cheaper",
			"Off", f.v.amount(regular-subscription), "Rate", f.v.words.Percent(percentOff(regular, subscription)))
	}
	if first == 0 {
		p.First.Note = f.v.words.T("console.product.first.none")
	} else {
		p.First.Note = f.v.words.T("console.product.first.then", "First", f.v.amount(first), "Later", f.v.amount(subscription))
	}
}

// percentOff is a discount in basis points, rounded down to tenths of a percent.
func percentOff(from, to int64) int { return int((from-to)*1_000/from) * 10 }
