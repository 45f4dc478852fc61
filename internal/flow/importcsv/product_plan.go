package importcsv

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
)

// shelf is what the store holds already.
type shelf struct {
	currency money.Currency
	products []catalog.Product
	counts   map[ident.ID]db.StockCount
}

// productChange is what the file does to one product.
type productChange struct {
	product catalog.Product // as it will be
	isNew   bool
	changes map[string]audit.Change // of product and variants; none: it stays
	stock   []stockChange
}

type stockChange struct {
	sku     string
	line    stockLine
	changes map[string]audit.Change
}

// decider turns lines into changes.
type decider struct {
	*book
	lang   string
	shelf  shelf
	newID  ident.Generator
	report *Report
}

// decide says what the lines change, product by product in the file's order.
// What is wrong between rows, or between the file and the store, is noted in the
// book; the changes are worth nothing then.
func (d *decider) decide(lines []productLine) []productChange {
	stored, ownerOf, slugs, position := map[string]catalog.Product{}, map[string]string{}, map[string]string{}, 0
	for _, p := range d.shelf.products {
		stored[p.Code], slugs[p.Slug] = p, p.Code
		position = max(position, p.Position)
		for _, v := range p.Variants {
			ownerOf[v.SKU] = p.Code
		}
	}
	d.checkSKUs(lines, ownerOf)
	var changes []productChange
	for _, group := range byCode(lines) {
		first := group[0]
		before, known := stored[first.code]
		slug := strings.ToLower(first.code)
		if owner, taken := slugs[slug]; !known && taken {
			d.refuse(first.row, fieldCode, fault.Field("", "import.code.taken", "Other", owner))
			continue
		}
		slugs[slug] = first.code
		d.checkAgreement(group)
		after := before
		if !known {
			position++
			after = catalog.Product{
				ID: d.newID(), Code: first.code, Slug: slug, Status: catalog.StatusOnSale, Position: position,
			}
		}
		changes = append(changes, d.change(before, after, group, known))
	}
	return changes
}

