package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// ChannelForm is the channel of what was written in the shop's contact form.
const ChannelForm = "form"

// Conversation is what somebody wrote to the shop. CustomerID is zero for a
// person who was not logged in.
type Conversation struct {
	ID         ident.ID
	CustomerID ident.ID
	Name       string
	Mail       string
	Body       string // lines end with \n
	Channel    string
	At         time.Time
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
}

// InsertConversation keeps what somebody wrote.
func InsertConversation(ctx context.Context, tx Tx, storeID int64, c Conversation) error {
	row := conversationRow{
		StoreID: storeID, ID: uid(c.ID), CustomerID: uid(c.CustomerID), Name: c.Name, Mail: c.Mail, Body: c.Body,
		Channel: c.Channel, At: at(c.At),
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return doing("insert conversation", err)
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
		set[ident.ID(r.ID)] = Conversation{
			ID: ident.ID(r.ID), CustomerID: ident.ID(r.CustomerID), Name: r.Name, Mail: r.Mail, Body: r.Body,
			Channel: r.Channel, At: r.At.time(),
		}
	}
	return set, doing("read conversations", err)
}
