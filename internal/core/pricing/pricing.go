// Package pricing prices a delivery: one pure function, used by product page,
// cart, confirmation, my page, forecast and engine, so that they cannot differ
// (docs/rules.md, "The price of a delivery").
package pricing

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Method of payment, as far as it changes a price.
type Method string

// The two methods a subscription may be paid by.
const (
	MethodCard Method = "card"
	MethodCOD  Method = "cod"
)

// Item is a line to price, with its prices already looked up. All prices are
// minor units of Input.Currency, one piece.
type Item struct {
	VariantID    ident.ID
	Quantity     int64
	Subscription bool // belongs to a subscription: Agreed or First applies
	Regular      int64
	Agreed       int64 // subscription unit price agreed at sign-up
	First        int64 // first-delivery price; 0 = none
	TaxClass     tax.Class
}

// Input is all that a price depends on.
type Input struct {
	Currency      money.Currency
	Items         []Item
	Box           int  // box number of the delivery; 1 = first
	FirstEligible bool // the customer may have the first price
	Address       place.Address
	Zone          shipping.Zone
	ShippingClass tax.Class
	Payment       Method
	CODTiers      []shipping.CODTier
	CODClass      tax.Class
	Tax           tax.Rules
	TaxDate       calendar.Date // planned shipping date
}

// Line is a priced item. Unit is what one piece costs; Discount is what the
// customer saves against the regular price, never negative.
type Line struct {
	VariantID   ident.ID
	Quantity    int64
	Unit        int64
	Regular     int64
	Total       int64
	Discount    int64
	Reason      Reason
	TaxClass    tax.Class
	BasisPoints int64
}

// Reason is the message key that explains a price.
type Reason string

// Why a unit price is what it is, and what the steps of a total are.
const (
	ReasonRegular      Reason = "price.reason.regular"
	ReasonAgreed       Reason = "price.reason.agreed" // a subscription price that is no discount
	ReasonSubscription Reason = "price.reason.subscription"
	ReasonFirst        Reason = "price.reason.first"
	ReasonShipping     Reason = "price.reason.shipping"
	ReasonShippingFree Reason = "price.reason.shipping_free"
	ReasonCOD          Reason = "price.reason.cod"
	ReasonTax          Reason = "price.reason.tax"
)

// Step is one line of the explanation: label (message key and arguments) and
// amount. The amounts of all steps add up to the total.
type Step struct {
	Reason Reason         `json:"reason"`
	Args   map[string]any `json:"args,omitempty"`
	Amount int64          `json:"amount"`
}

// TaxSum is what one rate bears: the amount that the rate applies to (with tax
// where prices include it) and the tax, rounded once.
type TaxSum struct {
	BasisPoints int64 `json:"basis_points"`
	Amount      int64 `json:"amount"`
	Tax         int64 `json:"tax"`
}

// Priced is the price of a delivery, all minor units of Currency.
type Priced struct {
	Currency money.Currency
	Lines    []Line
	Goods    int64
	Shipping int64
	Fee      int64
	Tax      []TaxSum
	TaxTotal int64
	Total    int64
	Steps    []Step
	ToFree   int64 // goods missing until shipping is free; 0 = free or never
}

// Amount wraps a figure of the price with its currency.
func (p Priced) Amount(minor int64) money.Amount { return money.Of(minor, p.Currency) }

// maxQuantity of a line; with maxUnit for one piece and one fee, and maxGoods for
// all lines together, it keeps every sum far from overflow.
const (
	maxQuantity = 1_000_000
	maxUnit     = 1_000_000_000_000
	maxGoods    = maxUnit * maxQuantity
)

// meant reports whether a shop can mean the amount as a price or a fee.
func meant(amount int64) bool { return amount >= 0 && amount <= maxUnit }

