package flow

import (
	"context"
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
)

// ProductChoice is what a shopper has chosen on a product page so far. Values
// name a variant, one index per option; none means the first that is in stock.
// A zero cycle is the plan's first, a zero date the earliest.
type ProductChoice struct {
	Slug       string
	Values     []int
	Subscribe  bool
	Cycle      calendar.Cycle
	Count      int
	Quantity   int64
	FirstDate  calendar.Date
	CustomerID ident.ID // zero: a guest
}

// ProductQuote is a product with the price of the choice. The choice comes back
// as it was priced; what was wrong with it stands in Faults ("quantity",
// "cycle", "count", "first_date").
type ProductQuote struct {
	Shop         Shop
	Product      catalog.Product
	Variant      catalog.Variant
	Choice       ProductChoice
	Maximum      int64           // pieces in one box or order
	Dates        []calendar.Date // first deliveries that may be wished for
	Address      place.Address   // where the postage is counted to
	FreeFrom     int64           // goods from which delivery there is free; 0 = never
	Priced       pricing.Priced  // of the order made now
	Subscription *ProposedSubscription
	MayTry       bool // the customer may buy once at the trial price
	MayStart     bool // the customer may have a first price
	Faults       fault.List
}

// QuoteProduct prices a choice as the cart and the final confirmation will. A
// product that is not on sale is NotFound; the quote says which one it was.
func (f *Flow) QuoteProduct(ctx context.Context, storeID int64, in ProductChoice) (ProductQuote, error) {
	q := ProductQuote{Choice: in}
	var err error
	if q.Shop, err = f.Shop(ctx, f.DB, storeID); err != nil {
		return q, err
	}
	if q.Product, err = db.ProductBySlug(ctx, f.DB, storeID, in.Slug); err != nil {
		return q, notFound(err)
	}
	if q.Product.Status != catalog.StatusOnSale {
		return q, fault.New(fault.NotFound, "fault.not_found")
	}
	err = f.quote(ctx, storeID, &q)
	return q, err
}

// PreviewProduct prices a choice of a product as it would be quoted if it were
// kept and on sale as it is given.
func (f *Flow) PreviewProduct(ctx context.Context, storeID int64, p catalog.Product, in ProductChoice) (ProductQuote, error) {
	q := ProductQuote{Product: p, Choice: in}
	var err error
	if q.Shop, err = f.Shop(ctx, f.DB, storeID); err != nil {
		return q, err
	}
	err = f.quote(ctx, storeID, &q)
	return q, err
}

