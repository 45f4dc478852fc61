package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
)

// Setup is what a new shop needs before anybody can log in. Secrets come from
// the environment, so that they stand in no shell history.
type Setup struct {
	Slug      string `help:"Short name of the shop." default:"shop"`
	Name      string `help:"Name of the shop." required:""`
	BaseURL   string `help:"Address under which customers reach the shop." required:"" placeholder:"https://shop.example"`
	OwnerMail string `help:"Mail address of the owner." required:""`
	SMTPHost  string `name:"smtp-host" help:"Mail server." default:"localhost"`
	SMTPPort  int    `name:"smtp-port" help:"Port of the mail server." default:"587"`
	SMTPUser  string `name:"smtp-user" help:"User at the mail server."`
	SMTPTLS   string `name:"smtp-tls" help:"none, starttls or tls." default:"starttls" enum:"none,starttls,tls"`
	From      string `help:"Sender address of the shop's mails." required:""`
	Gateway   string `help:"Base URL of the gateway; empty is Stripe's own." placeholder:"URL"`
	Postage   int64  `help:"Postage of a box within Japan, yen with tax." default:"660"`
	FreeFrom  int64  `help:"Goods from which postage is free, yen with tax; 0 = never." default:"0"`
	Transit   int    `help:"Days a box is on its way." default:"1"`
}

// The environment variables that hold a new shop's secrets.
const (
	envOwnerPassword = "TEIKI_OWNER_PASSWORD"
	envGatewayKey    = "TEIKI_STRIPE_KEY"
	envWebhookSecret = "TEIKI_STRIPE_WEBHOOK_SECRET"
	envSMTPPassword  = "TEIKI_SMTP_PASSWORD"
)

// leastPassword is the shortest owner password.
const leastPassword = 12

// Run creates the shop, its owner and its sealed secrets in one transaction. It is
// closed: whoever sells must first say who they are and on what terms.
func (c Setup) Run(ctx context.Context, place Place) (err error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return fmt.Errorf("--base-url must be an address such as https://shop.example, not %q", c.BaseURL)
	}
	password := os.Getenv(envOwnerPassword)
	if len(password) < leastPassword {
		return fmt.Errorf("set %s to a password of at least %d characters", envOwnerPassword, leastPassword)
	}
	if os.Getenv(envGatewayKey) == "" || os.Getenv(envWebhookSecret) == "" {
		return fmt.Errorf("set %s and %s to the keys of the Stripe account", envGatewayKey, envWebhookSecret)
	}
	h, err := OpenHouse(ctx, place, flow.Budget{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if h.Flow.Locked {
		return errors.New("this database belongs to another instance secret; nothing was written")
	}
	now := Wall()
	err = h.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return c.write(ctx, tx, h, base, password, now) })
	if db.IsUnique(err) {
		return fmt.Errorf("there is a shop %q, or an owner %s, already; nothing was written", c.Slug, c.OwnerMail)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "The shop %s is there, and closed until its legal pages are filled in: %s/admin/settings\n"+
		"Stripe webhooks go to %s/hooks/stripe\n", c.Name, c.BaseURL, c.BaseURL)
	return nil
}

func (c Setup) write(ctx context.Context, tx db.Tx, h *House, base *url.URL, password string, now time.Time) error {
	stores, err := db.Stores(ctx, tx)
	if err != nil {
		return err
	}
	id := int64(1)
	for _, s := range stores {
		id = max(id, s.ID+1)
	}
	shop := store.Store{ID: id, Slug: c.Slug, Currency: money.Currency("JPY"), Zone: "Asia/Tokyo"}
	if err := db.InsertStore(ctx, tx, shop, now); err != nil {
		return err
	}
	if err := db.AddHost(ctx, tx, id, base.Hostname()); err != nil {
		return err
	}
	settings := c.settings()
	for group, document := range map[db.SettingsGroup]any{db.SettingsDelivery: settings.Delivery, db.SettingsTax: settings.Tax} {
		if err := db.SaveSettings(ctx, tx, id, group, document, 0, now); err != nil {
			return err
		}
	}
	if err := saveSettings(ctx, tx, id, settings, now); err != nil {
		return err
	}
	for name, value := range map[string]string{
		flow.SecretGatewayKey: os.Getenv(envGatewayKey), flow.SecretWebhook: os.Getenv(envWebhookSecret),
		flow.SecretSMTP: os.Getenv(envSMTPPassword),
	} {
		if err := db.PutSecret(ctx, tx, id, name, h.Flow.Secrets.Seal(id, name, []byte(value)), now); err != nil {
			return err
		}
	}
	owner := staff.Member{ID: NewID(), Mail: c.OwnerMail, Name: c.OwnerMail, Lang: "ja"}
	if err := db.InsertStaff(ctx, tx, owner, auth.Hash(password), now); err != nil {
		return err
	}
	return db.SetStaffRole(ctx, tx, id, owner.ID, staff.RoleOwner)
}

// settings a Japanese shop starts with: one shipping method for the whole
// country, cards, and the cash-on-delivery fees that carriers commonly ask.
func (c Setup) settings() store.Settings {
	return store.Settings{
		Profile: store.Profile{
			Names: map[string]string{"ja": c.Name}, Address: place.Address{Country: "JP"}, Mail: c.From, BaseURL: c.BaseURL,
		},
		Delivery: store.Delivery{
			PreparationDays: 1, CutOffMinutes: 24 * 60,
			Methods: []shipping.Method{{
				Code: "parcel", Names: map[string]string{"ja": "宅配便", "en": "Parcel", "zh-Hans": "宅配", "zh-Hant": "宅配"},
				Zones: []shipping.Zone{{Country: "JP", Fee: c.Postage, FreeFrom: c.FreeFrom, TransitDays: c.Transit}},
				Slots: []string{"0812", "1416", "1618", "1820", "1921"}, AllowCOD: true, TaxClass: tax.Standard,
			}},
		},
		Tax: tax.Japan(),
		Payment: store.Payment{
			Card: true, COD: true, GatewayURL: c.Gateway, CODTaxClass: tax.Standard, RetryDays: []int{1, 3, 5, 7},
			CODTiers: []shipping.CODTier{
				{Ceiling: 10_000, Fee: 330},
				{Ceiling: 30_000, Fee: 440},
				{Ceiling: 100_000, Fee: 660},
				{Ceiling: 300_000, Fee: 1_100},
			},
		},
		Mail: store.Mail{
			FromName: c.Name, FromAddress: c.From, Host: c.SMTPHost, Port: c.SMTPPort, User: c.SMTPUser, TLS: c.SMTPTLS,
		},
	}
}
