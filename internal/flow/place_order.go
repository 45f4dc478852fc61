package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// sessionMinutes is how long a hosted page stays open: the least Stripe allows
// (docs.stripe.com/api/checkout/sessions/create#expires_at), plus a margin for
// clocks that differ.
const sessionMinutes = 31

// PlaceOrder is the customer's order of the final confirmation page.
type PlaceOrder struct {
	StoreID    int64
	Actor      audit.Actor // the customer
	CustomerID ident.ID
	CartID     ident.ID
	Version    int64  // of the cart that was shown
	Digest     string // of the proposal that was shown
	Lang       i18n.Lang
	// Terms renders what was shown, to be kept with each subscription.
	Terms func(Proposal) (string, error)
}

// Placed is the answer to PlaceOrder, the same for every repeat of it.
type Placed struct {
	OrderID ident.ID       `json:"order_id"`
	Number  string         `json:"number"`
	Pays    pricing.Method `json:"pays"`
}

// PlaceOrder makes the order of a cart, its subscriptions (awaiting payment for
// cards), their first deliveries and the payment, and holds the stock. A second
// submit of the same cart, from whichever tab, gets the first one's answer. It
// refuses when the cart or a figure changed since it was shown (Conflict).
func (f *Flow) PlaceOrder(ctx context.Context, in PlaceOrder) (Placed, error) {
	key := "place:" + in.CartID.String() + ":" + strconv.FormatInt(in.Version, 10)
	if placed, err := firstAnswer[Placed](ctx, f.DB, in.StoreID, key); err == nil || !errors.Is(err, db.ErrNotFound) {
		return placed, err
	}
	placed, err := f.placeNew(ctx, in, key)
	if err != nil {
		// another submit may have taken the cart while this one was reading it
		if first, lookup := firstAnswer[Placed](ctx, f.DB, in.StoreID, key); lookup == nil {
			return first, nil
		}
	}
	return placed, err
}

func (f *Flow) placeNew(ctx context.Context, in PlaceOrder, key string) (Placed, error) {
	now := f.Now()
	proposal, err := f.propose(ctx, f.DB, in.StoreID, in.CustomerID, in.CartID, now)
	if err != nil {
		return Placed{}, err
	}
	if proposal.CartVersion != in.Version || proposal.Digest() != in.Digest {
		return Placed{}, fault.New(fault.Conflict, "fault.order.changed")
	}
	if !proposal.Shop.Open {
		return Placed{}, fault.New(fault.Unavailable, "fault.store.closed")
	}
	terms, err := in.Terms(proposal)
	if err != nil {
		return Placed{}, fmt.Errorf("render the terms: %w", err)
	}
	draft, err := f.draft(ctx, in, proposal, terms)
	if err != nil {
		return Placed{}, err
	}
	placed := Placed{OrderID: draft.order.ID, Number: draft.order.Number, Pays: proposal.Checkout.Pays}
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		answer, err := json.Marshal(placed)
		if err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
		first, stored, err := db.Remember(ctx, tx, in.StoreID, key, string(answer), now)
		if err != nil {
			return err
		}
		if !first {
			return json.Unmarshal([]byte(stored), &placed)
		}
		return f.saveDraft(ctx, tx, in, proposal, draft, now)
	})
	if db.IsCheck(err) {
		return Placed{}, fault.New(fault.Conflict, "fault.stock.gone")
	}
	return placed, err
}

// orderDraft is everything placing an order writes, made before the transaction.
type orderDraft struct {
	order         order.Order
	payment       payment.Payment
	subscriptions []db.NewSubscription
	deliveries    []subscription.Delivery
	moves         []db.StockMove
}

