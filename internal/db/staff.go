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
	bun.BaseModel `bun:"table:staff,alias:s"`

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
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return doing("insert staff", err)
}

// SetStaffRole gives a person a role in a store, in place of any before it; the
// empty role takes it away.
func SetStaffRole(ctx context.Context, tx Tx, storeID int64, id ident.ID, role staff.Role) error {
	if role == "" {
		_, err := tx.NewDelete().Model((*staffRoleRow)(nil)).
			Where("store_id = ?", storeID).Where("staff_id = ?", uid(id)).Exec(ctx)
		return doing("take role away", err)
	}
	row := staffRoleRow{StoreID: storeID, StaffID: uid(id), Role: role}
	_, err := tx.NewInsert().Model(&row).
		On("CONFLICT (store_id, staff_id) DO UPDATE").Set("role = EXCLUDED.role").Exec(ctx)
	return doing("set role", err)
}

// SetStaffPassword replaces a person's password hash, of the version that the
// caller read; ErrStale where it changed meanwhile. The next version ends the
// sessions of this one.
func SetStaffPassword(ctx context.Context, tx Tx, id ident.ID, version int64, passwordHash string) error {
	result, err := tx.NewUpdate().Model((*staffRow)(nil)).
		Set("password_hash = ?", passwordHash).Set("version = version + 1").
		Where("id = ?", uid(id)).Where("version = ?", version).Exec(ctx)
	return hit(result, err, ErrStale, "set password of staff")
}

// SetStaffLang sets the language in which the console speaks to a person.
func SetStaffLang(ctx context.Context, tx Tx, id ident.ID, lang string) error {
	result, err := tx.NewUpdate().Model((*staffRow)(nil)).Set("lang = ?", lang).Where("id = ?", uid(id)).Exec(ctx)
	return hit(result, err, ErrNotFound, "set language of staff")
}

// members selects the people who have a role in the store.
func members(c Conn, storeID int64, into any) *bun.SelectQuery {
	return c.conn().NewSelect().Model(into).
		ColumnExpr("s.*").ColumnExpr("r.role").
		Join("JOIN staff_roles AS r ON r.staff_id = s.id AND r.store_id = ?", storeID)
}

// StaffByMail reads a person who has a role in the store, with the password
// hash. The mail is compared without regard to case.
func StaffByMail(ctx context.Context, c Conn, storeID int64, mail string) (staff.Member, string, error) {
	var row memberRow
	err := members(c, storeID, &row).Where("s.mail = ?", place.MailAddress(mail)).Scan(ctx)
	return row.core(), row.PasswordHash, doing("read staff by mail", err)
}

// StaffByID reads a person who has a role in the store.
func StaffByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (staff.Member, error) {
	var row memberRow
	err := members(c, storeID, &row).Where("s.id = ?", uid(id)).Scan(ctx)
	return row.core(), doing("read staff", err)
}

// StaffOf reads all who have a role in the store, by mail.
func StaffOf(ctx context.Context, c Conn, storeID int64) ([]staff.Member, error) {
	var rows []memberRow
	if err := members(c, storeID, &rows).Order("s.mail").Scan(ctx); err != nil {
		return nil, doing("read staff of store", err)
	}
	list := make([]staff.Member, len(rows))
	for i, row := range rows {
		list[i] = row.core()
	}
	return list, nil
}
