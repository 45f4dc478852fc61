package place

import "regexp"

// Order is how a country writes an address.
type Order int

// East Asian addresses go from the region down to the door, others from the
// door up.
const (
	SmallToLarge Order = iota
	LargeToSmall
)

// Form says what an address in a country consists of. Source: the Universal
// Postal Union's addressing sheets, cut to what carriers need.
type Form struct {
	Order           Order
	Postcode        Need
	Region          Need
	RegionFromTable bool // Region must be a code of Regions, else it is free text
	Kana            bool // フリガナ of the name is asked
	PostcodeExample string
	PhoneExample    string
	postcode        *regexp.Regexp // of the normalised postcode; nil takes anything
}

// Need says whether a field of a form is asked.
type Need int

// The three answers.
const (
	Unused Need = iota
	Optional
	Required
)

// FormOf is the country's form, a generic one for countries without their own.
func FormOf(c Country) Form {
	if f, ok := forms[c]; ok {
		return f
	}
	return generic
}

// Countries lists where boxes can go: neighbours of Japan first, then the rest
// by code. Whether a store ships there is the store's own table.
func Countries() []Country {
	return append([]Country(nil), countries...)
}

// Known reports whether the code is one of Countries.
func (c Country) Known() bool {
	for _, known := range countries {
		if c == known {
			return true
		}
	}
	return false
}

var countries = []Country{
	"JP", "CN", "HK", "TW", "KR", "SG", "US", "GB", "CA", "AU",
	"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
	"ID", "IE", "IN", "IT", "LT", "LU", "LV", "MO", "MT", "MY", "NL", "NO", "NZ", "PH", "PL",
	"PT", "RO", "SE", "SI", "SK", "TH", "VN",
}

var generic = Form{Postcode: Optional, Region: Optional, PostcodeExample: "12345", PhoneExample: "+00 123 456 789"}

var forms = map[Country]Form{
	"JP": {
		Order: LargeToSmall, Postcode: Required, Region: Required, RegionFromTable: true, Kana: true,
		PostcodeExample: "180-0004", PhoneExample: "090-1234-5678", postcode: regexp.MustCompile(`^\d{3}-\d{4}$`),
	},
	"CN": {
		Order: LargeToSmall, Postcode: Required, Region: Required,
		PostcodeExample: "100000", PhoneExample: "+86 138 0013 8000", postcode: regexp.MustCompile(`^\d{6}$`),
	},
	"HK": {
		Order: LargeToSmall, Postcode: Unused, Region: Required, RegionFromTable: true,
		PhoneExample: "+852 2123 4567",
	},
	"MO": {Order: LargeToSmall, Postcode: Unused, Region: Optional, PhoneExample: "+853 2812 3456"},
	"TW": {
		Order: LargeToSmall, Postcode: Required, Region: Required,
		PostcodeExample: "100", PhoneExample: "+886 912 345 678", postcode: regexp.MustCompile(`^\d{3,6}$`),
	},
	"KR": {
		Order: LargeToSmall, Postcode: Required, Region: Required,
		PostcodeExample: "04524", PhoneExample: "+82 10 1234 5678", postcode: regexp.MustCompile(`^\d{5}$`),
	},
	"SG": {
		Postcode: Required, Region: Unused,
		PostcodeExample: "018956", PhoneExample: "+65 6123 4567", postcode: regexp.MustCompile(`^\d{6}$`),
	},
	"US": {
		Postcode: Required, Region: Required, RegionFromTable: true,
		PostcodeExample: "94103", PhoneExample: "+1 415 555 0132", postcode: regexp.MustCompile(`^\d{5}(-\d{4})?$`),
	},
	"CA": {
		Postcode: Required, Region: Required, RegionFromTable: true,
		PostcodeExample: "K1A 0B1", PhoneExample: "+1 613 555 0132", postcode: regexp.MustCompile(`^[A-Z]\d[A-Z] ?\d[A-Z]\d$`),
	},
	"AU": {
		Postcode: Required, Region: Required, RegionFromTable: true,
		PostcodeExample: "2000", PhoneExample: "+61 2 5550 1234", postcode: regexp.MustCompile(`^\d{4}$`),
	},
	"GB": {
		Postcode: Required, Region: Optional,
		PostcodeExample: "SW1A 1AA", PhoneExample: "+44 20 7946 0018", postcode: regexp.MustCompile(`^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$`),
	},
	"DE": {
		Postcode: Required, Region: Unused,
		PostcodeExample: "10115", PhoneExample: "+49 30 1234567", postcode: regexp.MustCompile(`^\d{5}$`),
	},
	"FR": {
		Postcode: Required, Region: Unused,
		PostcodeExample: "75001", PhoneExample: "+33 1 23 45 67 89", postcode: regexp.MustCompile(`^\d{5}$`),
	},
	"IE": {Postcode: Optional, Region: Optional, PostcodeExample: "D02 AF30", PhoneExample: "+353 1 234 5678"},
}
