package console

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// usualCycles and usualCounts are offered for a click; others are typed.
var (
	usualCycles = []string{"1w", "2w", "4w", "30d", "1m", "2m", "3m", "1mw"}
	usualCounts = []string{"3", "6", "12"}
	cycleUnits  = []calendar.Unit{calendar.UnitDay, calendar.UnitWeek, calendar.UnitMonth, calendar.UnitMonthWeekday}
)

// exampleDays is how far ahead the delivery lies that explains the figures.
const exampleDays = 14

// usualPlan is what the form shows of a product that has none.
func usualPlan() *catalog.Plan {
	return &catalog.Plan{
		Cycles: []calendar.Cycle{{Every: 1, Unit: calendar.UnitMonth}}, MaxQuantity: 10, MinimumDeliveries: 1,
		UntilCancelled: true, DeadlineNotice: true, StaffGraceDays: 2, CustomerGraceDays: 5, MaxPutOffDays: 30,
		VisibleDeliveries: 3,
	}
}

func fillPlan(form url.Values, p *catalog.Plan) {
	if p != nil {
		form.Set("plan.on", "yes")
	} else {
		p = usualPlan()
	}
	for _, c := range p.Cycles {
		form.Add("plan.cycles", c.String())
	}
	for _, n := range p.FixedCounts {
		form.Add("plan.fixed_counts", strconv.Itoa(n))
	}
	if p.UntilCancelled {
		form.Set("plan.until_cancelled", "yes")
	}
	if p.DeadlineNotice {
		form.Set("plan.deadline_notice", "yes")
	}
	for id, n := range map[string]int{
		"plan.max_quantity": int(p.MaxQuantity), "plan.minimum_deliveries": p.MinimumDeliveries,
		"plan.staff_grace_days": p.StaffGraceDays, "plan.customer_grace_days": p.CustomerGraceDays,
		"plan.max_put_off_days": p.MaxPutOffDays, "plan.visible_deliveries": p.VisibleDeliveries,
	} {
		form.Set(id, strconv.Itoa(n))
	}
}

// readPlan reads the tab; a box that is not checked is a product without a plan.
func (e *editing) readPlan() {
	e.wanted.Plan = nil
	if e.form.Get("plan.on") == "" {
		return
	}
	p := &catalog.Plan{
		MaxQuantity: int64(e.number("plan.max_quantity")), MinimumDeliveries: e.number("plan.minimum_deliveries"),
		UntilCancelled: e.form.Get("plan.until_cancelled") != "", DeadlineNotice: e.form.Get("plan.deadline_notice") != "",
		StaffGraceDays: e.number("plan.staff_grace_days"), CustomerGraceDays: e.number("plan.customer_grace_days"),
		MaxPutOffDays: e.number("plan.max_put_off_days"), VisibleDeliveries: e.number("plan.visible_deliveries"),
	}
	typed := slices.Clone(e.form["plan.cycles"])
	if every := e.line("plan.cycle_every"); every != "" {
		n, ok := whole(every)
		if ok {
			every = strconv.Itoa(n)
		}
		typed = append(typed, every+e.form.Get("plan.cycle_unit"))
	}
	for _, text := range typed {
		cycle, err := calendar.ParseCycle(text)
		if err != nil {
			e.faults.Add(fault.Field("plan.cycles", "fault.plan.bad_cycle", "Cycle", text))
			continue
		}
		if !slices.Contains(p.Cycles, cycle) {
			p.Cycles = append(p.Cycles, cycle)
		}
	}
	for _, text := range e.form["plan.fixed_counts"] {
		n, ok := whole(text)
		if !ok {
			e.faults.Add(fault.Field("plan.fixed_counts", "fault.number.invalid"))
			continue
		}
		p.FixedCounts = append(p.FixedCounts, n)
	}
	slices.Sort(p.FixedCounts)
	e.wanted.Plan = p
}

