package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

func TestAmountsOfOneCurrencyAddUp(t *testing.T) {
	tests := []struct {
		name string
		a, b Amount
		want Amount
		err  error
	}{
		{"yen and yen", Yen(980), Yen(660), Yen(1640), nil},
		{"a refund takes away", Yen(980), Yen(-980), Yen(0), nil},
		{"cents", Of(1999, "USD"), Of(1, "USD"), Of(2000, "USD"), nil},
		{"yen and dollars never meet", Yen(980), Of(980, "USD"), Amount{}, ErrMixed},
		{"too much", Yen(math.MaxInt64), Yen(1), Amount{}, ErrOverflow},
		{"too little", Yen(math.MinInt64), Yen(-1), Amount{}, ErrOverflow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.a.Add(tt.b)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s + %s = %s, %v; want %s, %v", tt.a, tt.b, got, err, tt.want, tt.err)
			}
		})
	}
}

func TestAnAmountTimesAQuantity(t *testing.T) {
	if got, err := Yen(1580).Times(3); err != nil || got != Yen(4740) {
		t.Errorf("1,580 yen × 3 = %s, %v", got, err)
	}
	if _, err := Yen(math.MaxInt64 / 2).Times(3); !errors.Is(err, ErrOverflow) {
		t.Errorf("an amount beyond 64 bits: %v", err)
	}
	if !Of(0, "USD").IsZero() || Yen(1).IsZero() {
		t.Error("IsZero is wrong")
	}
	if got := Yen(-5).String(); got != "-5 JPY" {
		t.Errorf("String() = %s", got)
	}
}

func TestMulDivRoundsByTheStoresRule(t *testing.T) {
	tests := []struct {
		name              string
		a, b, c           int64
		floor, half, ceil int64
	}{
		{"no fraction", 1000, 1000, 10_000, 100, 100, 100},
		{"105 yen × 3 at 10 %: 31.5", 315, 1000, 10_000, 31, 32, 32},
		{"below a half: 31.4", 314, 1000, 10_000, 31, 31, 32},
		{"above a half: 31.6", 316, 1000, 10_000, 31, 32, 32},
		{"a refund rounds like its sale", -315, 1000, 10_000, -31, -32, -32},
		{"two minus signs", -315, -1000, 10_000, 31, 32, 32},
		{"a negative divisor", 315, 1000, -10_000, -31, -32, -32},
		{"nothing", 0, 1000, 10_000, 0, 0, 0},
		{"half of an odd divisor: 1/3", 1, 1, 3, 0, 0, 1},
		{"half of an odd divisor: 2/3", 2, 1, 3, 0, 1, 1},
		{"exact beyond 64 bits in between", math.MaxInt64, 1080, 1080, math.MaxInt64, math.MaxInt64, math.MaxInt64},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for rounding, want := range map[Rounding]int64{RoundFloor: tt.floor, RoundHalfUp: tt.half, RoundCeil: tt.ceil} {
				if got, err := MulDiv(tt.a, tt.b, tt.c, rounding); err != nil || got != want {
					t.Errorf("%s: %d, %v; want %d", rounding, got, err, want)
				}
			}
		})
	}
	if _, err := MulDiv(1, 1, 0, RoundFloor); err == nil {
		t.Error("division by zero passed")
	}
}

// wide draws amounts of every size: rapid prefers small ones, overflow lives
// among the large.
func wide(t *rapid.T, label string) int64 {
	n := rapid.Int64().Draw(t, label)
	if rapid.Bool().Draw(t, label+" is large") {
		n |= math.MaxInt64 >> 3 << 2
	}
	return n
}

func TestMulDivAgreesWithExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := wide(t, "a"), wide(t, "b"), wide(t, "c")
		if c == 0 {
			c = 1
		}
		rounding := rapid.SampledFrom([]Rounding{RoundFloor, RoundHalfUp, RoundCeil}).Draw(t, "rounding")
		want := exact(a, b, c, rounding)
		got, err := MulDiv(a, b, c, rounding)
		// The most negative number is refused: its magnitude is no amount.
		if fits := want.IsInt64() && want.Int64() != math.MinInt64; !fits {
			if !errors.Is(err, ErrOverflow) {
				t.Fatalf("%d × %d ÷ %d (%s) = %d, %v; it is %s", a, b, c, rounding, got, err, want)
			}
			return
		}
		if err != nil || got != want.Int64() {
			t.Fatalf("%d × %d ÷ %d (%s) = %d, %v; want %s", a, b, c, rounding, got, err, want)
		}
	})
}

func TestRoundingUpNeverWrapsToNothing(t *testing.T) {
	// a × b ÷ c lies between 2^64 − 1 and 2^64: one more would be 0 in 64 bits.
	const a, b, c = 7835041206758081143, 5214857044707643354, 2214950219365220614
	if quotient := exact(a, b, c, RoundFloor); quotient.String() != "18446744073709551615" {
		t.Fatalf("the example is another: %s", quotient)
	}
	for _, rounding := range []Rounding{RoundFloor, RoundHalfUp, RoundCeil} {
		if got, err := MulDiv(a, b, c, rounding); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s: %d, %v", rounding, got, err)
		}
	}
}

func exact(a, b, c int64, rounding Rounding) *big.Int {
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	divisor := big.NewInt(c)
	negative := product.Sign()*divisor.Sign() < 0
	quotient, remainder := new(big.Int).QuoRem(product.Abs(product), divisor.Abs(divisor), new(big.Int))
	twice := new(big.Int).Lsh(remainder, 1)
	if (rounding == RoundCeil && remainder.Sign() > 0) || (rounding == RoundHalfUp && twice.Cmp(divisor) >= 0) {
		quotient.Add(quotient, big.NewInt(1))
	}
	if negative {
		quotient.Neg(quotient)
	}
	return quotient
}

func TestSplitSharesByLargestRemainder(t *testing.T) {
	tests := []struct {
		name    string
		total   int64
		weights []int64
		want    []int64
	}{
		{"even", 100, []int64{1, 1}, []int64{50, 50}},
		{"the odd yen goes to the first of equals", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"the odd yen goes to the largest remainder", 10, []int64{1, 8, 9}, []int64{1, 4, 5}},
		{"a discount over two rates: 500 over 3,000 and 2,000", -500, []int64{3000, 2000}, []int64{-300, -200}},
		{"a discount that does not divide", -100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{"a part without weight gets nothing", 99, []int64{0, 3, 0}, []int64{0, 99, 0}},
		{"no weight at all: the first takes everything", 7, []int64{0, 0}, []int64{7, 0}},
		{"nobody to share with", 7, nil, []int64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Split(tt.total, tt.weights)
			if err != nil || len(got) != len(tt.want) {
				t.Fatalf("%v, %v; want %v", got, err, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Fatalf("%v, want %v", got, tt.want)
				}
			}
		})
	}
	if _, err := Split(1, []int64{1, -1}); err == nil {
		t.Error("a negative weight passed")
	}
	if _, err := Split(1, []int64{math.MaxInt64, 1}); !errors.Is(err, ErrOverflow) {
		t.Errorf("weights beyond 64 bits: %v", err)
	}
}

func TestSplitPartsAddUpAndStayWithinOneOfTheirShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(-1e15, 1e15).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 12).Draw(t, "weights")
		parts, err := Split(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		var sum, all int64
		for i := range parts {
			sum += parts[i]
			all += weights[i]
		}
		if sum != total {
			t.Fatalf("%v add up to %d, not to %d", parts, sum, total)
		}
		if all == 0 {
			return
		}
		for i, part := range parts {
			share := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])), big.NewInt(all))
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(part), share)
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d is %d, its share %s", i, part, share.FloatString(3))
			}
		}
	})
}
