package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// SettleSession asks the gateway how a hosted session stands and writes that
// down. Return page, webhook and sweeper call it, in any order and any number of
// times; only the first that finds the session ended changes anything. It
// returns the session's state afterwards.
func (f *Flow) SettleSession(ctx context.Context, storeID int64, id ident.ID) (string, error) {
	session, err := db.HostedSessionByID(ctx, f.DB, storeID, id)
	if err != nil {
		return "", fmt.Errorf("read session: %w", err)
	}
	if session.State != db.SessionOpen {
		return session.State, nil
	}
	remote, err := f.readSession(ctx, storeID, session)
	if err != nil {
		return "", err
	}
	switch remote.Status {
	case stripe.SessionComplete:
		return db.SessionComplete, f.completeSession(ctx, storeID, session, remote)
	case stripe.SessionExpired:
		return db.SessionExpired, f.expireSession(ctx, storeID, session)
	default:
		return db.SessionOpen, nil
	}
}

// readSession reads the session at the gateway, and expires it there when its
// time is over: only the gateway's word ends a hold.
func (f *Flow) readSession(ctx context.Context, storeID int64, session db.HostedSession) (stripe.Session, error) {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return stripe.Session{}, err
	}
	gateway, err := f.gateway(ctx, storeID, shop.Settings)
	if err != nil {
		return stripe.Session{}, err
	}
	over := !f.Now().Before(session.ExpiresAt)
	if session.GatewayID == "" {
		if !over {
			return stripe.Session{Status: stripe.SessionOpen}, nil
		}
		// Its creation was never answered: nobody was sent to its page, whose
		// address is unknown, and if it exists it expires by itself.
		return stripe.Session{Status: stripe.SessionExpired}, nil
	}
	remote, err := gateway.Session(ctx, session.GatewayID)
	if err != nil {
		return stripe.Session{}, fmt.Errorf("read session %s: %w", session.GatewayID, err)
	}
	if remote.Status == stripe.SessionOpen && over {
		if expired, err := gateway.ExpireSession(ctx, session.GatewayID); err == nil {
			return expired, nil
		}
		// it may have been completed in this very moment
		remote, err = gateway.Session(ctx, session.GatewayID)
		if err != nil {
			return stripe.Session{}, fmt.Errorf("read session %s: %w", session.GatewayID, err)
		}
	}
	return remote, nil
}

func (f *Flow) completeSession(ctx context.Context, storeID int64, session db.HostedSession, remote stripe.Session) error {
	now := f.Now()
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{session.PaymentID})
		if err != nil || len(locked) == 0 {
			return fmt.Errorf("lock payment %s: %w", session.PaymentID, err)
		}
		first, err := db.CloseHostedSession(ctx, tx, storeID, session.ID, db.SessionComplete)
		if err != nil || !first {
			return err
		}
		if err := f.ownSession(ctx, tx, storeID, session, locked[0], remote); err != nil {
			return err
		}
		card, err := f.keepCard(ctx, tx, storeID, locked[0].CustomerID, remote.PaymentMethod, now)
		if err != nil {
			return err
		}
		if session.Mode == db.SessionSetup {
			return f.newCardGiven(ctx, tx, storeID, locked[0], card, now)
		}
		return f.orderPaidOnPage(ctx, tx, storeID, locked[0], card, remote, now)
	})
	if errors.Is(err, errOtherMoney) {
		return errors.Join(err, f.alertOtherMoney(ctx, storeID, session, now))
	}
	return err
}

