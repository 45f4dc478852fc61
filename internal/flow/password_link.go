package flow

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Limits of links that set a password.
const (
	linkLife = 72 * time.Hour
	// linkRest is how old a link has to be before another takes its place.
	linkRest = 5 * time.Minute
	// linkSet is how many links are made in one transaction.
	linkSet = 500
)

// sealedLink is the name that a link's token in the outbox is sealed under.
const sealedLink = "password_link"

// SendPasswordLink mails a customer a link that sets a password; the one before is
// good no more. Request names the form, so that a form that is sent twice sends one
// mail. It refuses (Conflict) a customer without mail and one who was sent a link
// minutes ago.
func (f *Flow) SendPasswordLink(ctx context.Context, storeID int64, actor audit.Actor, customerID, request ident.ID) error {
	to, err := db.Customer(ctx, f.DB, storeID, customerID)
	if err != nil {
		return notFound(err)
	}
	if to.Mail == "" {
		return fault.New(fault.Conflict, "fault.password.no_mail")
	}
	recent := f.Wall().Add(linkLife - linkRest)
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		first, _, err := db.Remember(ctx, tx, storeID, "password_link:"+request.String(), "sent", f.Now())
		if err != nil || !first {
			return err
		}
		sent, err := f.writePasswordLinks(ctx, tx, storeID, actor, []customer.Customer{to}, recent)
		if err == nil && sent == 0 {
			return fault.New(fault.Conflict, "fault.password.sent_lately")
		}
		return err
	})
}

// PasswordLinksDue counts whom SendPasswordLinks would mail.
func (f *Flow) PasswordLinksDue(ctx context.Context, storeID int64) (int, error) {
	return db.CountCustomersWithoutPassword(ctx, f.DB, storeID, f.Wall())
}

// SendPasswordLinks mails a link that sets a password to every member who moved in
// from another cart, has a mail and no password; who was sent one that still holds
// gets no second. It returns how many mails were written. Broken off, it goes on
// where it was when it is called again.
func (f *Flow) SendPasswordLinks(ctx context.Context, storeID int64, actor audit.Actor) (int, error) {
	now, sent, last := f.Wall(), 0, ident.ID{}
	for {
		set, err := db.CustomersWithoutPassword(ctx, f.DB, storeID, now, last, linkSet)
		if err != nil || len(set) == 0 {
			return sent, err
		}
		last = set[len(set)-1].ID
		written := 0
		err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			written, err = f.writePasswordLinks(ctx, tx, storeID, actor, set, now)
			return err
		})
		if err != nil {
			return sent, err
		}
		sent += written
	}
}

// writePasswordLinks makes a link with its mail and its audit line for each
// customer whose one before expires at recent or earlier, and counts them.
func (f *Flow) writePasswordLinks(
	ctx context.Context, tx db.Tx, storeID int64, actor audit.Actor, to []customer.Customer, recent time.Time,
) (int, error) {
	now, expires := f.Now(), f.Wall().Add(linkLife)
	links, letters := make([]db.PasswordLink, len(to)), map[ident.ID]db.Mail{}
	for i, c := range to {
		token := newLinkToken()
		links[i] = db.PasswordLink{CustomerID: c.ID, Mail: c.Mail, Hash: linkHash(token), Expires: expires}
		m := db.Mail{ID: f.NewID(), Event: "password_link", CustomerID: c.ID, Recipient: c.Mail, Lang: c.Lang}
		m.Dedupe, m.MessageID = "password_link:"+m.ID.String(), m.ID.String()+"@teiki"
		m.Facts = note(mailNote{Link: f.Secrets.Seal(storeID, sealedLink, []byte(token))})
		letters[c.ID] = m
	}
	kept, err := db.SavePasswordLinks(ctx, tx, storeID, links, recent)
	if err != nil {
		return 0, err
	}
	mails, lines := make([]db.Mail, len(kept)), make([]audit.Line, len(kept))
	for i, id := range kept {
		mails[i], lines[i] = letters[id], f.line(actor, "customer.password_link", "customer", id, now, nil)
	}
	return len(kept), inOrder(
		func() error { return db.WriteMails(ctx, tx, storeID, mails, now) },
		func() error { return db.WriteAudit(ctx, tx, storeID, lines) },
	)
}

// PasswordLink is whose password a link sets; NotFound for one that is not known,
// was used, has expired, or whose customer has another mail by now.
func (f *Flow) PasswordLink(ctx context.Context, storeID int64, token string) (customer.Customer, error) {
	c, err := db.CustomerOfPasswordLink(ctx, f.DB, storeID, linkHash(token), f.Wall())
	if errors.Is(err, db.ErrNotFound) {
		return c, fault.New(fault.NotFound, "fault.password.link")
	}
	return c, err
}

// SetPasswordByLink gives the customer of a link a password and uses the link up;
// the caller logs in whom it returns. Of two at a time one succeeds. Faults:
// NotFound as for PasswordLink; Invalid with the field password.
func (f *Flow) SetPasswordByLink(ctx context.Context, storeID int64, requestID, token, password string) (customer.Customer, error) {
	c, err := f.PasswordLink(ctx, storeID, token)
	if err != nil {
		return c, err
	}
	if weak := auth.Check("password", password, c.Mail); weak != nil {
		return c, weak
	}
	hash, actor := auth.Hash(password), audit.Actor{Kind: audit.ActorCustomer, ID: c.ID, RequestID: requestID}
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := db.UsePasswordLink(ctx, tx, storeID, linkHash(token), f.Wall())
		if errors.Is(err, db.ErrNotFound) {
			return fault.New(fault.NotFound, "fault.password.link")
		}
		if err != nil {
			return err
		}
		c, err = f.savePassword(ctx, tx, storeID, actor, c.ID, hash)
		return err
	})
	return c, err
}

// newLinkToken is a secret of 32 bytes in letters that an address may have.
func newLinkToken() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // crypto/rand never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(secret)
}

// linkHash is what is kept of a token. Nobody tries 256 bits out, so that it needs
// no secret of the installation.
func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// openLinkToken reads the token that a mail's link has; empty for other mails.
func (f *Flow) openLinkToken(storeID int64, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	token, err := f.Secrets.Open(storeID, sealedLink, sealed)
	if err != nil {
		return "", fmt.Errorf("%w: link of a mail: %w", db.ErrUnreadable, err)
	}
	return string(token), nil
}
