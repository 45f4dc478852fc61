package faulttest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// moment is when a kill hurts: something has happened at the gateway, and the
// process that asked for it does not know yet.
type moment string

// The moments.
const (
	momentCreated moment = "an intent was made"
	momentTaken   moment = "money was taken"
	momentRefused moment = "the bank refused"
	momentRead    moment = "an intent was read, or looked for"
)

// gate stands before the gateway and lets everything through. It can withhold an
// answer, and with it the settlement of all that was asked side by side: whoever
// waits for that answer knows nothing of what has happened.
type gate struct {
	gateway http.Handler
	now     func() time.Time // business time

	mu      sync.Mutex
	seen    []event
	awaited moment
	struck  chan struct{}
}

// event is a moment that came.
type event struct {
	at     time.Time // business time
	moment moment
}

// await makes the gate withhold the next answer of a moment; the channel is
// closed when it does.
func (g *gate) await(m moment) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.awaited, g.struck = m, make(chan struct{})
	return g.struck
}

// ServeHTTP passes a request on. A withheld answer is never given: it waits for
// the end of whoever asked.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	g.gateway.ServeHTTP(answer, r)
	if g.strikes(happened(r, answer)) {
		<-r.Context().Done()
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who is dead does not read
}

func (g *gate) strikes(m moment) bool {
	if m == "" {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = append(g.seen, event{g.now(), m})
	if m != g.awaited {
		return false
	}
	g.awaited = ""
	close(g.struck)
	return true
}

// happened is the moment that an answer tells of; empty for all others.
func happened(r *http.Request, answer *httptest.ResponseRecorder) moment {
	const intents = "/v1/payment_intents"
	if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, intents) {
		return momentRead
	}
	if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, intents) {
		return ""
	}
	confirms := strings.HasSuffix(r.URL.Path, "/confirm")
	var intent struct{ Status string }
	switch {
	case confirms && answer.Code == http.StatusPaymentRequired:
		return momentRefused
	case answer.Code != http.StatusOK || json.Unmarshal(answer.Body.Bytes(), &intent) != nil:
		return ""
	case confirms && intent.Status == "succeeded":
		return momentTaken
	case r.URL.Path == intents:
		return momentCreated
	default:
		return ""
	}
}
