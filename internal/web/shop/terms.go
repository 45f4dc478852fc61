package shop

import (
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// confirmPage words a proposal: what 特定商取引法 12条の6 asks to be shown before
// the last button, and what is kept with the subscription.
func confirmPage(words *i18n.Localizer, base page.Base, p flow.Proposal) ConfirmPage {
	lang := string(words.Lang())
	goods := items(words, p)
	c := ConfirmPage{
		Base: base, Items: goods, Reasons: frame.OfGoods(frame.Reasons(words, p.Priced), goods),
		Total: p.Priced.Amount(p.Priced.Total), Address: frame.Addressee(words, p.Address.Address),
		Shipping:     frame.Delivery(words, p.Method, p.Checkout.TimeSlot),
		ReturnPolicy: store.In(p.Shop.Profile.Returns, lang),
		CartVersion:  p.CartVersion, Digest: p.Digest(), Card: p.Checkout.Pays == pricing.MethodCard && p.Priced.Total > 0,
		PaymentMethod: words.T("shop.payment." + string(p.Checkout.Pays)),
		PaymentTimes:  paymentTimes(words, p),
		Times:         words.T("shop.confirm.times.once.date", "Date", p.Date),
		Promise:       words.T("shop.confirm.promise.once", "Total", p.Priced.Amount(p.Priced.Total)),
	}
	if c.ReturnPolicy == "" {
		c.ReturnPolicy = words.T("shop.confirm.returns.default")
	}
	if c.Card {
		c.PaymentNote = words.T("shop.confirm.paymentnote.card")
	}
	for _, s := range p.Subscriptions {
		s = inOneParcel(p, s)
		c.Agreements = append(c.Agreements, agreement(words, p, s))
	}
	if len(p.Subscriptions) > 0 {
		first := inOneParcel(p, p.Subscriptions[0])
		c.Times = words.T("shop.confirm.times.boxes", "Date", p.Date, "Cycle", first.Subscription.Cycle)
		c.Promise = words.T("shop.confirm.promise", "Total", p.Priced.Amount(p.Priced.Total))
		if len(p.Subscriptions) == 1 && first.Subscription.Minimum > 1 {
			c.Promise = words.T("shop.confirm.promise.minimum", "Count", first.Subscription.Minimum,
				"Total", p.Priced.Amount(sumOf(first.Boxes, first.Subscription.Minimum)))
		}
	}
	return c
}

// shares reports whether the first box of a subscription travels with other goods.
func shares(p flow.Proposal, s flow.ProposedSubscription) bool {
	return len(p.Lines) > len(s.Subscription.Items)
}

// inOneParcel takes postage and fee out of a first box that travels with other
// goods: they are paid once, with the order, and stand in its own sum.
func inOneParcel(p flow.Proposal, s flow.ProposedSubscription) flow.ProposedSubscription {
	if !shares(p, s) {
		return s
	}
	s.Boxes = slices.Clone(s.Boxes)
	first := &s.Boxes[0].Priced
	once := first.Shipping + first.Fee
	first.Shipping, first.Fee = 0, 0
	first.Total -= once
	s.MinimumTotal -= once
	s.YearTotal -= once
	return s
}

func paymentTimes(words *i18n.Localizer, p flow.Proposal) string {
	switch {
	case p.Checkout.Pays == pricing.MethodCOD && len(p.Subscriptions) > 0:
		return words.T("shop.confirm.times.cod")
	case p.Checkout.Pays == pricing.MethodCOD:
		return words.T("shop.confirm.times.once.cod")
	case len(p.Subscriptions) > 0:
		return words.T("shop.confirm.times.card")
	default:
		return words.T("shop.confirm.times.once")
	}
}

func agreement(words *i18n.Localizer, p flow.Proposal, s flow.ProposedSubscription) Agreement {
	sub := s.Subscription
	a := Agreement{
		Name: s.Product.Text(string(words.Lang())).Name, Quantity: quantity(words, s), Cycle: sub.Cycle,
		Count: sub.Count, Minimum: sub.Minimum, YearBoxes: s.YearBoxes, CancelBy: words.T("shop.confirm.cancel.until"),
	}
	if followsRule(p, s) {
		a.CancelBy = words.T("shop.confirm.cancel.rule", "Days", sub.GraceDays)
	}
	a.Boxes = boxes(words, p, s, a.Quantity)
	amount := p.Priced.Amount
	if sub.Count > 0 {
		a.CountTotal, a.CountSum = amountOf(amount(sumOf(s.Boxes, sub.Count))), sum(words, s.Boxes, sub.Count)
	}
	if sub.Minimum > 1 && sub.Minimum != sub.Count {
		a.MinimumTotal, a.MinimumSum = amountOf(amount(sumOf(s.Boxes, sub.Minimum))), sum(words, s.Boxes, sub.Minimum)
	}
	if sub.Count == 0 {
		a.YearTotal = amountOf(amount(s.YearTotal))
	}
	a.Note = laterNotes(words, p, s)
	if shares(p, s) {
		a.Note = strings.TrimSpace(words.T("shop.confirm.note.together") + " " + a.Note)
	}
	if sub.Minimum > 1 {
		a.EarlyEnd = []string{words.T("shop.confirm.cancel.end", "Count", sub.Minimum)}
		if s.FirstSaving > 0 {
			a.EarlyEnd = append(a.EarlyEnd, words.T("shop.confirm.cancel.now", "Amount", amount(s.FirstSaving)))
		}
		a.EarlyEndNote = words.T("shop.confirm.cancel.defect", "Count", sub.Minimum)
	}
	return a
}

// quantity of each box: the pieces, with the variant's name where several go in.
func quantity(words *i18n.Localizer, s flow.ProposedSubscription) string {
	var parts []string
	for _, item := range s.Subscription.Items {
		name := ""
		if v, ok := s.Product.Variant(item.VariantID); ok {
			name = s.Product.OptionText(v, string(words.Lang()))
		}
		if name == "" {
			parts = append(parts, strconv.FormatInt(item.Quantity, 10)+words.T("shop.buy.unit"))
			continue
		}
		parts = append(parts, words.T("shop.confirm.each.item", "Name", name, "Quantity", item.Quantity))
	}
	return strings.Join(parts, "\n")
}

// followsRule reports whether "so many days before, at midnight" is true of the
// boxes shown: a warehouse that needs longer or an earlier cut-off makes it false.
func followsRule(p flow.Proposal, s flow.ProposedSubscription) bool {
	if cut := p.Shop.Delivery.CutOffMinutes; cut > 0 && cut < 24*60 {
		return false
	}
	return !slices.ContainsFunc(s.Boxes[1:], func(b flow.ProposedBox) bool {
		return b.Planned.DeadlineDate != b.Planned.Date.AddDays(-s.Subscription.GraceDays)
	})
}
