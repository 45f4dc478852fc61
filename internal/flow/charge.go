package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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

// verdict is what a charge came to.
type verdict int

const (
	verdictNone verdict = iota // not there yet: due again
	verdictPaid
	verdictDeclined
	verdictAction  // the bank wants to see the customer
	verdictUnclear // read again later, never guess
	verdictOther   // taken, but not what was asked for: staff must compare
	verdictRefused // the gateway refuses the request itself: staff must look
	verdictLater   // rate limit, conflict: no effect, try again soon
)

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

// writeAttempts makes sure that each payment has an attempt written before its
// call is made. Payments that are settled meanwhile drop out.
func (f *Flow) writeAttempts(ctx context.Context, storeID int64, charges []*charge, lease db.Lease) error {
	now := f.Now()
	var fresh []payment.Attempt
	for _, c := range charges {
		switch {
		case c.payment.State != payment.StateDue && c.payment.State != payment.StateUnknown:
			continue
		case pending(c.last):
			c.attempt = c.last
			continue
		}
		attempt, err := f.nextAttempt(c, now)
		if err != nil {
			c.verdict = verdictRefused
			c.attempt.Code = err.Error()
			continue
		}
		c.attempt = attempt
		fresh = append(fresh, attempt)
	}
	if len(fresh) == 0 {
		return nil
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		return f.insertLeased(ctx, tx, storeID, charges, fresh, lease)
	})
}

// insertLeased writes attempts of the payments that the lease still holds; a
// process that lost its lease must not start a call.
func (f *Flow) insertLeased(ctx context.Context, tx db.Tx, storeID int64, charges []*charge, fresh []payment.Attempt, lease db.Lease) error {
	ids := make([]ident.ID, len(fresh))
	for i, a := range fresh {
		ids[i] = a.PaymentID
	}
	held, err := db.LockLeasedPayments(ctx, tx, storeID, ids, lease.Token)
	if err != nil {
		return err
	}
	var kept []payment.Attempt
	for _, a := range fresh {
		if held[a.PaymentID] {
			kept = append(kept, a)
		}
	}
	for _, c := range charges {
		for _, id := range ids {
			if c.payment.ID == id && !held[id] {
				c.attempt = payment.Attempt{}
			}
		}
	}
	return db.InsertAttempts(ctx, tx, storeID, kept, stripe.RequestID(ctx))
}

// nextAttempt is the call a payment needs next: the creation of its intent, or
// the confirmation of the one it has.
func (f *Flow) nextAttempt(c *charge, now time.Time) (payment.Attempt, error) {
	a := payment.Attempt{ID: f.NewID(), PaymentID: c.payment.ID, No: c.last.No + 1, State: payment.AttemptOpen, StartedAt: now}
	if c.customer.GatewayID == "" || c.card.GatewayID == "" {
		return a, errors.New("no_card")
	}
	if c.payment.IntentID != "" {
		return f.confirmation(c, a), nil
	}
	amount, err := gatewayAmount(c.payment.Amount)
	if err != nil {
		return a, errors.New("amount_not_chargeable")
	}
	a.Step = payment.StepCreate
	a.Key = intentKey(c.payment)
	a.Params = payment.Params{
		Customer: c.customer.GatewayID, PaymentMethod: c.card.GatewayID, Amount: amount,
		Currency: strings.ToLower(string(c.payment.Amount.Currency)), DeliveryID: c.payment.DeliveryID.String(),
	}
	return a, nil
}

// intentKey names the n-th intent of a payment: whoever creates it, and however
// often, there is one.
func intentKey(p payment.Payment) string {
	return fmt.Sprintf("intent:%s:%d", p.ID, p.IntentNo+1)
}

// confirmation is a new confirmation of the stored intent. Each has its own key:
// a repeated one would only get the stored answer of the last.
func (f *Flow) confirmation(c *charge, a payment.Attempt) payment.Attempt {
	a.Step = payment.StepConfirm
	a.Key = "confirm:" + a.ID.String()
	a.IntentID = c.payment.IntentID
	a.Params = payment.Params{Intent: c.payment.IntentID, PaymentMethod: c.card.GatewayID, OffSession: c.presence == nil}
	if c.presence != nil {
		a.Params.ReturnURL = c.presence.ReturnURL
	}
	return a
}

