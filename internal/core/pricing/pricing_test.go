package pricing

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// japan is the second box of a Japanese store's customer in Tokyo: prices with
// tax, postage 650 yen and free from 5,000 yen, paid by card.
func japan(items ...Item) Input {
	return Input{
		Currency: "JPY", Items: items, Address: place.Address{Country: "JP", Region: "JP-13"},
		Zone: shipping.Zone{Country: "JP", Fee: 650, FreeFrom: 5000}, ShippingClass: tax.Standard,
		Payment: MethodCard, CODClass: tax.Standard,
		CODTiers: []shipping.CODTier{{Ceiling: 10_000, Fee: 330}, {Ceiling: 30_000, Fee: 440}, {Ceiling: 100_000, Fee: 660}, {Ceiling: 300_000, Fee: 1_100}},
		Tax:      tax.Japan(), TaxDate: calendar.On(2026, 12, 4),
	}
}

// food is taxed at 8 % in Japan, ware at 10 %.
func food(unit, quantity int64) Item {
	return Item{VariantID: ident.ID{15: 1}, Quantity: quantity, Regular: unit, TaxClass: tax.Reduced}
}

func ware(unit, quantity int64) Item {
	return Item{VariantID: ident.ID{15: 2}, Quantity: quantity, Regular: unit, TaxClass: tax.Standard}
}

// subscribed is a coffee at 1,580 yen, 1,422 by subscription, 980 the first time.
func subscribed(quantity int64) Item {
	i := food(1580, quantity)
	i.Course, i.Agreed, i.First = &Course{Box: 2}, 1422, 980
	return i
}

func (in Input) with(changes ...func(*Input)) Input {
	for _, change := range changes {
		change(&in)
	}
	return in
}

func byCOD(in *Input)      { in.Payment = MethodCOD }
func withoutTax(in *Input) { in.Tax.Inclusive = false }
func sentFree(in *Input)   { in.Zone = shipping.Zone{Country: in.Address.Country} }

func rounded(r money.Rounding) func(*Input) { return func(in *Input) { in.Tax.Rounding = r } }

// box makes all lines of subscriptions one box of one subscription.
func box(c Course) func(*Input) {
	return func(in *Input) {
		in.Items = slices.Clone(in.Items)
		for i := range in.Items {
			if in.Items[i].Course != nil {
				in.Items[i].Course = &c
			}
		}
	}
}

func firstBox(eligible bool) func(*Input) { return box(Course{Box: 1, FirstEligible: eligible}) }

// boxOf is the n-th box of a subscription with what it agreed on.
func boxOf(n int, a Agreement) func(*Input) { return box(Course{Box: n, Agreement: a}) }

// byUnits takes basis points off each unit from so many on, offEach an amount.
func byUnits(from, basisPoints int64) []catalog.VolumeTier {
	return []catalog.VolumeTier{{From: from, Discount: catalog.Discount{BasisPoints: basisPoints}}}
}

func offEach(from, amount int64) []catalog.VolumeTier {
	return []catalog.VolumeTier{{From: from, Discount: catalog.Discount{Amount: amount}}}
}

// byBoxes takes basis points off the box from a number on, offBox an amount.
func byBoxes(from int, basisPoints int64) []catalog.CountDiscount {
	return []catalog.CountDiscount{{FromBox: from, Discount: catalog.Discount{BasisPoints: basisPoints}}}
}

func offBox(from int, amount int64) []catalog.CountDiscount {
	return []catalog.CountDiscount{{FromBox: from, Discount: catalog.Discount{Amount: amount}}}
}

// course makes an item one of a subscription at its regular price.
func (i Item) course() Item {
	i.Course, i.Agreed = &Course{Box: 2}, i.Regular
	return i
}

// inVolume gives goods bought once their tiers.
func (i Item) inVolume(tiers []catalog.VolumeTier) Item {
	i.Volume = tiers
	return i
}

// onTrial gives goods bought once a trial price.
func (i Item) onTrial(price int64) Item {
	i.Trial = price
	return i
}