func (f *Flow) draft(ctx context.Context, in PlaceOrder, p Proposal, terms string) (orderDraft, error) {
	var d orderDraft
	orderNumber, err := db.TakeNumbers(ctx, f.DB, in.StoreID, "order", 1)
	if err != nil {
		return d, fmt.Errorf("take an order number: %w", err)
	}
	d.order = f.newOrder(p, in.Lang, orderNumber)
	for _, l := range p.Lines {
		d.moves = append(d.moves, db.StockMove{
			VariantID: l.VariantID, Reserved: l.Quantity, OrderID: d.order.ID, Cause: stock.CauseReserve,
		})
	}
	if err := f.draftSubscriptions(ctx, in, p, terms, &d); err != nil {
		return d, err
	}
	d.payment = payment.Payment{
		ID: f.NewID(), OrderID: d.order.ID, CustomerID: p.Customer.ID, Kind: payment.KindMain,
		State: paymentState(d.order.Payment), Amount: p.Priced.Amount(p.Priced.Total),
	}
	if len(d.subscriptions) > 0 {
		d.order.SubscriptionID = d.subscriptions[0].Subscription.ID
		d.order.Box = 1
		d.payment.SubscriptionID = d.order.SubscriptionID
		d.payment.DeliveryID = d.deliveries[0].ID
	}
	return d, nil
}

func paymentState(o order.PaymentState) payment.State {
	switch o {
	case order.PaymentCOD:
		return payment.StateCODDue
	case order.PaymentZero:
		return payment.StateZero
	default:
		return payment.StateSession
	}
}

func (f *Flow) newOrder(p Proposal, lang i18n.Lang, number int64) order.Order {
	o := order.Order{
		ID: f.NewID(), Number: OrderNumber(number), CustomerID: p.Customer.ID, Source: order.SourceShop,
		Lang: string(lang), Address: p.Address.Address, ShippingMethod: p.Method.Code,
		TimeSlot: p.Checkout.TimeSlot, DeliveryDate: p.Date, ShippingDate: p.ShippingDate,
		PaidBy: string(p.Checkout.Pays), PlacedAt: p.At,
		Payment: order.PaymentAwaiting, Fulfilment: order.FulfilmentHeld,
	}
	freeze(&o, p.Priced)
	switch {
	case o.Total == 0:
		o.Payment, o.Fulfilment = order.PaymentZero, order.FulfilmentReady
	case p.Checkout.Pays == pricing.MethodCOD:
		o.Payment, o.Fulfilment = order.PaymentCOD, order.FulfilmentReady
	}
	for i, l := range p.Lines {
		o.Lines = append(o.Lines, orderLine(f.NewID(), p.Priced.Lines[i], l.Product, l.Variant, string(lang)))
	}
	return o
}

// OrderNumber writes the short number that people read out.
func OrderNumber(n int64) string { return strconv.FormatInt(100_000+n, 10) }

// SubscriptionNumber writes the number of a subscription.
func SubscriptionNumber(n int64) string { return fmt.Sprintf("T%07d", n) }

func (f *Flow) draftSubscriptions(ctx context.Context, in PlaceOrder, p Proposal, terms string, d *orderDraft) error {
	if len(p.Subscriptions) == 0 {
		return nil
	}
	number, err := db.TakeNumbers(ctx, f.DB, in.StoreID, "subscription", int64(len(p.Subscriptions)))
	if err != nil {
		return fmt.Errorf("take a subscription number: %w", err)
	}
	snapshot, err := json.Marshal(map[string]string{"lang": string(in.Lang), "html": terms})
	if err != nil {
		return fmt.Errorf("keep the terms: %w", err)
	}
	for i, proposed := range p.Subscriptions {
		s := proposed.Subscription
		s.ID, s.Number = f.NewID(), SubscriptionNumber(number+int64(i))
		for j := range s.Items {
			s.Items[j].ID = f.NewID()
		}
		first := subscription.Delivery{
			ID: f.NewID(), SubscriptionID: s.ID, Slot: 1, Box: 1, Date: p.Date, ShippingDate: p.ShippingDate,
			DeadlineDate: p.Date, Deadline: p.At, State: subscription.DeliveryOrdered, OrderID: d.order.ID,
			Quoted: proposed.Boxes[0].Priced.Total,
		}
		d.deliveries = append(d.deliveries, first)
		terms := p.Shop.Terms(p.Shop.Location, s.GraceDays, p.Zone.TransitDays)
		for j, coming := range s.Upcoming(1, 0, p.firstBox(), terms) {
			coming.ID = f.NewID()
			coming.Quoted = quoted(proposed, j+2)
			d.deliveries = append(d.deliveries, coming)
			s.LastSlot = coming.Slot
		}
		next := db.NewSubscription{Subscription: s, Terms: snapshot}
		if d.order.Payment != order.PaymentAwaiting {
			next.Subscription.State = subscription.StateActive
			next.NextDue = firstDeadline(d.deliveries, s.ID)
		}
		d.subscriptions = append(d.subscriptions, next)
	}
	return nil
}

