package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
)

// ended reports whether a quote was refused because its product is no longer
// sold. A draft is not: nobody may have seen it, and its name is not told.
func ended(q flow.ProductQuote, err error) bool {
	return fault.Is(err, fault.NotFound) && q.Product.Status == catalog.StatusEnded
}

// showEnded says that a product is no longer sold, to whom an old link, a mail or
// a search led there. The status is 410, not 404: the shop knows what was here and
// has taken it away on purpose, so that search engines forget the address at once
// instead of coming back for weeks (RFC 9110, 15.5.11). Put on sale again, the
// product answers at its address as before.
func (h *Handlers) showEnded(w http.ResponseWriter, r *http.Request, q flow.ProductQuote) error {
	words := h.Words(r)
	name := q.Product.Text(string(words.Lang())).Name
	p := EndedPage{
		Base: h.Base(r, name), Name: name, NameOf: frame.NameOf(q.Product, words),
		More: "/goods", MoreText: words.T("shop.list.all"),
	}
	frame.At(r, &p.Base, frame.ProductPath(q.Product))
	p.NoIndex = true
	same, err := db.ProductsOnSale(r.Context(), h.Flow.DB, q.Shop.ID, q.Product.Category)
	if err != nil {
		return err
	}
	if q.Product.Category != "" && len(same) > 0 {
		p.More, p.MoreText = "/goods?category="+q.Product.Category, category(words, q.Product.Category)
	}
	p.Similar = cards(words, q.Shop, same[:min(relatedGoods, len(same))])
	return h.Show(w, r, http.StatusGone, "shop/ended", p)
}
