package shop

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// OrderReturn is the customer coming back from the hosted page. The gateway is
// asked how it ended; while it cannot be, the thanks page waits for the engine.
func (h *Handlers) OrderReturn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	o, err := h.ownOrder(r)
	if err != nil {
		return err
	}
	storeID := reqctx.Shop(ctx).ID
	next, err := h.Flow.PaymentReturn(ctx, storeID, o.ID, frame.AbsoluteURL(ctx, frame.OrderPath(o.ID, "return")))
	switch {
	case err != nil:
		slog.WarnContext(ctx, "payment not known yet", "request", reqctx.RequestID(ctx), "order", o.Number, "error", err)
	case next != "":
		return redirect.Out(w, r, next)
	default:
		_, err := db.OpenHostedSession(ctx, h.Flow.DB, storeID, o.ID)
		if err == nil { // the gateway says that nothing was paid yet
			return redirect.To(w, r, frame.OrderPath(o.ID, "cancel"))
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	return redirect.To(w, r, frame.OrderPath(o.ID, "thanks"))
}

// OrderCancelReturn is where the hosted page leads back to without a payment:
// the order waits a while, and a button goes on to pay it.
func (h *Handlers) OrderCancelReturn(w http.ResponseWriter, r *http.Request) error {
	o, err := h.ownOrder(r)
	if err != nil {
		return err
	}
	if o.Payment != order.PaymentAwaiting {
		return redirect.To(w, r, frame.OrderPath(o.ID, "thanks"))
	}
	return h.showUnpaid(w, r, http.StatusOK, o.ID, "")
}

// PayOrder goes (again) to the hosted page of an order that waits for its payment.
func (h *Handlers) PayOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := h.ownOrder(r)
	if err != nil {
		return err
	}
	return h.toPayment(w, r, o.ID)
}

// showUnpaid says that nothing was paid, why, and until when the goods are held.
func (h *Handlers) showUnpaid(w http.ResponseWriter, r *http.Request, status int, orderID ident.ID, reason string) error {
	ctx, words := r.Context(), h.Words(r)
	shop := reqctx.Shop(ctx)
	open, err := h.Flow.OpenOrder(ctx, shop.ID, orderID)
	if err != nil {
		return err
	}
	p := PayFailedPage{
		Base: h.Bare(r, words.T("shop.payfailed.title")), Reason: reason, OrderNumber: open.Order.Number,
		RetryPath: frame.OrderPath(orderID, "pay"), OrderPath: "/mypage/orders/" + orderID.String(),
		Total: money.Of(open.Order.Total, open.Order.Currency),
	}
	frame.At(r, &p.Base, frame.OrderPath(orderID, "cancel"))
	held, err := db.OpenHostedSession(ctx, h.Flow.DB, shop.ID, orderID)
	switch {
	case err == nil:
		p.Until = words.DateTime(held.ExpiresAt, shop.Location)
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	return h.Show(w, r, status, "shop/payfailed", p)
}
