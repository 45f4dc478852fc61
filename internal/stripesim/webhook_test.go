package stripesim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

const signingSecret = "whsec_test"

// shop receives webhooks as a shop would.
type shop struct {
	*httptest.Server
	received chan stripe.Event
	mu       sync.Mutex
	failing  int // answers 500 this many times
	invalid  int
}

func newShop(t *testing.T) *shop {
	t.Helper()
	sh := &shop{received: make(chan stripe.Event, 1000)}
	sh.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		event, err := stripe.ParseEvent(body, r.Header.Get("Stripe-Signature"), signingSecret, stripe.DefaultTolerance, beginning)
		sh.mu.Lock()
		defer sh.mu.Unlock()
		if err != nil {
			sh.invalid++
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if sh.failing > 0 {
			sh.failing--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		sh.received <- event
	}))
	t.Cleanup(sh.Close)
	return sh
}

func (sh *shop) fail(times int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.failing = times
}

func startWith(t *testing.T, sh *shop, change ...func(*stripesim.Options)) *sim {
	t.Helper()
	return start(t, append(change, func(o *stripesim.Options) {
		o.WebhookURLs = []string{sh.URL}
		o.WebhookSecret = signingSecret
		o.WebhookRetry = time.Millisecond
	})...)
}

// take waits for n events and returns their types in order of arrival.
func (sh *shop) take(t *testing.T, n int) (types []string, events []stripe.Event) {
	t.Helper()
	for range n {
		select {
		case e := <-sh.received:
			types = append(types, e.Type)
			events = append(events, e)
		case <-time.After(10 * time.Second):
			t.Fatalf("only %d of %d events came: %v", len(types), n, types)
		}
	}
	return types, events
}

func TestEveryOutcomeIsToldByASignedWebhook(t *testing.T) {
	sh := newShop(t)
	s := startWith(t, sh)
	expect := func(want ...string) []stripe.Event {
		t.Helper()
		got, events := sh.take(t, len(want))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("events %v, want %v", got, want)
		}
		return events
	}
	paid := s.session("pays")
	s.page(paid.URL, typeCard("4242424242424242"))
	for _, e := range expect(stripe.EventIntentSucceeded, stripe.EventSessionCompleted) {
		if e.Type == stripe.EventSessionCompleted && e.ObjectID != paid.ID {
			t.Errorf("the event names %s", e.ObjectID)
		}
		if !e.Created.Equal(s.clock.Now()) || e.ID == "" {
			t.Errorf("event: %+v", e)
		}
	}
	saved := s.session("saves", func(p *stripe.SessionParams) { p.Mode = stripe.ModeSetup })
	s.page(saved.URL, typeCard("4242424242424242"))
	expect(stripe.EventSetupSucceeded, stripe.EventSessionCompleted)

	customer, method := s.customerWith("decline:lost_card")
	intent := s.intent("declined", customer, method, 100)
	_, err := s.client.ConfirmIntent(s.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true})
	wantKind(t, err, stripe.KindDeclined)
	expect(stripe.EventIntentFailed)
	must(s.client.CancelIntent(s.ctx(), "cancel", intent.ID))(t)
	expect(stripe.EventIntentCanceled)

	customer, method = s.customerWith("3ds_always")
	asked := s.intent("asked", customer, method, 100)
	must(s.client.ConfirmIntent(s.ctx(), "ask", asked.ID, stripe.ConfirmParams{ReturnURL: "https://shop.example/"}))(t)
	expect(stripe.EventIntentRequiresAction)

	must(s.client.CreateRefund(s.ctx(), "refund", stripe.RefundParams{Intent: must(s.client.Session(s.ctx(), paid.ID))(t).Intent.ID}))(t)
	expect(stripe.EventChargeRefunded)

	must(s.client.ExpireSession(s.ctx(), s.session("leaves").ID))(t)
	expect(stripe.EventSessionExpired)
	if sh.invalid != 0 {
		t.Errorf("%d webhooks were not validly signed", sh.invalid)
	}
}

func TestAFailedDeliveryIsTriedAgain(t *testing.T) {
	sh := newShop(t)
	s := startWith(t, sh)
	sh.fail(3)
	must(s.client.ExpireSession(s.ctx(), s.session("a").ID))(t)
	sh.take(t, 1)
	var status struct{ Failures int }
	s.getJSON("/_sim/webhooks", &status)
	if status.Failures != 3 {
		t.Errorf("%d failures", status.Failures)
	}
}

func TestWebhooksCanBeHeldReorderedDoubledAndReplayed(t *testing.T) {
	sh := newShop(t)
	s := startWith(t, sh)
	order := func(body map[string]any) { s.control("/_sim/webhooks", body) }
	order(map[string]any{"action": "pause"})
	order(map[string]any{"action": "duplicate", "copies": 2})
	open := s.session("a")
	s.page(open.URL, typeCard("4242424242424242"))
	var status struct{ Queued int }
	s.getJSON("/_sim/webhooks", &status)
	if status.Queued != 4 || len(sh.received) != 0 {
		t.Fatalf("%d queued, %d came while paused", status.Queued, len(sh.received))
	}
	order(map[string]any{"action": "reorder", "on": true})
	order(map[string]any{"action": "resume"})
	_, events := sh.take(t, 4)
	ids := map[string]int{}
	for _, e := range events {
		ids[e.ID]++
	}
	if len(ids) != 2 {
		t.Errorf("events %v, want two, each twice", ids)
	}
	order(map[string]any{"action": "duplicate", "copies": 1})
	order(map[string]any{"action": "replay", "type": stripe.EventSessionCompleted})
	if types, _ := sh.take(t, 1); types[0] != stripe.EventSessionCompleted {
		t.Errorf("replayed %v", types)
	}
	var log struct{ Events []struct{ Type string } }
	s.getJSON("/_sim/events", &log)
	if len(log.Events) != 2 || log.Events[0].Type != stripe.EventSessionCompleted {
		t.Errorf("events, newest first: %+v", log.Events)
	}
}

func TestWebhooksThatWereNotTakenSurviveARestart(t *testing.T) {
	sh := newShop(t)
	path := inTemp(t)
	keep := func(o *stripesim.Options) { o.StateFile = path }
	first := startWith(t, sh, keep)
	first.control("/_sim/webhooks", map[string]any{"action": "pause"})
	must(first.client.ExpireSession(first.ctx(), first.session("a").ID))(t)
	startWith(t, sh, keep)
	if types, _ := sh.take(t, 1); types[0] != stripe.EventSessionExpired {
		t.Errorf("after the restart: %v", types)
	}
}

func TestAnAddressThatNeverAnswersIsGivenUp(t *testing.T) {
	sh := newShop(t)
	s := startWith(t, sh)
	sh.fail(1 << 30)
	must(s.client.ExpireSession(s.ctx(), s.session("a").ID))(t)
	var status struct{ Unsettled, Failures, Retrying int }
	for s.getJSON("/_sim/webhooks", &status); status.Unsettled > 0; s.getJSON("/_sim/webhooks", &status) {
		s.control("/_sim/webhooks", map[string]any{"action": "retry"})
	}
	if status.Failures != 16 || status.Retrying != 0 {
		t.Errorf("%+v, want sixteen tries", status)
	}
}
