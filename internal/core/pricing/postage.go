package pricing

import (
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
)

// postage of a parcel, and how much its goods lack until it is free. It is free
// where one box in the parcel has it free by agreement: what was promised for
// that box holds, and what rides along costs no second parcel. Else it is free
// from the zone's threshold on, counted on goods after discounts and with their
// tax; and it is never more than one of its boxes was told elsewhere.
func postage(in Input, goods int64) (step Step, toFree int64) {
	for _, item := range in.Items {
		if c := item.Course; c != nil && c.Agreement.Shipping.Free(c.Box, c.Agreement.FreeBox) {
			return Step{Reason: ReasonShippingAgreed}, 0
		}
	}
	zone := in.Zone
	if zone.Fee == 0 || (zone.FreeFrom > 0 && goods >= zone.FreeFrom) {
		return Step{Reason: ReasonShippingFree, Args: map[string]any{"From": zone.FreeFrom}}, 0
	}
	fee := zone.Fee
	for _, item := range in.Items {
		if c := item.Course; c != nil && c.Agreement.MostPostage != nil {
			fee = min(fee, *c.Agreement.MostPostage)
		}
	}
	if fee == 0 {
		return Step{Reason: ReasonShippingAgreed}, 0
	}
	return Step{Reason: ReasonShipping, Amount: fee}, max(zone.FreeFrom-goods, 0)
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
	return 0, fault.Field("payment", keyTooMuch)
}

const keyTooMuch = "fault.cod.too_much"

// IsTooMuch reports whether Price failed because cash on delivery is not offered
// for so much money.
func IsTooMuch(err error) bool {
	return slices.ContainsFunc(fault.All(err), func(e *fault.Error) bool { return e.Key == keyTooMuch })
}
