// Package faulttest kills real processes of the built program while it works and
// then compares what the shop believes with what really happened at the gateway
// and at the mail server. It owns the storm, the due work that it rages over and
// the rules of exactly-once; the program under test is not changed for it.
package faulttest

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// Books are all that Check compares: the store's rows, the gateway's ledger and
// what the mail server took.
type Books struct {
	Now           time.Time
	Due           []ident.ID // deliveries that were due when the work began
	Subscriptions []subscription.Subscription
	Deliveries    []subscription.Delivery
	Orders        []order.Order
	Payments      []payment.Payment
	Attempts      []payment.Attempt
	OnHand        map[ident.ID]int64 // pieces of each variant before the work
	Stock         map[ident.ID]db.StockCount
	Mails         []db.Mail
	Alerts        []alert.Alert // open ones
	Audit         []audit.Line
	Charges       []thread.Charge   // the gateway's ledger
	Intents       map[string]int    // by status, at the gateway
	ChargedTwice  int               // intents, by the gateway's own count
	Received      []mailbox.Summary // by the mail server
}

// rows is more than any list of a test holds.
const rows = math.MaxInt32

// readStore fills in what the store's database says of some subscriptions.
func (b *Books) readStore(ctx context.Context, d *db.DB, storeID int64, subscriptionIDs []ident.ID) (err error) {
	if b.Subscriptions, err = db.SubscriptionsByIDs(ctx, d, storeID, subscriptionIDs); err != nil {
		return err
	}
	deliveries, err := db.Deliveries(ctx, d, storeID, subscriptionIDs)
	if err != nil {
		return err
	}
	nouns := append([]ident.ID{}, subscriptionIDs...)
	b.Deliveries, b.Mails = nil, nil
	for _, id := range subscriptionIDs {
		b.Deliveries = append(b.Deliveries, deliveries[id]...)
		mails, err := db.MailsOfSubscription(ctx, d, storeID, id, rows)
		if err != nil {
			return err
		}
		b.Mails = append(b.Mails, mails...)
	}
	if b.Orders, err = db.OrderList(ctx, d, storeID, db.OrderFilter{Limit: rows}); err != nil {
		return err
	}
	orderIDs := make([]ident.ID, len(b.Orders))
	for i, o := range b.Orders {
		orderIDs[i] = o.ID
	}
	nouns = append(nouns, orderIDs...)
	if err := b.readMoney(ctx, d, storeID, orderIDs); err != nil {
		return err
	}
	variants := make([]ident.ID, 0, len(b.OnHand))
	for id := range b.OnHand {
		variants = append(variants, id)
	}
	if b.Stock, err = db.StockCounts(ctx, d, storeID, variants); err != nil {
		return err
	}
	if b.Alerts, err = db.OpenAlerts(ctx, d, storeID, ident.ID{}, rows); err != nil {
		return err
	}
	b.Audit, err = db.AuditTrail(ctx, d, storeID, nouns, rows)
	return err
}

func (b *Books) readMoney(ctx context.Context, d *db.DB, storeID int64, orderIDs []ident.ID) (err error) {
	if b.Payments, err = db.PaymentsOfOrders(ctx, d, storeID, orderIDs); err != nil {
		return err
	}
	ids := make([]ident.ID, len(b.Payments))
	for i, p := range b.Payments {
		ids[i] = p.ID
	}
	b.Attempts, err = db.AttemptsOf(ctx, d, storeID, ids)
	return err
}

// Unfinished names what is still under way: work that a process has begun and
// nobody has ended. Empty once all has converged.
func (b *Books) Unfinished() []string {
	var list []string
	for _, a := range b.Attempts {
		if a.State == payment.AttemptOpen || a.State == payment.AttemptUnknown {
			list = append(list, fmt.Sprintf("attempt %d of payment %s to %s is %s", a.No, a.PaymentID, a.Step, a.State))
		}
	}
	for _, m := range b.Mails {
		if m.State == db.MailWaiting {
			list = append(list, fmt.Sprintf("mail %s to %s waits after %d tries: %s", m.Event, m.Recipient, m.Tries, m.LastError))
		}
	}
	return list
}

// TakenOver counts the charges whose answer was recorded so long after the bank
// had given it that the process which asked must have been dead or frozen by
// then, and another has read the answer at the gateway.
func (b *Books) TakenOver() int {
	const longest = 25 * time.Second // a call may take 20
	made := map[string]time.Time{}
	for _, x := range b.Charges {
		made[x.Intent] = time.Unix(x.Created, 0)
	}
	n := 0
	for _, a := range b.Attempts {
		if at, charged := made[a.IntentID]; charged && a.Step == payment.StepConfirm && a.EndedAt.Sub(at) > longest {
			n++
		}
	}
	return n
}

// Figures are what happened, in numbers.
func (b *Books) Figures() string {
	deliveries, payments, verbs := map[string]int{}, map[string]int{}, map[string]int{}
	for _, d := range b.Deliveries {
		if !d.Deadline.After(b.Now) {
			deliveries[string(d.State)]++
		}
	}
	for _, o := range b.Orders {
		payments[string(o.Payment)]++
	}
	for _, l := range b.Audit {
		verbs[l.Verb]++
	}
	taken := 0
	for _, x := range b.Charges {
		if x.Status == "succeeded" {
			taken++
		}
	}
	return fmt.Sprintf("%d due deliveries %v; %d orders %v; %d attempts; "+
		"%d charges, %d successful, %d intents charged twice, %d settled by another process than made them; "+
		"%d mails written, %d received; %d open alerts; audit %v",
		len(b.Due), deliveries, len(b.Orders), payments, len(b.Attempts),
		len(b.Charges), taken, b.ChargedTwice, b.TakenOver(),
		len(b.Mails), len(b.Received), len(b.Alerts), verbs)
}
