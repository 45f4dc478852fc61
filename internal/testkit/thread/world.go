// Package thread sets up the whole thread for a test: a database, the use cases,
// the engine, the Stripe simulator behind HTTP and a mail server that remembers.
// Nothing of ours is imitated.
package thread

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/stripesim"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// Secrets that every world uses.
const (
	GatewayKey    = "sk_test_thread"
	WebhookSecret = "whsec_thread"
	StoreID       = 1
)

// InstanceSecret is the installation's, outside the database.
var InstanceSecret = bytes.Repeat([]byte{7}, seal.SecretSize)

// World is a shop with everything around it.
type World struct {
	DB      *db.DB
	Flow    *flow.Flow
	Engine  *engine.Engine
	Clock   *Clock
	Wall    *Wall
	Mails   *Recorder
	Sim     *stripesim.Server
	SimURL  string
	Product catalog.Product

	texts *i18n.Catalog
}

// Clock is a clock that only a test moves.
type Clock struct{ micros atomic.Int64 }

// Now is the time.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// Forward moves the clock by a while.
func (c *Clock) Forward(d time.Duration) { c.micros.Add(d.Microseconds()) }

// Wall is the machine's clock, of leases, keys and signatures, which a test may
// put ahead.
type Wall struct{ ahead atomic.Int64 }

// Now is the time.
func (w *Wall) Now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// Forward puts the clock ahead by a while.
func (w *Wall) Forward(d time.Duration) { w.ahead.Add(int64(d)) }

// Recorder is a mail server that keeps what it is given. Failing makes the next
// mails fail; Cut accepts the next mails but loses the answer.
type Recorder struct {
	mu      sync.Mutex
	mails   []mail.Message
	Failing atomic.Int32
	Cut     atomic.Int32
}

// Send keeps the mail.
func (r *Recorder) Send(_ context.Context, m mail.Message) error {
	if r.Failing.Add(-1) >= 0 {
		return &mail.Error{Class: mail.Temporary, Code: 451, Doing: "send"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mails = append(r.mails, m)
	if r.Cut.Add(-1) >= 0 {
		return &mail.Error{Class: mail.Temporary, Doing: "read the answer"}
	}
	return nil
}

// To returns the mails to a recipient, in the order they came.
func (r *Recorder) To(recipient string) []mail.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []mail.Message
	for _, m := range r.mails {
		if m.To.Mail == recipient {
			list = append(list, m)
		}
	}
	return list
}

// New makes a world in an empty database with a shop that has one product, of
// which stock pieces of each variant lie in the shelf.
func New(t testing.TB, d *db.DB, stock int64) *World {
	t.Helper()
	w := &World{DB: d, Clock: &Clock{}, Wall: &Wall{}, Mails: &Recorder{}}
	w.Clock.Set(fixture.Start)
	sim, err := stripesim.New(stripesim.Options{
		Clock: w.Clock.Now, Wall: w.Wall.Now, SecretKey: GatewayKey, WebhookSecret: WebhookSecret,
	})
	if err != nil {
		t.Fatalf("start the simulator: %v", err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		if err := sim.Close(); err != nil { // first: a hanging request would keep the server
			t.Errorf("close the simulator: %v", err)
		}
		server.Close()
	})
	w.Sim, w.SimURL = sim, server.URL
	texts, err := i18n.Load()
	if err != nil {
		t.Fatalf("load the catalogues: %v", err)
	}
	w.texts = texts
	w.Flow, w.Engine = w.Process()
	_, settings := fixture.Store(t, d, StoreID)
	settings.Payment.GatewayURL = server.URL
	w.write(t, func(ctx context.Context, tx db.Tx) error {
		version, err := db.SettingsVersion(ctx, tx, StoreID, db.SettingsPayment)
		if err != nil {
			return err
		}
		if err := db.SaveSettings(ctx, tx, StoreID, db.SettingsPayment, settings.Payment, version, fixture.Start); err != nil {
			return err
		}
		for name, value := range map[string]string{flow.SecretGatewayKey: GatewayKey, flow.SecretWebhook: WebhookSecret} {
			if err := db.PutSecret(ctx, tx, StoreID, name, w.Flow.Secrets.Seal(StoreID, name, []byte(value)), fixture.Start); err != nil {
				return err
			}
		}
		return nil
	})
	w.Product = fixture.Product(t, d, w.Flow.NewID, StoreID, "HB-BLEND", stock)
	return w
}

// Process is a further process on the same database: use cases and engine with
// nothing shared in memory but the clocks.
func (w *World) Process() (*flow.Flow, *engine.Engine) {
	f := &flow.Flow{
		DB: w.DB, Secrets: seal.New(InstanceSecret), Texts: w.texts,
		Mailer: func(context.Context, flow.Shop) (mail.Sender, error) { return w.Mails, nil },
		NewID:  func() ident.ID { return ident.ID(uuid.Must(uuid.NewV7())) },
		Now:    w.Clock.Now, Wall: w.Wall.Now,
	}
	return f, engine.New(f)
}

// Pass moves both clocks by a while and lets the engine do what is due then.
func (w *World) Pass(t testing.TB, d time.Duration) {
	t.Helper()
	w.Clock.Forward(d)
	w.Wall.Forward(d)
	w.Drain(t)
}

func (w *World) write(t testing.TB, fn func(context.Context, db.Tx) error) {
	t.Helper()
	if err := w.DB.Write(t.Context(), fn); err != nil {
		t.Fatalf("set up the world: %v", err)
	}
}

// Drain lets the engine do all that is due.
func (w *World) Drain(t testing.TB) {
	t.Helper()
	if err := w.Engine.Drain(t.Context()); err != nil {
		t.Fatalf("drain the engine: %v", err)
	}
}

// AdvanceTo moves the clock deadline by deadline, as a demo does, and lets the
// engine work at each.
func (w *World) AdvanceTo(t testing.TB, target time.Time) {
	t.Helper()
	w.Drain(t)
	for {
		next, ok, err := w.Engine.NextDue(t.Context())
		if err != nil {
			t.Fatalf("find the next deadline: %v", err)
		}
		if !ok || next.After(target) {
			break
		}
		if next.After(w.Clock.Now()) {
			w.Clock.Set(next)
		}
		w.Drain(t)
	}
	w.Clock.Set(target)
	w.Drain(t)
}

// PayPage fills in the hosted card page at the address and returns where the
// simulator sends the customer then, approving 3-D Secure where it is asked for.
func (w *World) PayPage(t testing.TB, address, card string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	location := post(t, client, address, url.Values{
		"number": {card}, "expiry": {"12/34"}, "cvc": {"123"}, "name": {"HANA YOSHIDA"},
	})
	for strings.Contains(location, "/c/3ds/") {
		location = post(t, client, w.absolute(location), url.Values{"answer": {"approve"}})
	}
	return location
}

// Approve answers the bank's question at a 3-D Secure page.
func (w *World) Approve(t testing.TB, address string) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return post(t, client, w.absolute(address), url.Values{"answer": {"approve"}})
}

