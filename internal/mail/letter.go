package mail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

// letter is a mail in words, before it has a form. Both forms, HTML and plain
// text, are made of it, so that neither can say less than the other.
type letter struct {
	Lang       string
	Subject    string
	Store      string
	Heading    string
	Addressee  string
	Paragraphs []string
	Waiting    []row // goods that are waited for
	Order      *orderTable
	Sections   []section
	Button     *button
	Footer     []string
}

// orderTable is what was ordered and what it costs.
type orderTable struct {
	Title      string
	Lines      []orderLine
	Steps      []step
	TotalLabel string
	Total      string
	Tax        []string
}

type orderLine struct{ Name, Detail, Amount string }

type step struct{ Label, Amount string }

// section is a table of labels and values. Of several lines the first matters
// most when the row is Leading, else all are equal.
type section struct {
	Title string
	Rows  []row
}

type row struct {
	Label   string
	Lines   []string
	Leading bool
}

// button is the one thing to do.
type button struct{ Label, URL, Note string }

// writer puts facts into words.
type writer struct {
	loc   *i18n.Localizer
	facts Facts
	store StoreFacts
}

func (w writer) t(key string, args ...any) string { return w.loc.T("mail."+key, args...) }

// compose writes the letter of an event.
func (w writer) compose(event Event) (letter, error) {
	if !slices.Contains(Events, event) {
		return letter{}, fmt.Errorf("no mail is written for the event %q", event)
	}
	l := letter{
		Lang:      string(w.loc.Lang()),
		Store:     w.store.Name,
		Subject:   w.about("subject", event),
		Heading:   w.about("heading", event),
		Addressee: w.loc.Addressee(w.facts.Customer),
		Footer:    w.footer(),
	}
	order := func() {
		l.Order = w.order()
		l.Sections = append(l.Sections, w.delivery())
	}
	switch event {
	case EventRegistration:
		l.Paragraphs = []string{w.t("body.registration"), w.t("body.registration.mistake")}
		l.Button = w.button("button.mypage", w.facts.Links.MyPage, "")
	case EventLoginCode:
		l.Paragraphs = []string{w.t("body.login_code"), w.t("body.login_code.mistake")}
		code := row{Label: w.t("login_code.code"), Lines: []string{w.facts.Code}, Leading: true}
		l.Sections = []section{{Title: w.t("login_code.title"), Rows: []row{code}}}
		l.Button = w.button("button.login_code", w.facts.Links.Code, "")
	case EventPasswordLink:
		l.Paragraphs = []string{w.t("body.password_link", "Store", w.store.Name), w.t("body.password_link.once"), w.t("body.password_link.mistake")}
		l.Button = w.button("button.password_link", w.facts.Links.Password, "")
	case EventContactReceived:
		l.Addressee = w.t("contact.staff", "Store", w.store.Name)
		l.Paragraphs = []string{w.t("body.contact_received")}
		l.Sections = []section{w.contact()}
		l.Button = w.button("button.reply", w.facts.Links.Reply, "")
	case EventContactReceipt:
		l.Paragraphs = []string{w.t("body.contact_receipt"), w.t("body.contact_receipt.mistake")}
		l.Sections = []section{w.contact()}
		l.Button = w.button("button.shop", w.facts.Links.Shop, "")
	case EventOrder:
		l.Paragraphs = []string{w.t("body.order") + w.payment()}
		order()
		l.Button = w.button("button.mypage", w.facts.Links.MyPage, "")
	case EventSubscriptionStart:
		l.Paragraphs = []string{w.t("body.subscription_start") + w.payment(), w.t("body.subscription_start.next")}
		order()
		l.Sections = append(l.Sections, w.started()...)
		l.Button = w.button("button.change", w.facts.Links.MyPage, "button.note")
	case EventSubscriptionOrder, EventDeadlineNotice:
		l.Paragraphs = []string{w.t("body."+string(event), "Box", w.facts.Box) + w.payment(), w.t("body.fixed") + w.next()}
		order()
		l.Sections = append(l.Sections, w.coming())
		l.Button = w.button("button.change", w.facts.Links.MyPage, "button.note")
	case EventPaymentFailed:
		l.Paragraphs = []string{w.failed(), w.byWhen("body.payment_failed"), w.t("body.crossed")}
		order()
		l.Button = w.button("button.pay", w.facts.Links.Pay, "button.note_safe")
	case EventAuthenticationNeeded:
		l.Paragraphs = []string{
			w.t("body.authentication_needed", "Order", w.facts.OrderNumber, "Amount", w.total()),
			w.byWhen("body.authentication_needed"), w.t("body.crossed"),
		}
		order()
		l.Button = w.button("button.authenticate", w.facts.Links.Pay, "button.note_safe")
	case EventStockOut:
		l.Paragraphs = []string{w.t("body.stock_out", "Box", w.facts.Box)}
		l.Waiting = w.waiting()
		l.Sections = append(l.Sections, w.coming())
		l.Button = w.button("button.change", w.facts.Links.MyPage, "")
	case EventStockSkipped:
		l.Paragraphs = []string{w.t("body.stock_skipped", "Date", w.facts.DeliveryDate)}
		l.Sections = append(l.Sections, w.coming())
		l.Button = w.button("button.change", w.facts.Links.MyPage, "")
	case EventPriceNotice:
		l.Paragraphs = []string{w.t("body.price_notice"), w.t("body.price_notice.free")}
		l.Sections = append(l.Sections, w.coming())
		l.Button = w.button("button.change", w.facts.Links.MyPage, "")
	case EventSubscriptionChanged, EventSubscriptionResumed:
		l.Paragraphs = []string{w.t("body." + string(event)), w.t("body.subscription_changed.mistake")}
		l.Sections = append(l.Sections, w.terms(), w.coming())
		l.Button = w.button("button.change", w.facts.Links.MyPage, "")
	case EventSubscriptionPaused, EventSubscriptionCancelled:
		// What was planned does not come, or not yet: no dates are promised.
		l.Paragraphs = []string{w.t("body." + string(event)), w.t("body.subscription_changed.mistake")}
		l.Button = w.button("button.mypage", w.facts.Links.MyPage, "")
	}
	l.Sections = slices.DeleteFunc(l.Sections, func(s section) bool { return len(s.Rows) == 0 })
	if l.Button == nil {
		return letter{}, fmt.Errorf("the %s mail has no link", event)
	}
	return l, nil
}

