package importcsv

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// productLine is one row of the file, one SKU.
type productLine struct {
	row     row
	code    string
	sku     string
	name    string
	options [2]string
	price   catalog.Price
	tax     tax.Class
	weight  int
	stock   *stockLine // nil: the row does not say
	plan    *catalog.Plan
}

// stockLine is what the merchant counted and expects.
type stockLine struct {
	onHand       int64
	expected     int64
	expectedDate calendar.Date
}

// Finding is one thing wrong in one cell.
type Finding struct {
	Row    int    // as a spreadsheet counts, the header is 1
	Column string // as the file names it
	Value  string // as the file has it
	Fault  *fault.Error
}

// book reads rows by field and collects what is wrong with them.
type book struct {
	columns  columns
	findings []Finding
	bad      map[cell]bool
}

// cell is a place in the file.
type cell struct {
	row   int
	field string
}

// text is a cell of a field, empty where the file has no such column.
func (b *book) text(r row, field string) string {
	i, ok := b.columns.index[field]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return typed(r.cells[i])
}

// refuse notes a fault of a row's field; nil is none. One reason a cell is
// enough: the next would only follow from the first.
func (b *book) refuse(r row, field string, why *fault.Error) {
	if why == nil || b.bad[cell{r.number, field}] {
		return
	}
	b.bad[cell{r.number, field}] = true
	b.findings = append(b.findings, Finding{
		Row: r.number, Column: b.columns.name[field], Value: b.text(r, field), Fault: why,
	})
}

// read parses a cell that must not be empty; an empty or bad one is noted and
// the zero value returned.
func read[T any](b *book, r row, field string, parse func(string) (T, *fault.Error)) T {
	if b.text(r, field) == "" {
		b.refuse(r, field, fault.Field("", "import.required"))
		var none T
		return none
	}
	return readOptional(b, r, field, parse)
}

// readOptional is read for a cell that may be empty.
func readOptional[T any](b *book, r row, field string, parse func(string) (T, *fault.Error)) T {
	var none T
	text := b.text(r, field)
	if text == "" {
		return none
	}
	value, why := parse(text)
	if why != nil {
		b.refuse(r, field, why)
		return none
	}
	return value
}

func upTo(limit int64) func(string) (int64, *fault.Error) {
	return func(s string) (int64, *fault.Error) { return whole(s, limit) }
}

func days(s string) (int, *fault.Error) {
	n, why := whole(s, maxCount)
	return int(n), why
}

// line reads a name.
func line(s string) (string, *fault.Error) { return s, place.CheckText("", s, maxName, place.Optional) }

// productLines reads all rows. digits are the decimals of the store's currency.
func (b *book) productLines(rows []row, digits int) []productLine {
	lines := make([]productLine, 0, len(rows))
	for _, r := range rows {
		if !b.complete(r) {
			continue
		}
		lines = append(lines, b.productLine(r, digits))
	}
	return lines
}

// complete reports whether the row has a cell for each column; cells beyond them
// must be empty. Otherwise every cell may stand under a wrong header, and none
// is looked at.
func (b *book) complete(r row) bool {
	have := len(r.cells)
	for have > b.columns.width && r.cells[have-1] == "" {
		have--
	}
	if have == b.columns.width {
		return true
	}
	b.findings = append(b.findings, Finding{
		Row: r.number, Fault: fault.Field("", "import.row.cells", "Have", have, "Want", b.columns.width),
	})
	return false
}

func (b *book) productLine(r row, digits int) productLine {
	amount := func(s string) (int64, *fault.Error) { return price(s, digits) }
	l := productLine{
		row:  r,
		code: read(b, r, fieldCode, code),
		sku:  read(b, r, fieldSKU, code),
		name: read(b, r, fieldName, line),
		options: [2]string{
			readOptional(b, r, fieldOption1, line),
			readOptional(b, r, fieldOption2, line),
		},
		tax:    read(b, r, fieldTax, taxClass),
		weight: int(readOptional(b, r, fieldWeight, upTo(maxCount))),
	}
	l.price.Regular = read(b, r, fieldRegular, amount)
	l.stock = b.stockLine(r)
	if readOptional(b, r, fieldSubscribable, yesNo) {
		l.price.Subscription = read(b, r, fieldSubscription, amount)
		l.price.First = readOptional(b, r, fieldFirst, amount)
		l.plan = b.planLine(r)
	} else if !b.bad[cell{r.number, fieldSubscribable}] {
		for _, field := range []string{fieldSubscription, fieldFirst} {
			if b.text(r, field) != "" {
				b.refuse(r, field, fault.Field("", "import.subscription.off"))
			}
		}
	}
	b.comparePrices(l)
	return l
}

// comparePrices refuses prices that rise where they should fall: nearly always a
// slipped digit, and a customer would be charged it.
func (b *book) comparePrices(l productLine) {
	p := l.price
	if p.Regular > 0 && p.Subscription > p.Regular {
		b.refuse(l.row, fieldSubscription, fault.Field("", "import.price.above", "Other", b.columns.name[fieldRegular]))
	}
	if p.Subscription > 0 && p.First > p.Subscription {
		b.refuse(l.row, fieldFirst, fault.Field("", "import.price.above", "Other", b.columns.name[fieldSubscription]))
	}
}

func (b *book) stockLine(r row) *stockLine {
	if b.text(r, fieldStock) == "" && b.text(r, fieldExpected) == "" && b.text(r, fieldExpectedDate) == "" {
		return nil
	}
	s := stockLine{
		onHand:       read(b, r, fieldStock, upTo(maxCount)),
		expected:     readOptional(b, r, fieldExpected, upTo(maxCount)),
		expectedDate: readOptional(b, r, fieldExpectedDate, date),
	}
	if s.expected > 0 && b.text(r, fieldExpectedDate) == "" {
		b.refuse(r, fieldExpectedDate, fault.Field("", "import.expected.no_date"))
	}
	if s.expected == 0 && !s.expectedDate.IsZero() {
		b.refuse(r, fieldExpected, fault.Field("", "import.expected.no_count"))
	}
	return &s
}

// newPlan is what a plan has that the file's columns do not say.
func newPlan() catalog.Plan {
	p := catalog.NewPlan()
	p.MaxQuantity, p.UntilCancelled, p.DeadlineNotice = 20, true, true
	return p
}

func (b *book) planLine(r row) *catalog.Plan {
	before := len(b.findings)
	p := newPlan()
	p.Cycles = read(b, r, fieldCycles, cycles)
	p.MinimumDeliveries = read(b, r, fieldMinimum, days)
	p.StaffGraceDays = read(b, r, fieldStaffGrace, days)
	p.CustomerGraceDays = read(b, r, fieldCustomerGrace, days)
	p.MaxPutOffDays = read(b, r, fieldPutOff, days)
	p.VisibleDeliveries = read(b, r, fieldVisible, days)
	if len(b.findings) > before {
		return &p // a fault of the whole would only repeat those of its parts
	}
	for _, why := range fault.All(p.Validate()) {
		b.refuse(r, planColumn[why.Field], why)
	}
	return &p
}

// planColumn is where the file says a field of catalog.Plan.
var planColumn = map[string]string{
	"cycles": fieldCycles, "minimum_deliveries": fieldMinimum,
	"staff_grace_days": fieldStaffGrace, "customer_grace_days": fieldCustomerGrace,
	"max_put_off_days": fieldPutOff, "visible_deliveries": fieldVisible,
}
