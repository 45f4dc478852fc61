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
	if errors.As(err, &tooLarge) {
		http.Error(w, "message larger than 1 MB", http.StatusRequestEntityTooLarge)
		return nil
	}
	if err != nil {
		http.Error(w, "message could not be read", http.StatusBadRequest)
		return nil
	}
	err = h.Flow.ReceiveWebhook(ctx, reqctx.Shop(ctx).ID, payload, r.Header.Get("Stripe-Signature"))
	if fault.Is(err, fault.Invalid) {
		slog.WarnContext(ctx, "webhook refused", "request", reqctx.RequestID(ctx), "error", err)
		http.Error(w, "signature does not match: check that the signing secret in teiki is the one of this endpoint, and the clock",
			http.StatusBadRequest)
		return nil
	}
	if errors.Is(err, db.ErrNotFound) {
		http.Error(w, "this shop has no signing secret for webhooks yet", http.StatusBadRequest)
		return nil
	}
	if err != nil {
		return err
	}
	if h.Wake != nil {
		h.Wake()
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
