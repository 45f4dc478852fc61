package shop

import (
	"net/http"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Goods lists the goods on sale: all, those of ?category=, or with ?way=subscribe
// those that can be subscribed to. A category without goods is not found.
func (h *Handlers) Goods(w http.ResponseWriter, r *http.Request) error {
	ctx, words := r.Context(), h.Words(r)
	shop, slug := reqctx.Shop(ctx), r.URL.Query().Get("category")
	goods, err := db.ProductsOnSale(ctx, h.Flow.DB, shop.ID, slug)
	if err != nil {
		return err
	}
	heading := words.T("shop.list.all")
	switch {
	case slug != "" && len(goods) == 0:
		return fault.New(fault.NotFound, "fault.not_found")
	case slug != "":
		heading = category(words, slug)
	case r.URL.Query().Get("way") == "subscribe":
		heading = words.T("shop.nav.subscribable")
		goods = slices.DeleteFunc(goods, func(p catalog.Product) bool { return p.Plan == nil })
	}
	p := CategoryPage{Base: h.Base(r, heading), Heading: heading, Goods: cards(words, shop, goods)}
	return h.Show(w, r, http.StatusOK, "shop/category", p)
}