// inBox puts an item into a course of its own.
func (i Item) inBox(n int, a Agreement) Item {
	i.Course = &Course{Box: n, Agreement: a}
	return i
}

// abroad is a store in another country: one rate on goods, postage, its class.
func abroad(currency money.Currency, country place.Country, rate, postage int64, class tax.Class, r tax.Rules, items ...Item) Input {
	r.Rates = []tax.Rate{{Class: tax.Standard, Country: country, From: calendar.On(2000, 1, 1), BasisPoints: rate}}
	return Input{
		Currency: currency, Items: items, Address: place.Address{Country: country},
		Zone: shipping.Zone{Country: country, Fee: postage}, ShippingClass: class, Payment: MethodCard,
		Tax: r, TaxDate: calendar.On(2026, 12, 4),
	}
}

// figures are what a customer pays; all the totals below were calculated by hand.
type figures struct{ Goods, Shipping, Fee, Tax, Total, ToFree int64 }

type totalByHand struct {
	name string
	in   Input
	want figures
}

func TestTotalsCalculatedByHand(t *testing.T) {
	exclusive := tax.Rules{Rounding: money.RoundFloor}
	tests := []totalByHand{
		// 980 × 8/108 = 72.59 → 72; 650 × 10/110 = 59.09 → 59; 72 + 59 = 131; 980 + 650 = 1,630
		{"food and postage have their own rates", japan(food(980, 1)), figures{980, 650, 0, 131, 1630, 4020}},
		// 3,160 × 8/108 = 234.07 → 234; (660 + 650) × 10/110 = 119.09 → 119; 3,160 + 660 + 650 = 4,470
		{"food, a thing and postage", japan(food(1580, 2), ware(660, 1)), figures{3820, 650, 0, 353, 4470, 1180}},

		// (105 + 105 + 105) × 10 % = 31.5 → 31, where lines apart gave 3 × 10 = 30
		{"105 yen three times at 10 %: 31, not 30", japan(ware(105, 1), ware(105, 1), ware(105, 1)).with(withoutTax, sentFree), figures{315, 0, 0, 31, 346, 0}},
		{"as one line of three: the same", japan(ware(105, 3)).with(withoutTax, sentFree), figures{315, 0, 0, 31, 346, 0}},
		// 31.5 → 32
		{"half a yen up", japan(ware(105, 3)).with(withoutTax, sentFree, rounded(money.RoundHalfUp)), figures{315, 0, 0, 32, 347, 0}},
		// 104 × 3 = 312; 31.2 → 31
		{"less than half a yen down", japan(ware(104, 3)).with(withoutTax, sentFree, rounded(money.RoundHalfUp)), figures{312, 0, 0, 31, 343, 0}},
		// 31.2 → 32
		{"every fraction up", japan(ware(104, 3)).with(withoutTax, sentFree, rounded(money.RoundCeil)), figures{312, 0, 0, 32, 344, 0}},
		// 315 × 10/110 = 28.63 → 28, where lines apart gave 3 × 9 = 27
		{"tax within prices is rounded once, too", japan(ware(105, 1), ware(105, 1), ware(105, 1)).with(sentFree), figures{315, 0, 0, 28, 315, 0}},
		// (99 + 99) × 8 % = 15.84 → 15, where lines apart gave 7 + 7 = 14
		{"two foods without tax", japan(food(99, 1), food(99, 1)).with(withoutTax, sentFree), figures{198, 0, 0, 15, 213, 0}},

		// 980 + 650; tax 72 + 59
		{"the first box at the first price", japan(subscribed(1)).with(firstBox(true)), figures{980, 650, 0, 131, 1630, 4020}},
		// 1,422 + 650; 1,422 × 8/108 = 105.33 → 105; + 59
		{"the second box at the agreed price", japan(subscribed(1)), figures{1422, 650, 0, 164, 2072, 3578}},
		{"who had a first price before pays the agreed one", japan(subscribed(1)).with(firstBox(false)), figures{1422, 650, 0, 164, 2072, 3578}},
		// 980 × 1 + 1,800 × 2 = 4,580; × 8/108 = 339.26 → 339; + 59
		{
			"a first price on one of two goods",
			japan(subscribed(1), Item{Quantity: 2, Course: &Course{Box: 2}, Regular: 2000, Agreed: 1800, TaxClass: tax.Reduced}).with(firstBox(true)),
			figures{4580, 650, 0, 398, 5230, 420},
		},
		// 1,580 + 650; 1,580 × 8/108 = 117.04 → 117; + 59
		{"bought once, the regular price", japan(food(1580, 1)).with(firstBox(true)), figures{1580, 650, 0, 176, 2230, 3420}},

		// 4,999 × 8/108 = 370.30 → 370; + 59
		{"one yen short of free postage", japan(food(4999, 1)), figures{4999, 650, 0, 429, 5649, 1}},
		// 5,000 × 8/108 = 370.37 → 370
		{"free postage from the threshold on", japan(food(5000, 1)), figures{5000, 0, 0, 370, 5000, 0}},
		// 2,600 × 2 = 5,200 regular, 2,340 × 2 = 4,680; × 8/108 = 346.67 → 346; + 59
		{
			"the threshold counts goods after discounts",
			japan(Item{Quantity: 2, Course: &Course{Box: 2}, Regular: 2600, Agreed: 2340, TaxClass: tax.Reduced}),
			figures{4680, 650, 0, 405, 5330, 320},
		},
		// 12,000 × 8/108 = 888.89 → 888; 1,500 × 10/110 = 136.36 → 136
		{
			"an island without free postage",
			japan(food(12_000, 1)).with(func(in *Input) { in.Zone = shipping.Zone{Country: "JP", Fee: 1500} }),
			figures{12_000, 1500, 0, 1024, 13_500, 0},
		},
		// 4,600 + 460 tax = 5,060 ≥ 5,000
		{"the threshold counts tax where prices are without", japan(ware(4600, 1)).with(withoutTax), figures{4600, 0, 0, 460, 5060, 0}},
		// 4,545 + 454 = 4,999 < 5,000; (4,545 + 650) × 10 % = 519.5 → 519; 5,195 + 519 = 5,714
		{"and misses it by a yen", japan(ware(4545, 1)).with(withoutTax), figures{4545, 650, 0, 519, 5714, 1}},
		// 3,000 × 8 % = 240; (500 + 600) × 10 % = 110; 3,000 + 500 + 600 + 350 = 4,450
		{
			"two rates without tax",
			japan(food(1000, 3), ware(500, 1)).with(withoutTax, func(in *Input) { in.Zone = shipping.Zone{Country: "JP", Fee: 600} }),
			figures{3500, 600, 0, 350, 4450, 0},
		},

		// 4,999 + 650 + 330 = 5,979; 370 + (650 + 330) × 10/110 = 89.09 → 89
		{"cash on delivery counts postage", japan(food(4999, 1)).with(byCOD), figures{4999, 650, 330, 459, 5979, 1}},
		// 9,670 + 330 = 10,000 ≤ 10,000; 9,670 × 8/108 = 716.30 → 716; 330 × 10/110 = 30
		{"exactly the ceiling", japan(food(9670, 1)).with(byCOD), figures{9670, 0, 330, 746, 10_000, 0}},
		// 9,700 + 330 = 10,030 > 10,000, so 440; 9,700 × 8/108 = 718.52 → 718; 440 × 10/110 = 40
		{"9,700 + 330 exceeds the ceiling: the next fee", japan(food(9700, 1)).with(byCOD), figures{9700, 0, 440, 758, 10_140, 0}},
		// 29,560 + 440 = 30,000; 29,560 × 8/108 = 2,189.63 → 2,189; + 40
		{"the second ceiling", japan(food(29_560, 1)).with(byCOD), figures{29_560, 0, 440, 2229, 30_000, 0}},
		// 29,561 + 440 = 30,001, so 660; 29,561 × 8/108 = 2,189.70 → 2,189; 660 × 10/110 = 60
		{"one yen more", japan(food(29_561, 1)).with(byCOD), figures{29_561, 0, 660, 2249, 30_221, 0}},
		// 298,900 + 1,100 = 300,000; × 8/108 = 22,140.74 → 22,140; 1,100 × 10/110 = 100
		{"the last ceiling", japan(food(298_900, 1)).with(byCOD), figures{298_900, 0, 1100, 22_240, 300_000, 0}},
		// 8,760 + 330 = 9,090; × 10 % = 909; 9,999 ≤ 10,000
		{"the ceiling holds tax where prices are without", japan(ware(8760, 1)).with(byCOD, withoutTax, sentFree), figures{8760, 0, 330, 909, 9999, 0}},
		// 8,790 + 330 = 9,120; × 10 % = 912; 10,032 > 10,000, so 440: 9,230 × 10 % = 923; 10,153
		{"the fee's own tax counts, too", japan(ware(8790, 1)).with(byCOD, withoutTax, sentFree), figures{8790, 0, 440, 923, 10_153, 0}},

		// 1,422 × 2 + 3,900, no tax
		{
			"an export is free of tax",
			japan(subscribed(2)).with(func(in *Input) {
				in.Address, in.Zone = place.Address{Country: "US", Region: "US-CA"}, shipping.Zone{Country: "US", Fee: 3900}
			}),
			figures{2844, 3900, 0, 0, 6744, 0},
		},
		// 1,120 × 12/112 = 120
		{
			"the rate is that of the shipping date",
			japan(ware(1120, 1)).with(sentFree, func(in *Input) {
				in.TaxDate = calendar.On(2028, 4, 1)
				in.Tax.Rates = append(in.Tax.Rates, tax.Rate{Class: tax.Standard, Country: "JP", From: in.TaxDate, BasisPoints: 1200})
			}),
			figures{1120, 0, 0, 120, 1120, 0},
		},
		{"a sample costs nothing", japan(food(0, 1)).with(sentFree), figures{}},

		// 19.99 × 2 = 39.98; × 8.25 % = 3.29835 → 3.29; 39.98 + 5.95 + 3.29 = 49.22
		{"dollars, postage untaxed", abroad("USD", "US", 825, 595, "", exclusive, ware(1999, 2)), figures{3998, 595, 0, 329, 4922, 0}},
		// 3.29835 → 3.30
		{"dollars, half a cent up", abroad("USD", "US", 825, 595, "", tax.Rules{Rounding: money.RoundHalfUp}, ware(1999, 2)), figures{3998, 595, 0, 330, 4923, 0}},
		// (12.50 + 3.95) × 20/120 = 2.74166 → 2.74
		{"pounds with their tax", abroad("GBP", "GB", 2000, 395, tax.Standard, tax.Rules{Inclusive: true, Rounding: money.RoundHalfUp}, ware(1250, 1)), figures{1250, 395, 0, 274, 1645, 0}},
		// (33,000 × 2 + 3,000) × 10/110 = 6,272.73 → 6,273
		{"won have no decimals", abroad("KRW", "KR", 1000, 3000, tax.Standard, tax.Rules{Inclusive: true, Rounding: money.RoundCeil}, ware(33_000, 2)), figures{66_000, 3000, 0, 6273, 69_000, 0}},
		// (4.500 × 3 + 1.250) × 5 % = 0.7375 → 0.738; 14.750 + 0.738 = 15.488
		{"dinars have three", abroad("KWD", "KW", 500, 1250, tax.Standard, tax.Rules{Rounding: money.RoundHalfUp}, ware(4500, 3)), figures{13_500, 1250, 0, 738, 15_488, 0}},
	}
	tests = append(tests, discountsByHand...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Price(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, figures{p.Goods, p.Shipping, p.Fee, p.TaxTotal, p.Total, p.ToFree}); diff != "" {
				t.Error(diff)
			}
			if p.Amount(p.Total) != money.Of(tt.want.Total, tt.in.Currency) {
				t.Errorf("the total is %s", p.Amount(p.Total))
			}
		})
	}
}

