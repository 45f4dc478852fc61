// Package tax holds tax classes and the rates they have, by place and date.
package tax

import (
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Class names a kind of goods for tax, such as "standard" or "reduced".
type Class string

// The classes every store starts with. Food and drink are reduced in Japan;
// postage and the cash-on-delivery fee are standard.
const (
	Standard Class = "standard"
	Reduced  Class = "reduced"
)

// Rate is what a class pays in a country, or in one region of it, from a date
// on. BasisPoints are hundredths of a percent: 1000 is 10 %.
type Rate struct {
	Class       Class         `json:"class"`
	Country     place.Country `json:"country"`
	Region      string        `json:"region,omitempty"`
	From        calendar.Date `json:"from"`
	BasisPoints int64         `json:"basis_points"`
}

// Rules are a store's tax settings. Rates not listed are zero, as exports are.
type Rules struct {
	Inclusive bool           `json:"inclusive"` // prices contain their tax (総額表示)
	Rounding  money.Rounding `json:"rounding"`
	Rates     []Rate         `json:"rates"`
}

// Japan is the rules of a Japanese store: 10 % and 8 % since 2019-10-01,
// prices tax-inclusive, fractions dropped.
func Japan() Rules {
	since := calendar.On(2019, 10, 1)
	return Rules{
		Inclusive: true, Rounding: money.RoundFloor,
		Rates: []Rate{
			{Class: Standard, Country: "JP", From: since, BasisPoints: 1000},
			{Class: Reduced, Country: "JP", From: since, BasisPoints: 800},
		},
	}
}

// Rate finds the rate of a class at a place on a date: the latest that has
// begun, a region's own before its country's.
func (r Rules) Rate(class Class, country place.Country, region string, on calendar.Date) int64 {
	candidates := slices.DeleteFunc(slices.Clone(r.Rates), func(c Rate) bool {
		return c.Class != class || c.Country != country || c.From.After(on) ||
			(c.Region != "" && c.Region != region)
	})
	if len(candidates) == 0 {
		return 0
	}
	best := slices.MaxFunc(candidates, func(a, b Rate) int {
		if (a.Region == "") != (b.Region == "") {
			if a.Region == "" {
				return -1
			}
			return 1
		}
		return a.From.Compare(b.From)
	})
	return best.BasisPoints
}
