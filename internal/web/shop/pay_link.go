package shop

import (
	"log/slog"
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/mypage"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// PayLink is where the mail about a failed payment leads: the open order, and
// one button to pay it. Who holds the link needs no login.
func (h *Handlers) PayLink(w http.ResponseWriter, r *http.Request) error {
	return h.showPayLink(w, r, http.StatusOK, "")
}

func payLinkPath(r *http.Request, what string) string { return "/pay/" + r.PathValue("token") + what }

func (h *Handlers) showPayLink(w http.ResponseWriter, r *http.Request, status int, message string) error {
	words := h.Words(r)
	open, err := h.openOrder(r)
	if err != nil {
		return err
	}
	o := open.Order
	products, err := h.products(r, o)
	if err != nil {
		return err
	}
	items := frame.OrderItems(words, o, products)
	p := mypage.PayPage{
		Base: h.Bare(r, words.T("mypage.pay.title")), Number: o.Number, Items: items,
		Reasons: frame.OfGoods(frame.FrozenReasons(words, o), items), Total: money.Of(o.Total, o.Currency), Action: payLinkPath(r, "/card"),
		Reason: message,
	}
	frame.At(r, &p.Base, payLinkPath(r, ""))
	switch open.Payment.State {
	case payment.StatePaid, payment.StateCollected, payment.StateZero:
		p.Done = true
	case payment.StateUnknown:
		p.Waiting, p.Refresh = true, &page.Refresh{Path: p.Path, Seconds: lookAgain}
	case payment.StateDue, payment.StateAction, payment.StateSession:
		if open.Payment.Decline != payment.DeclineNone && message == "" {
			p.Reason = words.T(open.Payment.Decline.PublicReason())
		}
		if open.Payment.State == payment.StateAction && open.Payment.Decline == payment.DeclineAuth {
			p.Confirm, p.Action, p.CardAction = true, payLinkPath(r, "/confirm"), payLinkPath(r, "/card")
		}
		if p.Card, err = h.cardOf(r, open.Payment.CardID); err != nil {
			return err
		}
	default:
		p.Closed = true
	}
	return h.Show(w, r, status, "mypage/pay", p)
}

func (h *Handlers) openOrder(r *http.Request) (flow.OpenOrder, error) {
	storeID := reqctx.Shop(r.Context()).ID
	id, err := h.Flow.OrderOfToken(storeID, r.PathValue("token"))
	if err != nil {
		return flow.OpenOrder{}, err
	}
	return h.Flow.OpenOrder(r.Context(), storeID, id)
}

func (h *Handlers) cardOf(r *http.Request, id ident.ID) (string, error) {
	if id.IsZero() {
		return "", nil
	}
	cards, err := db.CardsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, []ident.ID{id})
	if err != nil {
		return "", err
	}
	card := cards[id]
	if card.Last4 == "" { // it moved in, and the gateway has not told its number
		return "", nil
	}
	return frame.Brand(card.Brand) + " " + card.Last4, nil
}

// PayLinkCard goes to the hosted page: to give another card for an order whose
// charge failed, or to pay one that was never paid.
func (h *Handlers) PayLinkCard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	open, err := h.openOrder(r)
	if err != nil {
		return err
	}
	in := flow.HostedPage{
		StoreID: reqctx.Shop(ctx).ID, OrderID: open.Order.ID, Lang: reqctx.Lang(ctx),
		ReturnURL: frame.AbsoluteURL(ctx, payLinkPath(r, "/return")), CancelURL: frame.AbsoluteURL(ctx, payLinkPath(r, "")),
	}
	page := h.Flow.OpenCardPage
	if open.Payment.State == payment.StateSession {
		page = h.Flow.OpenPaymentPage
	}
	url, err := page(ctx, in)
	if err != nil {
		return h.payLinkFault(w, r, err)
	}
	return redirect.Out(w, r, url)
}

// PayLinkConfirm charges the stored card with the customer present: a bank that
// asks for 3-D Secure can be answered.
func (h *Handlers) PayLinkConfirm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	open, err := h.openOrder(r)
	if err != nil {
		return err
	}
	url, err := h.Flow.PayAgain(ctx, reqctx.Shop(ctx).ID, open.Order.ID, frame.AbsoluteURL(ctx, payLinkPath(r, "/return")))
	if err != nil {
		return h.payLinkFault(w, r, err)
	}
	if url != "" {
		return redirect.Out(w, r, url)
	}
	return redirect.To(w, r, payLinkPath(r, ""))
}

// PayLinkReturn is the customer coming back from the hosted page or their bank.
func (h *Handlers) PayLinkReturn(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	open, err := h.openOrder(r)
	if err != nil {
		return err
	}
	next, err := h.Flow.PaymentReturn(ctx, reqctx.Shop(ctx).ID, open.Order.ID, frame.AbsoluteURL(ctx, payLinkPath(r, "/return")))
	if err != nil {
		slog.WarnContext(ctx, "payment not known yet", "request", reqctx.RequestID(ctx), "order", open.Order.Number, "error", err)
	}
	if next != "" {
		return redirect.Out(w, r, next)
	}
	return redirect.To(w, r, payLinkPath(r, ""))
}

// payLinkFault shows the order as it is now; a gateway that cannot be reached is
// said above it.
func (h *Handlers) payLinkFault(w http.ResponseWriter, r *http.Request, err error) error {
	switch {
	case fault.Is(err, fault.Unavailable):
		return h.showPayLink(w, r, http.StatusServiceUnavailable, h.Words(r).Fault(fault.All(err)[0]))
	case fault.Is(err, fault.Conflict):
		return redirect.To(w, r, payLinkPath(r, ""))
	default:
		return err
	}
}
