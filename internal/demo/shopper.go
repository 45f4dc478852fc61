package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// requestID marks what the story did in the audit trail.
const requestID = "demo"

// shopper is one of the story's people. A shopper registers with the first order.
type shopper struct {
	identity
	id        ident.ID
	addressID ident.ID
}

func (p *shopper) actor() audit.Actor {
	return audit.Actor{Kind: audit.ActorCustomer, ID: p.id, RequestID: requestID}
}

// wish is a line of a cart; without a cycle it is bought once.
type wish struct {
	sku      string
	quantity int64
	cycle    string
	count    int
}

// purchase is a cart with what the checkout asks. The zero first date is the
// earliest; without a card it is cash on delivery.
type purchase struct {
	wishes []wish
	first  calendar.Date
	card   string
	slot   string
	leaves bool // the card page, without paying
}

// register makes a member. All people of the demo have its password.
func (s *story) register(ctx context.Context, p *shopper) error {
	if !p.id.IsZero() {
		return nil
	}
	now := s.clock
	return s.Flow.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		number, err := db.TakeNumbersTx(ctx, tx, StoreID, db.NumberCustomer, 1)
		if err != nil {
			return err
		}
		p.id, p.addressID = s.Flow.NewID(), s.Flow.NewID()
		c := customer.Customer{
			ID: p.id, Number: flow.CustomerNumber(number), Name: p.name, Mail: p.mail, Phone: p.address.Phone,
			Lang: p.lang, CreatedAt: now,
		}
		if err := db.InsertCustomer(ctx, tx, StoreID, c, s.Logins.CustomerPasswordHash); err != nil {
			return err
		}
		address := customer.Address{ID: p.addressID, CustomerID: p.id, Address: p.address}
		if err := db.InsertAddress(ctx, tx, StoreID, address, now); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, StoreID, []audit.Line{{
			ID: s.Flow.NewID(), At: now, Actor: p.actor(), Verb: "customer.registered", Noun: "customer", NounID: p.id,
		}})
	})
}

// buy goes all the way from the cart to the thanks.
func (s *story) buy(ctx context.Context, p *shopper, buy purchase) error {
	if err := s.register(ctx, p); err != nil {
		return err
	}
	cartID, err := s.fill(ctx, p, buy)
	if err != nil {
		return err
	}
	proposal, err := s.Flow.PreviewOrder(ctx, StoreID, p.id, cartID)
	if err != nil {
		return err
	}
	lang := i18n.Lang(p.lang)
	placed, err := s.Flow.PlaceOrder(ctx, flow.PlaceOrder{
		StoreID: StoreID, Actor: p.actor(), CustomerID: p.id, CartID: cartID, Version: proposal.CartVersion,
		Digest: proposal.Digest(), Lang: lang, Terms: s.Terms(lang),
	})
	if err != nil || placed.Pays != pricing.MethodCard {
		return err
	}
	page, err := s.Flow.OpenPaymentPage(ctx, s.page(p, placed.OrderID))
	if err != nil || buy.leaves {
		return err
	}
	return s.payPage(ctx, p, placed.OrderID, page, buy.card)
}

// fill makes the cart.
func (s *story) fill(ctx context.Context, p *shopper, buy purchase) (ident.ID, error) {
	answers := flow.Checkout{
		AddressID: p.addressID, Method: takkyubinCode, TimeSlot: buy.slot, FirstDate: buy.first, Pays: pricing.MethodCard,
	}
	if buy.card == "" {
		answers.Pays = pricing.MethodCOD
	}
	document, err := json.Marshal(answers)
	if err != nil {
		return ident.ID{}, fmt.Errorf("write the checkout: %w", err)
	}
	id, now := s.Flow.NewID(), s.clock
	return id, s.Flow.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertCart(ctx, tx, StoreID, id, p.id, now); err != nil {
			return err
		}
		for _, w := range buy.wishes {
			variant, ok := s.variant(w.sku)
			if !ok {
				return fmt.Errorf("the shop has no %s", w.sku)
			}
			line := db.CartLine{ID: s.Flow.NewID(), VariantID: variant.ID, Quantity: w.quantity, Count: w.count}
			if w.cycle != "" {
				if line.Cycle, err = calendar.ParseCycle(w.cycle); err != nil {
					return err
				}
			}
			if err := db.AddCartLine(ctx, tx, StoreID, id, line, now); err != nil {
				return err
			}
		}
		return db.SaveCheckout(ctx, tx, StoreID, id, document, now)
	})
}

