package mypage

import (
	"net/http"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Deps is what the handlers need.
type Deps struct {
	Frame *frame.Frame
}

// Handlers of a member's own pages. Every route asks for a login; what is not
// the member's own is not found.
type Handlers struct {
	*frame.Frame
}

// New makes the handlers.
func New(d Deps) *Handlers { return &Handlers{Frame: d.Frame} }

// member is who is logged in.
func member(r *http.Request) customer.Customer {
	c, _ := reqctx.Customer(r.Context())
	return c
}

var errNotFound = fault.New(fault.NotFound, "fault.not_found")

// subscriptionOf is the subscription of the address, for its customer only.
func (h *Handlers) subscriptionOf(r *http.Request) (subscription.Subscription, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return subscription.Subscription{}, errNotFound
	}
	found, err := db.SubscriptionsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, []ident.ID{id})
	if err != nil {
		return subscription.Subscription{}, err
	}
	if len(found) == 0 || found[0].CustomerID != member(r).ID {
		return subscription.Subscription{}, errNotFound
	}
	return found[0], nil
}

// orderOf is the order of the address, for its customer only.
func (h *Handlers) orderOf(r *http.Request) (order.Order, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return order.Order{}, errNotFound
	}
	found, err := db.OrdersByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, []ident.ID{id})
	if err != nil {
		return order.Order{}, err
	}
	if len(found) == 0 || found[0].CustomerID != member(r).ID {
		return order.Order{}, errNotFound
	}
	return found[0], nil
}

func orderPath(id ident.ID) string        { return "/mypage/orders/" + id.String() }
func subscriptionPath(id ident.ID) string { return "/mypage/subscriptions/" + id.String() }

// payPath is where an open order can be paid, empty for others.
func (h *Handlers) payPath(r *http.Request, o order.Order) string {
	switch o.Payment {
	case order.PaymentAwaiting:
		return frame.OrderPath(o.ID, "cancel")
	case order.PaymentFailing:
		return "/pay/" + h.Flow.PayToken(reqctx.Shop(r.Context()).ID, o.ID)
	default:
		return ""
	}
}

// paymentTag sorts payment states as the templates' tags do.
func paymentTag(s order.PaymentState) string {
	switch s {
	case order.PaymentPaid, order.PaymentCollected, order.PaymentZero:
		return "paid"
	case order.PaymentCOD:
		return "cod"
	case order.PaymentAwaiting, order.PaymentFailing:
		return "failed"
	case order.PaymentDue, order.PaymentUnknown:
		return "waiting"
	case order.PaymentRefunded:
		return "refunded"
	default:
		return "cancelled"
	}
}

// paymentMethod is the card by its last digits, or how the box is paid otherwise.
func (h *Handlers) paymentMethod(r *http.Request, paidBy string, cardID ident.ID) (string, error) {
	words := h.Words(r)
	if paidBy != string(pricing.MethodCard) || cardID.IsZero() {
		return words.T("shop.payment." + paidBy), nil
	}
	cards, err := db.CardsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, []ident.ID{cardID})
	if err != nil {
		return "", err
	}
	card, known := cards[cardID]
	if !known || card.Last4 == "" {
		return words.T("shop.payment." + paidBy), nil
	}
	return frame.Brand(card.Brand) + " " + card.Last4, nil
}

// goodsOf are the products that subscriptions hold, by variant.
func (h *Handlers) goodsOf(r *http.Request, list ...subscription.Subscription) (frame.Products, error) {
	var ids []ident.ID
	for _, s := range list {
		for _, item := range s.Items {
			if !slices.Contains(ids, item.VariantID) {
				ids = append(ids, item.VariantID)
			}
		}
	}
	return db.VariantsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, ids)
}

// nameOf a subscription is that of its first goods.
func nameOf(words *i18n.Localizer, s subscription.Subscription, goods frame.Products) (name, picture string) {
	for _, item := range s.Items {
		if p, ok := goods[item.VariantID]; ok {
			return p.Text(string(words.Lang())).Name, frame.Picture(p, item.VariantID)
		}
	}
	return s.Number, ""
}

// soFar counts the boxes that were ordered and not taken back, those that another
// cart delivered before among them; none before the first payment.
func soFar(s subscription.Subscription, list []subscription.Delivery) int {
	if s.State == subscription.StateAwaitingPayment {
		return 0
	}
	n, here := 0, 0
	for _, d := range list {
		switch d.State {
		case subscription.DeliveryOrdered, subscription.DeliveryShipped, subscription.DeliveryDelivered:
			n++
		default: // not ordered
		}
		if d.Box > 0 {
			here++
		}
	}
	return n + max(s.BoxesOrdered-here, 0)
}

func joined(parts ...string) string {
	return strings.TrimSpace(strings.Join(parts, " "))
}
