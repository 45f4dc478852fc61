package stripe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// expandable is a field that Stripe sends as an id, or as the object where the request asked to expand it.
// Source: https://docs.stripe.com/api/expanding_objects
type expandable[T any] struct {
	ID     string
	Object *T
}

func (x *expandable[T]) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || string(data) == "null":
		*x = expandable[T]{}
		return nil
	case data[0] == '"':
		return json.Unmarshal(data, &x.ID)
	}
	var id struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(data, &id); err != nil {
		return fmt.Errorf("read an expanded object's id: %w", err)
	}
	x.ID = id.ID
	x.Object = new(T)
	return json.Unmarshal(data, x.Object)
}

type wireError struct {
	Type          string      `json:"type"`
	Code          string      `json:"code"`
	DeclineCode   string      `json:"decline_code"`
	AdviceCode    string      `json:"advice_code"`
	Message       string      `json:"message"`
	PaymentIntent *wireIntent `json:"payment_intent"`
}

func (w *wireError) lastError() *LastError {
	if w == nil {
		return nil
	}
	last := &LastError{Code: w.Code, DeclineCode: w.DeclineCode, AdviceCode: w.AdviceCode, Message: w.Message}
	if w.Type == string(sdk.ErrorTypeCard) {
		last.DeclineCode = declineCode(w.Code, w.DeclineCode)
	}
	return last
}

type wireAccount struct {
	sdk.APIResource
	ID              string `json:"id"`
	Country         string `json:"country"`
	DefaultCurrency string `json:"default_currency"`
	ChargesEnabled  bool   `json:"charges_enabled"`
}

type wireCustomer struct {
	sdk.APIResource
	ID       string            `json:"id"`
	Deleted  bool              `json:"deleted"`
	Email    string            `json:"email"`
	Name     string            `json:"name"`
	Metadata map[string]string `json:"metadata"`
	Created  int64             `json:"created"`
}

type wireCharge struct {
	ID                   string `json:"id"`
	PaymentMethodDetails *struct {
		Card *struct {
			CaptureBefore int64 `json:"capture_before"`
		} `json:"card"`
	} `json:"payment_method_details"`
}

type wireNextAction struct {
	Type          string `json:"type"`
	RedirectToURL *struct {
		URL string `json:"url"`
	} `json:"redirect_to_url"`
}

type wireIntent struct {
	sdk.APIResource
	ID               string                        `json:"id"`
	Status           string                        `json:"status"`
	Amount           int64                         `json:"amount"`
	AmountReceived   int64                         `json:"amount_received"`
	AmountCapturable int64                         `json:"amount_capturable"`
	Currency         string                        `json:"currency"`
	CaptureMethod    string                        `json:"capture_method"`
	Customer         expandable[wireCustomer]      `json:"customer"`
	PaymentMethod    expandable[wirePaymentMethod] `json:"payment_method"`
	LatestCharge     expandable[wireCharge]        `json:"latest_charge"`
	Metadata         map[string]string             `json:"metadata"`
	NextAction       *wireNextAction               `json:"next_action"`
	LastPaymentError *wireError                    `json:"last_payment_error"`
	Created          int64                         `json:"created"`
}

func (w *wireIntent) intent() Intent {
	intent := Intent{
		ID:               w.ID,
		Status:           IntentStatus(w.Status),
		Amount:           w.Amount,
		AmountReceived:   w.AmountReceived,
		AmountCapturable: w.AmountCapturable,
		Currency:         w.Currency,
		Customer:         w.Customer.ID,
		PaymentMethod:    w.PaymentMethod.ID,
		LatestCharge:     w.LatestCharge.ID,
		Metadata:         w.Metadata,
		LastError:        w.LastPaymentError.lastError(),
		Created:          unix(w.Created),
	}
	if w.NextAction != nil && w.NextAction.RedirectToURL != nil {
		intent.NextActionURL = w.NextAction.RedirectToURL.URL
	}
	if charge := w.LatestCharge.Object; charge != nil && charge.PaymentMethodDetails != nil && charge.PaymentMethodDetails.Card != nil {
		intent.CaptureBefore = unix(charge.PaymentMethodDetails.Card.CaptureBefore)
	}
	return intent
}

type wireIntentList struct {
	sdk.APIResource
	Data    []wireIntent `json:"data"`
	HasMore bool         `json:"has_more"`
}

type wireSetupIntent struct {
	ID             string                        `json:"id"`
	Status         string                        `json:"status"`
	PaymentMethod  expandable[wirePaymentMethod] `json:"payment_method"`
	LastSetupError *wireError                    `json:"last_setup_error"`
	Metadata       map[string]string             `json:"metadata"`
}

type wireSession struct {
	sdk.APIResource
	ID            string                      `json:"id"`
	URL           string                      `json:"url"`
	Mode          string                      `json:"mode"`
	Status        string                      `json:"status"`
	PaymentStatus string                      `json:"payment_status"`
	AmountTotal   int64                       `json:"amount_total"`
	Currency      string                      `json:"currency"`
	Customer      expandable[wireCustomer]    `json:"customer"`
	PaymentIntent expandable[wireIntent]      `json:"payment_intent"`
	SetupIntent   expandable[wireSetupIntent] `json:"setup_intent"`
	Metadata      map[string]string           `json:"metadata"`
	ExpiresAt     int64                       `json:"expires_at"`
	Created       int64                       `json:"created"`
}

type wirePaymentMethod struct {
	sdk.APIResource
	ID       string                   `json:"id"`
	Type     string                   `json:"type"`
	Customer expandable[wireCustomer] `json:"customer"`
	Card     *struct {
		Brand       string `json:"brand"`
		Last4       string `json:"last4"`
		ExpMonth    int    `json:"exp_month"`
		ExpYear     int    `json:"exp_year"`
		Fingerprint string `json:"fingerprint"`
	} `json:"card"`
}

func (w *wirePaymentMethod) paymentMethod() PaymentMethod {
	method := PaymentMethod{ID: w.ID, Customer: w.Customer.ID}
	if w.Card != nil {
		method.Brand = w.Card.Brand
		method.Last4 = w.Card.Last4
		method.ExpMonth = w.Card.ExpMonth
		method.ExpYear = w.Card.ExpYear
		method.Fingerprint = w.Card.Fingerprint
	}
	return method
}

type wireRefund struct {
	sdk.APIResource
	ID            string                 `json:"id"`
	Status        string                 `json:"status"`
	Amount        int64                  `json:"amount"`
	Currency      string                 `json:"currency"`
	PaymentIntent expandable[wireIntent] `json:"payment_intent"`
	Charge        expandable[wireCharge] `json:"charge"`
	FailureReason string                 `json:"failure_reason"`
	Metadata      map[string]string      `json:"metadata"`
	Created       int64                  `json:"created"`
}

// unix turns Stripe's seconds into a UTC instant; zero stays the zero time.
func unix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
