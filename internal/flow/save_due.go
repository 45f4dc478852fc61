package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// dueWrites collects the rows of a set, so that each table is written once.
type dueWrites struct {
	orders   []order.Order
	payments []payment.Payment
	updated  []subscription.Delivery
	requoted []subscription.Delivery
	planned  []subscription.Delivery
	advances []db.Advance
	moves    []db.StockMove
	mails    []db.Mail
	solved   []ident.ID // deliveries that a reason blocks no more
	alerts   []alert.Alert
	audit    []audit.Line
}

// saveDue writes the outcome of a set. Subscriptions that changed since they
// were read, or that another process took over, are left out; boxes that get no
// stock are decided again.
func (f *Flow) saveDue(ctx context.Context, tx db.Tx, set *dueSet, token ident.ID, number int64, now time.Time) error {
	read := make([]subscription.Subscription, len(set.boxes))
	for i, b := range set.boxes {
		read[i] = b.in.Subscription
	}
	held, err := db.LockClaimed(ctx, tx, set.shop.ID, read, token)
	if err != nil {
		return err
	}
	boxes := slices.DeleteFunc(slices.Clone(set.boxes), func(b *dueBox) bool { return !held[b.in.Subscription.ID] })
	if err := db.DropLeases(ctx, tx, db.QueueSubscriptions, set.shop.ID, lost(read, held), token); err != nil {
		return err
	}
	outcomes, err := f.allocate(ctx, tx, set, boxes, now)
	if err != nil {
		return err
	}
	var w dueWrites
	for i, b := range boxes {
		outcome := outcomes[i]
		decided := dueBox{in: b.in, outcome: outcome, customer: b.customer, address: b.address}
		if outcome.Order != nil {
			f.writeOrder(&w, set, decided, number, now)
			number++
		}
		f.writeOthers(&w, decided, now)
	}
	return w.save(ctx, tx, f, set.shop.ID, now)
}