func TestAPriceCarriesItsReasons(t *testing.T) {
	p, err := Price(japan(subscribed(2), ware(660, 1)).with(firstBox(true), byCOD))
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{ReasonRegular, map[string]any{"Quantity": int64(2), "Unit": int64(1580)}, 3160},
		{ReasonFirst, map[string]any{"Quantity": int64(2), "Off": int64(600)}, -1200},
		{ReasonRegular, map[string]any{"Quantity": int64(1), "Unit": int64(660)}, 660},
		{ReasonShipping, nil, 650},
		{ReasonCOD, nil, 330},
	}
	if diff := cmp.Diff(want, p.Steps); diff != "" {
		t.Error(diff)
	}
	// 1,960 × 8/108 = 145.19 → 145; (660 + 650 + 330) × 10/110 = 149.09 → 149
	sums := []TaxSum{{800, 1960, 145}, {1000, 1640, 149}}
	if diff := cmp.Diff(sums, p.Tax); diff != "" {
		t.Error(diff)
	}
	line := p.Lines[0]
	if line.Unit != 980 || line.Regular != 1580 || line.Total != 1960 || line.Discount != 1200 || line.Reason != ReasonFirst || line.BasisPoints != 800 {
		t.Errorf("the first line is %+v", line)
	}
}

