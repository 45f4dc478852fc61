package shop

import (
	"net/http"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Deps is what the handlers need.
type Deps struct {
	Frame *frame.Frame
}

// Handlers of the storefront.
type Handlers struct {
	*frame.Frame
}

// New makes the handlers.
func New(d Deps) *Handlers { return &Handlers{Frame: d.Frame} }

// category is the name of a category; its slug where the catalogues have none.
func category(words *i18n.Localizer, slug string) string {
	if key := "category." + slug; words.Has(key) {
		return words.T(key)
	}
	return slug
}

// reasonsTo explain a price and say where the postage is counted to: before the
// checkout the address is an assumption.
func reasonsTo(words *i18n.Localizer, p pricing.Priced, to place.Address) []page.Line {
	lines := frame.Reasons(words, p)
	for i, s := range p.Steps {
		if s.Reason == pricing.ReasonShipping {
			lines[i].Label = words.T("shop.reason.shipping.to", "Region", words.Region(to.Country, to.Region))
		}
	}
	return lines
}

// freeShipping is how far goods are from free delivery, nil where it never is.
func freeShipping(p pricing.Priced, from int64) *FreeShipping {
	if from == 0 {
		return nil
	}
	return &FreeShipping{Missing: p.Amount(p.ToFree), Goods: p.Amount(p.Goods), Threshold: p.Amount(from)}
}

// ownOrder is the order of the address, for its customer only.
func (h *Handlers) ownOrder(r *http.Request) (order.Order, error) {
	ctx := r.Context()
	unknown := fault.New(fault.NotFound, "fault.not_found")
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return order.Order{}, unknown
	}
	orders, err := db.OrdersByIDs(ctx, h.Flow.DB, reqctx.Shop(ctx).ID, []ident.ID{id})
	if err != nil {
		return order.Order{}, err
	}
	buyer, loggedIn := reqctx.Customer(ctx)
	if len(orders) == 0 || !loggedIn || orders[0].CustomerID != buyer.ID {
		return order.Order{}, unknown
	}
	return orders[0], nil
}

// products are those of an order's lines.
func (h *Handlers) products(r *http.Request, o order.Order) (frame.Products, error) {
	ids := make([]ident.ID, len(o.Lines))
	for i, l := range o.Lines {
		ids[i] = l.VariantID
	}
	return db.VariantsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, ids)
}

// aboutLines reports whether a fault concerns a line of the cart.
func aboutLines(list fault.List) bool {
	return slices.ContainsFunc(list, func(e *fault.Error) bool { return strings.HasPrefix(e.Field, "lines") })
}

func amountOf(a money.Amount) *money.Amount { return &a }
