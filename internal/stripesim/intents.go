package stripesim

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// The states of an intent. Source: https://docs.stripe.com/payments/paymentintents/lifecycle
const (
	statusRequiresMethod       = "requires_payment_method"
	statusRequiresConfirmation = "requires_confirmation"
	statusRequiresAction       = "requires_action"
	statusRequiresCapture      = "requires_capture"
	statusProcessing           = "processing"
	statusSucceeded            = "succeeded"
	statusCanceled             = "canceled"
)

// intentSpec is what a new intent is made of, by an API call or by a hosted page.
type intentSpec struct {
	amount        int64
	currency      string
	customer      string
	captureMethod string
	description   string
	futureUsage   string
	metadata      map[string]string
}

func (t *txn) newIntent(spec intentSpec) *paymentIntent {
	intent := &paymentIntent{
		ID: t.newID("pi"), Object: "payment_intent", Amount: spec.amount,
		CaptureMethod: spec.captureMethod, ConfirmationMethod: "automatic",
		Created: t.now.Unix(), Currency: spec.currency, Customer: ref{id: spec.customer},
		Description: text(spec.description), Metadata: merge(nil, spec.metadata),
		PaymentMethodTypes: []string{"card"}, SetupFutureUsage: text(spec.futureUsage),
		Status: statusRequiresMethod,
	}
	setDefault(&intent.CaptureMethod, "automatic")
	intent.ClientSecret = intent.ID + "_secret_" + t.seed
	t.intents[intent.ID] = intent
	t.intentOrder = append(t.intentOrder, intent)
	if owner := t.customers[spec.customer]; owner != nil {
		owner.intents = append(owner.intents, intent)
	}
	intent.note(t.key)
	t.save(intent)
	return intent
}

// note remembers which idempotency keys acted on an intent, for the ledger.
func (intent *paymentIntent) note(key string) {
	if key != "" {
		intent.sim.Keys = append(intent.sim.Keys, key)
	}
}

// createIntent makes an intent; with confirm=true it is confirmed at once.
// Source: https://docs.stripe.com/api/payment_intents/create
func (s *Server) createIntent(t *txn, r *request) (any, error) {
	if err := r.only("amount", "currency", "customer", "payment_method", "payment_method_types", "capture_method",
		"description", "metadata", "setup_future_usage", "confirm", "off_session", "return_url"); err != nil {
		return nil, err
	}
	amount, given, err := r.integer("amount")
	if err != nil {
		return nil, err
	}
	currency := r.params["currency"]
	switch {
	case !given:
		return nil, invalid("parameter_missing", "amount", "Missing required param: amount.")
	case currency == "":
		return nil, invalid("parameter_missing", "currency", "Missing required param: currency.")
	}
	if err := checkAmount(amount, currency); err != nil {
		return nil, err
	}
	owner := r.params["customer"]
	if owner != "" && t.customers[owner] == nil {
		return nil, missingParam("customer", "customer", owner)
	}
	var method *paymentMethod
	if id := r.params["payment_method"]; id != "" {
		if method, err = t.usableMethod(id, owner); err != nil {
			return nil, err
		}
	}
	intent := t.newIntent(intentSpec{
		amount: amount, currency: strings.ToLower(currency), customer: owner,
		captureMethod: r.params["capture_method"], description: r.params["description"],
		futureUsage: r.params["setup_future_usage"], metadata: r.hash("metadata"),
	})
	if method != nil {
		intent.PaymentMethod = ref{id: method.ID}
		intent.Status = statusRequiresConfirmation
	}
	if r.params["confirm"] == "true" {
		return t.confirmWith(intent, method, r)
	}
	return t.expandIntent(intent, r.expand()), nil
}

