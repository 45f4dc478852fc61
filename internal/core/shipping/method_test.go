package shipping

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/place"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

func TestTheFirstZoneThatTakesAnAddressHoldsIt(t *testing.T) {
	method := Method{Zones: []Zone{
		{Country: "JP", Regions: []string{"JP-13"}, PostcodePrefixes: []string{"1000", "10011"}, Fee: 1500},
		{Country: "JP", Regions: []string{"JP-47"}, Fee: 1400},
		{Country: "JP", Fee: 650},
		{Country: "HK", Fee: 2100},
		{Country: "US", Regions: []string{"US-CA", "US-NY"}, Fee: 3900},
	}}
	tests := []struct {
		name string
		to   place.Address
		fee  int64 // 0: nothing ships there
	}{
		{"an island by its postcode", place.Address{Country: "JP", Region: "JP-13", Postcode: "100-0101"}, 1500},
		{"a longer prefix", place.Address{Country: "JP", Region: "JP-13", Postcode: "100-1101"}, 1500},
		{"the town with the same first digits", place.Address{Country: "JP", Region: "JP-13", Postcode: "100-2001"}, 650},
		{"the postcode alone is not enough", place.Address{Country: "JP", Region: "JP-14", Postcode: "100-0101"}, 650},
		{"a postcode without its hyphen", place.Address{Country: "JP", Region: "JP-13", Postcode: "1000101"}, 1500},
		{"a region", place.Address{Country: "JP", Region: "JP-47", Postcode: "900-0001"}, 1400},
		{"the rest of the country", place.Address{Country: "JP", Region: "JP-01", Postcode: "060-0001"}, 650},
		{"a country without postcodes", place.Address{Country: "HK"}, 2100},
		{"one of two regions", place.Address{Country: "US", Region: "US-NY"}, 3900},
		{"a region that is not served", place.Address{Country: "US", Region: "US-AK"}, 0},
		{"a country that is not served", place.Address{Country: "TW"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			zone, ok := method.Zone(tt.to)
			if zone.Fee != tt.fee || ok != (tt.fee != 0) {
				t.Errorf("fee %d (%v), want %d", zone.Fee, ok, tt.fee)
			}
		})
	}
}

var tiers = []CODTier{{10_000, 330}, {30_000, 440}, {100_000, 660}, {300_000, 1_100}}

func TestTheFeeCountsIntoTheTotalThatItsCeilingHolds(t *testing.T) {
	tests := []struct {
		name    string
		total   int64
		fee     int64
		offered bool
	}{
		{"small", 1_000, 330, true},
		{"9,670 + 330 = 10,000 is still within", 9_670, 330, true},
		{"9,671 + 330 = 10,001 is not", 9_671, 440, true},
		{"9,700 + 330 = 10,030 is not", 9_700, 440, true},
		{"29,560 + 440 = 30,000", 29_560, 440, true},
		{"29,561 + 440 = 30,001", 29_561, 660, true},
		{"99,341 + 660 = 100,001", 99_341, 1_100, true},
		{"298,900 + 1,100 = 300,000", 298_900, 1_100, true},
		{"298,901 + 1,100 = 300,001: too much for the carrier", 298_901, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if fee, offered := CODFee(tiers, tt.total); fee != tt.fee || offered != tt.offered {
				t.Errorf("%d, %v; want %d, %v", fee, offered, tt.fee, tt.offered)
			}
		})
	}
	if _, offered := CODFee(nil, 0); offered {
		t.Error("a store without tiers offers no cash on delivery")
	}
}

func TestTheCheapestTierThatHoldsIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 310_000).Draw(t, "total")
		fee, offered := CODFee(tiers, total)
		for _, tier := range tiers {
			holds := total+tier.Fee <= tier.Ceiling
			if holds && (!offered || tier.Fee < fee) {
				t.Fatalf("%d: %d (%v), but %+v holds", total, fee, offered, tier)
			}
			if offered && tier.Fee == fee && !holds {
				t.Fatalf("%d: %+v does not hold it", total, tier)
			}
		}
	})
}

func TestANameFallsBackToJapanese(t *testing.T) {
	m := Method{Names: map[string]string{"ja": "宅急便", "en": "Parcel"}}
	if m.Name("en") != "Parcel" || m.Name("zh-Hant") != "宅急便" {
		t.Errorf("%s, %s", m.Name("en"), m.Name("zh-Hant"))
	}
}
