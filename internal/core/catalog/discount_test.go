package catalog

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

func share(basisPoints int64) Discount { return Discount{BasisPoints: basisPoints} }
func amount(minor int64) Discount      { return Discount{Amount: minor} }

func TestWhatADiscountLeavesIsRounded(t *testing.T) {
	tests := []struct {
		name     string
		discount Discount
		price    int64
		rounding money.Rounding
		want     int64
	}{
		// 1,330 × 95 % = 1,263.5
		{"dropped", share(500), 1330, money.RoundFloor, 1263},
		{"half up", share(500), 1330, money.RoundHalfUp, 1264},
		{"up", share(500), 1330, money.RoundCeil, 1264},
		{"nothing to round", share(1000), 1330, money.RoundFloor, 1197},
		{"an amount", amount(100), 1330, money.RoundFloor, 1230},
		{"never below zero", amount(2000), 1330, money.RoundFloor, 0},
		{"no discount", Discount{}, 1330, money.RoundFloor, 1330},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.discount.After(tt.price, tt.rounding); err != nil || got != tt.want {
				t.Errorf("%d, %v; want %d", got, err, tt.want)
			}
		})
	}
}

func TestTheHighestTierReachedCounts(t *testing.T) {
	tiers := []VolumeTier{{3, share(500)}, {6, share(1000)}}
	counts := []CountDiscount{{3, share(500)}, {6, share(1000)}}
	for n, want := range map[int]int64{1: 0, 2: 0, 3: 500, 5: 500, 6: 1000, 99: 1000} {
		tier, _ := VolumeFor(tiers, int64(n))
		count, _ := CountFor(counts, n)
		if tier.BasisPoints != want || count.BasisPoints != want {
			t.Errorf("%d units %d, box %d %d; want %d", n, tier.BasisPoints, n, count.BasisPoints, want)
		}
	}
}