// lost are the subscriptions that changed since they were read.
func lost(read []subscription.Subscription, held map[ident.ID]bool) []ident.ID {
	var ids []ident.ID
	for _, s := range read {
		if !held[s.ID] {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// allocate shares the stock out, the earliest deadline first, and returns each
// box's outcome with what is really there. It changes no box, so that a
// transaction that has to run again starts from the same.
//
// Mostly there is enough for all. Then nothing is locked here: everybody who sells
// the same goods would wait until the set is written. Reserving, the last thing
// that is done, finds out whether somebody was faster. Where there is not enough
// it is shared out under lock.
func (f *Flow) allocate(ctx context.Context, tx db.Tx, set *dueSet, boxes []*dueBox, now time.Time) ([]renewal.Outcome, error) {
	outcomes := make([]renewal.Outcome, len(boxes))
	var ordering []int
	var variants []ident.ID
	for i, b := range boxes {
		outcomes[i] = b.outcome
		if b.outcome.Order == nil {
			continue
		}
		ordering = append(ordering, i)
		for v := range b.outcome.Order.Want {
			variants = append(variants, v)
		}
	}
	slices.SortStableFunc(ordering, func(a, b int) int {
		return boxes[a].outcome.Order.Delivery.Deadline.Compare(boxes[b].outcome.Order.Delivery.Deadline)
	})
	wanted := make([]stock.Box, len(ordering))
	for i, at := range ordering {
		wanted[i] = stock.Box{Want: boxes[at].outcome.Order.Want, Rest: boxes[at].in.StockOut == catalog.StockOutRest}
	}
	available, err := db.StockAvailable(ctx, tx, set.shop.ID, variants)
	if err == nil && (set.lockStock || !stock.Enough(available, wanted)) {
		available, err = db.LockStock(ctx, tx, set.shop.ID, variants)
		f.holdsFromNow(ctx) // waiting for who sells the same goods is not holding them
	}
	if err != nil {
		return nil, err
	}
	for i, given := range stock.Allocate(available, wanted) {
		if given != nil && len(given) == len(wanted[i].Want) {
			continue
		}
		in := boxes[ordering[i]].in
		in.OutOfStock, in.Given = true, given
		if outcomes[ordering[i]], err = renewal.Decide(in, now); err != nil {
			return nil, errUnruly{fmt.Errorf("decide without stock: %w", err)}
		}
	}
	return outcomes, nil
}

// writeOrder turns a decided box into its order and payment.
func (f *Flow) writeOrder(w *dueWrites, set *dueSet, b dueBox, number int64, now time.Time) {
	s, due := b.in.Subscription, b.outcome.Order
	o := order.Order{
		ID: f.NewID(), Number: OrderNumber(number), CustomerID: s.CustomerID, SubscriptionID: s.ID,
		Source: order.SourceRenewal, Lang: b.customer.Lang, Address: b.address.Address,
		ShippingMethod: s.ShippingMethod, TimeSlot: s.TimeSlot, PaidBy: s.Pays, Box: due.Delivery.Box,
		DeliveryDate: due.Delivery.Date, ShippingDate: due.Delivery.ShippingDate, PlacedAt: now,
		Payment: order.PaymentDue, Fulfilment: order.FulfilmentHeld,
	}
	freeze(&o, due.Priced)
	for _, l := range due.Priced.Lines {
		product := set.products[l.VariantID]
		variant, _ := product.Variant(l.VariantID)
		o.Lines = append(o.Lines, orderLine(f.NewID(), l, product, variant, o.Lang))
		w.moves = append(w.moves, db.StockMove{VariantID: l.VariantID, Reserved: l.Quantity, OrderID: o.ID, Cause: stock.CauseReserve})
	}
	due.Delivery.OrderID = o.ID
	w.updated = append(w.updated, due.Delivery)
	if due.Alert != "" {
		w.alerts = append(w.alerts, f.deliveryAlert(due.Alert, s, due.Delivery, now))
	}
	p := payment.Payment{
		ID: f.NewID(), OrderID: o.ID, CustomerID: s.CustomerID, SubscriptionID: s.ID, DeliveryID: due.Delivery.ID,
		Kind: payment.KindMain, Amount: due.Priced.Amount(due.Priced.Total), CardID: s.CardID,
	}
	settled := true
	switch {
	case o.Total == 0:
		o.Payment, o.Fulfilment, p.State = order.PaymentZero, order.FulfilmentReady, payment.StateZero
	case s.Pays == string(pricing.MethodCOD):
		o.Payment, o.Fulfilment, p.State = order.PaymentCOD, order.FulfilmentReady, payment.StateCODDue
	default:
		p.State, p.NextAt, settled = payment.StateDue, now, false
	}
	w.orders = append(w.orders, o)
	w.payments = append(w.payments, p)
	if b.customer.Mail != "" {
		if settled {
			w.mails = append(w.mails, f.newMail("subscription_order", "subscription_order:"+o.ID.String(), o, b.customer))
		}
		if s.DeadlineNotice {
			w.mails = append(w.mails, f.newMail("deadline_notice", "deadline_notice:"+due.Delivery.ID.String(), o, b.customer))
		}
	}
	w.audit = append(w.audit,
		f.line(audit.System, "order.created", "order", o.ID, now, change("total", "", p.Amount.String())),
		f.line(audit.System, "delivery.ordered", "subscription", s.ID, now, change("order", "", o.Number)))
}

// writeOthers writes what became of the other deliveries, the new ones and the
// subscription itself.
func (f *Flow) writeOthers(w *dueWrites, b dueBox, now time.Time) {
	s := b.in.Subscription
	f.keepInSight(w, b, now)
	for _, due := range b.outcome.Others {
		if !slices.ContainsFunc(b.outcome.Requoted, func(d subscription.Delivery) bool { return d.ID == due.Delivery.ID }) {
			w.updated = append(w.updated, due.Delivery) // else it is written with its quote, once
		}
		w.audit = append(w.audit, f.line(audit.System, "delivery."+string(due.Delivery.State), "subscription", s.ID, now,
			change("delivery", due.Delivery.Date.String(), string(due.Delivery.Cause))))
		if due.Alert != "" {
			w.alerts = append(w.alerts, f.deliveryAlert(due.Alert, s, due.Delivery, now))
		}
		if event, tell := stockMails[due.Alert]; tell && b.customer.Mail != "" {
			m := f.newMail(event, event+":"+due.Delivery.ID.String(), order.Order{SubscriptionID: s.ID, Lang: b.customer.Lang}, b.customer)
			m.Facts = deliveryFacts(due.Delivery)
			w.mails = append(w.mails, m)
		}
	}
	w.requoted = append(w.requoted, b.outcome.Requoted...)
	for _, d := range b.outcome.Planned {
		d.ID = f.NewID()
		w.planned = append(w.planned, d)
		if d.State == subscription.DeliverySkipped {
			w.alerts = append(w.alerts, f.deliveryAlert(alert.KindMissed, s, d, now))
		}
	}
	boxes := s.BoxesOrdered
	if b.outcome.Order != nil {
		boxes++
	}
	w.advances = append(w.advances, db.Advance{
		ID: s.ID, State: b.stateAfter(), BoxesOrdered: boxes, LastSlot: b.outcome.LastSlot, NextDue: b.outcome.NextDue,
	})
	if b.outcome.Completed {
		w.audit = append(w.audit, f.line(audit.System, "subscription.completed", "subscription", s.ID, now,
			change("state", string(s.State), string(subscription.StateCompleted))))
	}
}

// stockMails tell customers of a box without stock: it waits, or is left out.
var stockMails = map[alert.Kind]string{alert.KindStockOut: "stock_out", alert.KindStockSkipped: "stock_skipped"}

// blockedAlerts are the alerts of what blocks a box.
var blockedAlerts = map[subscription.Cause]alert.Kind{
	subscription.CauseStockOut: alert.KindStockOut, subscription.CauseProductEnded: alert.KindProductEnded,
	subscription.CauseNoCard: alert.KindNoCard, subscription.CauseNoZone: alert.KindNoZone,
	subscription.CauseCardFailed: alert.KindCardFailed, subscription.CauseCODLimit: alert.KindCODLimit,
}

// keepInSight closes the alerts of boxes that are blocked no more, and alerts of
// those that stay blocked although staff had them tried again: pressing retry
// closed their alert, and the boxes would be forgotten.
func (f *Flow) keepInSight(w *dueWrites, b dueBox, now time.Time) {
	changed := map[ident.ID]bool{}
	for _, due := range b.outcome.Others {
		changed[due.Delivery.ID] = true
	}
	if b.outcome.Order != nil {
		changed[b.outcome.Order.Delivery.ID] = true
	}
	for _, d := range b.in.Deliveries {
		kind, alerted := blockedAlerts[d.Cause]
		switch {
		case d.State != subscription.DeliveryBlocked || !alerted:
		case changed[d.ID]:
			w.solved = append(w.solved, d.ID)
		default:
			w.alerts = append(w.alerts, f.deliveryAlert(kind, b.in.Subscription, d, now))
		}
	}
}

func (f *Flow) deliveryAlert(kind alert.Kind, s subscription.Subscription, d subscription.Delivery, now time.Time) alert.Alert {
	return alert.Alert{
		ID: f.NewID(), Kind: kind, Noun: "delivery", SubjectID: d.ID, SubscriptionID: s.ID, At: now,
		Args: map[string]any{"Date": d.Date.String(), "Number": s.Number},
	}
}

func (w *dueWrites) save(ctx context.Context, tx db.Tx, f *Flow, storeID int64, now time.Time) error {
	if err := db.InsertOrders(ctx, tx, storeID, w.orders); err != nil {
		return err
	}
	if err := db.UpdateDeliveries(ctx, tx, storeID, w.updated); err != nil {
		return err
	}
	if err := db.RewriteDeliveries(ctx, tx, storeID, w.requoted); err != nil {
		return err
	}
	if err := db.InsertDeliveries(ctx, tx, storeID, w.planned); err != nil {
		return err
	}
	if err := db.AdvanceSubscriptions(ctx, tx, storeID, w.advances); err != nil {
		return err
	}
	if err := db.InsertPayments(ctx, tx, storeID, w.payments, now); err != nil {
		return err
	}
	if err := db.WriteMails(ctx, tx, storeID, w.mails, now); err != nil {
		return err
	}
	if err := db.ResolveAlertsOfSubjects(ctx, tx, storeID, w.solved, now); err != nil {
		return err
	}
	if err := db.RaiseAlerts(ctx, tx, storeID, w.alerts); err != nil {
		return err
	}
	if err := db.WriteAudit(ctx, tx, storeID, w.audit); err != nil {
		return err
	}
	return db.MoveStock(ctx, tx, storeID, w.moves, f.NewID, now)
}