// byCode groups lines into products, in the order of their first rows. Lines
// without a readable code have been refused already.
func byCode(lines []productLine) [][]productLine {
	place := map[string]int{}
	var groups [][]productLine
	for _, l := range lines {
		if l.code == "" {
			continue
		}
		i, known := place[l.code]
		if !known {
			i = len(groups)
			place[l.code], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

func (d *decider) checkSKUs(lines []productLine, ownerOf map[string]string) {
	seen := map[string]int{}
	for _, l := range lines {
		if l.sku == "" {
			continue
		}
		if number, twice := seen[l.sku]; twice {
			d.refuse(l.row, fieldSKU, fault.Field("", "import.sku.twice", "Row", number))
			continue
		}
		seen[l.sku] = l.row.number
		if owner, taken := ownerOf[l.sku]; taken && owner != l.code && l.code != "" {
			d.refuse(l.row, fieldSKU, fault.Field("", "import.sku.taken", "Other", owner))
		}
	}
}

// checkAgreement refuses rows of a product that contradict its first row, or
// each other's options.
func (d *decider) checkAgreement(group []productLine) {
	first := group[0]
	var plan *productLine // the first row that can be subscribed to
	chosen := map[[2]string]int{}
	for i, l := range group {
		differs := func(field string, with productLine, same bool) {
			// A cell that could not be read is not another's opposite.
			if !same && !d.bad[cell{l.row.number, field}] && !d.bad[cell{with.row.number, field}] {
				d.refuse(l.row, field, fault.Field("", "import.differs",
					"Row", with.row.number, "Value", d.text(with.row, field)))
			}
		}
		differs(fieldName, first, l.name == first.name)
		differs(fieldTax, first, l.tax == first.tax)
		if l.plan != nil && plan == nil {
			plan = &group[i]
		} else if l.plan != nil {
			a, b := plan.plan, l.plan
			differs(fieldCycles, *plan, slices.Equal(a.Cycles, b.Cycles))
			differs(fieldMinimum, *plan, a.MinimumDeliveries == b.MinimumDeliveries)
			differs(fieldStaffGrace, *plan, a.StaffGraceDays == b.StaffGraceDays)
			differs(fieldCustomerGrace, *plan, a.CustomerGraceDays == b.CustomerGraceDays)
			differs(fieldPutOff, *plan, a.MaxPutOffDays == b.MaxPutOffDays)
			differs(fieldVisible, *plan, a.VisibleDeliveries == b.VisibleDeliveries)
		}
		for axis, field := range optionFields {
			if (l.options[axis] == "") != (first.options[axis] == "") {
				d.refuse(l.row, field, fault.Field("", "import.option.missing", "Row", first.row.number))
			}
		}
		if number, twice := chosen[l.options]; twice {
			d.refuse(l.row, fieldSKU, fault.Field("", "import.option.same", "Row", number))
			continue
		}
		chosen[l.options] = l.row.number
	}
}

var optionFields = [2]string{fieldOption1, fieldOption2}

// change is what the lines of one product do to it.
func (d *decider) change(before, after catalog.Product, group []productLine, known bool) productChange {
	first := group[0]
	text := after.Texts[d.lang]
	text.Name = first.name
	after.Texts = maps.Clone(after.Texts)
	if after.Texts == nil {
		after.Texts = map[string]catalog.Text{}
	}
	after.Texts[d.lang] = text
	after.TaxClass = first.tax
	if d.columns.has(fieldSubscribable) {
		after.Plan = mergePlan(before.Plan, group)
	}
	axes := []int{}
	for axis := range optionFields {
		if first.options[axis] != "" {
			axes = append(axes, axis)
		}
	}
	after.Options = d.options(before, group, axes)
	after.Variants = slices.Clone(before.Variants)
	c := productChange{isNew: !known}
	for _, l := range group {
		i := slices.IndexFunc(after.Variants, func(v catalog.Variant) bool { return v.SKU == l.sku })
		isNew := i < 0
		if isNew {
			i = len(after.Variants)
			after.Variants = append(after.Variants, catalog.Variant{ID: d.newID(), SKU: l.sku, Position: i})
		}
		old := after.Variants[i]
		v := d.variant(old, l, after.Options, axes)
		after.Variants[i] = v
		stock := d.stock(v, l, isNew)
		if stock != nil {
			c.stock = append(c.stock, *stock)
		}
		d.report.Variants.count(isNew, stock != nil || len(d.diff(variantFacts(old, d.shelf.currency), variantFacts(v, d.shelf.currency))) > 0)
	}
	d.checkLeftBehind(after, group)
	c.product = after
	own := d.diff(productFacts(before, d.lang), productFacts(after, d.lang))
	d.report.Products.count(!known, len(own) > 0)
	c.changes = own
	for _, v := range after.Variants {
		var old catalog.Variant
		if i := slices.IndexFunc(before.Variants, func(o catalog.Variant) bool { return o.SKU == v.SKU }); i >= 0 {
			old = before.Variants[i]
		}
		for field, change := range d.diff(variantFacts(old, d.shelf.currency), variantFacts(v, d.shelf.currency)) {
			c.changes[v.SKU+"."+field] = change
		}
	}
	return c
}

// mergePlan is the plan that the product's rows name, with what they do not say
// as it was.
func mergePlan(before *catalog.Plan, group []productLine) *catalog.Plan {
	i := slices.IndexFunc(group, func(l productLine) bool { return l.plan != nil })
	if i < 0 {
		return nil
	}
	plan := *group[i].plan
	if before != nil {
		plan.MaxQuantity, plan.DeadlineNotice = before.MaxQuantity, before.DeadlineNotice
		plan.FixedCounts, plan.UntilCancelled = before.FixedCounts, before.UntilCancelled
	}
	return &plan
}

// options are the product's choices: those it has, with the values that are new
// behind them, so that the numbers of variants which the file does not name stay
// right, and so do translations.
func (d *decider) options(before catalog.Product, group []productLine, axes []int) []catalog.Option {
	if len(before.Options) != len(axes) {
		before.Options = nil
	}
	list := make([]catalog.Option, len(axes))
	for i, axis := range axes {
		option := catalog.Option{Names: map[string]string{d.lang: d.columns.name[optionFields[axis]]}}
		if before.Options != nil {
			option = before.Options[i]
			option.Values = slices.Clone(option.Values)
		}
		for _, l := range group {
			if d.valueIndex(option, l.options[axis]) < 0 {
				option.Values = append(option.Values, map[string]string{d.lang: l.options[axis]})
			}
		}
		list[i] = option
	}
	return list
}

func (d *decider) valueIndex(option catalog.Option, text string) int {
	return slices.IndexFunc(option.Values, func(value map[string]string) bool { return value[d.lang] == text })
}

func (d *decider) variant(v catalog.Variant, l productLine, options []catalog.Option, axes []int) catalog.Variant {
	v.Values = make([]int, len(axes))
	for i, axis := range axes {
		v.Values[i] = d.valueIndex(options[i], l.options[axis])
	}
	if d.columns.has(fieldWeight) {
		v.WeightGrams = l.weight
	}
	price := l.price
	if !d.columns.has(fieldSubscribable) {
		price.Subscription, price.First = v.Prices[d.shelf.currency].Subscription, v.Prices[d.shelf.currency].First
	}
	v.Prices = maps.Clone(v.Prices)
	if v.Prices == nil {
		v.Prices = map[money.Currency]catalog.Price{}
	}
	v.Prices[d.shelf.currency] = price
	return v
}

// checkLeftBehind looks at variants that the store has and the file does not
// name: they must still have a choice of their own on the product's page.
func (d *decider) checkLeftBehind(after catalog.Product, group []productLine) {
	named := map[string]productLine{}
	for _, l := range group {
		named[l.sku] = l
	}
	for _, v := range after.Variants {
		if _, ok := named[v.SKU]; ok {
			continue
		}
		if len(v.Values) != len(after.Options) {
			d.refuse(group[0].row, fieldSKU, fault.Field("", "import.option.changed", "SKU", v.SKU))
			continue
		}
		for _, other := range after.Variants {
			if l, ok := named[other.SKU]; ok && slices.Equal(other.Values, v.Values) {
				d.refuse(l.row, fieldSKU, fault.Field("", "import.option.other_sku", "SKU", v.SKU))
			}
		}
	}
}

// stock is what the line changes in what was counted; nil: nothing. A new
// variant always gets a count, zero where the file has none.
func (d *decider) stock(v catalog.Variant, l productLine, isNew bool) *stockChange {
	said := l.stock
	if said == nil {
		if !isNew {
			return nil
		}
		said = &stockLine{}
	}
	count := d.shelf.counts[v.ID]
	if said.onHand < count.Reserved {
		d.refuse(l.row, fieldStock, fault.Field("", "import.stock.reserved", "Reserved", count.Reserved))
		return nil
	}
	was := stockLine{onHand: count.OnHand, expected: count.Expected, expectedDate: count.ExpectedDate}
	if !isNew && was == *said {
		return nil
	}
	return &stockChange{sku: l.sku, line: *said, changes: d.diff(stockFacts(was), stockFacts(*said))}
}

// Facts are the fields that an import may change, as short texts: what differs
// is what changed, and is what the audit line says.

func productFacts(p catalog.Product, lang string) map[string]string {
	facts := map[string]string{
		"code": p.Code, "name": p.Texts[lang].Name, "tax_class": string(p.TaxClass), "plan": "",
	}
	for i, option := range p.Options {
		values := make([]string, len(option.Values))
		for j, value := range option.Values {
			values[j] = value[lang]
		}
		facts[fmt.Sprintf("option%d", i+1)] = option.Names[lang] + ": " + strings.Join(values, ", ")
	}
	if p.Plan == nil {
		return facts
	}
	list := make([]string, len(p.Plan.Cycles))
	for i, cycle := range p.Plan.Cycles {
		list[i] = cycle.String()
	}
	facts["plan"] = "on"
	facts["plan.cycles"] = strings.Join(list, ",")
	facts["plan.minimum_deliveries"] = strconv.Itoa(p.Plan.MinimumDeliveries)
	facts["plan.staff_grace_days"] = strconv.Itoa(p.Plan.StaffGraceDays)
	facts["plan.customer_grace_days"] = strconv.Itoa(p.Plan.CustomerGraceDays)
	facts["plan.max_put_off_days"] = strconv.Itoa(p.Plan.MaxPutOffDays)
	facts["plan.visible_deliveries"] = strconv.Itoa(p.Plan.VisibleDeliveries)
	return facts
}

func variantFacts(v catalog.Variant, currency money.Currency) map[string]string {
	price := v.Prices[currency]
	return map[string]string{
		"options": fmt.Sprint(v.Values), "weight_grams": strconv.Itoa(v.WeightGrams),
		"regular":      strconv.FormatInt(price.Regular, 10),
		"subscription": strconv.FormatInt(price.Subscription, 10),
		"first":        strconv.FormatInt(price.First, 10),
	}
}

func stockFacts(s stockLine) map[string]string {
	return map[string]string{
		"on_hand": strconv.FormatInt(s.onHand, 10), "expected": strconv.FormatInt(s.expected, 10),
		"expected_date": s.expectedDate.String(),
	}
}

func (d *decider) diff(before, after map[string]string) map[string]audit.Change {
	changes := map[string]audit.Change{}
	for _, facts := range []map[string]string{before, after} {
		for field := range facts {
			if was, is := before[field], after[field]; was != is {
				changes[field] = audit.Change{Before: was, After: is}
			}
		}
	}
	return changes
}

// sorted puts findings in the order of the file's rows.
func (b *book) sorted() []Finding {
	slices.SortStableFunc(b.findings, func(x, y Finding) int { return cmp.Compare(x.Row, y.Row) })
	return b.findings
}
