package stripesim

import (
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

// circumstances are those of one try to pay.
type circumstances struct {
	// offSession: the shopper is not there to be asked.
	offSession bool
	// authenticated: the shopper has just passed 3-D Secure for this very payment.
	authenticated bool
	returnURL     string
	baseURL       string
}

// judge says how a card answers: with a decline, with a challenge, or (both empty) with yes.
func (t *txn) judge(m *paymentMethod, c circumstances) (declined *decline, challenge bool) {
	refuse := func(code string) (*decline, bool) {
		d := declines[code]
		return &d, false
	}
	// A card is good until the end of its month.
	if !t.now.Before(time.Date(m.Card.ExpYear, time.Month(m.Card.ExpMonth)+1, 1, 0, 0, 0, 0, time.UTC)) {
		return refuse("expired_card")
	}
	if code, ok := strings.CutPrefix(string(m.sim.Behaviour), declinePrefix); ok {
		return refuse(code)
	}
	asks := false
	switch m.sim.Behaviour {
	case behaviourFailsLater:
		if m.Customer.id != "" {
			return refuse("generic_decline")
		}
	case behaviour3DS:
		asks = !m.sim.SetUp
	case behaviour3DSAlways:
		asks = true
	case behaviourOK, behaviourMissing: // a missing card is not found in the first place
	}
	switch {
	case !asks || c.authenticated:
		return nil, false
	case c.offSession:
		return refuse("authentication_required")
	}
	return nil, true
}

// pay tries to charge an intent. A refusal is both returned and left on the intent, which is then back in
// requires_payment_method. Sources: https://docs.stripe.com/payments/paymentintents/lifecycle and
// https://docs.stripe.com/payments/3d-secure/authentication-flow
func (t *txn) pay(intent *paymentIntent, m *paymentMethod, c circumstances) *apiError {
	declined, challenge := t.judge(m, c)
	t.save(intent)
	switch {
	case challenge:
		intent.Status = statusRequiresAction
		intent.PaymentMethod = ref{id: m.ID}
		intent.sim.ReturnURL = c.returnURL
		intent.NextAction = challengeOf(intent.ID, c)
		t.emit(stripe.EventIntentRequiresAction, intent)
		return nil
	case declined != nil:
		return t.refuse(intent, m, *declined)
	}
	made := t.newCharge(intent, m, "succeeded")
	intent.LatestCharge = ref{id: made.ID}
	intent.PaymentMethod = ref{id: m.ID}
	intent.LastPaymentError = nil
	intent.NextAction = nil
	if intent.SetupFutureUsage != "" {
		t.keepCard(m, intent.Customer.id, c.authenticated)
	}
	if intent.CaptureMethod == string(stripe.CaptureManual) {
		lapses := t.now.Add(authorisationLife(t.opts.Country, intent.Currency, m.Card.Brand, c.offSession)).Unix()
		made.PaymentMethodDetails.Card.CaptureBefore = lapses
		intent.Status = statusRequiresCapture
		intent.AmountCapturable = intent.Amount
		t.remind(lapses, intent.ID)
		t.emit("payment_intent.amount_capturable_updated", intent)
		return nil
	}
	made.Captured = true
	made.AmountCaptured = intent.Amount
	intent.Status = statusSucceeded
	intent.AmountReceived = intent.Amount
	t.emit(stripe.EventIntentSucceeded, intent)
	return nil
}

// challengeOf is the next action of a payment or setup that asks for 3-D Secure: a redirect where a return_url was
// given, else Stripe.js, which the simulator does not play.
// Source: https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action
func challengeOf(id string, c circumstances) *nextAction {
	if c.returnURL == "" {
		return &nextAction{Type: "use_stripe_sdk"}
	}
	return &nextAction{Type: "redirect_to_url", RedirectToURL: &redirectToURL{
		ReturnURL: c.returnURL, URL: c.baseURL + "/c/3ds/" + id,
	}}
}

func (t *txn) refuse(intent *paymentIntent, m *paymentMethod, d decline) *apiError {
	made := t.newCharge(intent, m, "failed")
	made.FailureCode, made.FailureMessage = text(d.code), text(d.message)
	made.Outcome = outcome{
		AdviceCode: text(d.advice), NetworkStatus: "declined_by_network", Reason: text(reasonOf(d)),
		SellerMessage: "The bank declined the payment.", Type: "issuer_declined",
	}
	refusal := cardError(d)
	refusal.Charge = made.ID
	refusal.PaymentMethod = encode(m)
	intent.LatestCharge = ref{id: made.ID}
	t.backToMethod(intent, refusal)
	return refusal
}

// backToMethod puts an intent back to where another card may be tried.
func (t *txn) backToMethod(intent *paymentIntent, refusal *apiError) {
	intent.Status = statusRequiresMethod
	intent.PaymentMethod = ref{}
	intent.NextAction = nil
	intent.LastPaymentError = refusal
	t.save(intent)
	t.emit(stripe.EventIntentFailed, intent)
}

func reasonOf(d decline) string {
	if d.decline != "" {
		return d.decline
	}
	return d.code
}

// keepCard attaches a card to the customer for later use (setup_future_usage).
func (t *txn) keepCard(m *paymentMethod, owner string, authenticated bool) {
	m.sim.SetUp = m.sim.SetUp || authenticated
	if owner != "" {
		m.Customer = ref{id: owner}
	}
	t.save(m)
}

// authorisationLife is how long an authorised amount can be captured.
// Source: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method#authorization-validity
func authorisationLife(country, currency, brand string, offSession bool) time.Duration {
	const day = 24 * time.Hour
	switch {
	case country == "JP" && currency == "jpy" && brand != "amex":
		return 30 * day
	case brand == "visa" && offSession:
		return 4*day + 18*time.Hour
	}
	return 7 * day
}

func (t *txn) newCharge(intent *paymentIntent, m *paymentMethod, status string) *charge {
	made := &charge{
		ID: t.newID("ch"), Object: "charge", Amount: intent.Amount, BillingDetails: m.BillingDetails,
		Created: t.now.Unix(), Currency: intent.Currency, Customer: intent.Customer, Metadata: intent.Metadata,
		Outcome: outcome{NetworkStatus: "approved_by_network", SellerMessage: "Payment complete.", Type: "authorized"},
		Paid:    status == "succeeded", PaymentIntent: ref{id: intent.ID}, PaymentMethod: text(m.ID),
		PaymentMethodDetails: methodDetails{Type: "card", Card: chargeCard{
			Brand: m.Card.Brand, Country: m.Card.Country, ExpMonth: m.Card.ExpMonth, ExpYear: m.Card.ExpYear,
			Fingerprint: m.Card.Fingerprint, Funding: m.Card.Funding, Last4: m.Card.Last4,
		}},
		Status: status, sim: chargeSim{Key: t.key, Trace: t.trace},
	}
	t.charges[made.ID] = made
	t.chargeOrder = append(t.chargeOrder, made)
	t.save(made)
	return made
}

func (s *Server) getCharge(t *txn, r *request) (any, error) {
	made := t.charges[r.id]
	if made == nil {
		return nil, missing("charge", r.id)
	}
	return made, nil
}
