package stripesim_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

const secretKey = "sk_test_simulator"

// beginning is when every simulator of these tests starts.
var beginning = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// clock is a settable clock.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// sim is a running simulator with a client of ours and a browser that follows no redirects.
type sim struct {
	t       *testing.T
	server  *stripesim.Server
	http    *httptest.Server
	client  *stripe.Client
	clock   *clock
	browser *http.Client
}

func start(t *testing.T, change ...func(*stripesim.Options)) *sim {
	t.Helper()
	s := &sim{t: t, clock: &clock{now: beginning}}
	opts := stripesim.Options{Clock: s.clock.Now, SecretKey: secretKey, Merchant: "ひばり珈琲"}
	for _, f := range change {
		f(&opts)
	}
	server, err := stripesim.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.server = server
	s.http = httptest.NewServer(server)
	s.client = stripe.New(stripe.Config{BaseURL: s.http.URL, SecretKey: secretKey})
	s.browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(s.stop)
	return s
}

// stop closes the simulator first: a call that hangs ends by that.
func (s *sim) stop() {
	if err := s.server.Close(); err != nil {
		s.t.Errorf("close: %v", err)
	}
	s.http.CloseClientConnections()
	s.http.Close()
}

func (s *sim) ctx() context.Context { return s.t.Context() }

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// customerWith makes a customer with a saved card that behaves as given.
func (s *sim) customerWith(behaviour string) (customer, method string) {
	s.t.Helper()
	c := must(s.client.CreateCustomer(s.ctx(), "customer-"+behaviour+s.t.Name(), stripe.CustomerParams{Email: "hana@example.jp"}))(s.t)
	method = "pm_known_" + behaviour
	s.control("/_sim/known", map[string]any{
		"payment_methods": []map[string]any{{"id": method, "customer": c.ID, "behaviour": behaviour}},
	})
	return c.ID, method
}

func (s *sim) intent(key, customer, method string, amount int64) stripe.Intent {
	s.t.Helper()
	return must(s.client.CreateIntent(s.ctx(), key, stripe.IntentParams{
		Amount: amount, Currency: "jpy", Customer: customer, PaymentMethod: method,
		Metadata: map[string]string{"delivery": key},
	}))(s.t)
}

func (s *sim) control(path string, body any) {
	s.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.http.URL+path, "application/json", strings.NewReader(string(encoded)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		s.t.Fatalf("POST %s %s: %d %s", path, encoded, resp.StatusCode, answer)
	}
}

func (s *sim) getJSON(path string, into any) {
	s.t.Helper()
	resp, err := http.Get(s.http.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
}

type book struct {
	Charges []struct {
		Intent, Customer, Currency, Status, Reason, Key string
		RequestID                                       string `json:"request_id"`
		Amount                                          int64
		Keys                                            []string
		Metadata                                        map[string]string
	}
	Refunds []struct{ Amount int64 }
	Sums    map[string]struct{ Charged, Refunded, Net int64 }
	Counts  struct {
		ChargesSucceeded    int `json:"charges_succeeded"`
		ChargesFailed       int `json:"charges_failed"`
		IntentsChargedTwice int `json:"intents_charged_twice"`
	}
}

func (s *sim) ledger() book {
	s.t.Helper()
	var b book
	s.getJSON("/_sim/ledger", &b)
	return b
}

func (s *sim) raw(method, path string, form url.Values, header map[string]string) (int, http.Header, map[string]any) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.ctx(), method, s.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secretKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, resp.Header, body
}

// page opens or posts a hosted page and returns status, where it leads, and the text.
func (s *sim) page(address string, form url.Values) (int, string, string) {
	s.t.Helper()
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = s.browser.Get(address)
	} else {
		resp, err = s.browser.PostForm(address, form)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

func typeCard(number string) url.Values {
	return url.Values{"number": {number}, "expiry": {"04/30"}, "cvc": {"123"}, "name": {"HANA YAMADA"}}
}

func (s *sim) session(key string, change ...func(*stripe.SessionParams)) stripe.Session {
	s.t.Helper()
	c := must(s.client.CreateCustomer(s.ctx(), "customer of "+key, stripe.CustomerParams{}))(s.t)
	p := stripe.SessionParams{
		Mode: stripe.ModePayment, Customer: c.ID, Currency: "jpy", SaveCard: true, Locale: "ja",
		Items:      []stripe.LineItem{{Name: "ひばりブレンド 200g", Amount: 1330, Quantity: 2}},
		SuccessURL: "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}", CancelURL: "https://shop.example/confirm",
		ExpiresAt: s.clock.Now().Add(time.Hour), Metadata: map[string]string{"order": "1001"},
		IntentMetadata: map[string]string{"order": "1001"},
	}
	for _, f := range change {
		f(&p)
	}
	return must(s.client.CreateSession(s.ctx(), key, p))(s.t)
}

func wantError(t *testing.T, err error, kind stripe.Kind) *stripe.Error {
	t.Helper()
	e, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a *stripe.Error of kind %s", err, kind)
	}
	if e.Kind != kind {
		t.Fatalf("got kind %s (%v), want %s", e.Kind, e, kind)
	}
	return e
}

func wantKind(t *testing.T, err error, kind stripe.Kind) {
	t.Helper()
	_ = wantError(t, err, kind)
}

func inTemp(t *testing.T) string { return filepath.Join(t.TempDir(), "simulator.log") }

func (s *sim) clearFaults() {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.ctx(), http.MethodDelete, s.http.URL+"/_sim/faults", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
}
