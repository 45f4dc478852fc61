package mypage

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Orders lists the member's orders, the newest first.
func (h *Handlers) Orders(w http.ResponseWriter, r *http.Request) error {
	words, shop := h.Words(r), reqctx.Shop(r.Context())
	list, err := db.OrdersOf(r.Context(), h.Flow.DB, shop.ID, member(r).ID, manyOrders)
	if err != nil {
		return err
	}
	goods, err := h.goodsOfOrders(r, list...)
	if err != nil {
		return err
	}
	p := OrdersPage{Base: h.Base(r, words.T("mypage.nav.orders"))}
	for _, o := range list {
		row := OrderRow{
			Number: o.Number, Path: orderPath(o.ID), Placed: placed(o, shop), Total: money.Of(o.Total, o.Currency),
			State: paymentTag(o.Payment), Shipping: string(o.Fulfilment), PayPath: h.payPath(r, o),
		}
		if lines := frame.OrderItems(words, o, goods); len(lines) > 0 {
			row.Name, row.Picture, row.More = lines[0].Name, lines[0].Picture, len(lines)-1
		}
		p.Orders = append(p.Orders, row)
	}
	return h.Show(w, r, http.StatusOK, "mypage/orders", p)
}

func placed(o order.Order, shop flow.Shop) calendar.Date {
	return calendar.DateOf(o.PlacedAt.In(shop.Location))
}

func (h *Handlers) goodsOfOrders(r *http.Request, list ...order.Order) (frame.Products, error) {
	var ids []ident.ID
	for _, o := range list {
		for _, l := range o.Lines {
			ids = append(ids, l.VariantID)
		}
	}
	return db.VariantsByIDs(r.Context(), h.Flow.DB, reqctx.Shop(r.Context()).ID, ids)
}

// Order shows one order as it was placed.
func (h *Handlers) Order(w http.ResponseWriter, r *http.Request) error {
	ctx, words, shop := r.Context(), h.Words(r), reqctx.Shop(r.Context())
	o, err := h.orderOf(r)
	if err != nil {
		return err
	}
	goods, err := h.goodsOfOrders(r, o)
	if err != nil {
		return err
	}
	open, err := h.Flow.OpenOrder(ctx, shop.ID, o.ID)
	if err != nil {
		return err
	}
	items := frame.OrderItems(words, o, goods)
	p := OrderPage{
		Base: h.Base(r, words.T("mypage.order.title", "Number", o.Number)), Number: o.Number, Placed: placed(o, shop),
		State: paymentTag(o.Payment), Shipping: string(o.Fulfilment), Items: items,
		Reasons: frame.OfGoods(frame.FrozenReasons(words, o), items), Total: money.Of(o.Total, o.Currency), TaxLines: taxLines(words, o),
		Delivery: o.DeliveryDate, Slot: words.Slot(o.TimeSlot), Address: frame.Addressee(words, o.Address),
		PayPath: h.payPath(r, o),
	}
	if p.PaymentMethod, err = h.paymentMethod(r, o.PaidBy, open.Payment.CardID); err != nil {
		return err
	}
	if !o.SubscriptionID.IsZero() {
		list, err := db.SubscriptionsByIDs(ctx, h.Flow.DB, shop.ID, []ident.ID{o.SubscriptionID})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			p.SubscriptionPath, p.SubscriptionName = subscriptionPath(list[0].ID), list[0].Number
		}
	}
	return h.Show(w, r, http.StatusOK, "mypage/order", p)
}

func taxLines(words *i18n.Localizer, o order.Order) []page.Line {
	lines := make([]page.Line, len(o.Breakdown.Tax))
	for i, t := range o.Breakdown.Tax {
		lines[i] = page.Line{
			Label:  words.T("mypage.order.tax", "Rate", words.Percent(int(t.BasisPoints))),
			Amount: money.Of(t.Tax, o.Currency),
		}
	}
	return lines
}
