package flow

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// The protocol of a charge, one payment at a time or hundreds side by side:
//
//	1. the attempt to create an intent is written with frozen parameters and a
//	   key made of payment and intent number, and committed;
//	2. the intent is created, unconfirmed: no money moves;
//	3. its id is stored, together with the attempt to confirm it, and committed;
//	4. only the stored id is confirmed;
//	5. the answer is recorded, whoever asked, and settled.
//
// A crash or an unclear answer at any point leaves an open attempt. The next
// claim finds it and asks: a creation is repeated with the same key and the same
// bytes while the gateway still knows the key, and looked for by customer where
// that does not help; a confirmation is never repeated before the intent was read. A succeeded
// intent cannot succeed again, so that two processes that both confirm charge
// once.

const (
	// callTimeout bounds a call to the gateway.
	callTimeout = 20 * time.Second
	// chargeLease is longer than the calls of a payment usually take one after the
	// other, and as short as that allows: it is how long the payments of a killed
	// process wait. No call is started after it, so that a batch that takes longer
	// leaves the rest of its payments to others; a call that is still under way
	// then is met by the stored intent, which succeeds once.
	chargeLease = 45 * time.Second
	// keyLife is how long a key may be sent again. Stripe prunes keys after 24
	// hours (docs.stripe.com/api/idempotent_requests); then a repeat would act.
	keyLife = 23 * time.Hour
	// inFlightLimit is longer than any request to the gateway may take.
	inFlightLimit = 2 * time.Minute
)

// Presence says that the customer is here, at a page of ours, while their order
// is charged: a bank that asks for 3-D Secure can be answered at once.
type Presence struct {
	ReturnURL string
}

// Charge takes up to limit payments that are due and charges them. It returns
// how many it took.
func (f *Flow) Charge(ctx context.Context, limit int) (int, error) {
	if f.Locked {
		return 0, nil
	}
	now := f.Now()
	lease := f.lease(chargeLease)
	var refs []db.Ref
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueuePayments, now, limit, lease)
		return err
	})
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	ctx = stripe.WithRequestID(ctx, lease.Token.String())
	for storeID, ids := range byStore(refs) {
		// a store without a usable key must not stop the others
		err = errors.Join(err, f.chargeHalving(ctx, storeID, ids, lease, now))
	}
	return len(refs), err
}

// chargeHalving charges a set; where the data themselves are refused it halves the
// set until the bad record stands alone, and quarantines that one. What was under way
// for the others is read at the gateway before it is asked for again.
func (f *Flow) chargeHalving(ctx context.Context, storeID int64, ids []ident.ID, lease db.Lease, now time.Time) error {
	_, err := f.chargeSet(ctx, storeID, ids, lease, nil)
	if err == nil || !db.IsData(err) {
		return err
	}
	if len(ids) == 1 {
		return f.quarantinePayment(ctx, storeID, ids[0], lease.Token, err, now)
	}
	half := len(ids) / 2
	return errors.Join(f.chargeHalving(ctx, storeID, ids[:half], lease, now), f.chargeHalving(ctx, storeID, ids[half:], lease, now))
}

// quarantinePayment sets a payment aside that would stop all others of its set.
func (f *Flow) quarantinePayment(ctx context.Context, storeID int64, id, token ident.ID, reason error, now time.Time) error {
	slog.ErrorContext(ctx, "payment set aside", "store", storeID, "payment", id, "reason", reason)
	about := alert.Alert{
		ID: f.NewID(), Kind: alert.KindQuarantined, Noun: nounPayment, SubjectID: id, At: now, Args: map[string]any{"Reason": reason.Error()},
	}
	if list, err := db.PaymentsByIDs(ctx, f.DB, storeID, []ident.ID{id}); err == nil && len(list) == 1 { // its own row may be the bad one
		about.OrderID, about.SubscriptionID = list[0].OrderID, list[0].SubscriptionID
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.Quarantine(ctx, tx, db.QueuePayments, db.Ref{StoreID: storeID, ID: id}, token); err != nil {
			return err
		}
		if err := db.RaiseAlerts(ctx, tx, storeID, []alert.Alert{about}); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(audit.System, "payment.quarantined", nounPayment, id, now, nil)})
	})
}

// nounPayment is what an alert about a payment itself is about; others are about its
// order.
const nounPayment = "payment"

