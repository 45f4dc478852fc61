package shop

import (
	"net/http"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Confirm shows the final confirmation.
func (h *Handlers) Confirm(w http.ResponseWriter, r *http.Request) error {
	return h.showConfirm(w, r, http.StatusOK, "")
}

// showConfirm shows what placing the order would do now. What is still missing
// leads back to where it is asked.
func (h *Handlers) showConfirm(w http.ResponseWriter, r *http.Request, status int, message string) error {
	ctx, words := r.Context(), h.Words(r)
	preview, ready, err := h.orderable(w, r)
	if err != nil || !ready {
		return err
	}
	session.SetCartID(ctx, preview.CartID)
	buyer, _ := reqctx.Customer(ctx)
	proposal, err := h.Flow.PreviewOrder(ctx, preview.Shop.ID, buyer.ID, preview.CartID)
	if err != nil {
		faults, err := asFaults(err)
		if err != nil {
			return err
		}
		if aboutLines(faults) {
			return h.backToCart(w, r)
		}
		session.AddFlash(ctx, "error", words.T("shop.checkout.incomplete"))
		return redirect.To(w, r, "/checkout")
	}
	p := confirmPage(words, h.Bare(r, words.T("shop.confirm.title")), proposal)
	frame.At(r, &p.Base, "/checkout/confirm")
	if message != "" {
		p.Flash = append(p.Flash, page.Flash{Kind: "error", Text: message})
	}
	return h.Show(w, r, status, "shop/confirm", p)
}

// Place places the order that was shown and sends the customer on: to the hosted
// card page, or to the thanks. Sent twice, it answers twice the same.
func (h *Handlers) Place(w http.ResponseWriter, r *http.Request) error {
	ctx, words := r.Context(), h.Words(r)
	buyer, _ := reqctx.Customer(ctx)
	version, err := strconv.ParseInt(r.PostForm.Get("version"), 10, 64)
	if err != nil {
		return redirect.To(w, r, "/checkout/confirm")
	}
	shop, lang := reqctx.Shop(ctx), reqctx.Lang(ctx)
	placed, err := h.Flow.PlaceOrder(ctx, flow.PlaceOrder{
		StoreID: shop.ID, Actor: reqctx.Actor(ctx), CustomerID: buyer.ID, CartID: frame.CartKey(ctx).CartID,
		Version: version, Digest: r.PostForm.Get("digest"), Lang: lang,
		Terms: KeptTerms(h.Render, words),
	})
	switch {
	case err == nil && placed.Pays == pricing.MethodCard:
		return h.toPayment(w, r, placed.OrderID)
	case err == nil:
		return redirect.To(w, r, frame.OrderPath(placed.OrderID, "thanks"))
	case fault.Is(err, fault.Conflict):
		return h.showConfirm(w, r, http.StatusConflict, words.Fault(fault.All(err)[0]))
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
		return redirect.To(w, r, "/checkout/confirm") // which leads on to what is missing
	default:
		return err
	}
}

// toPayment sends the customer to the hosted page of an order. Where the gateway
// cannot be reached the order is kept and a button tries again.
func (h *Handlers) toPayment(w http.ResponseWriter, r *http.Request, orderID ident.ID) error {
	ctx := r.Context()
	url, err := h.Flow.OpenPaymentPage(ctx, flow.HostedPage{
		StoreID: reqctx.Shop(ctx).ID, OrderID: orderID, Lang: reqctx.Lang(ctx),
		ReturnURL: frame.AbsoluteURL(ctx, frame.OrderPath(orderID, "return")),
		CancelURL: frame.AbsoluteURL(ctx, frame.OrderPath(orderID, "cancel")),
	})
	switch {
	case err == nil:
		return redirect.Out(w, r, url)
	case fault.Is(err, fault.Conflict): // paid or given up meanwhile
		return redirect.To(w, r, frame.OrderPath(orderID, "thanks"))
	case fault.Is(err, fault.Unavailable):
		return h.showUnpaid(w, r, http.StatusServiceUnavailable, orderID, h.Words(r).Fault(fault.All(err)[0]))
	default:
		return err
	}
}
