package renewal

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// PriceBox prices the n-th box of a subscription shipped on a date, by what was
// agreed.
func PriceBox(in Input, box int, shipped calendar.Date) (pricing.Priced, error) {
	return PriceParcel(in, box, 1, shipped)
}

// PriceDelivery prices a delivery as the n-th box, as it is charged at its deadline:
// at most what its customer was told that it costs. Postage and fees that were
// raised too late to be told of count from the next on.
func PriceDelivery(in Input, d subscription.Delivery, box int) (pricing.Priced, error) {
	parcel := parcelOf(in, box, 1, d.ShippingDate)
	parcel.Told = d.Quoted
	return pricing.Price(parcel)
}

// ShowDelivery is PriceDelivery for those who look ahead: one that will be blocked,
// as no carrier collects so much, has the price that it was told at.
func ShowDelivery(in Input, d subscription.Delivery, box int) (pricing.Priced, error) {
	priced, err := PriceDelivery(in, d, box)
	if pricing.IsTooMuch(err) {
		in.Subscription.Pays = string(pricing.MethodCard)
		priced, err = PriceDelivery(in, d, box)
	}
	return priced, err
}

// quote is what the n-th box is told to cost before it is ordered. One that no
// carrier collects so much for will be blocked at its deadline; till then it costs
// what it would without cash on delivery.
func quote(in Input, box int, shipped calendar.Date) (int64, error) {
	priced, err := PriceBox(in, box, shipped)
	if pricing.IsTooMuch(err) {
		in.Subscription.Pays = string(pricing.MethodCard)
		priced, err = PriceBox(in, box, shipped)
	}
	return priced.Total, err
}

// collectable refuses (Invalid) a subscription, as a change wants it, with a planned
// box that no carrier collects so much for.
func collectable(in Input, s subscription.Subscription, list []subscription.Delivery) error {
	in.Subscription = s
	n := howMany(list, isWaiting)
	for _, d := range list {
		if !isPlanned(d) {
			continue
		}
		if _, err := PriceBox(in, s.BoxOf(n), d.ShippingDate); err != nil {
			return err
		}
		n++
	}
	return nil
}

// PriceParcel prices several boxes of a subscription shipped together, the n-th
// and those after it: each is priced as the box it is, and there is one postage.
func PriceParcel(in Input, box, boxes int, shipped calendar.Date) (pricing.Priced, error) {
	return pricing.Price(parcelOf(in, box, boxes, shipped))
}

func parcelOf(in Input, box, boxes int, shipped calendar.Date) pricing.Input {
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
	return pricing.Input{
		Currency: s.Currency, Items: items, Address: in.Address, Zone: zone,
		ShippingClass: method.TaxClass, Payment: pricing.Method(s.Pays),
		CODTiers: in.Settings.Payment.CODTiers, CODClass: in.Settings.Payment.CODTaxClass,
		Tax: in.Settings.Tax, TaxDate: shipped,
	}
}
