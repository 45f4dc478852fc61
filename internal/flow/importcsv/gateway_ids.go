package importcsv

// StoredCard is a payment method of a file with its customer, by their ids at the
// gateway.
type StoredCard struct {
	Customer, PaymentMethod string
}

// GatewayIDs reads the stored cards of a file of subscriptions, each once, in the
// file's order. Rows without one are passed over; whether they should have one is
// the import's to say.
func GatewayIDs(content []byte, mapping Mapping) ([]StoredCard, error) {
	file, err := readSheet(content)
	if err != nil {
		return nil, err
	}
	found, err := mapping.findNeeding(file.header, func(columns) []string { return []string{fieldGatewayCustomer, fieldGatewayCard} })
	if err != nil {
		return nil, err
	}
	pages := &book{columns: found, bad: map[cell]bool{}}
	seen := map[string]bool{}
	var list []StoredCard
	for _, r := range file.rows {
		card := StoredCard{Customer: pages.text(r, fieldGatewayCustomer), PaymentMethod: pages.text(r, fieldGatewayCard)}
		if card.Customer == "" || card.PaymentMethod == "" || seen[card.PaymentMethod] {
			continue
		}
		seen[card.PaymentMethod] = true
		list = append(list, card)
	}
	return list, nil
}
