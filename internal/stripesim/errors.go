package stripesim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const (
	typeAPI         = "api_error"
	typeCard        = "card_error"
	typeIdempotency = "idempotency_error"
	typeInvalid     = "invalid_request_error"
)

// apiError is an error answer. Source: https://docs.stripe.com/api/errors
type apiError struct {
	status int
	// executed says that the call began to run, so an idempotency key remembers the answer.
	executed bool

	Type          string          `json:"type"`
	Code          string          `json:"code,omitempty"`
	DeclineCode   string          `json:"decline_code,omitempty"`
	AdviceCode    string          `json:"advice_code,omitempty"`
	Message       string          `json:"message"`
	Param         string          `json:"param,omitempty"`
	Charge        string          `json:"charge,omitempty"`
	DocURL        string          `json:"doc_url,omitempty"`
	PaymentIntent json.RawMessage `json:"payment_intent,omitempty"`
	PaymentMethod json.RawMessage `json:"payment_method,omitempty"`
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s %s: %s", e.status, e.Type, e.Code, e.Message)
}

var (
	errUnauthorized = &apiError{status: http.StatusUnauthorized, Type: typeInvalid, Message: "Invalid API Key provided."}
	errInternal     = &apiError{
		status: http.StatusInternalServerError, executed: true, Type: typeAPI,
		Message: "An unexpected error occurred on the simulator's side.",
	}
	// Source: https://docs.stripe.com/rate-limits
	errRateLimited = &apiError{
		status: http.StatusTooManyRequests, Type: typeInvalid, Code: "rate_limit",
		Message: "Request rate limit exceeded.",
	}
	errKeyInUse = &apiError{
		status: http.StatusConflict, Type: typeIdempotency, Code: "idempotency_key_in_use",
		Message: "There is currently another in-progress request using this idempotency key.",
	}
	errLocked = &apiError{
		status: http.StatusConflict, Type: typeInvalid, Code: "lock_timeout",
		Message: "This object cannot be accessed right now because another request is accessing it.",
	}
)

// invalid refuses a parameter before anything was done, so that no idempotency key remembers it.
func invalid(code, param, message string) *apiError {
	return &apiError{status: http.StatusBadRequest, Type: typeInvalid, Code: code, Param: param, Message: message}
}

// missing is the answer for an object in the path that is not there (404).
func missing(kind, id string) *apiError {
	return &apiError{
		status: http.StatusNotFound, Type: typeInvalid, Code: "resource_missing", Param: "id",
		Message: fmt.Sprintf("No such %s: '%s'", kind, id),
	}
}

// missingParam is the answer for an object named in a parameter that is not there (400).
func missingParam(kind, param, id string) *apiError {
	return invalid("resource_missing", param, fmt.Sprintf("No such %s: '%s'", kind, id))
}

// unexpectedState refuses a call that does not fit what the intent already is, and shows the intent.
// Source: https://docs.stripe.com/error-codes#payment-intent-unexpected-state
func (t *txn) unexpectedState(intent *paymentIntent, message string) *apiError {
	return &apiError{
		status: http.StatusBadRequest, executed: true, Type: typeInvalid, Code: "payment_intent_unexpected_state",
		Message: message, PaymentIntent: encode(intent),
		DocURL: "https://docs.stripe.com/error-codes#payment-intent-unexpected-state",
	}
}
