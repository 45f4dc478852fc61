package stripe

import (
	"context"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// IntentStatus is where a payment intent stands.
// Source: https://docs.stripe.com/payments/paymentintents/lifecycle
type IntentStatus string

// The states. Succeeded and canceled are final.
const (
	IntentRequiresPaymentMethod IntentStatus = "requires_payment_method"
	IntentRequiresConfirmation  IntentStatus = "requires_confirmation"
	IntentRequiresAction        IntentStatus = "requires_action"
	IntentProcessing            IntentStatus = "processing"
	IntentRequiresCapture       IntentStatus = "requires_capture"
	IntentSucceeded             IntentStatus = "succeeded"
	IntentCanceled              IntentStatus = "canceled"
)

// CaptureMethod says whether confirming takes the money or only reserves it.
type CaptureMethod string

// The capture methods; the empty one is Stripe's default for cards, at once.
const (
	CaptureAutomatic CaptureMethod = "automatic"
	CaptureManual    CaptureMethod = "manual"
)

// Intent is one payment at the gateway. A succeeded intent cannot succeed again, which is the last line of defence
// against charging twice: one order's payment is one intent.
type Intent struct {
	ID     string
	Status IntentStatus
	// Amounts are in Stripe's units of Currency (see ToStripe), Currency in lower case.
	Amount, AmountReceived, AmountCapturable int64
	Currency                                 string
	Customer                                 string
	PaymentMethod                            string
	LatestCharge                             string
	Metadata                                 map[string]string
	// NextActionURL is where the shopper proves who they are (3-D Secure) while the status is requires_action.
	NextActionURL string
	// LastError is why the latest confirmation failed; nil if none did.
	LastError *LastError
	// CaptureBefore is when an authorisation lapses; only Intent (the single read) knows it.
	CaptureBefore time.Time
	Created       time.Time
}

// LastError is the reason of a failed confirmation in Stripe's words.
// Source: https://docs.stripe.com/declines/codes
type LastError struct {
	Code, DeclineCode, AdviceCode, Message string
}

// IntentParams describes a payment that is to be confirmed later.
type IntentParams struct {
	Amount        int64  // Stripe's units
	Currency      string // lower case
	Customer      string
	PaymentMethod string
	CaptureMethod CaptureMethod
	// SaveCard attaches the card to the customer for later charges without them (setup_future_usage=off_session).
	SaveCard    bool
	Description string // shown on Stripe's dashboard
	Metadata    map[string]string
}

// CreateIntent makes an unconfirmed intent: no money moves. Its id has to be stored before it is confirmed.
// Source: https://docs.stripe.com/api/payment_intents/create
func (c *Client) CreateIntent(ctx context.Context, key string, p IntentParams) (Intent, error) {
	params := &sdk.PaymentIntentCreateParams{
		Amount:        sdk.Int64(p.Amount),
		Currency:      sdk.String(p.Currency),
		Customer:      optional(p.Customer),
		PaymentMethod: optional(p.PaymentMethod),
		CaptureMethod: optional(string(p.CaptureMethod)),
		Description:   optional(p.Description),
		Metadata:      p.Metadata,
		// Without it Stripe offers every method enabled on the dashboard, of which some demand a return_url.
		PaymentMethodTypes: sdk.StringSlice([]string{"card"}),
	}
	if p.SaveCard {
		params.SetupFutureUsage = sdk.String("off_session")
	}
	return c.writeIntent(ctx, "create intent", key, "/v1/payment_intents", params)
}

// ConfirmParams says how an intent is to be confirmed.
type ConfirmParams struct {
	PaymentMethod string
	// OffSession: the customer is not there. A card that asks for them is then declined with
	// authentication_required instead of leading to requires_action.
	OffSession bool
	// ReturnURL is where 3-D Secure sends the shopper back to; needed when not OffSession.
	ReturnURL string
	// SaveCard asks the issuer, while the shopper is there, to let later charges through without them
	// (setup_future_usage=off_session). It needs a shopper, so not OffSession.
	SaveCard bool
}

// ConfirmIntent charges. Each try needs a new key, because Stripe stores a 402 and would replay it. A decline is an
// *Error of KindDeclined; requires_action is not an error. Only a stored id may be confirmed, never one just made.
// Source: https://docs.stripe.com/api/payment_intents/confirm
func (c *Client) ConfirmIntent(ctx context.Context, key, id string, p ConfirmParams) (Intent, error) {
	params := &sdk.PaymentIntentConfirmParams{
		PaymentMethod: optional(p.PaymentMethod),
		OffSession:    sdk.Bool(p.OffSession),
		ReturnURL:     optional(p.ReturnURL),
	}
	if p.SaveCard {
		params.SetupFutureUsage = sdk.String("off_session")
	}
	return c.writeIntent(ctx, "confirm intent", key, sdk.FormatURLPath("/v1/payment_intents/%s/confirm", id), params)
}

// Intent reads an intent: the way to resolve every unclear answer.
// Source: https://docs.stripe.com/api/payment_intents/retrieve
func (c *Client) Intent(ctx context.Context, id string) (Intent, error) {
	params := &sdk.PaymentIntentRetrieveParams{Expand: sdk.StringSlice([]string{"latest_charge"})}
	var answer wireIntent
	if err := c.get(ctx, "read intent", sdk.FormatURLPath("/v1/payment_intents/%s", id), params, &answer); err != nil {
		return Intent{}, err
	}
	if answer.ID != id {
		return Intent{}, notThat("read intent", answer.ID)
	}
	return answer.intent(), nil
}

// CancelIntent ends an intent for good; an authorised amount is released. A succeeded one cannot be canceled.
// Source: https://docs.stripe.com/api/payment_intents/cancel
func (c *Client) CancelIntent(ctx context.Context, key, id string) (Intent, error) {
	return c.writeIntent(ctx, "cancel intent", key, sdk.FormatURLPath("/v1/payment_intents/%s/cancel", id), &sdk.PaymentIntentCancelParams{})
}

// CaptureIntent takes amount (Stripe's units, at most what was authorised) from an authorised intent; the rest is
// released. Source: https://docs.stripe.com/api/payment_intents/capture
func (c *Client) CaptureIntent(ctx context.Context, key, id string, amount int64) (Intent, error) {
	params := &sdk.PaymentIntentCaptureParams{AmountToCapture: sdk.Int64(amount)}
	return c.writeIntent(ctx, "capture intent", key, sdk.FormatURLPath("/v1/payment_intents/%s/capture", id), params)
}

func (c *Client) writeIntent(ctx context.Context, op, key, path string, params sdk.ParamsContainer) (Intent, error) {
	var answer wireIntent
	if err := c.post(ctx, op, key, path, params, &answer); err != nil {
		return Intent{}, err
	}
	if answer.ID == "" {
		return Intent{}, notThat(op, "")
	}
	return answer.intent(), nil
}

// Page says which part of a list to read.
type Page struct {
	Limit int    // 1 to 100; zero is Stripe's default, 10
	After string // id of the last item of the page before; empty for the first
}

// IntentList is one page of intents, newest first.
type IntentList struct {
	Items []Intent
	More  bool
}

// Intents lists a customer's intents (all customers' when empty). Unlike Stripe's search it shows what was written
// a moment ago, so it finds the intent of a create call whose answer was lost and whose key has grown too old.
// Source: https://docs.stripe.com/api/payment_intents/list
func (c *Client) Intents(ctx context.Context, customer string, page Page) (IntentList, error) {
	params := &sdk.PaymentIntentListParams{Customer: optional(customer)}
	params.StartingAfter = optional(page.After)
	if page.Limit > 0 {
		params.Limit = sdk.Int64(int64(page.Limit))
	}
	var answer wireIntentList
	if err := c.list(ctx, "list intents", "/v1/payment_intents", params, &answer); err != nil {
		return IntentList{}, err
	}
	list := IntentList{More: answer.HasMore, Items: make([]Intent, 0, len(answer.Data))}
	for i := range answer.Data {
		list.Items = append(list.Items, answer.Data[i].intent())
	}
	return list, nil
}
