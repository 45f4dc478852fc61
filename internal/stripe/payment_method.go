package stripe

import (
	"context"
	"net/http"

	sdk "github.com/stripe/stripe-go/v85"
)

// PaymentMethod is a saved card: what may be shown of it, never its number.
type PaymentMethod struct {
	ID       string
	Customer string // empty when detached
	Brand    string // visa, mastercard, jcb, amex, diners, discover, unionpay, unknown
	Last4    string
	ExpMonth int // 1 to 12
	ExpYear  int // four digits
	// Fingerprint is the same for the same card number within one account.
	Fingerprint string
}

// PaymentMethod reads a saved card. Source: https://docs.stripe.com/api/payment_methods/retrieve
func (c *Client) PaymentMethod(ctx context.Context, id string) (PaymentMethod, error) {
	var answer wirePaymentMethod
	path := sdk.FormatURLPath("/v1/payment_methods/%s", id)
	if err := c.get(ctx, "read payment method", path, &sdk.PaymentMethodRetrieveParams{}, &answer); err != nil {
		return PaymentMethod{}, err
	}
	return answer.paymentMethod(), nil
}

// DetachPaymentMethod takes a card off its customer; it can never be charged or attached again.
// Source: https://docs.stripe.com/api/payment_methods/detach
func (c *Client) DetachPaymentMethod(ctx context.Context, id string) error {
	var answer wirePaymentMethod
	path := sdk.FormatURLPath("/v1/payment_methods/%s/detach", id)
	return c.call(ctx, "detach payment method", http.MethodPost, path, &sdk.PaymentMethodDetachParams{}, &answer)
}