// ownSession refuses a completed session that is not the payment's own: of another
// order, customer or sum.
func (f *Flow) ownSession(ctx context.Context, tx db.Tx, storeID int64, session db.HostedSession, p payment.Payment, remote stripe.Session) error {
	buyer, err := db.Customer(ctx, tx, storeID, p.CustomerID)
	if err != nil {
		return fmt.Errorf("read customer: %w", err)
	}
	if remote.Customer != buyer.GatewayID || remote.Metadata[metaPayment] != p.ID.String() {
		return fmt.Errorf("session %s of customer %s, payment %q: %w", remote.ID, remote.Customer, remote.Metadata[metaPayment], errOtherMoney)
	}
	if session.Mode == db.SessionSetup {
		return nil
	}
	if remote.Intent == nil || remote.Intent.Status != stripe.IntentSucceeded {
		return fmt.Errorf("session %s is complete, but not paid: %w", remote.ID, errOtherMoney)
	}
	return pays(*remote.Intent, p, buyer.GatewayID)
}

// alertOtherMoney tells staff of a completed session that does not fit its order:
// it will not mend itself, somebody has to compare the order with the gateway.
func (f *Flow) alertOtherMoney(ctx context.Context, storeID int64, session db.HostedSession, now time.Time) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{session.PaymentID})
		if err != nil || len(locked) == 0 {
			return fmt.Errorf("lock payment %s: %w", session.PaymentID, err)
		}
		orders, err := db.OrdersByIDs(ctx, tx, storeID, []ident.ID{session.OrderID})
		if err != nil || len(orders) == 0 {
			return fmt.Errorf("read order %s: %w", session.OrderID, err)
		}
		return db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{f.paymentAlert(alert.KindPaymentUnclear, locked[0], orders[0], nil, now)})
	})
}

// keepCard stores what the gateway lets us know of a card. One that it does not
// name, or that another customer has, needs somebody to compare, too.
func (f *Flow) keepCard(ctx context.Context, tx db.Tx, storeID int64, customerID ident.ID, m *stripe.PaymentMethod, now time.Time) (customer.Card, error) {
	if m == nil {
		return customer.Card{}, fmt.Errorf("a completed session of customer %s without a card: %w", customerID, errOtherMoney)
	}
	card, err := db.UpsertCard(ctx, tx, storeID, customer.Card{
		ID: f.NewID(), CustomerID: customerID, GatewayID: m.ID, Brand: m.Brand, Last4: m.Last4,
		ExpMonth: m.ExpMonth, ExpYear: m.ExpYear, Fingerprint: m.Fingerprint,
	}, now)
	if errors.Is(err, db.ErrNotFound) {
		return card, fmt.Errorf("card %s of customer %s is another's: %w", m.ID, customerID, errOtherMoney)
	}
	return card, err
}

// orderPaidOnPage settles an order paid on the hosted page, whose session is its
// own (ownSession).
func (f *Flow) orderPaidOnPage(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, card customer.Card, remote stripe.Session, now time.Time) error {
	if p.State != payment.StateSession {
		return f.tellLateMoney(ctx, tx, storeID, p, remote.Intent.ID, now)
	}
	p.State, p.IntentID, p.IntentNo, p.CardID, p.NextAt = payment.StatePaid, remote.Intent.ID, 1, card.ID, time.Time{}
	if err := db.UpdatePayments(ctx, tx, storeID, []payment.Payment{p}); err != nil {
		return err
	}
	if err := db.InsertAttempts(ctx, tx, storeID, []payment.Attempt{{
		ID: f.NewID(), PaymentID: p.ID, No: 1, Step: payment.StepSession, Key: "page:" + remote.ID,
		State: payment.AttemptSucceeded, IntentID: remote.Intent.ID, StartedAt: now, EndedAt: now,
		Params: payment.Params{Amount: remote.Intent.AmountReceived, Currency: remote.Currency, PaymentMethod: card.GatewayID, Intent: remote.Intent.ID},
	}}, ""); err != nil {
		return err
	}
	if err := f.pricesByCard(ctx, tx, storeID, p, card.Fingerprint, now); err != nil {
		return err
	}
	return f.startOrder(ctx, tx, storeID, p, card, now)
}

