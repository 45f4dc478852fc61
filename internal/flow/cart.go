package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/db"
)

// maxCartLines keeps a cart within what a page and a parcel can hold.
const maxCartLines = 50

// CartKey says whose cart it is: the one a browser remembers, and the customer
// who is logged in. Either may be zero.
type CartKey struct {
	StoreID    int64
	CartID     ident.ID
	CustomerID ident.ID
}

// AddToCart is what is put into a cart. A zero cycle is a one-off purchase. A
// date is the first delivery the shopper wishes for.
type AddToCart struct {
	CartKey
	VariantID ident.ID
	Quantity  int64
	Cycle     calendar.Cycle
	Count     int
	FirstDate calendar.Date
}

// AddToCart puts goods into the cart, beginning one where there is none, and
// returns the cart's id. What is not offered comes back as faults beside
// "quantity", "cycle" and "count".
func (f *Flow) AddToCart(ctx context.Context, in AddToCart) (ident.ID, error) {
	now := f.Now()
	var id ident.ID
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		cart, err := f.findCart(ctx, tx, in.CartKey)
		if errors.Is(err, db.ErrNotFound) {
			cart = db.Cart{ID: f.NewID(), CustomerID: in.CustomerID}
			err = db.InsertCart(ctx, tx, in.StoreID, cart.ID, in.CustomerID, now)
		}
		if err != nil {
			return err
		}
		id = cart.ID
		line := db.CartLine{ID: f.NewID(), VariantID: in.VariantID, Quantity: in.Quantity, Cycle: in.Cycle, Count: in.Count}
		if err := f.mayHold(ctx, tx, in.StoreID, withLine(cart, line), in.VariantID); err != nil {
			return err
		}
		if err := db.AddCartLine(ctx, tx, in.StoreID, id, line, now); err != nil {
			return err
		}
		if in.FirstDate.IsZero() {
			return nil
		}
		checkout, err := readCheckout(cart)
		if err != nil {
			return err
		}
		checkout.FirstDate = in.FirstDate
		return saveCheckout(ctx, tx, in.StoreID, id, checkout, now)
	})
	return id, err
}

// withLine is the cart as it would be with one line more.
func withLine(cart db.Cart, line db.CartLine) db.Cart {
	for i, l := range cart.Lines {
		if l.VariantID == line.VariantID && l.Cycle == line.Cycle && l.Count == line.Count {
			cart.Lines[i].Quantity += line.Quantity
			return cart
		}
	}
	cart.Lines = append(cart.Lines, line)
	return cart
}

// mayHold judges a cart as it would be after a change to the lines of a variant;
// faults of other lines are theirs.
func (f *Flow) mayHold(ctx context.Context, c db.Conn, storeID int64, cart db.Cart, variantID ident.ID) error {
	if len(cart.Lines) > maxCartLines {
		return fault.Field("quantity", "fault.cart.full", "Max", maxCartLines)
	}
	shop, err := f.Shop(ctx, c, storeID)
	if err != nil {
		return err
	}
	lines, err := f.CartLines(ctx, c, storeID, cart)
	if err != nil {
		return err
	}
	once, err := f.priceRights(ctx, c, storeID, cart.CustomerID, lines, shop.Currency)
	if err != nil {
		return err
	}
	var faults fault.List
	all, on := fault.All(checkLines(lines, once)), false
	for i, l := range lines {
		if l.VariantID != variantID {
			continue
		}
		on = true
		if l.Subscribes() && !Subscribable(l.Product, l.Variant, shop) {
			return fault.Field("cycle", "fault.plan.not_subscribable")
		}
		for _, e := range all {
			if field, ours := strings.CutPrefix(e.Field, fmt.Sprintf("lines[%d].", i)); ours {
				faults.Add(&fault.Error{Code: e.Code, Key: e.Key, Args: e.Args, Field: field})
			}
		}
	}
	if !on {
		return fault.New(fault.NotFound, "fault.not_found") // no such goods, or no longer on sale
	}
	return faults.Err()
}

