package thread

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// Monthly is the cycle of the thread.
var Monthly = calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}

// Shopper is a customer of the world.
type Shopper struct {
	fixture.Person
	w *World
}

// Shopper makes a customer with an address and a stored card.
func (w *World) Shopper(t testing.TB, mail string) *Shopper {
	t.Helper()
	s := &Shopper{Person: fixture.Customer(t, w.DB, w.Flow.NewID, StoreID, mail), w: w}
	w.Know(t, s.Customer.GatewayID, s.Card.GatewayID, "ok")
	return s
}

// Fill puts quantity pieces of the product's first variant into a new cart, by
// subscription where the cycle is set, and answers the checkout.
func (s *Shopper) Fill(t testing.TB, quantity int64, cycle calendar.Cycle, pays pricing.Method) ident.ID {
	t.Helper()
	id := s.w.Flow.NewID()
	s.w.write(t, func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertCart(ctx, tx, StoreID, id, s.Customer.ID, s.w.Clock.Now()); err != nil {
			return err
		}
		line := db.CartLine{ID: s.w.Flow.NewID(), VariantID: s.w.Product.Variants[0].ID, Quantity: quantity, Cycle: cycle}
		if err := db.AddCartLine(ctx, tx, StoreID, id, line, s.w.Clock.Now()); err != nil {
			return err
		}
		answers, err := json.Marshal(flow.Checkout{AddressID: s.Address.ID, Method: "takkyubin", TimeSlot: "1820", Pays: pays})
		if err != nil {
			return err
		}
		return db.SaveCheckout(ctx, tx, StoreID, id, answers, s.w.Clock.Now())
	})
	return id
}

// Order previews the cart and makes the order form of its confirmation page.
func (s *Shopper) Order(t testing.TB, cartID ident.ID) flow.PlaceOrder {
	t.Helper()
	p, err := s.w.Flow.PreviewOrder(t.Context(), StoreID, s.Customer.ID, cartID)
	if err != nil {
		t.Fatalf("preview the order: %v", err)
	}
	return flow.PlaceOrder{
		StoreID: StoreID, CustomerID: s.Customer.ID, CartID: cartID, Version: p.CartVersion, Digest: p.Digest(),
		Lang: i18n.Ja, Actor: audit.Actor{Kind: audit.ActorCustomer, ID: s.Customer.ID, RequestID: "test"},
		Terms: func(flow.Proposal) (string, error) { return "<p>terms</p>", nil },
	}
}

// Place places an order and returns the answer.
func (s *Shopper) Place(t testing.TB, in flow.PlaceOrder) flow.Placed {
	t.Helper()
	placed, err := s.w.Flow.PlaceOrder(t.Context(), in)
	if err != nil {
		t.Fatalf("place the order: %v", err)
	}
	return placed
}

// Subscribe goes all the way: cart, order, hosted page with the card, return.
func (s *Shopper) Subscribe(t testing.TB, card string) flow.Placed {
	t.Helper()
	placed := s.Place(t, s.Order(t, s.Fill(t, 1, Monthly, pricing.MethodCard)))
	s.w.PayPage(t, s.Page(t, placed), card)
	s.Return(t, placed)
	return placed
}

// Page is the address of the order's hosted payment page.
func (s *Shopper) Page(t testing.TB, placed flow.Placed) string {
	t.Helper()
	page, err := s.w.Flow.OpenPaymentPage(t.Context(), s.hosted(placed))
	if err != nil {
		t.Fatalf("open the hosted page: %v", err)
	}
	return page
}

func (s *Shopper) hosted(placed flow.Placed) flow.HostedPage {
	return flow.HostedPage{
		StoreID: StoreID, OrderID: placed.OrderID, Lang: i18n.Ja,
		ReturnURL: "http://shop.example/return", CancelURL: "http://shop.example/cancel",
	}
}

// Return is the customer coming back from a hosted page.
func (s *Shopper) Return(t testing.TB, placed flow.Placed) string {
	t.Helper()
	next, err := s.w.Flow.PaymentReturn(t.Context(), StoreID, placed.OrderID, "http://shop.example/return")
	if err != nil {
		t.Fatalf("return from the hosted page: %v", err)
	}
	return next
}

// GiveCard stores another card for an open order at the hosted page, and comes
// back.
func (s *Shopper) GiveCard(t testing.TB, orderID ident.ID, card string) {
	t.Helper()
	placed := flow.Placed{OrderID: orderID}
	page, err := s.w.Flow.OpenCardPage(t.Context(), s.hosted(placed))
	if err != nil {
		t.Fatalf("open the card page: %v", err)
	}
	s.w.PayPage(t, page, card)
	s.Return(t, placed)
}

// Orders are the shopper's orders, the oldest first.
func (s *Shopper) Orders(t testing.TB) []order.Order {
	t.Helper()
	list, err := db.OrdersOf(t.Context(), s.w.DB, StoreID, s.Customer.ID, 100)
	if err != nil {
		t.Fatalf("read orders: %v", err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// Subscription is the shopper's only subscription with its deliveries.
func (s *Shopper) Subscription(t testing.TB) (subscription.Subscription, []subscription.Delivery) {
	t.Helper()
	list, err := db.SubscriptionsOf(t.Context(), s.w.DB, StoreID, s.Customer.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d subscriptions, %v", len(list), err)
	}
	deliveries, err := db.Deliveries(t.Context(), s.w.DB, StoreID, []ident.ID{list[0].ID})
	if err != nil {
		t.Fatalf("read deliveries: %v", err)
	}
	return list[0], deliveries[list[0].ID]
}
