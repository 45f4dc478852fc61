package flow

import (
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// price prices a proposal whose delivery is known: the order, and each
// subscription's boxes.
func (p *Proposal) price() error {
	var err error
	if p.Priced, err = priceOrder(*p); err != nil {
		return err
	}
	p.Subscriptions, err = proposeSubscriptions(*p)
	return err
}

// subscriptionKey says which lines become one subscription: those of a product
// with the same cycle and count.
type subscriptionKey struct {
	product ident.ID
	cycle   calendar.Cycle
	count   int
}

func keyOf(l ProposedLine) subscriptionKey { return subscriptionKey{l.Product.ID, l.Cycle, l.Count} }

type lineGroup struct {
	key   subscriptionKey
	lines []ProposedLine
	again bool // the order begins another subscription of the product before it
}

// mayStart reports whether the first box of a group has the first price: of two
// subscriptions of a product in one order only one has it, as of two orders.
func (p Proposal) mayStart(g lineGroup) bool { return !g.again && p.once.first(g.key.product) }

// subscribing are the lines that become subscriptions, grouped, in their order.
func subscribing(lines []ProposedLine) []lineGroup {
	var groups []lineGroup
	at := map[subscriptionKey]int{}
	for _, l := range lines {
		if !l.Subscribes() {
			continue
		}
		i, seen := at[keyOf(l)]
		if !seen {
			i = len(groups)
			at[keyOf(l)] = i
			groups = append(groups, lineGroup{key: keyOf(l), again: slices.ContainsFunc(groups, func(g lineGroup) bool {
				return g.key.product == l.Product.ID
			})})
		}
		groups[i].lines = append(groups[i].lines, l)
	}
	return groups
}

// priceOrder prices all lines of an order, which is the first box of each of its
// subscriptions.
func priceOrder(p Proposal) (pricing.Priced, error) {
	courses := map[subscriptionKey]*pricing.Course{}
	for _, g := range subscribing(p.Lines) {
		courses[g.key] = &pricing.Course{
			Box: 1, FirstEligible: p.mayStart(g),
			Agreement: pricing.Agreement(subscription.AgreementOn(*g.lines[0].Product.Plan)),
		}
	}
	in := pricing.Input{
		Currency: p.Shop.Currency, Address: p.Address.Address, Zone: p.Zone,
		ShippingClass: p.Method.TaxClass, Payment: p.Checkout.Pays, CODTiers: p.Shop.Payment.CODTiers,
		CODClass: p.Shop.Payment.CODTaxClass, Tax: p.Shop.Tax, TaxDate: p.ShippingDate,
	}
	for _, l := range p.Lines {
		price, ok := l.Variant.Prices[p.Shop.Currency]
		if !ok {
			return pricing.Priced{}, fault.Field("lines", "fault.price.missing")
		}
		item := pricing.Item{
			VariantID: l.VariantID, ProductID: l.Product.ID, Quantity: l.Quantity, Regular: price.Regular,
			TaxClass: l.Product.TaxClass,
		}
		if l.Subscribes() {
			item.Course, item.Agreed, item.First = courses[keyOf(l)], price.Subscription, price.First
		} else {
			item.Volume = l.Product.VolumeTiers
			if p.once.onTrial(l) {
				item.Trial = price.Trial
			}
		}
		in.Items = append(in.Items, item)
	}
	return pricing.Price(in)
}
