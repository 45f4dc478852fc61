package flow

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// Limits of codes that log in without a password.
const (
	codeLife  = 10 * time.Minute
	codeTries = 5
	// codeRest is how old a code has to be before another takes its place: nobody
	// floods a mail box, or gets new tries at a code by asking again and again.
	codeRest = time.Minute
)

// sealedCode is the name that a code in the outbox is sealed under.
const sealedCode = "login_code"

// SendLoginCode mails a customer a code to log in with. Whether the mail is a
// customer's is told neither by the answer nor by the time it takes. Faults:
// mail; TooMany as at Login.
func (f *Flow) SendLoginCode(ctx context.Context, storeID int64, mail, remote string, lang i18n.Lang) error {
	ask := attempt{storeID: storeID, door: "code", account: place.MailAddress(mail), remote: remote, wall: f.Wall()}
	if e := place.CheckMail("mail", ask.account, place.Required); e != nil {
		return fault.List{e}
	}
	if err := f.mayTry(ctx, ask); err != nil {
		return err
	}
	if err := f.failed(ctx, ask); err != nil {
		return err
	}
	c, _, err := db.CustomerByMail(ctx, f.DB, storeID, ask.account)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	known, nobody, code, expires := err == nil, f.NewID(), newCode(), ask.wall.Add(codeLife)
	letter := db.Mail{ID: f.NewID(), Event: "login_code", CustomerID: c.ID, Recipient: c.Mail, Lang: string(lang)}
	letter.Dedupe, letter.MessageID = "login_code:"+letter.ID.String(), letter.ID.String()+"@teiki"
	letter.Facts = note(mailNote{Code: f.Secrets.Seal(storeID, sealedCode, []byte(code))})
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if known {
			saved, err := db.SaveLoginCode(ctx, tx, storeID, c.ID, f.codeHash(storeID, c.ID, code), expires, expires.Add(-codeRest))
			if err != nil {
				return err
			}
			if saved {
				return db.WriteMails(ctx, tx, storeID, []db.Mail{letter}, f.Now())
			}
		}
		// writing for nobody takes as long
		if _, err := db.SaveLoginCode(ctx, tx, storeID, nobody, f.codeHash(storeID, nobody, code), expires, expires); err != nil {
			return err
		}
		return db.DeleteLoginCode(ctx, tx, storeID, nobody)
	})
}

// LoginByCode finds the customer of a mail and a code that was sent to it; a code
// is good for one login. Whatever is wrong, the answer is the same (Invalid);
// TooMany as at Login.
func (f *Flow) LoginByCode(ctx context.Context, storeID int64, mail, code, remote string) (customer.Customer, error) {
	try := attempt{storeID: storeID, door: "code-try", account: place.MailAddress(mail), remote: remote, wall: f.Wall()}
	if err := f.mayTry(ctx, try); err != nil {
		return customer.Customer{}, err
	}
	c, _, err := db.CustomerByMail(ctx, f.DB, storeID, try.account)
	if errors.Is(err, db.ErrNotFound) {
		c.ID = f.NewID() // nobody, who has no code
	} else if err != nil {
		return customer.Customer{}, err
	}
	given, right := f.codeHash(storeID, c.ID, codeDigits(code)), false
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		right = false
		hash, err := db.TryLoginCode(ctx, tx, storeID, c.ID, try.wall, codeTries)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if right = subtle.ConstantTimeCompare(hash, given) == 1; !right {
			return nil // the try counts
		}
		return inOrder(
			func() error { return db.DeleteLoginCode(ctx, tx, storeID, c.ID) },
			func() error { return db.ClearFailures(ctx, tx, storeID, try.pair()) },
		)
	})
	if err != nil {
		return customer.Customer{}, err
	}
	if right {
		return c, nil
	}
	if err := f.failed(ctx, try); err != nil {
		return customer.Customer{}, err
	}
	return customer.Customer{}, fault.New(fault.Invalid, "fault.login.code")
}

// newCode is six digits that nobody can foresee.
func newCode() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // crypto/rand never fails: it ends the program instead
	return fmt.Sprintf("%06d", n)
}

// codeDigits are the digits of a code as people type it: full width, in groups.
func codeDigits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		default:
			return -1
		}
	}, typed)
}

// codeHash is what is kept of a code. Six digits are soon tried out, so it takes
// the installation's secret, which is not in the database.
func (f *Flow) codeHash(storeID int64, customerID ident.ID, code string) []byte {
	return f.Secrets.MAC(storeID, "login code", append(customerID[:], code...))
}

// openCode reads the code that a mail is to say; empty for other mails.
func (f *Flow) openCode(storeID int64, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	code, err := f.Secrets.Open(storeID, sealedCode, sealed)
	if err != nil {
		return "", fmt.Errorf("%w: code of a mail: %w", db.ErrUnreadable, err)
	}
	return string(code), nil
}
