package stripesim

import (
	"bytes"
	"encoding/json"
)

// apiVersion is the version whose shapes the answers have; it is the one the official SDK asks for.
const apiVersion = "2026-03-25.dahlia"

// ref is a field that holds another object's id, or the object where the request asked to expand it.
// Source: https://docs.stripe.com/api/expanding_objects
type ref struct {
	id     string
	object json.RawMessage
}

func (r ref) MarshalJSON() ([]byte, error) {
	switch {
	case r.object != nil:
		return r.object, nil
	case r.id == "":
		return []byte("null"), nil
	}
	return json.Marshal(r.id)
}

func (r *ref) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*r = ref{}
		return nil
	}
	return json.Unmarshal(data, &r.id)
}

// text is a string that Stripe sends as null when it is empty.
type text string

func (x text) MarshalJSON() ([]byte, error) {
	if x == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(x))
}

// seconds is an instant that Stripe sends as null when there is none.
type seconds int64

func (x seconds) MarshalJSON() ([]byte, error) {
	if x == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int64(x))
}

// encode renders an object of this package; their types cannot fail to encode.
func encode(object any) json.RawMessage {
	body, err := json.Marshal(object)
	if err != nil {
		panic("stripesim: encode an object: " + err.Error())
	}
	return body
}

// list is a page of objects. Source: https://docs.stripe.com/api/pagination
type list struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// account: https://docs.stripe.com/api/accounts/object
type account struct {
	ID               string `json:"id"`
	Object           string `json:"object"`
	Country          string `json:"country"`
	DefaultCurrency  string `json:"default_currency"`
	ChargesEnabled   bool   `json:"charges_enabled"`
	DetailsSubmitted bool   `json:"details_submitted"`
	PayoutsEnabled   bool   `json:"payouts_enabled"`
	Type             string `json:"type"`
}

// customer: https://docs.stripe.com/api/customers/object
type customer struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Created     int64             `json:"created"`
	Description text              `json:"description"`
	Email       text              `json:"email"`
	Livemode    bool              `json:"livemode"`
	Metadata    map[string]string `json:"metadata"`
	Name        text              `json:"name"`

	// intents are this customer's, oldest first.
	intents []*paymentIntent
}

// paymentMethod: https://docs.stripe.com/api/payment_methods/object
type paymentMethod struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	AllowRedisplay string            `json:"allow_redisplay"`
	BillingDetails billingDetails    `json:"billing_details"`
	Card           card              `json:"card"`
	Created        int64             `json:"created"`
	Customer       ref               `json:"customer"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Type           string            `json:"type"`

	sim methodSim
}

// methodSim is what the simulator knows of a card and Stripe does not say.
type methodSim struct {
	// Behaviour is how the card answers; see cards.go.
	Behaviour behaviour `json:"behaviour"`
	// SetUp: the shopper was authenticated while it was saved for off-session use.
	SetUp bool `json:"set_up,omitempty"`
	// Detached cards can never be used again.
	Detached bool `json:"detached,omitempty"`
}

type billingDetails struct {
	Address billingAddress `json:"address"`
	Email   text           `json:"email"`
	Name    text           `json:"name"`
	Phone   text           `json:"phone"`
	TaxID   text           `json:"tax_id"`
}

type billingAddress struct {
	City       text `json:"city"`
	Country    text `json:"country"`
	Line1      text `json:"line1"`
	Line2      text `json:"line2"`
	PostalCode text `json:"postal_code"`
	State      text `json:"state"`
}

type card struct {
	Brand       string `json:"brand"`
	Country     string `json:"country"`
	ExpMonth    int    `json:"exp_month"`
	ExpYear     int    `json:"exp_year"`
	Fingerprint string `json:"fingerprint"`
	Funding     string `json:"funding"`
	Last4       string `json:"last4"`
}

// paymentIntent: https://docs.stripe.com/api/payment_intents/object
type paymentIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountCapturable   int64             `json:"amount_capturable"`
	AmountReceived     int64             `json:"amount_received"`
	CanceledAt         seconds           `json:"canceled_at"`
	CancellationReason text              `json:"cancellation_reason"`
	CaptureMethod      string            `json:"capture_method"`
	ClientSecret       string            `json:"client_secret"`
	ConfirmationMethod string            `json:"confirmation_method"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           ref               `json:"customer"`
	Description        text              `json:"description"`
	LastPaymentError   *apiError         `json:"last_payment_error"`
	LatestCharge       ref               `json:"latest_charge"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         *nextAction       `json:"next_action"`
	PaymentMethod      ref               `json:"payment_method"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	SetupFutureUsage   text              `json:"setup_future_usage"`
	Status             string            `json:"status"`

	sim intentSim
}

// intentSim is what the simulator keeps beside an intent.
type intentSim struct {
	// Keys are the idempotency keys of the calls that created, confirmed, captured or canceled it.
	Keys []string `json:"keys,omitempty"`
	// Session is the Checkout session it belongs to.
	Session string `json:"session,omitempty"`
	// ReturnURL is where the challenge page sends the shopper back to.
	ReturnURL string `json:"return_url,omitempty"`
}

// setupIntent: https://docs.stripe.com/api/setup_intents/object
type setupIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	ClientSecret       string            `json:"client_secret"`
	Created            int64             `json:"created"`
	Customer           ref               `json:"customer"`
	LastSetupError     *apiError         `json:"last_setup_error"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         *nextAction       `json:"next_action"`
	PaymentMethod      ref               `json:"payment_method"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	Status             string            `json:"status"`
	Usage              string            `json:"usage"`

	sim intentSim
}

