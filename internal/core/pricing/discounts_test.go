package pricing

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// discountsByHand are totals with discounts, calculated by hand as those of
// TestTotalsCalculatedByHand.
var discountsByHand = []totalByHand{
	// 1,422 × 95 % = 1,350.9 → 1,350; × 3 = 4,050; × 8/108 = 300; + 59; 4,050 + 650
	{"three units at 5 % off each", japan(subscribed(3)).with(boxOf(2, Agreement{Volume: byUnits(3, 500)})), figures{4050, 650, 0, 359, 4700, 950}},
	// 1,350.9 → 1,351; × 3 = 4,053; × 8/108 = 300.22 → 300; 650 × 10/110 = 59.09 → 59
	{
		"half a yen up for the customer's piece",
		japan(subscribed(3)).with(boxOf(2, Agreement{Volume: byUnits(3, 500)}), rounded(money.RoundHalfUp)),
		figures{4053, 650, 0, 359, 4703, 947},
	},
	// 1,422 × 2 = 2,844; × 8/108 = 210.67 → 210; + 59
	{"two units are below the tier", japan(subscribed(2)).with(boxOf(2, Agreement{Volume: byUnits(3, 500)})), figures{2844, 650, 0, 269, 3494, 2156}},
	// (1,422 − 100) × 2 = 2,644; × 8/108 = 195.85 → 195; + 59
	{"100 yen off each of two", japan(subscribed(2)).with(boxOf(2, Agreement{Volume: offEach(2, 100)})), figures{2644, 650, 0, 254, 3294, 2356}},
	// the higher tier: 1,422 × 90 % = 1,279.8 → 1,279; × 4 = 5,116; × 8/108 = 378.96 → 378
	{
		"the highest tier reached counts",
		japan(subscribed(4)).with(boxOf(2, Agreement{Volume: append(byUnits(2, 500), byUnits(4, 1000)...)})),
		figures{5116, 0, 0, 378, 5116, 0},
	},
	// 1,279 × 2 = 2,558; 1,800 × 90 % × 2 = 3,240; 5,798 × 8/108 = 429.48 → 429
	{
		"two variants of one product count together",
		japan(subscribed(2), Item{Quantity: 2, Course: &Course{}, Regular: 2000, Agreed: 1800, TaxClass: tax.Reduced}).
			with(boxOf(2, Agreement{Volume: byUnits(4, 1000)})),
		figures{5798, 0, 0, 429, 5798, 0},
	},
	// 2,844 + 1,580 = 4,424; × 8/108 = 327.70 → 327; + 59
	{
		"units bought once and by subscription do not",
		japan(subscribed(2), food(1580, 1).inVolume(byUnits(3, 1000))).with(boxOf(2, Agreement{Volume: byUnits(3, 1000)})),
		figures{4424, 650, 0, 386, 5074, 576},
	},
	// 1,580 × 95 % = 1,501; × 3 = 4,503; × 8/108 = 333.56 → 333; + 59
	{"three bought once", japan(food(1580, 3).inVolume(byUnits(3, 500))), figures{4503, 650, 0, 392, 5153, 497}},
	// 980 × 95 % = 931; × 3 = 2,793; × 8/108 = 206.89 → 206; + 59
	{
		"a volume discount comes off the first price, too",
		japan(subscribed(3)).with(box(Course{Box: 1, FirstEligible: true, Agreement: Agreement{Volume: byUnits(3, 500)}})),
		figures{2793, 650, 0, 265, 3443, 2207},
	},
	// 500 × 8/108 = 37.04 → 37; + 59
	{"a trial pack", japan(food(1580, 1).onTrial(500)), figures{500, 650, 0, 96, 1150, 4500}},

	// 1,422 × 90 % = 1,279.8 → 1,279; × 8/108 = 94.74 → 94; + 59
	{"10 % off the third box", japan(subscribed(1)).with(boxOf(3, Agreement{Count: byBoxes(3, 1000)})), figures{1279, 650, 0, 153, 1929, 3721}},
	// 1,422; 105 + 59
	{"the second box is before it", japan(subscribed(1)).with(boxOf(2, Agreement{Count: byBoxes(3, 1000)})), figures{1422, 650, 0, 164, 2072, 3578}},
	// 1,422 × 95 % = 1,350.9 → 1,350; × 8/108 = 100; + 59
	{
		"the fifth box is between two discounts",
		japan(subscribed(1)).with(boxOf(5, Agreement{Count: append(byBoxes(3, 500), byBoxes(6, 1000)...)})),
		figures{1350, 650, 0, 159, 2000, 3650},
	},
	// 300 over 3,000 and 1,000: 225 and 75; 2,775 × 8/108 = 205.56 → 205; (925 + 650) × 10/110 = 143.18 → 143
	{
		"300 yen split over two rates",
		japan(food(3000, 1).course(), ware(1000, 1).course()).with(boxOf(4, Agreement{Count: offBox(2, 300)})),
		figures{3700, 650, 0, 348, 4350, 1300},
	},
	// 2,082 × 95 % = 1,977.9 → 1,977, off 105; × 1,422/2,082 = 71.72, × 660/2,082 = 33.28: 72 and 33;
	// 1,350 × 8/108 = 100; (627 + 650) × 10/110 = 116.09 → 116
	{
		"5 % split over two rates by largest remainder",
		japan(subscribed(1), ware(660, 1).course()).with(boxOf(2, Agreement{Count: byBoxes(2, 500)})),
		figures{1977, 650, 0, 216, 2627, 3023},
	},
	// 300 over 1,000 and 2,000: 100 and 200; 900 × 8 % = 72; 1,800 × 10 % = 180; 2,700 + 252
	{
		"split over two rates where prices are without tax",
		japan(food(1000, 1).course(), ware(2000, 1).course()).with(boxOf(2, Agreement{Count: byBoxes(2, 1000)}), withoutTax, sentFree),
		figures{2700, 0, 0, 252, 2952, 0},
	},
	// 1,422 × 95 % → 1,350; × 3 = 4,050; × 90 % = 3,645; × 8/108 = 270; + 59
	{
		"volume and count together",
		japan(subscribed(3)).with(boxOf(6, Agreement{Volume: byUnits(3, 500), Count: byBoxes(6, 1000)})),
		figures{3645, 650, 0, 329, 4295, 1355},
	},
	// 1,422 − 2,000 → 0; only postage: 59
	{"more off than there is leaves nothing", japan(subscribed(1)).with(boxOf(2, Agreement{Count: offBox(2, 2000)})), figures{0, 650, 0, 59, 650, 5000}},
	// 5,688 × 85 % = 4,834.8 → 4,834; × 8/108 = 358.07 → 358; + 59
	{
		"the threshold of free postage counts goods after it",
		japan(subscribed(4)).with(boxOf(3, Agreement{Count: byBoxes(3, 1500)})),
		figures{4834, 650, 0, 417, 5484, 166},
	},
	// 10,500 − 830 = 9,670; + 330 = 10,000 ≤ 10,000; 716 + 30
	{
		"and so does the fee's ceiling",
		japan(food(10_500, 1).course()).with(boxOf(2, Agreement{Count: offBox(2, 830)}), byCOD),
		figures{9670, 0, 330, 746, 10_000, 0},
	},
	// off 142 (1,422 − 1,279.8 → 1,279: off 143) of the third box only: 1,422 + 1,279 = 2,701; × 8/108 = 200.07 → 200; + 59
	{
		"two boxes in one parcel are each the box they are",
		japan(subscribed(1).inBox(2, Agreement{Count: byBoxes(3, 1000)}), subscribed(1).inBox(3, Agreement{Count: byBoxes(3, 1000)})),
		figures{2701, 650, 0, 259, 3351, 2299},
	},

	// 1,422; × 8/108 = 105.33 → 105
	{"postage free by agreement", japan(subscribed(1)).with(boxOf(2, Agreement{Shipping: catalog.ShippingFree})), figures{1422, 0, 0, 105, 1422, 0}},
	{
		"the free box",
		japan(subscribed(1)).with(boxOf(3, Agreement{Shipping: catalog.ShippingFreeBox, FreeBox: 3})),
		figures{1422, 0, 0, 105, 1422, 0},
	},
	{
		"the box before the free one",
		japan(subscribed(1)).with(boxOf(2, Agreement{Shipping: catalog.ShippingFreeBox, FreeBox: 3})),
		figures{1422, 650, 0, 164, 2072, 3578},
	},
	// 1,422 × 2 + 660 = 3,504; 2,844 × 8/108 = 210.67 → 210; 660 × 10/110 = 60
	{
		"one free box makes the parcel free",
		japan(subscribed(1).inBox(1, Agreement{Shipping: catalog.ShippingFree}), subscribed(1).inBox(1, Agreement{}), ware(660, 1)),
		figures{3504, 0, 0, 270, 3504, 0},
	},

	// 19.99 × 90 % = 17.991 → 17.99; × 3 = 53.97; × 8.25 % = 4.4525 → 4.45; 53.97 + 5.95 + 4.45 = 64.37
	{
		"dollars in volume",
		abroad("USD", "US", 825, 595, "", tax.Rules{Rounding: money.RoundFloor}, ware(1999, 3).inVolume(byUnits(3, 1000))),
		figures{5397, 595, 0, 445, 6437, 0},
	},
	// 66,000 × 88 % = 58,080; (58,080 + 3,000) × 10/110 = 5,552.73 → 5,553
	{
		"won from the second box on",
		abroad("KRW", "KR", 1000, 3000, tax.Standard, tax.Rules{Inclusive: true, Rounding: money.RoundCeil}, ware(33_000, 2).course()).
			with(boxOf(2, Agreement{Count: byBoxes(2, 1200)})),
		figures{58_080, 3000, 0, 5553, 61_080, 0},
	},
	// 4.500 × 92.5 % = 4.1625 → 4.163; × 3 = 12.489; (12.489 + 1.250) × 5 % = 0.68695 → 0.687; 13.739 + 0.687
	{
		"dinars in volume",
		abroad("KWD", "KW", 500, 1250, tax.Standard, tax.Rules{Rounding: money.RoundHalfUp}, ware(4500, 3).inVolume(byUnits(3, 750))),
		figures{12_489, 1250, 0, 687, 14_426, 0},
	},
}

