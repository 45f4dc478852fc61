package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"
)

// DefaultTolerance is how far a webhook's signing time may lie from now.
// Source: https://docs.stripe.com/webhooks#verify-official-libraries
const DefaultTolerance = 5 * time.Minute

// The event types teiki acts on. Source: https://docs.stripe.com/api/events/types
const (
	EventSessionCompleted     = "checkout.session.completed"
	EventSessionExpired       = "checkout.session.expired"
	EventIntentSucceeded      = "payment_intent.succeeded"
	EventIntentFailed         = "payment_intent.payment_failed"
	EventIntentRequiresAction = "payment_intent.requires_action"
	EventIntentCanceled       = "payment_intent.canceled"
	EventSetupSucceeded       = "setup_intent.succeeded"
	EventChargeRefunded       = "charge.refunded"
)

// Event is a verified webhook. Events come late, twice and in any order: store them once by ID, then read the
// object anew instead of trusting the copy inside.
type Event struct {
	ID       string
	Type     string
	Account  string // the connected account; empty for the key's own
	ObjectID string
	Object   json.RawMessage
	Created  time.Time
}

// Failures of ParseEvent; each is answered with 400.
var (
	ErrSignature = errors.New("stripe: the webhook's signature does not fit")
	ErrTooOld    = errors.New("stripe: the webhook was signed too long ago or in the future")
	ErrPayload   = errors.New("stripe: the webhook's body is not an event")
)

// ParseEvent checks a webhook's Stripe-Signature header (HMAC-SHA256 over "t.body", any v1 may fit) against the
// endpoint's secret and its signing time against now, then reads the event. payload must be the body as received.
// Source: https://docs.stripe.com/webhooks#verify-manually
func ParseEvent(payload []byte, header, secret string, tolerance time.Duration, now time.Time) (Event, error) {
	if secret == "" {
		return Event{}, fmt.Errorf("%w: no signing secret is set", ErrSignature)
	}
	if err := webhook.ValidatePayloadIgnoringTolerance(payload, header, secret); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	signed, ok := signingTime(header)
	if !ok {
		return Event{}, fmt.Errorf("%w: no signing time", ErrSignature)
	}
	if now.Sub(signed).Abs() > tolerance {
		return Event{}, ErrTooOld
	}
	var wire struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Type    string `json:"type"`
		Account string `json:"account"`
		Created int64  `json:"created"`
		Data    struct {
			Object json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(payload, &wire); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	var object struct {
		ID string `json:"id"`
	}
	if wire.Object != "event" || wire.ID == "" || wire.Type == "" || json.Unmarshal(wire.Data.Object, &object) != nil {
		return Event{}, ErrPayload
	}
	if !isName(wire.ID) || !isName(wire.Type) || !isName(object.ID) {
		return Event{}, fmt.Errorf("%w: a name that Stripe would not give", ErrPayload)
	}
	return Event{
		ID: wire.ID, Type: wire.Type, Account: wire.Account,
		ObjectID: object.ID, Object: wire.Data.Object, Created: unix(wire.Created),
	}, nil
}

// signingTime reads the t= part of a Stripe-Signature header that was already verified.
func signingTime(header string) (time.Time, bool) {
	for _, pair := range strings.Split(header, ",") {
		if value, ok := strings.CutPrefix(pair, "t="); ok {
			seconds, err := strconv.ParseInt(value, 10, 64)
			return time.Unix(seconds, 0), err == nil
		}
	}
	return time.Time{}, false
}

// longestName is a length that Stripe promises its ids never to exceed.
// Source: https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible
const longestName = 255

// isName reports whether a text can be an id or a type of Stripe's: short, and of visible ASCII characters. Whoever
// stores an event may rely on that; there are characters that no database takes.
func isName(text string) bool {
	return len(text) <= longestName && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}
