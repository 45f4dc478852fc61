package stripesim

import (
	"fmt"
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/simulation"
)

// knownIDs are ids that a shop brings along from elsewhere: the simulator is told to know them, so that imported
// subscriptions can be charged. Registering an id again changes how it behaves from then on.
type knownIDs struct {
	Customers      []knownCustomer `json:"customers"`
	PaymentMethods []knownMethod   `json:"payment_methods"`
	// Mixed gives payment methods without a behaviour one by their id, in the shares of simulation.UsualCards: 6 % are
	// declined for reasons of several kinds, 1 % ask for 3-D Secure, 1 % are missing. The same id always gets the same.
	Mixed bool `json:"mixed"`
}

// StoredCard is a payment method that a shop brings along from elsewhere, with its customer.
type StoredCard struct {
	Customer, PaymentMethod string
}

// Know introduces stored cards of behaviours mixed by their ids, as a request to /_sim/known with "mixed" does.
func (s *Server) Know(cards []StoredCard) error {
	known := knownIDs{Mixed: true}
	for _, c := range cards {
		known.Customers = append(known.Customers, knownCustomer{ID: c.Customer})
		known.PaymentMethods = append(known.PaymentMethods, knownMethod{ID: c.PaymentMethod, Customer: c.Customer})
	}
	if err := known.check(); err != nil {
		return err
	}
	return s.know(known)
}

type knownCustomer struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	// Behaviour is ok (the default) or missing.
	Behaviour behaviour `json:"behaviour"`
}

type knownMethod struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	// Behaviour is ok (the default), missing, 3ds, 3ds_always, fails_later or a decline code, with or without
	// "decline:" before it.
	Behaviour behaviour `json:"behaviour"`
	Brand     string    `json:"brand"`
	Last4     string    `json:"last4"`
	ExpMonth  int       `json:"exp_month"`
	ExpYear   int       `json:"exp_year"`
}

func (s *Server) registerKnown(w http.ResponseWriter, r *http.Request) {
	var known knownIDs
	if err := readControl(r, &known); err != nil {
		refuseControl(w, err)
		return
	}
	if err := known.check(); err != nil {
		refuseControl(w, err)
		return
	}
	if err := s.know(known); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeControl(w, map[string]int{"customers": len(known.Customers), "payment_methods": len(known.PaymentMethods)})
}

func (s *Server) know(known knownIDs) error {
	return s.transact(nil, func(t *txn) error {
		for _, c := range known.Customers {
			t.knowCustomer(c)
		}
		for _, m := range known.PaymentMethods {
			t.knowMethod(m)
		}
		return nil
	})
}

func (k *knownIDs) check() error {
	for i := range k.Customers {
		c := &k.Customers[i]
		setDefault((*string)(&c.Behaviour), string(behaviourOK))
		if c.ID == "" || c.Behaviour != behaviourOK && c.Behaviour != behaviourMissing {
			return fmt.Errorf("customer %d (%q): it needs an id, and the behaviour ok or missing", i, c.ID)
		}
	}
	for i := range k.PaymentMethods {
		m := &k.PaymentMethods[i]
		if k.Mixed && m.Behaviour == "" {
			m.Behaviour = behaviour(simulation.UsualCards.Behaviour(m.ID))
		}
		setDefault((*string)(&m.Behaviour), string(behaviourOK))
		if _, bare := declines[string(m.Behaviour)]; bare {
			m.Behaviour = declinePrefix + m.Behaviour
		}
		if m.ID == "" || !m.Behaviour.valid() {
			return fmt.Errorf("payment method %d (%q): it needs an id and a known behaviour, not %q", i, m.ID, m.Behaviour)
		}
	}
	return nil
}

func (t *txn) knowCustomer(k knownCustomer) {
	if k.Behaviour == behaviourMissing {
		delete(t.customers, k.ID)
		t.gone[k.ID] = true
		t.changes = append(t.changes, change{Kind: "gone", Object: encode(k.ID)})
		return
	}
	c := t.customers[k.ID]
	if c == nil {
		c = &customer{ID: k.ID, Object: "customer", Created: t.now.Unix(), Metadata: map[string]string{}}
		t.customers[k.ID] = c
		delete(t.gone, k.ID)
	}
	c.Email, c.Name = text(k.Email), text(k.Name)
	t.dirty = append(t.dirty, c)
}

// knowMethod keeps even a missing card, so that a later registration can bring it back.
func (t *txn) knowMethod(k knownMethod) {
	m := t.methods[k.ID]
	if m == nil {
		m = &paymentMethod{
			ID: k.ID, Object: "payment_method", AllowRedisplay: "unspecified", Created: t.now.Unix(),
			Card: card{
				Brand: "visa", Country: "JP", ExpMonth: 12, ExpYear: t.now.Year() + 4, Funding: "credit",
				Fingerprint: fingerprint(k.ID), Last4: "4242",
			},
			Metadata: map[string]string{}, Type: "card",
		}
		t.methods[k.ID] = m
	}
	m.sim.Behaviour = k.Behaviour
	if k.Customer != "" {
		m.Customer = ref{id: k.Customer}
		// The card was in use where it comes from, so it was authenticated there.
		m.sim.SetUp = m.sim.SetUp || k.Behaviour != behaviour3DS
	}
	if k.Brand != "" {
		m.Card.Brand = k.Brand
	}
	if k.Last4 != "" {
		m.Card.Last4 = k.Last4
	}
	if k.ExpMonth != 0 && k.ExpYear != 0 {
		m.Card.ExpMonth, m.Card.ExpYear = k.ExpMonth, k.ExpYear
	}
	t.dirty = append(t.dirty, m)
}
