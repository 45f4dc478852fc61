package ground

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// What every benchmark's shop has.
const (
	StoreID       = 1
	GatewayKey    = "sk_test_bench"
	WebhookSecret = "whsec_bench"
	Password      = "焙煎したての豆が好き"
	StaffMail     = "owner@hibari.example"
	// pieces on hand of each variant: more than any run orders.
	pieces = 100_000_000
)

var instanceSecret = bytes.Repeat([]byte{9}, seal.SecretSize)

// SecretEnv hands the instance secret to a process.
func SecretEnv() string { return app.SecretEnv + "=" + hex.EncodeToString(instanceSecret) }

// Shop is a store with subscriptions in an otherwise empty database.
type Shop struct {
	place    *Place
	now      time.Time
	zone     *time.Location
	settings store.Settings
	variants []catalog.Variant
	product  ident.ID
	hash     string // of the Password
}

// Plan says how a shop is to be.
type Plan struct {
	Subscriptions int
	Due           int // of them; the first ones
	Shoppers      int // customers who can log in
	SimURL        string
	MailPort      int
	Host          string // address the pages are served at
}

// seedBatch are subscriptions of one transaction.
const seedBatch = 500

// Seed fills the database. The due subscriptions have a box whose deadline has
// passed, but no time at which the engine looks at them: see Release. What the
// simulator must know is told it.
func Seed(ctx context.Context, p *Place, plan Plan) (*Shop, error) {
	s := &Shop{place: p, now: app.Wall().UTC().Truncate(time.Microsecond), settings: fixture.Settings()}
	shop := fixture.Shop(StoreID)
	s.zone = shop.Location()
	s.settings.Payment.GatewayURL = plan.SimURL
	s.settings.Profile.BaseURL = "http://" + plan.Host
	s.settings.Mail.Host, s.settings.Mail.Port, s.settings.Mail.TLS = "127.0.0.1", plan.MailPort, "none"
	if err := p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return s.open(ctx, tx, shop) }); err != nil {
		return nil, fmt.Errorf("open the shop: %w", err)
	}
	hash := auth.Hash(Password)
	if err := p.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		owner := staff.Member{ID: app.NewID(), Mail: StaffMail, Name: "雲雀 奏", Lang: "ja"}
		if err := db.InsertStaff(ctx, tx, owner, hash, s.now); err != nil {
			return err
		}
		if err := db.SetStaffRole(ctx, tx, StoreID, owner.ID, staff.RoleOwner); err != nil {
			return err
		}
		s.hash = hash
		for i := range plan.Shoppers {
			if _, err := s.person(ctx, tx, ShopperMail(i), fmt.Sprintf("W%06d", i+1), hash); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("let shoppers in: %w", err)
	}
	return s, s.subscribe(ctx, plan)
}

// ShopperMail is the address of the i-th customer who can log in.
func ShopperMail(i int) string { return fmt.Sprintf("shopper%d@example.jp", i) }

// MemberMail is the address of the i-th subscriber.
func MemberMail(i int) string { return fmt.Sprintf("member%07d@example.jp", i) }

func (s *Shop) open(ctx context.Context, tx db.Tx, shop store.Store) error {
	if err := db.InsertStore(ctx, tx, shop, s.now); err != nil {
		return err
	}
	if err := db.AddHost(ctx, tx, StoreID, "127.0.0.1"); err != nil {
		return err
	}
	for group, document := range map[db.SettingsGroup]any{
		db.SettingsProfile: s.settings.Profile, db.SettingsDelivery: s.settings.Delivery, db.SettingsTax: s.settings.Tax,
		db.SettingsPayment: s.settings.Payment, db.SettingsMail: s.settings.Mail,
	} {
		if err := db.SaveSettings(ctx, tx, StoreID, group, document, 0, s.now); err != nil {
			return err
		}
	}
	box := seal.New(instanceSecret)
	for name, value := range map[string]string{flow.SecretGatewayKey: GatewayKey, flow.SecretWebhook: WebhookSecret} {
		if err := db.PutSecret(ctx, tx, StoreID, name, box.Seal(StoreID, name, []byte(value)), s.now); err != nil {
			return err
		}
	}
	if err := db.CreateInstance(ctx, tx, box.Check(), s.now); err != nil {
		return err
	}
	for _, code := range []string{"HB-BLEND", "HB-RARE", "HB-DECAF"} {
		product, err := db.UpsertProduct(ctx, tx, StoreID, fixture.Blend(app.NewID, code), s.now)
		if err != nil {
			return err
		}
		for _, v := range product.Variants {
			if err := db.SetStock(ctx, tx, StoreID, v.ID, pieces, 0, calendar.Date{}, app.NewID(), s.now); err != nil {
				return err
			}
		}
		if s.variants == nil {
			s.variants, s.product = product.Variants, product.ID
		}
	}
	return nil
}

