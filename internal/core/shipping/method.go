// Package shipping holds shipping methods: what a box costs to send where, how
// long it takes, and whether its carrier collects cash.
package shipping

import (
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Method (配送方法) is one way of sending a box. Its name is a text of the store
// by language. Slots are the carrier's codes for time slots ("1820").
type Method struct {
	Code     string            `json:"code"`
	Names    map[string]string `json:"names"`
	Zones    []Zone            `json:"zones"`
	Slots    []string          `json:"slots"`
	AllowCOD bool              `json:"allow_cod"`
	TaxClass tax.Class         `json:"tax_class"`
}

// Zone is an area with one price, in the store's base currency and with tax
// where the store's prices include it. A zone without regions takes a whole
// country; postcode prefixes (digits only) pick islands out of a region.
// FreeFrom 0 means never free.
type Zone struct {
	Country          place.Country `json:"country"`
	Regions          []string      `json:"regions,omitempty"`
	PostcodePrefixes []string      `json:"postcode_prefixes,omitempty"`
	Fee              int64         `json:"fee"`
	FreeFrom         int64         `json:"free_from,omitempty"`
	TransitDays      int           `json:"transit_days"`
}

// Zone finds the first zone that takes the address: the order of the list is
// the store's, narrow zones first.
func (m Method) Zone(to place.Address) (Zone, bool) {
	digits := strings.ReplaceAll(to.Postcode, "-", "")
	for _, z := range m.Zones {
		if z.Country != to.Country {
			continue
		}
		if len(z.Regions) > 0 && !slices.Contains(z.Regions, to.Region) {
			continue
		}
		if len(z.PostcodePrefixes) > 0 && !slices.ContainsFunc(z.PostcodePrefixes, func(p string) bool {
			return strings.HasPrefix(digits, p)
		}) {
			continue
		}
		return z, true
	}
	return Zone{}, false
}

// Name is the method's name in a language, else in whatever language it has.
func (m Method) Name(lang string) string {
	if name := m.Names[lang]; name != "" {
		return name
	}
	return m.Names["ja"]
}

// CODTier is a cash-on-delivery fee for totals up to and including Ceiling. The
// fee counts into the total that the ceiling is compared with (carriers
// charge by the amount they collect).
type CODTier struct {
	Ceiling int64 `json:"ceiling"`
	Fee     int64 `json:"fee"`
}

// CODFee finds the fee to add to total; false where no tier reaches so far.
func CODFee(tiers []CODTier, total int64) (int64, bool) {
	for _, t := range tiers {
		if total+t.Fee <= t.Ceiling {
			return t.Fee, true
		}
	}
	return 0, false
}