// SetCartQuantity changes how many pieces a line holds.
func (f *Flow) SetCartQuantity(ctx context.Context, key CartKey, lineID ident.ID, quantity int64) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		cart, err := f.findCart(ctx, tx, key)
		if err != nil {
			return notFound(err)
		}
		for i, l := range cart.Lines {
			if l.ID != lineID {
				continue
			}
			cart.Lines[i].Quantity = quantity
			if err := f.mayHold(ctx, tx, key.StoreID, cart, l.VariantID); err != nil {
				return err
			}
			return db.SetCartQuantity(ctx, tx, key.StoreID, cart.ID, lineID, quantity, f.Now())
		}
		return fault.New(fault.NotFound, "fault.not_found")
	})
}

// RemoveFromCart takes a line out; one that is gone already is no fault.
func (f *Flow) RemoveFromCart(ctx context.Context, key CartKey, lineID ident.ID) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		cart, err := f.findCart(ctx, tx, key)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return db.RemoveCartLine(ctx, tx, key.StoreID, cart.ID, lineID, f.Now())
	})
}

// AdoptCart gives the guest's cart to the customer who has just logged in and
// returns the cart to go on with, zero where there is none.
func (f *Flow) AdoptCart(ctx context.Context, key CartKey) (ident.ID, error) {
	var id ident.ID
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if !key.CartID.IsZero() {
			id, err = db.AdoptCart(ctx, tx, key.StoreID, key.CartID, key.CustomerID, f.Now())
			if !errors.Is(err, db.ErrNotFound) {
				return err
			}
		}
		own, err := db.CartOf(ctx, tx, key.StoreID, key.CustomerID)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		id = own.ID
		return err
	})
	return id, err
}

// CartCount is how many pieces the cart holds, for the head of each page.
func (f *Flow) CartCount(ctx context.Context, key CartKey) (int, error) {
	cart, err := f.findCart(ctx, f.DB, key)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	count := 0
	for _, l := range cart.Lines {
		count += int(l.Quantity)
	}
	return count, err
}

// findCart is the remembered cart unless it is another customer's or gone, else
// the customer's own.
func (f *Flow) findCart(ctx context.Context, c db.Conn, key CartKey) (db.Cart, error) {
	if !key.CartID.IsZero() {
		cart, err := db.CartByID(ctx, c, key.StoreID, key.CartID)
		if err == nil && (cart.CustomerID.IsZero() || cart.CustomerID == key.CustomerID) {
			return cart, nil
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return cart, err
		}
	}
	if key.CustomerID.IsZero() {
		return db.Cart{}, db.ErrNotFound
	}
	return db.CartOf(ctx, c, key.StoreID, key.CustomerID)
}

// CartPreview is a cart with prices, whatever is still missing for an order.
type CartPreview struct {
	Proposal                // of the lines that can be priced
	All      []ProposedLine // every line, also those that cannot be had now
	Dates    []calendar.Date
	CODFee   int64 // what cash on delivery would cost
	COD      bool  // whether it is offered for this cart
	// Faults name lines of All as "lines[i].quantity"; further ones may concern
	// "address", "payment" and "first_date".
	Faults fault.List
}

