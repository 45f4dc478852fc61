// Package stripesim is a stateful stand-in for the part of Stripe that teiki uses: API, hosted card page, test
// cards, webhooks, idempotency, rate limits, and faults on demand. It is a plain HTTP server of its own, so the
// same client code runs against it and against Stripe; only base URL and keys differ.
//
// It owns its state, which survives a restart in an append-only file, and a ledger that people and tests read. It
// does not own any rule of teiki's, and it shares nothing with the shop but HTTP. Each behaviour names the Stripe
// page it copies. What it does not copy: other payment methods than cards, Connect, invoices, disputes, payouts.
package stripesim

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultIdempotencyTTL is how long an idempotency key is remembered.
// Source: https://docs.stripe.com/api/idempotent_requests ("removed after at least 24 hours")
const DefaultIdempotencyTTL = 24 * time.Hour

// Options says how a simulator is set up. Only Clock and SecretKey are required.
type Options struct {
	// Clock is the business clock: created, expires_at, capture_before and card expiry follow it, so a demo can be
	// moved forward.
	Clock func() time.Time
	// Wall is the clock of idempotency keys, rate limits and webhook signatures; nil means Clock.
	Wall func() time.Time
	// SecretKey is the only API key that is let in.
	SecretKey string
	// StateFile keeps the state; empty means memory only.
	StateFile string
	// BaseURL is the origin under which shoppers reach the hosted pages; empty means the one of each request.
	BaseURL string
	// Merchant is the name that the hosted page shows.
	Merchant string
	// AccountID, Country and Currency describe the account; empty means acct_simulator, JP and jpy.
	AccountID, Country, Currency string
	// WebhookURLs receive the events, signed with WebhookSecret.
	WebhookURLs   []string
	WebhookSecret string
	// RateLimit is the allowed API requests a second in all, EndpointRateLimit those to one endpoint; zero is none.
	// Stripe's are 100 and 25: https://docs.stripe.com/rate-limits
	RateLimit, EndpointRateLimit int
	// IdempotencyTTL is how long keys are remembered; zero means DefaultIdempotencyTTL.
	IdempotencyTTL time.Duration
	// WebhookRetry is the first pause after a failed delivery, doubled each time; zero means one second.
	WebhookRetry time.Duration
	// Seed makes the faults that have a probability repeatable.
	Seed uint64
}

// Server is a running simulator. It is an http.Handler; Close writes what is left and ends its goroutines.
type Server struct {
	opts    Options
	mux     *http.ServeMux
	limits  *limiter
	faults  *faultList
	hooks   *deliverer
	closing chan struct{}
	done    sync.WaitGroup
	once    sync.Once

	requests atomic.Uint64

	mu    sync.Mutex // guards state
	state *state
}

// New opens the state and starts delivering webhooks. An unreadable state file is an error, never overwritten.
func New(opts Options) (*Server, error) {
	if opts.Clock == nil {
		return nil, errors.New("stripesim: a clock is needed")
	}
	if opts.SecretKey == "" {
		return nil, errors.New("stripesim: a secret key is needed")
	}
	if opts.Wall == nil {
		opts.Wall = opts.Clock
	}
	if opts.IdempotencyTTL <= 0 {
		opts.IdempotencyTTL = DefaultIdempotencyTTL
	}
	if opts.WebhookRetry <= 0 {
		opts.WebhookRetry = time.Second
	}
	opts.BaseURL = strings.TrimSuffix(opts.BaseURL, "/")
	setDefault(&opts.AccountID, "acct_simulator")
	setDefault(&opts.Country, "JP")
	setDefault(&opts.Currency, "jpy")
	setDefault(&opts.Merchant, "teiki")

	loaded, err := openState(opts.StateFile, opts.Wall().Add(-opts.IdempotencyTTL))
	if err != nil {
		return nil, fmt.Errorf("stripesim: open state %s: %w", opts.StateFile, err)
	}
	s := &Server{
		opts:    opts,
		limits:  newLimiter(opts.RateLimit, opts.EndpointRateLimit),
		faults:  newFaultList(opts.Seed),
		closing: make(chan struct{}),
		state:   loaded,
	}
	s.hooks = newDeliverer(opts.WebhookURLs, opts.WebhookSecret, opts.WebhookRetry, opts.Wall, s.eventDelivered)
	s.mux = s.routes()
	for _, e := range loaded.undelivered() {
		s.hooks.enqueue(e)
	}
	s.done.Add(1)
	go s.sweep()
	return s, nil
}

