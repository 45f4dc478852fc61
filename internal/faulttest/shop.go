package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// shop is a store with due work, as it stands before the processes begin.
type shop struct {
	t             testing.TB
	db            *db.DB
	settings      store.Settings
	plenty, scant catalog.Product
	now           time.Time

	due           []ident.ID
	subscriptions []db.NewSubscription
	deliveries    []subscription.Delivery
	known         known
	onHand        map[ident.ID]int64
}

// known is what the simulator is told of cards that were stored elsewhere.
type known struct {
	Customers []knownObject `json:"customers"`
	Methods   []knownObject `json:"payment_methods"`
}

type knownObject struct {
	ID        string `json:"id"`
	Customer  string `json:"customer,omitempty"`
	Behaviour string `json:"behaviour,omitempty"`
}

// pieces on hand of goods that all can have.
const pieces = 1_000_000

// openShop puts a store with due deliveries into the database that dbtest made,
// with the simulator as its gateway and the mail server at a port.
func openShop(t testing.TB, d *db.DB, simURL string, mailPort, due int) *shop {
	t.Helper()
	s := &shop{t: t, db: d, now: app.Wall(), onHand: map[ident.ID]int64{}}
	_, s.settings = fixture.Store(t, d, thread.StoreID)
	s.settings.Payment.GatewayURL = simURL
	s.settings.Mail.Host, s.settings.Mail.Port, s.settings.Mail.TLS = "127.0.0.1", mailPort, "none"
	s.write(func(ctx context.Context, tx db.Tx) error {
		if err := link(ctx, tx, s.settings, s.now); err != nil {
			return err
		}
		return db.AddHost(ctx, tx, thread.StoreID, "127.0.0.1")
	})
	s.plenty = s.product("HB-BLEND", pieces)
	s.scant = s.product("HB-RARE", int64(due)*scantPercent/400) // of each variant: for half of those who want it
	for i := 0; len(s.due) < due; i++ {
		s.add(i)
	}
	s.write(func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertSubscriptions(ctx, tx, thread.StoreID, s.subscriptions, s.now); err != nil {
			return err
		}
		return db.InsertDeliveries(ctx, tx, thread.StoreID, s.deliveries)
	})
	tell(t, simURL+"/_sim/known", s.known)
	return s
}

// link tells a store of its gateway and mail server, which stand in its settings.
func link(ctx context.Context, tx db.Tx, settings store.Settings, now time.Time) error {
	for group, document := range map[db.SettingsGroup]any{db.SettingsPayment: settings.Payment, db.SettingsMail: settings.Mail} {
		version, err := db.SettingsVersion(ctx, tx, thread.StoreID, group)
		if err != nil {
			return err
		}
		if err := db.SaveSettings(ctx, tx, thread.StoreID, group, document, version, now); err != nil {
			return err
		}
	}
	box := seal.New(thread.InstanceSecret)
	for name, value := range map[string]string{
		flow.SecretGatewayKey: thread.GatewayKey, flow.SecretWebhook: thread.WebhookSecret,
	} {
		if err := db.PutSecret(ctx, tx, thread.StoreID, name, box.Seal(thread.StoreID, name, []byte(value)), now); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) write(fn func(context.Context, db.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), fn); err != nil {
		s.t.Fatalf("set up the shop: %v", err)
	}
}

func (s *shop) product(code string, onHand int64) catalog.Product {
	p := fixture.Product(s.t, s.db, app.NewID, thread.StoreID, code, onHand)
	for _, v := range p.Variants {
		s.onHand[v.ID] = onHand
	}
	return p
}

// scantPercent of the subscriptions want what there is too little of.
const scantPercent = 8

// cycle of all subscriptions: none of the boxes after the due ones falls due
// while the test runs.
var cycle = calendar.Cycle{Every: 2, Unit: calendar.UnitWeek}

// add makes the i-th subscription. Of a hundred, some are unlike the others.
func (s *shop) add(i int) {
	who := fixture.Customer(s.t, s.db, app.NewID, thread.StoreID, fmt.Sprintf("c%04d@example.jp", i))
	product, behaviour, dueSlots := s.plenty, "ok", 1
	sub := subscription.Subscription{
		ID: app.NewID(), Number: fmt.Sprintf("S%06d", i+1), CustomerID: who.Customer.ID,
		State: subscription.StateActive, Currency: "JPY", Cycle: cycle, Minimum: 1, BoxesOrdered: firstBox,
		AddressID: who.Address.ID, ShippingMethod: "takkyubin", TimeSlot: "1820", Pays: string(pricing.MethodCard),
		CardID: who.Card.ID, GraceDays: 5, Visible: 3, DeadlineNotice: i%4 == 0,
	}
	switch kind := i % 100; {
	case kind < 4:
		behaviour = "insufficient_funds"
	case kind < 6:
		behaviour = "lost_card"
	case kind < 7:
		behaviour = "3ds_always"
	case kind < 17:
		sub.Pays, sub.CardID = string(pricing.MethodCOD), ident.ID{}
	case kind < 17+scantPercent:
		product = s.scant
	case kind < 27:
		sub.State = subscription.StatePaused
	case kind < 28:
		sub.Count = firstBox // used up
	case kind < 30:
		dueSlots = 2 // after a downtime
	case kind < 31:
		sub.CardID = ident.ID{}
	}
	variant := product.Variants[i%len(product.Variants)]
	price := variant.Prices["JPY"]
	sub.ProductID = product.ID
	sub.Items = []subscription.Item{{
		ID: app.NewID(), VariantID: variant.ID, Quantity: 1, Agreed: price.Subscription, First: price.First, Regular: price.Regular,
	}}
	s.known.Customers = append(s.known.Customers, knownObject{ID: who.Customer.GatewayID})
	s.known.Methods = append(s.known.Methods, knownObject{ID: who.Card.GatewayID, Customer: who.Customer.GatewayID, Behaviour: behaviour})
	s.plan(sub, dueSlots)
}

// plan gives a subscription its due boxes, the last with the deadline of
// yesterday's end, so that it can still ship on its day.
func (s *shop) plan(sub subscription.Subscription, dueSlots int) {
	zone := fixture.Shop(thread.StoreID).Location()
	today := calendar.DateOf(s.now.In(zone))
	const transit = 1
	terms := s.settings.Terms(zone, sub.GraceDays, transit)
	const days = 14 // of a cycle
	sub.LastSlot = 1 + dueSlots
	sub.Anchor = today.AddDays(sub.GraceDays - 1 - days*dueSlots)
	var first time.Time
	for slot := 2; slot <= sub.LastSlot; slot++ {
		planned, ok := calendar.Plan(cycle.Slot(sub.Anchor, slot), terms)
		if !ok || planned.Deadline.After(s.now) {
			s.t.Fatalf("slot %d of %s is not due: %+v", slot, sub.Number, planned)
		}
		d := subscription.FromPlanned(sub.ID, slot, planned)
		d.ID = app.NewID()
		s.deliveries = append(s.deliveries, d)
		s.due = append(s.due, d.ID)
		if first.IsZero() {
			first = planned.Deadline
		}
	}
	s.subscriptions = append(s.subscriptions, db.NewSubscription{
		Subscription: sub, Terms: json.RawMessage(`{}`), NextDue: first,
	})
}

// tell posts a control to the simulator.
func tell(t testing.TB, address string, control any) {
	t.Helper()
	body, err := json.Marshal(control)
	if err != nil {
		t.Fatalf("write a control: %v", err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("post to %s: %v", address, err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("post to %s: %v", address, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("post to %s: status %d", address, answer.StatusCode)
	}
}

// freeAddress is one that nobody listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