// withCycles words the cycles that faults speak of.
func (v *visit) withCycles(list fault.List) fault.List {
	worded := slices.Clone(list)
	for i, f := range worded {
		text, _ := f.Args["Cycle"].(string)
		cycle, err := calendar.ParseCycle(text)
		if err != nil {
			continue
		}
		said := *f
		said.Args = maps.Clone(f.Args)
		said.Args["Cycle"] = v.words.Cycle(cycle)
		worded[i] = &said
	}
	return worded
}

func (f fields) plan(e *editing) *ProductPlan {
	v := f.v
	p := &ProductPlan{
		On: f.form.Get("plan.on") != "", Endless: f.form.Get("plan.until_cancelled") != "",
		Notice: f.form.Get("plan.deadline_notice") != "", PricesPath: productPath(e.stored, tabVariants),
		CycleError: f.faults.Field("plan.cycles", "").Error, CountError: f.faults.Field("plan.fixed_counts", "").Error,
		PriceError: f.faults.Field("plan.price", "").Error, AddEvery: f.count("plan.cycle_every", "cycle_every", ""),
		Quantity:   f.count("plan.max_quantity", "max_quantity", "pieces"),
		Minimum:    f.count("plan.minimum_deliveries", "minimum_deliveries", "times"),
		StaffGrace: f.count("plan.staff_grace_days", "staff_grace_days", "before"),
		Grace:      f.count("plan.customer_grace_days", "customer_grace_days", "before"),
		PutOff:     f.count("plan.max_put_off_days", "max_put_off_days", "days"),
		Visible:    f.count("plan.visible_deliveries", "visible_deliveries", "ahead"),
	}
	for _, text := range union(f.form["plan.cycles"], usualCycles) {
		if cycle, err := calendar.ParseCycle(text); err == nil {
			p.Cycles = append(p.Cycles, f.choice("plan.cycles", text, v.words.Cycle(cycle)))
		}
	}
	for _, unit := range cycleUnits {
		p.AddUnits = append(p.AddUnits, f.choice("plan.cycle_unit", string(unit), v.words.T("console.product.cycle_unit."+string(unit))))
	}
	for _, text := range union(usualCounts, f.form["plan.fixed_counts"]) {
		if n, ok := whole(text); ok {
			p.Counts = append(p.Counts, f.choice("plan.fixed_counts", text, v.words.Plural("console.product.count", n)))
		}
	}
	for _, variant := range e.stored.Variants {
		p.Prices = append(p.Prices, v.planPrice(e.stored, variant))
	}
	f.explainPlan(p)
	return p
}