func setDefault(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// ServeHTTP answers API calls (/v1/), hosted pages (/c/) and controls (/_sim/).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close stops the deliveries and closes the state file. The server must not be used afterwards.
func (s *Server) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		s.hooks.close()
		s.done.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		err = s.state.journal.close()
	})
	return err
}

// SetWebhooks replaces the addresses that receive events: the shop may learn its own only after this server runs.
func (s *Server) SetWebhooks(urls ...string) { s.hooks.setURLs(urls) }

// sweep lets sessions and authorisations lapse without waiting for a request to touch them.
func (s *Server) sweep() {
	defer s.done.Done()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-s.closing:
			return
		case <-ticker.C:
			_ = s.transact(nil, func(*txn) error { return nil })
		}
	}
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	api := func(pattern string, handle handler) {
		mux.Handle(pattern, s.endpoint(pattern, handle))
	}
	api("GET /v1/account", s.getAccount)
	api("POST /v1/customers", s.createCustomer)
	api("GET /v1/customers/{id}", s.getCustomer)
	api("POST /v1/customers/{id}", s.updateCustomer)
	api("POST /v1/checkout/sessions", s.createSession)
	api("GET /v1/checkout/sessions/{id}", s.getSession)
	api("POST /v1/checkout/sessions/{id}/expire", s.expireSession)
	api("POST /v1/payment_intents", s.createIntent)
	api("GET /v1/payment_intents", s.listIntents)
	api("GET /v1/payment_intents/{id}", s.getIntent)
	api("POST /v1/payment_intents/{id}/confirm", s.confirmIntent)
	api("POST /v1/payment_intents/{id}/cancel", s.cancelIntent)
	api("POST /v1/payment_intents/{id}/capture", s.captureIntent)
	api("GET /v1/setup_intents/{id}", s.getSetupIntent)
	api("POST /v1/payment_methods", s.createPaymentMethod)
	api("GET /v1/payment_methods/{id}", s.getPaymentMethod)
	api("POST /v1/payment_methods/{id}/attach", s.attachPaymentMethod)
	api("POST /v1/payment_methods/{id}/detach", s.detachPaymentMethod)
	api("POST /v1/refunds", s.createRefund)
	api("GET /v1/refunds/{id}", s.getRefund)
	api("GET /v1/charges/{id}", s.getCharge)
	api("GET /v1/events/{id}", s.getEvent)
	mux.HandleFunc("/v1/", s.unknownURL)

	mux.HandleFunc("GET /c/pay/{id}", s.showCardPage)
	mux.HandleFunc("POST /c/pay/{id}", s.submitCardPage)
	mux.HandleFunc("GET /c/3ds/{id}", s.showChallenge)
	mux.HandleFunc("POST /c/3ds/{id}", s.submitChallenge)
	mux.HandleFunc("GET /c/static/{file}", serveStatic)

	mux.HandleFunc("GET /_sim/ledger", s.showLedger)
	mux.HandleFunc("GET /_sim/events", s.listEvents)
	mux.HandleFunc("GET /_sim/faults", s.showFaults)
	mux.HandleFunc("POST /_sim/faults", s.addFault)
	mux.HandleFunc("DELETE /_sim/faults", s.clearFaults)
	mux.HandleFunc("DELETE /_sim/faults/{id}", s.clearFaults)
	mux.HandleFunc("GET /_sim/webhooks", s.showWebhooks)
	mux.HandleFunc("POST /_sim/webhooks", s.controlWebhooks)
	mux.HandleFunc("POST /_sim/known", s.registerKnown)
	return mux
}

// authorized compares the key as Stripe takes it: a bearer token, or the user name of basic authentication.
// Source: https://docs.stripe.com/api/authentication
func (s *Server) authorized(r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		key, _, _ = r.BasicAuth()
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(s.opts.SecretKey)) == 1
}

// publicURL is the origin shoppers reach this server under.
func (s *Server) publicURL(r *http.Request) string {
	if s.opts.BaseURL != "" {
		return s.opts.BaseURL
	}
	return "http://" + r.Host
}
