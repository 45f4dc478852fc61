// Package demo fills an empty database with ひばり珈琲, a coffee roaster's shop,
// for people who try teiki and for tests that want a whole shop. It owns the
// shop's settings, goods and texts; the goods go in by the same import that
// merchants use.
package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// StoreID is the id of the demo's store.
const StoreID int64 = 1

// Logins of the demo; their passwords are the caller's.
const (
	OwnerMail    = "owner@hibari-coffee.example"
	CustomerMail = "chihiro.hayakawa@example.jp"
)

// Options are what differs between demos.
type Options struct {
	Hosts      []string // host names without port that the shop answers at
	BaseURL    string   // for links in mails, without a slash at the end
	GatewayURL string   // the simulator's
	// Secrets are the store's, by name, in the clear; they are sealed here.
	Secrets map[string]string
	// Password hashes of OwnerMail and CustomerMail.
	OwnerPasswordHash    string
	CustomerPasswordHash string
}

// Seed makes the shop in one transaction, with ids of newID and everything dated
// now. Where the store is there already it does nothing and reports false.
func Seed(ctx context.Context, d *db.DB, box *seal.Box, newID ident.Generator, now time.Time, o Options) (bool, error) {
	made := false
	err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		made = false
		_, err := db.Store(ctx, tx, StoreID)
		if err == nil {
			return nil
		}
		if !errors.Is(err, db.ErrNotFound) {
			return fmt.Errorf("look for the demo's store: %w", err)
		}
		made = true
		s := seeder{tx: tx, newID: newID, now: now}
		for _, step := range []struct {
			what string
			do   func(context.Context) error
		}{
			{"store", func(ctx context.Context) error { return s.store(ctx, o.Hosts) }},
			{"settings", func(ctx context.Context) error { return s.settings(ctx, o) }},
			{"secrets", func(ctx context.Context) error { return s.secrets(ctx, box, o.Secrets) }},
			{"staff", func(ctx context.Context) error { return s.staff(ctx, o.OwnerPasswordHash) }},
			{"customer", func(ctx context.Context) error { return s.customer(ctx, o.CustomerPasswordHash) }},
			{"goods", s.goods},
		} {
			if err := step.do(ctx); err != nil {
				return fmt.Errorf("make the demo's %s: %w", step.what, err)
			}
		}
		return nil
	})
	return made && err == nil, err
}

// seeder is one transaction that makes the shop.
type seeder struct {
	tx    db.Tx
	newID ident.Generator
	now   time.Time
}

func (s seeder) store(ctx context.Context, hosts []string) error {
	shop := store.Store{ID: StoreID, Slug: "hibari", Currency: "JPY", Zone: "Asia/Tokyo", Open: true, Demo: true}
	if err := db.InsertStore(ctx, s.tx, shop, s.now); err != nil {
		return err
	}
	for _, host := range hosts {
		if err := db.AddHost(ctx, s.tx, StoreID, host); err != nil {
			return fmt.Errorf("host %s: %w", host, err)
		}
	}
	return nil
}

func (s seeder) settings(ctx context.Context, o Options) error {
	settings := Settings(o.BaseURL, o.GatewayURL)
	for _, group := range []struct {
		name     db.SettingsGroup
		document any
	}{
		{db.SettingsProfile, settings.Profile}, {db.SettingsDelivery, settings.Delivery},
		{db.SettingsTax, settings.Tax}, {db.SettingsPayment, settings.Payment}, {db.SettingsMail, settings.Mail},
	} {
		if err := db.SaveSettings(ctx, s.tx, StoreID, group.name, group.document, 0, s.now); err != nil {
			return err
		}
	}
	return nil
}

func (s seeder) secrets(ctx context.Context, box *seal.Box, secrets map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		sealed := box.Seal(StoreID, name, []byte(secrets[name]))
		if err := db.PutSecret(ctx, s.tx, StoreID, name, sealed, s.now); err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
	}
	return nil
}
