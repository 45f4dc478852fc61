package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
)

// CustomerPassword is a customer giving themselves another password, or the first
// one. Old is asked for where there is one.
type CustomerPassword struct {
	StoreID int64
	Actor   audit.Actor
	Mail    string // of the account
	Remote  string // network address
	Old     string
	New     string
}

// ChangePassword replaces the password of who is logged in, and ends their
// sessions: the caller begins the one at hand anew, of the password's version that
// it returns. Faults carry the fields old and new; TooMany as at Login, since
// whoever sits at an open browser could else try passwords here.
func (f *Flow) ChangePassword(ctx context.Context, in CustomerPassword) (customer.Customer, error) {
	if weak := auth.Check("new", in.New, in.Mail); weak != nil {
		return customer.Customer{}, weak
	}
	c, hash, err := db.CustomerByMail(ctx, f.DB, in.StoreID, in.Mail)
	if err != nil {
		return c, notFound(err)
	}
	try := attempt{storeID: in.StoreID, door: "shop", account: c.Mail, remote: in.Remote, wall: f.Wall()}
	if hash != "" {
		if err := f.mayTry(ctx, try); err != nil {
			return c, err
		}
		if !auth.Matches(hash, in.Old) {
			if err := f.failed(ctx, try); err != nil {
				return c, err
			}
			return c, fault.Field("old", "fault.password.wrong")
		}
	}
	fresh := auth.Hash(in.New)
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.ClearFailures(ctx, tx, in.StoreID, try.pair()); err != nil {
			return err
		}
		// a mailed link must not undo what its customer chose since
		if err := db.DeletePasswordLink(ctx, tx, in.StoreID, c.ID); err != nil {
			return err
		}
		c, err = f.savePassword(ctx, tx, in.StoreID, in.Actor, c.ID, fresh)
		return err
	})
	return c, err
}

// savePassword replaces a customer's password, ends what could still log in
// without it, and returns the customer with the password's new version.
func (f *Flow) savePassword(
	ctx context.Context, tx db.Tx, storeID int64, actor audit.Actor, id ident.ID, hash string,
) (customer.Customer, error) {
	err := inOrder(
		func() error { return db.SetPassword(ctx, tx, storeID, id, hash) },
		func() error { return db.DeleteLoginCode(ctx, tx, storeID, id) },
		func() error {
			return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(actor, "customer.password", "customer", id, f.Now(), nil)})
		},
	)
	if err != nil {
		return customer.Customer{}, err
	}
	return db.Customer(ctx, tx, storeID, id)
}
