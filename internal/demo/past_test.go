package demo_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/stripesim"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// letters is a mail server that refuses whom the story says nobody reaches.
type letters struct{ taken atomic.Int64 }

func (l *letters) Send(_ context.Context, m mail.Message) error {
	if demo.Unreachable(m.To.Mail) {
		return &mail.Error{Class: mail.Permanent, Code: 550, Doing: "name the recipient"}
	}
	l.taken.Add(1)
	return nil
}

// lived is a shop that has lived through its past.
type lived struct {
	db     *db.DB
	today  calendar.Date
	ledger thread.Ledger
	mails  int64
}

// live lets the demo begin at an instant.
func live(t *testing.T, now time.Time) lived {
	t.Helper()
	d, err := db.OpenScratch(t.Context(), filepath.Join(t.TempDir(), "past.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock := &thread.Clock{}
	clock.Set(demo.Opening(now))
	sim, err := stripesim.New(stripesim.Options{Clock: clock.Now, Wall: time.Now, SecretKey: thread.GatewayKey})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(func() { _ = sim.Close(); server.Close() })
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	sent := &letters{}
	f := &flow.Flow{
		DB: d, Secrets: seal.New(bytes.Repeat([]byte{7}, seal.SecretSize)), Texts: texts, NewID: demo.IDs(clock.Now),
		Now: clock.Now, Wall: time.Now, Mailer: func(context.Context, flow.Shop) (mail.Sender, error) { return sent, nil },
	}
	if err := demo.Seed(t.Context(), f, logins); err != nil {
		t.Fatal(err)
	}
	payment := demo.Settings().Payment
	payment.GatewayURL = server.URL
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		key := f.Secrets.Seal(demo.StoreID, flow.SecretGatewayKey, []byte(thread.GatewayKey))
		if err := db.PutSecret(ctx, tx, demo.StoreID, flow.SecretGatewayKey, key, now); err != nil {
			return err
		}
		return db.SaveSettings(ctx, tx, demo.StoreID, db.SettingsPayment, payment, 1, now)
	}); err != nil {
		t.Fatal(err)
	}
	terms := func(i18n.Lang) func(flow.Proposal) (string, error) {
		return func(flow.Proposal) (string, error) { return "<p>as shown</p>", nil }
	}
	if err := demo.Live(t.Context(), demo.Past{
		Flow: f, Engine: engine.New(f), SetClock: clock.Set, Terms: terms, SimulatorURL: server.URL, Logins: logins,
	}, now); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return lived{
		db: d, today: calendar.DateOf(now.In(zone)), ledger: thread.ReadLedger(t, server.URL), mails: sent.taken.Load(),
	}
}

// begins is a day after the end of a short month.
var begins = time.Date(2027, 3, 2, 1, 30, 0, 0, time.UTC)

func TestTheDemoBeginsAsARunningBusinessWithTrueBooks(t *testing.T) {
	shop := live(t, begins)
	ctx := t.Context()

	states, err := db.CountSubscriptions(ctx, shop.db, demo.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	for state, least := range map[subscription.State]int{
		subscription.StateActive: 60, subscription.StatePaused: 4, subscription.StateCancelled: 8,
		subscription.StateCompleted: 3, subscription.StateAwaitingPayment: 1,
	} {
		if states[state] < least {
			t.Errorf("%d subscriptions are %s, want %d at least", states[state], state, least)
		}
	}
	open, err := db.OpenAlerts(ctx, shop.db, demo.StoreID, ident.ID{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[alert.Kind]int{}
	for _, a := range open {
		kinds[a.Kind]++
	}
	for _, kind := range []alert.Kind{
		alert.KindPaymentFailed, alert.KindAuthentication, alert.KindStockOut, alert.KindProductEnded, alert.KindMissed,
		alert.KindMailRefused,
	} {
		if kinds[kind] == 0 {
			t.Errorf("no alert of %s is open: %v", kind, kinds)
		}
	}
	if kinds[alert.KindQuarantined] > 0 || kinds[alert.KindPaymentUnclear] > 0 || kinds[alert.KindLateMoney] > 0 {
		t.Errorf("the story broke something: %v", kinds)
	}
	shop.due(t)
	shop.sound(t)
	if shop.mails < 300 {
		t.Errorf("%d mails in half a year", shop.mails)
	}
}

// due wants deadlines tonight and tomorrow night.
func (l lived) due(t *testing.T) {
	t.Helper()
	days := map[calendar.Date]int{}
	for _, s := range l.subscriptions(t) {
		deliveries, err := db.OpenDeliveries(t.Context(), l.db, demo.StoreID, []ident.ID{s.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range deliveries[s.ID] {
			if d.State == subscription.DeliveryPlanned && s.State == subscription.StateActive {
				days[d.DeadlineDate]++
			}
		}
	}
	if days[l.today] < 3 || days[l.today.AddDays(1)] < 3 {
		t.Errorf("%d deadlines tonight and %d tomorrow", days[l.today], days[l.today.AddDays(1)])
	}
}

func (l lived) subscriptions(t *testing.T) []subscription.Subscription {
	t.Helper()
	list, _, err := db.FindSubscriptions(t.Context(), l.db, demo.StoreID, db.SubscriptionFilter{}, db.SubscriptionKey{}, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sound wants every paid order charged once with its own sum, and the shelf to
// hold what the orders that have not left it do.
func (l lived) sound(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	orders, err := db.OrderList(ctx, l.db, demo.StoreID, db.OrderFilter{Limit: 10_000})
	if err != nil || len(orders) < 250 {
		t.Fatalf("%d orders, %v", len(orders), err)
	}
	ids, reserved := make([]ident.ID, len(orders)), map[ident.ID]int64{}
	for i, o := range orders {
		ids[i] = o.ID
		switch o.Fulfilment {
		case order.FulfilmentHeld, order.FulfilmentReady:
			for _, line := range o.Lines {
				reserved[line.VariantID] += line.Quantity
			}
		case order.FulfilmentInstructed, order.FulfilmentShipped, order.FulfilmentDelivered, order.FulfilmentCancelled:
		}
	}
	payments, err := db.PaymentsOfOrders(ctx, l.db, demo.StoreID, ids)
	if err != nil {
		t.Fatal(err)
	}
	charged, orderOf := map[ident.ID]int64{}, map[string]ident.ID{}
	for _, p := range payments {
		orderOf[p.ID.String()] = p.OrderID
	}
	for _, c := range l.ledger.Succeeded() {
		id := orderOf[c.Metadata["payment_id"]]
		if charged[id] != 0 {
			t.Errorf("order %s is charged twice", id)
		}
		charged[id] += c.Amount
	}
	for _, o := range orders {
		want := int64(0)
		if o.Payment == order.PaymentPaid {
			want = o.Total
		}
		if charged[o.ID] != want {
			t.Errorf("order %s is %s and was charged %d of %d", o.Number, o.Payment, charged[o.ID], o.Total)
		}
	}
	products, err := db.Products(ctx, l.db, demo.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range products {
		for _, v := range p.Variants {
			counts, err := db.StockCounts(ctx, l.db, demo.StoreID, []ident.ID{v.ID})
			if err != nil {
				t.Fatal(err)
			}
			if counts[v.ID].Reserved != reserved[v.ID] {
				t.Errorf("%s: %d pieces are reserved, the orders hold %d", v.SKU, counts[v.ID].Reserved, reserved[v.ID])
			}
		}
	}
}
