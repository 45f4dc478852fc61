package store

// Field is the path of one setting, such as "profile.legal_name": the name of
// its input in the console, and of what doctor and the audit trail call it.
type Field string

// What a store cannot open without. 特定商取引法 11条 asks for seller, person in
// charge, address, phone, price and postage, time and way of payment, time of
// delivery and the terms of returns (返品特約, 15条の3); prices, postage, payment
// and delivery are said by the shop's own settings, so that there must be some.
const (
	FieldName     Field = "profile.names.ja"
	FieldSeller   Field = "profile.legal_name"
	FieldManager  Field = "profile.manager"
	FieldPostcode Field = "profile.address.postcode"
	FieldRegion   Field = "profile.address.region"
	FieldCity     Field = "profile.address.city"
	FieldStreet   Field = "profile.address.street"
	FieldPhone    Field = "profile.phone"
	FieldMail     Field = "profile.mail"
	FieldReturns  Field = "profile.returns.ja"
	FieldTerms    Field = "legal.terms.ja"
	FieldPrivacy  Field = "legal.privacy.ja"
	FieldGuide    Field = "legal.guide.ja"
	FieldMethods  Field = "delivery.methods"
	FieldPayment  Field = "payment.card"
	FieldCODTiers Field = "payment.cod_tiers"
)

// base is the language that every store must have its texts in: others fall
// back to it.
const base = "ja"

// Missing are the fields that a store must have before it opens, and has not,
// in the order of its settings. Empty: it may open.
func (s Settings) Missing() []Field {
	p := s.Profile
	var missing []Field
	for _, f := range []struct {
		field  Field
		filled bool
	}{
		{FieldName, p.Names[base] != ""},
		{FieldSeller, p.LegalName != ""},
		{FieldManager, p.Manager != ""},
		{FieldPostcode, p.Address.Postcode != "" || p.Address.Country != "JP"},
		{FieldRegion, p.Address.Region != "" || p.Address.Country != "JP"},
		{FieldCity, p.Address.City != ""},
		{FieldStreet, p.Address.Street != ""},
		{FieldPhone, p.Phone != ""},
		{FieldMail, p.Mail != ""},
		{FieldReturns, p.Returns[base] != ""},
		{FieldTerms, s.Legal.Terms[base] != ""},
		{FieldPrivacy, s.Legal.Privacy[base] != ""},
		{FieldGuide, s.Legal.Guide[base] != ""},
		{FieldMethods, s.Delivery.ships()},
		{FieldPayment, s.Payment.Card || s.Payment.COD},
		{FieldCODTiers, !s.Payment.COD || len(s.Payment.CODTiers) > 0},
	} {
		if !f.filled {
			missing = append(missing, f.field)
		}
	}
	return missing
}

// ships reports whether there is a way to send anything anywhere.
func (d Delivery) ships() bool {
	for _, m := range d.Methods {
		if len(m.Zones) > 0 {
			return true
		}
	}
	return false
}
