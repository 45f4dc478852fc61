package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// conversationsPath is the list's own address; without a state it lists those
// that nobody has answered.
const conversationsPath = "/admin/conversations"

// conversationStates are the cuts of the list, the first in its own address.
var conversationStates = []string{"", "handled", allStates}

// excerptLength is how much of a message a list shows, in characters.
const excerptLength = 90

// Conversations lists what people wrote to the shop.
func (h *Handlers) Conversations(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.conversations"))
	if err != nil {
		return err
	}
	state := r.FormValue("state")
	p := ConversationsPage{Base: base, OnlyOpen: state == ""}
	texts := map[string]string{
		"": v.words.T("console.conversations.open"), "handled": v.words.T("console.conversations.handled"),
		allStates: v.words.T("console.tab.all"),
	}
	for _, s := range conversationStates {
		tab := Tab{Text: texts[s], Path: addressOf(conversationsPath, "state", s), Current: s == state}
		if s == "" {
			tab.Count = v.number(base.Unanswered)
		}
		p.Tabs = append(p.Tabs, tab)
	}
	list, err := db.Conversations(v.ctx, v.db(), v.shop.ID, db.ConversationFilter{
		Open: state == "", Handled: state == "handled", Before: before(r), Limit: pageSize + 1,
	})
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Next = following(conversationsPath, list[pageSize-1].ID, "state", state)
	}
	p.Rows = v.conversationRows(list)
	return v.show(w, http.StatusOK, "conversations", p)
}

func (v *visit) conversationRows(list []db.Conversation) []ConversationRow {
	rows := make([]ConversationRow, len(list))
	for i, c := range list {
		rows[i] = ConversationRow{
			Path: conversationPath(c.ID), When: v.when(c.At), From: c.Name, Mail: c.Mail, Text: excerpt(c.Body),
			State: v.conversationTag(c),
		}
	}
	return rows
}

func (v *visit) conversationTag(c db.Conversation) Tag {
	if c.HandledAt.IsZero() {
		return Tag{Text: v.words.T("console.conversations.open"), Tone: toneWarn}
	}
	return Tag{Text: v.words.T("console.conversations.handled"), Tone: toneOK}
}

// excerpt is the beginning of a text in one line.
func excerpt(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= excerptLength {
		return string(line)
	}
	return string(line[:excerptLength]) + "…"
}

func conversationPath(id ident.ID) string { return conversationsPath + "/" + id.String() }

// Conversation is one message with the customer it belongs to.
func (h *Handlers) Conversation(w http.ResponseWriter, r *http.Request) error {
	return h.conversation(w, r, http.StatusOK, page.Field{})
}

// conversation shows a message; note is the form as it was sent.
func (h *Handlers) conversation(w http.ResponseWriter, r *http.Request, status int, note page.Field) error {
	v := h.enter(r)
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	c, err := db.ConversationByID(v.ctx, v.db(), v.shop.ID, id)
	if err != nil {
		return missing(err)
	}
	base, err := v.base(r, v.words.T("console.conversation.title", "Name", c.Name))
	if err != nil {
		return err
	}
	p := ConversationPage{
		Base: base, ID: c.ID.String(), Version: c.Version, Name: c.Name, Mail: c.Mail, State: v.conversationTag(c),
		Subtitle: v.when(c.At) + "・" + v.words.T("console.conversations.channel."+c.Channel),
		Lines:    strings.Split(c.Body, "\n"), ReplyTo: "mailto:" + c.Mail,
	}
	if c.HandledAt.IsZero() && v.mayAct() {
		p.Handling = &note
	}
	if note.Error != "" {
		p.Errors = []page.FieldError{{ID: "note", Text: frame.About(v.words, v.words.T("console.conversation.note"), note.Error)}}
	}
	if err := v.writer(c, &p); err != nil {
		return err
	}
	if err := v.handled(c, &p); err != nil {
		return err
	}
	if p.Audit, err = v.trail([]ident.ID{c.ID}); err != nil {
		return err
	}
	return v.show(w, status, "conversation", p)
}

// writer finds who wrote: the customer who was logged in, else one with the same
// mail address, which proves nothing.
func (v *visit) writer(c db.Conversation, p *ConversationPage) error {
	id := c.CustomerID
	p.Proved = !id.IsZero()
	if !p.Proved {
		same, _, err := db.CustomerByMail(v.ctx, v.db(), v.shop.ID, c.Mail)
		if err != nil {
			return ignoreMissing(err)
		}
		id = same.ID
	}
	person, err := v.person(id, nil)
	p.Customer = &person
	return err
}

// handled says what was done about a message.
func (v *visit) handled(c db.Conversation, p *ConversationPage) error {
	if c.HandledAt.IsZero() {
		return nil
	}
	name := v.words.T("console.actor.staff")
	m, err := db.StaffByID(v.ctx, v.db(), v.shop.ID, c.HandledBy)
	if err := ignoreMissing(err); err != nil { // they may have left
		return err
	}
	if m.Name != "" {
		name = m.Name
	}
	p.Handled = v.words.T("console.conversation.handled.by", "When", v.when(c.HandledAt), "Name", name)
	if c.Note != "" {
		p.Note = strings.Split(c.Note, "\n")
	}
	return nil
}

// HandleConversation is a member of staff saying that a message is answered.
func (h *Handlers) HandleConversation(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	note := r.PostFormValue("note")
	err = h.Flow.HandleConversation(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), id, version, note)
	switch faults := fault.All(err); {
	case err == nil:
		session.AddFlash(v.ctx, "ok", v.words.T("console.conversation.handled"))
	case len(faults) > 0 && faults[0].Field == "note":
		return h.conversation(w, r, http.StatusUnprocessableEntity, page.Field{Value: note, Error: v.words.Fault(faults[0])})
	case len(faults) > 0 && faults[0].Code == fault.Conflict:
		session.AddFlash(v.ctx, "error", v.words.Fault(faults[0]))
	default:
		return err
	}
	return redirect.To(w, r, conversationPath(id))
}