// quote prices the choice of a quote that has its shop and product.
func (f *Flow) quote(ctx context.Context, storeID int64, q *ProductQuote) error {
	in := q.Choice
	var chosen bool
	if q.Variant, chosen = chooseVariant(q.Product, q.Shop, in.Values); !chosen {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	q.Choice.Values = q.Variant.Values
	line := ProposedLine{CartLine: db.CartLine{VariantID: q.Variant.ID}, Product: q.Product, Variant: q.Variant}
	once, err := f.priceRights(ctx, f.DB, storeID, in.CustomerID, []ProposedLine{line}, q.Shop.Currency)
	if err != nil {
		return err
	}
	q.MayTry, q.MayStart = once.onTrial(line), once.first(q.Product.ID)
	q.settle(q.MayTry)
	line.Quantity, line.Cycle, line.Count = q.Choice.Quantity, q.Choice.Cycle, q.Choice.Count
	p := Proposal{
		At: f.Now(), Shop: q.Shop, Customer: customer.Customer{ID: in.CustomerID},
		Lines: []ProposedLine{line}, Checkout: Checkout{FirstDate: in.FirstDate}, once: once,
	}
	dates, err := f.assumeDelivery(ctx, f.DB, storeID, &p)
	if err != nil {
		return err
	}
	if !in.FirstDate.IsZero() && p.Date != in.FirstDate {
		q.Faults.Add(fault.Field("first_date", "fault.shipping.date_range", "From", dates[0], "Until", dates[len(dates)-1]))
	}
	q.Dates, q.Address, q.FreeFrom, q.Choice.FirstDate = dates, p.Address.Address, p.Zone.FreeFrom, p.Date
	if err := p.price(); err != nil {
		return err
	}
	q.Priced = p.Priced
	if len(p.Subscriptions) > 0 {
		q.Subscription = &p.Subscriptions[0]
	}
	return nil
}

// Subscribable reports whether a variant may be subscribed to in the shop's
// currency.
func Subscribable(p catalog.Product, v catalog.Variant, shop Shop) bool {
	return p.Plan != nil && v.Prices[shop.Currency].Subscription > 0
}

// settle brings the choice within what the product offers and keeps what was
// wrong with it. trial says that goods bought once are at their trial price.
func (q *ProductQuote) settle(trial bool) {
	c := &q.Choice
	q.Maximum = maxLineQuantity
	c.Subscribe = c.Subscribe && Subscribable(q.Product, q.Variant, q.Shop)
	if c.Subscribe {
		plan := q.Product.Plan
		q.Maximum = plan.MaxQuantity
		if c.Cycle == (calendar.Cycle{}) {
			c.Cycle = plan.Cycles[0]
		}
		if c.Count == 0 && !plan.UntilCancelled {
			c.Count = plan.FixedCounts[0]
		}
		if faults := fault.All(plan.Offers(c.Cycle, c.Count)); len(faults) > 0 {
			q.Faults = append(q.Faults, faults...)
			c.Cycle, c.Count = plan.Cycles[0], 0
			if !plan.UntilCancelled {
				c.Count = plan.FixedCounts[0]
			}
		}
	} else {
		c.Cycle, c.Count = calendar.Cycle{}, 0
		if trial {
			q.Maximum = 1
		}
	}
	switch {
	case c.Quantity > 1 && q.Maximum == 1 && !c.Subscribe:
		q.Faults.Add(fault.Field("quantity", "fault.trial.one"))
	case c.Quantity < 1 || c.Quantity > q.Maximum:
		q.Faults.Add(fault.Field("quantity", "fault.number.range", "Min", 1, "Max", q.Maximum))
	case c.Quantity > q.Variant.Available && q.Variant.Available > 0:
		q.Faults.Add(fault.Field("quantity", "fault.stock.short", "Left", q.Variant.Available))
	}
	c.Quantity = min(max(c.Quantity, 1), q.Maximum)
}

// chooseVariant finds the variant of the values; without a full set of values
// the first that is in stock, else the first that has a price at all.
func chooseVariant(p catalog.Product, shop Shop, values []int) (catalog.Variant, bool) {
	var first catalog.Variant
	found := false
	for _, v := range p.Variants {
		if _, priced := v.Prices[shop.Currency]; !priced {
			continue
		}
		if len(values) == len(p.Options) && len(values) > 0 {
			if slices.Equal(v.Values, values) {
				return v, true
			}
		} else if v.Available > 0 {
			return v, true
		}
		if !found {
			first, found = v, true
		}
	}
	return first, found
}

// assumeDelivery completes a proposal whose checkout is not finished: the
// address chosen so far, else the customer's latest, else the shop's own; the
// first method that goes there; the card where it is taken. It returns the dates
// that may be wished for; a wish outside of them becomes the earliest.
func (f *Flow) assumeDelivery(ctx context.Context, c db.Conn, storeID int64, p *Proposal) ([]calendar.Date, error) {
	p.Address = customer.Address{Address: p.Shop.Profile.Address}
	if !p.Customer.ID.IsZero() {
		addresses, err := db.AddressesOf(ctx, c, storeID, p.Customer.ID)
		if err != nil {
			return nil, fmt.Errorf("read addresses: %w", err)
		}
		for i, a := range addresses {
			if i == len(addresses)-1 || a.ID == p.Checkout.AddressID {
				p.Address = a
			}
			if a.ID == p.Checkout.AddressID {
				break
			}
		}
	}
	reaches := false
	for _, method := range p.Shop.Delivery.Methods {
		zone, ok := method.Zone(p.Address.Address)
		if ok && (!reaches || method.Code == p.Checkout.Method) {
			p.Method, p.Zone, reaches = method, zone, true
		}
	}
	if !reaches {
		return nil, fault.Field("address", "fault.shipping.no_zone")
	}
	p.Checkout.Method = p.Method.Code
	if checkPayment(*p) != nil {
		p.Checkout.Pays = pricing.MethodCard
		if !p.Shop.Payment.Card {
			p.Checkout.Pays = pricing.MethodCOD
		}
	}
	earliest, ok := p.Shop.EarliestDate(p.Zone, p.At)
	if !ok {
		return nil, fault.New(fault.Unavailable, "fault.shipping.closed")
	}
	dates := make([]calendar.Date, earliestWithin+1)
	for i := range dates {
		dates[i] = earliest.AddDays(i)
	}
	p.Date = earliest
	if slices.Contains(dates, p.Checkout.FirstDate) {
		p.Date = p.Checkout.FirstDate
	}
	if p.ShippingDate, ok = p.Shop.Delivery.Shipping.On(p.Date, p.Zone.TransitDays); !ok {
		return nil, fault.New(fault.Unavailable, "fault.shipping.closed")
	}
	return dates, nil
}
