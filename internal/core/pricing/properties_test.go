package pricing

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// anyInput is a random cart. Amounts are up to most; with sense false they may
// also be such as no shop can mean.
func anyInput(t *rapid.T, most int64, sense bool) Input {
	amount := func(label string) int64 {
		if !sense && rapid.IntRange(0, 9).Draw(t, label+" is senseless") == 0 {
			return rapid.Int64().Draw(t, label)
		}
		return rapid.Int64Range(0, most).Draw(t, label)
	}
	classes := rapid.SampledFrom([]tax.Class{tax.Standard, tax.Reduced, "exempt"})
	since := calendar.On(2019, 10, 1)
	in := Input{
		Currency:      rapid.SampledFrom([]money.Currency{"JPY", "USD", "KWD"}).Draw(t, "currency"),
		Address:       place.Address{Country: rapid.SampledFrom([]place.Country{"JP", "US"}).Draw(t, "country")},
		Zone:          shipping.Zone{Fee: amount("postage"), FreeFrom: amount("free from")},
		ShippingClass: classes.Draw(t, "postage class"),
		Payment:       rapid.SampledFrom([]Method{MethodCard, MethodCOD}).Draw(t, "pays"),
		CODClass:      classes.Draw(t, "fee class"),
		Tax: tax.Rules{
			Inclusive: rapid.Bool().Draw(t, "inclusive"),
			Rounding:  rapid.SampledFrom([]money.Rounding{money.RoundFloor, money.RoundHalfUp, money.RoundCeil}).Draw(t, "rounding"),
			Rates: []tax.Rate{
				{Class: tax.Standard, Country: "JP", From: since, BasisPoints: rapid.Int64Range(0, 2700).Draw(t, "standard")},
				{Class: tax.Reduced, Country: "JP", From: since, BasisPoints: rapid.Int64Range(0, 1000).Draw(t, "reduced")},
			},
		},
		TaxDate: calendar.On(2026, 12, 4),
	}
	courses := anyCourses(t, amount)
	for i := range rapid.IntRange(1, 6).Draw(t, "items") {
		quantity := rapid.Int64Range(1, 20).Draw(t, "quantity")
		if !sense {
			quantity = amount("quantity")
		}
		in.Items = append(in.Items, Item{
			VariantID: ident.ID{15: byte(i)}, ProductID: ident.ID{15: rapid.Byte().Draw(t, "product") % 3}, Quantity: quantity,
			Course: rapid.SampledFrom(courses).Draw(t, "course"), Volume: anyTiers(t, amount),
			Regular: amount("regular"), Agreed: amount("agreed"), First: amount("first"), Trial: amount("trial"),
			TaxClass: classes.Draw(t, "class"),
		})
	}
	ceiling := int64(0)
	for range rapid.IntRange(0, 4).Draw(t, "tiers") {
		ceiling += rapid.Int64Range(0, 40*most).Draw(t, "ceiling")
		in.CODTiers = append(in.CODTiers, shipping.CODTier{Ceiling: ceiling, Fee: amount("fee")})
	}
	return in
}

// anyCourses are none, for goods bought once, and some boxes.
func anyCourses(t *rapid.T, amount func(string) int64) []*Course {
	courses := []*Course{nil}
	for range rapid.IntRange(0, 3).Draw(t, "courses") {
		c := &Course{
			Box: rapid.IntRange(1, 12).Draw(t, "box"), FirstEligible: rapid.Bool().Draw(t, "eligible"),
			Agreement: Agreement{
				Volume: anyTiers(t, amount),
				Shipping: rapid.SampledFrom([]catalog.ShippingRule{
					"", catalog.ShippingOrdinary, catalog.ShippingFree, catalog.ShippingFreeBox,
				}).Draw(t, "shipping"),
				FreeBox: rapid.IntRange(1, 12).Draw(t, "free box"),
			},
		}
		from := 1
		for range rapid.IntRange(0, 3).Draw(t, "count discounts") {
			from += rapid.IntRange(1, 4).Draw(t, "from box")
			c.Agreement.Count = append(c.Agreement.Count, catalog.CountDiscount{FromBox: from, Discount: anyDiscount(t, amount)})
		}
		courses = append(courses, c)
	}
	return courses
}

func anyTiers(t *rapid.T, amount func(string) int64) []catalog.VolumeTier {
	var tiers []catalog.VolumeTier
	from := int64(1)
	for range rapid.IntRange(0, 3).Draw(t, "tiers of volume") {
		from += rapid.Int64Range(1, 8).Draw(t, "from")
		tiers = append(tiers, catalog.VolumeTier{From: from, Discount: anyDiscount(t, amount)})
	}
	return tiers
}

func anyDiscount(t *rapid.T, amount func(string) int64) catalog.Discount {
	if rapid.Bool().Draw(t, "a share") {
		return catalog.Discount{BasisPoints: rapid.Int64Range(1, 9_999).Draw(t, "basis points")}
	}
	return catalog.Discount{Amount: amount("off")}
}

