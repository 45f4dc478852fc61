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
	var row webSessionRow
	err := s.db.conn().NewSelect().Model(&row).
		Where("token_hash = ?", hashToken(token)).
		Where("store_id = ?", s.storeID).Where("audience = ?", s.audience).
		Where("expires_at > ?", at(s.now())).
		Scan(ctx)
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
		_, err := tx.NewInsert().Model(&row).
			On("CONFLICT (token_hash) DO UPDATE").
			Set("data = EXCLUDED.data").Set("expires_at = EXCLUDED.expires_at").
			Where("web_session_row.store_id = EXCLUDED.store_id").
			Where("web_session_row.audience = EXCLUDED.audience").
			Exec(ctx)
		return doing("write session", err)
	})
}

// DeleteCtx ends a session; one that is not there is no error.
func (s *WebSessions) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx Tx) error {
		_, err := tx.NewDelete().Model((*webSessionRow)(nil)).
			Where("token_hash = ?", hashToken(token)).
			Where("store_id = ?", s.storeID).Where("audience = ?", s.audience).
			Exec(ctx)
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
	_, err := tx.NewDelete().Model((*webSessionRow)(nil)).
		Where("expires_at <= ? /* all stores */", at(now)).Exec(ctx)
	return doing("delete expired sessions", err)
}
