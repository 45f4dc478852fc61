package db

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

type webSessionRow struct {
	bun.BaseModel `bun:"table:web_sessions"`

	TokenHash []byte
	StoreID   int64
	Audience  string
	Data      []byte
	ExpiresAt instant
}

// WebSessions keeps the sessions of one store and audience ("shop", "console")
// for alexedwards/scs. Tokens are kept hashed: a copy of the database lets
// nobody in.
type WebSessions struct {
	db       *DB
	storeID  int64
	audience string
	now      func() time.Time
}

// NewWebSessions binds sessions to a store and an audience. now is the wall
// clock: the demo's clock must not end sessions.
func NewWebSessions(d *DB, storeID int64, audience string, now func() time.Time) *WebSessions {
	return &WebSessions{db: d, storeID: storeID, audience: audience, now: now}
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx reads the data of a session that has not expired.
func (s *WebSessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	row, err := rowOf[webSessionRow](ctx, s.db, "WHERE token_hash = ? AND store_id = ? AND audience = ? AND expires_at > ?", hashToken(token), s.storeID, s.audience, at(s.now()))
	if err = doing("read session", err); errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	return row.Data, err == nil, err
}

// CommitCtx writes a session.
func (s *WebSessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	row := webSessionRow{
		TokenHash: hashToken(token), StoreID: s.storeID, Audience: s.audience,
		Data: data, ExpiresAt: at(expiry),
	}
	return s.db.Write(ctx, func(ctx context.Context, tx Tx) error {
		_, err := insertOr(ctx, tx, []webSessionRow{row}, `ON CONFLICT (token_hash) DO UPDATE
			SET data = EXCLUDED.data, expires_at = EXCLUDED.expires_at
			WHERE web_sessions.store_id = EXCLUDED.store_id AND web_sessions.audience = EXCLUDED.audience`)
		return doing("write session", err)
	})
}

// DeleteCtx ends a session; one that is not there is no error.
func (s *WebSessions) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM web_sessions WHERE token_hash = ? AND store_id = ? AND audience = ?", hashToken(token), s.storeID, s.audience)
		return doing("delete session", err)
	})
}

// Find is FindCtx for the part of scs's interface that knows no context.
func (s *WebSessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *WebSessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *WebSessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// DeleteExpiredSessions removes the sessions of all stores that have ended.
func DeleteExpiredSessions(ctx context.Context, tx Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM web_sessions WHERE expires_at <= ? /* all stores */", at(now))
	return doing("delete expired sessions", err)
}
