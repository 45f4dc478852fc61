package console

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/picture"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Tabs of a product. A new one has all of basic and of its one variant at once.
const (
	tabBasic    = "basic"
	tabVariants = "variants"
	tabPlan     = "plan"
	tabPictures = "pictures"
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
	e.wanted = e.stored
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
	if asked := e.form.Get("do"); asked == "show" || changeRows(e.form, asked) {
		e.glance()
		return v.showProduct(w, r, http.StatusOK, e)
	}
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

// glance reads a form that is still being typed, as far as it can be read. Reading
// tidies the form; here it stays as it is, with the rows that were just added.
func (e *editing) glance() {
	form := e.form
	e.form = url.Values{}
	for name, values := range form {
		e.form[name] = slices.Clone(values)
	}
	e.read()
	e.form, e.faults = form, nil
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
	if slices.Contains([]string{tabVariants, tabPlan, tabPictures, tabHistory}, wanted) {
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
	uses    map[ident.ID]db.VariantUse
	form    url.Values
	faults  fault.List
	checked bool
	// wanted is the product as the form has it, as far as it could be read.
	wanted catalog.Product
}

func (v *visit) editing(p catalog.Product, tab string) (*editing, error) {
	e := &editing{v: v, tab: tab, stored: p, wanted: p}
	if tab != tabVariants {
		return e, nil
	}
	ids := make([]ident.ID, len(p.Variants))
	for i, variant := range p.Variants {
		ids[i] = variant.ID
	}
	var err error
	if e.counts, err = db.StockCounts(v.ctx, v.db(), v.shop.ID, ids); err != nil {
		return nil, err
	}
	e.uses, err = db.VariantUses(v.ctx, v.db(), v.shop.ID, ids)
	return e, err
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
	faults := frame.FaultsOf(v.words, offInput(v.withCycles(e.faults)), nil, v.inputLabel)
	base.Errors = faults.Summary()
	p := ProductPage{
		Base: base, Heading: heading, NameOf: nameOf, Code: e.stored.Code, Status: v.productTag(e.stored.Status),
		Version: e.form.Get("version"), Tab: e.tab, Checked: e.checked, Shopper: e.shopper(),
	}
	f := fields{v: v, form: e.form, faults: faults, action: e.action()}
	p.Action = f.action
	if e.tab == tabNew {
		p.Basic, p.Variants = f.basic(e), f.variants(e)
		return v.show(w, status, "product", p)
	}
	p.ShopPath = frame.ProductPath(e.stored)
	p.Tabs = e.tabs()
	switch e.tab {
	case tabVariants:
		p.Variants = f.variants(e)
	case tabPlan:
		p.Plan = f.plan(e)
	case tabPictures:
		p.Pictures = f.pictures(e)
		p.PictureHint = v.words.T("product.picture.hint", "Size", picture.MaxBytes>>20, "Pixels", picture.MaxPixels/1_000_000)
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

// action is where the form goes; empty for who may only look.
func (e *editing) action() string {
	switch {
	case !e.v.mayEdit() || e.tab == tabHistory:
		return ""
	case e.tab == tabNew:
		return productsPath
	case e.tab == tabPictures:
		return productsPath + "/" + e.stored.ID.String() + "/pictures"
	}
	return productsPath + "/" + e.stored.ID.String()
}

func (e *editing) tabs() []Tab {
	var tabs []Tab
	for _, name := range []string{tabBasic, tabVariants, tabPlan, tabPictures, tabHistory} {
		tab := Tab{Text: e.v.productLabel("tab." + name), Path: productPath(e.stored, name), Current: name == e.tab}
		if name == tabVariants {
			tab.Count = e.v.number(len(e.stored.Variants))
		}
		tabs = append(tabs, tab)
	}
	return tabs
}
