package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/mail"
)

const (
	// mailLease is longer than a mail may take; the mails of a killed process wait
	// as long. No mail is begun after it: another process may be at it by then.
	mailLease = 45 * time.Second
	// mailsInFlight are connections to the mail server at a time.
	mailsInFlight = 4
	mailWait      = time.Minute
	mailWaitLimit = time.Hour
)

// SendMails takes up to limit mails of the outbox, writes them and hands them to
// the mail server. A server that is down means later, never lost: a mail may go
// twice under one Message-ID, but not never. It returns how many it took.
func (f *Flow) SendMails(ctx context.Context, limit int) (int, error) {
	if f.Locked {
		return 0, nil
	}
	now := f.Now()
	lease := f.lease(mailLease)
	var refs []db.Ref
	err := f.write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueueMails, now, limit, lease)
		return err
	})
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	for storeID, ids := range byStore(refs) {
		// a store whose mail server is not set up must not stop the others
		err = errors.Join(err, f.sendSet(ctx, storeID, ids, lease, now))
	}
	return len(refs), err
}

func (f *Flow) sendSet(ctx context.Context, storeID int64, ids []ident.ID, lease db.Lease, now time.Time) error {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return err
	}
	sender, err := f.Mailer(ctx, shop)
	if err != nil {
		return fmt.Errorf("find the way out of mails: %w", err)
	}
	letters, err := f.loadLetters(ctx, shop, ids)
	if db.IsData(err) {
		return f.sendHalves(ctx, storeID, ids, lease, now, err)
	}
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var results []db.MailResult
	var group errgroup.Group
	group.SetLimit(mailsInFlight)
	for _, l := range letters {
		group.Go(func() error {
			if !f.Wall().Before(lease.Until) {
				return nil
			}
			result := f.send(ctx, sender, l, now)
			mu.Lock()
			defer mu.Unlock()
			results = append(results, result)
			return nil
		})
	}
	_ = group.Wait() // results carry the failures
	return f.closeMails(ctx, storeID, letters, results, lease, now)
}

// sendHalves splits a set that cannot be read until the bad mail stands alone,
// and refuses that one.
func (f *Flow) sendHalves(ctx context.Context, storeID int64, ids []ident.ID, lease db.Lease, now time.Time, reason error) error {
	if len(ids) == 1 {
		refused := db.MailResult{ID: ids[0], State: db.MailRefused, Error: reason.Error()}
		return f.closeMails(ctx, storeID, nil, []db.MailResult{refused}, lease, now)
	}
	half := len(ids) / 2
	return errors.Join(f.sendSet(ctx, storeID, ids[:half], lease, now), f.sendSet(ctx, storeID, ids[half:], lease, now))
}

func (f *Flow) closeMails(ctx context.Context, storeID int64, letters []letter, results []db.MailResult, lease db.Lease, now time.Time) error {
	return f.write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.CloseMails(ctx, tx, storeID, results, lease.Token); err != nil {
			return err
		}
		return db.RaiseAlerts(ctx, tx, storeID, f.refusedMails(letters, results, now))
	})
}

// send writes one mail and hands it over.
func (f *Flow) send(ctx context.Context, sender mail.Sender, l letter, now time.Time) db.MailResult {
	subject, text, html, err := mail.Render(f.Texts.For(l.lang), mail.Event(l.row.Event), l.facts, l.store)
	if err != nil {
		return db.MailResult{ID: l.row.ID, State: db.MailRefused, Error: err.Error()}
	}
	err = sender.Send(ctx, mail.Message{
		From:    mail.Address{Name: l.from.FromName, Mail: l.from.FromAddress},
		ReplyTo: l.replyTo,
		To:      mail.Address{Name: strings.TrimSpace(l.facts.Customer.Family + " " + l.facts.Customer.Given), Mail: l.row.Recipient},
		Subject: subject, Text: text, HTML: html, MessageID: l.row.MessageID, Date: l.row.CreatedAt,
	})
	switch {
	case err == nil:
		return db.MailResult{ID: l.row.ID, State: db.MailSent, Subject: subject, SentAt: now}
	case mail.ClassOf(err) == mail.Permanent:
		return db.MailResult{ID: l.row.ID, State: db.MailRefused, Subject: subject, Error: err.Error()}
	default:
		slog.WarnContext(ctx, "mail not sent yet", "mail", l.row.ID, "error", err)
		wait := min(mailWait*time.Duration(l.row.Tries*l.row.Tries+1), mailWaitLimit)
		return db.MailResult{ID: l.row.ID, State: db.MailWaiting, Subject: subject, Error: err.Error(), Next: now.Add(wait)}
	}
}

func (f *Flow) refusedMails(letters []letter, results []db.MailResult, now time.Time) []alert.Alert {
	rows := map[ident.ID]db.Mail{}
	for _, l := range letters {
		rows[l.row.ID] = l.row
	}
	var alerts []alert.Alert
	for _, r := range results {
		if r.State != db.MailRefused {
			continue
		}
		row := rows[r.ID]
		alerts = append(alerts, alert.Alert{
			ID: f.NewID(), Kind: alert.KindMailRefused, Noun: "mail", SubjectID: r.ID, OrderID: row.OrderID,
			SubscriptionID: row.SubscriptionID, At: now, Args: map[string]any{"Reason": r.Error},
		})
	}
	return alerts
}

// payLink is the page that pays an open order, reached by a signed token.
func (f *Flow) payLink(shop Shop, lang string, orderID ident.ID) string {
	return fmt.Sprintf("%s%s/pay/%s", shop.Profile.BaseURL, langPrefix(lang), f.PayToken(shop.ID, orderID))
}
