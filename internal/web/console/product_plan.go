package console

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
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
	p := catalog.NewPlan()
	p.Cycles = []calendar.Cycle{{Every: 1, Unit: calendar.UnitMonth}}
	p.MaxQuantity, p.MinimumDeliveries, p.UntilCancelled, p.DeadlineNotice = 10, 1, true, true
	p.StaffGraceDays, p.CustomerGraceDays, p.MaxPutOffDays, p.VisibleDeliveries = 2, 5, 30, 3
	return &p
}

// Values of the choice what a resume does with held boxes.
const (
	resumeShips = "ship"
	resumeSkips = "skip"
)

func (v *visit) fillPlan(form url.Values, p *catalog.Plan) {
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
	for id, on := range map[string]bool{
		"plan.until_cancelled": p.UntilCancelled, "plan.deadline_notice": p.DeadlineNotice,
		"plan.allow_skip": p.AllowSkip, "plan.allow_pause": p.AllowPause,
	} {
		if on {
			form.Set(id, "yes")
		}
	}
	form.Set("plan.shipping", string(cmp.Or(p.Shipping, catalog.ShippingOrdinary)))
	form.Set("plan.stock_out", string(cmp.Or(p.StockOut, catalog.StockOutWait)))
	form.Set("plan.resume", resumeShips)
	if p.ResumeSkips {
		form.Set("plan.resume", resumeSkips)
	}
	if p.FreeBox > 0 {
		form.Set("plan.free_box", strconv.Itoa(p.FreeBox))
	}
	v.fillTiers(form, planTiers, p.VolumeTiers)
	for i, d := range p.CountDiscounts {
		v.fillDiscount(form, countDiscounts, i, int64(d.FromBox), d.Discount)
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
	e.readTexts(func(lang i18n.Lang, text *catalog.Text) { text.Plan = e.paragraphs(textID(lang, "plan")) })
	e.wanted.Plan = nil
	if e.form.Get("plan.on") == "" {
		return
	}
	typedCycle(e.form)
	typedCount(e.form)
	p := &catalog.Plan{
		MaxQuantity: int64(e.number("plan.max_quantity")), MinimumDeliveries: e.number("plan.minimum_deliveries"),
		UntilCancelled: e.form.Get("plan.until_cancelled") != "", DeadlineNotice: e.form.Get("plan.deadline_notice") != "",
		StaffGraceDays: e.number("plan.staff_grace_days"), CustomerGraceDays: e.number("plan.customer_grace_days"),
		MaxPutOffDays: e.number("plan.max_put_off_days"), VisibleDeliveries: e.number("plan.visible_deliveries"),
		VolumeTiers: e.tiers(planTiers), CountDiscounts: e.countDiscounts(),
		Shipping: catalog.ShippingRule(e.form.Get("plan.shipping")), StockOut: catalog.StockOutRule(e.form.Get("plan.stock_out")),
		ResumeSkips: e.form.Get("plan.resume") == resumeSkips,
		AllowSkip:   e.form.Get("plan.allow_skip") != "", AllowPause: e.form.Get("plan.allow_pause") != "",
	}
	if p.Shipping == catalog.ShippingFreeBox {
		p.FreeBox = e.number("plan.free_box")
	}
	for _, text := range e.form["plan.cycles"] {
		cycle, err := calendar.ParseCycle(text)
		if err != nil {
			e.faults.Add(fault.Field("plan.cycles", "fault.plan.bad_cycle", "Cycle", text))
			continue
		}
		p.Cycles = append(p.Cycles, cycle)
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

// typedCycle makes a choice of the cycle that was typed. One that is none stays
// where it was typed.
func typedCycle(form url.Values) {
	every, ok := whole(form.Get("plan.cycle_every"))
	if !ok {
		if typed := strings.TrimSpace(form.Get("plan.cycle_every")); typed != "" {
			addOnce(form, "plan.cycles", typed+form.Get("plan.cycle_unit"))
		}
		return
	}
	cycle, err := calendar.ParseCycle(strconv.Itoa(every) + form.Get("plan.cycle_unit"))
	if err != nil {
		addOnce(form, "plan.cycles", strconv.Itoa(every)+form.Get("plan.cycle_unit"))
		return
	}
	addOnce(form, "plan.cycles", cycle.String())
	form.Del("plan.cycle_every")
}

// typedCount makes a choice of the count that was typed.
func typedCount(form url.Values) {
	if typed := narrow(form.Get("plan.count_more")); typed != "" {
		addOnce(form, "plan.fixed_counts", typed)
		if _, ok := whole(typed); ok {
			form.Del("plan.count_more")
		}
	}
}

func addOnce(form url.Values, name, value string) {
	if !slices.Contains(form[name], value) {
		form.Add(name, value)
	}
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
		Action: f.action, On: f.form.Get("plan.on") != "", Endless: f.form.Get("plan.until_cancelled") != "",
		Notice: f.form.Get("plan.deadline_notice") != "", PricesPath: productPath(e.stored, tabVariants),
		CycleError: f.faults.Field("plan.cycles", "").Error, CountError: f.faults.Field("plan.fixed_counts", "").Error,
		PriceError: f.faults.Field("plan.price", "").Error, AddEvery: f.count("plan.cycle_every", "cycle_every", ""),
		Quantity:   f.count("plan.max_quantity", "max_quantity", "pieces"),
		Minimum:    f.count("plan.minimum_deliveries", "minimum_deliveries", "times"),
		StaffGrace: f.count("plan.staff_grace_days", "staff_grace_days", "before"),
		Grace:      f.count("plan.customer_grace_days", "customer_grace_days", "before"),
		PutOff:     f.count("plan.max_put_off_days", "max_put_off_days", "days"),
		Visible:    f.count("plan.visible_deliveries", "visible_deliveries", "ahead"),
		AddCount:   f.input("plan.count_more", "count_more"),
		Volume:     f.discountRows(planTiers, f.examplePrice(e)), Discount: f.discountRows(countDiscounts, f.examplePrice(e)),
	}
	p.AddCount.Number, p.AddCount.Limit, p.AddCount.Unit = true, 4, v.words.T("console.product.unit.times")
	f.rules(p)
	for _, lang := range i18n.Langs {
		text := f.input(textID(lang, "plan"), "plan_text")
		text.Short = v.h.Catalog.For(lang).T("common.lang")
		text.Label = v.words.T("console.product.field_of", "Field", text.Label, "Of", text.Short)
		text.Lang, text.Area, text.Limit = string(lang), true, catalog.MaxDescription
		if text.Value == "" && lang != i18n.Ja {
			text.Note = v.words.T("console.product.unfilled")
		}
		p.Texts = append(p.Texts, text)
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
	f.explainPlan(p, v.warnings(e.wanted.Plan))
	return p
}

// rules are the settings beside the ten presets.
func (f fields) rules(p *ProductPlan) {
	v := f.v
	for _, rule := range []catalog.ShippingRule{catalog.ShippingOrdinary, catalog.ShippingFree, catalog.ShippingFreeBox} {
		p.Shipping = append(p.Shipping, f.choice("plan.shipping", string(rule), v.words.T("product.shipping."+string(rule))))
	}
	for _, rule := range []catalog.StockOutRule{catalog.StockOutWait, catalog.StockOutRest, catalog.StockOutSkip} {
		c := f.choice("plan.stock_out", string(rule), v.words.T("product.stock_out."+string(rule)))
		c.Note = v.words.T("product.stock_out." + string(rule) + ".note")
		p.StockOut = append(p.StockOut, c)
	}
	for _, what := range []string{resumeShips, resumeSkips} {
		c := f.choice("plan.resume", what, v.words.T("product.resume."+what))
		c.Note = v.words.T("product.resume." + what + ".note")
		p.Resume = append(p.Resume, c)
	}
	for _, what := range []string{"allow_skip", "allow_pause"} {
		c := page.Choice{Value: "plan." + what, Label: v.words.T("product." + what), Selected: f.form.Get("plan."+what) != ""}
		p.Allowed = append(p.Allowed, c)
	}
	p.FreeBox = f.input("plan.free_box", "free_box")
	p.FreeBox.Number, p.FreeBox.Limit, p.FreeBox.Unit = true, 4, v.words.T("product.unit.box")
	p.ShippingError, p.StockOutError = f.faults.Field("plan.shipping", "").Error, f.faults.Field("plan.stock_out", "").Error
	p.MoreOpen = f.form.Get("plan.shipping") != string(catalog.ShippingOrdinary) ||
		f.form.Get("plan.stock_out") != string(catalog.StockOutWait) || f.form.Get("plan.resume") != resumeShips ||
		f.form.Get("plan.allow_skip") == "" || f.form.Get("plan.allow_pause") == "" || rows(f.form, countDiscounts) > 0 ||
		p.FreeBox.Error != "" || p.ShippingError != "" || p.StockOutError != ""
}

// examplePrice is the subscription price that examples of discounts begin with.
func (f fields) examplePrice(e *editing) int64 {
	for _, variant := range e.stored.Variants {
		if price := variant.Prices[f.v.shop.Currency].Subscription; price > 0 {
			return price
		}
	}
	return 0
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
func (f fields) explainPlan(p *ProductPlan, warnings map[string]string) {
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
		p.Grace.Note, p.Grace.Warn = on("until", example.AddDays(-grace)), warnings["plan.customer_grace_days"]
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

// warnings say what is allowed in a plan and had better not be, by field.
func (v *visit) warnings(p *catalog.Plan) map[string]string {
	said := map[string]string{}
	if p == nil {
		return said
	}
	longest := 0
	for _, method := range v.shop.Delivery.Methods {
		for _, zone := range method.Zones {
			longest = max(longest, zone.TransitDays)
		}
	}
	for _, w := range p.Warnings(longest, v.shop.Delivery.PreparationDays) {
		said["plan."+w.Field] = v.words.Fault(&fault.Error{Code: fault.Invalid, Key: w.Key, Args: w.Args})
	}
	return said
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