func (w *World) absolute(address string) string {
	if strings.HasPrefix(address, "/") {
		return w.SimURL + address
	}
	return address
}

func post(t testing.TB, client *http.Client, address string, form url.Values) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatalf("post to %s: %v", address, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("post to %s: %v", address, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusSeeOther {
		t.Fatalf("post to %s: status %d", address, response.StatusCode)
	}
	return response.Header.Get("Location")
}

// Charge is a charge in the simulator's ledger.
type Charge struct {
	Intent   string            `json:"intent"`
	Customer string            `json:"customer"`
	Amount   int64             `json:"amount"`
	Status   string            `json:"status"`
	Created  int64             `json:"created"` // Unix time of the business clock
	Metadata map[string]string `json:"metadata"`
}

// Ledger is the money that really moved at the gateway.
type Ledger struct {
	Charges []Charge `json:"charges"`
	Counts  struct {
		ChargesSucceeded    int            `json:"charges_succeeded"`
		Intents             map[string]int `json:"intents"` // by status
		IntentsChargedTwice int            `json:"intents_charged_twice"`
	} `json:"counts"`
}

// Succeeded are the charges that took money.
func (l Ledger) Succeeded() []Charge {
	var list []Charge
	for _, c := range l.Charges {
		if c.Status == "succeeded" {
			list = append(list, c)
		}
	}
	return list
}

// Ledger reads the simulator's ledger.
func (w *World) Ledger(t testing.TB) Ledger { return ReadLedger(t, w.SimURL) }

// ReadLedger reads the ledger of a simulator.
func ReadLedger(t testing.TB, simURL string) Ledger {
	t.Helper()
	var l Ledger
	call(t, http.MethodGet, simURL+"/_sim/ledger", nil, &l)
	return l
}

// Fault tells the simulator to misbehave; see its /_sim/faults.
func (w *World) Fault(t testing.TB, endpoint, when, kind string, count int) {
	t.Helper()
	call(t, http.MethodPost, w.SimURL+"/_sim/faults", map[string]any{
		"endpoint": endpoint, "when": when, "kind": kind, "count": count,
	}, nil)
}

// Hang makes the simulator keep the next requests to an endpoint waiting, and
// then break the connection.
func (w *World) Hang(t testing.TB, endpoint, when string, wait time.Duration, count int) {
	t.Helper()
	call(t, http.MethodPost, w.SimURL+"/_sim/faults", map[string]any{
		"endpoint": endpoint, "when": when, "kind": "hang", "count": count, "delay_ms": wait.Milliseconds(),
	}, nil)
}

// Faults are the simulator's faults that have not struck often enough yet.
func (w *World) Faults(t testing.TB) []json.RawMessage {
	t.Helper()
	var left []json.RawMessage
	call(t, http.MethodGet, w.SimURL+"/_sim/faults", nil, &left)
	return left
}

// Heal ends all faults of the simulator.
func (w *World) Heal(t testing.TB) {
	t.Helper()
	call(t, http.MethodDelete, w.SimURL+"/_sim/faults", nil, nil)
}

// Know makes the simulator know a card that was stored elsewhere.
func (w *World) Know(t testing.TB, customerID, methodID, behaviour string) {
	t.Helper()
	call(t, http.MethodPost, w.SimURL+"/_sim/known", map[string]any{
		"customers":       []map[string]any{{"id": customerID}},
		"payment_methods": []map[string]any{{"id": methodID, "customer": customerID, "behaviour": behaviour}},
	}, nil)
}

func call(t testing.TB, method, address string, body, answer any) {
	t.Helper()
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			t.Fatalf("write a request: %v", err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, address, &content)
	if err != nil {
		t.Fatalf("make a request: %v", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: status %d", method, address, response.StatusCode)
	}
	if answer == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		t.Fatalf("%s %s: %v", method, address, fmt.Errorf("read the answer: %w", err))
	}
}
