package flow

import (
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
)

// freeze writes a price into an order: totals and their explanation never change
// afterwards.
func freeze(o *order.Order, p pricing.Priced) {
	o.Currency, o.Goods, o.Shipping, o.Fee = p.Currency, p.Goods, p.Shipping, p.Fee
	o.TaxTotal, o.Total = p.TaxTotal, p.Total
	for _, s := range p.Steps {
		o.Breakdown.Steps = append(o.Breakdown.Steps, order.Step{Reason: string(s.Reason), Args: s.Args, Amount: s.Amount})
	}
	for _, t := range p.Tax {
		o.Breakdown.Tax = append(o.Breakdown.Tax, order.TaxSum(t))
	}
}

// orderLine freezes a priced line with the goods' name in the order's language.
func orderLine(id ident.ID, l pricing.Line, p catalog.Product, v catalog.Variant, lang string) order.Line {
	return order.Line{
		ID: id, VariantID: l.VariantID, SKU: v.SKU, Name: p.Text(lang).Name, OptionText: p.OptionText(v, lang),
		Quantity: l.Quantity, Unit: l.Unit, Regular: l.Regular, Total: l.Total,
		BasisPoints: l.BasisPoints, Reason: string(l.Reason),
	}
}
