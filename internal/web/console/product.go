package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Tabs of a product. A new one has all of basic and of its one variant at once.
const (
	tabBasic    = "basic"
	tabVariants = "variants"
	tabPlan     = "plan"
	tabHistory  = "history"
	tabNew      = "new"
)

// Product shows one tab of a product.
func (h *Handlers) Product(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	p, err := v.product(r)
	if err != nil {
		return err
	}
	e, err := v.editing(p, tabOf(r.FormValue("tab")))
	if err != nil {
		return err
	}
	e.form = e.filled()
	return v.showProduct(w, r, http.StatusOK, e)
}

// NewProduct asks for a product with one variant.
func (h *Handlers) NewProduct(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	e := &editing{v: v, tab: tabNew, stored: blankProduct()}
	e.form = e.filled()
	return v.showProduct(w, r, http.StatusOK, e)
}

// CreateProduct saves a new product and goes on to its plan.
func (h *Handlers) CreateProduct(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	return v.saveProduct(w, r, &editing{v: v, tab: tabNew, stored: blankProduct()})
}

// SaveProduct saves one tab of a product, or says what that would change.
func (h *Handlers) SaveProduct(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	p, err := v.product(r)
	if err != nil {
		return err
	}
	e, err := v.editing(p, tabOf(r.PostFormValue("tab")))
	if err != nil {
		return err
	}
	return v.saveProduct(w, r, e)
}

func (v *visit) saveProduct(w http.ResponseWriter, r *http.Request, e *editing) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	e.form = r.PostForm
	wanted := e.read()
	if len(e.faults) > 0 {
		return v.showProduct(w, r, http.StatusUnprocessableEntity, e)
	}
	if e.form.Get("do") == "look" {
		return v.lookAtProduct(w, r, e, wanted)
	}
	saved, err := v.h.Flow.SaveProduct(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), wanted)
	switch e.faults = fault.All(err); {
	case err == nil:
	case fault.Is(err, fault.Conflict):
		return v.showProduct(w, r, http.StatusConflict, e)
	case fault.Is(err, fault.Invalid):
		return v.showProduct(w, r, http.StatusUnprocessableEntity, e)
	default:
		return err
	}
	session.AddFlash(v.ctx, "ok", v.words.T("console.product.saved", "Name", saved.Text(string(v.words.Lang())).Name))
	next := e.tab
	if e.tab == tabNew {
		next = tabPlan
	}
	return redirect.To(w, r, productPath(saved, next))
}

// lookAtProduct shows what a save would change, and what stands in its way.
func (v *visit) lookAtProduct(w http.ResponseWriter, r *http.Request, e *editing, wanted flow.SaveProductInput) error {
	status := http.StatusOK
	if e.faults = fault.All(wanted.Validate(v.shop.Currency)); len(e.faults) > 0 {
		status = http.StatusUnprocessableEntity
	} else {
		e.checked = true
	}
	return v.showProduct(w, r, status, e)
}

func tabOf(wanted string) string {
	if slices.Contains([]string{tabVariants, tabPlan, tabHistory}, wanted) {
		return wanted
	}
	return tabBasic
}

