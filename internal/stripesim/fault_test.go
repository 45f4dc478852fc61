package stripesim_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

func TestAKeyReplaysItsAnswer(t *testing.T) {
	for name, path := range map[string]string{"from memory": "", "from the state file": inTemp(t)} {
		t.Run(name, func(t *testing.T) {
			replays(t, start(t, func(o *stripesim.Options) { o.StateFile = path }))
		})
	}
}

func replays(t *testing.T, s *sim) {
	t.Helper()
	form := url.Values{"amount": {"500"}, "currency": {"jpy"}}
	key := map[string]string{"Idempotency-Key": "k"}
	_, _, first := s.raw("POST", "/v1/payment_intents", form, key)
	status, header, again := s.raw("POST", "/v1/payment_intents", form, key)
	if status != 200 || header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("replay: %d %v", status, header)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	form.Set("amount", "501")
	status, _, body := s.raw("POST", "/v1/payment_intents", form, key)
	if status != 400 || body["error"].(map[string]any)["type"] != "idempotency_error" {
		t.Errorf("other parameters: %d %v", status, body)
	}
	_, err := s.client.CreateIntent(s.ctx(), "k", stripe.IntentParams{Amount: 502, Currency: "jpy"})
	wantKind(t, err, stripe.KindIdempotency)
}

func TestARefusedParameterLeavesTheKeyFree(t *testing.T) {
	s := start(t)
	_, err := s.client.CreateIntent(s.ctx(), "k", stripe.IntentParams{Amount: 1, Currency: "jpy"})
	wantKind(t, err, stripe.KindInvalid)
	must(s.client.CreateIntent(s.ctx(), "k", stripe.IntentParams{Amount: 100, Currency: "jpy"}))(t)
}

func TestAStoredDeclineIsReplayedUntilTheKeyIsForgotten(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("decline:insufficient_funds")
	intent := s.intent("a", customer, method, 1000)
	confirm := func(key string) (stripe.Intent, error) {
		return s.client.ConfirmIntent(s.ctx(), key, intent.ID, stripe.ConfirmParams{PaymentMethod: method, OffSession: true})
	}
	_, err := confirm("same")
	wantKind(t, err, stripe.KindDeclined)
	s.control("/_sim/known", map[string]any{"payment_methods": []map[string]any{{"id": method, "customer": customer}}})
	_, err = confirm("same")
	wantKind(t, err, stripe.KindDeclined)
	if n := len(s.ledger().Charges); n != 1 {
		t.Fatalf("%d charges: the replay charged", n)
	}
	s.clock.Advance(25 * time.Hour)
	if got := must(confirm("same"))(t).Status; got != stripe.IntentSucceeded {
		t.Errorf("after a day the key runs anew: %s", got)
	}
}

// TestFaults: what a client sees, whether the effect happened, and what the same key answers afterwards.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		when, kind string
		want       stripe.Kind
		charged    int
		again      stripe.Kind // with the same key; empty is success
	}{
		{"before", "500", stripe.KindUnclear, 0, stripe.KindUnclear},
		{"after", "500", stripe.KindUnclear, 1, stripe.KindUnclear},
		{"before", "reset", stripe.KindUnclear, 0, ""},
		{"after", "reset", stripe.KindUnclear, 1, ""},
		{"before", "hang", stripe.KindUnclear, 0, ""},
		{"after", "hang", stripe.KindUnclear, 1, ""},
		{"before", "429", stripe.KindRateLimited, 0, ""},
		{"before", "409", stripe.KindConflict, 0, ""},
		{"before", "slow", "", 1, ""},
		{"after", "slow", "", 1, ""},
	} {
		t.Run(c.kind+" "+c.when, func(t *testing.T) {
			s := start(t)
			customer, method := s.customerWith("ok")
			intent := s.intent("a", customer, method, 1000)
			s.control("/_sim/faults", map[string]any{
				"endpoint": "POST /v1/payment_intents/*/confirm", "when": c.when, "kind": c.kind, "count": 1,
				"customer": customer, "delay_ms": map[string]int{"slow": 20, "hang": 0}[c.kind],
			})
			confirm := func(ctx context.Context) error {
				_, err := s.client.ConfirmIntent(ctx, "k", intent.ID, stripe.ConfirmParams{OffSession: true})
				return err
			}
			ctx := s.ctx()
			if c.kind == "hang" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
				defer cancel()
			}
			err := confirm(ctx)
			if got := stripe.KindOf(err); got != c.want {
				t.Fatalf("got %q (%v), want %q", got, err, c.want)
			}
			// Reading is what resolves an unclear answer.
			read := must(s.client.Intent(s.ctx(), intent.ID))(t)
			if charged := s.ledger().Counts.ChargesSucceeded; charged != c.charged || (read.Status == stripe.IntentSucceeded) != (charged == 1) {
				t.Errorf("%d charges, intent %s", charged, read.Status)
			}
			if err := s.untilFree(confirm); stripe.KindOf(err) != c.again {
				t.Errorf("same key again: %v, want %q", err, c.again)
			}
			if counts := s.ledger().Counts; counts.IntentsChargedTwice != 0 || counts.ChargesSucceeded > 1 {
				t.Errorf("charged twice: %+v", counts)
			}
		})
	}
}

