package stripe_test

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// startMock builds and starts Stripe's own stripe-mock, which refuses requests that do not fit its API description.
func startMock(t *testing.T) (base string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "stripe-mock")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/stripe/stripe-mock").CombinedOutput(); err != nil {
		t.Fatalf("build stripe-mock: %v\n%s", err, out)
	}
	mock := exec.Command(binary, "-http-addr", "127.0.0.1:0")
	out, err := mock.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := mock.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	t.Cleanup(func() {
		_ = mock.Process.Kill()
		_ = mock.Wait()
	})
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "at address: "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }() // or it stops when the pipe is full
			return "http://" + address
		}
	}
	t.Fatal("stripe-mock did not say where it listens")
	return ""
}

// recorder keeps what was sent.
type recorder struct {
	mu   sync.Mutex
	sent []*http.Request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.sent = append(r.sent, req)
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

func TestOurRequestsAreWellFormedForStripe(t *testing.T) {
	base := startMock(t)
	sent := &recorder{}
	client := stripe.New(stripe.Config{BaseURL: base, SecretKey: "sk_test_123", HTTPClient: &http.Client{Transport: sent}})
	ctx := stripe.WithRequestID(t.Context(), "request-7")
	md := map[string]string{"delivery": "d-1"}
	items := []stripe.LineItem{{Name: "ひばりブレンド", Amount: 1330, Quantity: 2}}

	calls := map[string]func(key string) error{
		"account":  func(string) error { _, err := client.Account(ctx); return err },
		"customer": func(string) error { _, err := client.Customer(ctx, "cus_1"); return err },
		"create customer": func(key string) error {
			_, err := client.CreateCustomer(ctx, key, stripe.CustomerParams{Email: "a@example.jp", Name: "早川", Metadata: md})
			return err
		},
		"update customer": func(key string) error { return client.UpdateCustomerMetadata(ctx, key, "cus_1", md) },
		"payment session": func(key string) error {
			_, err := client.CreateSession(ctx, key, stripe.SessionParams{
				Mode: stripe.ModePayment, Customer: "cus_1", Currency: "jpy", Items: items, SaveCard: true,
				CaptureMethod: stripe.CaptureManual, SuccessURL: "https://shop.example/thanks?s={CHECKOUT_SESSION_ID}",
				CancelURL: "https://shop.example/", Locale: "ja", ExpiresAt: time.Unix(1_800_000_000, 0), Metadata: md, IntentMetadata: md,
			})
			return err
		},
		"setup session": func(key string) error {
			_, err := client.CreateSession(ctx, key, stripe.SessionParams{
				Mode: stripe.ModeSetup, Customer: "cus_1", SuccessURL: "https://shop.example/", Locale: "zh-TW", IntentMetadata: md,
			})
			return err
		},
		"session":        func(string) error { _, err := client.Session(ctx, "cs_1"); return err },
		"expire session": func(string) error { _, err := client.ExpireSession(ctx, "cs_1"); return err },
		"create intent": func(key string) error {
			_, err := client.CreateIntent(ctx, key, stripe.IntentParams{
				Amount: 1330, Currency: "jpy", Customer: "cus_1", PaymentMethod: "pm_1", CaptureMethod: stripe.CaptureAutomatic,
				SaveCard: true, Description: "1001", Metadata: md,
			})
			return err
		},
		"confirm off-session": func(key string) error {
			_, err := client.ConfirmIntent(ctx, key, "pi_1", stripe.ConfirmParams{PaymentMethod: "pm_1", OffSession: true})
			return err
		},
		"confirm on-session": func(key string) error {
			_, err := client.ConfirmIntent(ctx, key, "pi_1", stripe.ConfirmParams{PaymentMethod: "pm_1", ReturnURL: "https://shop.example/", SaveCard: true})
			return err
		},
		"intent":  func(string) error { _, err := client.Intent(ctx, "pi_1"); return err },
		"cancel":  func(key string) error { _, err := client.CancelIntent(ctx, key, "pi_1"); return err },
		"capture": func(key string) error { _, err := client.CaptureIntent(ctx, key, "pi_1", 1000); return err },
		"intents": func(string) error {
			list, err := client.Intents(ctx, "cus_1", stripe.Page{Limit: 3, After: "pi_0"})
			if err == nil && len(list.Items) == 0 {
				t.Error("the list is empty")
			}
			return err
		},
		"refund": func(key string) error {
			_, err := client.CreateRefund(ctx, key, stripe.RefundParams{Intent: "pi_1", Amount: 100, Reason: "requested_by_customer", Metadata: md})
			return err
		},
		"payment method": func(string) error { _, err := client.PaymentMethod(ctx, "pm_1"); return err },
		"detach":         func(string) error { return client.DetachPaymentMethod(ctx, "pm_1") },
	}
	for name, call := range calls {
		sent.sent = nil
		if err := call("key of " + name); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(sent.sent) != 1 {
			t.Errorf("%s: %d requests", name, len(sent.sent))
			continue
		}
		header := sent.sent[0].Header
		if header.Get("Stripe-Version") != stripe.APIVersion || header.Get(stripe.RequestIDHeader) != "request-7" {
			t.Errorf("%s: version %q, request id %q", name, header.Get("Stripe-Version"), header.Get(stripe.RequestIDHeader))
		}
		key := header.Get("Idempotency-Key")
		if sent.sent[0].Method == http.MethodPost && key != "key of "+name && name != "detach" && name != "expire session" {
			t.Errorf("%s: idempotency key %q", name, key)
		}
	}

	// stripe-mock does refuse what is malformed, so the above proves something.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/payment_intents",
		strings.NewReader(url.Values{"amount": {"100"}, "currency": {"jpy"}, "colour": {"red"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk_test_123")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("stripe-mock took a malformed request: %d", resp.StatusCode)
	}
}
