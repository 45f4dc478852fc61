package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// webhookTolerance is how old a signed message may be
// (docs.stripe.com/webhooks#verify-official-libraries).
const webhookTolerance = 5 * time.Minute

// ReceiveWebhook checks a message of the gateway and stores it, once by its id.
// A message with a bad or old signature is Invalid.
func (f *Flow) ReceiveWebhook(ctx context.Context, storeID int64, payload []byte, signature string) error {
	secret, err := f.secret(ctx, storeID, SecretWebhook)
	if err != nil {
		return fmt.Errorf("read the webhook secret: %w", err)
	}
	event, err := stripe.ParseEvent(payload, signature, secret, webhookTolerance, f.Wall())
	if err != nil {
		return fmt.Errorf("%w: %w", fault.New(fault.Invalid, "fault.webhook.signature"), err)
	}
	return f.hooks.store(ctx, f, db.WebhookEvent{
		StoreID: storeID, EventID: event.ID, Type: event.Type, ObjectID: event.ObjectID,
	})
}

const (
	webhookLease = 45 * time.Second
	// A message that cannot be handled waits twice as long each time: after so many
	// tries a gateway that could not be read was away for three days, as long as
	// Stripe itself repeats its messages (docs.stripe.com/webhooks#retries).
	webhookWait    = 5 * time.Second
	webhookLongest = time.Hour
	webhookTries   = 80
)

// webhookPause is how long a message waits after so many tries.
func webhookPause(tries int) time.Duration {
	wait := webhookWait
	for ; tries > 1 && wait < webhookLongest; tries-- {
		wait *= 2
	}
	return min(wait, webhookLongest)
}

// HandleWebhooks takes up to limit stored messages and does what they ask for.
// What a message says is not believed: the object is read again. Messages about
// payments that are settled already, nearly all of them, cost one read of the
// database together.
func (f *Flow) HandleWebhooks(ctx context.Context, limit int) (int, error) {
	now := f.Now()
	lease := f.lease(webhookLease)
	var events []db.WebhookEvent
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		events, err = db.ClaimWebhooks(ctx, tx, now, limit, lease)
		return err
	})
	if err != nil {
		return 0, err
	}
	stores := map[int64][]db.WebhookEvent{}
	for _, e := range events {
		stores[e.StoreID] = append(stores[e.StoreID], e)
	}
	for storeID, list := range stores {
		err = errors.Join(err, f.handleEvents(ctx, storeID, list, lease, now))
	}
	return len(events), err
}

func (f *Flow) handleEvents(ctx context.Context, storeID int64, events []db.WebhookEvent, lease db.Lease, now time.Time) error {
	var intents []string
	for _, e := range events {
		if strings.HasPrefix(e.Type, "payment_intent.") {
			intents = append(intents, e.ObjectID)
		}
	}
	known, err := db.PaymentsByIntents(ctx, f.DB, storeID, intents)
	if err != nil {
		return err
	}
	byIntent := map[string]payment.Payment{}
	for _, p := range known {
		byIntent[p.IntentID] = p
	}
	var done, stuck []string
	later := map[time.Duration][]string{}
	var open []ident.ID // payments without a result yet: a due one waiting for its retry has no news
	for _, p := range known {
		if p.State == payment.StateUnknown || p.State == payment.StateDue {
			open = append(open, p.ID)
		}
	}
	for _, e := range events {
		finished, err := f.handleEvent(ctx, storeID, e, byIntent)
		switch {
		case err != nil && e.Tries >= webhookTries:
			slog.ErrorContext(ctx, "webhook set aside", "event", e.EventID, "type", e.Type, "error", err)
			stuck = append(stuck, e.EventID)
		case err != nil:
			slog.WarnContext(ctx, "webhook not handled yet", "event", e.EventID, "type", e.Type, "error", err)
			later[webhookPause(e.Tries)] = append(later[webhookPause(e.Tries)], e.EventID)
		case finished:
			done = append(done, e.EventID)
		default:
			later[webhookPause(e.Tries)] = append(later[webhookPause(e.Tries)], e.EventID)
		}
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		return inOrder(
			func() error { return db.HurryPayments(ctx, tx, storeID, open, f.Now()) },
			func() error { return db.CloseWebhooks(ctx, tx, storeID, done, lease.Token) },
			func() error {
				for pause, ids := range later {
					if err := db.PostponeWebhooks(ctx, tx, storeID, ids, lease.Token, now.Add(pause), false); err != nil {
						return err
					}
				}
				return nil
			},
			func() error { return db.PostponeWebhooks(ctx, tx, storeID, stuck, lease.Token, now, true) },
		)
	})
}

