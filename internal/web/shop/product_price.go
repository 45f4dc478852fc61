package shop

import (
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// boxSums are what the boxes of a subscription cost, those that cost the same as
// one: the first with what it is made of, and every later one that differs, so
// that a low first price never stands without what follows it.
func boxSums(words *i18n.Localizer, q flow.ProductQuote) []Sum {
	boxes := q.Subscription.Boxes
	if q.Choice.Count > 0 {
		boxes = boxes[:min(q.Choice.Count, len(boxes))]
	}
	var sums []Sum
	for from := 0; from < len(boxes); {
		until := from + 1
		for until < len(boxes) && boxes[until].Priced.Total == boxes[from].Priced.Total {
			until++
		}
		sums = append(sums, sumOfBox(words, q, boxes[from].Priced, boxesLabel(words, q, from+1, until, len(boxes))))
		from = until
	}
	return sums
}

// boxesLabel names the boxes from one to another of all that differ.
func boxesLabel(words *i18n.Localizer, q flow.ProductQuote, from, until, all int) string {
	endless := until == all && q.Choice.Count != all
	switch {
	case from == 1 && until == all:
		return words.T("shop.buy.total.each")
	case from == 1 && until == 1:
		return words.T("shop.buy.total.first")
	case endless && from == 2:
		return words.T("shop.buy.later")
	case endless:
		return words.T("shop.buy.onward", "N", from)
	case from == until:
		return words.T("shop.buy.box", "N", from)
	default:
		return words.T("shop.buy.boxes", "From", from, "Until", until)
	}
}

func sumOfBox(words *i18n.Localizer, q flow.ProductQuote, p pricing.Priced, label string) Sum {
	return Sum{Label: label, Reasons: reasonsTo(words, p, q.Address), Total: p.Amount(p.Total)}
}

// levels are the prices of one piece that the product has: bought once, by
// subscription, and from so many pieces on; those that the choice has are marked.
// The note says from where on it gets cheaper.
func levels(words *i18n.Localizer, q flow.ProductQuote) (list []Level, note string) {
	price := q.Variant.Prices[q.Shop.Currency]
	tiers, base := q.Product.VolumeTiers, price.Regular
	once := !q.Choice.Subscribe
	regular := Level{Label: words.T("shop.buy.level.once"), Price: money.Of(price.Regular, q.Shop.Currency), Note: words.T("shop.buy.level.now")}
	if once && q.MayTry {
		return nil, "" // a trial pack has one price
	}
	if !flow.Subscribable(q.Product, q.Variant, q.Shop) {
		list = append(list, unitLevels(words, q, tiers, base, "shop.buy.level.once", "shop.buy.level.once.volume", once)...)
		return list, tierNote(words, q, tiers)
	}
	if once {
		list = append(list, unitLevels(words, q, tiers, base, "shop.buy.level.once", "shop.buy.level.once.volume", true)...)
		note = tierNote(words, q, tiers)
	} else {
		list = append(list, regular)
	}
	tiers, base = q.Product.Plan.VolumeTiers, price.Subscription
	if price.First > 0 && q.MayStart {
		first := price.First
		if tier, reached := catalog.VolumeFor(tiers, q.Choice.Quantity); reached && !once {
			first = after(q, tier, first)
		}
		list = append(list, Level{
			Label: words.T("shop.buy.level.first"), Price: money.Of(first, q.Shop.Currency), Note: words.T("shop.buy.level.first.note"), Current: !once,
		})
	}
	list = append(list, unitLevels(words, q, tiers, base, "shop.buy.level.subscription", "shop.buy.level.subscription.volume", !once)...)
	if !once {
		note = tierNote(words, q, tiers)
	}
	return list, note
}

// unitLevels are a price and what the tiers make of it. valid says that the
// choice is one of them.
func unitLevels(words *i18n.Localizer, q flow.ProductQuote, tiers []catalog.VolumeTier, base int64, label, volume string, valid bool) []Level {
	amount := func(minor int64) money.Amount { return money.Of(minor, q.Shop.Currency) }
	reached, discounted := catalog.VolumeFor(tiers, q.Choice.Quantity)
	plain := Level{Label: words.T(label), Price: amount(base), Current: valid && !discounted}
	if len(tiers) > 0 && tiers[0].From > 2 {
		plain.Note = words.T("shop.buy.level.upto", "Count", tiers[0].From-1, "Unit", words.T("shop.buy.unit"))
	} else if len(tiers) > 0 {
		plain.Note = words.T("shop.buy.level.single")
	}
	list := []Level{plain}
	for _, tier := range tiers {
		list = append(list, Level{
			Label: words.T(volume), Price: amount(after(q, tier, base)), Current: valid && discounted && tier == reached,
			Note: words.T("shop.buy.level.from", "Count", tier.From, "Unit", words.T("shop.buy.unit")),
		})
	}
	return list
}

// after is what a tier leaves of a price, as pricing rounds it. The page's sums
// come from pricing itself; a price that cannot be discounted stays.
func after(q flow.ProductQuote, tier catalog.VolumeTier, price int64) int64 {
	left, err := tier.After(price, q.Shop.Tax.Rounding)
	if err != nil {
		return price
	}
	return left
}

func tierNote(words *i18n.Localizer, q flow.ProductQuote, tiers []catalog.VolumeTier) string {
	if len(tiers) == 0 {
		return ""
	}
	if tiers[0].BasisPoints > 0 {
		return words.T("shop.buy.quantity.tier.share", "Count", tiers[0].From, "Rate", words.Percent(int(tiers[0].BasisPoints)))
	}
	return words.T("shop.buy.quantity.tier", "Count", tiers[0].From, "Amount", money.Of(tiers[0].Amount, q.Shop.Currency))
}

// planSavings says what a subscription saves beside its unit price: postage, and
// from which box on how much.
func planSavings(words *i18n.Localizer, p catalog.Plan, currency money.Currency) []string {
	var lines []string
	switch p.Shipping {
	case catalog.ShippingFree:
		lines = append(lines, words.T("shop.plan.postage.free"))
	case catalog.ShippingFreeBox:
		if p.FreeBox == 1 {
			lines = append(lines, words.T("shop.plan.postage.first"))
		} else {
			lines = append(lines, words.T("shop.plan.postage.box", "N", p.FreeBox))
		}
	case catalog.ShippingOrdinary:
	}
	for _, d := range p.CountDiscounts {
		off := words.Money(money.Of(d.Amount, currency))
		if d.BasisPoints > 0 {
			off = words.Percent(int(d.BasisPoints))
		}
		lines = append(lines, words.T("shop.plan.saving", "N", d.FromBox, "Off", off))
	}
	return lines
}

// planChanges says what a customer may do with a delivery to come.
func planChanges(words *i18n.Localizer, p catalog.Plan) []string {
	var list []string
	for _, c := range []struct {
		what    string
		allowed bool
	}{{"date", p.MaxPutOffDays > 0}, {"quantity", p.MaxQuantity > 1}, {"skip", p.AllowSkip}, {"pause", p.AllowPause}} {
		if c.allowed {
			list = append(list, words.T("shop.plan.can."+c.what))
		}
	}
	var lines []string
	if len(list) > 0 {
		lines = append(lines, words.T("shop.plan.can", "List", strings.Join(list, words.T("shop.plan.can.separator"))))
	}
	if p.MaxPutOffDays > 0 {
		lines = append(lines, words.Plural("shop.plan.can.until", p.MaxPutOffDays))
	}
	return lines
}

// leastGoods says how many boxes are agreed to at least and what their goods cost
// in all, a piece in each: a first price never stands without it. Empty where a
// single box is enough.
func leastGoods(words *i18n.Localizer, p catalog.Plan, price catalog.Price, shop flow.Shop) string {
	least := p.MinimumDeliveries
	if !p.UntilCancelled && len(p.FixedCounts) > 0 {
		least = max(least, slices.Min(p.FixedCounts))
	}
	if least < 2 {
		return ""
	}
	var total int64
	for box := 1; box <= least; box++ {
		unit := price.Subscription
		if box == 1 && price.First > 0 {
			unit = price.First
		}
		if d, reached := catalog.CountFor(p.CountDiscounts, box); reached {
			if less, err := d.After(unit, shop.Tax.Rounding); err == nil {
				unit = less
			}
		}
		total += unit
	}
	return words.T("shop.buy.least", "Count", least, "Total", words.MoneyTax(money.Of(total, shop.Currency)))
}
