package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

type customerRow struct {
	bun.BaseModel `bun:"table:customers"`

	StoreID         int64
	ID              uid
	Number          string
	Family          string
	Given           string
	FamilyKana      string
	GivenKana       string
	Mail            optional
	Phone           string
	Lang            string
	PasswordHash    optional
	PasswordVersion int64
	GatewayID       optional
	NameSearch      string
	KanaSearch      string
	PhoneSearch     string
	Newsletter      bool
	ImportedAt      instant
	Version         int64
	CreatedAt       instant
}

func (r customerRow) core() customer.Customer {
	return customer.Customer{
		ID: ident.ID(r.ID), Number: r.Number,
		Name: place.Name{Family: r.Family, Given: r.Given, FamilyKana: r.FamilyKana, GivenKana: r.GivenKana},
		Mail: string(r.Mail), Phone: r.Phone, Lang: r.Lang, HasLogin: r.PasswordHash != "", PasswordVersion: r.PasswordVersion,
		GatewayID: string(r.GatewayID), Newsletter: r.Newsletter, CreatedAt: r.CreatedAt.time(), Version: r.Version,
	}
}

func customerRowOf(storeID int64, c customer.Customer) customerRow {
	return customerRow{
		StoreID: storeID, ID: uid(c.ID), Number: c.Number,
		Family: c.Name.Family, Given: c.Name.Given,
		FamilyKana: c.Name.FamilyKana, GivenKana: c.Name.GivenKana,
		Mail: optional(place.MailAddress(c.Mail)), Phone: c.Phone, Lang: c.Lang, GatewayID: optional(c.GatewayID),
		NameSearch:  place.Fold(c.Name.Family + c.Name.Given),
		KanaSearch:  place.Fold(c.Name.FamilyKana + c.Name.GivenKana),
		PhoneSearch: reversedDigits(c.Phone),
		Newsletter:  c.Newsletter,
		Version:     c.Version, CreatedAt: at(c.CreatedAt),
	}
}

// InsertCustomer adds a customer as version 1. passwordHash is empty for those
// without login. The mail is kept in lower case; one that is taken is refused:
// IsUnique.
func InsertCustomer(ctx context.Context, tx Tx, storeID int64, c customer.Customer, passwordHash string) error {
	row := customerRowOf(storeID, c)
	row.PasswordHash, row.Version = optional(passwordHash), 1
	err := insertRow(ctx, tx, row)
	return doing("insert customer", err)
}

// UpdateCustomer saves name, mail, phone and language of the version that the
// caller read; ErrStale where it changed meanwhile.
func UpdateCustomer(ctx context.Context, tx Tx, storeID int64, c customer.Customer) error {
	row := customerRowOf(storeID, c)
	result, err := tx.ExecContext(ctx, `UPDATE customers SET family = ?, given = ?, family_kana = ?, given_kana = ?,
			mail = ?, phone = ?, lang = ?, name_search = ?, kana_search = ?, phone_search = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND version = ?`,
		row.Family, row.Given, row.FamilyKana, row.GivenKana, row.Mail, row.Phone, row.Lang,
		row.NameSearch, row.KanaSearch, row.PhoneSearch, storeID, row.ID, c.Version)
	return hit(result, err, ErrStale, "update customer")
}

// Customer reads one customer.
func Customer(ctx context.Context, c Conn, storeID int64, id ident.ID) (customer.Customer, error) {
	row, err := rowOf[customerRow](ctx, c, "WHERE store_id = ? AND id = ?", storeID, uid(id))
	return row.core(), doing("read customer", err)
}

// CustomersByIDs reads a set of customers; those not there are missing from it.
func CustomersByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]customer.Customer, error) {
	set := make(map[ident.ID]customer.Customer, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[customerRow](ctx, c, "WHERE store_id = ? AND id IN (?)", storeID, in(uids(ids)))
	for _, row := range rows {
		set[ident.ID(row.ID)] = row.core()
	}
	return set, doing("read customers", err)
}

// CustomerByMail reads a customer with the password hash, which is empty for
// those without login. The mail is compared without regard to case.
func CustomerByMail(ctx context.Context, c Conn, storeID int64, mail string) (customer.Customer, string, error) {
	row, err := rowOf[customerRow](ctx, c, "WHERE store_id = ? AND mail = ?", storeID, place.MailAddress(mail))
	return row.core(), string(row.PasswordHash), doing("read customer by mail", err)
}

// SetGatewayID keeps the customer's id at the gateway unless there is one
// already, and returns the one that is kept: the first of two racers wins.
func SetGatewayID(ctx context.Context, tx Tx, storeID int64, id ident.ID, gatewayID string) (string, error) {
	var kept string
	err := tx.Scan(ctx, &kept, `UPDATE customers SET gateway_id = COALESCE(gateway_id, ?)
		WHERE store_id = ? AND id = ? RETURNING gateway_id`, gatewayID, storeID, uid(id))
	return kept, doing("set gateway id of customer", err)
}

// SetPassword replaces the customer's password hash. What logged in before is over:
// the password's version counts up.
func SetPassword(ctx context.Context, tx Tx, storeID int64, id ident.ID, passwordHash string) error {
	result, err := tx.ExecContext(ctx, `UPDATE customers SET password_hash = ?, password_version = password_version + 1, version = version + 1
		WHERE store_id = ? AND id = ?`, optional(passwordHash), storeID, uid(id))
	return hit(result, err, ErrNotFound, "set password of customer")
}

// reversedDigits turns a phone number round, so that its last digits, which are
// what people read out, are a prefix.
func reversedDigits(phone string) string {
	digits := []byte{}
	for _, r := range place.Fold(phone) {
		if r >= '0' && r <= '9' {
			digits = append(digits, byte(r))
		}
	}
	slices.Reverse(digits)
	return string(digits)
}
