package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// The inputs are named by the paths that faults of a product name.
func variantID(i int, name string) string { return rowID("variants", i) + "." + name }

func (e *editing) fillVariants(form url.Values) {
	p := e.stored
	for i, o := range p.Options {
		at := rowID("options", i)
		fillWords(form, at+".names.", o.Names)
		for n, value := range o.Values {
			fillWords(form, rowID(at+".values", n)+".", value)
		}
	}
	for i, variant := range p.Variants {
		price := variant.Prices[e.v.shop.Currency]
		onHand := strconv.FormatInt(e.counts[variant.ID].OnHand, 10)
		for name, value := range map[string]string{
			"sku": variant.SKU, "regular": e.v.typed(price.Regular), "subscription": e.v.typed(price.Subscription),
			"first": e.v.typed(price.First), "trial": e.v.typed(price.Trial), "on_hand": onHand, "on_hand_was": onHand,
			"weight_grams": "",
		} {
			form.Set(variantID(i, name), value)
		}
		if !variant.ID.IsZero() {
			form.Set(variantID(i, "id"), variant.ID.String())
		}
		if variant.WeightGrams > 0 {
			form.Set(variantID(i, "weight_grams"), strconv.Itoa(variant.WeightGrams))
		}
		for o, value := range variant.Values {
			form.Set(choiceID(i, o), strconv.Itoa(value))
		}
	}
	e.v.fillTiers(form, onceTiers, p.VolumeTiers)
}

func fillWords(form url.Values, at string, words map[string]string) {
	for _, lang := range i18n.Langs {
		form.Set(at+string(lang), words[string(lang)])
	}
}

// readVariants reads options, variants and the discounts of one-off purchases.
// What a variant did not choose is −1, which no option has.
func (e *editing) readVariants(onHand map[string]int64) {
	e.wanted.Options = nil
	for i := range rows(e.form, "options") {
		at := rowID("options", i)
		option := catalog.Option{Names: e.words(at + ".names.")}
		for n := range rows(e.form, at+".values") {
			option.Values = append(option.Values, e.words(rowID(at+".values", n)+"."))
		}
		e.wanted.Options = append(e.wanted.Options, option)
	}
	e.wanted.Variants = nil
	for i := range rows(e.form, "variants") {
		e.wanted.Variants = append(e.wanted.Variants, e.variant(i, onHand))
	}
	e.wanted.VolumeTiers = e.tiers(onceTiers)
}

// words are a text in the languages in which it was typed.
func (e *editing) words(at string) map[string]string {
	words := map[string]string{}
	for _, lang := range i18n.Langs {
		if text := e.line(at + string(lang)); text != "" {
			words[string(lang)] = text
		}
	}
	return words
}

func (e *editing) variant(i int, onHand map[string]int64) catalog.Variant {
	variant := catalog.Variant{SKU: e.line(variantID(i, "sku"))}
	if stored, known := e.storedVariant(i); known {
		variant = stored
	}
	variant.Values = nil
	for o := range e.wanted.Options {
		chosen, ok := whole(e.form.Get(choiceID(i, o)))
		if !ok {
			chosen = -1
		}
		variant.Values = append(variant.Values, chosen)
	}
	variant.WeightGrams = 0
	if e.line(variantID(i, "weight_grams")) != "" {
		variant.WeightGrams = e.number(variantID(i, "weight_grams"))
	}
	prices := map[money.Currency]catalog.Price{}
	maps.Copy(prices, variant.Prices)
	prices[e.v.shop.Currency] = catalog.Price{
		Regular: e.amount(variantID(i, "regular")), Subscription: e.amount(variantID(i, "subscription")),
		First: e.amount(variantID(i, "first")), Trial: e.amount(variantID(i, "trial")),
	}
	variant.Prices = prices
	if e.form.Get(variantID(i, "on_hand")) != e.form.Get(variantID(i, "on_hand_was")) {
		onHand[variant.SKU] = int64(e.number(variantID(i, "on_hand")))
	}
	return variant
}

// storedVariant is the variant that a row is of; false for a new one.
func (e *editing) storedVariant(i int) (catalog.Variant, bool) {
	id, err := ident.Parse(e.form.Get(variantID(i, "id")))
	if err != nil {
		return catalog.Variant{}, false
	}
	return e.stored.Variant(id)
}

func (f fields) variants(e *editing) *ProductVariants {
	p := &ProductVariants{
		Action: f.action, Error: f.faults.Field("variants", "").Error, OptionsError: f.faults.Field("options", "").Error,
		Tiers: f.discountRows(onceTiers, f.firstAmount("regular")),
	}
	for i := range rows(f.form, "options") {
		p.Options = append(p.Options, f.option(i))
	}
	p.CanAddOption = len(p.Options) < catalog.MaxOptions
	for i := range rows(f.form, "variants") {
		p.Rows = append(p.Rows, f.variant(e, i))
	}
	p.CanCombine = len(p.Options) > 0
	return p
}

// firstAmount is what was typed first of a price, for examples.
func (f fields) firstAmount(name string) int64 {
	for i := range rows(f.form, "variants") {
		if minor := f.typedAmount(variantID(i, name)); minor > 0 {
			return minor
		}
	}
	return 0
}

// typedAmount reads an amount for an explanation, 0 for none.
func (f fields) typedAmount(id string) int64 {
	parsed, err := f.v.words.ParseMoney(f.form.Get(id), f.v.shop.Currency)
	if err != nil {
		return 0
	}
	return parsed.Minor
}

