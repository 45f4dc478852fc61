package thread

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// Event is a message of the simulator to the shop, as it is sent.
type Event struct {
	ID   string
	Type string
	Body []byte
}

// Events are all messages so far, the oldest first. None is sent by itself: a
// test delivers them when, in which order and as often as it likes.
func (w *World) Events(t testing.TB) []Event {
	t.Helper()
	var answer struct {
		Events []json.RawMessage `json:"events"`
	}
	call(t, http.MethodGet, w.SimURL+"/_sim/events", nil, &answer)
	list := make([]Event, 0, len(answer.Events))
	for i := len(answer.Events) - 1; i >= 0; i-- {
		e := Event{Body: answer.Events[i]}
		if err := json.Unmarshal(e.Body, &e); err != nil {
			t.Fatalf("read an event: %v", err)
		}
		list = append(list, e)
	}
	return list
}

// Deliver hands a message to the shop, signed now.
func (w *World) Deliver(t testing.TB, e Event) {
	t.Helper()
	if err := w.Flow.ReceiveWebhook(t.Context(), StoreID, e.Body, Sign(e.Body, WebhookSecret, w.Wall.Now())); err != nil {
		t.Fatalf("receive %s: %v", e.Type, err)
	}
}

// Sign makes the signature header of a message
// (docs.stripe.com/webhooks#verify-manually).
func Sign(body []byte, secret string, at time.Time) string {
	signed := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed + "."))
	mac.Write(body)
	return "t=" + signed + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
