package i18n

import (
	"strings"
	"unicode"

	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Name writes a person's name in the order of the reader's language, save that a
// name in Han characters or kana keeps its own order everywhere.
func (l *Localizer) Name(n place.Name) string {
	family, given := strings.TrimSpace(n.Family), strings.TrimSpace(n.Given)
	switch {
	case family == "":
		return given
	case given == "":
		return family
	case isEastAsian(family + given):
		if l.lang == ZhHans || l.lang == ZhHant {
			return family + given
		}
		return family + " " + given
	case l.lang == Ja:
		return family + " " + given
	default:
		return given + " " + family
	}
}

// Addressee is the name with what politeness adds: 早川 千尋 様.
func (l *Localizer) Addressee(n place.Name) string {
	return l.T("format.addressee", "Name", l.Name(n))
}

func isEastAsian(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return true
		}
	}
	return false
}

// Country is the name of a country, its code where the catalogue has none.
func (l *Localizer) Country(c place.Country) string {
	if key := "place.country." + string(c); l.Has(key) {
		return l.T(key)
	}
	return string(c)
}

// Region is the name of a prefecture, state or province; a region that is no
// code of ours is what the customer typed.
func (l *Localizer) Region(c place.Country, code string) string {
	region, ok := place.RegionOf(c, code)
	if !ok {
		return code
	}
	if l.lang == En {
		return region.Latin
	}
	return region.Local
}

// Address writes an address as lines in its country's order, without the name
// and phone. East Asian scripts keep their order, and the region its own script,
// whatever the reader's language: the carrier reads them too. The country itself
// is named wherever it is not Japan, and to readers of English always.
func (l *Localizer) Address(a place.Address) []string {
	var lines []string
	if place.FormOf(a.Country).Order == place.LargeToSmall && isEastAsian(a.City+a.Street) {
		region := a.Region
		if known, ok := place.RegionOf(a.Country, a.Region); ok {
			region = known.Local
		}
		lines = []string{postcodeLine(a), region + a.City + a.Street, a.Building}
	} else {
		region := a.Region
		if known, ok := place.RegionOf(a.Country, a.Region); ok {
			region = known.Abroad()
		}
		lines = []string{
			join(", ", a.Building, a.Street),
			join(" ", join(", ", a.City, region), a.Postcode),
		}
	}
	if a.Country != "JP" || l.lang == En {
		lines = append(lines, l.Country(a.Country))
	}
	full := lines[:0]
	for _, line := range lines {
		if line != "" {
			full = append(full, line)
		}
	}
	return full
}

func postcodeLine(a place.Address) string {
	if a.Country == "JP" && a.Postcode != "" {
		return "〒" + a.Postcode
	}
	return a.Postcode
}

func join(separator string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, separator)
}