func (f fields) option(i int) ProductOption {
	v, at := f.v, rowID("options", i)
	o := ProductOption{
		At: at, Title: v.words.T("product.option.n", "N", i+1), Names: f.inWords(at+".names.", "option.name"),
		Error: f.faults.Field(at+".values", "").Error,
	}
	if name := f.form.Get(at + ".names." + string(i18n.Ja)); name != "" {
		o.Title = v.words.T("console.product.field_of", "Field", o.Title, "Of", name)
	}
	for n := range rows(f.form, at+".values") {
		value := rowID(at+".values", n)
		o.Values = append(o.Values, ProductValue{
			At: value, Words: f.inWords(value+".", "option.value"),
			Drop: v.words.T("product.drop.what", "What", v.words.T("product.row", "Label", v.words.T("product.option.value"), "N", n+1)),
		})
	}
	return o
}

// inWords are the inputs of a text in every language.
func (f fields) inWords(at, key string) []ProductField {
	list := make([]ProductField, len(i18n.Langs))
	for i, lang := range i18n.Langs {
		field := f.input(at+string(lang), key)
		field.Short = f.v.h.Catalog.For(lang).T("common.lang")
		field.Label = f.v.words.T("console.product.field_of", "Field", field.Label, "Of", field.Short)
		field.Lang, field.Limit = string(lang), catalog.MaxOption
		list[i] = field
	}
	return list
}

func (f fields) variant(e *editing, i int) ProductVariant {
	v := f.v
	row := ProductVariant{
		At: rowID("variants", i), Title: f.chosen(i), SKU: f.form.Get(variantID(i, "sku")), ID: f.form.Get(variantID(i, "id")),
		Regular:      f.price(variantID(i, "regular"), "regular"),
		Subscription: f.price(variantID(i, "subscription"), "subscription"),
		First:        f.price(variantID(i, "first"), "first"),
		Trial:        f.price(variantID(i, "trial"), "trial"),
		Weight:       f.count(variantID(i, "weight_grams"), "weight", "grams"),
		OnHand:       f.count(variantID(i, "on_hand"), "on_hand", "pieces"),
		OnHandWas:    f.form.Get(variantID(i, "on_hand_was")),
		CanRaise:     i > 0,
	}
	if row.Title == "" {
		row.Title = v.words.T("product.row", "Label", v.words.T("console.product.variant"), "N", i+1)
	}
	stored, known := e.storedVariant(i)
	if known {
		row.SKU = stored.SKU
		use := e.uses[stored.ID]
		switch {
		case use.Running > 0:
			row.Held = v.words.Plural("product.variant.held", use.Running)
		case use.Recorded:
			row.Held = v.words.T("product.variant.ordered")
		}
		if reserved := e.counts[stored.ID].Reserved; reserved > 0 {
			row.OnHand.Note = v.words.Plural("console.product.reserved", int(reserved))
		}
	} else {
		sku := f.line(variantID(i, "sku"), "sku", catalog.MaxCode)
		row.New = &sku
	}
	for o := range rows(f.form, "options") {
		row.Choices = append(row.Choices, f.valueChoice(i, o))
	}
	row.Drop = v.words.T("product.drop.what", "What", row.Title)
	row.Raise = v.words.T("product.raise.what", "What", row.Title)
	f.explainPrices(&row)
	return row
}

// valueChoice offers a variant the values of an option, in the staff's language or
// in Japanese.
func (f fields) valueChoice(variant, option int) ProductChoice {
	id, at := choiceID(variant, option), rowID("options", option)
	c := ProductChoice{ID: id, Label: f.inOwnWords(at + ".names."), Error: f.faults.Field(id, "").Error}
	if c.Label == "" {
		c.Label = f.v.words.T("product.option.n", "N", option+1)
	}
	for n := range rows(f.form, at+".values") {
		label := f.inOwnWords(rowID(at+".values", n) + ".")
		if label == "" {
			label = f.v.words.T("product.row", "Label", f.v.words.T("product.option.value"), "N", n+1)
		}
		c.Values = append(c.Values, page.Choice{Value: strconv.Itoa(n), Label: label, Selected: f.form.Get(id) == strconv.Itoa(n)})
	}
	return c
}

func (f fields) inOwnWords(at string) string {
	if own := strings.TrimSpace(f.form.Get(at + string(f.v.words.Lang()))); own != "" {
		return own
	}
	return strings.TrimSpace(f.form.Get(at + string(i18n.Ja)))
}

// chosen is what a variant is called by the values that it chose.
func (f fields) chosen(variant int) string {
	var names []string
	for o := range rows(f.form, "options") {
		n, ok := whole(f.form.Get(choiceID(variant, o)))
		if !ok {
			continue
		}
		names = append(names, f.inOwnWords(rowID(rowID("options", o)+".values", n)+"."))
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	return strings.Join(names, "・")
}

// explainPrices says beside prices what they come to.
func (f fields) explainPrices(p *ProductVariant) {
	regular, subscription := f.typedAmount(p.Regular.ID), f.typedAmount(p.Subscription.ID)
	first, trial := f.typedAmount(p.First.ID), f.typedAmount(p.Trial.ID)
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
	if trial == 0 {
		p.Trial.Note = f.v.words.T("product.trial.none")
	} else {
		p.Trial.Note = f.v.words.T("product.trial.once", "Trial", f.v.amount(trial), "Regular", f.v.amount(regular))
	}
}

// percentOff is a discount in basis points, rounded down to tenths of a percent.
func percentOff(from, to int64) int { return int((from-to)*1_000/from) * 10 }
