package stripe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

func TestAnswersAreClassed(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   stripe.Kind
	}{
		{"declined", 402, `{"error":{"type":"card_error","code":"card_declined","decline_code":"lost_card"}}`, stripe.KindDeclined},
		{"wrong parameter", 400, `{"error":{"type":"invalid_request_error","param":"amount"}}`, stripe.KindInvalid},
		{"wrong key", 401, `{"error":{"type":"invalid_request_error"}}`, stripe.KindAuth},
		{"not allowed", 403, `{"error":{"type":"invalid_request_error"}}`, stripe.KindAuth},
		{"missing", 404, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, stripe.KindNotFound},
		{"key in use", 409, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}`, stripe.KindConflict},
		{"other parameters", 400, `{"error":{"type":"idempotency_error"}}`, stripe.KindIdempotency},
		{"too many", 429, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, stripe.KindRateLimited},
		{"outside failure", 424, `{"error":{"type":"api_error"}}`, stripe.KindUnclear},
		{"broken", 500, `{"error":{"type":"api_error"}}`, stripe.KindUnclear},
		{"a proxy's page", 502, `<html>Bad Gateway</html>`, stripe.KindUnclear},
		{"a proxy's refusal", 403, `<html>Forbidden</html>`, stripe.KindUnclear},
		{"an answer cut off", 200, `{"id":"pi_1","amo`, stripe.KindUnclear},
		{"an answer about nothing", 200, `{}`, stripe.KindUnclear},
		{"an answer of another shape", 200, `{"id":"pi_1","amount":"many"}`, stripe.KindUnclear},
	} {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Request-Id", "req_9")
				w.Header().Set("Retry-After", "3")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			client := stripe.New(stripe.Config{BaseURL: server.URL, SecretKey: "sk"})
			_, err := client.ConfirmIntent(t.Context(), "k", "pi_1", stripe.ConfirmParams{})
			e, ok := errors.AsType[*stripe.Error](err)
			if !ok || e.Kind != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests: the SDK tried again by itself", n)
			}
			if c.want == stripe.KindRateLimited && (e.RetryAfter != 3*time.Second || e.RequestID != "req_9") {
				t.Errorf("error: %+v", e)
			}
		})
	}
}

func TestALateAnswerIsUnclear(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client := stripe.New(stripe.Config{BaseURL: server.URL, SecretKey: "sk", Timeout: 20 * time.Millisecond})
	_, err := client.Intent(t.Context(), "pi_1")
	if stripe.KindOf(err) != stripe.KindUnclear || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	closed := stripe.New(stripe.Config{BaseURL: "http://127.0.0.1:1", SecretKey: "sk"})
	if _, err := closed.Account(t.Context()); stripe.KindOf(err) != stripe.KindUnclear {
		t.Errorf("no connection: %v", err)
	}
}

func TestAWriteNeedsAKeyThatStripeTakes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }))
	defer server.Close()
	client := stripe.New(stripe.Config{BaseURL: server.URL, SecretKey: "sk"})
	for _, key := range []string{"", strings.Repeat("k", stripe.MaxKeyLength+1)} {
		if _, err := client.CreateIntent(t.Context(), key, stripe.IntentParams{}); stripe.KindOf(err) != stripe.KindInvalid {
			t.Errorf("key of %d characters: %v", len(key), err)
		}
	}
}
