package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
)

const productsPath = "/admin/products"

// productStates are the cuts of the list of products; the empty one is all.
var productStates = []catalog.Status{"", catalog.StatusOnSale, catalog.StatusDraft, catalog.StatusEnded}

var productTones = map[catalog.Status]string{catalog.StatusOnSale: toneOK, catalog.StatusDraft: toneInfo}

// mayEdit reports whether the member of staff may change what the store sells.
func (v *visit) mayEdit() bool { return v.staff.Role.Includes(staff.RoleManager) }

func (v *visit) productTag(s catalog.Status) Tag {
	return Tag{Text: v.words.T("state.product." + string(s)), Tone: productTones[s]}
}

func productPath(p catalog.Product, tab string) string {
	path := productsPath + "/" + p.ID.String()
	if tab != "" && tab != tabBasic {
		path += "?tab=" + tab
	}
	return path
}

// Products lists what the store sells, in the order of the shelf: of one state,
// and those that a search finds. Both stand in the address.
func (h *Handlers) Products(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.products"))
	if err != nil {
		return err
	}
	filter := db.ProductFilter{Status: catalog.Status(r.FormValue("status")), Text: strings.TrimSpace(r.FormValue("q"))}
	p := ProductsPage{
		Base: base, MayEdit: v.mayEdit(), Search: filter.Text, Status: string(filter.Status),
		Clear: addressOf(productsPath, "status", string(filter.Status)),
	}
	counts, err := db.CountProducts(v.ctx, v.db(), v.shop.ID, filter)
	if err != nil {
		return err
	}
	p.Tabs = v.productTabs(counts, filter)
	list, next, err := db.FindProducts(v.ctx, v.db(), v.shop.ID, filter, productKey(r), pageSize)
	if err != nil {
		return err
	}
	if !next.ID.IsZero() {
		p.Next = addressOf(productsPath, "status", p.Status, "q", p.Search,
			"after", strconv.Itoa(next.Position)+"."+next.ID.String())
	}
	for _, product := range list {
		p.Rows = append(p.Rows, v.productRow(product))
	}
	return v.show(w, http.StatusOK, "products", p)
}

// productTabs count what a search finds in each state.
func (v *visit) productTabs(counts map[catalog.Status]int, f db.ProductFilter) []Tab {
	all := 0
	for _, n := range counts {
		all += n
	}
	tabs := make([]Tab, len(productStates))
	for i, s := range productStates {
		tabs[i] = Tab{
			Text: v.words.T("console.tab.all"), Count: v.number(all), Current: s == f.Status,
			Path: addressOf(productsPath, "status", string(s), "q", f.Text),
		}
		if s != "" {
			tabs[i].Text, tabs[i].Count = v.productTag(s).Text, v.number(counts[s])
		}
	}
	return tabs
}

// productKey is where the page of the list begins: "<position>.<id>"; what is none
// is the beginning.
func productKey(r *http.Request) db.ProductKey {
	position, id, _ := strings.Cut(r.FormValue("after"), ".")
	key := db.ProductKey{}
	var err error
	if key.Position, err = strconv.Atoi(position); err != nil {
		return db.ProductKey{}
	}
	if key.ID, err = ident.Parse(id); err != nil {
		return db.ProductKey{}
	}
	return key
}

func (v *visit) productRow(p catalog.Product) ProductRow {
	row := ProductRow{
		Code: p.Code, Path: productPath(p, ""), Picture: p.Picture, Category: v.category(p.Category),
		Variants: len(p.Variants), Status: v.productTag(p.Status),
	}
	row.Name, row.NameOf = v.goods(p)
	if p.Plan != nil {
		cycles := make([]string, len(p.Plan.Cycles))
		for i, c := range p.Plan.Cycles {
			cycles[i] = v.words.Cycle(c)
		}
		row.Cycles = strings.Join(cycles, v.words.T("console.product.separator"))
	}
	var available int64
	for i, variant := range p.Variants {
		available += variant.Available
		row.Short = row.Short || variant.Available <= 0
		if i == 0 {
			price := variant.Prices[v.shop.Currency]
			row.Regular, row.Subscription = v.amount(price.Regular), v.unlessFree(price.Subscription)
		}
	}
	row.Stock = v.words.Number(available)
	return row
}

// category is the name of a category; its slug where the catalogues have none.
func (v *visit) category(slug string) string {
	if key := "category." + slug; v.words.Has(key) {
		return v.words.T(key)
	}
	return slug
}

func (v *visit) amount(minor int64) money.Amount { return money.Of(minor, v.shop.Currency) }

// unlessFree is an amount, nil for none.
func (v *visit) unlessFree(minor int64) *money.Amount {
	if minor == 0 {
		return nil
	}
	amount := v.amount(minor)
	return &amount
}
