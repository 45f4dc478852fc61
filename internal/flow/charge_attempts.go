package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

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
