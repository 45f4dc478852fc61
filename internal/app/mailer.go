package app

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// mailers keeps one SMTP client a store, renewed when the store's settings
// change.
type mailers struct {
	db      *db.DB
	secrets *seal.Box

	mu      sync.Mutex
	clients map[int64]mailer
}

type mailer struct {
	settings store.Mail
	password string
	client   *mail.SMTP
}

func newMailers(d *db.DB, secrets *seal.Box) *mailers {
	return &mailers{db: d, secrets: secrets, clients: map[int64]mailer{}}
}

// of is the way out of a store's mails.
func (m *mailers) of(ctx context.Context, shop flow.Shop) (mail.Sender, error) {
	password, err := m.password(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.clients[shop.ID]
	if ok && known.settings == shop.Mail && known.password == password {
		return known.client, nil
	}
	client, err := mail.NewSMTP(mail.SMTPConfig{
		Host: shop.Mail.Host, Port: shop.Mail.Port, User: shop.Mail.User, Password: password, TLS: mail.TLS(shop.Mail.TLS),
	})
	if err != nil {
		return nil, fmt.Errorf("mail server of store %d: %w", shop.ID, err)
	}
	m.clients[shop.ID] = mailer{settings: shop.Mail, password: password, client: client}
	if ok {
		_ = known.client.Close() // idle connections to a server that is no longer used
	}
	return client, nil
}

func (m *mailers) password(ctx context.Context, storeID int64) (string, error) {
	sealed, err := db.Secret(ctx, m.db, storeID, flow.SecretSMTP)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the mail server's password: %w", err)
	}
	password, err := m.secrets.Open(storeID, flow.SecretSMTP, sealed)
	return string(password), err
}

func (m *mailers) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clients {
		_ = c.client.Close() // the process ends; a server that hung up first is no news
	}
}
