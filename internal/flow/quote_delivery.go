package flow

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// QuoteDelivery prices the box that a delivery would be, with its reasons, as
// the engine will price it at the deadline.
func (f *Flow) QuoteDelivery(ctx context.Context, storeID int64, s subscription.Subscription, box int, d subscription.Delivery) (pricing.Priced, error) {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return pricing.Priced{}, err
	}
	addresses, err := db.AddressesByIDs(ctx, f.DB, storeID, []ident.ID{s.AddressID})
	if err != nil {
		return pricing.Priced{}, fmt.Errorf("read address: %w", err)
	}
	address, ok := addresses[s.AddressID]
	if !ok {
		return pricing.Priced{}, fault.New(fault.NotFound, "fault.not_found")
	}
	ids := make([]ident.ID, len(s.Items))
	for i, item := range s.Items {
		ids[i] = item.VariantID
	}
	products, err := db.VariantsByIDs(ctx, f.DB, storeID, ids)
	if err != nil {
		return pricing.Priced{}, fmt.Errorf("read goods: %w", err)
	}
	facts := map[ident.ID]renewal.VariantFacts{}
	for id, p := range products {
		facts[id] = renewal.VariantFacts{ProductID: p.ID, TaxClass: p.TaxClass, Status: p.Status}
	}
	in := renewal.Input{Subscription: s, Variants: facts, Address: address.Address, Settings: shop.Settings, Zone: shop.Location}
	return renewal.ShowDelivery(in, d, box)
}