func (s *story) variant(sku string) (catalog.Variant, bool) {
	p, ok := s.productOf(sku)
	i := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return v.SKU == sku })
	if !ok || i < 0 {
		return catalog.Variant{}, false
	}
	return p.Variants[i], true
}

// productOf is the product that a SKU belongs to.
func (s *story) productOf(sku string) (catalog.Product, bool) {
	for _, p := range s.goods {
		if slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.SKU == sku }) {
			return p, true
		}
	}
	return catalog.Product{}, false
}

// returnURL is where the card page leads back to; nobody goes there in the past.
const returnURL = "http://127.0.0.1/"

func (s *story) page(p *shopper, orderID ident.ID) flow.HostedPage {
	return flow.HostedPage{
		StoreID: StoreID, OrderID: orderID, Lang: i18n.Lang(p.lang), ReturnURL: returnURL, CancelURL: returnURL,
	}
}

func (s *story) payPage(ctx context.Context, p *shopper, orderID ident.ID, page, card string) error {
	if err := s.bank.pay(ctx, page, card, p.name.FamilyKana+" "+p.name.GivenKana); err != nil {
		return err
	}
	_, err := s.Flow.PaymentReturn(ctx, StoreID, orderID, returnURL)
	return err
}

// newCard stores another card for the shopper's order that could not be paid.
func (s *story) newCard(ctx context.Context, p *shopper, card string) error {
	orders, err := db.OrdersOf(ctx, s.Flow.DB, StoreID, p.id, 20)
	if err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	for _, o := range orders {
		if o.Payment != order.PaymentFailing {
			continue
		}
		page, err := s.Flow.OpenCardPage(ctx, s.page(p, o.ID))
		if err != nil {
			return err
		}
		return s.payPage(ctx, p, o.ID, page, card)
	}
	return nil
}

// behave lets the bank of the shopper's cards answer in another way.
func (s *story) behave(ctx context.Context, p *shopper, behaviour string) error {
	c, err := db.Customer(ctx, s.Flow.DB, StoreID, p.id)
	if err != nil {
		return fmt.Errorf("read the customer: %w", err)
	}
	cards, err := db.CardsOf(ctx, s.Flow.DB, StoreID, p.id)
	if err != nil {
		return fmt.Errorf("read the cards: %w", err)
	}
	for _, card := range cards {
		if err := s.bank.behave(ctx, c.GatewayID, card, behaviour); err != nil {
			return err
		}
	}
	return nil
}

// errNone says that a shopper has no such subscription: the order for it was
// refused.
var errNone = errors.New("no such subscription")

// verb finds the shopper's subscription of a product, and the slot of its next
// delivery that can still be changed.
func (s *story) verb(ctx context.Context, p *shopper, code string) (flow.Verb, subscription.Subscription, int, error) {
	list, err := db.SubscriptionsOf(ctx, s.Flow.DB, StoreID, p.id)
	if err != nil {
		return flow.Verb{}, subscription.Subscription{}, 0, fmt.Errorf("read subscriptions: %w", err)
	}
	for _, sub := range list {
		if sub.ProductID != s.goods[code].ID {
			continue
		}
		open, err := db.OpenDeliveries(ctx, s.Flow.DB, StoreID, []ident.ID{sub.ID})
		if err != nil {
			return flow.Verb{}, sub, 0, fmt.Errorf("read deliveries: %w", err)
		}
		slot := 0
		for _, d := range open[sub.ID] {
			if d.State == subscription.DeliveryPlanned && d.Deadline.After(s.clock) {
				slot = d.Slot
				break
			}
		}
		return flow.Verb{StoreID: StoreID, Actor: p.actor(), CustomerID: p.id, SubscriptionID: sub.ID}, sub, slot, nil
	}
	return flow.Verb{}, subscription.Subscription{}, 0, errNone
}

// shown is a change as the shopper confirms it.
func shown(v flow.Verb, e flow.Effect) flow.Verb {
	v.Version, v.Digest = e.Version(), e.Digest()
	return v
}

