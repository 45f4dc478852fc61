package stripesim

func (s *Server) getAccount(*txn, *request) (any, error) {
	return &account{
		ID: s.opts.AccountID, Object: "account", Country: s.opts.Country, DefaultCurrency: s.opts.Currency,
		ChargesEnabled: true, DetailsSubmitted: true, PayoutsEnabled: true, Type: "standard",
	}, nil
}

func (s *Server) createCustomer(t *txn, r *request) (any, error) {
	if err := r.only("email", "name", "description", "metadata"); err != nil {
		return nil, err
	}
	c := &customer{
		ID: t.newID("cus"), Object: "customer", Created: t.now.Unix(),
		Email: text(r.params["email"]), Name: text(r.params["name"]), Description: text(r.params["description"]),
		Metadata: merge(nil, r.hash("metadata")),
	}
	t.customers[c.ID] = c
	t.save(c)
	return c, nil
}

func (s *Server) getCustomer(t *txn, r *request) (any, error) {
	c := t.customers[r.id]
	if c == nil {
		return nil, missing("customer", r.id)
	}
	return c, nil
}

func (s *Server) updateCustomer(t *txn, r *request) (any, error) {
	if err := r.only("email", "name", "description", "metadata"); err != nil {
		return nil, err
	}
	c := t.customers[r.id]
	if c == nil {
		return nil, missing("customer", r.id)
	}
	for name, field := range map[string]*text{"email": &c.Email, "name": &c.Name, "description": &c.Description} {
		if value, ok := r.params[name]; ok {
			*field = text(value)
		}
	}
	c.Metadata = merge(c.Metadata, r.hash("metadata"))
	t.save(c)
	return c, nil
}
