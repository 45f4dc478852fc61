package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
)

// Tones of tags.
const (
	toneOK   = "ok"
	toneWarn = "warn"
	toneCrit = "crit"
	toneInfo = "info"
)

var paymentTones = map[order.PaymentState]string{
	order.PaymentAwaiting: toneInfo, order.PaymentDue: toneInfo, order.PaymentPaid: toneOK,
	order.PaymentFailing: toneCrit, order.PaymentUnknown: toneWarn, order.PaymentCOD: toneInfo,
	order.PaymentCollected: toneOK, order.PaymentZero: toneOK,
}

var fulfilmentTones = map[order.FulfilmentState]string{
	order.FulfilmentHeld: toneWarn, order.FulfilmentReady: toneInfo, order.FulfilmentInstructed: toneInfo,
	order.FulfilmentShipped: toneOK, order.FulfilmentDelivered: toneOK,
}

var subscriptionTones = map[subscription.State]string{
	subscription.StateAwaitingPayment: toneInfo, subscription.StateActive: toneOK, subscription.StatePaused: toneWarn,
}

var deliveryTones = map[subscription.DeliveryState]string{
	subscription.DeliveryOrdered: toneInfo, subscription.DeliveryShipped: toneOK, subscription.DeliveryDelivered: toneOK,
	subscription.DeliveryHeld: toneWarn, subscription.DeliveryBlocked: toneCrit,
}

var attemptTones = map[payment.AttemptState]string{
	payment.AttemptOpen: toneInfo, payment.AttemptUnknown: toneWarn, payment.AttemptSucceeded: toneOK,
	payment.AttemptDeclined: toneCrit, payment.AttemptFailed: toneCrit,
}

var mailTones = map[string]string{db.MailWaiting: toneInfo, db.MailSent: toneOK, db.MailRefused: toneCrit}

func (v *visit) paymentTag(s order.PaymentState) Tag {
	return Tag{Text: v.words.T("state.payment." + string(s)), Tone: paymentTones[s]}
}

func (v *visit) fulfilmentTag(s order.FulfilmentState) Tag {
	return Tag{Text: v.words.T("state.fulfilment." + string(s)), Tone: fulfilmentTones[s]}
}

func (v *visit) subscriptionTag(s subscription.State) Tag {
	return Tag{Text: v.words.T("state.subscription." + string(s)), Tone: subscriptionTones[s]}
}

// when writes an instant by the shop's clocks, with the year where it is not
// this one.
func (v *visit) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	date := calendar.DateOf(t.In(v.shop.Location))
	text := v.words.DateShort(date)
	if date.Year != v.today().Year {
		text = v.words.DateYear(date)
	}
	return v.words.T("console.when", "Date", text, "Time", v.words.Time(t, v.shop.Location))
}

// items writes a number of things: 12件.
func (v *visit) items(n int) string { return v.words.Plural("console.count.items", n) }

// number groups a count: 4,799.
func (v *visit) number(n int) string { return v.words.Number(int64(n)) }

func (v *visit) pays(method string) string {
	if method == string(pricing.MethodCOD) {
		return v.words.T("console.pays.cod")
	}
	return v.words.T("console.pays.card")
}

// addressee is the name with what politeness adds.
func (v *visit) addressee(c customer.Customer) string { return v.words.Addressee(c.Name) }

func kana(n place.Name) string { return strings.TrimSpace(n.FamilyKana + " " + n.GivenKana) }

// card is a stored card in words, "" for none. Of one that moved in from another
// cart the gateway has not told the number yet.
func (v *visit) card(c customer.Card) string {
	switch {
	case c.ID.IsZero():
		return ""
	case c.Last4 == "":
		return v.words.T("console.card.moved")
	}
	return v.words.T("console.card", "Brand", frame.Brand(c.Brand), "Last4", c.Last4)
}

func (v *visit) cardWithExpiry(c customer.Card) string {
	if c.Last4 == "" {
		return v.card(c)
	}
	return v.words.T("console.card.expiry", "Card", v.card(c),
		"Month", fmt.Sprintf("%02d", c.ExpMonth), "Year", strconv.Itoa(c.ExpYear))
}

// decline is what a decline code means to staff, empty for codes we have no
// words for: the code itself stands beside it.
func (v *visit) decline(code string) string {
	if key := "console.decline." + code; code != "" && v.words.Has(key) {
		return v.words.T(key)
	}
	return ""
}

// taxFacts say what each rate bears.
func (v *visit) taxFacts(sums []order.TaxSum, currency money.Currency) []Fact {
	facts := make([]Fact, len(sums))
	for i, s := range sums {
		facts[i] = Fact{
			Label: v.words.T("console.tax.line", "Rate", v.words.Percent(int(s.BasisPoints)), "Amount", money.Of(s.Amount, currency)),
			Text:  v.words.Money(money.Of(s.Tax, currency)),
		}
	}
	return facts
}

// unitNote says why a unit price is what it is, and its tax rate.
func (v *visit) unitNote(reason string, basisPoints int64) string {
	rate := v.words.Percent(int(basisPoints))
	if key := "price.unit." + strings.TrimPrefix(reason, "price.reason."); v.words.Has(key) {
		return v.words.T(key) + "・" + rate
	}
	return rate
}

// nameOf is the language of a text where it is not the page's.
func (v *visit) nameOf(lang i18n.Lang) string {
	if lang == v.words.Lang() {
		return ""
	}
	return string(lang)
}

// goods names a variant of a product, and in which language the name is.
func (v *visit) goods(p catalog.Product) (name, nameOf string) {
	lang := string(v.words.Lang())
	text, ok := p.Texts[lang]
	if ok && text.Name != "" {
		return text.Name, ""
	}
	return p.Text(lang).Name, v.nameOf(i18n.Ja)
}
