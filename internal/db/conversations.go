package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// ChannelForm is the channel of what was written in the shop's contact form.
const ChannelForm = "form"

// Conversation is what somebody wrote to the shop, and what staff did about it.
// CustomerID is zero for a person who was not logged in.
type Conversation struct {
	ID         ident.ID
	CustomerID ident.ID
	Name       string
	Mail       string
	Body       string // lines end with \n
	Channel    string
	At         time.Time
	HandledAt  time.Time // zero while nobody has answered
	HandledBy  ident.ID  // member of staff
	Note       string    // what was done, for colleagues; lines end with \n
	Version    int64
}

type conversationRow struct {
	bun.BaseModel `bun:"table:conversations"`

	StoreID    int64
	ID         uid
	CustomerID uid
	Name       string
	Mail       string
	Body       string
	Channel    string
	At         instant
	HandledAt  instant
	HandledBy  uid
	Note       string
	Version    int64
}

func (r conversationRow) core() Conversation {
	return Conversation{
		ID: ident.ID(r.ID), CustomerID: ident.ID(r.CustomerID), Name: r.Name, Mail: r.Mail, Body: r.Body,
		Channel: r.Channel, At: r.At.time(), HandledAt: r.HandledAt.time(), HandledBy: ident.ID(r.HandledBy),
		Note: r.Note, Version: r.Version,
	}
}

// InsertConversation keeps what somebody wrote, as version 1.
func InsertConversation(ctx context.Context, tx Tx, storeID int64, c Conversation) error {
	row := conversationRow{
		StoreID: storeID, ID: uid(c.ID), CustomerID: uid(c.CustomerID), Name: c.Name, Mail: c.Mail, Body: c.Body,
		Channel: c.Channel, At: at(c.At), Version: 1,
	}
	err := insertRow(ctx, tx, row)
	return doing("insert conversation", err)
}

// HandleConversation closes a conversation of the version that the caller read,
// with what was done; ErrStale where somebody else was faster.
func HandleConversation(ctx context.Context, tx Tx, storeID int64, id ident.ID, version int64, by ident.ID, note string, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE conversations SET handled_at = ?, handled_by = ?, note = ?, version = version + 1
		WHERE store_id = ? AND id = ? AND version = ? AND handled_at IS NULL`, at(now), uid(by), note, storeID, uid(id), version)
	return hit(result, err, ErrStale, "handle conversation")
}

// ConversationFilter narrows the console's list of conversations.
type ConversationFilter struct {
	// Open keeps those that nobody has answered, Handled the others; neither
	// keeps all.
	Open, Handled bool
	CustomerID    ident.ID // zero: of anybody
	Before        ident.ID // keyset: older than this one
	Limit         int
}

// Conversations is a page of what was written to the shop, the newest first.
func Conversations(ctx context.Context, c Conn, storeID int64, f ConversationFilter) ([]Conversation, error) {
	where, args := "WHERE store_id = ?", []any{storeID}
	if f.Open {
		where += " AND handled_at IS NULL"
	}
	if f.Handled {
		where += " AND handled_at IS NOT NULL"
	}
	if !f.CustomerID.IsZero() {
		where, args = where+" AND customer_id = ?", append(args, uid(f.CustomerID))
	}
	if !f.Before.IsZero() {
		where, args = where+" AND id < ?", append(args, uid(f.Before))
	}
	rows, err := rowsOf[conversationRow](ctx, c, where+" ORDER BY id DESC LIMIT ?", append(args, f.Limit)...)
	if err != nil {
		return nil, doing("list conversations", err)
	}
	list := make([]Conversation, len(rows))
	for i, r := range rows {
		list[i] = r.core()
	}
	return list, nil
}

// ConversationByID reads one conversation.
func ConversationByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (Conversation, error) {
	row, err := rowOf[conversationRow](ctx, c, "WHERE store_id = ? AND id = ?", storeID, uid(id))
	return row.core(), doing("read conversation", err)
}

// ConversationsByIDs reads a set of conversations; those not there are missing
// from it.
func ConversationsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]Conversation, error) {
	set := make(map[ident.ID]Conversation, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[conversationRow](ctx, c, "WHERE store_id = ? AND id IN (?)", storeID, in(uids(ids)))
	for _, r := range rows {
		set[ident.ID(r.ID)] = r.core()
	}
	return set, doing("read conversations", err)
}