func (s *story) cancel(ctx context.Context, p *shopper, code, reason string) error {
	v, _, _, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.Cancel{Verb: v, Reason: reason}
	effect, err := s.Flow.PreviewCancel(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.Cancel(ctx, in)
	return err
}

func (s *story) pause(ctx context.Context, p *shopper, code string) error {
	v, _, _, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.Pause{Verb: v}
	effect, err := s.Flow.PreviewPause(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.Pause(ctx, in)
	return err
}

func (s *story) resume(ctx context.Context, p *shopper, code string, ship bool) error {
	v, _, _, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.Resume{Verb: v, Ship: ship}
	effect, err := s.Flow.PreviewResume(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.Resume(ctx, in)
	return err
}

func (s *story) skip(ctx context.Context, p *shopper, code string) error {
	v, _, slot, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) || slot == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.SkipDelivery{Verb: v, Slot: slot}
	effect, err := s.Flow.PreviewSkip(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.Skip(ctx, in)
	return err
}

// putOff takes the first day that is so many days later or more.
func (s *story) putOff(ctx context.Context, p *shopper, code string, days int, following bool) error {
	v, _, slot, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) || slot == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.PutOff{Verb: v, Slot: slot, Following: following}
	dates, err := s.Flow.PutOffDates(ctx, in)
	if err != nil || len(dates) == 0 {
		return err
	}
	in.Date = dates[min(days, len(dates))-1]
	effect, err := s.Flow.PreviewPutOff(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.PutOff(ctx, in)
	return err
}

func (s *story) quantity(ctx context.Context, p *shopper, code string, pieces int64) error {
	v, sub, _, err := s.verb(ctx, p, code)
	if errors.Is(err, errNone) {
		return nil
	}
	if err != nil {
		return err
	}
	in := flow.ChangeQuantity{Verb: v, ItemID: sub.Items[0].ID, Quantity: pieces}
	effect, err := s.Flow.PreviewQuantity(ctx, in)
	if err != nil {
		return err
	}
	in.Verb = shown(v, effect)
	_, err = s.Flow.ChangeQuantity(ctx, in)
	return err
}

// owner is the staff who acts in the story.
func (s *story) owner() audit.Actor {
	return audit.Actor{Kind: audit.ActorStaff, ID: s.ownerID, RequestID: requestID}
}

// count is staff counting the shelf: so many pieces more than are reserved.
func (s *story) count(ctx context.Context, sku string, free int64) error {
	p, known := s.productOf(sku)
	v, _ := s.variant(sku)
	if !known {
		return fmt.Errorf("the shop has no %s", sku)
	}
	current, err := db.ProductsByIDs(ctx, s.Flow.DB, StoreID, []ident.ID{p.ID})
	if err != nil {
		return fmt.Errorf("read a product: %w", err)
	}
	counts, err := db.StockCounts(ctx, s.Flow.DB, StoreID, []ident.ID{v.ID})
	if err != nil {
		return fmt.Errorf("read the stock: %w", err)
	}
	_, err = s.Flow.SaveProduct(ctx, StoreID, s.owner(), flow.SaveProductInput{
		Product: current[p.ID], OnHand: map[string]int64{sku: counts[v.ID].Reserved + free},
	})
	return err
}

// retryAlerts is staff pressing "retry" on every open alert of a kind.
func (s *story) retryAlerts(ctx context.Context, kind alert.Kind) error {
	return s.answerAlerts(ctx, kind, s.Flow.RetryAlert)
}

// resolveAlerts is staff who have looked into every open alert of a kind.
func (s *story) resolveAlerts(ctx context.Context, kind alert.Kind) error {
	return s.answerAlerts(ctx, kind, s.Flow.ResolveAlert)
}

func (s *story) answerAlerts(
	ctx context.Context, kind alert.Kind, answer func(context.Context, int64, audit.Actor, ident.ID, int64) error,
) error {
	open, err := db.OpenAlerts(ctx, s.Flow.DB, StoreID, ident.ID{}, 100)
	if err != nil {
		return fmt.Errorf("read the alerts: %w", err)
	}
	for _, a := range open {
		if a.Kind != kind {
			continue
		}
		if err := answer(ctx, StoreID, s.owner(), a.ID, a.Version); err != nil {
			return err
		}
	}
	return nil
}
