package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// featuredGoods are the first of the shelf that can be subscribed to.
const featuredGoods = 4

// Home is the shop's front page: some goods to subscribe to, then all of them by
// category in the order of the shelf.
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
		}
		if _, seen := byCategory[g.Category]; !seen {
			order = append(order, g.Category)
		}
		byCategory[g.Category] = append(byCategory[g.Category], g)
	}
	p.Featured = cards(words, shop, subscribable)
	for _, slug := range order {
		p.Sections = append(p.Sections, Section{
			Heading: category(words, slug), Path: "/goods?category=" + slug, Goods: cards(words, shop, byCategory[slug]),
		})
	}
	return h.Show(w, r, http.StatusOK, "shop/home", p)
}
