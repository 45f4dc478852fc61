// Package place holds countries, addresses and names of people, with the form
// each country gives them.
package place

// Country is an ISO 3166-1 code in upper case, such as "JP".
type Country string

// Name of a person. Kana is フリガナ, full-width katakana, asked in Japan only.
type Name struct {
	Family     string `json:"family"`
	Given      string `json:"given"`
	FamilyKana string `json:"family_kana,omitempty"`
	GivenKana  string `json:"given_kana,omitempty"`
}

// Address is where a box goes. Region is a prefecture, province, state, county
// or area by its code in this package's tables (JP: "JP-13"); the lines mean
// what the country's form says.
type Address struct {
	Country  Country `json:"country"`
	Postcode string  `json:"postcode,omitempty"`
	Region   string  `json:"region,omitempty"`
	City     string  `json:"city"`
	Street   string  `json:"street"`
	Building string  `json:"building,omitempty"`
	Name     Name    `json:"name"`
	Phone    string  `json:"phone"`
}
