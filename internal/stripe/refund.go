package stripe

import (
	"context"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// Refund gives a charge back in full or part.
type Refund struct {
	ID            string
	Status        string // pending, requires_action, succeeded, failed, canceled
	Amount        int64  // Stripe's units
	Currency      string
	Intent        string
	Charge        string
	FailureReason string // Stripe's word for a failed refund
	Metadata      map[string]string
	Created       time.Time
}

// RefundParams says what is given back.
type RefundParams struct {
	Intent   string
	Amount   int64  // Stripe's units; zero is all that is left
	Reason   string // duplicate, fraudulent, requested_by_customer, or empty
	Metadata map[string]string
}

// CreateRefund gives money back. Stripe refuses more than is left with KindInvalid.
// Source: https://docs.stripe.com/api/refunds/create
func (c *Client) CreateRefund(ctx context.Context, key string, p RefundParams) (Refund, error) {
	params := &sdk.RefundCreateParams{
		PaymentIntent: optional(p.Intent),
		Reason:        optional(p.Reason),
		Metadata:      p.Metadata,
	}
	if p.Amount != 0 {
		params.Amount = sdk.Int64(p.Amount)
	}
	var answer wireRefund
	if err := c.post(ctx, "create refund", key, "/v1/refunds", params, &answer); err != nil {
		return Refund{}, err
	}
	return Refund{
		ID: answer.ID, Status: answer.Status, Amount: answer.Amount, Currency: answer.Currency,
		Intent: answer.PaymentIntent.ID, Charge: answer.Charge.ID, FailureReason: answer.FailureReason,
		Metadata: answer.Metadata, Created: unix(answer.Created),
	}, nil
}