// Price prices a delivery. It fails for quantities below one, for amounts no
// shop can mean, and where cash on delivery is not offered for so much money.
func Price(in Input) (Priced, error) {
	out := Priced{Currency: in.Currency}
	byRate := newRateSums(in)
	for _, item := range in.Items {
		line, err := priceLine(item, in)
		if err != nil {
			return Priced{}, err
		}
		out.Lines = append(out.Lines, line)
		out.Goods += line.Total
		if out.Goods > maxGoods {
			return Priced{}, money.ErrOverflow
		}
		byRate.add(item.TaxClass, line.Total)
		out.Steps = append(out.Steps, lineSteps(line)...)
	}
	goodsTax, err := byRate.extraTax()
	if err != nil {
		return Priced{}, err
	}
	out.Shipping, out.ToFree = postage(in.Zone, out.Goods+goodsTax)
	if !meant(out.Shipping) {
		return Priced{}, money.ErrOverflow
	}
	byRate.add(in.ShippingClass, out.Shipping)
	out.Steps = append(out.Steps, shippingStep(in.Zone, out.Shipping))
	if in.Payment == MethodCOD {
		fee, err := collection(in, byRate, out.Goods+out.Shipping)
		if err != nil {
			return Priced{}, err
		}
		out.Fee = fee
		byRate.add(in.CODClass, fee)
		out.Steps = append(out.Steps, Step{Reason: ReasonCOD, Amount: fee})
	}
	sums, err := byRate.sums()
	if err != nil {
		return Priced{}, err
	}
	out.Tax = sums
	for _, s := range sums {
		out.TaxTotal += s.Tax
	}
	out.Total = out.Goods + out.Shipping + out.Fee
	if !in.Tax.Inclusive {
		out.Total += out.TaxTotal
		out.Steps = append(out.Steps, Step{Reason: ReasonTax, Amount: out.TaxTotal})
	}
	return out, nil
}

func priceLine(item Item, in Input) (Line, error) {
	if item.Quantity < 1 || item.Quantity > maxQuantity {
		return Line{}, fault.Field("quantity", "fault.number.range", "Min", 1, "Max", maxQuantity)
	}
	unit, reason := item.Regular, ReasonRegular
	if item.Subscription {
		unit, reason = item.Agreed, ReasonSubscription
		if in.Box == 1 && in.FirstEligible && item.First > 0 {
			unit, reason = item.First, ReasonFirst
		}
	}
	if !meant(unit) || !meant(item.Regular) {
		return Line{}, money.ErrOverflow
	}
	return Line{
		VariantID: item.VariantID, Quantity: item.Quantity, Unit: unit, Regular: item.Regular,
		Total: unit * item.Quantity, Discount: max(item.Regular-unit, 0) * item.Quantity,
		Reason: reason, TaxClass: item.TaxClass,
		BasisPoints: in.Tax.Rate(item.TaxClass, in.Address.Country, in.Address.Region, in.TaxDate),
	}, nil
}

// lineSteps show the regular price first and what is taken off it, as a shopper
// reads a price.
func lineSteps(line Line) []Step {
	quantity := map[string]any{"Quantity": line.Quantity, "Unit": line.Unit}
	if line.Discount == 0 {
		reason := ReasonRegular
		if line.Reason != ReasonRegular {
			reason = ReasonAgreed
		}
		return []Step{{Reason: reason, Args: quantity, Amount: line.Total}}
	}
	return []Step{
		{
			Reason: ReasonRegular, Amount: line.Regular * line.Quantity,
			Args: map[string]any{"Quantity": line.Quantity, "Unit": line.Regular},
		},
		{
			Reason: line.Reason, Amount: -line.Discount,
			Args: map[string]any{"Quantity": line.Quantity, "Off": line.Regular - line.Unit},
		},
	}
}

// collection is the cash-on-delivery fee of the first tier whose ceiling holds
// all that the carrier collects: the fee itself counts, and so does its tax
// where prices are without.
func collection(in Input, byRate *rateSums, total int64) (int64, error) {
	for i, tier := range in.CODTiers {
		if !meant(tier.Fee) {
			return 0, money.ErrOverflow
		}
		extra, err := byRate.with(in.CODClass, tier.Fee).extraTax()
		if err != nil {
			return 0, err
		}
		if fee, holds := shipping.CODFee(in.CODTiers[i:i+1], total+extra); holds {
			return fee, nil
		}
	}
	return 0, fault.Field("payment", "fault.cod.too_much")
}

// postage is free from the threshold on, counted on goods after discounts and
// with their tax.
func postage(zone shipping.Zone, goods int64) (fee, toFree int64) {
	if zone.FreeFrom == 0 {
		return zone.Fee, 0
	}
	if goods >= zone.FreeFrom {
		return 0, 0
	}
	return zone.Fee, zone.FreeFrom - goods
}

func shippingStep(zone shipping.Zone, fee int64) Step {
	if fee == 0 {
		return Step{Reason: ReasonShippingFree, Args: map[string]any{"From": zone.FreeFrom}}
	}
	return Step{Reason: ReasonShipping, Amount: fee}
}
