package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
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

// Products lists what the store sells.
func (h *Handlers) Products(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.products"))
	if err != nil {
		return err
	}
	all, err := db.Products(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return err
	}
	wanted := catalog.Status(r.FormValue("status"))
	p := ProductsPage{Base: base, MayEdit: v.mayEdit()}
	counts := map[catalog.Status]int{"": len(all)}
	var list []catalog.Product
	for _, product := range all {
		counts[product.Status]++
		if wanted == "" || product.Status == wanted {
			list = append(list, product)
		}
	}
	for _, s := range productStates {
		tab := Tab{Text: v.words.T("console.tab.all"), Path: productsPath, Count: v.number(counts[s]), Current: s == wanted}
		if s != "" {
			tab.Text, tab.Path = v.productTag(s).Text, productsPath+"?status="+string(s)
		}
		p.Tabs = append(p.Tabs, tab)
	}
	from, err := strconv.Atoi(r.FormValue("from"))
	if err != nil || from < 0 {
		from = 0
	}
	list = list[min(from, len(list)):]
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Next = productsPath + "?status=" + string(wanted) + "&from=" + strconv.Itoa(from+pageSize)
	}
	for _, product := range list {
		p.Rows = append(p.Rows, v.productRow(product))
	}
	return v.show(w, http.StatusOK, "products", p)
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
