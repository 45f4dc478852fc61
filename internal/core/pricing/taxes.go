package pricing

import (
	"maps"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// rateSums collects what each rate applies to, so that tax is rounded once per
// rate per order and not once per line (適格請求書: 105 yen × 3 at 10 % is 31, not 30).
type rateSums struct {
	in     Input
	amount map[int64]int64
}

func newRateSums(in Input) *rateSums { return &rateSums{in: in, amount: map[int64]int64{}} }

func (r *rateSums) add(class tax.Class, amount int64) {
	if amount == 0 {
		return
	}
	rate := r.in.Tax.Rate(class, r.in.Address.Country, r.in.Address.Region, r.in.TaxDate)
	r.amount[rate] += amount
}

// with is a copy of the sums with an amount added.
func (r *rateSums) with(class tax.Class, amount int64) *rateSums {
	more := &rateSums{in: r.in, amount: maps.Clone(r.amount)}
	more.add(class, amount)
	return more
}

// sums are ordered by rate, the highest last, zero rates left out.
func (r *rateSums) sums() ([]TaxSum, error) {
	var list []TaxSum
	for rate, amount := range r.amount {
		if rate == 0 {
			continue
		}
		divisor := int64(10_000)
		if r.in.Tax.Inclusive {
			divisor += rate
		}
		t, err := money.MulDiv(amount, rate, divisor, r.in.Tax.Rounding)
		if err != nil {
			return nil, err
		}
		list = append(list, TaxSum{BasisPoints: rate, Amount: amount, Tax: t})
	}
	slices.SortFunc(list, func(a, b TaxSum) int { return int(a.BasisPoints - b.BasisPoints) })
	return list, nil
}

// extraTax is what tax adds to the total so far: nothing where prices include it.
func (r *rateSums) extraTax() (int64, error) {
	if r.in.Tax.Inclusive {
		return 0, nil
	}
	sums, err := r.sums()
	if err != nil {
		return 0, err
	}
	var total int64
	for _, s := range sums {
		total += s.Tax
	}
	return total, nil
}
