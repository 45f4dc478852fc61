package faulttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// Places in the books of goodBooks.
const (
	paid = iota
	refused
	cod
	soldOut
	missed
)

// goodBooks are of five subscriptions: one paid by card, one refused, one cash on
// delivery, one without stock and one that missed its box after a downtime.
func goodBooks() Books {
	newID := fixture.IDs()
	variant := newID()
	b := Books{
		Now: fixture.Start, OnHand: map[ident.ID]int64{variant: 10},
		Stock:   map[ident.ID]db.StockCount{variant: {OnHand: 10, Reserved: 3}},
		Intents: map[string]int{"succeeded": 1, "requires_payment_method": 1},
	}
	const total = 1_980
	for i := range missed + 1 {
		s := subscription.Subscription{ID: newID(), BoxesOrdered: firstBox}
		d := subscription.Delivery{ID: newID(), SubscriptionID: s.ID, Slot: 2, Deadline: fixture.Start.Add(-time.Hour)}
		ahead := subscription.Delivery{
			ID: newID(), SubscriptionID: s.ID, Slot: 3, Deadline: fixture.Start.Add(time.Hour), State: subscription.DeliveryPlanned,
		}
		b.Due = append(b.Due, d.ID)
		switch i {
		case soldOut:
			d.State, d.Cause = subscription.DeliveryBlocked, subscription.CauseStockOut
			b.Alerts = append(b.Alerts, alert.Alert{Kind: alert.KindStockOut, SubjectID: d.ID})
		case missed:
			d.State, d.Cause = subscription.DeliverySkipped, subscription.CauseMissed
			b.Alerts = append(b.Alerts, alert.Alert{Kind: alert.KindMissed, SubjectID: d.ID})
		default:
			s.BoxesOrdered++
			d.State, d.Box, d.OrderID = subscription.DeliveryOrdered, s.BoxesOrdered, newID()
			b.bookOrder(newID, i, d, variant, total)
		}
		b.Audit = append(b.Audit, audit.Line{Verb: "delivery." + string(d.State), NounID: s.ID})
		b.Subscriptions = append(b.Subscriptions, s)
		b.Deliveries = append(b.Deliveries, d, ahead)
	}
	return b
}

// bookOrder writes what belongs to an order with the i-th outcome.
func (b *Books) bookOrder(newID ident.Generator, i int, d subscription.Delivery, variant ident.ID, total int64) {
	o := order.Order{
		ID: d.OrderID, Number: d.OrderID.String()[30:], SubscriptionID: d.SubscriptionID, Box: d.Box,
		Goods: total - 650, Shipping: 650, Total: total,
		Lines: []order.Line{{VariantID: variant, Quantity: 1, Total: total - 650}},
	}
	p := payment.Payment{ID: newID(), OrderID: o.ID, Kind: payment.KindMain, Amount: money.Of(total, "JPY")}
	b.Audit = append(b.Audit, audit.Line{Verb: "order.created", NounID: o.ID})
	event := "subscription_order"
	charge := thread.Charge{Intent: "pi_" + o.Number, Amount: total, Metadata: map[string]string{"payment_id": p.ID.String()}}
	attempt := payment.Attempt{ID: newID(), PaymentID: p.ID, Step: payment.StepConfirm}
	switch i {
	case paid:
		o.Payment, p.State, p.IntentID = order.PaymentPaid, payment.StatePaid, charge.Intent
		charge.Status, attempt.State = "succeeded", payment.AttemptSucceeded
		b.Audit = append(b.Audit, audit.Line{Verb: "order.paid", NounID: o.ID})
	case refused:
		o.Payment, p.State, p.IntentID, p.Failures = order.PaymentFailing, payment.StateAction, charge.Intent, 1
		charge.Status, attempt.State, event = "failed", payment.AttemptDeclined, "payment_failed"
		b.Audit = append(b.Audit, audit.Line{Verb: "payment.declined", NounID: o.ID})
		b.Alerts = append(b.Alerts, alert.Alert{Kind: alert.KindPaymentFailed, SubjectID: o.ID})
	default:
		o.Payment, p.State = order.PaymentCOD, payment.StateCODDue
	}
	if p.State != payment.StateCODDue {
		b.Charges, b.Attempts = append(b.Charges, charge), append(b.Attempts, attempt)
	}
	m := db.Mail{
		OrderID: o.ID, Event: event, State: db.MailSent, Recipient: "c@example.jp", MessageID: o.Number + "@teiki",
	}
	b.Orders, b.Payments, b.Mails = append(b.Orders, o), append(b.Payments, p), append(b.Mails, m)
	b.Received = append(b.Received, mailbox.Summary{MessageID: m.MessageID, To: m.Recipient})
}

