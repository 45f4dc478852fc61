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
	webhookWait  = 5 * time.Second
	webhookTries = 20
)

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
	var done, later, stuck []string
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
			later = append(later, e.EventID)
		case finished:
			done = append(done, e.EventID)
		default:
			later = append(later, e.EventID)
		}
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		return inOrder(
			func() error { return db.HurryPayments(ctx, tx, storeID, open, f.Now()) },
			func() error { return db.CloseWebhooks(ctx, tx, storeID, done, lease.Token) },
			func() error {
				return db.PostponeWebhooks(ctx, tx, storeID, later, lease.Token, now.Add(webhookWait), false)
			},
			func() error { return db.PostponeWebhooks(ctx, tx, storeID, stuck, lease.Token, now, true) },
		)
	})
}

// handleEvent reports whether the event has nothing more to tell.
func (f *Flow) handleEvent(ctx context.Context, storeID int64, e db.WebhookEvent, byIntent map[string]payment.Payment) (bool, error) {
	switch {
	case strings.HasPrefix(e.Type, "checkout.session."):
		session, err := db.HostedSessionByGatewayID(ctx, f.DB, storeID, e.ObjectID)
		if errors.Is(err, db.ErrNotFound) {
			// its creation may not be stored yet; one that is not ours goes after a few tries
			return e.Tries > 3, nil
		}
		if err != nil {
			return false, err
		}
		_, err = f.SettleSession(ctx, storeID, session.ID)
		return err == nil, err
	case strings.HasPrefix(e.Type, "payment_intent."):
		p, ours := byIntent[e.ObjectID]
		if !ours {
			return true, nil
		}
		if p.State == payment.StateAction && e.Type == stripe.EventIntentSucceeded {
			return true, f.reopenPaid(ctx, storeID, p)
		}
		return true, nil // what is open is hurried with the others of the set
	}
	return true, nil
}

// reopenPaid makes a payment that waits for its customer due where the gateway
// has taken the money nevertheless: the charge stage finds the intent succeeded.
func (f *Flow) reopenPaid(ctx context.Context, storeID int64, p payment.Payment) error {
	paid, err := f.takenAtGateway(ctx, storeID, p)
	if err != nil || !paid {
		return err
	}
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		locked, err := db.LockPayments(ctx, tx, storeID, []ident.ID{p.ID})
		if err != nil || len(locked) == 0 || locked[0].State != payment.StateAction {
			return err
		}
		locked[0].State, locked[0].NextAt = payment.StateDue, f.Now()
		return db.UpdateLeasedPayments(ctx, tx, storeID, locked)
	})
}