type nextAction struct {
	Type          string         `json:"type"`
	RedirectToURL *redirectToURL `json:"redirect_to_url,omitempty"`
}

type redirectToURL struct {
	ReturnURL string `json:"return_url"`
	URL       string `json:"url"`
}

// charge: https://docs.stripe.com/api/charges/object
type charge struct {
	ID                   string            `json:"id"`
	Object               string            `json:"object"`
	Amount               int64             `json:"amount"`
	AmountCaptured       int64             `json:"amount_captured"`
	AmountRefunded       int64             `json:"amount_refunded"`
	BillingDetails       billingDetails    `json:"billing_details"`
	Captured             bool              `json:"captured"`
	Created              int64             `json:"created"`
	Currency             string            `json:"currency"`
	Customer             ref               `json:"customer"`
	Disputed             bool              `json:"disputed"`
	FailureCode          text              `json:"failure_code"`
	FailureMessage       text              `json:"failure_message"`
	Livemode             bool              `json:"livemode"`
	Metadata             map[string]string `json:"metadata"`
	Outcome              outcome           `json:"outcome"`
	Paid                 bool              `json:"paid"`
	PaymentIntent        ref               `json:"payment_intent"`
	PaymentMethod        text              `json:"payment_method"`
	PaymentMethodDetails methodDetails     `json:"payment_method_details"`
	Refunded             bool              `json:"refunded"`
	Status               string            `json:"status"`

	sim chargeSim
}

type chargeSim struct {
	// Key is the idempotency key of the call that made the charge; empty for the hosted page.
	Key string `json:"key,omitempty"`
	// Trace is the caller's own request id.
	Trace string `json:"trace,omitempty"`
}

type outcome struct {
	AdviceCode    text   `json:"advice_code"`
	NetworkStatus string `json:"network_status"`
	Reason        text   `json:"reason"`
	SellerMessage string `json:"seller_message"`
	Type          string `json:"type"`
}

type methodDetails struct {
	Type string     `json:"type"`
	Card chargeCard `json:"card"`
}

type chargeCard struct {
	Brand         string `json:"brand"`
	CaptureBefore int64  `json:"capture_before,omitempty"`
	Country       string `json:"country"`
	ExpMonth      int    `json:"exp_month"`
	ExpYear       int    `json:"exp_year"`
	Fingerprint   string `json:"fingerprint"`
	Funding       string `json:"funding"`
	Last4         string `json:"last4"`
}

// refund: https://docs.stripe.com/api/refunds/object
type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Charge        ref               `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent ref               `json:"payment_intent"`
	Reason        text              `json:"reason"`
	Status        string            `json:"status"`
}

// session: https://docs.stripe.com/api/checkout/sessions/object
type session struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	AmountSubtotal     *int64            `json:"amount_subtotal"`
	AmountTotal        *int64            `json:"amount_total"`
	AutomaticTax       automaticTax      `json:"automatic_tax"`
	CancelURL          text              `json:"cancel_url"`
	ClientReferenceID  text              `json:"client_reference_id"`
	Created            int64             `json:"created"`
	Currency           text              `json:"currency"`
	CustomFields       []any             `json:"custom_fields"`
	CustomText         customText        `json:"custom_text"`
	Customer           ref               `json:"customer"`
	ExpiresAt          int64             `json:"expires_at"`
	Livemode           bool              `json:"livemode"`
	Locale             text              `json:"locale"`
	Metadata           map[string]string `json:"metadata"`
	Mode               string            `json:"mode"`
	PaymentIntent      ref               `json:"payment_intent"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	PaymentStatus      string            `json:"payment_status"`
	SetupIntent        ref               `json:"setup_intent"`
	ShippingOptions    []any             `json:"shipping_options"`
	Status             string            `json:"status"`
	SuccessURL         text              `json:"success_url"`
	URL                text              `json:"url"`

	sim sessionSim
}

// sessionSim is what the hosted page needs to know of a session.
type sessionSim struct {
	Items          []lineItem        `json:"items,omitempty"`
	IntentMetadata map[string]string `json:"intent_metadata,omitempty"`
	SaveCard       bool              `json:"save_card,omitempty"`
	CaptureMethod  string            `json:"capture_method,omitempty"`
	Description    string            `json:"description,omitempty"`
}

type lineItem struct {
	Name     string `json:"name"`
	Amount   int64  `json:"amount"`
	Quantity int64  `json:"quantity"`
}

type automaticTax struct {
	Enabled   bool `json:"enabled"`
	Liability any  `json:"liability"`
	Provider  text `json:"provider"`
	Status    text `json:"status"`
}

type customText struct {
	AfterSubmit     any `json:"after_submit"`
	ShippingAddress any `json:"shipping_address"`
	Submit          any `json:"submit"`
	TermsAcceptance any `json:"terms_of_service_acceptance"`
}

// event: https://docs.stripe.com/api/events/object
type event struct {
	ID              string       `json:"id"`
	Object          string       `json:"object"`
	APIVersion      string       `json:"api_version"`
	Created         int64        `json:"created"`
	Data            eventData    `json:"data"`
	Livemode        bool         `json:"livemode"`
	PendingWebhooks int          `json:"pending_webhooks"`
	Request         eventRequest `json:"request"`
	Type            string       `json:"type"`

	sim eventSim
}

type eventSim struct {
	Delivered bool `json:"delivered,omitempty"`
}

type eventData struct {
	Object json.RawMessage `json:"object"`
}

type eventRequest struct {
	ID             text `json:"id"`
	IdempotencyKey text `json:"idempotency_key"`
}
