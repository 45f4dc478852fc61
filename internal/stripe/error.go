package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	sdk "github.com/stripe/stripe-go/v85"
)

// Kind sorts a failed call by what the caller may conclude from it.
type Kind string

// The kinds. Every one except KindUnclear says that the call had no effect beyond what Error.Intent shows.
const (
	// KindDeclined: the issuer or Stripe refused the card (402). The intent is back in
	// requires_payment_method; Error.Intent holds it as it is now.
	KindDeclined Kind = "declined"
	// KindInvalid: the request was wrong in form or in state (other 4xx); sending it again changes nothing.
	KindInvalid Kind = "invalid"
	// KindAuth: the key is wrong, revoked or may not do this (401, 403).
	KindAuth Kind = "auth"
	// KindNotFound: the object in the address does not exist in this account (404).
	KindNotFound Kind = "not_found"
	// KindConflict: another request with this idempotency key, or on this object, is under way (409).
	KindConflict Kind = "conflict"
	// KindIdempotency: the idempotency key was used before with other parameters.
	KindIdempotency Kind = "idempotency"
	// KindRateLimited: too many requests (429). It is never a decline; wait, then send again.
	KindRateLimited Kind = "rate_limited"
	// KindUnclear: a timeout, a broken connection, a 5xx or an answer that cannot be read. The effect may or may
	// not have happened. It must be resolved by reading the object (Intent, Session, Intents by customer), never
	// by guessing and never by making a second one.
	KindUnclear Kind = "unclear"
)

// Error is the failure of one call. It is the only error type that this package's calls return.
type Error struct {
	// Op names the call, for example "confirm intent".
	Op   string
	Kind Kind
	// HTTPStatus is 0 when no answer came.
	HTTPStatus int
	// Code, DeclineCode and AdviceCode are Stripe's own words, empty where Stripe gave none. AdviceCode outranks
	// DeclineCode. Where a card error has only a code (expired_card, incorrect_cvc, processing_error), DeclineCode
	// is that code too, so that it alone says why. Source: https://docs.stripe.com/declines/codes
	Code, DeclineCode, AdviceCode string
	// Param names the parameter that a KindInvalid answer complains of.
	Param string
	// Message is for staff and logs, in English; shoppers never see it.
	Message string
	// RequestID is Stripe's id of the request (req_…), which its support asks for.
	RequestID string
	// Intent is the payment intent as the failed call left it, where the answer carried one.
	Intent *Intent
	// RetryAfter is how long the gateway asked to wait; zero where it did not say.
	RetryAfter time.Duration
	cause      error
}

// Error names the call, the kind and Stripe's words.
func (e *Error) Error() string {
	text := fmt.Sprintf("stripe: %s: %s", e.Op, e.Kind)
	if e.HTTPStatus != 0 {
		text += fmt.Sprintf(" (%d)", e.HTTPStatus)
	}
	for _, word := range []string{e.Code, e.DeclineCode, e.Message} {
		if word != "" {
			text += ": " + word
		}
	}
	return text
}

// Unwrap returns the transport's error where there was one, so that context.DeadlineExceeded can be recognised.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of a failed call, and "" for an error that did not come from one.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// notThat is a success that is not about the object that was asked for, as a proxy between may answer: it says
// nothing about the object.
func notThat(op, id string) *Error {
	return &Error{Op: op, Kind: KindUnclear, HTTPStatus: http.StatusOK, Message: fmt.Sprintf("the answer is about %q", id)}
}

// newError translates what the SDK returned. The SDK's error type knows no advice code, so the body is read again.
func newError(op string, err error) *Error {
	answered, ok := errors.AsType[*sdk.Error](err)
	if !ok || answered.LastResponse == nil {
		return &Error{Op: op, Kind: KindUnclear, Message: err.Error(), cause: err}
	}
	e := &Error{
		Op:          op,
		HTTPStatus:  answered.HTTPStatusCode,
		Code:        string(answered.Code),
		DeclineCode: string(answered.DeclineCode),
		Param:       answered.Param,
		Message:     answered.Msg,
		RequestID:   answered.RequestID,
	}
	var body struct {
		Error wireError `json:"error"`
	}
	if json.Unmarshal(answered.LastResponse.RawJSON, &body) == nil {
		e.AdviceCode = body.Error.AdviceCode
		if body.Error.PaymentIntent != nil {
			intent := body.Error.PaymentIntent.intent()
			e.Intent = &intent
		}
	}
	if seconds, convErr := strconv.Atoi(answered.LastResponse.Header.Get("Retry-After")); convErr == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	e.Kind = kindOf(answered.HTTPStatusCode, answered.Type)
	if e.Kind == KindDeclined {
		e.DeclineCode = declineCode(e.Code, e.DeclineCode)
	}
	return e
}

// declineCode is the reason of a refused card: Stripe gives some reasons as a code only.
// Source: https://docs.stripe.com/testing#declined-payments
func declineCode(code, decline string) string {
	if decline == "" && code != "card_declined" {
		return code
	}
	return decline
}

// kindOf reads status and type as https://docs.stripe.com/error-low-level and https://docs.stripe.com/api/errors
// define them. What neither names is unclear: concluding too little is safe, concluding too much is not.
func kindOf(status int, typ sdk.ErrorType) Kind {
	switch {
	case status == http.StatusConflict: // also a key in use, whose type is idempotency_error
		return KindConflict
	case typ == sdk.ErrorTypeIdempotency:
		return KindIdempotency
	case status == http.StatusPaymentRequired, typ == sdk.ErrorTypeCard:
		return KindDeclined
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return KindAuth
	case status == http.StatusNotFound:
		return KindNotFound
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status == http.StatusFailedDependency, status == http.StatusRequestTimeout:
		return KindUnclear
	case status >= 400 && status < 500:
		return KindInvalid
	}
	return KindUnclear
}
