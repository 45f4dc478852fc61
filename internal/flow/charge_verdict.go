package flow

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

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
