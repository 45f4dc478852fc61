package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// How much of the trail, the mails and the orders of one thing is shown.
const (
	trailLength = 60
	mailsLength = 30
)

// Order is one order.
func (h *Handlers) Order(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	o, err := db.OrderByNumber(v.ctx, v.db(), v.shop.ID, r.PathValue("number"))
	if err != nil {
		return missing(err)
	}
	base, err := v.base(r, v.words.T("console.order.title", "Number", o.Number))
	if err != nil {
		return err
	}
	lines := v.orderLines(o)
	p := OrderPage{
		Base: base, Number: o.Number, Payment: v.paymentTag(o.Payment), Fulfilment: v.fulfilmentTag(o.Fulfilment),
		Subtitle: v.words.T("console.order.subtitle", "When", v.when(o.PlacedAt),
			"Source", v.words.T("console.source."+string(o.Source)), "PaidBy", v.pays(o.PaidBy)),
		Lines: lines, Steps: ofGoods(frame.FrozenReasons(v.words, o), lines), Taxes: v.taxFacts(o.Breakdown.Tax, o.Currency),
		Total:   money.Of(o.Total, o.Currency),
		Address: append([]string{v.words.Addressee(o.Address.Name)}, v.words.Address(o.Address)...),
		Facts:   v.deliveryFacts(o),
	}
	for _, part := range []func(order.Order, *OrderPage) error{v.orderAround, v.orderHistory} {
		if err := part(o, &p); err != nil {
			return err
		}
	}
	return v.show(w, http.StatusOK, "order", p)
}

// ofGoods names the goods that the steps of a price speak of.
func ofGoods(steps []page.Line, lines []Line) []page.Line {
	items := make([]page.Item, len(lines))
	for i, l := range lines {
		items[i] = page.Item{Name: l.Name, NameOf: l.NameOf, Variant: l.Option}
	}
	return frame.OfGoods(steps, items)
}

// missing says that there is no such thing, where the database found none.
func missing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("%w: %w", fault.New(fault.NotFound, "fault.not_found"), err)
	}
	return err
}

func (v *visit) orderLines(o order.Order) []Line {
	lines := make([]Line, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = Line{
			Name: l.Name, NameOf: v.nameOf(i18n.Lang(o.Lang)), Option: l.OptionText, SKU: l.SKU,
			Unit: money.Of(l.Unit, o.Currency), UnitNote: v.unitNote(l.Reason, l.BasisPoints),
			Quantity: l.Quantity, Total: money.Of(l.Total, o.Currency),
		}
	}
	return lines
}

func (v *visit) deliveryFacts(o order.Order) []Fact {
	t := v.words.T
	facts := []Fact{
		{Label: t("console.fact.date"), Text: v.words.DateShort(o.DeliveryDate)},
		{Label: t("console.fact.slot"), Text: v.words.Slot(o.TimeSlot)},
		{Label: t("console.fact.shipping_date"), Text: v.words.DateShort(o.ShippingDate)},
	}
	if method, ok := v.shop.Delivery.Method(o.ShippingMethod); ok {
		facts = append(facts, Fact{Label: t("console.fact.method"), Text: method.Name(string(v.words.Lang()))})
	}
	if o.Box > 0 {
		facts = append(facts, Fact{Label: t("console.fact.box"), Text: t("console.box", "N", strconv.Itoa(o.Box))})
	}
	return facts
}

// orderAround is who the order is of, what is wrong with it, and the
// subscription that made it.
func (v *visit) orderAround(o order.Order, p *OrderPage) error {
	var err error
	if p.Customer, err = v.person(o.CustomerID, nil); err != nil {
		return err
	}
	list, err := db.OpenAlertsOf(v.ctx, v.db(), v.shop.ID, ident.ID{}, o.ID)
	if err != nil {
		return err
	}
	if p.Alerts, err = v.alerts(list, orderPath(o.Number)); err != nil {
		return err
	}
	carried, err := db.DeliveriesOfOrders(v.ctx, v.db(), v.shop.ID, []ident.ID{o.ID})
	if err != nil || len(carried[o.ID]) == 0 {
		return err
	}
	subscriptions, err := db.SubscriptionsByIDs(v.ctx, v.db(), v.shop.ID, []ident.ID{carried[o.ID][0].SubscriptionID})
	if err != nil || len(subscriptions) == 0 {
		return err
	}
	p.Subscription, p.SubscriptionPath = subscriptions[0].Number, subscriptionPath(subscriptions[0].Number)
	return nil
}

func (v *visit) orderHistory(o order.Order, p *OrderPage) error {
	payments, err := db.PaymentsOfOrders(v.ctx, v.db(), v.shop.ID, []ident.ID{o.ID})
	if err != nil {
		return err
	}
	if p.Attempts, err = v.attempts(o.CustomerID, []order.Order{o}, payments); err != nil {
		return err
	}
	p.PaymentNote = v.paymentNote(o, payments, len(p.Attempts))
	if p.Audit, err = v.trail([]ident.ID{o.ID}); err != nil {
		return err
	}
	mails, err := db.MailsOfOrder(v.ctx, v.db(), v.shop.ID, o.ID, mailsLength)
	if err != nil {
		return err
	}
	p.Mails = v.mails(mails)
	return nil
}

// paymentNote says what happens next with the money, or why nothing does.
func (v *visit) paymentNote(o order.Order, payments []payment.Payment, attempts int) string {
	switch o.Payment {
	case order.PaymentCOD, order.PaymentCollected:
		return v.words.T("console.order.cod")
	case order.PaymentZero:
		return v.words.T("console.order.zero")
	case order.PaymentFailing:
		for _, p := range payments {
			if p.State == payment.StateDue && !p.NextAt.IsZero() {
				return v.words.T("console.order.retry", "When", v.when(p.NextAt))
			}
		}
	default: // the other states say it all by themselves
	}
	if attempts == 0 {
		return v.words.T("console.attempts.empty")
	}
	return ""
}
