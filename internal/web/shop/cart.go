package shop

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Cart shows the cart.
func (h *Handlers) Cart(w http.ResponseWriter, r *http.Request) error {
	return h.showCart(w, r, http.StatusOK, lineTyped{})
}

// lineTyped is a quantity that a line cannot have.
type lineTyped struct {
	line   string
	typed  string
	faults fault.List
}

// putInCart adds the quoted choice and remembers the cart.
func (h *Handlers) putInCart(r *http.Request, q flow.ProductQuote) (fault.List, error) {
	ctx := r.Context()
	in := flow.AddToCart{
		CartKey: frame.CartKey(ctx), VariantID: q.Variant.ID, Quantity: q.Choice.Quantity,
		Cycle: q.Choice.Cycle, Count: q.Choice.Count,
	}
	if q.Choice.Subscribe && r.PostForm.Get("first") != "" {
		in.FirstDate = q.Choice.FirstDate
	}
	id, err := h.Flow.AddToCart(ctx, in)
	if err != nil {
		return asFaults(err)
	}
	session.SetCartID(ctx, id)
	return nil, nil
}

func (h *Handlers) added(w http.ResponseWriter, r *http.Request, q flow.ProductQuote) error {
	words := h.Words(r)
	session.AddFlash(r.Context(), "ok", words.T("shop.cart.added", "Name", q.Product.Text(string(words.Lang())).Name))
	return redirect.To(w, r, "/cart")
}

// SetQuantity changes how many pieces a line holds.
func (h *Handlers) SetQuantity(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostForm.Get("quantity")
	id, err := ident.Parse(r.PostForm.Get("line"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	err = h.Flow.SetCartQuantity(r.Context(), frame.CartKey(r.Context()), id, number(typed))
	if fault.Is(err, fault.NotFound) { // taken out in another tab: show the cart as it is
		return redirect.To(w, r, "/cart")
	}
	if err != nil {
		faults, err := asFaults(err)
		if err != nil {
			return err
		}
		return h.showCart(w, r, http.StatusUnprocessableEntity, lineTyped{id.String(), typed, faults})
	}
	session.AddFlash(r.Context(), "ok", h.Words(r).T("shop.cart.updated"))
	return redirect.To(w, r, "/cart")
}

// RemoveLine takes a line out.
func (h *Handlers) RemoveLine(w http.ResponseWriter, r *http.Request) error {
	id, err := ident.Parse(r.PostForm.Get("line"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.Flow.RemoveFromCart(r.Context(), frame.CartKey(r.Context()), id); err != nil {
		return err
	}
	return redirect.To(w, r, "/cart")
}

func (h *Handlers) showCart(w http.ResponseWriter, r *http.Request, status int, typed lineTyped) error {
	ctx, words := r.Context(), h.Words(r)
	preview, err := h.Flow.PreviewCart(ctx, frame.CartKey(ctx))
	if err != nil {
		return err
	}
	p := CartPage{
		Base: h.Base(r, words.T("shop.cart.title")), Checkout: "/checkout",
		Reasons: frame.OfGoods(reasonsTo(words, preview.Priced, preview.Address.Address), items(words, preview.Proposal)),
		Total:   money.Of(preview.Priced.Total, preview.Shop.Currency),
	}
	frame.At(r, &p.Base, "/cart")
	if len(preview.Lines) > 0 {
		p.Free = freeShipping(preview.Priced, preview.Zone.FreeFrom)
	}
	for i, l := range preview.All {
		line := cartLine(words, preview, i, l)
		if line.ID == typed.line {
			line.Wanted.Value = typed.typed
			line.Error = words.Fault(typed.faults[0])
		}
		if line.Error != "" {
			label := words.T("shop.cart.quantity.of", "Name", line.Name)
			p.Errors = append(p.Errors, page.FieldError{ID: "q-" + line.ID, Text: frame.About(words, label, line.Error)})
		}
		p.Lines = append(p.Lines, line)
	}
	return h.Show(w, r, status, "shop/cart", p)
}

func cartLine(words *i18n.Localizer, p flow.CartPreview, i int, l flow.ProposedLine) CartLine {
	amount := func(minor int64) money.Amount { return money.Of(minor, p.Shop.Currency) }
	price := l.Variant.Prices[p.Shop.Currency]
	line := CartLine{
		Item: item(words, l), Maximum: int(min(l.Variant.Available, 99)), SoldOut: l.Variant.Available <= 0,
		Wanted: page.Field{Value: strconv.FormatInt(l.Quantity, 10)},
	}
	unit := price.Regular
	if l.Subscribes() {
		unit = price.Subscription
		line.Cycle, line.Count, line.First = l.Cycle, l.Count, p.Date
		if l.Product.Plan != nil {
			line.Minimum, line.Maximum = l.Product.Plan.MinimumDeliveries, int(min(l.Product.Plan.MaxQuantity, l.Variant.Available))
		}
	}
	line.Maximum = max(line.Maximum, 1)
	line.Unit, line.Total = amount(unit), amount(unit*l.Quantity)
	if priced, ok := pricedLine(p.Proposal, l); ok {
		line.Unit, line.Total = amount(priced.Unit), amount(priced.Total)
		if later, subscribes := secondTotal(p.Proposal, l); subscribes && later != priced.Total {
			line.Later = amountOf(amount(later))
		}
	}
	for _, field := range []string{"quantity", "cycle", "count"} {
		for _, e := range p.Faults {
			if e.Field == fmt.Sprintf("lines[%d].%s", i, field) && line.Error == "" && !line.SoldOut {
				line.Error = words.Fault(e)
			}
		}
	}
	return line
}

// pricedLine is the price of a line where it could be priced.
func pricedLine(p flow.Proposal, l flow.ProposedLine) (pricing.Line, bool) {
	for i, other := range p.Lines {
		if other.ID == l.ID && i < len(p.Priced.Lines) {
			return p.Priced.Lines[i], true
		}
	}
	return pricing.Line{}, false
}

// secondTotal is what a line costs in the second box of its subscription.
func secondTotal(p flow.Proposal, l flow.ProposedLine) (int64, bool) {
	for _, s := range p.Subscriptions {
		own := s.Product.ID == l.Product.ID && s.Subscription.Cycle == l.Cycle && s.Subscription.Count == l.Count
		if !own || len(s.Boxes) < 2 {
			continue
		}
		for _, priced := range s.Boxes[1].Priced.Lines {
			if priced.VariantID == l.VariantID {
				return priced.Total, true
			}
		}
	}
	return 0, false
}

// item shows a line of a cart without its price.
func item(words *i18n.Localizer, l flow.ProposedLine) page.Item {
	lang := string(words.Lang())
	it := page.Item{
		ID: l.ID.String(), Name: l.Product.Text(lang).Name, NameOf: frame.NameOf(l.Product, words),
		Variant: l.Product.OptionText(l.Variant, lang), Path: frame.ProductPath(l.Product),
		Picture: frame.Picture(l.Product, l.VariantID), Quantity: int(l.Quantity),
	}
	return it
}

// items are the lines of an order about to be placed, with what they cost now.
func items(words *i18n.Localizer, p flow.Proposal) []page.Item {
	list := make([]page.Item, len(p.Lines))
	for i, l := range p.Lines {
		list[i] = item(words, l)
		priced := p.Priced.Lines[i]
		list[i].Unit, list[i].Total = p.Priced.Amount(priced.Unit), p.Priced.Amount(priced.Total)
		if l.Subscribes() {
			list[i].Tag = words.T("shop.card.subscription")
		}
	}
	return list
}