func countStep(charges []*charge, step payment.Step) int {
	n := 0
	for _, c := range charges {
		if callable(c, step) {
			n++
		}
	}
	return n
}

func callable(c *charge, step payment.Step) bool {
	return c.attempt.Step == step && c.verdict == verdictNone && pending(c.attempt)
}

// pick takes the first n charges that wait for a step.
func pick(charges []*charge, step payment.Step, n int) []*charge {
	var picked []*charge
	for _, c := range charges {
		if callable(c, step) && len(picked) < n {
			picked = append(picked, c)
		}
	}
	return picked
}

// create makes the intent, or finds the one that an unanswered creation made.
func (f *Flow) create(ctx context.Context, gateway *stripe.Client, c *charge) {
	p := c.attempt.Params
	metadata := map[string]string{metaPayment: c.payment.ID.String(), "intent_no": fmt.Sprint(c.payment.IntentNo + 1), "delivery_id": p.DeliveryID}
	age := f.Now().Sub(c.attempt.StartedAt)
	intent, err := stripe.Intent{}, error(&stripe.Error{Op: "create intent", Kind: stripe.KindUnclear})
	if age < keyLife {
		intent, err = gateway.CreateIntent(ctx, c.attempt.Key, stripe.IntentParams{
			Amount: p.Amount, Currency: p.Currency, Customer: p.Customer, PaymentMethod: p.PaymentMethod, Metadata: metadata,
		})
	}
	// The gateway may replay a stored failure for as long as it knows the key. By
	// now no request can still be under way: the list says what there is.
	if stripe.KindOf(err) == stripe.KindUnclear && age > inFlightLimit {
		intent, err = f.findIntent(ctx, gateway, c)
	}
	if err == nil {
		c.attempt.State, c.attempt.IntentID, c.attempt.EndedAt = payment.AttemptSucceeded, intent.ID, f.Now()
		return
	}
	f.judgeError(ctx, c, err)
	if !pending(c.attempt) {
		c.payment.IntentNo++ // its key is used up; a next intent gets its own
	}
}

// errNoIntent says that an old creation never took effect.
var errNoIntent = errors.New("the intent was never created")

// findIntent looks for the intent of a creation whose key may be forgotten: by
// customer, because the list shows what was written a moment ago and the search
// does not (docs.stripe.com/search#data-freshness).
func (f *Flow) findIntent(ctx context.Context, gateway *stripe.Client, c *charge) (stripe.Intent, error) {
	after := ""
	for {
		page, err := gateway.Intents(ctx, c.attempt.Params.Customer, stripe.Page{Limit: 100, After: after})
		if err != nil {
			return stripe.Intent{}, err
		}
		for _, i := range page.Items {
			if i.Metadata[metaPayment] == c.payment.ID.String() && i.Metadata["intent_no"] == fmt.Sprint(c.payment.IntentNo+1) {
				return i, nil
			}
		}
		if !page.More || len(page.Items) == 0 {
			return stripe.Intent{}, errNoIntent
		}
		after = page.Items[len(page.Items)-1].ID
	}
}

// storeIntents stores the ids of created intents together with the attempts to
// confirm them: only a stored id is ever confirmed.
func (f *Flow) storeIntents(ctx context.Context, storeID int64, charges []*charge, lease db.Lease) error {
	now := f.Now()
	var closed, fresh []payment.Attempt
	var created []*charge
	for _, c := range charges {
		if c.attempt.Step == payment.StepCreate && c.attempt.State == payment.AttemptSucceeded {
			created = append(created, c)
		}
	}
	if len(created) == 0 {
		return nil
	}
	var changed []payment.Payment
	for _, c := range created {
		closed = append(closed, c.attempt)
		c.payment.IntentID = c.attempt.IntentID
		c.payment.IntentNo++
		changed = append(changed, c.payment)
		c.attempt = f.confirmation(c, payment.Attempt{
			ID: f.NewID(), PaymentID: c.payment.ID, No: c.attempt.No + 1, State: payment.AttemptOpen, StartedAt: now,
		})
		fresh = append(fresh, c.attempt)
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.CloseAttempts(ctx, tx, storeID, closed); err != nil {
			return err
		}
		if err := db.SetIntents(ctx, tx, storeID, changed); err != nil {
			return err
		}
		return f.insertLeased(ctx, tx, storeID, charges, fresh, lease)
	})
}

