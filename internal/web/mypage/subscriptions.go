package mypage

import (
	"net/http"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// manyOrders is how many orders the list and the search for open ones read.
const manyOrders = 100

// Subscriptions lists the member's subscriptions, the running ones first.
func (h *Handlers) Subscriptions(w http.ResponseWriter, r *http.Request) error {
	ctx, words, shop := r.Context(), h.Words(r), reqctx.Shop(r.Context())
	list, err := db.SubscriptionsOf(ctx, h.Flow.DB, shop.ID, member(r).ID)
	if err != nil {
		return err
	}
	goods, err := h.goodsOf(r, list...)
	if err != nil {
		return err
	}
	ids := make([]ident.ID, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	deliveries, err := db.Deliveries(ctx, h.Flow.DB, shop.ID, ids)
	if err != nil {
		return err
	}
	open, err := h.openOrders(r)
	if err != nil {
		return err
	}
	p := SubscriptionsPage{Base: h.Base(r, words.T("mypage.nav.subscriptions"))}
	for _, s := range list {
		row := h.summary(r, s, deliveries[s.ID], goods)
		if slices.ContainsFunc(deliveries[s.ID], func(d subscription.Delivery) bool { return open[d.OrderID] }) {
			row.Trouble = words.T("mypage.order.open")
		}
		if ended(s.State) {
			p.Ended = append(p.Ended, row)
		} else {
			p.Running = append(p.Running, row)
		}
	}
	return h.Show(w, r, http.StatusOK, "mypage/subscriptions", p)
}

func ended(s subscription.State) bool {
	return s == subscription.StateCancelled || s == subscription.StateCompleted
}

func (h *Handlers) summary(r *http.Request, s subscription.Subscription, list []subscription.Delivery, goods frame.Products) Summary {
	name, picture := nameOf(h.Words(r), s, goods)
	row := Summary{
		Number: s.Number, Path: subscriptionPath(s.ID), Name: name, Picture: picture, State: string(s.State),
		Cycle: s.Cycle, Delivered: soFar(s, list),
	}
	if s.State != subscription.StateActive {
		return row
	}
	for _, d := range list {
		if d.State == subscription.DeliveryPlanned {
			row.Next, row.Amount = d.Date, money.Of(d.Quoted, s.Currency)
			if d.Deadline.After(h.Flow.Now()) {
				row.Deadline = d.Deadline.In(reqctx.Shop(r.Context()).Location)
			}
			break
		}
	}
	return row
}

// openOrders are the member's orders that can be paid now. A delivery knows its
// order; an order knows only one of the subscriptions that it began.
func (h *Handlers) openOrders(r *http.Request) (map[ident.ID]bool, error) {
	list, err := db.OrdersOf(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, member(r).ID, manyOrders)
	if err != nil {
		return nil, err
	}
	open := map[ident.ID]bool{}
	for _, o := range list {
		if h.payPath(r, o) != "" {
			open[o.ID] = true
		}
	}
	return open, nil
}
