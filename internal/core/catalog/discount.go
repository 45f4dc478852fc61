package catalog

import (
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/money"
)

// Discount is what is taken off a price: a share of it in basis points
// (1 % = 100), or an amount in minor units of the store's currency. Exactly one
// of the two is set.
type Discount struct {
	BasisPoints int64 `json:"basis_points,omitempty"`
	Amount      int64 `json:"amount,omitempty"`
}

// VolumeTier (複数購入割引) takes its discount off each unit, from so many units
// of the product on.
type VolumeTier struct {
	From int64 `json:"from"`
	Discount
}

// CountDiscount (購入回数による値引き) takes its discount off the whole box of a
// subscription, from the k-th box on. Its amount is shared over the lines.
type CountDiscount struct {
	FromBox int `json:"from_box"`
	Discount
}

// wholeShare is a hundred percent in basis points.
const wholeShare = 10_000

// After is what is left of a price, never below zero. What is left is rounded by
// the store's rule, so that dropping fractions drops them for the customer.
func (d Discount) After(price int64, rounding money.Rounding) (int64, error) {
	if d.BasisPoints > 0 {
		return money.MulDiv(price, wholeShare-min(d.BasisPoints, wholeShare), wholeShare, rounding)
	}
	return max(price-d.Amount, 0), nil
}

// VolumeFor is the tier that so many units reach; false below the first. The
// tiers ascend.
func VolumeFor(tiers []VolumeTier, units int64) (VolumeTier, bool) {
	for _, t := range slices.Backward(tiers) {
		if units >= t.From {
			return t, true
		}
	}
	return VolumeTier{}, false
}

// CountFor is the discount that a box has; false below the first. The discounts
// ascend.
func CountFor(discounts []CountDiscount, box int) (CountDiscount, bool) {
	for _, d := range slices.Backward(discounts) {
		if box >= d.FromBox {
			return d, true
		}
	}
	return CountDiscount{}, false
}

// ShippingRule says what postage a subscription's boxes bear. Empty is ordinary.
type ShippingRule string

// 通常送料, 送料無料, 指定回送料無料.
const (
	ShippingOrdinary ShippingRule = "ordinary"
	ShippingFree     ShippingRule = "free"
	ShippingFreeBox  ShippingRule = "free_box" // the box numbered Plan.FreeBox
)

// Free reports whether the rule makes the postage of a box free, freeBox being
// the one that ShippingFreeBox names.
func (r ShippingRule) Free(box, freeBox int) bool {
	switch r {
	case ShippingFree:
		return true
	case ShippingFreeBox:
		return box == freeBox
	case ShippingOrdinary:
	}
	return false
}

// StockOutRule says what becomes of a due box that the stock cannot fill. Empty
// is wait.
type StockOutRule string

// 入荷を待つ, ある分だけ送る, その回をお休みにする.
const (
	StockOutWait StockOutRule = "wait"
	StockOutRest StockOutRule = "rest" // the lines that have stock, priced alone
	StockOutSkip StockOutRule = "skip"
)
