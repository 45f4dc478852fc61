// Package demo fills an empty database with ひばり珈琲, a coffee roaster's shop,
// for people who try teiki and for tests that want a whole shop. It owns the
// shop's settings, goods and texts; the goods go in by the same import that
// merchants use.
package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// StoreID is the id of the demo's store.
const StoreID int64 = 1

// Mail addresses that log in to the console and to my page.
const (
	OwnerMail    = "owner@hibari-coffee.example"
	CustomerMail = "chihiro.hayakawa@example.jp"
)

// Logins are the password hashes of OwnerMail and CustomerMail.
type Logins struct {
	OwnerPasswordHash    string
	CustomerPasswordHash string
}

// Seed makes the shop in one transaction; where the store is there already it
// does nothing. The shop's own address, its gateway and its secrets are the
// caller's to save: they differ from start to start.
func Seed(ctx context.Context, f *flow.Flow, logins Logins) error {
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := db.Store(ctx, tx, StoreID)
		if err == nil {
			return nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return fmt.Errorf("look for the demo's store: %w", err)
		}
		s := seeder{tx: tx, texts: f.Texts, newID: f.NewID, now: f.Now()}
		for _, step := range []struct {
			what string
			do   func(context.Context) error
		}{
			{"store", s.store},
			{"settings", s.settings},
			{"staff", func(ctx context.Context) error { return s.staff(ctx, logins.OwnerPasswordHash) }},
			{"customer", func(ctx context.Context) error { return s.customer(ctx, logins.CustomerPasswordHash) }},
			{"goods", s.goods},
		} {
			if err := step.do(ctx); err != nil {
				return fmt.Errorf("make the demo's %s: %w", step.what, err)
			}
		}
		return nil
	})
}

// seeder is one transaction that makes the shop.
type seeder struct {
	tx    db.Tx
	texts *i18n.Catalog
	newID ident.Generator
	now   time.Time
}

// firstSubscription is high enough for a merchant's books to be moved into the
// demo, with the numbers that they give: they count from T0000001 too.
const firstSubscription = 500_001

func (s seeder) store(ctx context.Context) error {
	err := db.InsertStore(ctx, s.tx, store.Store{
		ID: StoreID, Slug: "hibari", Currency: currency, Zone: "Asia/Tokyo", Open: true, Demo: true,
	}, s.now)
	if err != nil {
		return err
	}
	return db.SkipNumbers(ctx, s.tx, StoreID, db.NumberSubscription, firstSubscription)
}

func (s seeder) settings(ctx context.Context) error {
	settings := Settings()
	for _, group := range []struct {
		name     db.SettingsGroup
		document any
	}{
		{db.SettingsProfile, settings.Profile},
		{db.SettingsDelivery, settings.Delivery},
		{db.SettingsTax, settings.Tax},
		{db.SettingsPayment, settings.Payment},
		{db.SettingsMail, settings.Mail},
		{db.SettingsLegal, flow.SampleLegal(s.texts)},
	} {
		if err := db.SaveSettings(ctx, s.tx, StoreID, group.name, group.document, 0, s.now); err != nil {
			return err
		}
	}
	return nil
}
