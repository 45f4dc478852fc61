package stripe

import (
	"context"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// SessionMode says what a hosted Checkout page is for.
type SessionMode string

// The modes teiki uses: pay now, or give a card without paying.
const (
	ModePayment SessionMode = "payment"
	ModeSetup   SessionMode = "setup"
)

// SessionStatus is where a Checkout session stands. Source: https://docs.stripe.com/api/checkout/sessions/object
type SessionStatus string

// The states: only an open session can be paid, expired or completed.
const (
	SessionOpen     SessionStatus = "open"
	SessionComplete SessionStatus = "complete"
	SessionExpired  SessionStatus = "expired"
)

// PaymentStatus says whether a session's money is in; a setup session needs none.
type PaymentStatus string

// The payment states of a session.
const (
	PaymentPaid      PaymentStatus = "paid"
	PaymentUnpaid    PaymentStatus = "unpaid"
	PaymentNotNeeded PaymentStatus = "no_payment_required"
)

// SessionIDPlaceholder in a success URL is replaced by the session's id.
const SessionIDPlaceholder = "{CHECKOUT_SESSION_ID}"

// Session is a hosted card page.
type Session struct {
	ID            string
	URL           string // where to send the shopper; empty once the session is no longer open
	Mode          SessionMode
	Status        SessionStatus
	PaymentStatus PaymentStatus
	AmountTotal   int64 // Stripe's units; zero in setup mode
	Currency      string
	Customer      string
	Metadata      map[string]string
	// Intent is the payment of a payment session once the shopper has paid or tried to; read in full by Session.
	Intent *Intent
	// Setup is what a setup session saves; nil in payment mode.
	Setup *SetupIntent
	// PaymentMethod is the card of Intent or Setup; nil before one was given. Only Session reads it.
	PaymentMethod *PaymentMethod
	ExpiresAt     time.Time
	Created       time.Time
}

// SetupIntent is the saving of a card without a payment. Source: https://docs.stripe.com/api/setup_intents/object
type SetupIntent struct {
	ID            string
	Status        string // requires_payment_method, requires_confirmation, requires_action, processing, succeeded, canceled
	PaymentMethod string
	Metadata      map[string]string
	LastError     *LastError
}

// LineItem is one line of the hosted page.
type LineItem struct {
	Name     string
	Amount   int64 // a piece, in Stripe's units
	Quantity int64
}

// SessionParams describes a hosted card page.
type SessionParams struct {
	Mode     SessionMode
	Customer string
	Currency string     // lower case
	Items    []LineItem // payment mode only
	// SaveCard keeps the card of a payment for later charges without the customer
	// (setup_future_usage=off_session). Setup mode always keeps it.
	SaveCard      bool
	CaptureMethod CaptureMethod
	SuccessURL    string // may hold SessionIDPlaceholder
	CancelURL     string
	// Locale is one of Stripe's, such as ja, en, zh, zh-TW or auto.
	// Source: https://docs.stripe.com/js/appendix/supported_locales
	Locale string
	// ExpiresAt must be 30 minutes to 24 hours away; zero is 24 hours.
	ExpiresAt time.Time
	Metadata  map[string]string
	// IntentMetadata goes to the payment or setup intent.
	IntentMetadata map[string]string
}

// CreateSession makes a hosted card page. Source: https://docs.stripe.com/api/checkout/sessions/create
func (c *Client) CreateSession(ctx context.Context, key string, p SessionParams) (Session, error) {
	params := &sdk.CheckoutSessionCreateParams{
		Mode:               sdk.String(string(p.Mode)),
		Customer:           optional(p.Customer),
		SuccessURL:         optional(p.SuccessURL),
		CancelURL:          optional(p.CancelURL),
		Locale:             optional(p.Locale),
		Metadata:           p.Metadata,
		PaymentMethodTypes: sdk.StringSlice([]string{"card"}),
	}
	if !p.ExpiresAt.IsZero() {
		params.ExpiresAt = sdk.Int64(p.ExpiresAt.Unix())
	}
	if p.Mode == ModeSetup {
		params.SetupIntentData = &sdk.CheckoutSessionCreateSetupIntentDataParams{Metadata: p.IntentMetadata}
	} else {
		params.PaymentIntentData = &sdk.CheckoutSessionCreatePaymentIntentDataParams{
			Metadata:      p.IntentMetadata,
			CaptureMethod: optional(string(p.CaptureMethod)),
		}
		if p.SaveCard {
			params.PaymentIntentData.SetupFutureUsage = sdk.String("off_session")
		}
		for _, item := range p.Items {
			params.LineItems = append(params.LineItems, &sdk.CheckoutSessionCreateLineItemParams{
				Quantity: sdk.Int64(item.Quantity),
				PriceData: &sdk.CheckoutSessionCreateLineItemPriceDataParams{
					Currency:    sdk.String(p.Currency),
					UnitAmount:  sdk.Int64(item.Amount),
					ProductData: &sdk.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: sdk.String(item.Name)},
				},
			})
		}
	}
	var answer wireSession
	if err := c.post(ctx, "create session", key, "/v1/checkout/sessions", params, &answer); err != nil {
		return Session{}, err
	}
	if answer.ID == "" {
		return Session{}, notThat("create session", "")
	}
	return answer.session(), nil
}

