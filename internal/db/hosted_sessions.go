package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Modes of a hosted page: pay an order, or store a card for an open one.
const (
	SessionPayment = "payment"
	SessionSetup   = "setup"
)

// States of a hosted session as teiki sees it. Only the gateway's own word moves
// it from open.
const (
	SessionOpen     = "open"
	SessionComplete = "complete"
	SessionExpired  = "expired"
)

// HostedSession is one visit to the gateway's card page.
type HostedSession struct {
	ID        ident.ID
	OrderID   ident.ID
	PaymentID ident.ID
	Mode      string
	State     string
	GatewayID string
	URL       string
	Key       string // idempotency key of its creation
	ExpiresAt time.Time
	NextAt    time.Time // when the engine asks the gateway how it stands
	Version   int64
}

type hostedSessionRow struct {
	bun.BaseModel `bun:"table:hosted_sessions"`
	StoreID       int64
	ID            uid
	OrderID       uid
	PaymentID     uid
	Mode          string
	State         string
	GatewayID     optional
	URL           string
	Key           string
	ExpiresAt     instant
	NextDue       instant
	Version       int64
	CreatedAt     instant
}

const sessionColumns = `id, order_id, payment_id, mode, state, gateway_id, url, key, expires_at, next_due, version, created_at`

// InsertHostedSession writes a session before the gateway is asked for it. A
// second open session of the order is refused by a constraint (IsUnique).
func InsertHostedSession(ctx context.Context, tx Tx, storeID int64, s HostedSession, now time.Time) error {
	return insert(ctx, tx, []hostedSessionRow{{
		StoreID: storeID, ID: uid(s.ID), OrderID: uid(s.OrderID), PaymentID: uid(s.PaymentID), Mode: s.Mode,
		State: s.State, GatewayID: optional(s.GatewayID), URL: s.URL, Key: s.Key, ExpiresAt: at(s.ExpiresAt),
		NextDue: at(s.NextAt), Version: 1, CreatedAt: at(now),
	}})
}

// HostedSessionByID reads one session.
func HostedSessionByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (HostedSession, error) {
	return one(hostedSessions(ctx, c, storeID, "id = ?", uid(id)))
}

// HostedSessionByGatewayID finds the session by the gateway's id.
func HostedSessionByGatewayID(ctx context.Context, c Conn, storeID int64, gatewayID string) (HostedSession, error) {
	return one(hostedSessions(ctx, c, storeID, "gateway_id = ?", gatewayID))
}

// OpenHostedSession finds the order's open session.
func OpenHostedSession(ctx context.Context, c Conn, storeID int64, orderID ident.ID) (HostedSession, error) {
	return one(hostedSessions(ctx, c, storeID, "order_id = ? AND state = 'open'", uid(orderID)))
}

func hostedSessions(ctx context.Context, c Conn, storeID int64, where string, args ...any) ([]HostedSession, error) {
	rows, err := selectInto[hostedSessionRow](ctx, c,
		"SELECT "+sessionColumns+" FROM hosted_sessions WHERE store_id = ? AND "+where, append([]any{storeID}, args...)...)
	if err != nil {
		return nil, err
	}
	list := make([]HostedSession, len(rows))
	for i, r := range rows {
		list[i] = HostedSession{
			ID: ident.ID(r.ID), OrderID: ident.ID(r.OrderID), PaymentID: ident.ID(r.PaymentID), Mode: r.Mode,
			State: r.State, GatewayID: string(r.GatewayID), URL: r.URL, Key: r.Key,
			ExpiresAt: r.ExpiresAt.time(), NextAt: r.NextDue.time(), Version: r.Version,
		}
	}
	return list, nil
}

// SetHostedSessionURL stores what the gateway answered to the creation, unless
// the session has an id already or has ended.
func SetHostedSessionURL(ctx context.Context, tx Tx, storeID int64, id ident.ID, gatewayID, url string) error {
	_, err := tx.ExecContext(ctx, `UPDATE hosted_sessions SET gateway_id = ?, url = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND gateway_id IS NULL AND state = ?`, gatewayID, url, storeID, uid(id), SessionOpen)
	if err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

// RenewHostedSession gives an open session that has no page yet the key and the
// time of a fresh one; nothing happens where another tab was faster.
func RenewHostedSession(ctx context.Context, tx Tx, storeID int64, old, fresh HostedSession) error {
	_, err := tx.ExecContext(ctx, `UPDATE hosted_sessions SET key = ?, expires_at = ?, next_due = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND key = ? AND state = ? AND gateway_id IS NULL`,
		fresh.Key, at(fresh.ExpiresAt), at(fresh.NextAt), storeID, uid(old.ID), old.Key, SessionOpen)
	if err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	return nil
}

// CloseHostedSession moves a session from open to its end. It reports false when
// somebody else did it first.
func CloseHostedSession(ctx context.Context, tx Tx, storeID int64, id ident.ID, state string) (bool, error) {
	result, err := tx.ExecContext(ctx, `UPDATE hosted_sessions SET state = ?, next_due = NULL, lease_until = NULL,
		token = NULL, version = version + 1 WHERE store_id = ? AND id = ? AND state = 'open'`, state, storeID, uid(id))
	if err != nil {
		return false, fmt.Errorf("close session: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