// ChargeNow charges one payment while the customer waits, also one that no
// longer retries by itself. It returns where to send the customer when the bank
// wants to see them; empty otherwise.
func (f *Flow) ChargeNow(ctx context.Context, storeID int64, paymentID ident.ID, p Presence) (string, error) {
	if f.Locked {
		return "", nil
	}
	lease := f.lease(chargeLease)
	held := false
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		held, err = db.ClaimOne(ctx, tx, db.QueuePayments, db.Ref{StoreID: storeID, ID: paymentID}, lease)
		if err != nil || !held {
			return err
		}
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{paymentID})
		if err != nil || len(locked) == 0 || locked[0].State != payment.StateAction {
			return err
		}
		locked[0].State = payment.StateDue
		return db.UpdateLeasedPayments(ctx, tx, storeID, locked)
	})
	if err != nil || !held {
		return "", err
	}
	charges, err := f.chargeSet(ctx, storeID, []ident.ID{paymentID}, lease, &p)
	if err != nil || len(charges) == 0 {
		return "", err
	}
	return charges[0].nextAction, nil
}

// charge is one payment on its way through the protocol.
type charge struct {
	payment  payment.Payment
	last     payment.Attempt // newest attempt; zero when none
	customer customer.Customer
	card     customer.Card
	presence *Presence

	attempt    payment.Attempt // the call being made, with its answer
	verdict    verdict
	nextAction string
	unread     bool // the gateway did not say whether a payment that waits for its customer is paid
}

// chargeSet runs the protocol for payments of one store that the lease holds.
func (f *Flow) chargeSet(ctx context.Context, storeID int64, ids []ident.ID, lease db.Lease, here *Presence) ([]*charge, error) {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return nil, err
	}
	gateway, err := f.gateway(ctx, storeID, shop.Settings)
	if err != nil {
		return nil, err
	}
	charges, err := f.loadCharges(ctx, storeID, ids, here)
	if err != nil {
		return nil, err
	}
	f.lookAgain(ctx, storeID, charges)
	if err := f.writeAttempts(ctx, storeID, charges, lease); err != nil {
		return nil, err
	}
	granted, err := f.draw(ctx, storeID, endpointCreate, countStep(charges, payment.StepCreate))
	if err != nil {
		return nil, err
	}
	f.inFlight(lease, pick(charges, payment.StepCreate, granted), func(c *charge) { f.create(ctx, gateway, c) })
	if err := f.storeIntents(ctx, storeID, charges, lease); err != nil {
		return nil, err
	}
	granted, err = f.draw(ctx, storeID, endpointConfirm, countStep(charges, payment.StepConfirm))
	if err != nil {
		return nil, err
	}
	f.inFlight(lease, pick(charges, payment.StepConfirm, granted), func(c *charge) { f.confirm(ctx, gateway, c) })
	return charges, f.settle(ctx, shop, charges, lease)
}

// lookAgain reads the intents of payments that wait for their customer: a bank's
// question may be answered after it was taken for abandoned, and no message come.
func (f *Flow) lookAgain(ctx context.Context, storeID int64, charges []*charge) {
	for _, c := range charges {
		if c.payment.State != payment.StateAction {
			continue
		}
		reopened, err := f.reopenPaid(ctx, storeID, c.payment)
		if reopened {
			c.payment.State = payment.StateDue
		}
		if err != nil {
			slog.WarnContext(ctx, "payment not looked at again", "payment", c.payment.ID, "error", err)
			c.unread = true
		}
	}
}

// loadCharges reads what the calls need, in a fixed number of queries.
func (f *Flow) loadCharges(ctx context.Context, storeID int64, ids []ident.ID, here *Presence) ([]*charge, error) {
	payments, err := db.PaymentsByIDs(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, err
	}
	last, err := db.LastAttempts(ctx, f.DB, storeID, ids)
	if err != nil {
		return nil, err
	}
	var customerIDs, cardIDs []ident.ID
	for _, p := range payments {
		customerIDs = append(customerIDs, p.CustomerID)
		if !p.CardID.IsZero() {
			cardIDs = append(cardIDs, p.CardID)
		}
	}
	customers, err := db.CustomersByIDs(ctx, f.DB, storeID, customerIDs)
	if err != nil {
		return nil, err
	}
	cards, err := db.CardsByIDs(ctx, f.DB, storeID, cardIDs)
	if err != nil {
		return nil, err
	}
	charges := make([]*charge, len(payments))
	for i, p := range payments {
		charges[i] = &charge{payment: p, last: last[p.ID], customer: customers[p.CustomerID], card: cards[p.CardID], presence: here}
	}
	return charges, nil
}

// pending reports whether an attempt has no answer yet.
func pending(a payment.Attempt) bool {
	return a.State == payment.AttemptOpen || a.State == payment.AttemptUnknown
}
