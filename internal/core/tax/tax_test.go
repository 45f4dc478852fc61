package tax

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

func TestTheRateIsTheLatestThatHasBegunAtThePlace(t *testing.T) {
	rules := Japan()
	rules.Rates = append(
		rules.Rates,
		Rate{Class: Standard, Country: "JP", From: calendar.On(2014, 4, 1), BasisPoints: 800},
		Rate{Class: Standard, Country: "JP", From: calendar.On(2028, 4, 1), BasisPoints: 1200},
		Rate{Class: Standard, Country: "CA", From: calendar.On(2008, 1, 1), BasisPoints: 500},
		Rate{Class: Standard, Country: "CA", Region: "CA-ON", From: calendar.On(2010, 7, 1), BasisPoints: 1300},
		Rate{Class: Standard, Country: "CA", From: calendar.On(2027, 1, 1), BasisPoints: 600},
	)
	tests := []struct {
		name    string
		class   Class
		country place.Country
		region  string
		on      calendar.Date
		want    int64
	}{
		{"goods in Japan: 10 %", Standard, "JP", "JP-13", calendar.On(2026, 12, 4), 1000},
		{"food in Japan: 8 %", Reduced, "JP", "JP-13", calendar.On(2026, 12, 4), 800},
		{"the first day of a rate", Standard, "JP", "", calendar.On(2019, 10, 1), 1000},
		{"the day before it", Standard, "JP", "", calendar.On(2019, 9, 30), 800},
		{"before any rate", Standard, "JP", "", calendar.On(2014, 3, 31), 0},
		{"a rate to come", Standard, "JP", "", calendar.On(2028, 4, 1), 1200},
		{"no reduced rate yet", Reduced, "JP", "", calendar.On(2019, 9, 30), 0},
		{"an unknown class", "luxury", "JP", "", calendar.On(2026, 12, 4), 0},
		{"an export is free of tax", Standard, "US", "US-CA", calendar.On(2026, 12, 4), 0},
		{"a country with regions, in another region", Standard, "CA", "CA-AB", calendar.On(2026, 12, 4), 500},
		{"a region's own rate", Standard, "CA", "CA-ON", calendar.On(2026, 12, 4), 1300},
		{"a later rate of the country leaves the region's", Standard, "CA", "CA-ON", calendar.On(2027, 1, 1), 1300},
		{"and changes the others'", Standard, "CA", "CA-AB", calendar.On(2027, 1, 1), 600},
		{"a region before its own rate pays the country's", Standard, "CA", "CA-ON", calendar.On(2010, 6, 30), 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := rules.Rate(tt.class, tt.country, tt.region, tt.on); got != tt.want {
				t.Errorf("%d basis points, want %d", got, tt.want)
			}
		})
	}
}

func TestTheRulesOfAJapaneseStore(t *testing.T) {
	if r := Japan(); !r.Inclusive || r.Rounding != money.RoundFloor {
		t.Errorf("prices contain their tax and fractions are dropped, but: %+v", r)
	}
}
