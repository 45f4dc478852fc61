// Package stripe is the gateway client: the calls teiki makes to Stripe, with plain results.
//
// It owns the translation between Stripe's API and our own types, the classes of failure, the signature of
// webhooks and the conversion between a currency's minor unit and the unit Stripe counts in. It does not own
// decisions (which intent to make, when to retry, what a decline means for a subscription), stored state or
// request budgets: those belong to its callers.
//
// The transport and the parameters are the official SDK's (github.com/stripe/stripe-go); answers are read into
// our own structs, which hold only the fields teiki uses. The SDK's own retries are off, since every call is an
// attempt that was written down before it was made: a second try is a second attempt, seen by the caller.
package stripe

import (
	"context"
	"net"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/form"
)

// APIVersion is the version of Stripe's API that every request names, so that an upgrade on Stripe's dashboard
// never changes what we are answered. It is the SDK's own, because its parameters are made for that version.
const APIVersion = sdk.APIVersion

// DefaultTimeout bounds one call when Config.Timeout is zero. A call that takes longer ends as KindUnclear.
const DefaultTimeout = 30 * time.Second

// MaxKeyLength is the longest idempotency key that Stripe takes.
// Source: https://docs.stripe.com/api/idempotent_requests
const MaxKeyLength = 255

// RequestIDHeader carries the request id from WithRequestID to the gateway. Stripe ignores it; the simulator and
// any proxy between log it, so that one id leads from a page to the charge it caused.
const RequestIDHeader = "X-Request-Id"

// Config says which gateway a Client talks to and as whom.
type Config struct {
	// BaseURL is the gateway's origin, such as the simulator's; empty means Stripe's own.
	BaseURL string
	// SecretKey is the account's secret or restricted key.
	SecretKey string
	// HTTPClient carries the requests; nil means one with a connection pool wide enough for many calls in flight.
	HTTPClient *http.Client
	// Timeout bounds each call; zero means DefaultTimeout.
	Timeout time.Duration
}

// Client calls one Stripe account. It is safe for concurrent use, shares no state with other clients and never
// touches the SDK's globals.
type Client struct {
	backend sdk.Backend
	key     string
	timeout time.Duration
}

// New returns a client for the account of the configured key. It makes no request.
func New(cfg Config) *Client {
	httpClient := cfg.HTTPClient
	if httpClient == nil {
		httpClient = &http.Client{Transport: newTransport()}
	}
	backendConfig := &sdk.BackendConfig{
		EnableTelemetry:   sdk.Bool(false),
		HTTPClient:        httpClient,
		LeveledLogger:     &sdk.LeveledLogger{Level: sdk.LevelNull},
		MaxNetworkRetries: sdk.Int64(0),
	}
	if cfg.BaseURL != "" {
		backendConfig.URL = sdk.String(cfg.BaseURL)
	}
	timeout := cfg.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return &Client{
		backend: sdk.NewBackendsWithConfig(backendConfig).API,
		key:     cfg.SecretKey,
		timeout: timeout,
	}
}

// newTransport keeps as many idle connections as calls may be in flight: the default of two a host would open and
// close a connection for nearly every charge of a deadline run.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       60 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

type requestIDKey struct{}

// WithRequestID returns a context whose gateway calls carry id in the RequestIDHeader.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID is the id that WithRequestID put into the context; empty without one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// get reads path into answer. params may ask for expanded fields.
func (c *Client) get(ctx context.Context, op, path string, params sdk.ParamsContainer, answer sdk.LastResponseSetter) error {
	return c.call(ctx, op, http.MethodGet, path, params, answer)
}

// post sends a write under an idempotency key that the caller chose and wrote down beforehand.
func (c *Client) post(ctx context.Context, op, key, path string, params sdk.ParamsContainer, answer sdk.LastResponseSetter) error {
	if key == "" || len(key) > MaxKeyLength {
		return &Error{
			Op: op, Kind: KindInvalid, Code: "idempotency_key",
			Message: "the idempotency key must have 1 to 255 characters; nothing was sent",
		}
	}
	params.GetParams().IdempotencyKey = sdk.String(key)
	return c.call(ctx, op, http.MethodPost, path, params, answer)
}

// list reads a page of a list; the SDK passes the parameters of lists another way than those of objects.
func (c *Client) list(ctx context.Context, op, path string, params sdk.ListParamsContainer, answer sdk.LastResponseSetter) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var query form.Values
	form.AppendTo(&query, params)
	common := &sdk.Params{}
	setContext(ctx, common)
	if err := c.backend.CallRaw(http.MethodGet, path, c.key, []byte(query.Encode()), common, answer); err != nil {
		return newError(op, err)
	}
	return nil
}

func (c *Client) call(ctx context.Context, op, method, path string, params sdk.ParamsContainer, answer sdk.LastResponseSetter) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	setContext(ctx, params.GetParams())
	if err := c.backend.Call(method, path, c.key, params, answer); err != nil {
		return newError(op, err)
	}
	return nil
}

// setContext gives a request its deadline and the request id that the context carries.
func setContext(ctx context.Context, params *sdk.Params) {
	params.Context = ctx
	if id, ok := ctx.Value(requestIDKey{}).(string); ok && id != "" {
		params.Headers = http.Header{RequestIDHeader: {id}}
	}
}
