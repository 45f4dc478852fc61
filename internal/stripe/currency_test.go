package stripe

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAmountsInStripesUnits(t *testing.T) {
	for _, c := range []struct {
		currency string
		exponent int
		minor    int64
		want     int64
		err      error
	}{
		{"JPY", 0, 1330, 1330, nil},
		{"jpy", 2, 133000, 1330, nil},
		{"jpy", 2, 133050, 0, ErrNotRepresentable},
		{"usd", 2, 1234, 1234, nil},
		{"eur", 2, -1234, -1234, nil},
		{"kwd", 3, 12340, 12340, nil},
		{"kwd", 3, 12345, 0, ErrNotRepresentable},
		{"isk", 0, 500, 50000, nil},
		{"isk", 2, 50050, 0, ErrNotRepresentable},
		{"ugx", 0, 5000, 500000, nil},
		{"huf", 2, 17550, 17550, nil},
		{"huf", 0, 175, 17500, nil},
		{"twd", 0, 300, 30000, nil},
		{"twd", 2, 30050, 30050, nil},
		{"krw", 0, 50, 50, nil},
		{"usd", 0, math.MaxInt64, 0, ErrAmountRange},
	} {
		got, err := ToStripe(c.minor, c.currency, c.exponent)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("ToStripe(%d, %s, %d) = %d, %v; want %d, %v", c.minor, c.currency, c.exponent, got, err, c.want, c.err)
		}
	}
}

func TestMinimumsAreChargeableAmounts(t *testing.T) {
	for currency, amount := range minimums {
		if amount <= 0 || amount%unitOf(currency).step != 0 {
			t.Errorf("the minimum of %s, %d, cannot be charged", currency, amount)
		}
	}
	if got, ok := Minimum("JPY"); got != 50 || !ok {
		t.Errorf("JPY: %d %v", got, ok)
	}
	if _, ok := Minimum("twd"); ok {
		t.Error("TWD's minimum is not published")
	}
}

func anyCurrency() *rapid.Generator[string] {
	return rapid.SampledFrom(append(slices.Sorted(maps.Keys(units)), "usd", "eur", "twd", "huf", "hkd", "cny"))
}

func TestConversionGoesBackExactlyOrIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := anyCurrency().Draw(t, "currency")
		exponent := rapid.IntRange(0, 4).Draw(t, "exponent")
		minor := rapid.Int64().Draw(t, "minor")
		amount, err := ToStripe(minor, currency, exponent)
		if err != nil {
			if amount != 0 || !errors.Is(err, ErrNotRepresentable) && !errors.Is(err, ErrAmountRange) {
				t.Fatalf("%d, %v", amount, err)
			}
			return
		}
		back, err := FromStripe(amount, currency, exponent)
		if err != nil || back != minor {
			t.Fatalf("%d %s (%d) became %d and came back as %d, %v", minor, currency, exponent, amount, back, err)
		}
		if amount%unitOf(currency).step != 0 {
			t.Fatalf("%d %s is not a multiple of %d", amount, currency, unitOf(currency).step)
		}
	})
}

func TestConversionKeepsOrderAndSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := anyCurrency().Draw(t, "currency")
		exponent := rapid.IntRange(0, 3).Draw(t, "exponent")
		// Whole thousands of units can be charged in every currency.
		unit := int64(1000)
		for range exponent {
			unit *= 10
		}
		convert := func(n int64) int64 {
			amount, err := ToStripe(n*unit, currency, exponent)
			if err != nil {
				t.Fatal(err)
			}
			return amount
		}
		a := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "a")
		b := rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "b")
		if convert(a)+convert(b) != convert(a+b) || (a < b) != (convert(a) < convert(b)) {
			t.Fatalf("%d and %d %s", a, b, currency)
		}
	})
}
