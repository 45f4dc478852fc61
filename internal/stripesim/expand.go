package stripesim

import "strings"

// inside returns the paths below a field: of "payment_intent.payment_method" below "payment_intent" it is
// "payment_method"; ok says whether the field itself is to be expanded.
func inside(paths []string, field string) (below []string, ok bool) {
	for _, path := range paths {
		head, rest, nested := strings.Cut(path, ".")
		if head != field {
			continue
		}
		ok = true
		if nested {
			below = append(below, rest)
		}
	}
	return below, ok
}

// The expand functions return a copy whose asked-for fields hold objects in place of ids.
// Source: https://docs.stripe.com/api/expanding_objects

func (t *txn) expandMethod(m *paymentMethod, paths []string) *paymentMethod {
	if len(paths) == 0 {
		return m
	}
	c := *m
	t.expandCustomer(&c.Customer, paths)
	return &c
}

func (t *txn) expandIntent(intent *paymentIntent, paths []string) *paymentIntent {
	if len(paths) == 0 {
		return intent
	}
	c := *intent
	t.expandCustomer(&c.Customer, paths)
	t.expandMethodRef(&c.PaymentMethod, paths)
	if _, ok := inside(paths, "latest_charge"); ok {
		if made := t.charges[c.LatestCharge.id]; made != nil {
			c.LatestCharge.object = encode(made)
		}
	}
	return &c
}

func (t *txn) expandSetup(intent *setupIntent, paths []string) *setupIntent {
	if len(paths) == 0 {
		return intent
	}
	c := *intent
	t.expandCustomer(&c.Customer, paths)
	t.expandMethodRef(&c.PaymentMethod, paths)
	return &c
}

func (t *txn) expandSession(sess *session, paths []string) *session {
	if len(paths) == 0 {
		return sess
	}
	c := *sess
	t.expandCustomer(&c.Customer, paths)
	if below, ok := inside(paths, "payment_intent"); ok {
		if intent := t.intents[c.PaymentIntent.id]; intent != nil {
			c.PaymentIntent.object = encode(t.expandIntent(intent, below))
		}
	}
	if below, ok := inside(paths, "setup_intent"); ok {
		if intent := t.setupIntents[c.SetupIntent.id]; intent != nil {
			c.SetupIntent.object = encode(t.expandSetup(intent, below))
		}
	}
	return &c
}

func (t *txn) expandCustomer(field *ref, paths []string) {
	if _, ok := inside(paths, "customer"); ok {
		if owner := t.customers[field.id]; owner != nil {
			field.object = encode(owner)
		}
	}
}

func (t *txn) expandMethodRef(field *ref, paths []string) {
	if below, ok := inside(paths, "payment_method"); ok {
		if m := t.methods[field.id]; m != nil {
			field.object = encode(t.expandMethod(m, below))
		}
	}
}
