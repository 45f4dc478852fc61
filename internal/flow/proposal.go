package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Checkout is what the checkout has asked so far; it is kept with the cart. A
// zero FirstDate means the earliest possible.
type Checkout struct {
	AddressID ident.ID       `json:"address_id"`
	Method    string         `json:"method"`
	TimeSlot  string         `json:"time_slot"`
	FirstDate calendar.Date  `json:"first_date"`
	Pays      pricing.Method `json:"pays"`
}

// ProposedLine is a cart line with what it refers to.
type ProposedLine struct {
	db.CartLine
	Product catalog.Product
	Variant catalog.Variant
}

// Subscribes reports whether the line is a subscription.
func (l ProposedLine) Subscribes() bool { return l.Cycle != calendar.Cycle{} }

// ProposedBox is one coming delivery with its price. Box 1 is the order itself:
// it has no deadline and is charged at once.
type ProposedBox struct {
	Box     int
	Planned calendar.Planned
	Priced  pricing.Priced
	Charged calendar.Date // for COD the day of delivery
}

// ProposedSubscription is what the customer is about to agree to: everything
// that 特定商取引法 12条の6 asks for.
type ProposedSubscription struct {
	Subscription subscription.Subscription // without id and number
	Product      catalog.Product
	Plan         catalog.Plan
	Boxes        []ProposedBox // at least three, the minimum, and as far as prices are agreed to change
	MinimumTotal int64         // total of the minimum, or of a fixed count
	YearBoxes    int           // boxes in 365 days as a guide
	YearTotal    int64
	FirstSaving  int64 // what the first price saves

	all []ProposedBox // Boxes and those after them, as far as they were priced
}

// Proposal is an order that can be placed: what the final confirmation shows and
// what placing it does, made by the same function.
type Proposal struct {
	Shop          Shop
	Customer      customer.Customer
	CartID        ident.ID
	CartVersion   int64
	Lines         []ProposedLine
	Checkout      Checkout
	Address       customer.Address
	Method        shipping.Method
	Zone          shipping.Zone
	Date          calendar.Date
	ShippingDate  calendar.Date
	Priced        pricing.Priced // of the order, all lines
	Subscriptions []ProposedSubscription
	At            time.Time

	once priceRights // which prices the customer may have that are given once
}

