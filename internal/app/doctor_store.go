package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// examinePatience bounds one call to a gateway or a mail server: somebody waits
// in front of the screen.
const examinePatience = 10 * time.Second

// stores looks at every shop of the installation.
func (e *examination) stores(ctx context.Context) (bool, error) {
	stores, err := db.Stores(ctx, e.db)
	if err != nil {
		return false, err
	}
	if len(stores) == 0 {
		e.find("settings", "", Ill, "no_store")
	}
	for _, s := range stores {
		settings, err := db.Settings(ctx, e.db, s.ID)
		if err != nil {
			return false, err
		}
		e.settings(s, settings)
		e.address(s, settings)
		for _, look := range []func(context.Context, store.Store, store.Settings) error{e.gateway, e.webhook, e.mail} {
			if err := look(ctx, s, settings); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// settings looks for what a shop cannot open without, and whether shoppers are
// let in.
func (e *examination) settings(s store.Store, settings store.Settings) {
	missing := settings.Missing()
	names := make([]string, len(missing))
	for i, field := range missing {
		names[i] = e.words.T("settings.field." + strings.TrimSuffix(string(field), ".ja"))
	}
	switch {
	case len(missing) > 0 && s.Open:
		e.find("settings", s.Slug, Ill, "missing", "Fields", strings.Join(names, e.words.T("doctor.comma")))
	case len(missing) > 0:
		e.find("settings", s.Slug, Doubt, "unready", "Fields", strings.Join(names, e.words.T("doctor.comma")))
	case !s.Open:
		e.find("settings", s.Slug, Doubt, "closed")
	default:
		e.find("settings", s.Slug, Healthy, "well")
	}
}

// address looks at the address under which customers reach the shop.
func (e *examination) address(s store.Store, settings store.Settings) {
	base := settings.Profile.BaseURL
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		e.find("address", s.Slug, Ill, "none", "URL", base)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		e.find("address", s.Slug, Ill, "open", "URL", base)
	default:
		e.find("address", s.Slug, Healthy, "well", "URL", base)
	}
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// errSealed is returned for a secret that this installation cannot open.
var errSealed = errors.New("sealed with another instance secret")

// opened is a secret of a store; empty where there is none.
func (e *examination) opened(ctx context.Context, storeID int64, name string) (string, error) {
	sealed, err := db.Secret(ctx, e.db, storeID, name)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	plain, err := e.secrets.Open(storeID, name, sealed)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSealed, err)
	}
	return string(plain), nil
}

// gateway asks the gateway whose account the key is.
func (e *examination) gateway(ctx context.Context, s store.Store, settings store.Settings) error {
	if !settings.Payment.Card {
		e.find("gateway", s.Slug, Healthy, "unused")
		return nil
	}
	key, err := e.opened(ctx, s.ID, flow.SecretGatewayKey)
	switch {
	case errors.Is(err, errSealed):
		e.find("gateway", s.Slug, Ill, "sealed")
		return nil
	case err != nil:
		return err
	case key == "":
		e.find("gateway", s.Slug, Ill, "none")
		return nil
	}
	client := stripe.New(stripe.Config{BaseURL: settings.Payment.GatewayURL, SecretKey: key, Timeout: examinePatience})
	account, err := client.Account(ctx)
	switch {
	case stripe.KindOf(err) == stripe.KindAuth:
		e.find("gateway", s.Slug, Ill, "refused")
	case err != nil:
		e.find("gateway", s.Slug, Ill, "away", "Reason", err.Error())
	case !account.ChargesEnabled:
		e.find("gateway", s.Slug, Ill, "closed", "Account", account.ID)
	case settings.Payment.GatewayURL != "":
		e.find("gateway", s.Slug, Doubt, "elsewhere", "URL", settings.Payment.GatewayURL)
	case !strings.Contains(key, "_live_"):
		e.find("gateway", s.Slug, Doubt, "test", "Account", account.ID)
	default:
		e.find("gateway", s.Slug, Healthy, "well", "Account", account.ID)
	}
	return nil
}

// webhook looks for the secret that the gateway's events are signed with.
func (e *examination) webhook(ctx context.Context, s store.Store, settings store.Settings) error {
	if !settings.Payment.Card {
		return nil
	}
	secret, err := e.opened(ctx, s.ID, flow.SecretWebhook)
	switch hook := settings.Profile.BaseURL + "/hooks/stripe"; {
	case errors.Is(err, errSealed):
		e.find("webhook", s.Slug, Ill, "sealed")
	case err != nil:
		return err
	case secret == "":
		e.find("webhook", s.Slug, Ill, "none", "URL", hook)
	default:
		e.find("webhook", s.Slug, Healthy, "well", "URL", hook)
	}
	return nil
}

// mail connects to the store's mail server and logs in.
func (e *examination) mail(ctx context.Context, s store.Store, settings store.Settings) error {
	m := settings.Mail
	if m.Host == "" || m.FromAddress == "" {
		e.find("mail", s.Slug, Ill, "none")
		return nil
	}
	password, err := e.opened(ctx, s.ID, flow.SecretSMTP)
	if errors.Is(err, errSealed) {
		e.find("mail", s.Slug, Ill, "sealed")
		return nil
	}
	if err != nil {
		return err
	}
	server := net.JoinHostPort(m.Host, strconv.Itoa(m.Port))
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: m.Host, Port: m.Port, User: m.User, Password: password, TLS: mail.TLS(m.TLS), Timeout: examinePatience,
	})
	if err != nil {
		e.find("mail", s.Slug, Ill, "away", "Server", server, "Reason", err.Error())
		return nil
	}
	var refused *mail.Error
	switch err := sender.Reach(ctx); {
	case errors.As(err, &refused) && refused.Code/10 == 53: // 530, 534, 535, 538 of RFC 4954: the login
		e.find("mail", s.Slug, Ill, "login", "Server", server, "Reason", refused.Err.Error())
	case err != nil:
		e.find("mail", s.Slug, Ill, "away", "Server", server, "Reason", err.Error())
	case m.TLS == string(mail.TLSNone) && !isLoopback(m.Host):
		e.find("mail", s.Slug, Doubt, "open", "Server", server)
	default:
		e.find("mail", s.Slug, Healthy, "well", "Server", server)
	}
	return sender.Close()
}
