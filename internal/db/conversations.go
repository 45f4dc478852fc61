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
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return doing("insert conversation", err)
}

// HandleConversation closes a conversation of the version that the caller read,
// with what was done; ErrStale where somebody else was faster.
func HandleConversation(ctx context.Context, tx Tx, storeID int64, id ident.ID, version int64, by ident.ID, note string, now time.Time) error {
	result, err := tx.NewUpdate().Model((*conversationRow)(nil)).
		Set("handled_at = ?", at(now)).Set("handled_by = ?", uid(by)).Set("note = ?", note).Set("version = version + 1").
		Where("store_id = ?", storeID).Where("id = ?", uid(id)).Where("version = ?", version).
		Where("handled_at IS NULL").Exec(ctx)
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
	var rows []conversationRow
	q := c.conn().NewSelect().Model(&rows).Where("store_id = ?", storeID)
	if f.Open {
		q = q.Where("handled_at IS NULL")
	}
	if f.Handled {
		q = q.Where("handled_at IS NOT NULL")
	}
	if !f.CustomerID.IsZero() {
		q = q.Where("customer_id = ?", uid(f.CustomerID))
	}
	if !f.Before.IsZero() {
		q = q.Where("id < ?", uid(f.Before))
	}
	if err := q.Order("id DESC").Limit(int64(f.Limit)).Scan(ctx); err != nil {
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
	var row conversationRow
	err := c.conn().NewSelect().Model(&row).
		Where("store_id = ?", storeID).Where("id = ?", uid(id)).Scan(ctx)
	return row.core(), doing("read conversation", err)
}

// ConversationsByIDs reads a set of conversations; those not there are missing
// from it.
func ConversationsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]Conversation, error) {
	set := make(map[ident.ID]Conversation, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	var rows []conversationRow
	err := c.conn().NewSelect().Model(&rows).
		Where("store_id = ?", storeID).Where("id IN (?)", bun.List(uids(ids))).Scan(ctx)
	for _, r := range rows {
		set[ident.ID(r.ID)] = r.core()
	}
	return set, doing("read conversations", err)
}
