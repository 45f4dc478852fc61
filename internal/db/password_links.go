package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// PasswordLink lets a customer set a password without knowing one. Hash is that of
// the secret in its address; Mail is where it was sent to.
type PasswordLink struct {
	CustomerID ident.ID
	Mail       string
	Hash       []byte
	Expires    time.Time
}

type passwordLinkRow struct {
	bun.BaseModel `bun:"table:password_links"`

	StoreID    int64
	CustomerID uid
	Mail       string
	TokenHash  []byte
	ExpiresAt  instant
	UsedAt     instant
}

// SavePasswordLinks keeps links of different customers, each in the place of the
// customer's one before; where that expires after recent it stays instead. It
// returns the customers whose link was kept.
func SavePasswordLinks(ctx context.Context, tx Tx, storeID int64, list []PasswordLink, recent time.Time) ([]ident.ID, error) {
	var kept []ident.ID
	for start := 0; start < len(list); start += insertChunk {
		part := list[start:min(start+insertChunk, len(list))]
		rows := make([]passwordLinkRow, len(part))
		for i, l := range part {
			rows[i] = passwordLinkRow{
				StoreID: storeID, CustomerID: uid(l.CustomerID), Mail: l.Mail, TokenHash: l.Hash, ExpiresAt: at(l.Expires),
			}
		}
		written, err := insertReturning[passwordLinkRow](ctx, tx, rows, `ON CONFLICT (store_id, customer_id) DO UPDATE
			SET mail = EXCLUDED.mail, token_hash = EXCLUDED.token_hash, expires_at = EXCLUDED.expires_at, used_at = EXCLUDED.used_at
			WHERE password_links.expires_at <= ? RETURNING customer_id`, at(recent))
		if err != nil {
			return nil, doing("save password links", err)
		}
		for _, row := range written {
			kept = append(kept, ident.ID(row.CustomerID))
		}
	}
	return kept, nil
}

// goodLink is what a link has to be, by store, hash and time; l is the link and c
// its customer.
const goodLink = `l.store_id = ? AND l.token_hash = ? AND l.used_at IS NULL AND l.expires_at > ?
	AND c.store_id = l.store_id AND c.id = l.customer_id AND c.mail = l.mail`

// CustomerOfPasswordLink reads whose link has the hash; ErrNotFound where none has,
// or it was used, or has expired, or went to a mail that is not the customer's any
// more.
func CustomerOfPasswordLink(ctx context.Context, c Conn, storeID int64, hash []byte, now time.Time) (customer.Customer, error) {
	rows, err := selectInto[customerRow](ctx, c, "SELECT c.* FROM password_links AS l, customers AS c WHERE "+goodLink, storeID, hash, at(now))
	if err != nil {
		return customer.Customer{}, doing("read customer of password link", err)
	}
	if len(rows) == 0 {
		return customer.Customer{}, ErrNotFound
	}
	return rows[0].core(), nil
}

// UsePasswordLink uses the link up and returns whose it was. Of two at a time one
// gets it, the other ErrNotFound, as for CustomerOfPasswordLink.
func UsePasswordLink(ctx context.Context, tx Tx, storeID int64, hash []byte, now time.Time) (ident.ID, error) {
	var id uid
	err := tx.Scan(ctx, &id, `UPDATE password_links AS l SET used_at = ? FROM customers AS c WHERE `+goodLink+` RETURNING customer_id`,
		at(now), storeID, hash, at(now))
	if errors.Is(err, sql.ErrNoRows) {
		return ident.ID{}, ErrNotFound
	}
	return ident.ID(id), doing("use password link", err)
}

// DeletePasswordLink removes a customer's link, used or not.
func DeletePasswordLink(ctx context.Context, tx Tx, storeID int64, customerID ident.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM password_links WHERE store_id = ? AND customer_id = ?", storeID, uid(customerID))
	return doing("delete password link", err)
}

// DeletePasswordLinks removes links that expired before, of all stores.
func DeletePasswordLinks(ctx context.Context, tx Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM password_links WHERE expires_at < ? /* all stores */", at(before))
	return doing("delete old password links", err)
}

// withoutPassword are the members who moved in, have a mail and neither a password
// nor a link that still holds, by store and time.
const withoutPassword = `store_id = ? AND imported_at IS NOT NULL AND mail IS NOT NULL AND password_hash IS NULL
	AND id NOT IN (SELECT l.customer_id FROM password_links AS l WHERE l.store_id = customers.store_id AND l.expires_at > ?)`

// CustomersWithoutPassword reads members who came from another cart, have a mail,
// and neither a password nor a link that still holds, in the order of their ids
// from behind after on.
func CustomersWithoutPassword(ctx context.Context, c Conn, storeID int64, now time.Time, after ident.ID, limit int) ([]customer.Customer, error) {
	where, args := withoutPassword, []any{storeID, at(now)}
	if !after.IsZero() {
		where, args = where+" AND id > ?", append(args, uid(after))
	}
	rows, err := selectInto[customerRow](ctx, c, "SELECT * FROM customers WHERE "+where+" ORDER BY id LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, doing("read customers without password", err)
	}
	list := make([]customer.Customer, len(rows))
	for i, r := range rows {
		list[i] = r.core()
	}
	return list, nil
}

// CountCustomersWithoutPassword counts those whom CustomersWithoutPassword reads.
func CountCustomersWithoutPassword(ctx context.Context, c Conn, storeID int64, now time.Time) (int, error) {
	var n int
	err := c.Scan(ctx, &n, "SELECT count(*) FROM customers WHERE "+withoutPassword, storeID, at(now))
	return n, doing("count customers without password", err)
}
