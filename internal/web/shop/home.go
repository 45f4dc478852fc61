package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// featuredGoods are the first of the shelf that can be subscribed to.
const featuredGoods = 4

// wholeRow is from how many goods on a category has a section of its own.
const wholeRow = 3

// Home is the shop's front page: some goods to subscribe to, then the others in
// the order of the shelf, by category where a category fills a row.
func (h *Handlers) Home(w http.ResponseWriter, r *http.Request) error {
	ctx, words := r.Context(), h.Words(r)
	shop := reqctx.Shop(ctx)
	goods, err := db.ProductsOnSale(ctx, h.Flow.DB, shop.ID, "")
	if err != nil {
		return err
	}
	p := HomePage{Base: h.Base(r, "")}
	p.Description = words.T("shop.home.lead")
	var subscribable []catalog.Product
	var order []string
	byCategory := map[string][]catalog.Product{}
	for _, g := range goods {
		if g.Plan != nil && len(subscribable) < featuredGoods {
			subscribable = append(subscribable, g)
			continue
		}
		if _, seen := byCategory[g.Category]; !seen {
			order = append(order, g.Category)
		}
		byCategory[g.Category] = append(byCategory[g.Category], g)
	}
	p.Featured = cards(words, shop, subscribable)
	var others []catalog.Product
	for _, slug := range order {
		if len(byCategory[slug]) < wholeRow {
			others = append(others, byCategory[slug]...)
			continue
		}
		p.Sections = append(p.Sections, Section{
			Heading: category(words, slug), Goods: cards(words, shop, byCategory[slug]),
		})
	}
	if len(others) > 0 {
		p.Sections = append(p.Sections, Section{
			Heading: words.T("shop.home.goods"), Goods: cards(words, shop, others),
		})
	}
	return h.Show(w, r, http.StatusOK, "shop/home", p)
}
