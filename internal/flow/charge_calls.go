package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

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
