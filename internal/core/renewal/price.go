package renewal

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
)

// PriceBox prices the n-th box of a subscription shipped on a date, by what was
// agreed.
func PriceBox(in Input, box int, shipped calendar.Date) (pricing.Priced, error) {
	return PriceParcel(in, box, 1, shipped)
}

// PriceParcel prices several boxes of a subscription shipped together, the n-th
// and those after it: each is priced as the box it is, and there is one postage.
func PriceParcel(in Input, box, boxes int, shipped calendar.Date) (pricing.Priced, error) {
	s := in.Subscription
	method, _ := in.Settings.Delivery.Method(s.ShippingMethod)
	zone, _ := method.Zone(in.Address)
	items := make([]pricing.Item, 0, boxes*len(s.Items))
	for n := range boxes {
		course := &pricing.Course{
			Box: box + n, FirstEligible: s.FirstEligible, Agreement: pricing.Agreement(s.Agreement),
		}
		for _, item := range s.Items {
			facts := in.Variants[item.VariantID]
			items = append(items, pricing.Item{
				VariantID: item.VariantID, ProductID: facts.ProductID, Quantity: item.Quantity, Course: course,
				Regular: item.Regular, Agreed: item.Agreed, First: item.First, TaxClass: facts.TaxClass,
			})
		}
	}
	return pricing.Price(pricing.Input{
		Currency: s.Currency, Items: items, Address: in.Address, Zone: zone,
		ShippingClass: method.TaxClass, Payment: pricing.Method(s.Pays),
		CODTiers: in.Settings.Payment.CODTiers, CODClass: in.Settings.Payment.CODTaxClass,
		Tax: in.Settings.Tax, TaxDate: shipped,
	})
}
