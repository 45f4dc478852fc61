package catalog

import (
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// Limits of discounts: fewer units or boxes than two are no reason for one, and a
// hundred percent would be a present.
const (
	leastFrom  = 2
	maxTiers   = 10
	mostShare  = wholeShare - 1
	leastShare = 1
)

// checkTiers refuses volume tiers that do not ascend or that mean nothing; field
// is where they stand.
func checkTiers(faults *fault.List, field string, tiers []VolumeTier) {
	if len(tiers) > maxTiers {
		faults.Add(fault.Field(field, "fault.discount.too_many", "Max", maxTiers))
		return
	}
	for i, t := range tiers {
		at := fmt.Sprintf("%s[%d]", field, i)
		switch e := within(at+".from", int(min(t.From, maxQuantity+1)), leastFrom, maxQuantity); {
		case e != nil:
			faults.Add(e)
		case i > 0 && t.From <= tiers[i-1].From:
			faults.Add(fault.Field(at+".from", "fault.discount.order"))
		}
		faults.Add(t.check(at))
	}
}

func (p Plan) checkCountDiscounts(faults *fault.List) {
	if len(p.CountDiscounts) > maxTiers {
		faults.Add(fault.Field("count_discounts", "fault.discount.too_many", "Max", maxTiers))
		return
	}
	for i, d := range p.CountDiscounts {
		at := fmt.Sprintf("count_discounts[%d]", i)
		switch e := within(at+".from_box", d.FromBox, leastFrom, maxCount); {
		case e != nil:
			faults.Add(e)
		case i > 0 && d.FromBox <= p.CountDiscounts[i-1].FromBox:
			faults.Add(fault.Field(at+".from_box", "fault.discount.order"))
		}
		faults.Add(d.check(at))
	}
}

// check refuses a discount that is none, or two.
func (d Discount) check(at string) *fault.Error {
	switch {
	case (d.BasisPoints == 0) == (d.Amount == 0):
		return fault.Field(at+".basis_points", "fault.discount.one")
	case d.BasisPoints != 0 && (d.BasisPoints < leastShare || d.BasisPoints > mostShare):
		return fault.Field(at+".basis_points", "fault.discount.share")
	case d.Amount < 0 || d.Amount > MaxPrice:
		return fault.Field(at+".amount", "fault.amount")
	}
	return nil
}

func (p Plan) checkRules(faults *fault.List) {
	switch p.Shipping {
	case "", ShippingOrdinary, ShippingFree:
	case ShippingFreeBox:
		faults.Add(within("free_box", p.FreeBox, 1, maxCount))
	default:
		faults.Add(fault.Field("shipping", "fault.choose"))
	}
	switch p.StockOut {
	case "", StockOutWait, StockOutRest, StockOutSkip:
	default:
		faults.Add(fault.Field("stock_out", "fault.choose"))
	}
}

// checkDiscounts refuses discounts that a price cannot bear: an amount above it,
// or a tier that makes a piece dearer than the one before.
func (p Product) checkDiscounts(faults *fault.List, currency money.Currency) {
	var once, unit, subscription []int64
	for _, v := range p.Variants {
		price := v.Prices[currency]
		once = append(once, priced(price.Regular, price.Trial)...)
		unit = append(unit, priced(price.Subscription, price.First)...)
		subscription = append(subscription, priced(price.Subscription)...)
	}
	checkTierPrices(faults, "volume_tiers", p.VolumeTiers, once)
	if p.Plan == nil {
		return
	}
	checkTierPrices(faults, "plan.volume_tiers", p.Plan.VolumeTiers, unit)
	for i, d := range p.Plan.CountDiscounts {
		for _, price := range subscription {
			if d.Amount > price { // a box may hold one piece of the cheapest
				faults.Add(fault.Field(fmt.Sprintf("plan.count_discounts[%d].amount", i), "fault.discount.above_price"))
				break
			}
		}
	}
}

// priced are the prices that there are: 0 means none.
func priced(prices ...int64) []int64 {
	return slices.DeleteFunc(prices, func(price int64) bool { return price <= 0 })
}

func checkTierPrices(faults *fault.List, field string, tiers []VolumeTier, prices []int64) {
	for i, t := range tiers[:min(len(tiers), maxTiers)] {
		at := fmt.Sprintf("%s[%d]", field, i)
		for _, price := range prices {
			if t.Amount > price {
				faults.Add(fault.Field(at+".amount", "fault.discount.above_price"))
				break
			}
			if i > 0 && t.From > tiers[i-1].From && dearer(t.Discount, tiers[i-1].Discount, price) {
				faults.Add(fault.Field(at+".from", "fault.discount.dearer"))
				break
			}
		}
	}
}

// dearer compares in ten-thousandths of a minor unit: rounding must not hide a
// difference, nor make one. Prices are at most MaxPrice, so nothing overflows.
func dearer(d, than Discount, price int64) bool {
	price = min(max(price, 0), MaxPrice)
	return d.exactly(price) > than.exactly(price)
}

func (d Discount) exactly(price int64) int64 {
	if d.BasisPoints > 0 {
		return price * (wholeShare - min(d.BasisPoints, wholeShare))
	}
	return max(price-min(d.Amount, price), 0) * wholeShare
}

// Warning is something that a plan may have but had better not: a message key
// with the field beside which it belongs.
type Warning struct {
	Field string
	Key   string
	Args  map[string]any
}

// Warnings are what is allowed but unwise in a store whose longest transit and
// whose picking take so many days: a customer grace shorter than both together
// is overruled by the shipping date, so customers would be told another deadline
// than the plan says.
func (p Plan) Warnings(longestTransit, preparationDays int) []Warning {
	var list []Warning
	if needed := longestTransit + preparationDays; p.CustomerGraceDays < needed {
		list = append(list, Warning{
			Field: "customer_grace_days", Key: "fault.plan.grace_below_transit",
			Args: map[string]any{"Days": needed, "Transit": longestTransit, "Preparation": preparationDays},
		})
	}
	return list
}
