package flow

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// How long to wait before looking again.
const (
	unclearWait  = 15 * time.Second // an unclear answer is read again
	unclearLimit = time.Hour        // at most this long between reads
	unreadWait   = 15 * time.Minute // a payment that waits for its customer could not be looked at
	laterWait    = 2 * time.Second  // rate limit or conflict
	actionWait   = 5 * time.Minute  // the customer is at their bank
	// idleWait is a part of the second in which the request budget refills: asking
	// again at once would only keep the database busy.
	idleWait = 250 * time.Millisecond
	// unclearAlert is when staff are told of a payment that stays unclear.
	unclearAlert = 10 * time.Minute
)

// settlement collects what a set of verdicts writes.
type settlement struct {
	payments []payment.Payment
	attempts []payment.Attempt
	orders   []db.OrderState
	moved    []subscription.Delivery
	mails    []db.Mail
	alerts   []alert.Alert
	solved   []ident.ID // orders whose alerts are over
	woken    []ident.ID // subscriptions whose blocked deliveries may go on
	audit    []audit.Line
}

// settle records the answers of a set and what follows from them, in one
// transaction. Payments are locked and read again: one that another process has
// settled meanwhile only gets its attempt recorded.
func (f *Flow) settle(ctx context.Context, shop Shop, charges []*charge, lease db.Lease) error {
	now := f.Now()
	byPayment := map[ident.ID]*charge{}
	var ids []ident.ID
	for _, c := range charges {
		byPayment[c.payment.ID] = c
		ids = append(ids, c.payment.ID)
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, shop.ID, ids)
		if err != nil {
			return err
		}
		var orderIDs, idle []ident.ID
		for _, p := range locked {
			orderIDs = append(orderIDs, p.OrderID)
		}
		orders, err := ordersByID(ctx, tx, shop.ID, orderIDs)
		if err != nil {
			return err
		}
		carried, err := db.DeliveriesOfOrders(ctx, tx, shop.ID, orderIDs)
		if err != nil {
			return err
		}
		unanswered, err := db.UnansweredAttempts(ctx, tx, shop.ID, ids)
		if err != nil {
			return err
		}
		var s settlement
		for _, p := range locked {
			c := byPayment[p.ID]
			made := c.attempt.ID != ident.ID{}
			if made {
				s.attempts = append(s.attempts, c.attempt)
			}
			if !applies(c.verdict, p.State, !made || unanswered[c.attempt.ID]) {
				idle = append(idle, p.ID)
				if c.verdict == verdictPaid && (p.State != payment.StatePaid || p.IntentID != c.attempt.IntentID) {
					s.alerts = append(s.alerts, f.lateMoney(p, orders[p.OrderID], c.attempt.IntentID, now))
				}
				continue
			}
			if c.payment.IntentNo >= p.IntentNo {
				p.IntentID, p.IntentNo = c.payment.IntentID, c.payment.IntentNo
			}
			f.settleOne(&s, shop, p, c, orders[p.OrderID], carried[p.OrderID], now)
		}
		if err := f.releaseIdle(ctx, tx, shop.ID, locked, idle, byPayment, lease, now); err != nil {
			return err
		}
		return s.save(ctx, tx, shop.ID, now)
	})
}

// applies reports whether a verdict still changes a payment. That money was taken
// counts whatever another process concluded meanwhile; anything else only as the
// first answer to its attempt, so that two processes that hear of one refusal
// count it once.
func applies(v verdict, state payment.State, first bool) bool {
	open := state == payment.StateDue || state == payment.StateUnknown
	if v == verdictPaid {
		return open || state == payment.StateAction
	}
	return v != verdictNone && open && first
}

// releaseIdle gives back payments that came to no verdict: those still waiting
// are due again soon, those settled by somebody else stay as they are.
func (f *Flow) releaseIdle(ctx context.Context, tx db.Tx, storeID int64, locked []payment.Payment, idle []ident.ID, charges map[ident.ID]*charge, lease db.Lease, now time.Time) error {
	var waiting, unread, settled []ident.ID
	state := map[ident.ID]payment.State{}
	for _, p := range locked {
		state[p.ID] = p.State
	}
	for _, id := range idle {
		switch {
		case state[id] == payment.StateDue || state[id] == payment.StateUnknown:
			waiting = append(waiting, id)
		case state[id] == payment.StateAction && charges[id].unread:
			unread = append(unread, id)
		default:
			settled = append(settled, id)
		}
	}
	return inOrder(
		func() error {
			return db.Release(ctx, tx, db.QueuePayments, storeID, waiting, lease.Token, now.Add(idleWait))
		},
		func() error {
			return db.Release(ctx, tx, db.QueuePayments, storeID, unread, lease.Token, now.Add(unreadWait))
		},
		func() error {
			return db.Release(ctx, tx, db.QueuePayments, storeID, settled, lease.Token, time.Time{})
		},
	)
}