// startOrder sets going what a first payment was waited for: the order may be
// shipped, its subscriptions run, the customer is told.
func (f *Flow) startOrder(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, card customer.Card, now time.Time) error {
	orders, err := db.OrdersByIDs(ctx, tx, storeID, []ident.ID{p.OrderID})
	if err != nil || len(orders) == 0 {
		return fmt.Errorf("read order %s: %w", p.OrderID, err)
	}
	o := orders[0]
	if err := db.UpdateOrderStates(ctx, tx, storeID, []db.OrderState{{
		ID: o.ID, Payment: order.PaymentPaid, Fulfilment: order.FulfilmentReady,
		DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
	}}); err != nil {
		return err
	}
	lines := []audit.Line{f.line(actorGateway, "order.paid", "order", o.ID, now, change("payment", string(o.Payment), string(order.PaymentPaid)))}
	subscriptions, deliveries, err := subscriptionsOfOrder(ctx, tx, storeID, o.ID)
	if err != nil {
		return err
	}
	for _, s := range subscriptions {
		if err := s.Become(subscription.StateActive); err != nil {
			return fmt.Errorf("start subscription %s: %w", s.Number, err)
		}
		if err := db.UpdateSubscription(ctx, tx, storeID, db.SubscriptionUpdate{
			ID: s.ID, State: s.State, CardID: card.ID, NextDue: firstDeadline(deliveries[s.ID], s.ID),
		}, s.Version); err != nil {
			return err
		}
		lines = append(lines, f.line(actorGateway, "subscription.started", "subscription", s.ID, now,
			change("state", string(subscription.StateAwaitingPayment), string(s.State))))
	}
	buyer, err := db.Customer(ctx, tx, storeID, o.CustomerID)
	if err != nil {
		return fmt.Errorf("read customer: %w", err)
	}
	if buyer.Mail != "" {
		m := f.newMail("order", "order:"+o.ID.String(), o, buyer)
		if len(subscriptions) > 0 {
			m.Event, m.SubscriptionID = "subscription_start", subscriptions[0].ID
		}
		if err := db.WriteMails(ctx, tx, storeID, []db.Mail{m}, now); err != nil {
			return err
		}
	}
	return db.WriteAudit(ctx, tx, storeID, lines)
}

// subscriptionsOfOrder are the subscriptions that an order carries a delivery
// of, with all their deliveries.
func subscriptionsOfOrder(ctx context.Context, c db.Conn, storeID int64, orderID ident.ID) ([]subscription.Subscription, map[ident.ID][]subscription.Delivery, error) {
	carried, err := db.DeliveriesOfOrders(ctx, c, storeID, []ident.ID{orderID})
	if err != nil {
		return nil, nil, err
	}
	var ids []ident.ID
	for _, d := range carried[orderID] {
		ids = append(ids, d.SubscriptionID)
	}
	subscriptions, err := db.SubscriptionsByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, nil, err
	}
	deliveries, err := db.Deliveries(ctx, c, storeID, ids)
	return subscriptions, deliveries, err
}

// tellLateMoney raises the alert of money for something that was given up meanwhile
// or is paid already.
func (f *Flow) tellLateMoney(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, intent string, now time.Time) error {
	orders, err := db.OrdersByIDs(ctx, tx, storeID, []ident.ID{p.OrderID})
	if err != nil || len(orders) == 0 {
		return fmt.Errorf("read order %s: %w", p.OrderID, err)
	}
	return db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{f.lateMoney(p, orders[0], intent, now)})
}

// returnPatience is how long the engine leaves an order with a new card to the
// customer, who is on the way back and can answer the bank.
const returnPatience = time.Minute

// newCardGiven makes an open order due with the new card. The same intent is
// confirmed again: it can succeed only once.
func (f *Flow) newCardGiven(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, card customer.Card, now time.Time) error {
	lines := []audit.Line{f.line(actorGateway, "order.card_given", "order", p.OrderID, now, change("card", "", card.Brand+" "+card.Last4))}
	if p.State == payment.StateDue || p.State == payment.StateAction || p.State == payment.StateUnknown {
		p.CardID, p.NextAt = card.ID, now.Add(returnPatience)
		if p.State == payment.StateAction {
			p.State = payment.StateDue
		}
		if err := db.UpdateLeasedPayments(ctx, tx, storeID, []payment.Payment{p}); err != nil {
			return err
		}
	}
	if !p.SubscriptionID.IsZero() {
		if err := db.SetSubscriptionCard(ctx, tx, storeID, p.SubscriptionID, card.ID); err != nil {
			return err
		}
		lines = append(lines, f.line(actorGateway, "subscription.card_changed", "subscription", p.SubscriptionID, now,
			change("card", "", card.Brand+" "+card.Last4)))
	}
	return db.WriteAudit(ctx, tx, storeID, lines)
}