// quoted is the total of a box; every one that is planned was priced.
func quoted(s ProposedSubscription, box int) int64 {
	return s.all[min(box, len(s.all))-1].Priced.Total
}

func firstDeadline(list []subscription.Delivery, subscriptionID ident.ID) time.Time {
	var first time.Time
	for _, d := range list {
		if d.SubscriptionID != subscriptionID || d.State != subscription.DeliveryPlanned {
			continue
		}
		if first.IsZero() || d.Deadline.Before(first) {
			first = d.Deadline
		}
	}
	return first
}

func (f *Flow) saveDraft(ctx context.Context, tx db.Tx, in PlaceOrder, p Proposal, d orderDraft, now time.Time) error {
	if err := db.TakeCart(ctx, tx, in.StoreID, in.CartID, in.Version); err != nil {
		if errors.Is(err, db.ErrStale) {
			return fault.New(fault.Conflict, "fault.order.changed")
		}
		return err
	}
	if err := db.InsertSubscriptions(ctx, tx, in.StoreID, d.subscriptions, now); err != nil {
		return err
	}
	if err := db.InsertOrders(ctx, tx, in.StoreID, []order.Order{d.order}); err != nil {
		return err
	}
	if err := f.takePrices(ctx, tx, in.StoreID, p, d.order, now); err != nil {
		return err
	}
	if err := db.InsertDeliveries(ctx, tx, in.StoreID, d.deliveries); err != nil {
		return err
	}
	if err := db.InsertPayments(ctx, tx, in.StoreID, []payment.Payment{d.payment}, now); err != nil {
		return err
	}
	if d.payment.State == payment.StateSession {
		if err := db.InsertHostedSession(ctx, tx, in.StoreID, f.newSession(d.order.ID, d.payment.ID, db.SessionPayment, now), now); err != nil {
			return err
		}
	} else if err := db.WriteMails(ctx, tx, in.StoreID, f.startMails(p, d.order, d.subscriptions), now); err != nil {
		return err
	}
	lines := []audit.Line{f.line(in.Actor, "order.placed", "order", d.order.ID, now,
		change("total", "", p.Priced.Amount(p.Priced.Total).String()))}
	for _, s := range d.subscriptions {
		lines = append(lines, f.line(in.Actor, "subscription.applied", "subscription", s.Subscription.ID, now,
			change("state", "", string(s.Subscription.State))))
	}
	if err := db.WriteAudit(ctx, tx, in.StoreID, lines); err != nil {
		return err
	}
	return db.MoveStock(ctx, tx, in.StoreID, d.moves, f.NewID, now) // last: others wait from then on
}

// newSession is a hosted session to be opened; the engine asks how it stands
// once it must have expired.
func (f *Flow) newSession(orderID, paymentID ident.ID, mode string, now time.Time) db.HostedSession {
	id := f.NewID()
	expires := now.Add(sessionMinutes * time.Minute)
	return db.HostedSession{
		ID: id, OrderID: orderID, PaymentID: paymentID, Mode: mode, State: db.SessionOpen,
		Key: "session:" + id.String(), ExpiresAt: expires, NextAt: expires.Add(time.Minute),
	}
}

// startMails are the mails of an order that is settled from the start.
func (f *Flow) startMails(p Proposal, o order.Order, subscriptions []db.NewSubscription) []db.Mail {
	if p.Customer.Mail == "" {
		return nil
	}
	m := f.newMail("order", "order:"+o.ID.String(), o, p.Customer)
	if len(subscriptions) > 0 {
		m.Event, m.SubscriptionID = "subscription_start", subscriptions[0].Subscription.ID
	}
	return []db.Mail{m}
}