func ordersByID(ctx context.Context, c db.Conn, storeID int64, ids []ident.ID) (map[ident.ID]order.Order, error) {
	list, err := db.OrdersByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.ID]order.Order, len(list))
	for _, o := range list {
		byID[o.ID] = o
	}
	return byID, nil
}

func (f *Flow) settleOne(s *settlement, shop Shop, p payment.Payment, c *charge, o order.Order, carried []subscription.Delivery, now time.Time) {
	switch c.verdict {
	case verdictPaid:
		f.settlePaid(s, shop, p, c.customer, o, carried, now)
	case verdictDeclined:
		f.settleDeclined(s, shop, p, c, o, now)
	case verdictAction:
		p.State, p.NextAt = payment.StateUnknown, now.Add(actionWait)
		s.payments = append(s.payments, p)
	case verdictUnclear, verdictOther:
		f.settleUnclear(s, p, c, o, now)
	case verdictLater:
		p.NextAt = now.Add(laterWait)
		s.payments = append(s.payments, p)
	case verdictRefused:
		p.State, p.NextAt = payment.StateAction, time.Time{}
		s.payments = append(s.payments, p)
		s.order(o, order.PaymentFailing, o.Fulfilment)
		s.alerts = append(s.alerts, f.paymentAlert(alert.KindPaymentRefused, p, o, map[string]any{"Code": c.attempt.Code}, now))
		s.audit = append(s.audit, f.line(audit.System, "payment.refused", "order", o.ID, now, change("code", "", c.attempt.Code)))
	case verdictNone:
	}
}

func (s *settlement) order(o order.Order, paid order.PaymentState, fulfilment order.FulfilmentState) {
	s.orders = append(s.orders, db.OrderState{
		ID: o.ID, Payment: paid, Fulfilment: fulfilment, DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
	})
}

// settlePaid lets the box go. Money that comes after the shipping date moves the
// box to the earliest date; the calendar of the later ones stays.
func (f *Flow) settlePaid(s *settlement, shop Shop, p payment.Payment, buyer customer.Customer, o order.Order, carried []subscription.Delivery, now time.Time) {
	p.State, p.Decline, p.NextAt = payment.StatePaid, payment.DeclineNone, time.Time{}
	s.payments = append(s.payments, p)
	before := o.Payment
	today := calendar.DateOf(now.In(shop.Location))
	if o.ShippingDate.Before(today) {
		f.moveLate(s, shop, &o, carried, today)
	}
	s.order(o, order.PaymentPaid, order.FulfilmentReady)
	s.solved = append(s.solved, o.ID)
	if !p.SubscriptionID.IsZero() {
		s.woken = append(s.woken, p.SubscriptionID)
	}
	s.audit = append(s.audit, f.line(audit.System, "order.paid", "order", o.ID, now, change("payment", string(before), string(order.PaymentPaid))))
	if buyer.Mail != "" {
		s.mails = append(s.mails, f.newMail("subscription_order", "subscription_order:"+o.ID.String(), o, buyer))
	}
}

func (f *Flow) moveLate(s *settlement, shop Shop, o *order.Order, carried []subscription.Delivery, today calendar.Date) {
	method, _ := shop.Delivery.Method(o.ShippingMethod)
	zone, ok := method.Zone(o.Address)
	if !ok {
		return
	}
	earliest, ok := calendar.Earliest(today, shop.Terms(shop.Location, 0, zone.TransitDays))
	if !ok {
		return
	}
	o.DeliveryDate, o.ShippingDate = earliest, earliest.AddDays(-zone.TransitDays)
	for _, d := range carried {
		d.Date, d.ShippingDate = o.DeliveryDate, o.ShippingDate
		s.moved = append(s.moved, d)
	}
}

