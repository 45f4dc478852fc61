package stripesim

import (
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// createRefund gives a charge back in full or part. Source: https://docs.stripe.com/api/refunds/create
func (s *Server) createRefund(t *txn, r *request) (any, error) {
	if err := r.only("payment_intent", "charge", "amount", "reason", "metadata"); err != nil {
		return nil, err
	}
	id := r.params["charge"]
	if intentID := r.params["payment_intent"]; intentID != "" {
		intent := t.intents[intentID]
		if intent == nil {
			return nil, missingParam("payment_intent", "payment_intent", intentID)
		}
		id = intent.LatestCharge.id
		if intent.Status != statusSucceeded {
			return nil, invalid("", "payment_intent", "This PaymentIntent ("+intentID+") does not have a successful charge to refund.")
		}
	}
	made := t.charges[id]
	if made == nil {
		return nil, missingParam("charge", "charge", id)
	}
	left := made.AmountCaptured - made.AmountRefunded
	amount, given, err := r.integer("amount")
	if err != nil {
		return nil, err
	}
	if !given {
		amount = left
	}
	reason := r.params["reason"]
	switch {
	case !made.Captured || made.Status != "succeeded":
		return nil, invalid("", "charge", "This charge has no captured amount to refund.")
	case left == 0:
		return nil, invalid("charge_already_refunded", "", "Charge "+made.ID+" has already been refunded.")
	case amount < 1 || amount > left:
		return nil, invalid("", "amount", fmt.Sprintf("Refund amount (%d) is greater than unrefunded amount on charge (%d)", amount, left))
	case reason != "" && !slices.Contains([]string{"duplicate", "fraudulent", "requested_by_customer"}, reason):
		return nil, invalid("", "reason", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer")
	}
	back := &refund{
		ID: t.newID("re"), Object: "refund", Amount: amount, Charge: ref{id: made.ID}, Created: t.now.Unix(),
		Currency: made.Currency, Metadata: merge(nil, r.hash("metadata")), PaymentIntent: made.PaymentIntent,
		Reason: text(reason), Status: "succeeded",
	}
	made.AmountRefunded += amount
	made.Refunded = made.AmountRefunded == made.AmountCaptured
	t.refunds[back.ID] = back
	t.refundOrder = append(t.refundOrder, back)
	t.save(back)
	t.save(made)
	t.emit(stripe.EventChargeRefunded, made)
	return back, nil
}

func (s *Server) getRefund(t *txn, r *request) (any, error) {
	back := t.refunds[r.id]
	if back == nil {
		return nil, missing("refund", r.id)
	}
	return back, nil
}