// person is a customer with an address and a card.
func (s *Shop) person(ctx context.Context, tx db.Tx, mail, number, hash string) (fixture.Person, error) {
	name := place.Name{Family: "早川", Given: "千尋", FamilyKana: "ハヤカワ", GivenKana: "チヒロ"}
	p := fixture.Person{
		Customer: customer.Customer{
			ID: app.NewID(), Number: number, Name: name, Mail: mail, Phone: "090-5550-0142", Lang: "ja", CreatedAt: s.now,
		},
		Address: customer.Address{ID: app.NewID(), Address: place.Address{
			Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6",
			Name: name, Phone: "090-5550-0142",
		}},
		Card: customer.Card{ID: app.NewID(), Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: s.now.Year() + 4},
	}
	p.Address.CustomerID, p.Card.CustomerID = p.Customer.ID, p.Customer.ID
	p.Customer.GatewayID, p.Card.GatewayID = "cus_"+p.Customer.ID.String(), "pm_"+p.Card.ID.String()
	p.Card.Fingerprint = "fp_" + p.Card.ID.String()
	if err := db.InsertCustomer(ctx, tx, StoreID, p.Customer, hash); err != nil {
		return p, err
	}
	if err := db.InsertAddress(ctx, tx, StoreID, p.Address, s.now); err != nil {
		return p, err
	}
	card, err := db.UpsertCard(ctx, tx, StoreID, p.Card, s.now)
	p.Card = card
	return p, err
}

// known is what the simulator is told of cards that were stored elsewhere.
type known struct {
	Customers []knownObject `json:"customers"`
	Methods   []knownObject `json:"payment_methods"`
}

type knownObject struct {
	ID       string `json:"id"`
	Customer string `json:"customer,omitempty"`
}

// subscribe makes the subscriptions, several transactions at a time where the
// database takes them.
func (s *Shop) subscribe(ctx context.Context, plan Plan) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for from := 0; from < plan.Subscriptions; from += seedBatch {
		group.Go(func() error {
			var told known
			err := s.place.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
				told = known{} // a transaction may run again
				return s.batch(ctx, tx, from, min(from+seedBatch, plan.Subscriptions), plan.Due, &told)
			})
			if err != nil {
				return fmt.Errorf("seed subscriptions: %w", err)
			}
			if len(told.Customers) == 0 {
				return nil
			}
			return Tell(ctx, plan.SimURL+"/_sim/known", told)
		})
	}
	return group.Wait()
}

func (s *Shop) batch(ctx context.Context, tx db.Tx, from, to, due int, told *known) error {
	var subscriptions []db.NewSubscription
	var deliveries []subscription.Delivery
	for i := from; i < to; i++ {
		who, err := s.person(ctx, tx, MemberMail(i), fmt.Sprintf("C%07d", i+1), s.hash)
		if err != nil {
			return err
		}
		n, boxes := s.subscription(i, i < due, who)
		subscriptions, deliveries = append(subscriptions, n), append(deliveries, boxes...)
		if i < due {
			told.Customers = append(told.Customers, knownObject{ID: who.Customer.GatewayID})
			told.Methods = append(told.Methods, knownObject{ID: who.Card.GatewayID, Customer: who.Customer.GatewayID})
		}
	}
	if err := db.InsertSubscriptions(ctx, tx, StoreID, subscriptions, s.now); err != nil {
		return err
	}
	return db.InsertDeliveries(ctx, tx, StoreID, deliveries)
}

// Of every subscription.
const (
	graceDays   = 5
	visible     = 3
	transitDays = 1
	spreadDays  = 27 // over which the next boxes of those not due are spread
)

// subscription comes every four weeks, its second box next. The box of one that is
// due had its deadline at the end of yesterday and can still ship on its day.
func (s *Shop) subscription(i int, due bool, who fixture.Person) (db.NewSubscription, []subscription.Delivery) {
	cycle := calendar.Cycle{Every: 4, Unit: calendar.UnitWeek}
	today := calendar.DateOf(s.now.In(s.zone))
	next := today.AddDays(graceDays - 1)
	if !due {
		next = today.AddDays(graceDays + 2 + i%spreadDays)
	}
	variant := s.variants[i%len(s.variants)]
	price := variant.Prices["JPY"]
	sub := subscription.Subscription{
		ID: app.NewID(), Number: fmt.Sprintf("T%07d", i+1), CustomerID: who.Customer.ID, State: subscription.StateActive,
		Currency: "JPY", ProductID: s.product, Cycle: cycle, Anchor: next.AddDays(-28), Minimum: 1, BoxesOrdered: 1,
		AddressID: who.Address.ID, ShippingMethod: "takkyubin", TimeSlot: "1820", Pays: string(pricing.MethodCard),
		CardID: who.Card.ID, GraceDays: graceDays, Visible: visible,
		Items: []subscription.Item{{
			ID: app.NewID(), VariantID: variant.ID, Quantity: 1,
			Agreed: price.Subscription, First: price.First, Regular: price.Regular,
		}},
	}
	boxes := sub.Upcoming(1, 0, calendar.Planned{}, s.settings.Terms(s.zone, graceDays, transitDays))
	for j := range boxes {
		boxes[j].ID, boxes[j].Quoted = app.NewID(), price.Subscription
	}
	sub.LastSlot = boxes[len(boxes)-1].Slot
	n := db.NewSubscription{Subscription: sub, Terms: json.RawMessage(`{}`)}
	if !due {
		n.NextDue = boxes[0].Deadline
	}
	return n, boxes
}

// Tell posts a control to the simulator.
func Tell(ctx context.Context, address string, control any) error {
	body, err := json.Marshal(control)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("post to %s: status %d", address, answer.StatusCode)
	}
	return nil
}