// handleEvent reports whether the event has nothing more to tell.
func (f *Flow) handleEvent(ctx context.Context, storeID int64, e db.WebhookEvent, byIntent map[string]payment.Payment) (bool, error) {
	switch {
	case strings.HasPrefix(e.Type, "checkout.session."):
		return f.handleSession(ctx, storeID, e)
	case e.Type == stripe.EventIntentSucceeded:
		p, ours := byIntent[e.ObjectID]
		if !ours {
			return true, nil // of a hosted page, whose own message tells of it
		}
		switch p.State {
		case payment.StateAction:
			_, err := f.reopenPaid(ctx, storeID, p)
			return true, err
		case payment.StatePaid, payment.StateDue, payment.StateUnknown:
			return true, nil // what is open is hurried with the others of the set
		default:
			return true, f.lateIntent(ctx, storeID, p)
		}
	}
	return true, nil
}

func (f *Flow) handleSession(ctx context.Context, storeID int64, e db.WebhookEvent) (bool, error) {
	session, err := db.HostedSessionByGatewayID(ctx, f.DB, storeID, e.ObjectID)
	switch {
	case errors.Is(err, db.ErrNotFound) && e.Tries <= unknownTries:
		return false, nil
	case errors.Is(err, db.ErrNotFound):
		return true, f.strangeSession(ctx, storeID, e)
	case err != nil:
		return false, err
	}
	_, err = f.SettleSession(ctx, storeID, session.ID)
	return err == nil, err
}

// unknownTries is how often a message about a session that is not stored is put off:
// longer than its creation may take.
const unknownTries = 3

// strangeSession looks at a completed session that is not stored. One that was paid
// for a payment of ours (its page was made for an answer that nobody got, or the
// database is an older one) is told to staff; others are none of our business.
func (f *Flow) strangeSession(ctx context.Context, storeID int64, e db.WebhookEvent) error {
	if e.Type != stripe.EventSessionCompleted {
		return nil
	}
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return err
	}
	gateway, err := f.gateway(ctx, storeID, shop.Settings)
	if err != nil {
		return err
	}
	remote, err := gateway.Session(ctx, e.ObjectID)
	if stripe.KindOf(err) == stripe.KindNotFound {
		return nil
	}
	if err != nil {
		return gatewayFault(err)
	}
	id, named := paymentNamed(remote.Metadata)
	if !named || remote.Intent == nil || remote.Intent.Status != stripe.IntentSucceeded {
		return nil
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{id})
		if err != nil || len(locked) == 0 || locked[0].IntentID == remote.Intent.ID {
			return err
		}
		return f.tellLateMoney(ctx, tx, storeID, locked[0], remote.Intent.ID, f.Now())
	})
}

// lateIntent tells staff of an intent that has taken money for a payment that asks
// for none any more.
func (f *Flow) lateIntent(ctx context.Context, storeID int64, p payment.Payment) error {
	taken, err := f.succeeded(ctx, storeID, p.IntentID)
	if err != nil || !taken {
		return err
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		return f.tellLateMoney(ctx, tx, storeID, p, p.IntentID, f.Now())
	})
}

// reopenPaid makes a payment that waits for its customer due where the gateway
// has taken the money nevertheless, and reports that: the charge stage finds the
// intent succeeded.
func (f *Flow) reopenPaid(ctx context.Context, storeID int64, p payment.Payment) (reopened bool, err error) {
	paid, err := f.takenAtGateway(ctx, storeID, p)
	if err != nil || !paid {
		return false, err
	}
	err = f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		reopened = false
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{p.ID})
		if err != nil || len(locked) == 0 || locked[0].State != payment.StateAction {
			return err
		}
		locked[0].State, locked[0].NextAt, reopened = payment.StateDue, f.Now(), true
		return db.UpdateLeasedPayments(ctx, tx, storeID, locked)
	})
	return reopened && err == nil, err
}
