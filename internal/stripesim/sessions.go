package stripesim

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// The states of a session. Source: https://docs.stripe.com/api/checkout/sessions/object
const (
	sessionOpen     = string(stripe.SessionOpen)
	sessionComplete = string(stripe.SessionComplete)
	sessionExpired  = string(stripe.SessionExpired)
)

// The bounds of expires_at. Source: https://docs.stripe.com/api/checkout/sessions/create
const (
	shortestSession = 30 * time.Minute
	longestSession  = 24 * time.Hour
)

// createSession makes a hosted page. A setup session gets its setup intent now, a payment session its payment
// intent when the shopper pays. Source: https://docs.stripe.com/api/checkout/sessions/create
func (s *Server) createSession(t *txn, r *request) (any, error) {
	if err := r.only("mode", "customer", "success_url", "cancel_url", "locale", "expires_at", "metadata",
		"payment_method_types", "line_items", "payment_intent_data", "setup_intent_data", "client_reference_id",
		"currency"); err != nil {
		return nil, err
	}
	mode := r.params["mode"]
	if mode != string(stripe.ModePayment) && mode != string(stripe.ModeSetup) {
		return nil, invalid("", "mode", "Invalid mode: the simulator knows payment and setup.")
	}
	for _, name := range []string{"success_url", "cancel_url"} {
		if err := checkURL(name, r.params[name], name == "success_url"); err != nil {
			return nil, err
		}
	}
	owner := r.params["customer"]
	if owner != "" && t.customers[owner] == nil {
		return nil, missingParam("customer", "customer", owner)
	}
	expires, given, err := r.integer("expires_at")
	if err != nil {
		return nil, err
	}
	if !given {
		expires = t.now.Add(longestSession).Unix()
	}
	// A minute of grace on both ends: Stripe measures with its own clock as well.
	if in := time.Duration(expires-t.now.Unix()) * time.Second; in < shortestSession-time.Minute || in > longestSession+time.Minute {
		return nil, invalid("", "expires_at", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	sess := &session{
		Object: "checkout.session", CancelURL: text(r.params["cancel_url"]),
		ClientReferenceID: text(r.params["client_reference_id"]), Created: t.now.Unix(),
		CustomFields: []any{}, Customer: ref{id: owner}, ExpiresAt: expires, Locale: text(r.params["locale"]),
		Metadata: merge(nil, r.hash("metadata")), Mode: mode, PaymentMethodTypes: []string{"card"},
		ShippingOptions: []any{}, Status: sessionOpen, SuccessURL: text(r.params["success_url"]),
	}
	if mode == string(stripe.ModePayment) {
		if err := readPayment(sess, r); err != nil {
			return nil, err
		}
	} else {
		sess.PaymentStatus = string(stripe.PaymentNotNeeded)
		sess.sim.IntentMetadata = r.hash("setup_intent_data[metadata]")
	}
	sess.ID = t.newID("cs_test")
	sess.URL = text(r.baseURL + "/c/pay/" + sess.ID)
	if mode == string(stripe.ModeSetup) {
		sess.SetupIntent = ref{id: t.newSetup(sess).ID}
	}
	t.sessions[sess.ID] = sess
	t.remind(expires, sess.ID)
	t.save(sess)
	return t.expandSession(sess, r.expand()), nil
}

// readPayment takes over what a payment session charges.
func readPayment(sess *session, r *request) error {
	total := int64(0)
	for i := 0; ; i++ {
		at := "line_items[" + strconv.Itoa(i) + "]"
		data := at + "[price_data]"
		name := r.params[data+"[product_data][name]"]
		amount, given, err := r.integer(data + "[unit_amount]")
		if err != nil {
			return err
		}
		if !given && name == "" {
			break
		}
		quantity, given, err := r.integer(at + "[quantity]")
		if err != nil {
			return err
		}
		if !given {
			quantity = 1
		}
		currency := strings.ToLower(r.params[data+"[currency]"])
		switch {
		case name == "":
			return invalid("parameter_missing", data+"[product_data][name]", "Missing required param: name.")
		case currency == "" || sess.Currency != "" && text(currency) != sess.Currency:
			return invalid("", data+"[currency]", "All line items must have the same currency.")
		case amount < 0 || quantity < 1 || amount > 0 && quantity > (math.MaxInt64-total)/amount:
			return invalid("parameter_invalid_integer", at, "The amount or quantity is out of range.")
		}
		sess.Currency = text(currency)
		total += amount * quantity
		sess.sim.Items = append(sess.sim.Items, lineItem{Name: name, Amount: amount, Quantity: quantity})
	}
	if len(sess.sim.Items) == 0 {
		return invalid("parameter_missing", "line_items", "Missing required param: line_items.")
	}
	if err := checkAmount(total, string(sess.Currency)); err != nil {
		return err
	}
	sess.AmountSubtotal, sess.AmountTotal = &total, &total
	sess.PaymentStatus = string(stripe.PaymentUnpaid)
	sess.sim.IntentMetadata = r.hash("payment_intent_data[metadata]")
	sess.sim.SaveCard = r.params["payment_intent_data[setup_future_usage]"] != ""
	sess.sim.CaptureMethod = r.params["payment_intent_data[capture_method]"]
	sess.sim.Description = r.params["payment_intent_data[description]"]
	return nil
}

func checkURL(name, given string, required bool) error {
	if given == "" {
		if required {
			return invalid("parameter_missing", name, "Missing required param: "+name+".")
		}
		return nil
	}
	// The placeholder's braces are no part of a valid address.
	address, err := url.Parse(strings.ReplaceAll(given, stripe.SessionIDPlaceholder, "id"))
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return invalid("url_invalid", name, fmt.Sprintf("Not a valid URL: %s", given))
	}
	return nil
}

func (s *Server) getSession(t *txn, r *request) (any, error) {
	sess := t.sessions[r.id]
	if sess == nil {
		return nil, missing("checkout.session", r.id)
	}
	return t.expandSession(sess, r.expand()), nil
}

// expireSession closes an open session by hand. Source: https://docs.stripe.com/api/checkout/sessions/expire
func (s *Server) expireSession(t *txn, r *request) (any, error) {
	if err := r.only(); err != nil {
		return nil, err
	}
	sess := t.sessions[r.id]
	if sess == nil {
		return nil, missing("checkout.session", r.id)
	}
	if sess.Status != sessionOpen {
		return nil, invalid("", "session", `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `+sess.Status+".")
	}
	t.expire(sess)
	return t.expandSession(sess, r.expand()), nil
}

// expire closes a session and cancels the intent of a payment that was tried on it, so that a 3-D Secure page left
// open cannot charge any more.
func (t *txn) expire(sess *session) {
	sess.Status = sessionExpired
	sess.URL = ""
	t.save(sess)
	if intent := t.intents[sess.PaymentIntent.id]; intent != nil && intent.Status != statusCanceled {
		t.cancel(intent, "")
	}
	if setup := t.setupIntents[sess.SetupIntent.id]; setup != nil {
		setup.Status = statusCanceled
		setup.NextAction = nil
		t.save(setup)
	}
	t.emit(stripe.EventSessionExpired, sess)
}

// complete closes a session whose payment or setup went through.
func (t *txn) complete(sess *session) {
	sess.Status = sessionComplete
	sess.URL = ""
	if intent := t.intents[sess.PaymentIntent.id]; intent != nil && intent.Status == statusSucceeded {
		sess.PaymentStatus = string(stripe.PaymentPaid)
	}
	t.save(sess)
	t.emit(stripe.EventSessionCompleted, sess)
}

func (t *txn) newSetup(sess *session) *setupIntent {
	intent := &setupIntent{
		ID: t.newID("seti"), Object: "setup_intent", Created: t.now.Unix(), Customer: sess.Customer,
		Metadata: merge(nil, sess.sim.IntentMetadata), PaymentMethodTypes: []string{"card"},
		Status: statusRequiresMethod, Usage: "off_session", sim: intentSim{Session: sess.ID},
	}
	intent.ClientSecret = intent.ID + "_secret_" + t.seed
	t.setupIntents[intent.ID] = intent
	t.save(intent)
	return intent
}

// payOnPage is a shopper's try to pay or save a card on the hosted page. The outcome is in the session's state: it
// is complete, or its intent asks for an action, or the refusal says what was wrong.
func (t *txn) payOnPage(sess *session, m *paymentMethod, c circumstances) *apiError {
	if sess.Mode == string(stripe.ModeSetup) {
		return t.saveOnPage(sess, t.setupIntents[sess.SetupIntent.id], m, c)
	}
	intent := t.intents[sess.PaymentIntent.id]
	if intent == nil {
		spec := intentSpec{
			amount: *sess.AmountTotal, currency: string(sess.Currency), customer: sess.Customer.id,
			captureMethod: sess.sim.CaptureMethod, description: sess.sim.Description, metadata: sess.sim.IntentMetadata,
		}
		if sess.sim.SaveCard {
			spec.futureUsage = "off_session"
		}
		intent = t.newIntent(spec)
		intent.sim.Session = sess.ID
		sess.PaymentIntent = ref{id: intent.ID}
		t.save(sess)
	}
	if refusal := t.pay(intent, m, c); refusal != nil {
		return refusal
	}
	if intent.Status != statusRequiresAction {
		t.complete(sess)
	}
	return nil
}

// saveOnPage saves a card without a payment. Source: https://docs.stripe.com/payments/save-and-reuse
func (t *txn) saveOnPage(sess *session, intent *setupIntent, m *paymentMethod, c circumstances) *apiError {
	declined, challenge := t.judge(m, c)
	t.save(intent)
	switch {
	case challenge:
		intent.Status = statusRequiresAction
		intent.PaymentMethod = ref{id: m.ID}
		intent.NextAction = challengeOf(intent.ID, c)
		return nil
	case declined != nil:
		refusal := cardError(*declined)
		refusal.PaymentMethod = encode(m)
		intent.Status = statusRequiresMethod
		intent.PaymentMethod = ref{}
		intent.LastSetupError = refusal
		return refusal
	}
	intent.Status = statusSucceeded
	intent.PaymentMethod = ref{id: m.ID}
	intent.NextAction = nil
	intent.LastSetupError = nil
	t.keepCard(m, sess.Customer.id, c.authenticated)
	t.emit(stripe.EventSetupSucceeded, intent)
	t.complete(sess)
	return nil
}
