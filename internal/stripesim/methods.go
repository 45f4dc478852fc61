package stripesim

import (
	"strconv"
	"strings"
)

// newMethod makes a card that belongs to nobody yet.
func (t *txn) newMethod(c testCard, month, year int, name string) *paymentMethod {
	m := &paymentMethod{
		ID: t.newID("pm"), Object: "payment_method", AllowRedisplay: "unspecified",
		BillingDetails: billingDetails{Name: text(name)},
		Card: card{
			Brand: c.brand, Country: "JP", ExpMonth: month, ExpYear: year,
			Fingerprint: fingerprint(c.number), Funding: "credit", Last4: c.number[len(c.number)-4:],
		},
		Created: t.now.Unix(), Metadata: map[string]string{}, Type: "card",
		sim: methodSim{Behaviour: c.behaviour},
	}
	t.methods[m.ID] = m
	t.save(m)
	return m
}

// method finds a card by id; a token such as pm_card_visa makes a new card each time.
// Source: https://docs.stripe.com/testing#cards
func (t *txn) method(id string) *paymentMethod {
	if strings.HasPrefix(id, "pm_card_") {
		if c, ok := findCard(func(c testCard) bool { return c.token == id }); ok {
			return t.newMethod(c, 12, t.now.Year()+4, "")
		}
		return nil
	}
	m := t.methods[id]
	if m == nil || m.sim.Behaviour == behaviourMissing {
		return nil
	}
	return m
}

func (s *Server) createPaymentMethod(t *txn, r *request) (any, error) {
	if err := r.only("type", "card", "billing_details", "metadata"); err != nil {
		return nil, err
	}
	if r.params["type"] != "card" {
		return nil, invalid("parameter_missing", "type", "The simulator knows payment methods of type card only.")
	}
	number := digits(r.params["card[number]"])
	c, ok := findCard(func(c testCard) bool { return c.number == number })
	if !ok {
		return nil, &apiError{
			status: 402, Type: typeCard, Code: "incorrect_number", Param: "number",
			Message: "Your card number is incorrect: it is not one of the test cards.",
		}
	}
	month, monthErr := strconv.Atoi(r.params["card[exp_month]"])
	year, yearErr := strconv.Atoi(r.params["card[exp_year]"])
	if monthErr != nil || yearErr != nil || month < 1 || month > 12 {
		return nil, &apiError{
			status: 402, Type: typeCard, Code: "invalid_expiry_month", Param: "exp_month",
			Message: "Your card's expiration month is invalid.",
		}
	}
	m := t.newMethod(c, month, year, r.params["billing_details[name]"])
	m.Metadata = merge(nil, r.hash("metadata"))
	return m, nil
}

func (s *Server) getPaymentMethod(t *txn, r *request) (any, error) {
	m := t.method(r.id)
	if m == nil {
		return nil, missing("PaymentMethod", r.id)
	}
	return t.expandMethod(m, r.expand()), nil
}

// attachPaymentMethod gives a card to a customer. A card whose every charge is declined cannot be attached, since
// Stripe checks it first. Source: https://docs.stripe.com/api/payment_methods/attach
func (s *Server) attachPaymentMethod(t *txn, r *request) (any, error) {
	if err := r.only("customer"); err != nil {
		return nil, err
	}
	m := t.method(r.id)
	if m == nil {
		return nil, missing("PaymentMethod", r.id)
	}
	owner := t.customers[r.params["customer"]]
	switch {
	case owner == nil:
		return nil, missingParam("customer", "customer", r.params["customer"])
	case m.sim.Detached:
		return nil, invalid("payment_method_unactivated", "", detachedMessage)
	case m.Customer.id != "" && m.Customer.id != owner.ID:
		return nil, invalid("", "customer", "The payment method you provided has already been attached to a customer.")
	}
	if code, ok := strings.CutPrefix(string(m.sim.Behaviour), declinePrefix); ok {
		return nil, cardError(declines[code])
	}
	m.Customer = ref{id: owner.ID}
	t.save(m)
	return m, nil
}

const detachedMessage = "The provided PaymentMethod was previously used with a PaymentIntent without Customer " +
	"attachment or was detached from a Customer, and may not be used again."

// detachPaymentMethod takes a card off its customer for good.
// Source: https://docs.stripe.com/api/payment_methods/detach
func (s *Server) detachPaymentMethod(t *txn, r *request) (any, error) {
	if err := r.only(); err != nil {
		return nil, err
	}
	m := t.method(r.id)
	if m == nil {
		return nil, missing("PaymentMethod", r.id)
	}
	if m.Customer.id == "" {
		return nil, invalid("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	m.Customer = ref{}
	m.sim.Detached = true
	t.save(m)
	return m, nil
}

func cardError(d decline) *apiError {
	return &apiError{
		status: 402, executed: true, Type: typeCard,
		Code: d.code, DeclineCode: d.decline, AdviceCode: d.advice, Message: d.message,
		DocURL: "https://docs.stripe.com/error-codes#" + strings.ReplaceAll(d.code, "_", "-"),
	}
}