// untilFree calls again while the gateway still holds the key of a call that the client gave up.
func (s *sim) untilFree(call func(context.Context) error) error {
	for {
		err := call(s.ctx())
		if stripe.KindOf(err) != stripe.KindConflict {
			return err
		}
	}
}

func TestAKeyInUseIsAConflict(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	intent := s.intent("a", customer, method, 1000)
	s.control("/_sim/faults", map[string]any{"endpoint": "/v1/payment_intents/*/confirm", "kind": "hang", "count": 1})
	confirm := func(ctx context.Context) error {
		_, err := s.client.ConfirmIntent(ctx, "k", intent.ID, stripe.ConfirmParams{OffSession: true})
		return err
	}
	ctx, giveUp := context.WithCancel(s.ctx())
	hanging := make(chan error, 1)
	go func() { hanging <- confirm(ctx) }()
	// The fault is used up by the hanging call, which holds its key by then.
	for {
		var inForce []map[string]any
		s.getJSON("/_sim/faults", &inForce)
		if len(inForce) == 0 {
			break
		}
	}
	wantKind(t, confirm(s.ctx()), stripe.KindConflict)
	giveUp()
	wantKind(t, <-hanging, stripe.KindUnclear)
	if err := s.untilFree(confirm); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if n := s.ledger().Counts.ChargesSucceeded; n != 1 {
		t.Errorf("%d charges", n)
	}
}

func TestFaultsAreCountedNarrowedAndCleared(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	s.control("/_sim/faults", map[string]any{"kind": "500", "payment_method": "pm_another"})
	s.intent("a", customer, method, 100)
	s.control("/_sim/faults", map[string]any{"kind": "429", "probability": 0.5, "endpoint": "POST /v1/payment_intents"})
	refused := 0
	for i := range 200 {
		_, err := s.client.CreateIntent(s.ctx(), "k"+string(rune(i+'0')), stripe.IntentParams{Amount: 100, Currency: "jpy"})
		if stripe.KindOf(err) == stripe.KindRateLimited {
			refused++
		}
	}
	if refused < 70 || refused > 130 {
		t.Errorf("%d of 200 refused at a probability of one half", refused)
	}
	s.clearFaults()
	for range 20 {
		must(s.client.Intents(s.ctx(), customer, stripe.Page{}))(t)
	}
}

func TestRateLimitsRefuseAndRefill(t *testing.T) {
	s := start(t, func(o *stripesim.Options) { o.RateLimit, o.EndpointRateLimit = 8, 5 })
	count := func() (ok int) {
		for range 7 {
			_, err := s.client.Account(s.ctx())
			if err == nil {
				ok++
			} else if e := wantError(t, err, stripe.KindRateLimited); e.RetryAfter != time.Second {
				t.Errorf("retry after %s", e.RetryAfter)
			}
		}
		return ok
	}
	if got := count(); got != 5 {
		t.Errorf("%d of 7 passed a limit of 5 an endpoint", got)
	}
	passed := 0
	for range 7 {
		if _, err := s.client.Intents(s.ctx(), "", stripe.Page{}); err == nil {
			passed++
		}
	}
	if passed != 3 {
		t.Errorf("%d passed what was left of 8 in all", passed)
	}
	s.clock.Advance(time.Second)
	if got := count(); got != 5 {
		t.Errorf("a second later %d passed", got)
	}
}
