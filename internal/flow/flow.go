// Package flow holds the use cases: one file each. A use case is either load →
// decide → save in one transaction, or reserve (transaction) → gateway call (no
// transaction) → settle (transaction); there is no third shape. Rules live in
// core, SQL in db.
package flow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// Flow is what every use case needs.
type Flow struct {
	DB      *db.DB
	Secrets *seal.Box
	Texts   *i18n.Catalog
	// Mailer gives the way out of a store's mails.
	Mailer func(context.Context, Shop) (mail.Sender, error)
	NewID  ident.Generator
	// Now is the business clock: dates, deadlines, retries. A demo may move it.
	Now func() time.Time
	// Wall is the clock of leases and budgets; it never jumps.
	Wall func() time.Time
	// Budget is what the gateway allows; zero means without limit (a simulator).
	Budget Budget
	// Locked stops the stages that charge and mail: the database is not the one
	// this installation's secret belongs to (a copy, a restored backup).
	Locked bool

	gateways sync.Map // store id → gatewayEntry
	kept     kept
	hooks    hookInbox
	flight   flight
}

// Names of the secrets a store keeps.
const (
	SecretGatewayKey = "stripe_secret_key"
	SecretWebhook    = "stripe_webhook_secret"
	SecretSMTP       = "smtp_password"
)

type gatewayEntry struct {
	url, key string
	client   *stripe.Client
}

// gateway is the store's client; it changes when URL or key change.
func (f *Flow) gateway(ctx context.Context, storeID int64, settings store.Settings) (*stripe.Client, error) {
	key, err := f.secret(ctx, storeID, SecretGatewayKey)
	if err != nil {
		return nil, fmt.Errorf("read the gateway's key: %w", err)
	}
	if known, ok := f.gateways.Load(storeID); ok {
		entry := known.(gatewayEntry)
		if entry.url == settings.Payment.GatewayURL && entry.key == key {
			return entry.client, nil
		}
	}
	entry := gatewayEntry{url: settings.Payment.GatewayURL, key: key}
	entry.client = stripe.New(stripe.Config{BaseURL: entry.url, SecretKey: entry.key, Timeout: callTimeout})
	f.gateways.Store(storeID, entry)
	return entry.client, nil
}

// Shop is a store with its settings, as a use case needs it.
type Shop struct {
	store.Store
	store.Settings
	Location *time.Location
}

// Shop is a store with its settings: within a transaction as they are, else as
// they were a moment ago (keepFor). Who gets it must not change what its maps
// and lists hold: others have the same.
func (f *Flow) Shop(ctx context.Context, c db.Conn, storeID int64) (Shop, error) {
	if c != db.Conn(f.DB) {
		return f.readShop(ctx, c, storeID)
	}
	return keep(f, &f.kept.shops, storeID, func() (Shop, error) { return f.readShop(ctx, c, storeID) })
}

func (f *Flow) readShop(ctx context.Context, c db.Conn, storeID int64) (Shop, error) {
	s, err := db.Store(ctx, c, storeID)
	if err != nil {
		return Shop{}, fmt.Errorf("read store %d: %w", storeID, err)
	}
	settings, err := db.Settings(ctx, c, storeID)
	if err != nil {
		return Shop{}, fmt.Errorf("read settings of store %d: %w", storeID, err)
	}
	return Shop{Store: s, Settings: settings, Location: s.Location()}, nil
}

// line is an audit line of now.
func (f *Flow) line(actor audit.Actor, verb, noun string, id ident.ID, now time.Time, changes map[string]audit.Change) audit.Line {
	return audit.Line{ID: f.NewID(), At: now, Actor: actor, Verb: verb, Noun: noun, NounID: id, Changes: changes}
}

// change is one changed field.
func change(field, before, after string) map[string]audit.Change {
	return map[string]audit.Change{field: {Before: before, After: after}}
}

// lease is a claim of the process for a while of the wall clock.
func (f *Flow) lease(duration time.Duration) db.Lease {
	now := f.Wall()
	return db.Lease{Token: f.NewID(), Now: now, Until: now.Add(duration)}
}

// byStore groups claimed rows.
func byStore(refs []db.Ref) map[int64][]ident.ID {
	groups := map[int64][]ident.ID{}
	for _, r := range refs {
		groups[r.StoreID] = append(groups[r.StoreID], r.ID)
	}
	return groups
}
