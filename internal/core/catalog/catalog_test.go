package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// monthly is a good plan to spoil.
func monthly() Plan {
	return Plan{
		Cycles:      []calendar.Cycle{{Every: 2, Unit: calendar.UnitWeek}, {Every: 1, Unit: calendar.UnitMonth}},
		MaxQuantity: 5, MinimumDeliveries: 3, FixedCounts: []int{3, 6, 12}, UntilCancelled: true, DeadlineNotice: true,
		StaffGraceDays: 3, CustomerGraceDays: 7, MaxPutOffDays: 14, VisibleDeliveries: 3,
	}
}

func TestPlansAreRefusedWithTheReasonBesideTheField(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(p *Plan)
		want  string // field and key of each fault
	}{
		{"good", func(*Plan) {}, ""},
		{"the least a plan can be", func(p *Plan) {
			*p = Plan{Cycles: p.Cycles[:1], MaxQuantity: 1, MinimumDeliveries: 1, UntilCancelled: true, VisibleDeliveries: 1}
		}, ""},
		{"only fixed counts", func(p *Plan) { p.UntilCancelled = false }, ""},
		{"no cycle", func(p *Plan) { p.Cycles = nil }, "cycles fault.plan.no_cycle"},
		{"a cycle that is none", func(p *Plan) { p.Cycles[0].Every = 0 }, "cycles fault.plan.bad_cycle"},
		{"a cycle of an unknown unit", func(p *Plan) { p.Cycles[0].Unit = "y" }, "cycles fault.plan.bad_cycle"},
		{
			"a cycle as long as the grace: the next deadline would lie before this delivery",
			func(p *Plan) { p.Cycles[0] = calendar.Cycle{Every: 7, Unit: calendar.UnitDay} }, "cycles fault.plan.cycle_within_grace",
		},
		{"a cycle one day longer", func(p *Plan) { p.Cycles[0] = calendar.Cycle{Every: 8, Unit: calendar.UnitDay} }, ""},
		{"a month is as short as February", func(p *Plan) { p.CustomerGraceDays = 28; p.Cycles = p.Cycles[1:] }, "cycles fault.plan.cycle_within_grace"},
		{"no quantity", func(p *Plan) { p.MaxQuantity = 0 }, "max_quantity fault.number.range"},
		{"too many pieces", func(p *Plan) { p.MaxQuantity = 1000 }, "max_quantity fault.number.range"},
		{"a minimum of nothing", func(p *Plan) { p.MinimumDeliveries = 0 }, "minimum_deliveries fault.number.range"},
		{"a minimum above the counts", func(p *Plan) { p.MinimumDeliveries = 4 }, "fixed_counts fault.plan.count_below_minimum"},
		{"a negative count", func(p *Plan) { p.FixedCounts = []int{-3} }, "fixed_counts fault.plan.count_below_minimum"},
		{"a count without end", func(p *Plan) { p.FixedCounts = []int{121} }, "fixed_counts fault.number.range"},
		{"a count of one", func(p *Plan) { p.MinimumDeliveries, p.FixedCounts = 1, []int{1} }, "fixed_counts fault.number.range"},
		{"no count at all", func(p *Plan) { p.UntilCancelled, p.FixedCounts = false, nil }, "fixed_counts fault.plan.no_count"},
		{"the customer may change longer than staff", func(p *Plan) { p.StaffGraceDays = 8 }, "customer_grace_days fault.plan.customer_grace_below_staff"},
		{"the same grace for both", func(p *Plan) { p.StaffGraceDays = 7 }, ""},
		{"negative staff grace", func(p *Plan) { p.StaffGraceDays = -1 }, "staff_grace_days fault.number.range"},
		{"negative put-off days", func(p *Plan) { p.MaxPutOffDays = -1 }, "max_put_off_days fault.number.range"},
		{"put off for more than a year", func(p *Plan) { p.MaxPutOffDays = 366 }, "max_put_off_days fault.number.range"},
		{"nothing to see", func(p *Plan) { p.VisibleDeliveries = 0 }, "visible_deliveries fault.number.range"},
		{"too much to see", func(p *Plan) { p.VisibleDeliveries = 25 }, "visible_deliveries fault.number.range"},
		{
			"two faults at once", func(p *Plan) { p.MaxQuantity, p.VisibleDeliveries = 0, 0 },
			"max_quantity fault.number.range; visible_deliveries fault.number.range",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := monthly()
			p.Cycles = slices.Clone(p.Cycles)
			tt.spoil(&p)
			err := p.Validate()
			var got []string
			for _, f := range fault.All(err) {
				got = append(got, f.Field+" "+f.Key)
			}
			if strings.Join(got, "; ") != tt.want || (err != nil) != (tt.want != "") {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPlanOffersItsCyclesAndCountsOnly(t *testing.T) {
	fixed := monthly()
	fixed.UntilCancelled = false
	month := calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}
	tests := []struct {
		name  string
		plan  Plan
		cycle calendar.Cycle
		count int
		want  string
	}{
		{"until cancelled", monthly(), month, 0, ""},
		{"six times", monthly(), month, 6, ""},
		{"five times", monthly(), month, 5, "count"},
		{"minus one time", monthly(), month, -1, "count"},
		{"not until cancelled", fixed, month, 0, "count"},
		{"every three months", monthly(), calendar.Cycle{Every: 3, Unit: calendar.UnitMonth}, 6, "cycle"},
		{"nothing chosen", fixed, calendar.Cycle{}, 0, "cycle count"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var fields []string
			for _, f := range fault.All(tt.plan.Offers(tt.cycle, tt.count)) {
				fields = append(fields, f.Field)
			}
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("faults beside %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAPlanKeepsItsFormInJSON(t *testing.T) {
	text, err := json.Marshal(monthly())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"cycles":["2w","1m"]`) {
		t.Errorf("cycles are written as %s", text)
	}
	var back Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(monthly(), back); diff != "" {
		t.Error(diff)
	}
}

func coffee() Product {
	return Product{
		Code:  "HB-01",
		Texts: map[string]Text{"ja": {Name: "ひばりブレンド"}, "en": {Name: "Hibari Blend"}, "zh-Hans": {Summary: "没有名字"}},
		Options: []Option{
			{Names: map[string]string{"ja": "挽き方"}, Values: []map[string]string{{"ja": "豆", "en": "Beans"}, {"ja": "粉"}}},
			{Names: map[string]string{"ja": "内容量"}, Values: []map[string]string{{"ja": "200g", "en": "200 g"}}},
		},
		Variants: []Variant{{ID: ident.ID{15: 1}, SKU: "HB-01-B"}},
	}
}

func TestAProductSpeaksItsLanguagesAndJapaneseElse(t *testing.T) {
	p := coffee()
	for lang, want := range map[string]string{"ja": "ひばりブレンド", "en": "Hibari Blend", "zh-Hans": "ひばりブレンド", "zh-Hant": "ひばりブレンド"} {
		if got := p.Text(lang).Name; got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
	p.Texts = map[string]Text{"en": {Name: "Hibari Blend"}}
	if got := p.Text("ja").Name; got != "Hibari Blend" {
		t.Errorf("without Japanese: %s", got)
	}
	p.Texts = nil
	if got := p.Text("ja").Name; got != "HB-01" {
		t.Errorf("without texts: %s", got)
	}
}

func TestAVariantIsNamedByItsChosenValues(t *testing.T) {
	p := coffee()
	for _, tt := range []struct {
		values []int
		lang   string
		want   string
	}{
		{[]int{0, 0}, "ja", "豆・200g"},
		{[]int{0, 0}, "en", "Beans・200 g"},
		{[]int{1, 0}, "en", "粉・200 g"},
		{nil, "ja", ""},
		{[]int{7, 0, 3}, "ja", "200g"},
		{[]int{-1}, "ja", ""},
	} {
		t.Run(fmt.Sprint(tt.values, tt.lang), func(t *testing.T) {
			if got := p.OptionText(Variant{Values: tt.values}, tt.lang); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAVariantIsFoundInItsProduct(t *testing.T) {
	p := coffee()
	if v, ok := p.Variant(ident.ID{15: 1}); !ok || v.SKU != "HB-01-B" {
		t.Errorf("%+v, %v", v, ok)
	}
	if _, ok := p.Variant(ident.ID{15: 2}); ok {
		t.Error("found a variant that is not there")
	}
}
