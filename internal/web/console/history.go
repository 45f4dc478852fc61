package console

import (
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
)

// attempts words the calls to the gateway for payments of a customer's orders,
// the newest first.
func (v *visit) attempts(customerID ident.ID, orders []order.Order, payments []payment.Payment) ([]Attempt, error) {
	numbers := map[ident.ID]string{}
	for _, o := range orders {
		numbers[o.ID] = o.Number
	}
	of := map[ident.ID]payment.Payment{}
	ids := make([]ident.ID, len(payments))
	for i, p := range payments {
		of[p.ID], ids[i] = p, p.ID
	}
	list, err := db.AttemptsOf(v.ctx, v.db(), v.shop.ID, ids)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	cards, err := db.CardsOf(v.ctx, v.db(), v.shop.ID, customerID)
	if err != nil {
		return nil, err
	}
	byGateway, byID := map[string]customer.Card{}, map[ident.ID]customer.Card{}
	for _, c := range cards {
		byGateway[c.GatewayID], byID[c.ID] = c, c
	}
	worded := make([]Attempt, len(list))
	for i, a := range slices.Backward(list) {
		p := of[a.PaymentID]
		card, known := byGateway[a.Params.PaymentMethod]
		if !known {
			card = byID[p.CardID]
		}
		number := numbers[p.OrderID]
		worded[len(list)-1-i] = Attempt{
			When: v.when(a.StartedAt), Order: number, OrderPath: orderPath(number), No: a.No,
			Step:   v.words.T("console.step." + string(a.Step)),
			Result: Tag{Text: v.words.T("console.attempt." + string(a.State)), Tone: attemptTones[a.State]},
			Amount: p.Amount, Card: v.card(card),
		}
		worded[len(list)-1-i].Reason, worded[len(list)-1-i].Code = v.attemptReason(a)
	}
	return worded, nil
}

// attemptReason says why a call did not succeed, in words and as the gateway's
// code, which staff may be asked for.
func (v *visit) attemptReason(a payment.Attempt) (reason, code string) {
	if a.State == payment.AttemptUnknown {
		return v.words.T("console.attempt.reason.unknown"), a.Code
	}
	for _, c := range []string{a.Decline, a.Code} {
		if reason := v.decline(c); reason != "" {
			return reason, c
		}
	}
	if a.State == payment.AttemptDeclined {
		return v.words.T("console.decline.other"), a.Decline + a.Code
	}
	return "", a.Code
}

// trail words what happened to any of the nouns, the newest first, a line for
// each changed field.
func (v *visit) trail(nouns []ident.ID) ([]AuditLine, error) {
	list, err := db.AuditTrail(v.ctx, v.db(), v.shop.ID, nouns, trailLength)
	if err != nil {
		return nil, err
	}
	members, err := db.StaffOf(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return nil, err
	}
	names := map[ident.ID]string{}
	for _, m := range members {
		names[m.ID] = m.Name
	}
	var lines []AuditLine
	for _, l := range list {
		lines = append(lines, v.auditLines(l, names)...)
	}
	return lines, nil
}

func (v *visit) auditLines(l audit.Line, staff map[ident.ID]string) []AuditLine {
	actor := v.words.T("console.actor." + string(l.Actor.Kind))
	if name := staff[l.Actor.ID]; name != "" {
		actor = name
	}
	what := v.verb(l.Verb)
	if len(l.Changes) == 0 {
		return []AuditLine{{When: v.when(l.At), Actor: actor, What: what}}
	}
	fields := make([]string, 0, len(l.Changes))
	for field := range l.Changes {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	lines := make([]AuditLine, len(fields))
	for i, field := range fields {
		c := l.Changes[field]
		lines[i] = AuditLine{
			When: v.when(l.At), Actor: actor, What: what, Again: i > 0,
			Before: v.changed(field, l.Noun, c.Before), After: v.changed(field, l.Noun, c.After),
		}
		if key := "console.field." + field; len(fields) > 1 && v.words.Has(key) {
			lines[i].What = v.words.T("console.audit.field", "What", what, "Field", v.words.T(key))
		}
		if l.Noun == "store" {
			lines[i].What = v.words.T("console.audit.field", "What", what, "Field", v.settingField(field))
			lines[i].Before, lines[i].After = v.settingValue(field, c.Before), v.settingValue(field, c.After)
		}
		if l.Noun == "product" {
			lines[i].What = v.words.T("console.audit.field", "What", what, "Field", v.productField(field))
		}
	}
	return lines
}

func (v *visit) verb(verb string) string {
	if key := "console.audit." + verb; v.words.Has(key) {
		return v.words.T(key)
	}
	return v.words.T("console.audit.other", "Verb", verb)
}

// changed words one value of a changed field: a state, a cause, a date, an
// amount; anything else stays as it is.
func (v *visit) changed(field, noun, value string) string {
	if value == "" {
		return ""
	}
	if noun == "product" {
		if worded, known := v.productValue(field, value); known {
			return worded
		}
	}
	for _, prefix := range []string{
		"state." + field + ".", "state." + noun + ".", "state.cause.", "console.decline.",
	} {
		if v.words.Has(prefix + value) {
			return v.words.T(prefix + value)
		}
	}
	if key := "alert." + value + ".title"; field == "alert" && v.words.Has(key) {
		return v.words.T(key)
	}
	if date, err := calendar.ParseDate(value); err == nil {
		return v.words.DateShort(date)
	}
	if minor, currency, ok := strings.Cut(value, " "); ok && len(currency) == 3 {
		if n, err := strconv.ParseInt(minor, 10, 64); err == nil {
			return v.words.Money(money.Of(n, money.Currency(currency)))
		}
	}
	return value
}

// mails words mails of the outbox. A mail gets its subject when it is sent.
func (v *visit) mails(list []db.Mail) []Mail {
	worded := make([]Mail, len(list))
	for i, m := range list {
		event := v.words.T("console.event.other")
		if key := "console.event." + m.Event; v.words.Has(key) {
			event = v.words.T(key)
		}
		at := m.SentAt
		if at.IsZero() {
			at = m.CreatedAt
		}
		worded[i] = Mail{
			When: v.when(at), Subject: m.Subject, Event: event, To: m.Recipient,
			State: Tag{Text: v.words.T("console.mail." + m.State), Tone: mailTones[m.State]},
		}
		if m.Subject == "" {
			worded[i].Subject = event
		}
		if m.LastError != "" {
			worded[i].Error, _ = v.mailTrouble(m.LastError)
			worded[i].Raw = m.LastError
		}
	}
	return worded
}