// Digest identifies what was shown: an order is placed only if the customer saw
// exactly this.
func (p Proposal) Digest() string {
	shown := struct {
		Version int64
		Total   int64
		Date    calendar.Date
		Boxes   [][]ProposedBox
		Checkout
	}{Version: p.CartVersion, Total: p.Priced.Total, Date: p.Date, Checkout: p.Checkout}
	for _, s := range p.Subscriptions {
		shown.Boxes = append(shown.Boxes, s.Boxes)
	}
	b, err := json.Marshal(shown)
	if err != nil {
		return "" // nothing in it can fail to marshal; an empty digest never matches
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// earliestWithin is how far ahead the first delivery may be wished for.
const earliestWithin = 60

// EarliestDate is the first delivery date for an address and method; false when
// nothing ships there.
func (s Shop) EarliestDate(zone shipping.Zone, now time.Time) (calendar.Date, bool) {
	today := calendar.DateOf(now.In(s.Location))
	return calendar.Earliest(today, s.Terms(s.Location, 0, zone.TransitDays))
}

// PreviewOrder says what placing the customer's cart would do, as of now. Input
// that cannot be ordered comes back as faults with field paths.
func (f *Flow) PreviewOrder(ctx context.Context, storeID int64, customerID ident.ID, cartID ident.ID) (Proposal, error) {
	return f.propose(ctx, f.DB, storeID, customerID, cartID, f.Now())
}

func (f *Flow) propose(ctx context.Context, c db.Conn, storeID int64, customerID, cartID ident.ID, now time.Time) (Proposal, error) {
	p := Proposal{At: now, CartID: cartID}
	var err error
	if p.Shop, err = f.Shop(ctx, c, storeID); err != nil {
		return p, err
	}
	if p.Customer, err = db.Customer(ctx, c, storeID, customerID); err != nil {
		return p, fmt.Errorf("read customer: %w", err)
	}
	cart, err := db.CartByID(ctx, c, storeID, cartID)
	if errors.Is(err, db.ErrNotFound) {
		return p, fault.New(fault.NotFound, "fault.cart.empty")
	}
	if err != nil {
		return p, fmt.Errorf("read cart: %w", err)
	}
	p.CartVersion = cart.Version
	if p.Lines, err = f.CartLines(ctx, c, storeID, cart); err != nil {
		return p, err
	}
	if p.once, err = f.priceRights(ctx, c, storeID, customerID, p.Lines, p.Shop.Currency); err != nil {
		return p, err
	}
	if err := checkLines(p.Lines, p.once); err != nil {
		return p, err
	}
	if len(cart.Checkout) > 0 {
		if err := json.Unmarshal(cart.Checkout, &p.Checkout); err != nil {
			return p, fmt.Errorf("read checkout of cart %s: %w", cartID, err)
		}
	}
	if err := f.resolveDelivery(ctx, c, storeID, &p, now); err != nil {
		return p, err
	}
	return p, p.price()
}

// CartLines joins a cart's lines with their goods. Lines whose goods are gone
// are left out.
func (f *Flow) CartLines(ctx context.Context, c db.Conn, storeID int64, cart db.Cart) ([]ProposedLine, error) {
	ids := make([]ident.ID, len(cart.Lines))
	for i, l := range cart.Lines {
		ids[i] = l.VariantID
	}
	products, err := db.VariantsByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, fmt.Errorf("read goods of a cart: %w", err)
	}
	var lines []ProposedLine
	for _, l := range cart.Lines {
		product, ok := products[l.VariantID]
		if !ok || product.Status != catalog.StatusOnSale {
			continue
		}
		variant, ok := product.Variant(l.VariantID)
		if !ok {
			continue
		}
		lines = append(lines, ProposedLine{CartLine: l, Product: product, Variant: variant})
	}
	return lines, nil
}

// maxLineQuantity of a one-off line; a plan has its own.
const maxLineQuantity = 99

func checkLines(lines []ProposedLine, once priceRights) error {
	if len(lines) == 0 {
		return fault.New(fault.NotFound, "fault.cart.empty")
	}
	var faults fault.List
	wanted, trials := map[ident.ID]int64{}, map[ident.ID]int64{}
	for i, l := range lines {
		field := fmt.Sprintf("lines[%d]", i)
		limit := int64(maxLineQuantity)
		if l.Subscribes() {
			if l.Product.Plan == nil {
				faults.Add(fault.Field(field+".cycle", "fault.plan.not_subscribable"))
				continue
			}
			for _, e := range fault.All(l.Product.Plan.Offers(l.Cycle, l.Count)) {
				faults.Add(&fault.Error{Code: e.Code, Key: e.Key, Args: e.Args, Field: field + "." + e.Field})
			}
			limit = l.Product.Plan.MaxQuantity
		}
		if once.onTrial(l) {
			trials[l.Product.ID] += l.Quantity
		}
		switch {
		case l.Quantity < 1 || l.Quantity > limit:
			faults.Add(fault.Field(field+".quantity", "fault.number.range", "Min", 1, "Max", limit))
		case once.onTrial(l) && trials[l.Product.ID] > 1:
			faults.Add(fault.Field(field+".quantity", "fault.trial.one"))
		}
		wanted[l.VariantID] += l.Quantity
		if wanted[l.VariantID] > l.Variant.Available {
			faults.Add(fault.Field(field+".quantity", "fault.stock.short", "Left", max(l.Variant.Available, 0)))
		}
	}
	return faults.Err()
}

// resolveDelivery finds address, method, zone and the first date.
func (f *Flow) resolveDelivery(ctx context.Context, c db.Conn, storeID int64, p *Proposal, now time.Time) error {
	addresses, err := db.AddressesByIDs(ctx, c, storeID, []ident.ID{p.Checkout.AddressID})
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	address, ok := addresses[p.Checkout.AddressID]
	if !ok || address.CustomerID != p.Customer.ID {
		return fault.Field("address", "fault.required")
	}
	p.Address = address
	if p.Method, ok = p.Shop.Delivery.Method(p.Checkout.Method); !ok {
		return fault.Field("method", "fault.required")
	}
	if p.Zone, ok = p.Method.Zone(address.Address); !ok {
		return fault.Field("address", "fault.shipping.no_zone")
	}
	if err := checkPayment(*p); err != nil {
		return err
	}
	earliest, ok := p.Shop.EarliestDate(p.Zone, now)
	if !ok {
		return fault.New(fault.Unavailable, "fault.shipping.closed")
	}
	p.Date = p.Checkout.FirstDate
	if p.Date.IsZero() {
		p.Date = earliest
	}
	if p.Date.Before(earliest) || earliest.DaysUntil(p.Date) > earliestWithin {
		return fault.Field("first_date", "fault.shipping.date_range",
			"From", earliest, "Until", earliest.AddDays(earliestWithin))
	}
	p.ShippingDate, ok = p.Shop.Delivery.Shipping.On(p.Date, p.Zone.TransitDays)
	if !ok {
		return fault.New(fault.Unavailable, "fault.shipping.closed")
	}
	return nil
}

func checkPayment(p Proposal) error {
	switch p.Checkout.Pays {
	case pricing.MethodCard:
		if p.Shop.Payment.Card {
			return nil
		}
	case pricing.MethodCOD:
		// domestic only: the carrier collects the money
		if p.Shop.Payment.COD && p.Method.AllowCOD && p.Address.Address.Country == p.Shop.Profile.Address.Country {
			return nil
		}
	}
	return fault.Field("payment", "fault.payment.not_offered")
}

// leastBoxes are shown whatever the minimum is: first, second, and those after.
const leastBoxes = 3

// proposeSubscriptions makes one subscription of each group of lines.
func proposeSubscriptions(p Proposal) ([]ProposedSubscription, error) {
	groups := subscribing(p.Lines)
	alone := len(groups) == 1 && len(groups[0].lines) == len(p.Lines)
	var list []ProposedSubscription
	for _, g := range groups {
		s, err := proposeSubscription(p, g, alone)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func proposeSubscription(p Proposal, g lineGroup, alone bool) (ProposedSubscription, error) {
	first := g.lines[0]
	plan := *first.Product.Plan
	eligible := p.mayStart(g)
	s := subscription.Subscription{
		CustomerID: p.Customer.ID, State: subscription.StateAwaitingPayment, Currency: p.Shop.Currency,
		ProductID: first.Product.ID, Cycle: first.Cycle, Anchor: p.Date, Count: first.Count,
		Minimum: plan.MinimumDeliveries, BoxesOrdered: 1, LastSlot: 1, AddressID: p.Address.ID,
		ShippingMethod: p.Method.Code, TimeSlot: p.Checkout.TimeSlot, Pays: string(p.Checkout.Pays),
		FirstEligible: eligible, GraceDays: plan.CustomerGraceDays, Visible: plan.VisibleDeliveries,
		DeadlineNotice: plan.DeadlineNotice, Agreement: subscription.AgreementOn(plan),
	}
	out := ProposedSubscription{Product: first.Product, Plan: plan}
	facts := map[ident.ID]renewal.VariantFacts{}
	for _, l := range g.lines {
		price := l.Variant.Prices[p.Shop.Currency]
		item := subscription.Item{VariantID: l.VariantID, Quantity: l.Quantity, Agreed: price.Subscription, Regular: price.Regular}
		if eligible {
			item.First = price.First
		}
		s.Items = append(s.Items, item)
		facts[l.VariantID] = renewal.VariantFacts{
			ProductID: l.Product.ID, TaxClass: l.Product.TaxClass, Status: l.Product.Status,
		}
	}
	out.Subscription = s
	in := renewal.Input{
		Subscription: s, Variants: facts, Address: p.Address.Address, Settings: p.Shop.Settings, Zone: p.Shop.Location,
	}
	var err error
	if out.FirstSaving, err = firstSaving(in, p.ShippingDate); err != nil {
		return out, err
	}
	return out.withBoxes(p, in, alone)
}

// firstSaving is what the goods of the first box cost less than they would
// without a first price. The payment makes no difference to goods.
func firstSaving(in renewal.Input, shipped calendar.Date) (int64, error) {
	in.Subscription.Pays = string(pricing.MethodCard)
	with, err := renewal.PriceBox(in, 1, shipped)
	if err != nil {
		return 0, err
	}
	in.Subscription.FirstEligible = false
	without, err := renewal.PriceBox(in, 1, shipped)
	return without.Goods - with.Goods, err
}

// withBoxes prices the boxes the customer must see: three, the minimum, and the
// number that a year holds as a guide.
func (out ProposedSubscription) withBoxes(p Proposal, in renewal.Input, alone bool) (ProposedSubscription, error) {
	s := out.Subscription
	price := func(box int, shipped calendar.Date) (pricing.Priced, error) {
		if box == 1 && alone {
			return p.Priced, nil
		}
		return renewal.PriceBox(in, box, shipped)
	}
	today := calendar.DateOf(p.At.In(p.Shop.Location))
	first, err := price(1, p.ShippingDate)
	if err != nil {
		return out, err
	}
	charged := today
	if p.Checkout.Pays == pricing.MethodCOD {
		charged = p.Date
	}
	boxes := []ProposedBox{{
		Box: 1, Priced: first, Charged: charged,
		Planned: calendar.Planned{Date: p.Date, ShippingDate: p.ShippingDate},
	}}
	terms := p.Shop.Terms(p.Shop.Location, s.GraceDays, p.Zone.TransitDays)
	shown := max(leastBoxes, s.Minimum, s.Count, lastNewPrice(s.Agreement))
	s.Visible = max(shown, yearBoxes(s), s.Visible+1) - 1
	for i, d := range s.Upcoming(1, 0, p.firstBox(), terms) {
		priced, err := price(i+2, d.ShippingDate)
		if err != nil {
			return out, err
		}
		charged := calendar.DateOf(d.Deadline.In(p.Shop.Location))
		if p.Checkout.Pays == pricing.MethodCOD {
			charged = d.Date
		}
		boxes = append(boxes, ProposedBox{
			Box: i + 2, Priced: priced, Charged: charged,
			Planned: calendar.Planned{
				Date: d.Date, ShippingDate: d.ShippingDate, DeadlineDate: d.DeadlineDate, Deadline: d.Deadline,
			},
		})
	}
	for i, b := range boxes {
		if i < max(s.Minimum, s.Count) {
			out.MinimumTotal += b.Priced.Total
		}
		if i < yearBoxes(s) {
			out.YearTotal += b.Priced.Total
			out.YearBoxes++
		}
	}
	out.all, out.Boxes = boxes, boxes[:min(len(boxes), shown)]
	return out, nil
}

// firstBox is what the second box of a subscription comes after.
func (p Proposal) firstBox() calendar.Planned {
	return calendar.Planned{Date: p.Date, ShippingDate: p.ShippingDate, Deadline: p.At}
}

// lastNewPrice is the last box whose price differs by agreement from the one
// before it: what the customer agrees to is shown to its end.
func lastNewPrice(a subscription.Agreement) int {
	box := 1
	for _, d := range a.Count {
		box = max(box, d.FromBox)
	}
	if a.Shipping == catalog.ShippingFreeBox {
		box = max(box, a.FreeBox+1)
	}
	return box
}

// yearBoxes are the slots of the 365 days from the first delivery on.
func yearBoxes(s subscription.Subscription) int {
	n := 1
	for s.Anchor.DaysUntil(s.Cycle.Slot(s.Anchor, n+1)) < 365 {
		n++
	}
	return n
}
