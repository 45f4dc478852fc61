package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

type loginCodeRow struct {
	bun.BaseModel `bun:"table:login_codes"`

	StoreID    int64
	CustomerID uid
	CodeHash   []byte
	ExpiresAt  instant
	Tries      int
}

// SaveLoginCode keeps the hash of a customer's login code in the place of the one
// before. One that expires after recent is left as it is: its mail is on the way.
// It reports whether the code was kept.
func SaveLoginCode(ctx context.Context, tx Tx, storeID int64, customerID ident.ID, hash []byte, expires, recent time.Time) (bool, error) {
	row := loginCodeRow{StoreID: storeID, CustomerID: uid(customerID), CodeHash: hash, ExpiresAt: at(expires)}
	n, err := insertOr(ctx, tx, []loginCodeRow{row}, `ON CONFLICT (store_id, customer_id) DO UPDATE
		SET code_hash = EXCLUDED.code_hash, expires_at = EXCLUDED.expires_at, tries = EXCLUDED.tries
		WHERE login_codes.expires_at <= ?`, at(recent))
	return n > 0, doing("save login code", err)
}

// TryLoginCode counts a try at a customer's code and returns the hash to compare
// with; ErrNotFound where there is no code, or it has expired, or it was tried
// most times already.
func TryLoginCode(ctx context.Context, tx Tx, storeID int64, customerID ident.ID, now time.Time, most int) ([]byte, error) {
	var hash []byte
	err := tx.Scan(ctx, &hash, `UPDATE login_codes SET tries = tries + 1
		WHERE store_id = ? AND customer_id = ? AND expires_at > ? AND tries < ? RETURNING code_hash`,
		storeID, uid(customerID), at(now), most)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return hash, doing("try login code", err)
}

// DeleteLoginCode removes a customer's code: it was used.
func DeleteLoginCode(ctx context.Context, tx Tx, storeID int64, customerID ident.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM login_codes WHERE store_id = ? AND customer_id = ?", storeID, uid(customerID))
	return doing("delete login code", err)
}

// DeleteLoginCodes removes codes that expired before, of all stores.
func DeleteLoginCodes(ctx context.Context, tx Tx, before time.Time) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM login_codes WHERE expires_at < ? /* all stores */", at(before))
	return doing("delete old login codes", err)
}
