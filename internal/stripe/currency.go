package stripe

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Failures of a conversion into Stripe's units.
var (
	// ErrNotRepresentable: the amount has digits that Stripe does not take in this currency.
	ErrNotRepresentable = errors.New("stripe: the amount cannot be charged in this currency without rounding")
	// ErrAmountRange: the converted amount does not fit into 64 bits.
	ErrAmountRange = errors.New("stripe: the amount is out of range")
)

// unit says how Stripe counts a currency: digits after the point in what is sent, and the step in those units that
// an amount must be a multiple of.
type unit struct {
	exponent int
	step     int64
}

// defaultUnit is that of every currency not named in units: hundredths, any of them.
var defaultUnit = unit{exponent: 2, step: 1}

// units holds the currencies that differ. Source: https://docs.stripe.com/currencies, "Zero-decimal",
// "Three-decimal" and "Special case" currencies. HUF and TWD are two-decimal for charges (only payouts are whole),
// so they need no row.
var units = map[string]unit{
	"bif": {0, 1}, "clp": {0, 1}, "djf": {0, 1}, "gnf": {0, 1}, "jpy": {0, 1}, "kmf": {0, 1}, "krw": {0, 1},
	"mga": {0, 1}, "pyg": {0, 1}, "rwf": {0, 1}, "vnd": {0, 1}, "vuv": {0, 1}, "xaf": {0, 1}, "xof": {0, 1},
	"xpf": {0, 1},
	"bhd": {3, 10}, "jod": {3, 10}, "kwd": {3, 10}, "omr": {3, 10}, "tnd": {3, 10},
	"isk": {2, 100}, "ugx": {2, 100},
}

// minimums are the smallest charges, in Stripe's units, when the account settles in the charge's own currency.
// Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. A currency that is not listed has
// a minimum that depends on the settlement currency: the gateway alone knows it.
var minimums = map[string]int64{
	"jpy": 50, "krw": 50,
	"usd": 50, "eur": 50, "chf": 50, "aud": 50, "cad": 50, "nzd": 50, "sgd": 50,
	"gbp": 30, "hkd": 400, "myr": 200, "thb": 1000, "mxn": 1000, "huf": 17500, "czk": 1500,
	"dkk": 250, "sek": 300, "nok": 300, "pln": 200, "ron": 200, "aed": 200,
}

func unitOf(currency string) unit {
	if u, ok := units[strings.ToLower(currency)]; ok {
		return u
	}
	return defaultUnit
}

// ToStripe converts an amount of minor units, of which 10^exponent make one unit of the currency, into the integer
// that Stripe's API takes. It never rounds: an amount that Stripe cannot charge exactly is ErrNotRepresentable.
func ToStripe(minor int64, currency string, exponent int) (int64, error) {
	u := unitOf(currency)
	amount, err := rescale(minor, exponent, u.exponent)
	if err != nil {
		return 0, fmt.Errorf("convert %d %s: %w", minor, currency, err)
	}
	if amount%u.step != 0 {
		return 0, fmt.Errorf("convert %d %s: %w", minor, currency, ErrNotRepresentable)
	}
	return amount, nil
}

// FromStripe converts an integer of Stripe's API back into minor units, the inverse of ToStripe.
func FromStripe(amount int64, currency string, exponent int) (int64, error) {
	minor, err := rescale(amount, unitOf(currency).exponent, exponent)
	if err != nil {
		return 0, fmt.Errorf("convert %d %s from Stripe's units: %w", amount, currency, err)
	}
	return minor, nil
}

// Minimum returns the smallest amount, in Stripe's units, that can be charged in a currency, and false where it
// depends on the account's settlement currency.
func Minimum(currency string) (int64, bool) {
	amount, ok := minimums[strings.ToLower(currency)]
	return amount, ok
}

func rescale(amount int64, from, to int) (int64, error) {
	for ; from < to; from++ {
		if amount > math.MaxInt64/10 || amount < math.MinInt64/10 {
			return 0, ErrAmountRange
		}
		amount *= 10
	}
	for ; from > to; from-- {
		if amount%10 != 0 {
			return 0, ErrNotRepresentable
		}
		amount /= 10
	}
	return amount, nil
}

// Exponent returns how many decimals Stripe counts a currency with, for showing an amount that came from Stripe.
func Exponent(currency string) int { return unitOf(currency).exponent }