// settleDeclined plans the next try where one may help, and tells staff and
// customer, with the link that solves it.
func (f *Flow) settleDeclined(s *settlement, shop Shop, p payment.Payment, c *charge, o order.Order, now time.Time) {
	if c.otherCard(p) {
		p.State, p.NextAt = payment.StateDue, now // the customer was faster: their new card is tried at once
		s.payments = append(s.payments, p)
		return
	}
	p.Decline = payment.Classify(c.attempt.Advice, c.attempt.Decline, c.attempt.Code)
	p.Failures++
	if p.FirstFailedAt.IsZero() {
		p.FirstFailedAt = now
	}
	retry, again := payment.NextRetry(p.Decline, p.FirstFailedAt, p.Failures, shop.Payment.RetryDays)
	p.State, p.NextAt = payment.StateAction, time.Time{}
	switch {
	case again:
		p.State, p.NextAt = payment.StateDue, retry
	case p.Decline == payment.DeclineAuth && c.attempt.Step == payment.StepConfirm && !c.attempt.Params.OffSession:
		p.NextAt = now.Add(actionLook)
	}
	s.payments = append(s.payments, p)
	s.order(o, order.PaymentFailing, o.Fulfilment)
	kind, event := alert.KindPaymentFailed, "payment_failed"
	if p.Decline == payment.DeclineAuth {
		kind, event = alert.KindAuthentication, "authentication_needed"
	}
	args := map[string]any{"Code": firstOf(c.attempt.Decline, c.attempt.Code), "Class": string(p.Decline)}
	s.alerts = append(s.alerts, f.paymentAlert(kind, p, o, args, now))
	s.audit = append(s.audit, f.line(audit.System, "payment.declined", "order", o.ID, now,
		change("payment", string(o.Payment), firstOf(c.attempt.Decline, c.attempt.Code))))
	if c.customer.Mail == "" || c.presence != nil || (again && p.Failures > 1) {
		return // one mail for the first failure and one when only the customer can help; none to who is here
	}
	m := f.newMail(event, fmt.Sprintf("%s:%s:%d", event, p.ID, p.Failures), o, c.customer)
	m.Facts = declineFacts(p.Decline)
	s.mails = append(s.mails, m)
}

// otherCard reports whether the customer has given another card than the one that
// was tried.
func (c *charge) otherCard(p payment.Payment) bool {
	tried := c.attempt.Params.PaymentMethod
	return p.CardID != c.payment.CardID || (tried != "" && tried != c.card.GatewayID)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// settleUnclear reads again later, ever more rarely; staff learn of it when it
// lasts, and at once of money that is not what was asked for.
func (f *Flow) settleUnclear(s *settlement, p payment.Payment, c *charge, o order.Order, now time.Time) {
	age := now.Sub(c.attempt.StartedAt)
	p.State, p.NextAt = payment.StateUnknown, now.Add(min(max(age, unclearWait), unclearLimit))
	s.payments = append(s.payments, p)
	s.order(o, order.PaymentUnknown, o.Fulfilment)
	if age > unclearAlert || c.verdict == verdictOther {
		s.alerts = append(s.alerts, f.paymentAlert(alert.KindPaymentUnclear, p, o, nil, now))
	}
	s.audit = append(s.audit, f.line(audit.System, "payment.unclear", "order", o.ID, now, change("code", "", c.attempt.Code)))
}

func (f *Flow) paymentAlert(kind alert.Kind, p payment.Payment, o order.Order, args map[string]any, now time.Time) alert.Alert {
	if args == nil {
		args = map[string]any{}
	}
	args["Number"], args["Amount"], args["Currency"] = o.Number, p.Amount.Minor, string(p.Amount.Currency)
	return alert.Alert{
		ID: f.NewID(), Kind: kind, Noun: "order", SubjectID: o.ID, OrderID: o.ID,
		SubscriptionID: p.SubscriptionID, Args: args, At: now,
	}
}

func (s *settlement) save(ctx context.Context, tx db.Tx, storeID int64, now time.Time) error {
	return inOrder(
		func() error { return db.CloseAttempts(ctx, tx, storeID, s.attempts) },
		func() error { return db.UpdatePayments(ctx, tx, storeID, s.payments) },
		func() error { return db.UpdateOrderStates(ctx, tx, storeID, s.orders) },
		func() error { return db.UpdateDeliveries(ctx, tx, storeID, s.moved) },
		func() error { return db.ResolveAlertsOfOrders(ctx, tx, storeID, s.solved, now) },
		func() error { return db.RaiseAlerts(ctx, tx, storeID, s.alerts) },
		func() error { return db.WakeSubscriptions(ctx, tx, storeID, s.woken, now) },
		func() error { return db.WriteMails(ctx, tx, storeID, s.mails, now) },
		func() error { return db.WriteAudit(ctx, tx, storeID, s.audit) },
	)
}