// PreviewCart prices a cart with what the checkout knows so far and assumptions
// for the rest. An empty cart is no fault.
func (f *Flow) PreviewCart(ctx context.Context, key CartKey) (CartPreview, error) {
	p := CartPreview{Proposal: Proposal{At: f.Now()}}
	var err error
	if p.Shop, err = f.Shop(ctx, f.DB, key.StoreID); err != nil {
		return p, err
	}
	cart, err := f.findCart(ctx, f.DB, key)
	if errors.Is(err, db.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.CartID, p.CartVersion, p.Customer = cart.ID, cart.Version, customer.Customer{ID: key.CustomerID}
	if p.All, err = f.CartLines(ctx, f.DB, key.StoreID, cart); err != nil || len(p.All) == 0 {
		return p, err
	}
	if p.once, err = f.priceRights(ctx, f.DB, key.StoreID, key.CustomerID, p.All, p.Shop.Currency); err != nil {
		return p, err
	}
	p.Faults = fault.All(checkLines(p.All, p.once))
	for i, l := range p.All {
		if l.Subscribes() && !Subscribable(l.Product, l.Variant, p.Shop) || p.notOffered(i) {
			continue
		}
		p.Lines = append(p.Lines, l)
	}
	if p.Checkout, err = readCheckout(cart); err != nil || len(p.Lines) == 0 {
		return p, err
	}
	if p.Dates, err = f.assumeDelivery(ctx, f.DB, key.StoreID, &p.Proposal); err != nil {
		return p, err
	}
	return p, p.pricePreview()
}

// notOffered reports whether the plan no longer has what a line asks for.
func (p CartPreview) notOffered(i int) bool {
	for _, e := range p.Faults {
		if e.Field == fmt.Sprintf("lines[%d].cycle", i) || e.Field == fmt.Sprintf("lines[%d].count", i) {
			return true
		}
	}
	return false
}

// pricePreview prices with the payment chosen, and says what cash on delivery
// would cost; where that is too much money for a carrier, with the card.
func (p *CartPreview) pricePreview() error {
	cod := p.Proposal
	cod.Checkout.Pays = pricing.MethodCOD
	if checkPayment(cod) == nil {
		if err := cod.price(); err == nil {
			p.COD, p.CODFee = true, cod.Priced.Fee
		} else if len(fault.All(err)) == 0 {
			return err
		}
	}
	if p.Checkout.Pays == pricing.MethodCOD && !p.COD {
		p.Faults.Add(fault.Field("payment", "fault.cod.too_much"))
		p.Checkout.Pays = pricing.MethodCard
	}
	return p.price()
}

// ChooseDelivery is what the checkout asks: where to, when, and how to pay. A
// zero date means the earliest.
type ChooseDelivery struct {
	CartKey
	Actor     audit.Actor // the customer
	Address   place.Address
	TimeSlot  string
	FirstDate calendar.Date
	Pays      pricing.Method
}

// ChooseDelivery keeps the address with the customer and the rest with the cart.
// Input that cannot be ordered is refused with faults beside its fields, and the
// cart stays as it is. An address that differs from those the customer has is a new
// one: a running subscription never moves by an order.
func (f *Flow) ChooseDelivery(ctx context.Context, in ChooseDelivery) error {
	shop, err := f.Shop(ctx, f.DB, in.StoreID)
	if err != nil {
		return err
	}
	address := in.Address.Normalize()
	faults := address.Validate("address")
	if in.Pays != pricing.MethodCard && in.Pays != pricing.MethodCOD {
		faults.Add(fault.Field("payment", "fault.payment.not_offered"))
	}
	method, found := methodTo(shop, address)
	if !found && len(faults) == 0 {
		faults.Add(fault.Field("address.region", "fault.shipping.no_zone"))
	}
	if found && in.TimeSlot != "" && !slices.Contains(method.Slots, in.TimeSlot) {
		faults.Add(fault.Field("time_slot", "fault.choose"))
	}
	if err := faults.Err(); err != nil {
		return err
	}
	saved, err := f.SaveAddress(ctx, in.StoreID, in.Actor, in.CustomerID, address)
	if err != nil {
		return err
	}
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		cart, err := f.findCart(ctx, tx, in.CartKey)
		if err != nil {
			return notFound(err)
		}
		checkout := Checkout{AddressID: saved.ID, Method: method.Code, TimeSlot: in.TimeSlot, FirstDate: in.FirstDate, Pays: in.Pays}
		if err := saveCheckout(ctx, tx, in.StoreID, cart.ID, checkout, now); err != nil {
			return err
		}
		_, err = f.propose(ctx, tx, in.StoreID, in.CustomerID, cart.ID, now)
		return err
	})
}

// methodTo is the first method that goes to an address.
func methodTo(shop Shop, address place.Address) (shipping.Method, bool) {
	for _, method := range shop.Delivery.Methods {
		if _, ok := method.Zone(address); ok {
			return method, true
		}
	}
	return shipping.Method{}, false
}

func readCheckout(cart db.Cart) (Checkout, error) {
	var c Checkout
	if len(cart.Checkout) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(cart.Checkout, &c); err != nil {
		return c, fmt.Errorf("read checkout of cart %s: %w", cart.ID, err)
	}
	return c, nil
}

func saveCheckout(ctx context.Context, tx db.Tx, storeID int64, cartID ident.ID, c Checkout, now time.Time) error {
	document, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write checkout: %w", err)
	}
	return db.SaveCheckout(ctx, tx, storeID, cartID, document, now)
}