func TestTheLastStepsSayFreePostageAndAddedTax(t *testing.T) {
	p, err := Price(japan(ware(5000, 1)).with(withoutTax))
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{ReasonRegular, map[string]any{"Quantity": int64(1), "Unit": int64(5000)}, 5000},
		{ReasonShippingFree, map[string]any{"From": int64(5000)}, 0},
		{ReasonTax, nil, 500},
	}
	if diff := cmp.Diff(want, p.Steps); diff != "" {
		t.Error(diff)
	}
}

func TestAPriceAboveTheRegularOneIsNoDiscount(t *testing.T) {
	p, err := Price(japan(Item{Quantity: 1, Course: &Course{Box: 2}, Regular: 1000, Agreed: 1100, TaxClass: tax.Reduced}))
	if err != nil {
		t.Fatal(err)
	}
	if p.Lines[0].Discount != 0 || p.Steps[0].Reason != ReasonAgreed || p.Steps[0].Amount != 1100 {
		t.Errorf("%+v, %+v", p.Lines[0], p.Steps[0])
	}
}

func TestWhatNoShopCanMeanIsRefused(t *testing.T) {
	tests := []struct {
		name string
		in   Input
		want error // nil: a fault beside a field
	}{
		{"no pieces", japan(food(100, 0)), nil},
		{"minus one piece", japan(food(100, -1)), nil},
		{"more than a million pieces", japan(food(100, 1_000_001)), nil},
		{"2^63 − 1 pieces", japan(food(100, 1<<63-1)), nil},
		{"a negative price", japan(food(-1, 1)), money.ErrOverflow},
		{"a price beyond sense", japan(food(1_000_000_000_001, 1)), money.ErrOverflow},
		{"a negative regular price behind a good one", japan(Item{Quantity: 1, Course: &Course{Box: 2}, Regular: -1 << 63, Agreed: 1}), money.ErrOverflow},
		{"many good lines that are too much together", japan(food(1_000_000_000_000, 1_000_000), food(1, 1)), money.ErrOverflow},
		{"a discount below zero", japan(food(100, 2).inVolume(offEach(2, -1))), money.ErrOverflow},
		{"negative postage", japan(food(100, 1)).with(func(in *Input) { in.Zone.Fee = -1 }), money.ErrOverflow},
		{
			"a negative fee",
			japan(food(100, 1)).with(byCOD, func(in *Input) { in.CODTiers = []shipping.CODTier{{Ceiling: 1000, Fee: -1}} }),
			money.ErrOverflow,
		},
		{"more than the carrier collects", japan(food(298_901, 1)).with(byCOD), nil},
		{"cash on delivery without tiers", japan(food(100, 1)).with(byCOD, func(in *Input) { in.CODTiers = nil }), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Price(tt.in)
			if err == nil {
				t.Fatalf("priced at %d", p.Total)
			}
			if tt.want == nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%v is no fault", err)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}
