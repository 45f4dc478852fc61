package shop

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// lookAgain is how often the page asks while a payment is not known, in seconds.
const lookAgain = 3

// Thanks follows an order: paid, to be paid at the door, given up, or waiting
// for the gateway, when it looks again by itself.
func (h *Handlers) Thanks(w http.ResponseWriter, r *http.Request) error {
	ctx, words := r.Context(), h.Words(r)
	o, err := h.ownOrder(r)
	if err != nil {
		return err
	}
	products, err := h.products(r, o)
	if err != nil {
		return err
	}
	p := ThanksPage{
		Base: h.Bare(r, words.T("shop.thanks.title")), State: thanksState(o.Payment), OrderNumber: o.Number,
		OrderPath: "/mypage/orders/" + o.ID.String(), Items: frame.OrderItems(words, o, products),
		Total: money.Of(o.Total, o.Currency), Delivery: o.DeliveryDate, Slot: words.Slot(o.TimeSlot),
	}
	buyer, _ := reqctx.Customer(ctx)
	switch p.State {
	case "waiting":
		p.Refresh = &page.Refresh{Path: frame.OrderPath(o.ID, "thanks"), Seconds: lookAgain}
		p.PayPath = frame.OrderPath(o.ID, "cancel")
	case "cancelled":
	default:
		p.Mail = buyer.Mail
		if p.Subscription, err = h.started(r, o); err != nil {
			return err
		}
	}
	return h.Show(w, r, http.StatusOK, "shop/thanks", p)
}

func thanksState(s order.PaymentState) string {
	switch s {
	case order.PaymentPaid:
		return "paid"
	case order.PaymentAwaiting, order.PaymentUnknown:
		return "waiting"
	case order.PaymentCOD, order.PaymentCollected:
		return "cod"
	case order.PaymentCancelled, order.PaymentRefunded:
		return "cancelled"
	default:
		return "placed"
	}
}

// started is the subscription that an order has begun with its next delivery,
// nil for a one-off order.
func (h *Handlers) started(r *http.Request, o order.Order) (*Started, error) {
	if o.SubscriptionID.IsZero() {
		return nil, nil
	}
	shop := reqctx.Shop(r.Context())
	open, err := db.OpenDeliveries(r.Context(), h.Flow.DB, shop.ID, []ident.ID{o.SubscriptionID})
	if err != nil {
		return nil, err
	}
	return next(shop, o, open[o.SubscriptionID]), nil
}

func next(shop flow.Shop, o order.Order, open []subscription.Delivery) *Started {
	for _, d := range open {
		if d.State == subscription.DeliveryPlanned {
			return &Started{
				Path: "/mypage/subscriptions/" + o.SubscriptionID.String(), Next: d.Date,
				Amount: money.Of(d.Quoted, o.Currency), Deadline: d.Deadline.In(shop.Location),
			}
		}
	}
	return nil
}