// Session reads a session with its payment or setup intent and the card: what both the shopper's return and the
// webhook do, since either may come first. Source: https://docs.stripe.com/api/checkout/sessions/retrieve
func (c *Client) Session(ctx context.Context, id string) (Session, error) {
	params := &sdk.CheckoutSessionRetrieveParams{
		Expand: sdk.StringSlice([]string{"payment_intent.payment_method", "setup_intent.payment_method"}),
	}
	var answer wireSession
	if err := c.get(ctx, "read session", sdk.FormatURLPath("/v1/checkout/sessions/%s", id), params, &answer); err != nil {
		return Session{}, err
	}
	if answer.ID != id {
		return Session{}, notThat("read session", answer.ID)
	}
	return answer.session(), nil
}

// ExpireSession closes an open session, so that an abandoned page can no longer be paid. A session that is not open
// is refused with KindInvalid: read it then. Source: https://docs.stripe.com/api/checkout/sessions/expire
func (c *Client) ExpireSession(ctx context.Context, id string) (Session, error) {
	var answer wireSession
	path := sdk.FormatURLPath("/v1/checkout/sessions/%s/expire", id)
	if err := c.call(ctx, "expire session", http.MethodPost, path, &sdk.CheckoutSessionExpireParams{}, &answer); err != nil {
		return Session{}, err
	}
	return answer.session(), nil
}

func (w *wireSession) session() Session {
	session := Session{
		ID:            w.ID,
		URL:           w.URL,
		Mode:          SessionMode(w.Mode),
		Status:        SessionStatus(w.Status),
		PaymentStatus: PaymentStatus(w.PaymentStatus),
		AmountTotal:   w.AmountTotal,
		Currency:      w.Currency,
		Customer:      w.Customer.ID,
		Metadata:      w.Metadata,
		ExpiresAt:     unix(w.ExpiresAt),
		Created:       unix(w.Created),
	}
	var card *wirePaymentMethod
	if w.PaymentIntent.ID != "" {
		session.Intent = &Intent{ID: w.PaymentIntent.ID}
		if object := w.PaymentIntent.Object; object != nil {
			*session.Intent = object.intent()
			card = object.PaymentMethod.Object
		}
	}
	if w.SetupIntent.ID != "" {
		session.Setup = &SetupIntent{ID: w.SetupIntent.ID}
		if object := w.SetupIntent.Object; object != nil {
			session.Setup.Status = object.Status
			session.Setup.PaymentMethod = object.PaymentMethod.ID
			session.Setup.Metadata = object.Metadata
			session.Setup.LastError = object.LastSetupError.lastError()
			card = object.PaymentMethod.Object
		}
	}
	if card != nil {
		method := card.paymentMethod()
		session.PaymentMethod = &method
	}
	return session
}
