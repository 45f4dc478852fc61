// Package pricing prices a delivery: one pure function, used by product page,
// cart, confirmation, my page, forecast and engine, so that they cannot differ
// (docs/rules.md, "The price of a delivery").
package pricing

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
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
	VariantID ident.ID
	ProductID ident.ID // units of one product count together for a volume discount
	Quantity  int64
	Course    *Course // the subscription it belongs to; nil: bought once
	Regular   int64
	Agreed    int64                // subscription unit price agreed at sign-up
	First     int64                // first-delivery price; 0 = none
	Trial     int64                // of goods bought once, where the customer may have it; 0 = none
	Volume    []catalog.VolumeTier // of goods bought once, ascending
	TaxClass  tax.Class
}

// Course is one box of a subscription, as far as it changes a price. Items of one
// box point to the same course: they share its discounts. A parcel may hold
// several boxes, of one subscription or of several.
type Course struct {
	Box           int  // box number; 1 = first
	FirstEligible bool // the customer may have the first price
	Agreement     Agreement
}

// Agreement is what a subscription has agreed beside its unit prices.
type Agreement struct {
	Volume   []catalog.VolumeTier    // ascending
	Count    []catalog.CountDiscount // ascending
	Shipping catalog.ShippingRule
	FreeBox  int
	// MostPostage is the most that sending a box costs; nil: what the zone says.
	MostPostage *int64
}

// Input is all that a price depends on.
type Input struct {
	Currency      money.Currency
	Items         []Item
	Address       place.Address
	Zone          shipping.Zone
	ShippingClass tax.Class
	Payment       Method
	CODTiers      []shipping.CODTier
	CODClass      tax.Class
	Tax           tax.Rules
	TaxDate       calendar.Date // planned shipping date
	// Told is the total that the customer was told before: postage and fee that were
	// raised since are no more than it has room for. 0: nothing was told.
	Told int64

	lessPostage, lessFee int64 // so that Told holds
}

// Line is a priced item. Unit is what one piece costs with its volume discount;
// Off is the line's share of a count discount, so that Total = Unit × Quantity −
// Off. Discount is what the customer saves against the regular price, never
// negative.
type Line struct {
	VariantID   ident.ID
	Quantity    int64
	Unit        int64
	Regular     int64
	Off         int64
	Total       int64
	Discount    int64
	Reason      Reason // of the unit price before its volume discount
	TaxClass    tax.Class
	BasisPoints int64
}

// Reason is the message key that explains a price.
type Reason string

// Why a unit price is what it is, and what the steps of a total are.
const (
	ReasonRegular        Reason = "price.reason.regular"
	ReasonAgreed         Reason = "price.reason.agreed" // a subscription price that is no discount
	ReasonSubscription   Reason = "price.reason.subscription"
	ReasonFirst          Reason = "price.reason.first"
	ReasonTrial          Reason = "price.reason.trial"
	ReasonVolume         Reason = "price.reason.volume" // 複数購入割引
	ReasonCount          Reason = "price.reason.count"  // 購入回数による値引き
	ReasonShipping       Reason = "price.reason.shipping"
	ReasonShippingFree   Reason = "price.reason.shipping_free"
	ReasonShippingAgreed Reason = "price.reason.shipping_agreed" // free by a subscription's agreement
	ReasonCOD            Reason = "price.reason.cod"
	ReasonTax            Reason = "price.reason.tax"
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

// Price prices a delivery: unit prices, volume discounts, count discounts, goods,
// postage, the fee of cash on delivery, tax, total. (A coupon would come after the
// count discounts, before the goods are summed up.) It fails for quantities below
// one, for amounts no shop can mean, and where cash on delivery is not offered for
// so much money.
func Price(in Input) (Priced, error) { return priceAsTold(in) }

func price(in Input) (Priced, error) {
	out := Priced{Currency: in.Currency}
	lines, steps, err := priceLines(in)
	if err != nil {
		return Priced{}, err
	}
	out.Lines, out.Steps = lines, steps
	byRate := newRateSums(in)
	for _, line := range lines {
		out.Goods += line.Total
		byRate.add(line.TaxClass, line.Total)
	}
	goodsTax, err := byRate.extraTax()
	if err != nil {
		return Priced{}, err
	}
	var shipped Step
	shipped, out.ToFree = postage(in, out.Goods+goodsTax)
	if !meant(shipped.Amount) {
		return Priced{}, money.ErrOverflow
	}
	shipped.Amount -= in.lessPostage
	out.Shipping = shipped.Amount
	byRate.add(in.ShippingClass, out.Shipping)
	out.Steps = append(out.Steps, shipped)
	if in.Payment == MethodCOD {
		fee, err := collection(in, byRate, out.Goods+out.Shipping)
		if err != nil {
			return Priced{}, err
		}
		fee -= min(in.lessFee, fee)
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
