package catalog

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// Plan (定期購入設定) says how a product may be subscribed to: the ten presets of
// the [定期購入] tab, and the options beside them.
type Plan struct {
	Cycles            []calendar.Cycle `json:"cycles"`              // 購入周期
	MaxQuantity       int64            `json:"max_quantity"`        // 購入単位: 1 = single
	MinimumDeliveries int              `json:"minimum_deliveries"`  // 最低購入回数, at least 1
	FixedCounts       []int            `json:"fixed_counts"`        // 3, 6, 12; empty = only until cancelled
	UntilCancelled    bool             `json:"until_cancelled"`     // 解約するまで is offered
	DeadlineNotice    bool             `json:"deadline_notice"`     // 締切通知
	StaffGraceDays    int              `json:"staff_grace_days"`    // 変更猶予日数1
	CustomerGraceDays int              `json:"customer_grace_days"` // 変更猶予日数2
	MaxPutOffDays     int              `json:"max_put_off_days"`    // 配送延長可能日数
	VisibleDeliveries int              `json:"visible_deliveries"`  // 出荷予定表示範囲

	VolumeTiers    []VolumeTier    `json:"volume_tiers,omitempty"`    // 複数購入割引, ascending
	CountDiscounts []CountDiscount `json:"count_discounts,omitempty"` // 購入回数による値引き, ascending
	Shipping       ShippingRule    `json:"shipping"`
	FreeBox        int             `json:"free_box,omitempty"` // of ShippingFreeBox; 1 = first
	ResumeSkips    bool            `json:"resume_skips"`       // a resume skips held boxes instead of shipping them
	StockOut       StockOutRule    `json:"stock_out"`
	AllowSkip      bool            `json:"allow_skip"`
	AllowPause     bool            `json:"allow_pause"`
}

// NewPlan is a plan with what a merchant leaves alone: ordinary postage, waiting
// for stock, and customers who may skip and pause. The rest is the caller's.
func NewPlan() Plan {
	return Plan{Shipping: ShippingOrdinary, StockOut: StockOutWait, AllowSkip: true, AllowPause: true}
}

// UnmarshalJSON reads a plan; what the text leaves out is as in NewPlan, so that
// plans written before an option existed keep their meaning.
func (p *Plan) UnmarshalJSON(text []byte) error {
	type plain Plan // without this method
	read := plain(NewPlan())
	if err := json.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	*p = Plan(read)
	return nil
}

// Limits that keep a plan within what can be meant.
const (
	maxQuantity = 999
	leastCount  = 2 // a single delivery is a one-off purchase
	maxCount    = 120
	maxDays     = 365
	maxVisible  = 24
)

// Validate refuses bad plans with the reason beside the field.
func (p Plan) Validate() error {
	var faults fault.List
	if len(p.Cycles) == 0 {
		faults.Add(fault.Field("cycles", "fault.plan.no_cycle"))
	}
	for _, c := range p.Cycles {
		if !c.Valid() {
			faults.Add(fault.Field("cycles", "fault.plan.bad_cycle", "Cycle", c.String()))
			continue
		}
		if c.ShortestDays() <= p.CustomerGraceDays {
			faults.Add(fault.Field("cycles", "fault.plan.cycle_within_grace",
				"Cycle", c.String(), "Days", p.CustomerGraceDays))
		}
	}
	faults.Add(within("max_quantity", int(p.MaxQuantity), 1, maxQuantity))
	faults.Add(within("minimum_deliveries", p.MinimumDeliveries, 1, maxCount))
	faults.Add(within("staff_grace_days", p.StaffGraceDays, 0, maxDays))
	faults.Add(within("customer_grace_days", p.CustomerGraceDays, 0, maxDays))
	faults.Add(within("max_put_off_days", p.MaxPutOffDays, 0, maxDays))
	faults.Add(within("visible_deliveries", p.VisibleDeliveries, 1, maxVisible))
	if p.CustomerGraceDays < p.StaffGraceDays {
		faults.Add(fault.Field("customer_grace_days", "fault.plan.customer_grace_below_staff",
			"Days", p.StaffGraceDays))
	}
	if !p.UntilCancelled && len(p.FixedCounts) == 0 {
		faults.Add(fault.Field("fixed_counts", "fault.plan.no_count"))
	}
	for _, n := range p.FixedCounts {
		switch {
		case n < p.MinimumDeliveries:
			faults.Add(fault.Field("fixed_counts", "fault.plan.count_below_minimum", "Count", n))
		case n < leastCount || n > maxCount:
			faults.Add(fault.Field("fixed_counts", "fault.number.range", "Min", leastCount, "Max", maxCount))
		}
	}
	checkTiers(&faults, "volume_tiers", p.VolumeTiers)
	p.checkCountDiscounts(&faults)
	p.checkRules(&faults)
	return faults.Err()
}

// Offers reports whether the plan offers the cycle and the count (0 = until
// cancelled).
func (p Plan) Offers(cycle calendar.Cycle, count int) error {
	var faults fault.List
	if !slices.Contains(p.Cycles, cycle) {
		faults.Add(fault.Field("cycle", "fault.plan.cycle_not_offered"))
	}
	if (count == 0 && !p.UntilCancelled) || (count != 0 && !slices.Contains(p.FixedCounts, count)) {
		faults.Add(fault.Field("count", "fault.plan.count_not_offered"))
	}
	return faults.Err()
}

func within(field string, value, low, high int) *fault.Error {
	if value < low || value > high {
		return fault.Field(field, "fault.number.range", "Min", low, "Max", high)
	}
	return nil
}
