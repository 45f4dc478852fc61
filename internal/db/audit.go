package db

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

type auditRow struct {
	bun.BaseModel `bun:"table:audit"`
	StoreID       int64
	ID            uid
	At            instant
	ActorKind     string
	ActorID       uid
	RequestID     string
	Verb          string
	Noun          string
	NounID        uid
	Changes       document[map[string]audit.Change]
}

// WriteAudit writes lines in the transaction of the changes they tell of.
func WriteAudit(ctx context.Context, tx Tx, storeID int64, lines []audit.Line) error {
	rows := make([]auditRow, len(lines))
	for i, l := range lines {
		rows[i] = auditRow{
			StoreID: storeID, ID: uid(l.ID), At: at(l.At), ActorKind: string(l.Actor.Kind),
			ActorID: uid(l.Actor.ID), RequestID: l.Actor.RequestID, Verb: l.Verb, Noun: l.Noun,
			NounID: uid(l.NounID), Changes: doc(l.Changes),
		}
	}
	return insert(ctx, tx, rows)
}

// AuditTrail reads what happened to any of the nouns, the newest first.
func AuditTrail(ctx context.Context, c Conn, storeID int64, nounIDs []ident.ID, limit int) ([]audit.Line, error) {
	if len(nounIDs) == 0 {
		return nil, nil
	}
	rows, err := selectInto[auditRow](ctx, c, `SELECT id, at, actor_kind, actor_id, request_id, verb, noun, noun_id, changes
		FROM audit WHERE store_id = ? AND noun_id IN (?) ORDER BY id DESC LIMIT ?`, storeID, in(uids(nounIDs)), limit)
	if err != nil {
		return nil, err
	}
	lines := make([]audit.Line, len(rows))
	for i, r := range rows {
		lines[i] = audit.Line{
			ID: ident.ID(r.ID), At: r.At.time(), Verb: r.Verb, Noun: r.Noun, NounID: ident.ID(r.NounID), Changes: r.Changes.V,
			Actor: audit.Actor{Kind: audit.ActorKind(r.ActorKind), ID: ident.ID(r.ActorID), RequestID: r.RequestID},
		}
	}
	return lines, nil
}