// expireSession gives up what an unpaid page was holding: order, subscription
// and stock. A card page that expired gives up nothing.
func (f *Flow) expireSession(ctx context.Context, storeID int64, session db.HostedSession) error {
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{session.PaymentID})
		if err != nil || len(locked) == 0 {
			return fmt.Errorf("lock payment %s: %w", session.PaymentID, err)
		}
		first, err := db.CloseHostedSession(ctx, tx, storeID, session.ID, db.SessionExpired)
		if err != nil || !first {
			return err
		}
		if session.Mode == db.SessionSetup || locked[0].State != payment.StateSession {
			return nil
		}
		return f.giveUpOrder(ctx, tx, storeID, locked[0], now)
	})
}

func (f *Flow) giveUpOrder(ctx context.Context, tx db.Tx, storeID int64, p payment.Payment, now time.Time) error {
	orders, err := db.OrdersByIDs(ctx, tx, storeID, []ident.ID{p.OrderID})
	if err != nil || len(orders) == 0 {
		return fmt.Errorf("read order %s: %w", p.OrderID, err)
	}
	o := orders[0]
	p.State, p.NextAt = payment.StateVoid, time.Time{}
	if err := db.UpdatePayments(ctx, tx, storeID, []payment.Payment{p}); err != nil {
		return err
	}
	if err := db.UpdateOrderStates(ctx, tx, storeID, []db.OrderState{{
		ID: o.ID, Payment: order.PaymentCancelled, Fulfilment: order.FulfilmentCancelled,
		DeliveryDate: o.DeliveryDate, ShippingDate: o.ShippingDate,
	}}); err != nil {
		return err
	}
	if err := db.FreePrices(ctx, tx, storeID, o.ID); err != nil {
		return err
	}
	var moves []db.StockMove
	for _, l := range o.Lines {
		moves = append(moves, db.StockMove{VariantID: l.VariantID, Reserved: -l.Quantity, OrderID: o.ID, Cause: stock.CauseRelease})
	}
	if err := db.MoveStock(ctx, tx, storeID, moves, f.NewID, now); err != nil {
		return err
	}
	lines := []audit.Line{f.line(actorGateway, "order.given_up", "order", o.ID, now, change("payment", string(o.Payment), string(order.PaymentCancelled)))}
	subscriptions, deliveries, err := subscriptionsOfOrder(ctx, tx, storeID, o.ID)
	if err != nil {
		return err
	}
	for _, s := range subscriptions {
		before := s.State
		if err := s.Become(subscription.StateCancelled); err != nil {
			return fmt.Errorf("give up subscription %s: %w", s.Number, err)
		}
		if err := db.UpdateSubscription(ctx, tx, storeID, db.SubscriptionUpdate{ID: s.ID, State: s.State}, s.Version); err != nil {
			return err
		}
		var changed []subscription.Delivery
		for _, d := range deliveries[s.ID] {
			if d.State.CanBecome(subscription.DeliveryCancelled) {
				d.State, d.Cause = subscription.DeliveryCancelled, subscription.CauseUnsold
				changed = append(changed, d)
			}
		}
		if err := db.UpdateDeliveries(ctx, tx, storeID, changed); err != nil {
			return err
		}
		lines = append(lines, f.line(actorGateway, "subscription.given_up", "subscription", s.ID, now,
			change("state", string(before), string(s.State))))
	}
	return db.WriteAudit(ctx, tx, storeID, lines)
}
