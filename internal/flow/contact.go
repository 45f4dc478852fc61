package flow

import (
	"context"
	"errors"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// Limits of the contact form, in characters.
const (
	maxContactName = 60
	maxContactBody = 4000
)

// ContactInput is somebody writing to the shop.
type ContactInput struct {
	StoreID    int64
	CustomerID ident.ID // zero for a person who is not logged in
	Remote     string   // network address
	Name       string
	Mail       string
	Body       string
	Lang       i18n.Lang
	// Key is of the form that was filled in: the same form sent twice is one
	// message. Zero for a form without one.
	Key ident.ID
}

// Contact keeps what somebody wrote, mails it to the shop and a receipt to the
// writer. Faults: name, mail and body; TooMany as at Login.
func (f *Flow) Contact(ctx context.Context, in ContactInput) error {
	said := db.Conversation{
		ID: f.NewID(), CustomerID: in.CustomerID, Name: strings.TrimSpace(in.Name), Mail: place.MailAddress(in.Mail),
		Body: contactBody(in.Body), Channel: db.ChannelForm, At: f.Now(),
	}
	var faults fault.List
	faults.Add(place.CheckText("name", said.Name, maxContactName, place.Required))
	faults.Add(place.CheckMail("mail", said.Mail, place.Required))
	faults.Add(checkBody("body", said.Body))
	if err := faults.Err(); err != nil {
		return err
	}
	key := "contact:" + in.Key.String()
	if in.Key.IsZero() {
		key = "contact:" + said.ID.String()
	}
	if _, err := db.Answer(ctx, f.DB, in.StoreID, key); err == nil || !errors.Is(err, db.ErrNotFound) {
		return err
	}
	// a receipt goes to an address that nobody has proved to be theirs
	wrote := attempt{storeID: in.StoreID, door: "contact", account: said.Mail, remote: in.Remote, wall: f.Wall()}
	if err := f.mayTry(ctx, wrote); err != nil {
		return err
	}
	if err := f.failed(ctx, wrote); err != nil {
		return err
	}
	shop, err := f.Shop(ctx, f.DB, in.StoreID)
	if err != nil {
		return err
	}
	mails := []db.Mail{f.contactMail("contact_receipt", said, said.Mail, in.Lang)}
	if shop.Profile.Mail != "" {
		mails = append(mails, f.contactMail("contact_received", said, shop.Profile.Mail, i18n.Ja))
	}
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if first, _, err := db.Remember(ctx, tx, in.StoreID, key, said.ID.String(), said.At); err != nil || !first {
			return err
		}
		if err := db.InsertConversation(ctx, tx, in.StoreID, said); err != nil {
			return err
		}
		return db.WriteMails(ctx, tx, in.StoreID, mails, said.At)
	})
}

func (f *Flow) contactMail(event string, said db.Conversation, to string, lang i18n.Lang) db.Mail {
	id := f.NewID()
	return db.Mail{
		ID: id, Event: event, Dedupe: event + ":" + said.ID.String(), CustomerID: said.CustomerID, Recipient: to,
		Lang: string(lang), MessageID: id.String() + "@teiki", Facts: note(mailNote{Conversation: said.ID}),
	}
}

// contactBody is a text as typed, with lines that end with \n and no tabs.
func contactBody(typed string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(typed))
}

// checkBody looks at a text of several lines as place.CheckText does at one.
func checkBody(field, body string) *fault.Error {
	return place.CheckText(field, spaced(body), maxContactBody, place.Required)
}

// spaced is a text of several lines as one, for place.CheckText, which knows one.
func spaced(body string) string { return strings.ReplaceAll(body, "\n", " ") }
