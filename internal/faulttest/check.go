package faulttest

import (
	"fmt"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// Check compares the books after all has converged and returns what breaks
// exactly-once, one sentence each; none when everything happened once. It
// expects the orders of deadline runs only, each with one delivery.
func Check(b Books) []string {
	c := newChecker(b)
	c.deliveries()
	c.orders()
	c.payments()
	c.charges()
	c.stock()
	c.mails()
	c.traces()
	c.totals()
	return append(c.violations, b.Unfinished()...)
}

// checker holds the books by what rules ask for.
type checker struct {
	Books
	violations []string

	delivery      map[ident.ID]subscription.Delivery
	order         map[ident.ID]order.Order
	carries       map[ident.ID][]subscription.Delivery // by order
	paymentsOf    map[ident.ID][]payment.Payment       // by order
	payment       map[string]payment.Payment           // by id as metadata has it
	chargesOf     map[string][]thread.Charge           // by payment
	subscriptions map[ident.ID]subscription.Subscription
	mailsOf       map[ident.ID][]db.Mail    // by order
	trail         map[ident.ID][]string     // verbs by noun
	alerts        map[ident.ID][]alert.Kind // by subject
	declined      map[ident.ID]int          // declined attempts by payment
	missing       map[ident.ID]int          // of them those whose card the gateway did not find: the bank was not asked
}

func newChecker(b Books) *checker {
	c := &checker{
		Books: b, delivery: map[ident.ID]subscription.Delivery{}, order: map[ident.ID]order.Order{},
		carries: map[ident.ID][]subscription.Delivery{}, paymentsOf: map[ident.ID][]payment.Payment{},
		payment: map[string]payment.Payment{}, chargesOf: map[string][]thread.Charge{},
		subscriptions: map[ident.ID]subscription.Subscription{}, mailsOf: map[ident.ID][]db.Mail{},
		trail: map[ident.ID][]string{}, alerts: map[ident.ID][]alert.Kind{},
		declined: map[ident.ID]int{}, missing: map[ident.ID]int{},
	}
	for _, d := range b.Deliveries {
		c.delivery[d.ID] = d
		if !d.OrderID.IsZero() {
			c.carries[d.OrderID] = append(c.carries[d.OrderID], d)
		}
	}
	for _, o := range b.Orders {
		c.order[o.ID] = o
	}
	for _, p := range b.Payments {
		c.paymentsOf[p.OrderID] = append(c.paymentsOf[p.OrderID], p)
		c.payment[p.ID.String()] = p
	}
	for _, x := range b.Charges {
		c.chargesOf[x.Metadata["payment_id"]] = append(c.chargesOf[x.Metadata["payment_id"]], x)
	}
	for _, s := range b.Subscriptions {
		c.subscriptions[s.ID] = s
	}
	for _, m := range b.Mails {
		c.mailsOf[m.OrderID] = append(c.mailsOf[m.OrderID], m)
	}
	for _, l := range b.Audit {
		c.trail[l.NounID] = append(c.trail[l.NounID], l.Verb)
	}
	for _, a := range b.Alerts {
		c.alerts[a.SubjectID] = append(c.alerts[a.SubjectID], a.Kind)
	}
	for _, a := range b.Attempts {
		if a.State == payment.AttemptDeclined {
			c.declined[a.PaymentID]++
			c.missing[a.PaymentID] += count(a.Decline == "payment_method_missing")
		}
	}
	return c
}

func (c *checker) say(format string, args ...any) {
	c.violations = append(c.violations, fmt.Sprintf(format, args...))
}

// terms are where a due delivery may end (docs/rules.md, "The deadline run").
var terms = []subscription.DeliveryState{
	subscription.DeliveryOrdered, subscription.DeliverySkipped, subscription.DeliveryHeld,
	subscription.DeliveryBlocked, subscription.DeliveryCancelled,
}

// deliveries: each that fell due is in one term, ordered exactly when an order
// carries it, and a subscription gets one box at most.
func (c *checker) deliveries() {
	for _, id := range c.Due {
		if _, there := c.delivery[id]; !there {
			c.say("due delivery %s is gone", id)
		}
	}
	ordered := map[ident.ID]int{}
	for _, d := range c.Deliveries {
		if d.Deadline.After(c.Now) {
			if d.State != subscription.DeliveryPlanned && d.State != subscription.DeliveryCancelled {
				c.say("delivery %s is %s before its deadline", d.ID, d.State)
			}
			continue
		}
		if !slices.Contains(terms, d.State) {
			c.say("delivery %s fell due and is still %s", d.ID, d.State)
		}
		_, carried := c.order[d.OrderID]
		if (d.State == subscription.DeliveryOrdered) != carried {
			c.say("delivery %s is %s, carried by an order: %t", d.ID, d.State, carried)
		}
		if d.State == subscription.DeliveryOrdered {
			ordered[d.SubscriptionID]++
		}
	}
	for id, n := range ordered {
		if n > 1 {
			c.say("subscription %s got %d boxes at once", id, n)
		}
		if s := c.subscriptions[id]; s.BoxesOrdered != n+firstBox {
			c.say("subscription %s counts %d boxes, %d were ordered", s.Number, s.BoxesOrdered, n+firstBox)
		}
	}
}

// firstBox is the box that each subscription had before the work began.
const firstBox = 1

// orders: each carries one delivery and has one main payment over its total,
// which is the sum of its parts.
func (c *checker) orders() {
	boxes := map[string]string{}
	for _, o := range c.Orders {
		if n := len(c.carries[o.ID]); n != 1 {
			c.say("order %s carries %d deliveries", o.Number, n)
		}
		box := fmt.Sprintf("%s/%d", o.SubscriptionID, o.Box)
		if first, twice := boxes[box]; twice {
			c.say("orders %s and %s are for the same box %d", first, o.Number, o.Box)
		}
		boxes[box] = o.Number
		main := 0
		for _, p := range c.paymentsOf[o.ID] {
			if p.Kind == payment.KindMain && p.State != payment.StateVoid {
				main++
			}
			if p.Amount.Minor != o.Total {
				c.say("order %s: payment over %d of %d", o.Number, p.Amount.Minor, o.Total)
			}
		}
		if main != 1 {
			c.say("order %s has %d main payments", o.Number, main)
		}
		goods := int64(0)
		for _, l := range o.Lines {
			goods += l.Total
		}
		if goods != o.Goods || goods+o.Shipping+o.Fee != o.Total {
			c.say("order %s: lines %d, shipping %d and fee %d do not make %d", o.Number, goods, o.Shipping, o.Fee, o.Total)
		}
	}
}

// orderStates are the states that an order's money is in when its payment is in
// one of its own. Others are not the end of anything.
var orderStates = map[payment.State]order.PaymentState{
	payment.StatePaid: order.PaymentPaid, payment.StateCODDue: order.PaymentCOD, payment.StateZero: order.PaymentZero,
	payment.StateAction: order.PaymentFailing, payment.StateDue: order.PaymentFailing,
}

// payments: paid exactly when money was taken, once and all of it; a failing one
// was refused exactly as often as it counts.
func (c *checker) payments() {
	for _, p := range c.Payments {
		o := c.order[p.OrderID]
		if want := orderStates[p.State]; o.Payment != want || (p.State == payment.StateDue && p.Failures == 0) {
			c.say("order %s is %s, its payment %s after %d failures", o.Number, o.Payment, p.State, p.Failures)
		}
		taken, refused := 0, 0
		for _, x := range c.chargesOf[p.ID.String()] {
			if x.Intent != p.IntentID {
				c.say("order %s: a charge of intent %s, stored is %q", o.Number, x.Intent, p.IntentID)
			}
			if x.Status != "succeeded" {
				refused++
				continue
			}
			taken++
			if x.Amount != o.Total {
				c.say("order %s of %d was charged %d", o.Number, o.Total, x.Amount)
			}
		}
		if taken > 1 {
			c.say("order %s was charged %d times", o.Number, taken)
		}
		if (taken == 1) != (p.State == payment.StatePaid) {
			c.say("order %s: payment %s with %d successful charges", o.Number, p.State, taken)
		}
		if refused != p.Failures-c.missing[p.ID] || c.declined[p.ID] != p.Failures {
			c.say("order %s: %d failures counted, %d attempts declined, %d times asked by the bank's book",
				o.Number, p.Failures, c.declined[p.ID], refused)
		}
	}
}

// charges: the gateway took money for nothing else, and no intent that could
// still take some was made and forgotten.
func (c *checker) charges() {
	made, stored := 0, 0
	for _, n := range c.Intents {
		made += n
	}
	for _, p := range c.Payments {
		if p.IntentID != "" {
			stored++
		}
	}
	if made != stored {
		c.say("the gateway has %d intents %v, payments have %d", made, c.Intents, stored)
	}
	for _, x := range c.Charges {
		if _, ours := c.payment[x.Metadata["payment_id"]]; !ours {
			c.say("charge over %d of customer %s belongs to no payment", x.Amount, x.Customer)
		}
	}
	if c.ChargedTwice > 0 {
		c.say("the gateway charged %d intents twice", c.ChargedTwice)
	}
}

// stock: what is reserved is what the orders hold, and not more than there is.
func (c *checker) stock() {
	held := map[ident.ID]int64{}
	for _, o := range c.Orders {
		for _, l := range o.Lines {
			held[l.VariantID] += l.Quantity
		}
	}
	for variant, before := range c.OnHand {
		s := c.Stock[variant]
		if s.OnHand != before {
			c.say("variant %s: %d on hand, %d before", variant, s.OnHand, before)
		}
		if s.Reserved != held[variant] {
			c.say("variant %s: %d reserved, orders hold %d", variant, s.Reserved, held[variant])
		}
		if s.Reserved < 0 || s.Reserved > s.OnHand {
			c.say("variant %s: %d reserved of %d", variant, s.Reserved, s.OnHand)
		}
	}
}

// mails: the right ones were written for each order.
func (c *checker) mails() {
	c.sent()
	for _, o := range c.Orders {
		confirmed, failed := 0, 0
		for _, m := range c.mailsOf[o.ID] {
			switch m.Event {
			case "subscription_order":
				confirmed++
			case "payment_failed", "authentication_needed":
				failed++
			}
		}
		failing := o.Payment == order.PaymentFailing
		if (confirmed == 1) == failing || (failed == 1) != failing {
			c.say("order %s is %s: %d order mails, %d failure mails", o.Number, o.Payment, confirmed, failed)
		}
	}
}

// sent: each mail that was written was sent, under one Message-ID of its own, and
// no other was.
func (c *checker) sent() {
	received, known := map[string]int{}, map[string]string{}
	for _, m := range c.Received {
		received[m.MessageID]++
	}
	for _, m := range c.Mails {
		if _, twice := known[m.MessageID]; twice {
			c.say("two mails have the Message-ID %s", m.MessageID)
		}
		known[m.MessageID] = m.Recipient
		if m.State != db.MailSent {
			c.say("mail %s to %s is %s: %s", m.Event, m.Recipient, m.State, m.LastError)
		} else if received[m.MessageID] == 0 {
			c.say("mail %s to %s was never received", m.Event, m.Recipient)
		}
	}
	for _, m := range c.Received {
		if to, ours := known[m.MessageID]; !ours || to != m.To {
			c.say("the mail server took %s for %s, written for %q", m.MessageID, m.To, to)
		}
	}
}

// traces: audit lines and alerts tell of everything.
func (c *checker) traces() {
	for _, o := range c.Orders {
		for verb, want := range map[string]int{
			"order.created": 1, "order.paid": count(o.Payment == order.PaymentPaid),
			"payment.declined": c.failures(o), "payment.refused": 0,
		} {
			if n := occurrences(c.trail[o.ID], verb); n != want {
				c.say("order %s is %s: %d audit lines %s, want %d", o.Number, o.Payment, n, verb, want)
			}
		}
		failing := o.Payment == order.PaymentFailing
		told := slices.ContainsFunc(c.alerts[o.ID], func(k alert.Kind) bool {
			return k == alert.KindPaymentFailed || k == alert.KindAuthentication
		})
		if failing != told {
			c.say("order %s is %s, staff are told of a failure: %t", o.Number, o.Payment, told)
		}
	}
	for _, d := range c.Deliveries {
		want, alerted := causeAlerts[d.Cause]
		if alerted && !slices.Contains(c.alerts[d.ID], want) {
			c.say("delivery %s is %s (%s) without an alert", d.ID, d.State, d.Cause)
		}
		if d.Deadline.After(c.Now) || !slices.Contains(terms, d.State) {
			continue
		}
		if verb := "delivery." + string(d.State); occurrences(c.trail[d.SubscriptionID], verb) == 0 {
			c.say("delivery %s is %s without an audit line", d.ID, d.State)
		}
	}
}

// causeAlerts are what staff must look at.
var causeAlerts = map[subscription.Cause]alert.Kind{
	subscription.CauseStockOut: alert.KindStockOut, subscription.CauseNoCard: alert.KindNoCard,
	subscription.CauseMissed: alert.KindMissed,
}

func (c *checker) failures(o order.Order) int {
	n := 0
	for _, p := range c.paymentsOf[o.ID] {
		n += p.Failures
	}
	return n
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func occurrences(list []string, word string) int {
	n := 0
	for _, w := range list {
		n += count(w == word)
	}
	return n
}

// totals: what pages show is what summing every row gives, whoever was killed while
// it counted or folded.
func (c *checker) totals() {
	if c.Astray != 0 {
		c.say("%d totals are not the sum of their rows", c.Astray)
	}
}