func check(t *rapid.T, in Input, p Priced) {
	t.Helper()
	var lines, steps, sums, taxed int64
	for _, l := range p.Lines {
		lines += l.Total
		if l.Unit*l.Quantity-l.Off != l.Total || l.Discount < 0 || l.Total < 0 || l.Off < 0 {
			t.Fatalf("line %+v", l)
		}
	}
	for _, s := range p.Steps {
		steps += s.Amount
	}
	for _, s := range p.Tax {
		sums += s.Tax
		taxed += s.Amount
		if s.BasisPoints <= 0 || s.Tax < 0 || s.Tax > s.Amount {
			t.Fatalf("tax %+v", s)
		}
	}
	total := p.Goods + p.Shipping + p.Fee
	if taxed > total {
		t.Fatalf("%d are taxed, but there are only %d", taxed, total)
	}
	if !in.Tax.Inclusive {
		total += p.TaxTotal
	}
	if lines != p.Goods || sums != p.TaxTotal || total != p.Total || steps != p.Total {
		t.Fatalf("lines %d, tax %d, steps %d of %+v", lines, sums, steps, p)
	}
	if p.Goods < 0 || p.Shipping < 0 || p.Fee < 0 || p.TaxTotal < 0 || p.Total < 0 || p.ToFree < 0 {
		t.Fatalf("below zero: %+v", p)
	}
	if p.ToFree > 0 && p.Shipping != in.Zone.Fee {
		t.Fatalf("%d to free postage, but postage is %d", p.ToFree, p.Shipping)
	}
}

func TestTotalsAddUpForRandomCarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, 100_000, true)
		p, err := Price(in)
		if err != nil {
			if in.Payment != MethodCOD {
				t.Fatal(err)
			}
			return
		}
		check(t, in, p)
		if in.Payment != MethodCOD {
			return
		}
		for _, tier := range in.CODTiers {
			if tier.Fee == p.Fee && p.Total <= tier.Ceiling {
				return
			}
		}
		t.Fatalf("the carrier collects %d with a fee of %d: no tier of %v", p.Total, p.Fee, in.CODTiers)
	})
}

// TestMoreUnitsNeverMakeAPieceDearer holds for tiers that a product may have:
// those that catalog.Product.Validate lets through.
func TestMoreUnitsNeverMakeAPieceDearer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := func(label string) int64 { return rapid.Int64Range(1, 5_000).Draw(t, label) }
		price := amount("price")
		var tiers []catalog.VolumeTier
		for _, tier := range anyTiers(t, amount) {
			if more := append(slices.Clone(tiers), tier); sound(more, price) {
				tiers = more
			}
		}
		rounding := rapid.SampledFrom([]money.Rounding{money.RoundFloor, money.RoundHalfUp, money.RoundCeil}).Draw(t, "rounding")
		last := price
		for units := int64(1); units <= 40; units++ {
			in := japan(food(price, units).inVolume(tiers)).with(rounded(rounding))
			p, err := Price(in)
			if err != nil {
				t.Fatal(err)
			}
			if p.Lines[0].Unit > last {
				t.Fatalf("one of %d costs %d, one of %d cost %d", units, p.Lines[0].Unit, units-1, last)
			}
			last = p.Lines[0].Unit
		}
	})
}

func sound(tiers []catalog.VolumeTier, price int64) bool {
	product := catalog.Product{
		VolumeTiers: tiers, Variants: []catalog.Variant{{Prices: map[money.Currency]catalog.Price{"JPY": {Regular: price}}}},
	}
	return !slices.ContainsFunc(fault.All(product.Validate("JPY")), func(e *fault.Error) bool {
		return strings.HasPrefix(e.Field, "volume_tiers")
	})
}

// TestACountDiscountIsOfTheWholeBox says that what a box's lines lose together is
// the discount of their sum, rounded once, whatever the lines and their rates.
func TestACountDiscountIsOfTheWholeBox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, 100_000, true)
		in.Payment = MethodCard
		p, err := Price(in)
		if err != nil {
			t.Fatal(err)
		}
		before, off := map[*Course]int64{}, map[*Course]int64{}
		for i, l := range p.Lines {
			before[in.Items[i].Course] += l.Unit * l.Quantity
			off[in.Items[i].Course] += l.Off
		}
		for course, sum := range before {
			want := int64(0)
			if course != nil {
				if d, reached := catalog.CountFor(course.Agreement.Count, course.Box); reached {
					after, err := d.After(sum, in.Tax.Rounding)
					if err != nil {
						t.Fatal(err)
					}
					want = sum - after
				}
			}
			if off[course] != want {
				t.Fatalf("%d off %d, want %d", off[course], sum, want)
			}
		}
	})
}

func TestSenselessInputIsRefusedOrPricedRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, 1_000_000_000_000, false)
		if p, err := Price(in); err == nil {
			check(t, in, p)
		}
	})
}

func TestTaxIsRoundedOncePerRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t, 100_000, true)
		in.Payment = MethodCard
		p, err := Price(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Tax {
			divisor := int64(10_000)
			if in.Tax.Inclusive {
				divisor += s.BasisPoints
			}
			want, err := money.MulDiv(s.Amount, s.BasisPoints, divisor, in.Tax.Rounding)
			if err != nil || s.Tax != want {
				t.Fatalf("%+v, want %d (%v)", s, want, err)
			}
		}
		// Splitting a line changes nothing for the customer.
		split := in
		split.Items = nil
		for _, item := range in.Items {
			for range item.Quantity {
				one := item
				one.Quantity = 1
				split.Items = append(split.Items, one)
			}
		}
		if q, err := Price(split); err != nil || q.Total != p.Total || q.TaxTotal != p.TaxTotal {
			t.Fatalf("as single pieces: %d with tax %d, not %d with %d (%v)", q.Total, q.TaxTotal, p.Total, p.TaxTotal, err)
		}
	})
}
