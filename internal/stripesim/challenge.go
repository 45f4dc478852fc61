package stripesim

import (
	"net/http"
	"net/url"
	"strings"
)

type challengePage struct {
	frame
	Amount, Last4 string
}

// challenge is a 3-D Secure question that is waiting for its answer.
type challenge struct {
	waiting  bool
	amount   int64
	currency string
	last4    string
	locale   string
	back     string // where to go when nothing waits any more
	// targets are the addresses that answering may lead to.
	targets []string
}

// challengeFor reads the challenge of a payment or setup intent.
func (t *txn) challengeFor(id string) (c challenge, found bool) {
	var sessionID, methodID string
	if intent := t.intents[id]; intent != nil {
		sessionID, methodID = intent.sim.Session, intent.PaymentMethod.id
		c = challenge{waiting: intent.Status == statusRequiresAction, amount: intent.Amount, currency: intent.Currency}
		c.back = intent.returnURL()
		c.targets = []string{c.back}
	} else if setup := t.setupIntents[id]; setup != nil {
		sessionID, methodID = setup.sim.Session, setup.PaymentMethod.id
		c.waiting = setup.Status == statusRequiresAction
	} else {
		return c, false
	}
	if m := t.methods[methodID]; m != nil {
		c.last4 = m.Card.Last4
	}
	if sess := t.sessions[sessionID]; sess != nil {
		c.locale = string(sess.Locale)
		c.targets = []string{string(sess.SuccessURL), string(sess.CancelURL)}
		c.back = "/c/pay/" + sess.ID
		if sess.Status == sessionComplete {
			c.back = successURL(sess)
		}
	}
	return c, true
}

// returnURL is where a shopper goes after the challenge of an intent that was confirmed with a return_url, with the
// parameters that Stripe adds. Source: https://docs.stripe.com/payments/3d-secure/authentication-flow
func (intent *paymentIntent) returnURL() string {
	address, err := url.Parse(intent.sim.ReturnURL)
	if err != nil || intent.sim.ReturnURL == "" {
		return ""
	}
	query := address.Query()
	query.Set("payment_intent", intent.ID)
	query.Set("payment_intent_client_secret", intent.ClientSecret)
	query.Set("redirect_status", "failed")
	if intent.Status == statusSucceeded || intent.Status == statusRequiresCapture {
		query.Set("redirect_status", "succeeded")
	}
	address.RawQuery = query.Encode()
	return address.String()
}

func (s *Server) showChallenge(w http.ResponseWriter, r *http.Request) {
	var c challenge
	var found bool
	_ = s.transact(nil, func(t *txn) error {
		c, found = t.challengeFor(r.PathValue("id"))
		return nil
	})
	t := textsFor(c.locale, r)
	switch {
	case !found:
		s.render(w, "closed.html", http.StatusNotFound, nil, closedPage{frame: s.frame(t, "closed_title"), Text: t["closed_missing"]})
	case !c.waiting && c.back != "":
		http.Redirect(w, r, c.back, http.StatusSeeOther)
	case !c.waiting:
		s.render(w, "closed.html", http.StatusGone, nil, closedPage{frame: s.frame(t, "closed_title"), Text: t["closed_complete"]})
	default:
		page := challengePage{frame: s.frame(t, "challenge_title"), Last4: c.last4}
		if c.currency != "" {
			page.Amount = t.money(c.amount, c.currency)
		}
		s.render(w, "challenge.html", http.StatusOK, c.targets, page)
	}
}

// submitChallenge takes the shopper's answer once; a second answer finds nothing waiting and only leads back.
func (s *Server) submitChallenge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	answer := r.PostFormValue("answer")
	if answer != "approve" && answer != "fail" {
		http.Error(w, "400", http.StatusBadRequest)
		return
	}
	id := r.PathValue("id")
	next, failed := "", false
	err := s.transact(nil, func(t *txn) error {
		c, found := t.challengeFor(id)
		if found && c.waiting {
			failed = !t.answerChallenge(id, answer == "approve")
			c, _ = t.challengeFor(id)
		}
		next = c.back
		return nil
	})
	switch {
	case err != nil:
		http.Error(w, "500", http.StatusInternalServerError)
	case next == "":
		http.Redirect(w, r, "/c/3ds/"+id, http.StatusSeeOther)
	case failed && strings.HasPrefix(next, "/c/pay/"):
		http.Redirect(w, r, next+"?error=authentication", http.StatusSeeOther)
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// answerChallenge ends a waiting challenge and says whether the payment or setup went through.
// Source: https://docs.stripe.com/error-codes#payment-intent-authentication-failure
func (t *txn) answerChallenge(id string, approved bool) bool {
	refusal := &apiError{
		Type: typeInvalid, Code: "payment_intent_authentication_failure",
		Message: "The provided PaymentMethod has failed authentication.",
	}
	if setup := t.setupIntents[id]; setup != nil {
		if approved {
			return t.saveOnPage(t.sessions[setup.sim.Session], setup, t.methods[setup.PaymentMethod.id], circumstances{authenticated: true}) == nil
		}
		refusal.Code = "setup_intent_authentication_failure"
		setup.Status, setup.PaymentMethod, setup.NextAction, setup.LastSetupError = statusRequiresMethod, ref{}, nil, refusal
		t.save(setup)
		return false
	}
	intent := t.intents[id]
	if !approved {
		refusal.PaymentMethod = encode(t.methods[intent.PaymentMethod.id])
		t.backToMethod(intent, refusal)
		return false
	}
	if t.pay(intent, t.methods[intent.PaymentMethod.id], circumstances{authenticated: true}) != nil {
		return false
	}
	if sess := t.sessions[intent.sim.Session]; sess != nil {
		t.complete(sess)
	}
	return true
}
