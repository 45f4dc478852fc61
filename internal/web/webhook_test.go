package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

const message = `{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1763694000,` +
	`"data":{"object":{"id":"pi_1","object":"payment_intent"}}}`

// signed is the header of docs.stripe.com/webhooks#verify-manually.
func signed(body, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return fmt.Sprintf("t=%d,v1=%x", at.Unix(), mac.Sum(nil))
}

func TestOnlyASignedMessageOfTheGatewayIsTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		woken := 0
		site := webtest.New(t, d, func(c *web.Config) { c.Wake = func() { woken++ } })
		for _, c := range []struct {
			name, host, body, signature string
			want, woken                 int
		}{
			{"without a signature", "", message, "", http.StatusBadRequest, 0},
			{"signed with another secret", "", message, signed(message, "whsec_other", site.Wall()), http.StatusBadRequest, 0},
			{"changed after it was signed", "", message + " ", signed(message, thread.WebhookSecret, site.Wall()), http.StatusBadRequest, 0},
			{"played back an hour later", "", message, signed(message, thread.WebhookSecret, site.Wall().Add(-time.Hour)), http.StatusBadRequest, 0},
			{"to a shop without a secret", webtest.OtherHost, message, signed(message, thread.WebhookSecret, site.Wall()), http.StatusBadRequest, 0},
			{"larger than any", "", strings.Repeat("x", 1<<20+1), "", http.StatusRequestEntityTooLarge, 0},
			{"signed", "", message, signed(message, thread.WebhookSecret, site.Wall()), http.StatusOK, 1},
			{"sent again", "", message, signed(message, thread.WebhookSecret, site.Wall()), http.StatusOK, 2},
		} {
			b := site.Browser(t)
			b.Host = c.host
			b.Header.Set("Stripe-Signature", c.signature)
			// another program: it comes from no page of ours
			b.Header.Set("Sec-Fetch-Site", "cross-site")
			a := b.Send(t, http.MethodPost, "/hooks/stripe", "application/json", []byte(c.body))
			if a.Status != c.want || woken != c.woken {
				t.Errorf("a message %s: %d %q, woken %d times; want %d, %d", c.name, a.Status, a.Body, woken, c.want, c.woken)
			}
		}
	})
}
