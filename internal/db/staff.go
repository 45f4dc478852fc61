package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
)

type staffRow struct {
	bun.BaseModel `bun:"table:staff"`

	ID           uid
	Mail         string
	Name         string
	Lang         string
	PasswordHash string
	Version      int64
	CreatedAt    instant
}

// memberRow is a person with the role in one store.
type memberRow struct {
	staffRow `bun:",extend"`

	Role string
}

func (r memberRow) core() staff.Member {
	return staff.Member{
		ID: ident.ID(r.ID), Mail: r.Mail, Name: r.Name, Lang: r.Lang, Role: staff.Role(r.Role), Version: r.Version,
	}
}

type staffRoleRow struct {
	bun.BaseModel `bun:"table:staff_roles"`

	StoreID int64
	StaffID uid
	Role    staff.Role
}

// InsertStaff adds a person, who may enter no store until SetStaffRole. A mail
// that is taken is refused: IsUnique.
func InsertStaff(ctx context.Context, tx Tx, m staff.Member, passwordHash string, now time.Time) error {
	row := staffRow{
		ID: uid(m.ID), Mail: place.MailAddress(m.Mail), Name: m.Name, Lang: m.Lang,
		PasswordHash: passwordHash, Version: 1, CreatedAt: at(now),
	}
	err := insertRow(ctx, tx, row)
	return doing("insert staff", err)
}

// SetStaffRole gives a person a role in a store, in place of any before it; the
// empty role takes it away.
func SetStaffRole(ctx context.Context, tx Tx, storeID int64, id ident.ID, role staff.Role) error {
	if role == "" {
		_, err := tx.ExecContext(ctx, "DELETE FROM staff_roles WHERE store_id = ? AND staff_id = ?", storeID, uid(id))
		return doing("take role away", err)
	}
	row := staffRoleRow{StoreID: storeID, StaffID: uid(id), Role: role}
	_, err := insertOr(ctx, tx, []staffRoleRow{row}, "ON CONFLICT (store_id, staff_id) DO UPDATE SET role = EXCLUDED.role")
	return doing("set role", err)
}

// SetStaffPassword replaces a person's password hash, of the version that the
// caller read; ErrStale where it changed meanwhile. The next version ends the
// sessions of this one.
func SetStaffPassword(ctx context.Context, tx Tx, id ident.ID, version int64, passwordHash string) error {
	result, err := tx.ExecContext(ctx, "UPDATE staff SET password_hash = ?, version = version + 1 WHERE id = ? AND version = ?", passwordHash, uid(id), version)
	return hit(result, err, ErrStale, "set password of staff")
}

// SetStaffLang sets the language in which the console speaks to a person.
func SetStaffLang(ctx context.Context, tx Tx, id ident.ID, lang string) error {
	result, err := tx.ExecContext(ctx, "UPDATE staff SET lang = ? WHERE id = ?", lang, uid(id))
	return hit(result, err, ErrNotFound, "set language of staff")
}

// membersOf selects the people who have a role in the store, which is its value.
const membersOf = "SELECT s.*, r.role FROM staff AS s JOIN staff_roles AS r ON r.staff_id = s.id AND r.store_id = ?"

// StaffByMail reads a person who has a role in the store, with the password
// hash. The mail is compared without regard to case.
func StaffByMail(ctx context.Context, c Conn, storeID int64, mail string) (staff.Member, string, error) {
	row, err := one(selectInto[memberRow](ctx, c, membersOf+" WHERE s.mail = ?", storeID, place.MailAddress(mail)))
	return row.core(), row.PasswordHash, doing("read staff by mail", err)
}

// StaffByID reads a person who has a role in the store.
func StaffByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (staff.Member, error) {
	row, err := one(selectInto[memberRow](ctx, c, membersOf+" WHERE s.id = ?", storeID, uid(id)))
	return row.core(), doing("read staff", err)
}

// StaffOf reads all who have a role in the store, by mail.
func StaffOf(ctx context.Context, c Conn, storeID int64) ([]staff.Member, error) {
	rows, err := selectInto[memberRow](ctx, c, membersOf+" ORDER BY s.mail", storeID)
	if err != nil {
		return nil, doing("read staff of store", err)
	}
	list := make([]staff.Member, len(rows))
	for i, row := range rows {
		list[i] = row.core()
	}
	return list, nil
}
