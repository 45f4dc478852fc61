package stripe_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

const eventBody = `{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1763694000,"account":"acct_2","data":{"object":{"id":"pi_1","object":"payment_intent"}}}`

func signature(body, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return hex.EncodeToString(mac.Sum(nil))
}

func TestOnlyASignedAndFreshEventIsRead(t *testing.T) {
	now := time.Unix(1_763_694_100, 0)
	at := func(d time.Duration) time.Time { return now.Add(d) }
	header := func(body, secret string, at time.Time) string {
		return fmt.Sprintf("t=%d,v1=%s", at.Unix(), signature(body, secret, at))
	}
	for _, c := range []struct {
		name, body, header, secret string
		want                       error
	}{
		{"good", eventBody, header(eventBody, "s", now), "s", nil},
		{"a second v1 fits", eventBody, fmt.Sprintf("t=%d,v1=%s,v1=%s,v0=x", now.Unix(), signature(eventBody, "old", now), signature(eventBody, "s", now)), "s", nil},
		{"five minutes old", eventBody, header(eventBody, "s", at(-5*time.Minute)), "s", nil},
		{"older", eventBody, header(eventBody, "s", at(-301*time.Second)), "s", stripe.ErrTooOld},
		{"from the future", eventBody, header(eventBody, "s", at(301*time.Second)), "s", stripe.ErrTooOld},
		{"another secret", eventBody, header(eventBody, "other", now), "s", stripe.ErrSignature},
		{"another body", eventBody + " ", header(eventBody, "s", now), "s", stripe.ErrSignature},
		{"no header", eventBody, "", "s", stripe.ErrSignature},
		{"nonsense", eventBody, "t=abc,v1=zz", "s", stripe.ErrSignature},
		{"time changed", eventBody, fmt.Sprintf("t=%d,v1=%s", now.Unix()+1, signature(eventBody, "s", now)), "s", stripe.ErrSignature},
		{"no secret set", eventBody, header(eventBody, "", now), "", stripe.ErrSignature},
		{"no event", `{"id":"pi_1","object":"payment_intent"}`, header(`{"id":"pi_1","object":"payment_intent"}`, "s", now), "s", stripe.ErrPayload},
		{"no JSON", `{`, header(`{`, "s", now), "s", stripe.ErrPayload},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := stripe.ParseEvent([]byte(c.body), c.header, c.secret, stripe.DefaultTolerance, now)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil && (e.ID != "evt_1" || e.Type != stripe.EventIntentSucceeded || e.ObjectID != "pi_1" || e.Account != "acct_2" || e.Created.Unix() != 1763694000) {
				t.Errorf("event: %+v", e)
			}
		})
	}
}