// about is the subject or heading of an event.
func (w writer) about(what string, event Event) string {
	return w.t(what+"."+string(event), "Store", w.store.Name, "Order", w.facts.OrderNumber,
		"Box", w.facts.Box, "Date", w.facts.DeliveryDate, "Number", w.facts.SubscriptionNumber)
}

// sentence joins what follows in the same paragraph as the language does.
func (w writer) sentence(s string) string {
	if w.loc.Lang() == i18n.En {
		return " " + s
	}
	return s
}

func (w writer) payment() string {
	switch {
	case w.facts.Payment.Method == "cod":
		return w.sentence(w.t("body.cod"))
	case w.facts.Payment.Paid:
		return w.sentence(w.t("body.paid"))
	case w.facts.Payment.Method == "card" && w.facts.Total.Minor > 0:
		return w.sentence(w.t("body.charging"))
	default:
		return ""
	}
}

func (w writer) next() string {
	if len(w.facts.Coming) == 0 {
		if w.facts.Count > 0 && w.facts.Box >= w.facts.Count {
			return w.sentence(w.t("body.last"))
		}
		return ""
	}
	next := w.facts.Coming[0]
	return w.sentence(w.t("body.next", "Box", next.Box, "Deadline", w.loc.DeadlineAt(next.Deadline, w.store.Zone)))
}

// failed says that the payment failed and what the customer may be told of the
// reason; never more than the public reason that the facts carry.
func (w writer) failed() string {
	key := "body.payment_failed.order"
	if w.facts.Box > 0 {
		key = "body.payment_failed.box"
	}
	said := w.t(key, "Box", w.facts.Box, "Order", w.facts.OrderNumber, "Amount", w.total())
	if w.facts.Reason != "" {
		said += w.sentence(w.loc.T(w.facts.Reason))
	}
	return said
}

func (w writer) byWhen(key string) string {
	if w.facts.PayBy.IsZero() {
		return w.t(key + ".soon")
	}
	return w.t(key+".by", "Deadline", w.loc.DeadlineAt(w.facts.PayBy, w.store.Zone))
}

func (w writer) total() string { return w.loc.MoneyTax(w.facts.Total) }

func (w writer) button(label, url, note string) *button {
	if url == "" {
		return nil
	}
	b := &button{Label: w.t(label), URL: url}
	if note != "" {
		b.Note = w.t(note)
	}
	return b
}

