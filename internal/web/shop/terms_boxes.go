package shop

import (
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// leadingBoxes have a column each; after them there is one wherever the amounts
// change. A column stands for all boxes until the next one.
const leadingBoxes = 3

// columns are the boxes, counted from 0, that have a column of their own.
func columns(s flow.ProposedSubscription) []int {
	boxes := agreedBoxes(s)
	var list []int
	for i, b := range boxes {
		if i < leadingBoxes || !sameSums(b.Priced, boxes[i-1].Priced) {
			list = append(list, i)
		}
	}
	return list
}

// agreedBoxes are the boxes shown, no more than a fixed count has.
func agreedBoxes(s flow.ProposedSubscription) []flow.ProposedBox {
	if s.Subscription.Count > 0 {
		return s.Boxes[:min(s.Subscription.Count, len(s.Boxes))]
	}
	return s.Boxes
}

func sameSums(a, b pricing.Priced) bool {
	return a.Goods == b.Goods && a.Shipping == b.Shipping && a.Fee == b.Fee && a.Total == b.Total
}

func boxes(words *i18n.Localizer, p flow.Proposal, s flow.ProposedSubscription, quantity string) []Box {
	starts, all := columns(s), agreedBoxes(s)
	list := make([]Box, len(starts))
	for c, i := range starts {
		until := len(all)
		if c+1 < len(starts) {
			until = starts[c+1]
		}
		list[c] = box(words, p, s, i, quantity)
		endless := until == len(all) && s.Subscription.Count == 0
		if i == 0 || (!endless && until == i+1) {
			continue
		}
		// the column stands for several: its days follow a rule
		list[c].Onward = true
		if !endless {
			list[c].Until = until
		}
		if p.Checkout.Pays != pricing.MethodCOD {
			list[c].Charge = words.T("shop.confirm.charge.rule")
		}
		if followsRule(p, s) {
			list[c].DeadlineText = words.T("shop.confirm.deadline.rule", "Days", s.Subscription.GraceDays)
		}
	}
	return list
}

// box is the column of one box with its own days.
func box(words *i18n.Localizer, p flow.Proposal, s flow.ProposedSubscription, i int, quantity string) Box {
	b := s.Boxes[i]
	amount := b.Priced.Amount
	box := Box{
		N: b.Box, Date: b.Planned.Date, Quantity: quantity, Goods: amount(b.Priced.Goods), Savings: savings(words, b.Priced),
		Shipping: amount(b.Priced.Shipping), Fee: amount(b.Priced.Fee), Total: amount(b.Priced.Total), Charge: words.Date(b.Charged),
	}
	switch {
	case i == 0 && shares(p, s):
		box.ShippingNote = words.T("shop.confirm.shipping.together")
	case hasStep(b.Priced, pricing.ReasonShippingAgreed):
		box.ShippingNote = words.T("shop.confirm.shipping.agreed")
	case b.Priced.Shipping == 0 && p.Zone.FreeFrom > 0:
		box.ShippingNote = words.T("shop.confirm.shipping.free", "From", amount(p.Zone.FreeFrom))
	}
	if !b.Planned.Deadline.IsZero() {
		box.Deadline = b.Planned.Deadline.In(p.Shop.Location)
	}
	switch {
	case p.Checkout.Pays == pricing.MethodCOD:
		box.Charge = words.T("shop.confirm.charge.cod")
	case i == 0:
		box.Charge = words.T("shop.confirm.charge.now", "Date", b.Charged)
	}
	return box
}

func hasStep(p pricing.Priced, reason pricing.Reason) bool {
	return slices.ContainsFunc(p.Steps, func(s pricing.Step) bool { return s.Reason == reason })
}

// savings say which discounts the price of the goods has in it, those of one kind
// in one sum.
func savings(words *i18n.Localizer, p pricing.Priced) []string {
	sums := map[string]int64{}
	var reasons []string
	for _, s := range p.Steps {
		if s.Amount >= 0 {
			continue
		}
		reason := words.Reason(string(s.Reason), s.Args, p.Currency)
		if _, there := sums[reason]; !there {
			reasons = append(reasons, reason)
		}
		sums[reason] += s.Amount
	}
	list := make([]string, len(reasons))
	for i, reason := range reasons {
		list[i] = words.T("shop.confirm.saving", "Reason", reason, "Amount", p.Amount(sums[reason]))
	}
	return list
}

// notedBoxes are named with their days below the table, at most; a longer
// minimum follows from the cycle.
const notedBoxes = 12

// laterNotes name the days of the boxes agreed to that have no column.
func laterNotes(words *i18n.Localizer, p flow.Proposal, s flow.ProposedSubscription) string {
	agreed := min(max(s.Subscription.Minimum, s.Subscription.Count), notedBoxes, len(s.Boxes))
	starts := columns(s)
	var notes []string
	for i, b := range s.Boxes[:agreed] {
		if slices.Contains(starts, i) {
			continue
		}
		charge := words.Date(b.Charged)
		if p.Checkout.Pays == pricing.MethodCOD {
			charge = words.T("shop.confirm.charge.cod")
		}
		notes = append(notes, words.T("shop.confirm.note.later", "N", b.Box, "Date", b.Planned.Date,
			"Deadline", words.DeadlineAt(b.Planned.Deadline, p.Shop.Location), "Charge", charge))
	}
	return strings.Join(notes, " ")
}

func sumOf(list []flow.ProposedBox, n int) int64 {
	var total int64
	for _, b := range list[:min(n, len(list))] {
		total += b.Priced.Total
	}
	return total
}

// sum explains the total of the first n boxes: those that cost the same as one.
func sum(words *i18n.Localizer, list []flow.ProposedBox, n int) string {
	if len(list) < n || n < 2 {
		return "" // the boxes shown do not say it all
	}
	var parts []string
	for from := 0; from < n; {
		until := from + 1
		for until < n && list[until].Priced.Total == list[from].Priced.Total {
			until++
		}
		each := list[from].Priced.Amount(list[from].Priced.Total)
		if until == from+1 {
			parts = append(parts, words.Money(each))
		} else {
			parts = append(parts, words.T("shop.confirm.sum.part", "Each", each, "Count", until-from))
		}
		from = until
	}
	return strings.Join(parts, words.T("shop.confirm.sum.plus"))
}
