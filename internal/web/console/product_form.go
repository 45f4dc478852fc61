package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// textID names the input of a text by the path that faults of it name.
func textID(lang i18n.Lang, name string) string { return "texts." + string(lang) + "." + name }

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
		form.Set(textID(i18n.Lang(lang), "plan"), text.Plan)
	}
	e.fillVariants(form)
	e.v.fillPlan(form, p.Plan)
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
	e.wanted.Version = versionOf(e.form)
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

// versionOf is the version that a form was made of; one that cannot be read is of
// no product, and answered as one that changed meanwhile.
func versionOf(form url.Values) int64 {
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return 0
	}
	return version
}

func (e *editing) readBasic() {
	p := &e.wanted
	p.Slug, p.Status, p.Category = e.line("slug"), catalog.Status(e.form.Get("status")), e.line("category")
	p.TaxClass = tax.Class(e.form.Get("tax_class"))
	e.readTexts(func(lang i18n.Lang, text *catalog.Text) {
		text.Name, text.Summary = e.line(textID(lang, "name")), e.line(textID(lang, "summary"))
		text.Description = e.paragraphs(textID(lang, "description"))
	})
}

// readTexts reads some of the texts in each language; those that are there stay
// there, though they be emptied.
func (e *editing) readTexts(read func(lang i18n.Lang, text *catalog.Text)) {
	texts := map[string]catalog.Text{}
	maps.Copy(texts, e.stored.Texts)
	for _, lang := range i18n.Langs {
		text, there := texts[string(lang)]
		read(lang, &text)
		if there || text != (catalog.Text{}) {
			texts[string(lang)] = text
		}
	}
	e.wanted.Texts = texts
}

// paragraphs is a text of several lines.
func (e *editing) paragraphs(id string) string {
	return strings.ReplaceAll(e.line(id), "\r\n", "\n")
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
	n, err := strconv.Atoi(narrow(typed))
	return n, err == nil
}

// narrow writes full-width digits and signs as computers read them.
func narrow(typed string) string { return strings.TrimSpace(norm.NFKC.String(typed)) }

// fields makes the inputs of a form.
type fields struct {
	v      *visit
	form   url.Values
	faults frame.Faults
	action string // where the form goes, empty for who may only look
}

// input is an input with its label.
func (f fields) input(id, label string) ProductField {
	return ProductField{Field: f.faults.Field(id, f.form.Get(id)), ID: id, Label: f.v.productLabel(label)}
}

func (f fields) line(id, key string, limit int) ProductField {
	field := f.input(id, key)
	field.Limit = limit
	return field
}

func (f fields) price(id, key string) ProductField {
	field := f.input(id, key)
	field.Unit, field.Number, field.Limit = f.v.currencyName(), true, 20
	return field
}

func (f fields) count(id, key, unit string) ProductField {
	field := f.input(id, key)
	field.Number, field.Limit = true, 8
	if unit != "" {
		field.Unit = f.v.productLabel("unit." + unit)
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
