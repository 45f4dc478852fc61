// Package hooks receives the messages of other programs. A message is stored,
// not acted on: the engine does what it asks for.
package hooks

import (
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// maxMessage is far above what Stripe sends (its largest events are some 100 kB).
const maxMessage = 1 << 20

// Handlers of messages.
type Handlers struct {
	Flow *flow.Flow
	// Wake tells the engine that there is work; nil where none runs in this
	// process.
	Wake func()
}

// Stripe stores a message of the payment gateway. Its answers are read by
// programs and by merchants in Stripe's dashboard, hence plain English. Anything
// but 2xx makes Stripe send the message again
// (docs.stripe.com/webhooks#retries).
func (h *Handlers) Stripe(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return refuse(w, http.StatusRequestEntityTooLarge, "message larger than 1 MB")
	case err != nil:
		return refuse(w, http.StatusBadRequest, "message could not be read")
	}
	err = h.Flow.ReceiveWebhook(ctx, reqctx.Shop(ctx).ID, payload, r.Header.Get("Stripe-Signature"))
	switch {
	case fault.Is(err, fault.Invalid):
		slog.WarnContext(ctx, "webhook refused", "request", reqctx.RequestID(ctx), "error", err)
		return refuse(w, http.StatusBadRequest, "signature does not match, or this is no event of Stripe's: check that "+
			"the signing secret in teiki is the one of this endpoint, and the clock")
	case errors.Is(err, db.ErrNotFound):
		return refuse(w, http.StatusBadRequest, "this shop has no signing secret for webhooks yet")
	case err != nil:
		return err
	}
	if h.Wake != nil {
		h.Wake()
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// refuse answers a message that will be no better when it is sent again as it is.
func refuse(w http.ResponseWriter, status int, text string) error {
	http.Error(w, text, status)
	return nil
}
