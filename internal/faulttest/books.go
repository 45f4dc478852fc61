// Package faulttest kills real processes of the built program while it works and
// then compares what the shop believes with what really happened at the gateway
// and at the mail server. It owns the storm, the due work that it rages over and
// the rules of exactly-once; the program under test is not changed for it.
package faulttest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
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
	Astray        int               // totals that are not the sum of their rows
}

// rows is more than any list of a test holds.
const rows = math.MaxInt32

// atOnce is how many ids a query is given.
const atOnce = 1_000

// readStore fills in what the store's database says of some subscriptions.
func (b *Books) readStore(ctx context.Context, d *db.DB, storeID int64, subscriptionIDs []ident.ID) (err error) {
	b.Subscriptions, b.Deliveries, b.Mails, b.Payments, b.Attempts, b.Audit = nil, nil, nil, nil, nil, nil
	for ids := range slices.Chunk(subscriptionIDs, atOnce) {
		if err := b.readSubscriptions(ctx, d, storeID, ids); err != nil {
			return err
		}
	}
	if b.Orders, err = db.OrderList(ctx, d, storeID, db.OrderFilter{Limit: rows}); err != nil {
		return err
	}
	for orders := range slices.Chunk(b.Orders, atOnce) {
		if err := b.readMoney(ctx, d, storeID, orders); err != nil {
			return err
		}
	}
	variants := slices.Collect(maps.Keys(b.OnHand))
	if b.Stock, err = db.StockCounts(ctx, d, storeID, variants); err != nil {
		return err
	}
	if b.Alerts, err = db.OpenAlerts(ctx, d, storeID, ident.ID{}, rows); err != nil {
		return err
	}
	b.Astray, err = db.TotalsAstray(ctx, d, storeID)
	return err
}

func (b *Books) readSubscriptions(ctx context.Context, d *db.DB, storeID int64, ids []ident.ID) error {
	subscriptions, err := db.SubscriptionsByIDs(ctx, d, storeID, ids)
	if err != nil {
		return err
	}
	deliveries, err := db.Deliveries(ctx, d, storeID, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		mails, err := db.MailsOfSubscription(ctx, d, storeID, id, rows)
		if err != nil {
			return err
		}
		b.Deliveries, b.Mails = append(b.Deliveries, deliveries[id]...), append(b.Mails, mails...)
	}
	lines, err := db.AuditTrail(ctx, d, storeID, ids, rows)
	b.Subscriptions, b.Audit = append(b.Subscriptions, subscriptions...), append(b.Audit, lines...)
	return err
}

func (b *Books) readMoney(ctx context.Context, d *db.DB, storeID int64, orders []order.Order) error {
	orderIDs := make([]ident.ID, len(orders))
	for i, o := range orders {
		orderIDs[i] = o.ID
	}
	payments, err := db.PaymentsOfOrders(ctx, d, storeID, orderIDs)
	if err != nil {
		return err
	}
	ids := make([]ident.ID, len(payments))
	for i, p := range payments {
		ids[i] = p.ID
	}
	attempts, err := db.AttemptsOf(ctx, d, storeID, ids)
	if err != nil {
		return err
	}
	lines, err := db.AuditTrail(ctx, d, storeID, orderIDs, rows)
	b.Payments, b.Attempts, b.Audit = append(b.Payments, payments...), append(b.Attempts, attempts...), append(b.Audit, lines...)
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
