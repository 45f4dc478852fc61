package importcsv

import (
	_ "embed"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Fields of a row of customers.
const (
	fieldCustomer   = "customer"
	fieldFamily     = "family"
	fieldGiven      = "given"
	fieldFamilyKana = "family_kana"
	fieldGivenKana  = "given_kana"
	fieldPostcode   = "postcode"
	fieldRegion     = "region"
	fieldCity       = "city"
	fieldStreet     = "street"
	fieldBuilding   = "building"
	fieldPhone      = "phone"
	fieldMail       = "mail"
	fieldRegistered = "registered"
	fieldNewsletter = "newsletter"
)

//go:embed preset/customers.json
var customersPreset []byte

// CustomersPreset is the mapping for exports with Japanese headers.
func CustomersPreset() (Mapping, error) { return Mapping{}.Override(customersPreset) }

// neededOfCustomers are the columns that a file of customers cannot do without.
// Kana, building, mail and consent may be missing.
func neededOfCustomers(columns) []string {
	return []string{
		fieldCustomer, fieldFamily, fieldGiven, fieldPostcode, fieldRegion, fieldCity, fieldStreet, fieldPhone, fieldRegistered,
	}
}

// customerLine is one row of the file, one person.
type customerLine struct {
	row        row
	number     string
	mail       string
	address    place.Address // with the name and the phone
	registered calendar.Date
	newsletter bool
}

// asWritten takes a cell as it is.
func asWritten(s string) (string, *fault.Error) { return s, nil }

func (b *book) customerLine(r row, country place.Country) customerLine {
	l := customerLine{
		row: r, number: read(b, r, fieldCustomer, code),
		mail:       place.MailAddress(b.text(r, fieldMail)),
		registered: read(b, r, fieldRegistered, date),
		newsletter: readOptional(b, r, fieldNewsletter, yesNo),
	}
	l.address = place.Address{
		Country: country, Postcode: b.text(r, fieldPostcode), Region: b.text(r, fieldRegion), City: b.text(r, fieldCity),
		Street: b.text(r, fieldStreet), Building: b.text(r, fieldBuilding), Phone: b.text(r, fieldPhone),
		Name: place.Name{
			Family: read(b, r, fieldFamily, asWritten), Given: read(b, r, fieldGiven, asWritten),
			FamilyKana: b.text(r, fieldFamilyKana), GivenKana: b.text(r, fieldGivenKana),
		},
	}.Normalize()
	for _, why := range l.address.Validate("") {
		field := addressColumn[why.Field]
		// Customers of the telephone may never have said how their names are read.
		if kana := strings.HasSuffix(field, "_kana"); kana && b.text(r, field) == "" {
			continue
		}
		b.refuse(r, field, why)
	}
	b.refuse(r, fieldMail, place.CheckMail("", l.mail, place.Optional))
	return l
}

// addressColumn is where the file says a field of place.Address.
var addressColumn = map[string]string{
	"name.family": fieldFamily, "name.given": fieldGiven, "name.family_kana": fieldFamilyKana, "name.given_kana": fieldGivenKana,
	"postcode": fieldPostcode, "region": fieldRegion, "city": fieldCity, "street": fieldStreet, "building": fieldBuilding,
	"phone": fieldPhone,
}

// customerLines reads all rows and refuses numbers and mails that stand twice.
func (b *book) customerLines(rows []row, country place.Country) []customerLine {
	lines := make([]customerLine, 0, len(rows))
	numbers, mails := map[string]int{}, map[string]int{}
	for _, r := range rows {
		if !b.complete(r) {
			continue
		}
		l := b.customerLine(r, country)
		b.once(r, fieldCustomer, l.number, numbers)
		b.once(r, fieldMail, l.mail, mails)
		lines = append(lines, l)
	}
	return lines
}

// once refuses a value that an earlier row has; none is no value.
func (b *book) once(r row, field, value string, seen map[string]int) {
	if value == "" {
		return
	}
	if number, twice := seen[value]; twice {
		b.refuse(r, field, fault.Field("", "import.twice", "Row", number))
		return
	}
	seen[value] = r.number
}
