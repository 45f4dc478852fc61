package flow

import (
	"context"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
)

// priceRights are the prices that a customer may have, of those that are given
// once: the first price of a subscription and the trial price (docs/rules.md,
// "The price of a delivery"). They are known before the confirmation page and
// never change after it.
type priceRights struct {
	currency money.Currency
	used     map[db.PriceUse]bool
}

// first reports whether the customer may have the product's first price.
func (r priceRights) first(product ident.ID) bool {
	return !r.used[db.PriceUse{ProductID: product, Kind: db.PriceFirst}]
}

// onTrial reports whether a line is goods bought once at their trial price.
func (r priceRights) onTrial(l ProposedLine) bool {
	return !l.Subscribes() && l.Variant.Prices[r.currency].Trial > 0 &&
		!r.used[db.PriceUse{ProductID: l.Product.ID, Kind: db.PriceTrial}]
}

// priceRights reads what a customer has had before of the goods in the lines. A
// guest may have everything; who logs in with less is shown so before ordering.
func (f *Flow) priceRights(ctx context.Context, c db.Conn, storeID int64, customerID ident.ID, lines []ProposedLine, currency money.Currency) (priceRights, error) {
	r := priceRights{currency: currency}
	if customerID.IsZero() {
		return r, nil
	}
	var products []ident.ID
	for _, l := range lines {
		products = append(products, l.Product.ID)
	}
	var err error
	r.used, err = db.PricesUsed(ctx, c, storeID, customerID, products)
	return r, err
}

// pricesTaken are the prices given once that an order really has.
func pricesTaken(p Proposal) []db.PriceUse {
	var uses []db.PriceUse
	for i, l := range p.Priced.Lines {
		use := db.PriceUse{ProductID: p.Lines[i].Product.ID}
		switch l.Reason {
		case pricing.ReasonFirst:
			use.Kind = db.PriceFirst
		case pricing.ReasonTrial:
			use.Kind = db.PriceTrial
		default:
			continue
		}
		if !slices.Contains(uses, use) {
			uses = append(uses, use)
		}
	}
	return uses
}

// takePrices keeps that the customer has had them. Another order that took one
// since the confirmation page was shown is a Conflict: the page is shown again,
// with the price that is left. Somebody else at the address or phone number who
// had one is no obstacle, but staff are told.
func (f *Flow) takePrices(ctx context.Context, tx db.Tx, storeID int64, p Proposal, o order.Order, now time.Time) error {
	uses := pricesTaken(p)
	if len(uses) == 0 {
		return nil
	}
	err := db.TakePrices(ctx, tx, storeID, p.Customer.ID, o.ID, uses, now)
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "fault.order.changed")
	}
	if err != nil {
		return err
	}
	a := p.Address.Address
	products, err := db.PricesUsedNearby(ctx, tx, storeID, db.Household{
		CustomerID: p.Customer.ID, Phone: a.Phone, Postcode: a.Postcode, Street: a.Street, Building: a.Building,
	}, uses)
	if err != nil || len(products) == 0 {
		return err
	}
	return db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{f.priceAlert(alert.KindPriceNearby, o.ID, o.SubscriptionID, now)})
}

// pricesByCard keeps the card that paid an order among those who had its prices.
// The card is known only after the hosted page, when the price stands: one that
// had a price before, with another account, is told to staff.
func (f *Flow) pricesByCard(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, fingerprint string, now time.Time) error {
	products, err := db.TakePricesByCard(ctx, tx, storeID, p.OrderID, fingerprint)
	if err != nil || len(products) == 0 {
		return err
	}
	return db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{f.priceAlert(alert.KindPriceCard, p.OrderID, p.SubscriptionID, now)})
}

func (f *Flow) priceAlert(kind alert.Kind, orderID, subscriptionID ident.ID, now time.Time) alert.Alert {
	return alert.Alert{
		ID: f.NewID(), Kind: kind, Noun: "order", SubjectID: orderID, OrderID: orderID, SubscriptionID: subscriptionID, At: now,
	}
}