func TestDiscountsAreExplainedStepByStep(t *testing.T) {
	agreed := Agreement{Volume: byUnits(3, 500), Count: byBoxes(6, 1000), Shipping: catalog.ShippingFree}
	p, err := Price(japan(subscribed(3), food(1580, 1).onTrial(500)).with(boxOf(7, agreed)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{ReasonRegular, map[string]any{"Quantity": int64(3), "Unit": int64(1580)}, 4740},
		{ReasonSubscription, map[string]any{"Quantity": int64(3), "Off": int64(158)}, -474},
		{ReasonVolume, map[string]any{"Quantity": int64(3), "Off": int64(72), "Units": int64(3)}, -216},
		{ReasonRegular, map[string]any{"Quantity": int64(1), "Unit": int64(1580)}, 1580},
		{ReasonTrial, map[string]any{"Quantity": int64(1), "Off": int64(1080)}, -1080},
		{ReasonCount, map[string]any{"Box": 7, "FromBox": 6}, -405},
		{ReasonShippingAgreed, nil, 0},
	}
	if diff := cmp.Diff(want, p.Steps); diff != "" {
		t.Error(diff)
	}
	first := Line{
		VariantID: ident.ID{15: 1}, Quantity: 3, Unit: 1350, Regular: 1580, Off: 405, Total: 3645, Discount: 1095,
		Reason: ReasonSubscription, TaxClass: tax.Reduced, BasisPoints: 800,
	}
	if diff := cmp.Diff(first, p.Lines[0]); diff != "" {
		t.Error(diff)
	}
	if l := p.Lines[1]; l.Unit != 500 || l.Off != 0 || l.Total != 500 || l.Reason != ReasonTrial {
		t.Errorf("goods bought once share no count discount: %+v", l)
	}
}

func TestAVolumeDiscountOnAPriceAboveTheRegularOne(t *testing.T) {
	item := Item{Quantity: 2, Course: &Course{Box: 2}, Regular: 1000, Agreed: 1100, TaxClass: tax.Reduced}
	p, err := Price(japan(item).with(boxOf(2, Agreement{Volume: offEach(2, 50)})))
	if err != nil {
		t.Fatal(err)
	}
	if p.Lines[0].Discount != 0 || p.Lines[0].Unit != 1050 || p.Steps[0].Reason != ReasonAgreed || p.Steps[1].Amount != -100 {
		t.Errorf("%+v, %+v", p.Lines[0], p.Steps)
	}
}

func TestACountDiscountLeavesOtherSubscriptionsAlone(t *testing.T) {
	a, b := subscribed(1).inBox(3, Agreement{Count: offBox(3, 422)}), subscribed(1).inBox(3, Agreement{})
	p, err := Price(japan(a, b))
	if err != nil {
		t.Fatal(err)
	}
	if p.Lines[0].Total != 1000 || p.Lines[1].Total != 1422 {
		t.Errorf("%+v", p.Lines)
	}
	if p.Tax[0] != (TaxSum{800, 2422, 179}) { // × 8/108 = 179.41
		t.Errorf("%+v", p.Tax)
	}
}

func TestThePriceOfABoxDependsOnNothingButItsDate(t *testing.T) {
	in := japan(subscribed(1)).with(boxOf(3, Agreement{Count: byBoxes(3, 1000)}))
	first, err := Price(in)
	if err != nil {
		t.Fatal(err)
	}
	in.TaxDate = calendar.On(2027, 12, 4)
	later, err := Price(in)
	if err != nil || later.Total != first.Total {
		t.Errorf("a year later %d, not %d (%v)", later.Total, first.Total, err)
	}
}