// order is the table of goods and steps; nil for facts without lines.
func (w writer) order() *orderTable {
	if len(w.facts.Lines) == 0 {
		return nil
	}
	table := &orderTable{
		Title:      w.t("order.title", "Order", w.facts.OrderNumber),
		TotalLabel: w.t("order.total_tax"),
		Total:      w.loc.Money(w.facts.Total),
	}
	if len(w.facts.Tax) == 0 {
		table.TotalLabel = w.t("order.total")
	}
	for _, line := range w.facts.Lines {
		table.Lines = append(table.Lines, orderLine{
			Name:   w.lineName(line) + w.reducedMark(line.BasisPoints),
			Detail: w.lineDetail(line),
			Amount: w.loc.Money(line.Amount),
		})
	}
	for _, a := range w.facts.Adjustments {
		table.Steps = append(table.Steps, step{w.loc.Reason(a.Key, a.Args, a.Amount.Currency), w.loc.Signed(a.Amount)})
	}
	if w.facts.Shipping.Minor > 0 {
		table.Steps = append(table.Steps, step{w.loc.T("price.reason.shipping"), w.loc.Money(w.facts.Shipping)})
	} else {
		table.Steps = append(table.Steps, step{w.loc.T("price.reason.shipping_free"), w.loc.Money(w.facts.Shipping)})
	}
	if w.facts.Fee.Minor > 0 {
		table.Steps = append(table.Steps, step{w.loc.T("price.reason.cod"), w.loc.Money(w.facts.Fee)})
	}
	for _, sum := range w.facts.Tax {
		table.Tax = append(table.Tax, w.taxLine(sum))
		if w.facts.TaxAdded {
			table.Steps = append(table.Steps, step{w.loc.T("price.reason.tax"), w.loc.Money(sum.Tax)})
		}
	}
	return table
}

func (w writer) lineName(line Line) string {
	if line.Option == "" {
		return line.Name
	}
	if w.loc.Lang() == i18n.En {
		return line.Name + ", " + line.Option
	}
	return line.Name + "　" + line.Option
}

// lineDetail is 定期価格 1,330円 × 2.
func (w writer) lineDetail(line Line) string {
	price := ""
	if key := strings.Replace(line.Reason, "price.reason.", "price.unit.", 1); w.loc.Has(key) {
		price = w.loc.T(key)
	}
	detail := w.t("order.detail", "Price", price, "Unit", line.Unit, "Quantity", line.Quantity)
	return strings.TrimSpace(detail)
}

// reducedMark is the ※ that an invoice puts beside goods of the reduced rate,
// where the order has goods of another.
func (w writer) reducedMark(basisPoints int64) string {
	if w.isReduced(basisPoints) {
		return " ※"
	}
	return ""
}

func (w writer) isReduced(basisPoints int64) bool {
	if basisPoints == 0 {
		return false
	}
	for _, sum := range w.facts.Tax {
		if sum.BasisPoints > basisPoints {
			return true
		}
	}
	return false
}

func (w writer) taxLine(sum TaxSum) string {
	key := "order.tax_included"
	if w.facts.TaxAdded {
		key = "order.tax_added"
	}
	if w.isReduced(sum.BasisPoints) {
		key += "_reduced"
	}
	return w.t(key, "Rate", w.loc.Percent(int(sum.BasisPoints)), "Amount", sum.Amount, "Tax", sum.Tax)
}

// contact repeats what was written to the shop.
func (w writer) contact() section {
	s := section{Title: w.t("contact.title")}
	if c := w.facts.Contact; c != nil {
		s.Rows = []row{
			{Label: w.t("contact.name"), Lines: []string{c.Name}},
			{Label: w.t("contact.mail"), Lines: []string{c.Mail}},
			{Label: w.t("contact.body"), Lines: strings.Split(c.Body, "\n")},
		}
	}
	return s
}

func (w writer) waiting() []row {
	var rows []row
	for _, line := range w.facts.Lines {
		rows = append(rows, row{Label: w.lineName(line), Lines: []string{w.t("waiting.quantity", "Quantity", line.Quantity)}})
	}
	return rows
}

// delivery says when, where to and how it is paid.
func (w writer) delivery() section {
	s := section{Title: w.t("delivery.title")}
	if !w.facts.DeliveryDate.IsZero() {
		when := []string{w.loc.DateYear(w.facts.DeliveryDate)}
		if w.facts.TimeSlot != "" {
			when = append(when, w.loc.Slot(w.facts.TimeSlot))
		}
		if w.facts.ShippingMethod != "" {
			when = append(when, w.facts.ShippingMethod)
		}
		s.Rows = append(s.Rows, row{Label: w.t("delivery.date"), Lines: []string{strings.Join(when, "　")}})
	}
	if !w.facts.ShippingDate.IsZero() {
		s.Rows = append(s.Rows, row{Label: w.t("delivery.ship_date"), Lines: []string{w.loc.DateYear(w.facts.ShippingDate)}})
	}
	if w.facts.Address != nil {
		lines := append([]string{w.loc.Addressee(w.facts.Address.Name)}, w.loc.Address(*w.facts.Address)...)
		s.Rows = append(s.Rows, row{Label: w.t("delivery.address"), Lines: lines})
	}
	if how := w.paidBy(); how != "" {
		s.Rows = append(s.Rows, row{Label: w.t("delivery.payment"), Lines: []string{how + "　" + w.total()}})
	}
	return s
}

