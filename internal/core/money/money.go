// Package money holds amounts: whole minor units of one currency, never floats.
// It owns arithmetic and rounding; it knows nothing of prices or taxes.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Currency is an ISO 4217 code in upper case, such as "JPY".
type Currency string

// Amount is a number of minor units (yen, cents) of a currency.
type Amount struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// ErrOverflow is returned when a result does not fit 64 bits.
var ErrOverflow = errors.New("amount overflows")

// ErrMixed is returned when two currencies meet in one sum.
var ErrMixed = errors.New("amounts of different currencies")

// Of makes an amount.
func Of(minor int64, currency Currency) Amount { return Amount{Minor: minor, Currency: currency} }

// Yen makes an amount of Japanese yen.
func Yen(minor int64) Amount { return Amount{Minor: minor, Currency: "JPY"} }

// IsZero reports whether the amount is nothing, in whatever currency.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// String is for logs and test failures; pages use the language catalogues.
func (a Amount) String() string { return fmt.Sprintf("%d %s", a.Minor, a.Currency) }

// Add sums two amounts of one currency.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, ErrMixed
	}
	sum := a.Minor + b.Minor
	if (b.Minor > 0 && sum < a.Minor) || (b.Minor < 0 && sum > a.Minor) {
		return Amount{}, ErrOverflow
	}
	return Amount{Minor: sum, Currency: a.Currency}, nil
}

// Times multiplies by a quantity.
func (a Amount) Times(quantity int64) (Amount, error) {
	product, err := MulDiv(a.Minor, quantity, 1, RoundFloor)
	if err != nil {
		return Amount{}, err
	}
	return Amount{Minor: product, Currency: a.Currency}, nil
}

// Rounding is a store's rule for fractions of a minor unit.
type Rounding string

// The three rules Japanese tax practice knows: 切り捨て, 四捨五入, 切り上げ.
const (
	RoundFloor  Rounding = "floor"
	RoundHalfUp Rounding = "half_up"
	RoundCeil   Rounding = "ceil"
)

// MulDiv returns a × b ÷ c rounded by the rule, exact in between. Rounding works
// on the magnitude, so that a refund rounds to the same figure as its sale.
func MulDiv(a, b, c int64, rounding Rounding) (int64, error) {
	if c == 0 {
		return 0, errors.New("division by zero")
	}
	negative := (a < 0) != (b < 0) != (c < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	divisor := magnitude(c)
	if hi >= divisor {
		return 0, ErrOverflow
	}
	quotient, remainder := bits.Div64(hi, lo, divisor)
	if quotient > math.MaxInt64 {
		return 0, ErrOverflow // before rounding up, which could wrap to nothing
	}
	switch rounding {
	case RoundCeil:
		if remainder > 0 {
			quotient++
		}
	case RoundFloor:
	case RoundHalfUp:
		if remainder >= divisor-remainder && remainder > 0 {
			quotient++
		}
	}
	if quotient > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if negative {
		return -int64(quotient), nil
	}
	return int64(quotient), nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

// Split shares total over the weights in proportion, by largest remainder, so
// that the parts add up to total exactly. Weights must not be negative; where
// all are zero the first part takes everything.
func Split(total int64, weights []int64) ([]int64, error) {
	parts := make([]int64, len(weights))
	if len(weights) == 0 {
		return parts, nil
	}
	var sum int64
	for _, w := range weights {
		if w < 0 {
			return nil, errors.New("negative weight")
		}
		if sum > math.MaxInt64-w {
			return nil, ErrOverflow
		}
		sum += w
	}
	if sum == 0 {
		parts[0] = total
		return parts, nil
	}
	var given int64
	remainders := make([]uint64, len(weights))
	for i, w := range weights {
		part, err := MulDiv(total, w, sum, RoundFloor)
		if err != nil {
			return nil, err
		}
		parts[i] = part
		given += part
		hi, lo := bits.Mul64(magnitude(total), uint64(w))
		_, remainders[i] = bits.Div64(hi, lo, uint64(sum))
	}
	step := int64(1)
	if total < 0 {
		step = -1
	}
	for given != total {
		best := 0
		for i := range remainders {
			if remainders[i] > remainders[best] {
				best = i
			}
		}
		parts[best] += step
		remainders[best] = 0
		given += step
	}
	return parts, nil
}