// confirm asks for the money. An attempt that was open before this claim may
// have taken effect: then the intent is read first.
func (f *Flow) confirm(ctx context.Context, gateway *stripe.Client, c *charge) {
	var refused *stripe.Intent
	age := f.Now().Sub(c.attempt.StartedAt)
	if c.last.ID == c.attempt.ID {
		intent, err := gateway.Intent(ctx, c.attempt.IntentID)
		if err != nil {
			f.judgeUnread(ctx, c, err)
			return
		}
		switch {
		case triedBefore(c) && intent.Status == stripe.IntentRequiresPaymentMethod && !neverTried(intent) && age < keyLife:
			// The refusal that it shows may be an earlier try's, and the bank was not
			// asked this time. Under its key the attempt gets its own answer.
			refused = &intent
		case intent.Status != stripe.IntentRequiresConfirmation && !neverTried(intent):
			f.judge(c, intent)
			return
		case age > inFlightLimit:
			// It had no effect and no request can still be under way. Under its key
			// the gateway might repeat a stored failure for a day; the next try gets
			// a key of its own.
			c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptFailed, f.Now(), verdictLater
			return
		}
	}
	intent, err := gateway.ConfirmIntent(ctx, c.attempt.Key, c.attempt.IntentID, stripe.ConfirmParams{
		PaymentMethod: c.attempt.Params.PaymentMethod, OffSession: c.attempt.Params.OffSession, ReturnURL: c.attempt.Params.ReturnURL,
	})
	if err == nil && refused != nil {
		// The answer may be the repeated one of this attempt's first call, and its
		// customer has been to the bank since: what the intent shows now counts.
		if intent, err = gateway.Intent(ctx, c.attempt.IntentID); err != nil {
			f.judgeUnread(ctx, c, err)
			return
		}
	}
	switch {
	case err == nil:
		f.judge(c, intent)
	case refused != nil && stripe.KindOf(err) == stripe.KindUnclear && age > inFlightLimit:
		f.judge(c, *refused) // a stored failure says nothing more, ever
	case c.last.ID == c.attempt.ID && age <= inFlightLimit && stripe.KindOf(err) != stripe.KindDeclined:
		f.judgeUnread(ctx, c, err) // the request before, with the same key, may still be under way
	default:
		f.confirmFailed(ctx, gateway, c, err)
	}
}

// triedBefore reports whether the attempt is not the first to confirm the
// payment's intent: the intent may still show how an earlier one ended.
func triedBefore(c *charge) bool {
	const first = 2 // the one before it created the intent
	return c.attempt.No > first
}

// neverTried reports whether no confirmation has reached the intent.
func neverTried(i stripe.Intent) bool {
	return i.Status == stripe.IntentRequiresPaymentMethod && i.LastError == nil
}

// confirmFailed reads a refused confirmation. The gateway may refuse because the
// intent has succeeded already (another process was faster): then that counts.
func (f *Flow) confirmFailed(ctx context.Context, gateway *stripe.Client, c *charge, err error) {
	var failure *stripe.Error
	if errors.As(err, &failure) && failure.Kind == stripe.KindInvalid {
		if intent, readErr := gateway.Intent(ctx, c.attempt.IntentID); readErr == nil &&
			(intent.Status == stripe.IntentSucceeded || intent.Status == stripe.IntentCanceled) {
			f.judge(c, intent)
			return
		}
	}
	f.judgeError(ctx, c, err)
}