func (w writer) paidBy() string {
	switch {
	case w.facts.Payment.Method == "cod":
		return w.t("payment.cod")
	case w.facts.Payment.Last4 != "":
		return w.t("payment.card", "Brand", brandName(w.facts.Payment.Brand), "Last4", w.facts.Payment.Last4)
	case w.facts.Payment.Method != "":
		return w.loc.T("state.method." + w.facts.Payment.Method)
	default:
		return ""
	}
}

// brandNames are how card networks write themselves; gateways write them small.
var brandNames = map[string]string{
	"visa": "Visa", "mastercard": "Mastercard", "jcb": "JCB", "amex": "American Express",
	"diners": "Diners Club", "discover": "Discover", "unionpay": "UnionPay",
}

func brandName(brand string) string {
	if name, ok := brandNames[brand]; ok {
		return name
	}
	return brand
}

// started are what was agreed of every subscription that the order starts and its
// deliveries to come: a reader must find in one place what each of them costs, when
// it can still be changed and how it ends (特定商取引法 12条の6 asks it of the page
// before; the mail is its record).
func (w writer) started() []section {
	if len(w.facts.Started) < 2 {
		return []section{w.terms(), w.coming()}
	}
	var sections []section
	for _, s := range w.facts.Started {
		own := w
		own.facts.SubscriptionNumber, own.facts.Cycle, own.facts.Anchor = s.SubscriptionNumber, s.Cycle, s.Anchor
		own.facts.Count, own.facts.Minimum, own.facts.Coming = s.Count, s.Minimum, s.Coming
		terms, coming := own.terms(), own.coming()
		terms.Title, coming.Title = w.t("terms.title_of", "Name", s.Name), w.t("coming.title_of", "Name", s.Name)
		sections = append(sections, terms, coming)
	}
	return sections
}

// terms repeat what was agreed, as the confirmation page said it.
func (w writer) terms() section {
	s := section{Title: w.t("terms.title")}
	add := func(label, value string) {
		s.Rows = append(s.Rows, row{Label: w.t(label), Lines: []string{value}})
	}
	if w.facts.SubscriptionNumber != "" {
		add("terms.number", w.facts.SubscriptionNumber)
	}
	if w.facts.Cycle.Valid() {
		add("terms.cycle", w.loc.CycleFrom(w.facts.Cycle, w.facts.Anchor))
	}
	if w.facts.Count > 0 {
		add("terms.count", w.t("terms.count_fixed", "Count", w.facts.Count))
	} else {
		add("terms.count", w.t("terms.count_open"))
	}
	if w.facts.Minimum > 1 {
		add("terms.minimum", w.t("terms.minimum_count", "Count", w.facts.Minimum))
		add("terms.cancel", w.t("terms.cancel_minimum", "Count", w.facts.Minimum))
	} else {
		add("terms.cancel", w.t("terms.cancel_any"))
	}
	return s
}

// coming lists the later deliveries with their deadlines. Below the minimum a
// delivery can be changed but not cancelled.
func (w writer) coming() section {
	s := section{Title: w.t("coming.title")}
	for _, c := range w.facts.Coming {
		until := "coming.until"
		if c.Box <= w.facts.Minimum {
			until = "coming.until_change"
		}
		s.Rows = append(s.Rows, row{
			Label: w.t("coming.box", "Box", strconv.Itoa(c.Box)),
			Lines: []string{
				w.t("coming.what", "Date", c.Date, "Amount", c.Total),
				w.t(until, "Deadline", w.loc.DeadlineAt(c.Deadline, w.store.Zone)),
			},
			Leading: true,
		})
	}
	return s
}

func (w writer) footer() []string {
	name := w.store.LegalName
	if name == "" {
		name = w.store.Name
	}
	lines := []string{name + "　" + strings.Join(w.loc.Address(w.store.Address), " ")}
	var contact []string
	switch {
	case w.store.Phone != "" && w.store.Hours != "":
		contact = append(contact, w.t("footer.phone_hours", "Phone", w.store.Phone, "Hours", w.store.Hours))
	case w.store.Phone != "":
		contact = append(contact, w.t("footer.phone", "Phone", w.store.Phone))
	}
	if w.store.Mail != "" {
		contact = append(contact, w.store.Mail)
	}
	if len(contact) > 0 {
		lines = append(lines, strings.Join(contact, "　"))
	}
	if w.store.Registration != "" {
		lines = append(lines, w.t("footer.registration", "Number", w.store.Registration))
	}
	return append(lines, w.t("footer.why"))
}