func TestGoodBooksHaveNoViolations(t *testing.T) {
	if violations := Check(goodBooks()); len(violations) > 0 {
		t.Errorf("found %q", violations)
	}
}

func TestAMailMayComeTwiceUnderOneMessageID(t *testing.T) {
	b := goodBooks()
	b.Received = append(b.Received, b.Received[0])
	if violations := Check(b); len(violations) > 0 {
		t.Errorf("found %q", violations)
	}
}

// Each case plants one thing that must never happen into good books.
func TestPlantedViolationsAreFound(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plant func(b *Books)
		want  string
	}{
		{"a due delivery that nobody looked at", func(b *Books) { b.Deliveries[2*soldOut].State = subscription.DeliveryPlanned }, "is still planned"},
		{"a due delivery that is gone", func(b *Books) { b.Deliveries = b.Deliveries[1:] }, "is gone"},
		{"a delivery ordered too early", func(b *Books) { b.Deliveries[1].State = subscription.DeliveryHeld }, "before its deadline"},
		{"an ordered delivery without its order", func(b *Books) { b.Deliveries[0].OrderID = ident.ID{} }, "carried by an order: false"},
		{"a skipped delivery in an order", func(b *Books) { b.Deliveries[2*missed].OrderID = b.Orders[paid].ID }, "carried by an order: true"},
		{"an order with two deliveries", func(b *Books) { b.Deliveries[2*soldOut].OrderID = b.Orders[paid].ID }, "carries 2 deliveries"},
		{"two boxes at once", func(b *Books) { b.Deliveries[2*cod].SubscriptionID = b.Subscriptions[paid].ID }, "got 2 boxes"},
		{"a box that is not counted", func(b *Books) { b.Subscriptions[paid].BoxesOrdered-- }, "counts 1 boxes"},
		{"two orders for one box", func(b *Books) {
			twin := b.Orders[cod]
			twin.ID, twin.Number = ident.ID{1}, "twin"
			b.Orders = append(b.Orders, twin)
		}, "are for the same box"},
		{"an order nobody has to pay", func(b *Books) { b.Payments = b.Payments[1:] }, "has 0 main payments"},
		{"two payments for an order", func(b *Books) {
			twin := b.Payments[cod]
			twin.ID = ident.ID{1}
			b.Payments = append(b.Payments, twin)
		}, "has 2 main payments"},
		{"a payment over another amount", func(b *Books) { b.Payments[paid].Amount.Minor++ }, "payment over 1981 of 1980"},
		{"an order that does not add up", func(b *Books) { b.Orders[cod].Fee = 330 }, "do not make 1980"},
		{"a paid order without a charge", func(b *Books) { b.Charges = b.Charges[1:] }, "payment paid with 0 successful charges"},
		{"a charge the shop does not know of", func(b *Books) { b.Charges[refused].Status = "succeeded" }, "payment action with 1 successful charges"},
		{"two charges of one intent", func(b *Books) { b.Charges = append(b.Charges, b.Charges[paid]) }, "was charged 2 times"},
		{"two intents of one payment", func(b *Books) {
			twin := b.Charges[paid]
			twin.Intent = "pi_twin"
			b.Charges = append(b.Charges, twin)
		}, "a charge of intent pi_twin"},
		{"a second intent that was refused", func(b *Books) {
			twin := b.Charges[paid]
			twin.Intent, twin.Status = "pi_twin", "failed"
			b.Charges = append(b.Charges, twin)
		}, "a charge of intent pi_twin"},
		{"a charge over another amount", func(b *Books) { b.Charges[paid].Amount-- }, "was charged 1979"},
		{"a charge for nothing", func(b *Books) {
			b.Charges = append(b.Charges, thread.Charge{Status: "succeeded", Amount: 1, Customer: "cus_x"})
		}, "belongs to no payment"},
		{"an intent that was made and forgotten", func(b *Books) { b.Intents["requires_confirmation"] = 1 }, "the gateway has 3 intents"},
		{"the gateway's own count", func(b *Books) { b.ChargedTwice = 1 }, "charged 1 intents twice"},
		{"a refusal asked for twice", func(b *Books) { b.Charges = append(b.Charges, b.Charges[refused]) }, "2 times asked"},
		{"a refusal counted twice", func(b *Books) { b.Payments[refused].Failures++ }, "2 failures counted"},
		{"money that is nowhere yet", func(b *Books) {
			b.Orders[paid].Payment, b.Payments[paid].State = order.PaymentDue, payment.StateDue
		}, "is due, its payment due"},
		{"an order and its payment at odds", func(b *Books) { b.Orders[paid].Payment = order.PaymentFailing }, "is failing, its payment paid"},
		{"an attempt left open", func(b *Books) { b.Attempts[paid].State = payment.AttemptOpen }, "is open"},
		{"stock reserved for nobody", func(b *Books) { b.reserve(4) }, "4 reserved, orders hold 3"},
		{"an order without its stock", func(b *Books) { b.reserve(2) }, "2 reserved, orders hold 3"},
		{"more reserved than there is", func(b *Books) {
			b.Orders[cod].Lines[0].Quantity = 9
			b.reserve(11)
		}, "11 reserved of 10"},
		{"goods that went", func(b *Books) {
			for id := range b.OnHand {
				b.OnHand[id]++
			}
		}, "10 on hand, 11 before"},
		{"a total that is not the sum of its rows", func(b *Books) { b.Astray = 1 }, "1 totals are not"},
		{"a mail that was never received", func(b *Books) { b.Received = b.Received[1:] }, "was never received"},
		{"a mail that still waits", func(b *Books) { b.Mails[cod].State = db.MailWaiting }, "waits after"},
		{"a mail that was refused", func(b *Books) { b.Mails[cod].State = db.MailRefused }, "is refused"},
		{"two mails under one Message-ID", func(b *Books) { b.Mails[cod].MessageID = b.Mails[paid].MessageID }, "two mails have"},
		{"a mail nobody wrote", func(b *Books) { b.Received[0].MessageID = "other@teiki" }, "the mail server took other@teiki"},
		{"a mail to somebody else", func(b *Books) { b.Received[0].To = "d@example.jp" }, "for d@example.jp"},
		{"an order without its mail", func(b *Books) { b.Mails, b.Received = b.Mails[1:], b.Received[1:] }, "0 order mails"},
		{"a refusal nobody is told of", func(b *Books) { b.Mails[refused].Event = "deadline_notice" }, "0 failure mails"},
		{"an order without audit line", func(b *Books) { b.forget("order.created", b.Orders[cod].ID) }, "0 audit lines order.created"},
		{"an order paid twice by the audit", func(b *Books) {
			b.Audit = append(b.Audit, audit.Line{Verb: "order.paid", NounID: b.Orders[paid].ID})
		}, "2 audit lines order.paid"},
		{"a delivery without audit line", func(b *Books) { b.forget("delivery.blocked", b.Subscriptions[soldOut].ID) }, "without an audit line"},
		{"a failing order without alert", func(b *Books) { b.Alerts = b.Alerts[1:] }, "staff are told of a failure: false"},
		{"a paid order with an alert", func(b *Books) { b.Alerts[0].SubjectID = b.Orders[paid].ID }, "staff are told of a failure: true"},
		{"a blocked delivery without alert", func(b *Books) { b.Alerts = slices.Delete(b.Alerts, 1, 2) }, "(stock_out) without an alert"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := goodBooks()
			tc.plant(&b)
			violations := Check(b)
			if !slices.ContainsFunc(violations, func(v string) bool { return strings.Contains(v, tc.want) }) {
				t.Errorf("found %q, want one with %q", violations, tc.want)
			}
		})
	}
}

func (b *Books) reserve(pieces int64) {
	for id, s := range b.Stock {
		s.Reserved = pieces
		b.Stock[id] = s
	}
}

func (b *Books) forget(verb string, noun ident.ID) {
	b.Audit = slices.DeleteFunc(b.Audit, func(l audit.Line) bool { return l.Verb == verb && l.NounID == noun })
}