// judge turns the state of an intent into a verdict.
func (f *Flow) judge(c *charge, intent stripe.Intent) {
	c.attempt.EndedAt = f.Now()
	if intent.LastError != nil {
		c.attempt.Code, c.attempt.Decline, c.attempt.Advice = intent.LastError.Code, intent.LastError.DeclineCode, intent.LastError.AdviceCode
	}
	switch intent.Status {
	case stripe.IntentSucceeded:
		c.attempt.Code, c.attempt.Decline, c.attempt.Advice = "", "", ""
		if pays(intent, c.payment, c.customer.GatewayID) != nil {
			c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptUnknown, time.Time{}, verdictOther
			c.attempt.Code = "other_money"
			return
		}
		c.attempt.State, c.verdict = payment.AttemptSucceeded, verdictPaid
	case stripe.IntentRequiresPaymentMethod:
		c.attempt.State, c.verdict = payment.AttemptDeclined, verdictDeclined
		if c.attempt.Code == "payment_intent_authentication_failure" {
			c.attempt.Decline = "authentication_required" // asked again, the bank will want to see them again
		}
	case stripe.IntentRequiresAction:
		f.judgeAction(c, intent)
	case stripe.IntentCanceled:
		c.attempt.State, c.verdict = payment.AttemptFailed, verdictRefused
		c.attempt.Code = "intent_cancelled"
		c.payment.IntentID = "" // a next try makes a new one
	default: // processing, and states that teiki never asks for
		c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptUnknown, time.Time{}, verdictUnclear
	}
}

const (
	// actionPatience is how long a customer may take at their bank's page.
	actionPatience = 30 * time.Minute
	// actionLook is when an abandoned question is looked at once more: banks end
	// theirs long before.
	actionLook = 2 * time.Hour
)

// judgeAction leaves the attempt open while the customer is at their bank, and
// takes it for declined once they must have left.
func (f *Flow) judgeAction(c *charge, intent stripe.Intent) {
	c.attempt.Code, c.attempt.Decline = "authentication_required", "authentication_required"
	if c.attempt.Params.OffSession || f.Now().Sub(c.attempt.StartedAt) > actionPatience {
		c.attempt.State, c.verdict = payment.AttemptDeclined, verdictDeclined
		return
	}
	c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptUnknown, time.Time{}, verdictAction
	c.nextAction = intent.NextActionURL
}

// judgeUnread is for a gateway that does not say how a charge ended. Why it does
// not (a key that was taken back, an account that is another) is no word about the
// charge: the attempt stays without an answer and is asked about again.
func (f *Flow) judgeUnread(ctx context.Context, c *charge, err error) {
	if kind := stripe.KindOf(err); kind == stripe.KindRateLimited || kind == stripe.KindConflict {
		f.judgeError(ctx, c, err)
		return
	}
	f.judgeError(ctx, c, &stripe.Error{Op: "learn how a charge ended", Kind: stripe.KindUnclear, Message: err.Error()})
}

// judgeError turns a failed call into a verdict. Only an unclear answer leaves the
// attempt open: every other kind says that nothing happened.
func (f *Flow) judgeError(ctx context.Context, c *charge, err error) {
	if errors.Is(err, errNoIntent) {
		c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptFailed, f.Now(), verdictLater
		return
	}
	var failure *stripe.Error
	if !errors.As(err, &failure) {
		failure = &stripe.Error{Kind: stripe.KindUnclear, Message: err.Error()}
	}
	c.attempt.Code, c.attempt.Decline, c.attempt.Advice = failure.Code, failure.DeclineCode, failure.AdviceCode
	c.attempt.EndedAt = f.Now()
	switch failure.Kind {
	case stripe.KindDeclined:
		c.attempt.State, c.verdict = payment.AttemptDeclined, verdictDeclined
	case stripe.KindUnclear:
		c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptUnknown, time.Time{}, verdictUnclear
	case stripe.KindRateLimited, stripe.KindConflict:
		// no effect of this call, but an earlier one with the same key may still be
		// under way: the attempt stays open and goes on later
		c.attempt.State, c.attempt.EndedAt, c.verdict = payment.AttemptOpen, time.Time{}, verdictLater
	default:
		c.attempt.State, c.verdict = payment.AttemptFailed, verdictRefused
		if failure.Code == "resource_missing" && failure.Param == "payment_method" {
			c.attempt.State, c.verdict = payment.AttemptDeclined, verdictDeclined
			c.attempt.Decline = "payment_method_missing" // another card solves it
		}
	}
	slog.WarnContext(ctx, "charge not made", "payment", c.payment.ID, "step", c.attempt.Step, "kind", failure.Kind, "error", err)
}