func TestDiscountsAreRefusedBesideTheFieldsThatAreWrong(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(p *Product)
		want  string
	}{
		{"good", func(*Product) {}, ""},
		{"from one unit", func(p *Product) { p.Plan.VolumeTiers[0].From = 1 }, "plan.volume_tiers[0].from fault.number.range"},
		{"from a thousand units", func(p *Product) { p.VolumeTiers[1].From = 1000 }, "volume_tiers[1].from fault.number.range"},
		{"2^63 − 1 units", func(p *Product) { p.VolumeTiers[1].From = 1<<63 - 1 }, "volume_tiers[1].from fault.number.range"},
		{"the same number twice", func(p *Product) { p.VolumeTiers[1].From = 3 }, "volume_tiers[1].from fault.discount.order"},
		{"falling numbers", func(p *Product) { p.Plan.CountDiscounts[1].FromBox = 2 }, "plan.count_discounts[1].from_box fault.discount.order"},
		{"from the first box", func(p *Product) { p.Plan.CountDiscounts[0].FromBox = 1 }, "plan.count_discounts[0].from_box fault.number.range"},
		{"neither share nor amount", func(p *Product) { p.VolumeTiers[0].Discount = Discount{} }, "volume_tiers[0].basis_points fault.discount.one"},
		{"both", func(p *Product) { p.VolumeTiers[0].Discount = Discount{500, 50} }, "volume_tiers[0].basis_points fault.discount.one"},
		{"a hundred percent", func(p *Product) { p.Plan.CountDiscounts[1].Discount = share(10_000) }, "plan.count_discounts[1].basis_points fault.discount.share"},
		{"a negative share", func(p *Product) { p.Plan.CountDiscounts[1].Discount = share(-1) }, "plan.count_discounts[1].basis_points fault.discount.share"},
		{"a negative amount", func(p *Product) { p.Plan.CountDiscounts[1].Discount = amount(-1) }, "plan.count_discounts[1].amount fault.amount"},
		{"more off than the first price", func(p *Product) { p.Plan.VolumeTiers[0].Discount = amount(981) }, "plan.volume_tiers[0].amount fault.discount.above_price; plan.volume_tiers[1].from fault.discount.dearer"},
		{"more off than the trial price", func(p *Product) { p.VolumeTiers[1].Discount = amount(501) }, "volume_tiers[1].amount fault.discount.above_price"},
		{"more off a box than one piece costs", func(p *Product) { p.Plan.CountDiscounts[1].Discount = amount(1_331) }, "plan.count_discounts[1].amount fault.discount.above_price"},
		{"a higher tier that is dearer", func(p *Product) { p.Plan.VolumeTiers[1].Discount = amount(1) }, "plan.volume_tiers[1].from fault.discount.dearer"},
		{"more tiers than a page can show", func(p *Product) {
			p.VolumeTiers = slices.Repeat(p.VolumeTiers, 6)
		}, "volume_tiers fault.discount.too_many"},
		{"the free box is none", func(p *Product) { p.Plan.Shipping, p.Plan.FreeBox = ShippingFreeBox, 0 }, "plan.free_box fault.number.range"},
		{"an unknown postage", func(p *Product) { p.Plan.Shipping = "cheap" }, "plan.shipping fault.choose"},
		{"an unknown stock-out rule", func(p *Product) { p.Plan.StockOut = "panic" }, "plan.stock_out fault.choose"},
		{"a trial price above the regular one", func(p *Product) {
			p.Variants[0].Prices["JPY"] = Price{Regular: 1_480, Subscription: 1_330, First: 980, Trial: 1_481}
		}, "variants[0].trial fault.product.trial_above_regular"},
		{"a long explanation", func(p *Product) {
			p.Texts["ja"] = Text{Name: "a", Plan: strings.Repeat("あ", 1_001)}
		}, "texts.ja.plan fault.too_long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sound()
			p.Variants[0].Prices["JPY"] = Price{Regular: 1_480, Subscription: 1_330, First: 980, Trial: 500}
			p.VolumeTiers = []VolumeTier{{3, share(500)}, {6, share(1000)}}
			p.Plan.VolumeTiers = []VolumeTier{{2, amount(50)}, {4, share(1000)}}
			p.Plan.CountDiscounts = []CountDiscount{{3, share(500)}, {6, amount(300)}}
			tt.spoil(&p)
			var got []string
			for _, f := range fault.All(p.Validate("JPY")) {
				got = append(got, f.Field+" "+f.Key)
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPlanWithoutItsOptionsMeansWhatItDid(t *testing.T) {
	var p Plan
	if err := json.Unmarshal([]byte(`{"cycles":["1m"],"max_quantity":5,"allow_pause":false}`), &p); err != nil {
		t.Fatal(err)
	}
	if p.MaxQuantity != 5 || !p.AllowSkip || p.AllowPause || p.Shipping != ShippingOrdinary || p.StockOut != StockOutWait {
		t.Errorf("%+v", p)
	}
}

func TestAGraceShorterThanTheWayIsAWarning(t *testing.T) {
	p := monthly() // 7 days
	if w := p.Warnings(5, 2); len(w) != 0 {
		t.Errorf("%+v", w)
	}
	want := []Warning{{
		Field: "customer_grace_days", Key: "fault.plan.grace_below_transit",
		Args: map[string]any{"Days": 8, "Transit": 6, "Preparation": 2},
	}}
	if diff := cmp.Diff(want, p.Warnings(6, 2)); diff != "" {
		t.Error(diff)
	}
}

func TestPostageIsFreeByRuleAndBox(t *testing.T) {
	for _, tt := range []struct {
		rule ShippingRule
		box  int
		want bool
	}{{"", 3, false}, {ShippingOrdinary, 3, false}, {ShippingFree, 3, true}, {ShippingFreeBox, 3, true}, {ShippingFreeBox, 4, false}} {
		if got := tt.rule.Free(tt.box, 3); got != tt.want {
			t.Errorf("%s, box %d: %v", tt.rule, tt.box, got)
		}
	}
}
