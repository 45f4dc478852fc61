// Package payment holds what an order's money is doing: payments, the attempts
// to collect them, and what a decline means. It speaks of the gateway only in
// words that any gateway has.
package payment

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// Kind says what a payment is for. An order has one main payment that is not
// void, and a further one only for a difference charged after an edit.
type Kind string

// The kinds of payment.
const (
	KindMain       Kind = "main"
	KindDifference Kind = "difference"
)

// State of a payment.
type State string

// States of a payment. Session: the customer pays on the hosted page. Due: the
// engine charges when next due. Action: only the customer can solve it.
const (
	StateSession   State = "session"
	StateDue       State = "due"
	StatePaid      State = "paid"
	StateAction    State = "action"
	StateUnknown   State = "unknown"
	StateCODDue    State = "cod_due"
	StateCollected State = "collected"
	StateZero      State = "zero"
	StateVoid      State = "void"
)

// Payment as it is stored. IntentNo counts intents of the payment: a new intent
// is made only after the one before it was cancelled.
type Payment struct {
	ID             ident.ID
	OrderID        ident.ID
	CustomerID     ident.ID
	SubscriptionID ident.ID
	Kind           Kind
	State          State
	Amount         money.Amount
	DeliveryID     ident.ID // first delivery that the order carries; zero for one-off orders
	CardID         ident.ID
	IntentID       string
	IntentNo       int
	Failures       int
	FirstFailedAt  time.Time
	Decline        Decline
	NextAt         time.Time // when the engine looks again; zero = not by itself
	Version        int64
}

// mostFailures keeps a payment below the card networks' caps, however often a button
// is pressed: 20 tries in 30 days at Visa, 10 a day at Mastercard.
const mostFailures = 9

// WantsOtherCard reports whether nobody may have the payment's card charged once more,
// neither the customer nor staff: the bank said so, or has refused often enough.
func (p Payment) WantsOtherCard() bool {
	return p.Decline == DeclineNever || p.Failures >= mostFailures
}

// Step is what an attempt does at the gateway.
type Step string

// The calls that move money or promise to.
const (
	StepSession Step = "session" // paid on the hosted page
	StepCreate  Step = "create"
	StepConfirm Step = "confirm"
	StepCancel  Step = "cancel"
	StepRefund  Step = "refund"
)

// AttemptState of one call.
type AttemptState string

// Open: written before the call, no answer yet. Unknown: the answer was lost or
// unclear; the intent is read, never guessed.
const (
	AttemptOpen      AttemptState = "open"
	AttemptUnknown   AttemptState = "unknown"
	AttemptSucceeded AttemptState = "succeeded"
	AttemptDeclined  AttemptState = "declined"
	AttemptFailed    AttemptState = "failed" // refused without effect, not by the card
)

// Attempt is one call to the gateway, written before it is made, its parameters
// frozen so that a repeat is byte-equal.
type Attempt struct {
	ID        ident.ID
	PaymentID ident.ID
	No        int
	Step      Step
	Key       string // idempotency key
	Params    Params
	State     AttemptState
	IntentID  string
	Code      string
	Decline   string
	Advice    string
	StartedAt time.Time
	EndedAt   time.Time
}

// Params are the frozen parameters of an attempt.
type Params struct {
	Customer      string `json:"customer,omitempty"`
	PaymentMethod string `json:"payment_method,omitempty"`
	Intent        string `json:"intent,omitempty"`
	Amount        int64  `json:"amount,omitempty"` // in the gateway's units
	Currency      string `json:"currency,omitempty"`
	OffSession    bool   `json:"off_session,omitempty"`
	ReturnURL     string `json:"return_url,omitempty"`
	DeliveryID    string `json:"delivery_id,omitempty"`
	OrderNumber   string `json:"order_number,omitempty"`
}
