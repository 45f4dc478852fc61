package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/db"
)

// MaxConversationNote is how long a note about a conversation may be, in
// characters.
const MaxConversationNote = 2000

// HandleConversation is a member of staff saying that what somebody wrote has been
// answered, with a note for colleagues, which may be empty. Conflict where somebody
// else was faster; the fault of the note carries the field note.
//
// The trail tells that and by whom; the note, which may speak of the customer,
// stays with the conversation.
func (f *Flow) HandleConversation(ctx context.Context, storeID int64, actor audit.Actor, id ident.ID, version int64, note string) error {
	note = contactBody(note)
	if wrong := place.CheckText("note", spaced(note), MaxConversationNote, place.Optional); wrong != nil {
		return wrong
	}
	said, err := db.ConversationByID(ctx, f.DB, storeID, id)
	if err != nil {
		return notFound(err)
	}
	if !said.HandledAt.IsZero() {
		return fault.New(fault.Conflict, "fault.conversation.handled")
	}
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.HandleConversation(ctx, tx, storeID, id, version, actor.ID, note, now); err != nil {
			return stale(err)
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(actor, "conversation.handled", "conversation", id, now, nil)})
	})
}