// checkAmount refuses what Stripe would not charge.
// Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
func checkAmount(amount int64, currency string) error {
	if amount < 1 {
		return invalid("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	}
	if least, known := stripe.Minimum(currency); known && amount < least {
		return invalid("amount_too_small", "amount", fmt.Sprintf("Amount must be at least %d %s", least, strings.ToLower(currency)))
	}
	if amount > 999_999_999_999 {
		return invalid("amount_too_large", "amount", "Amount must be no more than 999999999999.")
	}
	return nil
}

// usableMethod finds a card that may be used for a customer's payment.
func (t *txn) usableMethod(id, owner string) (*paymentMethod, error) {
	m := t.method(id)
	switch {
	case m == nil:
		return nil, missingParam("PaymentMethod", "payment_method", id)
	case m.sim.Detached:
		return nil, invalid("payment_method_unactivated", "payment_method", detachedMessage)
	case m.Customer.id != "" && m.Customer.id != owner:
		return nil, invalid("", "payment_method", "The PaymentMethod "+id+" does not belong to the Customer of this request.")
	}
	return m, nil
}

// confirmIntent charges. Source: https://docs.stripe.com/api/payment_intents/confirm
func (s *Server) confirmIntent(t *txn, r *request) (any, error) {
	if err := r.only("payment_method", "payment_method_types", "off_session", "return_url", "setup_future_usage"); err != nil {
		return nil, err
	}
	intent := t.intents[r.id]
	if intent == nil {
		return nil, missing("payment_intent", r.id)
	}
	switch intent.Status {
	case statusSucceeded:
		return nil, t.unexpectedState(intent, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.")
	case statusCanceled, statusRequiresCapture, statusProcessing:
		return nil, t.unexpectedState(intent, "You cannot confirm this PaymentIntent because it has a status of "+intent.Status+".")
	}
	id := r.params["payment_method"]
	setDefault(&id, intent.PaymentMethod.id)
	if id == "" {
		return nil, t.unexpectedState(intent, "You cannot confirm this PaymentIntent because it's missing a payment method.")
	}
	method, err := t.usableMethod(id, intent.Customer.id)
	if err != nil {
		return nil, err
	}
	intent.note(t.key)
	if usage := r.params["setup_future_usage"]; usage != "" {
		intent.SetupFutureUsage = text(usage)
	}
	return t.confirmWith(intent, method, r)
}

func (t *txn) confirmWith(intent *paymentIntent, method *paymentMethod, r *request) (any, error) {
	if method == nil {
		return nil, invalid("parameter_missing", "payment_method", "You cannot confirm this PaymentIntent because it's missing a payment method.")
	}
	// "one_off" and "recurring" are older words for true.
	offSession := r.params["off_session"] != "" && r.params["off_session"] != "false"
	refusal := t.pay(intent, method, circumstances{
		offSession: offSession, returnURL: r.params["return_url"], baseURL: r.baseURL,
	})
	if refusal != nil {
		answer := *refusal
		answer.PaymentIntent = encode(intent)
		return nil, &answer
	}
	return t.expandIntent(intent, r.expand()), nil
}

func (s *Server) getIntent(t *txn, r *request) (any, error) {
	intent := t.intents[r.id]
	if intent == nil {
		return nil, missing("payment_intent", r.id)
	}
	return t.expandIntent(intent, r.expand()), nil
}

// listIntents lists newest first, and shows what was written a moment ago.
// Source: https://docs.stripe.com/api/payment_intents/list
func (s *Server) listIntents(t *txn, r *request) (any, error) {
	if err := r.only("customer", "limit", "starting_after"); err != nil {
		return nil, err
	}
	limit, given, err := r.integer("limit")
	if err != nil {
		return nil, err
	}
	if !given {
		limit = 10
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("parameter_invalid_integer", "limit", "This value must be between 1 and 100.")
	}
	all := t.intentOrder
	if id := r.params["customer"]; id != "" {
		owner := t.customers[id]
		if owner == nil {
			return nil, missingParam("customer", "customer", id)
		}
		all = owner.intents
	}
	end := len(all)
	if after := r.params["starting_after"]; after != "" {
		if t.intents[after] == nil {
			return nil, missingParam("payment_intent", "starting_after", after)
		}
		end = sort.Search(len(all), func(i int) bool { return all[i].ID >= after })
	}
	start := max(0, end-int(limit))
	below, _ := inside(r.expand(), "data")
	page := list{Object: "list", Data: []any{}, HasMore: start > 0, URL: "/v1/payment_intents"}
	for _, intent := range slices.Backward(all[start:end]) {
		page.Data = append(page.Data, t.expandIntent(intent, below))
	}
	return page, nil
}

// cancelIntent ends an intent. Source: https://docs.stripe.com/api/payment_intents/cancel
func (s *Server) cancelIntent(t *txn, r *request) (any, error) {
	if err := r.only("cancellation_reason"); err != nil {
		return nil, err
	}
	intent := t.intents[r.id]
	if intent == nil {
		return nil, missing("payment_intent", r.id)
	}
	if intent.Status == statusSucceeded || intent.Status == statusCanceled {
		return nil, t.unexpectedState(intent, "You cannot cancel this PaymentIntent because it has a status of "+intent.Status+
			". Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, "+
			"requires_capture, requires_confirmation, requires_action, processing.")
	}
	if sess := t.sessions[intent.sim.Session]; sess != nil && sess.Status == sessionOpen {
		return nil, invalid("", "", "You cannot cancel the PaymentIntent of an open Checkout Session. Expire the Checkout Session instead.")
	}
	reason := r.params["cancellation_reason"]
	if reason != "" && !slices.Contains([]string{"duplicate", "fraudulent", "requested_by_customer", "abandoned"}, reason) {
		return nil, invalid("", "cancellation_reason", "Invalid cancellation_reason: "+reason)
	}
	intent.note(t.key)
	t.cancel(intent, reason)
	return t.expandIntent(intent, r.expand()), nil
}

func (t *txn) cancel(intent *paymentIntent, reason string) {
	intent.Status = statusCanceled
	intent.AmountCapturable = 0
	intent.NextAction = nil
	intent.CanceledAt = seconds(t.now.Unix())
	intent.CancellationReason = text(reason)
	t.save(intent)
	t.emit(stripe.EventIntentCanceled, intent)
}

// captureIntent takes an authorised amount or less. Source: https://docs.stripe.com/api/payment_intents/capture
func (s *Server) captureIntent(t *txn, r *request) (any, error) {
	if err := r.only("amount_to_capture", "final_capture", "metadata"); err != nil {
		return nil, err
	}
	intent := t.intents[r.id]
	if intent == nil {
		return nil, missing("payment_intent", r.id)
	}
	if intent.Status != statusRequiresCapture {
		return nil, t.unexpectedState(intent, "This PaymentIntent could not be captured because it has a status of "+
			intent.Status+". Only a PaymentIntent with one of the following statuses may be captured: requires_capture.")
	}
	amount, given, err := r.integer("amount_to_capture")
	if err != nil {
		return nil, err
	}
	if !given {
		amount = intent.AmountCapturable
	}
	if amount < 1 || amount > intent.AmountCapturable {
		return nil, invalid("amount_too_large", "amount_to_capture", "The amount to capture must be between 1 and the authorised amount.")
	}
	intent.note(t.key)
	intent.Metadata = merge(intent.Metadata, r.hash("metadata"))
	intent.Status = statusSucceeded
	intent.AmountReceived = amount
	intent.AmountCapturable = 0
	made := t.charges[intent.LatestCharge.id]
	made.Captured = true
	made.AmountCaptured = amount
	t.save(made)
	t.save(intent)
	t.emit(stripe.EventIntentSucceeded, intent)
	return t.expandIntent(intent, r.expand()), nil
}

func (s *Server) getSetupIntent(t *txn, r *request) (any, error) {
	intent := t.setupIntents[r.id]
	if intent == nil {
		return nil, missing("setupintent", r.id)
	}
	return t.expandSetup(intent, r.expand()), nil
}