// product reads the product that a request names.
func (v *visit) product(r *http.Request) (catalog.Product, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return catalog.Product{}, fault.New(fault.NotFound, "fault.not_found")
	}
	found, err := db.ProductsByIDs(v.ctx, v.db(), v.shop.ID, []ident.ID{id})
	if err != nil {
		return catalog.Product{}, err
	}
	p, known := found[id]
	if !known {
		return catalog.Product{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return p, nil
}

// blankProduct is what the form for a new product begins with.
func blankProduct() catalog.Product {
	return catalog.Product{Status: catalog.StatusDraft, TaxClass: tax.Reduced, Variants: []catalog.Variant{{}}}
}

// editing is a product with the form in which it is changed.
type editing struct {
	v       *visit
	tab     string
	stored  catalog.Product
	counts  map[ident.ID]db.StockCount
	form    url.Values
	faults  fault.List
	checked bool
	// wanted is the product as the form has it, as far as it could be read.
	wanted catalog.Product
}

func (v *visit) editing(p catalog.Product, tab string) (*editing, error) {
	ids := make([]ident.ID, len(p.Variants))
	for i, variant := range p.Variants {
		ids[i] = variant.ID
	}
	counts, err := db.StockCounts(v.ctx, v.db(), v.shop.ID, ids)
	return &editing{v: v, tab: tab, stored: p, wanted: p, counts: counts}, err
}

func (v *visit) showProduct(w http.ResponseWriter, r *http.Request, status int, e *editing) error {
	heading, nameOf := v.words.T("console.product.new"), ""
	if e.tab != tabNew {
		heading, nameOf = v.goods(e.stored)
	}
	base, err := v.base(r, heading)
	if err != nil {
		return err
	}
	faults := frame.FaultsOf(v.words, v.withCycles(e.faults), nil)
	for _, line := range faults.Summary() {
		base.Errors = append(base.Errors, page.FieldError{ID: line.ID, Text: v.aboutField(line)})
	}
	p := ProductPage{
		Base: base, Heading: heading, NameOf: nameOf, Code: e.stored.Code, Status: v.productTag(e.stored.Status),
		Version: e.form.Get("version"), Tab: e.tab, Checked: e.checked, Shopper: e.shopper(),
	}
	f := fields{v: v, form: e.form, faults: faults}
	if e.tab == tabNew {
		p.Action, p.Basic, p.Variants = productsPath, f.basic(e), f.variants(e)
		return v.show(w, status, "product", p)
	}
	p.ShopPath = frame.ProductPath(e.stored)
	p.Tabs = e.tabs()
	if v.mayEdit() && e.tab != tabHistory {
		p.Action = productsPath + "/" + e.stored.ID.String()
	}
	switch e.tab {
	case tabVariants:
		p.Variants = f.variants(e)
	case tabPlan:
		p.Plan = f.plan(e)
	case tabHistory:
		p.History = true
		if p.Audit, err = v.trail([]ident.ID{e.stored.ID}); err != nil {
			return err
		}
	default:
		p.Basic = f.basic(e)
	}
	if e.checked {
		p.Changes = v.productChanges(flow.ProductChanges(e.stored, flow.EditedProduct(e.stored, e.wanted, v.shop.Currency), v.shop.Currency))
	}
	return v.show(w, status, "product", p)
}

func (e *editing) tabs() []Tab {
	var tabs []Tab
	for _, name := range []string{tabBasic, tabVariants, tabPlan, tabHistory} {
		tab := Tab{Text: e.v.words.T("console.product.tab." + name), Path: productPath(e.stored, name), Current: name == e.tab}
		if name == tabVariants {
			tab.Count = e.v.number(len(e.stored.Variants))
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

// shopper is what the shop would show of the product as the form has it.
func (e *editing) shopper() ShopperView {
	v, p := e.v, e.wanted
	s := ShopperView{Picture: p.Picture}
	s.Name, s.NameOf = v.goods(p)
	if key := "console.product.away." + string(p.Status); v.words.Has(key) {
		s.Away = v.words.T(key)
	}
	if len(p.Variants) == 0 {
		return s
	}
	variant := p.Variants[0]
	price := variant.Prices[v.shop.Currency]
	s.Option, s.Regular = p.OptionText(variant, string(v.words.Lang())), v.amount(price.Regular)
	if p.Plan == nil || price.Subscription == 0 {
		return s
	}
	s.Subscription, s.First = v.unlessFree(price.Subscription), v.unlessFree(price.First)
	for _, c := range p.Plan.Cycles {
		s.Cycles = append(s.Cycles, v.words.Cycle(c))
	}
	if n := p.Plan.MinimumDeliveries; n > 1 {
		s.Promises = append(s.Promises, v.words.Plural("shop.plan.minimum.title", n))
	} else {
		s.Promises = append(s.Promises, v.words.T("shop.promise.stop.title"))
	}
	s.Promises = append(s.Promises, v.words.Plural("shop.plan.change.title", p.Plan.CustomerGraceDays))
	if n := p.Plan.MaxPutOffDays; n > 0 {
		s.Promises = append(s.Promises, v.words.Plural("shop.plan.change.text", n))
	} else {
		s.Promises = append(s.Promises, v.words.T("shop.plan.change.fixed"))
	}
	return s
}

// productChanges words changed fields in the order of their names.
func (v *visit) productChanges(changes map[string]audit.Change) []AuditLine {
	var lines []AuditLine
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		c := changes[field]
		lines = append(lines, AuditLine{
			What: v.productField(field), Before: v.changed(field, "product", c.Before), After: v.changed(field, "product", c.After),
		})
	}
	return lines
}

// productField names a field of flow.ProductChanges: "name.en" is 商品名・English.
func (v *visit) productField(field string) string {
	name, of, _ := strings.Cut(field, ".")
	label := v.words.T("console.product." + name)
	if lang, known := i18n.Parse(of); known {
		of = v.h.Catalog.For(lang).T("common.lang")
	}
	if of == "" {
		return label
	}
	return v.words.T("console.product.field_of", "Field", label, "Of", of)
}

// inputNames are the inputs that are called otherwise than in the trail.
var inputNames = map[string]string{"code": "product_code", "price": "unit_price"}

// aboutField says what is wrong with which input.
func (v *visit) aboutField(e page.FieldError) string {
	path := strings.Split(e.ID, ".")
	name := path[len(path)-1]
	if other, known := inputNames[name]; known {
		name = other
	}
	if path[0] == "texts" && len(path) == 3 {
		name += "." + path[1]
	}
	if base, _, _ := strings.Cut(name, "."); !v.words.Has("console.product." + base) {
		return e.Text
	}
	return v.words.T("console.product.fault", "Field", v.productField(name), "Text", e.Text)
}

// productValue words a value of flow.ProductChanges where it is not a text of
// the product itself.
func (v *visit) productValue(field, value string) (string, bool) {
	switch field {
	case "cycles":
		var cycles []string
		for text := range strings.FieldsSeq(value) {
			if c, err := calendar.ParseCycle(text); err == nil {
				cycles = append(cycles, v.words.Cycle(c))
			}
		}
		return strings.Join(cycles, v.words.T("console.product.separator")), true
	case "plan", "until_cancelled", "deadline_notice":
		return v.words.T("console.product.is." + value), true
	case "tax_class":
		return v.words.T("console.product.tax_class." + value), true
	case "category":
		return v.category(value), true
	}
	return "", false
}
