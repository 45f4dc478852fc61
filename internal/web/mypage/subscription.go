package mypage

import (
	"net/http"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// sheets of the calendar at most.
const sheets = 3

// Subscription shows one subscription: the next box in full, those to come with
// date, amount and deadline, and those that were.
func (h *Handlers) Subscription(w http.ResponseWriter, r *http.Request) error {
	ctx, words, shop := r.Context(), h.Words(r), reqctx.Shop(r.Context())
	s, err := h.subscriptionOf(r)
	if err != nil {
		return err
	}
	all, err := db.Deliveries(ctx, h.Flow.DB, shop.ID, []ident.ID{s.ID})
	if err != nil {
		return err
	}
	goods, err := h.goodsOf(r, s)
	if err != nil {
		return err
	}
	deliveries, now := all[s.ID], h.Flow.Now()
	name, _ := nameOf(words, s, goods)
	p := SubscriptionPage{
		Base: h.Base(r, name), Number: s.Number, Name: name, State: string(s.State), Cycle: s.Cycle,
		Delivered: soFar(s, deliveries), Count: s.Count, GraceDays: s.GraceDays, Minimum: s.Minimum,
		MinimumLeft: max(s.Minimum-s.BoxesOrdered, 0),
	}
	form := &changeForm{r: r, s: s, deliveries: deliveries, goods: goods}
	p.Actions = h.actions(form)
	p.Coming, p.Past = rows(form, shop, now)
	if s.State != subscription.StateAwaitingPayment && !ended(s.State) {
		p.Months = page.Months(calendar.DateOf(now.In(shop.Location)), marks(s, deliveries, shop, now), sheets)
	}
	if p.PaymentMethod, err = h.paymentMethod(r, s.Pays, s.CardID); err != nil {
		return err
	}
	if p.Next, err = h.next(r, s, deliveries, goods, p.PaymentMethod); err != nil {
		return err
	}
	addresses, err := db.AddressesByIDs(ctx, h.Flow.DB, shop.ID, []ident.ID{s.AddressID})
	if err != nil {
		return err
	}
	if a, ok := addresses[s.AddressID]; ok {
		p.Address = frame.Addressee(words, a.Address)
	}
	if p.Trouble, err = h.trouble(r, s, deliveries); err != nil {
		return err
	}
	return h.Show(w, r, http.StatusOK, "mypage/subscription", p)
}

// rows are the deliveries to come, the next first, and those that were, the
// latest first. A box that is not ordered yet has the number it would get.
func rows(f *changeForm, shop flow.Shop, now time.Time) (coming, past []Delivery) {
	s, waiting := f.s, 0
	_, putOff := f.limits()
	running := s.State == subscription.StateActive
	for _, d := range f.deliveries {
		row := Delivery{N: d.Box, Date: d.Date, Amount: money.Of(d.Quoted, s.Currency), State: string(d.State)}
		switch d.State {
		case subscription.DeliveryPlanned, subscription.DeliveryHeld, subscription.DeliveryBlocked:
			row.N, row.Deadline = s.BoxOf(waiting), d.Deadline.In(shop.Location)
			row.Open = d.State == subscription.DeliveryPlanned && d.Deadline.After(now)
			waiting++
			if running && row.Open {
				slot := Hidden{"slot", strconv.Itoa(d.Slot)}
				if f.plan().AllowSkip {
					row.SkipPath = changePath(s.ID, KindSkip, slot)
				}
				if putOff > 0 {
					row.PutOffPath = changePath(s.ID, KindPutOff, slot)
				}
			}
			if s.State != subscription.StateAwaitingPayment {
				coming = append(coming, row)
			}
			continue
		default: // ordered or given up: past
		}
		if running && d.Restorable() && d.Deadline.After(now) {
			row.UndoPath = changePath(s.ID, KindSkip, Hidden{"slot", strconv.Itoa(d.Slot)}, Hidden{"undo", "1"})
			coming = append(coming, row)
			continue
		}
		if row.N == 0 {
			row.N = d.Slot // never ordered: its place in the calendar
		}
		if !d.OrderID.IsZero() {
			row.OrderPath = orderPath(d.OrderID)
		}
		past = append([]Delivery{row}, past...)
	}
	return coming, past
}

func marks(s subscription.Subscription, list []subscription.Delivery, shop flow.Shop, now time.Time) []page.Mark {
	today := calendar.DateOf(now.In(shop.Location))
	var marks []page.Mark
	for _, d := range list {
		switch d.State {
		case subscription.DeliverySkipped, subscription.DeliveryCancelled, subscription.DeliveryHeld:
			continue
		default: // a box comes on that day
		}
		if d.Date.Before(today) {
			continue
		}
		mark := page.Mark{Date: d.Date, Amount: money.Of(d.Quoted, s.Currency)}
		if d.State == subscription.DeliveryPlanned && d.Deadline.After(now) {
			mark.Deadline = d.DeadlineDate
		}
		marks = append(marks, mark)
	}
	return marks
}

// next is the coming box in full, nil where none is planned.
func (h *Handlers) next(r *http.Request, s subscription.Subscription, list []subscription.Delivery, goods frame.Products, card string) (*NextDelivery, error) {
	if s.State != subscription.StateActive {
		return nil, nil
	}
	words, shop, now := h.Words(r), reqctx.Shop(r.Context()), h.Flow.Now()
	waiting := 0
	for _, d := range list {
		if d.State == subscription.DeliveryHeld || d.State == subscription.DeliveryBlocked {
			waiting++
		}
		if d.State != subscription.DeliveryPlanned {
			continue
		}
		box := s.BoxOf(waiting)
		priced, err := h.Flow.QuoteDelivery(r.Context(), shop.ID, s, box, d)
		if err != nil {
			return nil, err
		}
		list := items(words, s, priced, goods)
		next := &NextDelivery{
			N: box, Date: d.Date, Slot: words.Slot(s.TimeSlot), Amount: priced.Amount(priced.Total),
			Open: d.Deadline.After(now), Deadline: d.Deadline.In(shop.Location),
			DaysLeft: max(calendar.DateOf(now.In(shop.Location)).DaysUntil(d.DeadlineDate), 0),
			Items:    list, Reasons: frame.OfGoods(frame.Reasons(words, priced), list),
			Charge: words.T("mypage.charge.cod"),
		}
		if s.Pays == string(pricing.MethodCard) {
			next.Charge = words.T("mypage.charge.card", "Date", calendar.DateOf(next.Deadline), "Card", card)
		}
		return next, nil
	}
	return nil, nil
}

func items(words *i18n.Localizer, s subscription.Subscription, priced pricing.Priced, goods frame.Products) []page.Item {
	list := make([]page.Item, len(s.Items))
	for i, item := range s.Items {
		line := priced.Lines[i]
		list[i] = page.Item{
			ID: item.ID.String(), Name: s.Number, Quantity: int(item.Quantity),
			Unit: priced.Amount(line.Unit), Total: priced.Amount(line.Total),
		}
		p, known := goods[item.VariantID]
		if !known {
			continue
		}
		list[i].Name, list[i].NameOf = p.Text(string(words.Lang())).Name, frame.NameOf(p, words)
		list[i].Picture, list[i].Path = frame.Picture(p, item.VariantID), frame.ProductPath(p)
		if v, ok := p.Variant(item.VariantID); ok {
			list[i].Variant = p.OptionText(v, string(words.Lang()))
		}
	}
	return list
}

// trouble is what the member must do or know: an order to pay, or a box on hold.
func (h *Handlers) trouble(r *http.Request, s subscription.Subscription, list []subscription.Delivery) (*Trouble, error) {
	ctx, words, shop := r.Context(), h.Words(r), reqctx.Shop(r.Context())
	orders, err := db.OrdersOfSubscription(ctx, h.Flow.DB, shop.ID, s.ID, manyOrders)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		path := h.payPath(r, o)
		if path == "" {
			continue
		}
		open, err := h.Flow.OpenOrder(ctx, shop.ID, o.ID)
		if err != nil {
			return nil, err
		}
		reason := ""
		if open.Payment.Decline != payment.DeclineNone {
			reason = words.T(open.Payment.Decline.PublicReason())
		}
		return &Trouble{
			Text:   joined(words.T("mypage.trouble.unpaid", "Number", o.Number, "Reason", reason)),
			Action: words.T("mypage.pay.button"), Path: path,
		}, nil
	}
	for _, d := range list {
		if d.State == subscription.DeliveryBlocked {
			return &Trouble{Text: words.T("mypage.trouble.blocked", "Date", d.Date, "Cause", words.T("state.cause."+string(d.Cause)))}, nil
		}
	}
	return nil, nil
}
