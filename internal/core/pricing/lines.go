package pricing

import (
	"cmp"
	"maps"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// bought says which units count together for a volume discount: those of one
// product that are bought in the same way.
type bought struct {
	product ident.ID
	course  *Course // nil: once
}

// priceLines prices the goods and explains each step: unit prices and volume
// discounts by line, then the count discount of each subscription's box.
func priceLines(in Input) ([]Line, []Step, error) {
	units := map[bought]int64{}
	for _, item := range in.Items {
		if item.Quantity < 1 || item.Quantity > maxQuantity {
			return nil, nil, fault.Field("quantity", "fault.number.range", "Min", 1, "Max", maxQuantity)
		}
		units[bought{item.ProductID, item.Course}] += item.Quantity
	}
	lines := make([]Line, len(in.Items))
	var steps []Step
	var goods int64
	for i, item := range in.Items {
		line, explained, err := priceLine(item, in, units[bought{item.ProductID, item.Course}])
		if err != nil {
			return nil, nil, err
		}
		if goods += line.Total; goods > maxGoods {
			return nil, nil, money.ErrOverflow
		}
		lines[i] = line
		steps = append(steps, explained...)
	}
	counted := map[*Course]bool{}
	for _, item := range in.Items {
		if item.Course == nil || counted[item.Course] {
			continue
		}
		counted[item.Course] = true
		step, err := takeCountDiscount(in, item.Course, lines)
		if err != nil {
			return nil, nil, err
		}
		if step.Amount != 0 {
			steps = append(steps, step)
		}
	}
	for i, l := range lines {
		lines[i].Discount = max(l.Regular*l.Quantity-l.Total, 0)
	}
	return lines, steps, nil
}

// unitPrice of an item before discounts.
func unitPrice(item Item) (int64, Reason) {
	switch c := item.Course; {
	case c != nil && c.Box == 1 && c.FirstEligible && item.First > 0:
		return item.First, ReasonFirst
	case c != nil:
		return item.Agreed, ReasonSubscription
	case item.Trial > 0:
		return item.Trial, ReasonTrial
	}
	return item.Regular, ReasonRegular
}

func priceLine(item Item, in Input, units int64) (Line, []Step, error) {
	unit, reason := unitPrice(item)
	if !meant(unit) || !meant(item.Regular) {
		return Line{}, nil, money.ErrOverflow
	}
	tiers := item.Volume
	if item.Course != nil {
		tiers = item.Course.Agreement.Volume
	}
	steps := unitSteps(item, unit, reason)
	if tier, reached := catalog.VolumeFor(tiers, units); reached {
		after, err := discounted(tier.Discount, unit, in.Tax.Rounding)
		if err != nil {
			return Line{}, nil, err
		}
		if after < unit {
			steps = append(steps, Step{
				Reason: ReasonVolume, Amount: (after - unit) * item.Quantity,
				Args: map[string]any{"Quantity": item.Quantity, "Off": unit - after, "Units": tier.From},
			})
		}
		unit = after
	}
	return Line{
		VariantID: item.VariantID, Quantity: item.Quantity, Unit: unit, Regular: item.Regular,
		Total: unit * item.Quantity, Reason: reason, TaxClass: item.TaxClass,
		BasisPoints: in.Tax.Rate(item.TaxClass, in.Address.Country, in.Address.Region, in.TaxDate),
	}, steps, nil
}

// discounted is what a discount leaves of an amount. One that no shop can mean is
// refused.
func discounted(d catalog.Discount, amount int64, rounding money.Rounding) (int64, error) {
	if d.BasisPoints < 0 || d.Amount < 0 {
		return 0, money.ErrOverflow
	}
	return d.After(amount, rounding)
}

// unitSteps show the regular price first and what is taken off it, as a shopper
// reads a price.
func unitSteps(item Item, unit int64, reason Reason) []Step {
	if unit >= item.Regular {
		if reason != ReasonRegular {
			reason = ReasonAgreed
		}
		return []Step{{
			Reason: reason, Amount: unit * item.Quantity,
			Args: map[string]any{"Quantity": item.Quantity, "Unit": unit},
		}}
	}
	return []Step{
		{
			Reason: ReasonRegular, Amount: item.Regular * item.Quantity,
			Args: map[string]any{"Quantity": item.Quantity, "Unit": item.Regular},
		},
		{
			Reason: reason, Amount: (unit - item.Regular) * item.Quantity,
			Args: map[string]any{"Quantity": item.Quantity, "Off": item.Regular - unit},
		},
	}
}

// takeCountDiscount takes the discount of a subscription's box off its lines. It
// is rounded once for the box and shared in proportion, over the tax rates first
// and then over the lines of each: so it does not matter how pieces stand in
// lines.
func takeCountDiscount(in Input, course *Course, lines []Line) (Step, error) {
	discount, reached := catalog.CountFor(course.Agreement.Count, course.Box)
	if !reached {
		return Step{}, nil
	}
	byRate := map[int64][]int{}
	sums := map[int64]int64{}
	var box int64
	for i, item := range in.Items {
		if item.Course == course {
			rate := lines[i].BasisPoints
			byRate[rate] = append(byRate[rate], i)
			sums[rate] += lines[i].Total
			box += lines[i].Total
		}
	}
	after, err := discounted(discount.Discount, box, in.Tax.Rounding)
	if err != nil {
		return Step{}, err
	}
	rates := slices.SortedFunc(maps.Keys(byRate), cmp.Compare)
	weights := make([]int64, len(rates))
	for i, rate := range rates {
		weights[i] = sums[rate]
	}
	shares, err := money.Split(box-after, weights)
	if err != nil {
		return Step{}, err
	}
	for i, rate := range rates {
		if err := shareOver(lines, byRate[rate], shares[i]); err != nil {
			return Step{}, err
		}
	}
	return Step{
		Reason: ReasonCount, Amount: after - box,
		Args: map[string]any{"Box": course.Box, "FromBox": discount.FromBox},
	}, nil
}

func shareOver(lines []Line, at []int, off int64) error {
	weights := make([]int64, len(at))
	for i, line := range at {
		weights[i] = lines[line].Total
	}
	shares, err := money.Split(off, weights)
	if err != nil {
		return err
	}
	for i, line := range at {
		lines[line].Off = shares[i]
		lines[line].Total -= shares[i]
	}
	return nil
}
