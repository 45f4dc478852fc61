package place

import (
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Limits in characters. Carriers' slips hold less and split or refuse for
// themselves; these keep rows and pages sane.
const (
	maxName     = 40
	maxPostcode = 12
	maxRegion   = 60
	maxCity     = 60
	maxStreet   = 100
	maxBuilding = 100
	maxPhone    = 24
)

// Normalize writes an address as it is stored: postcode and phone in ASCII,
// readings in full-width katakana, the rest trimmed but otherwise as typed.
// A region typed by name becomes its code.
func (a Address) Normalize() Address {
	a.Postcode = Postcode(a.Country, a.Postcode)
	a.Region = compose(a.Region)
	if region, ok := RegionNamed(a.Country, a.Region); ok {
		a.Region = region.Code
	}
	a.City = compose(a.City)
	a.Street = compose(a.Street)
	a.Building = compose(a.Building)
	a.Name = a.Name.Normalize()
	a.Phone = Phone(a.Country, a.Phone)
	return a
}

// Normalize writes a name as it is stored.
func (n Name) Normalize() Name {
	return Name{
		Family: compose(n.Family), Given: compose(n.Given),
		FamilyKana: Kana(n.FamilyKana), GivenKana: Kana(n.GivenKana),
	}
}

// Postcode writes a postcode in ASCII; Japanese ones as 180-0004.
func Postcode(c Country, s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(narrow(s)), " "))
	if c != "JP" {
		return s
	}
	digits := strings.NewReplacer("〒", "", "-", "", " ", "").Replace(s)
	if len(digits) == 7 && digitsOf(digits) == digits {
		return digits[:3] + "-" + digits[3:]
	}
	return s
}

// Validate checks a normalised address against its country's form. path stands
// before the field names ("address" gives "address.postcode"); it may be empty.
func (a Address) Validate(path string) fault.List {
	var faults fault.List
	if !a.Country.Known() {
		faults.Add(fault.Field(under(path, "country"), "fault.place.country"))
		return faults
	}
	form := FormOf(a.Country)
	faults = append(faults, a.Name.Validate(under(path, "name"), a.Country)...)
	faults.Add(a.checkPostcode(under(path, "postcode"), form))
	faults.Add(a.checkRegion(under(path, "region"), form))
	faults.Add(orSay("fault.place.city", CheckText(under(path, "city"), a.City, maxCity, cityNeed(a.Country))))
	faults.Add(orSay("fault.place.street", CheckText(under(path, "street"), a.Street, maxStreet, Required)))
	faults.Add(CheckText(under(path, "building"), a.Building, maxBuilding, Optional))
	faults.Add(CheckPhone(under(path, "phone"), a.Country, a.Phone, Required))
	return faults
}

// Validate checks a normalised name. In Japan a reading is asked where the name
// holds Han characters; a given name may be missing where the generic form
// serves, because some of those countries have people with one name.
func (n Name) Validate(path string, c Country) fault.List {
	var faults fault.List
	form, own := forms[c]
	given := Optional
	if own {
		given = Required
	}
	faults.Add(orSay("fault.place.name.family", CheckText(under(path, "family"), n.Family, maxName, Required)))
	faults.Add(orSay("fault.place.name.given", CheckText(under(path, "given"), n.Given, maxName, given)))
	faults.Add(checkKana(under(path, "family_kana"), n.Family, n.FamilyKana, form.Kana))
	faults.Add(checkKana(under(path, "given_kana"), n.Given, n.GivenKana, form.Kana))
	return faults
}

func checkKana(field, name, kana string, asked bool) *fault.Error {
	need := Optional
	if asked && hasHan(name) {
		need = Required
	}
	if e := CheckText(field, kana, maxName, need); e != nil {
		return orSay("fault.place.kana", e)
	}
	if !isKatakana(kana) {
		return fault.Field(field, "fault.place.kana")
	}
	return nil
}

func (a Address) checkPostcode(field string, form Form) *fault.Error {
	if e := CheckText(field, a.Postcode, maxPostcode, Optional); e != nil {
		return e
	}
	switch {
	case form.Postcode == Unused && a.Postcode != "":
		return fault.Field(field, "fault.place.postcode.unused")
	case a.Postcode == "" && form.Postcode != Required:
		return nil
	case a.Postcode != "" && (form.postcode == nil || form.postcode.MatchString(a.Postcode)):
		return nil
	case a.Country == "JP":
		return fault.Field(field, "fault.place.postcode.jp")
	default:
		return fault.Field(field, "fault.place.postcode", "Example", form.PostcodeExample)
	}
}

func (a Address) checkRegion(field string, form Form) *fault.Error {
	key := "fault.place.region"
	if a.Country == "JP" {
		key = "fault.place.region.jp"
	}
	if e := CheckText(field, a.Region, maxRegion, form.Region); e != nil {
		return orSay(key, e)
	}
	if _, known := RegionOf(a.Country, a.Region); form.RegionFromTable && !known {
		return fault.Field(field, key)
	}
	return nil
}

// cityNeed: Singapore and Macao are cities themselves.
func cityNeed(c Country) Need {
	if c == "SG" || c == "MO" {
		return Optional
	}
	return Required
}

// CheckPhone judges a number that Phone has written.
func CheckPhone(field string, c Country, phone string, need Need) *fault.Error {
	e := CheckText(field, phone, maxPhone, need)
	if e == nil && (phone == "" || validPhone(c, phone)) {
		return nil
	}
	if e != nil && e.Key != "fault.required" {
		return e
	}
	return fault.Field(field, "fault.place.phone", "Example", FormOf(c).PhoneExample)
}

// orSay says what is missing in the field's own words.
func orSay(key string, e *fault.Error) *fault.Error {
	if e != nil && e.Key == "fault.required" {
		return fault.Field(e.Field, key)
	}
	return e
}

func under(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}