// union is the texts of both lists, each once, in their order.
func union(first, second []string) []string {
	var list []string
	for _, text := range slices.Concat(first, second) {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func (v *visit) planPrice(p catalog.Product, variant catalog.Variant) PlanPrice {
	price := variant.Prices[v.shop.Currency]
	row := PlanPrice{
		Name: p.OptionText(variant, string(v.words.Lang())), SKU: variant.SKU, Regular: v.amount(price.Regular),
		Subscription: v.unlessFree(price.Subscription), First: v.unlessFree(price.First),
	}
	if price.Subscription > 0 && price.Subscription < price.Regular {
		row.Off = v.words.Percent(-percentOff(price.Regular, price.Subscription))
	}
	return row
}

// explainPlan says beside each figure what follows from it, by the example of
// one delivery.
func (f fields) explainPlan(p *ProductPlan) {
	v, example := f.v, f.v.today().AddDays(exampleDays)
	on := func(key string, last calendar.Date) string {
		return v.words.T("console.product.note."+key, "Date", v.words.DateShort(example), "Last", v.words.DateShort(last))
	}
	quantity, minimum, visible := f.days("plan.max_quantity"), f.days("plan.minimum_deliveries"), f.days("plan.visible_deliveries")
	if quantity > 0 {
		p.Quantity.Note = v.words.Plural("console.product.note.max_quantity", quantity)
	}
	switch {
	case minimum == 1:
		p.Minimum.Note = v.words.T("console.product.note.minimum.none")
	case minimum > 1:
		p.Minimum.Note = v.words.Plural("console.product.note.minimum", minimum)
	}
	if visible > 0 {
		p.Visible.Note = v.words.Plural("console.product.note.visible", visible)
	}
	staff, grace, putOff := f.days("plan.staff_grace_days"), f.days("plan.customer_grace_days"), f.days("plan.max_put_off_days")
	if staff >= 0 {
		p.StaffGrace.Note = on("until", example.AddDays(-staff))
	}
	if grace >= 0 {
		p.Grace.Note, p.Grace.Warn = on("until", example.AddDays(-grace)), v.earlierDeadline(example, grace)
		p.Effects = []string{
			v.words.Plural("console.product.effect.new", grace), v.words.T("console.product.effect.running"),
			v.words.T("console.product.effect.shown"),
		}
	}
	switch {
	case putOff == 0:
		p.PutOff.Note = v.words.T("console.product.note.put_off.none")
	case putOff > 0:
		p.PutOff.Note = on("put_off", example.AddDays(putOff))
	}
	p.NoticeNote = v.words.T("console.product.note.notice")
	p.CountNote = v.words.T("console.product.note.counts")
	if staff >= 0 && grace >= staff && grace <= longestDrawn {
		p.Timeline = v.timeline(example, staff, grace, max(putOff, 0))
	}
}

// days reads a figure for its explanation, −1 for what is none or too much to
// be explained by dates.
func (f fields) days(id string) int {
	n, ok := whole(f.form.Get(id))
	if !ok || n < 0 || n > 9_999 {
		return -1
	}
	return n
}

// earlierDeadline warns where transit and preparation to the farthest place put
// the deadline before the grace days.
func (v *visit) earlierDeadline(example calendar.Date, grace int) string {
	longest := 0
	for _, method := range v.shop.Delivery.Methods {
		for _, zone := range method.Zones {
			longest = max(longest, zone.TransitDays)
		}
	}
	planned, ok := calendar.Plan(example, v.shop.Terms(v.shop.Location, grace, longest))
	if !ok || !planned.DeadlineDate.Before(planned.Date.AddDays(-grace)) {
		return ""
	}
	return v.words.T("console.product.warn.transit",
		"Days", longest, "Date", v.words.DateShort(planned.Date), "Last", v.words.DateShort(planned.DeadlineDate))
}

// Measures of the drawing of deadlines.
const (
	longestDrawn  = 12 // days of grace
	drawingLeft   = 14
	drawingWidth  = 332
	daysAfterward = 3
)

func (v *visit) timeline(date calendar.Date, staff, grace, putOff int) *Timeline {
	first := -(max(grace, 5) + 3)
	step := drawingWidth / (daysAfterward - first + 1)
	at := func(day int) int { return drawingLeft + (day-first)*step + step/2 }
	end := func(day int) int { return drawingLeft + (day-first+1)*step }
	t := &Timeline{
		Date: date, Customer: v.words.DateShort(date.AddDays(-grace)), Staff: v.words.DateShort(date.AddDays(-staff)),
		CustomerWidth: end(-grace) - drawingLeft, StaffAt: end(-grace), StaffWidth: end(-staff) - end(-grace),
		RestAt: end(-staff), RestWidth: max(at(0)-end(-staff), 0), DeliveryAt: at(0),
	}
	t.Label = v.words.T("console.product.timeline.label", "Date", v.words.DateShort(date), "Customer", t.Customer,
		"Staff", t.Staff, "Days", strconv.Itoa(putOff))
	for day := first; day <= daysAfterward; day++ {
		t.Days = append(t.Days, TimelineDay{At: at(day), Text: strconv.Itoa(date.AddDays(day).Day)})
	}
	return t
}
