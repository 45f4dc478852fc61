package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
)

// StaffPassword is a member of staff giving themselves another password.
type StaffPassword struct {
	StoreID int64
	Actor   audit.Actor
	Mail    string // of the account
	Remote  string // network address
	Old     string
	New     string
}

// ChangeStaffPassword replaces the password of who is logged in, and ends their
// sessions: the caller begins the one at hand anew, of the account's version that
// it returns. Faults carry the fields old and new; TooMany as at StaffLogin, since
// whoever sits at an open browser could else try passwords here.
func (f *Flow) ChangeStaffPassword(ctx context.Context, in StaffPassword) (staff.Member, error) {
	if weak := auth.Check("new", in.New, in.Mail); weak != nil {
		return staff.Member{}, weak
	}
	try := attempt{storeID: in.StoreID, door: "console", account: in.Mail, remote: in.Remote, wall: f.Wall()}
	if err := f.mayTry(ctx, try); err != nil {
		return staff.Member{}, err
	}
	m, hash, err := db.StaffByMail(ctx, f.DB, in.StoreID, in.Mail)
	if err != nil {
		return staff.Member{}, notFound(err)
	}
	if !auth.Matches(hash, in.Old) {
		if err := f.failed(ctx, try); err != nil {
			return staff.Member{}, err
		}
		return staff.Member{}, fault.Field("old", "fault.password.wrong")
	}
	fresh, now := auth.Hash(in.New), f.Now()
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.SetStaffPassword(ctx, tx, m.ID, m.Version, fresh); err != nil {
			return stale(err)
		}
		if err := db.ClearFailures(ctx, tx, in.StoreID, try.pair()); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{f.line(in.Actor, "staff.password", "staff", m.ID, now, nil)})
	})
	m.Version++
	return m, err
}
