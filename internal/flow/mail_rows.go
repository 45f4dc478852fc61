package flow

import (
	"encoding/json"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// mailNote is what an outbox row keeps of its event beyond the order, whose
// figures are frozen anyway and are read when the mail is written.
type mailNote struct {
	Reason string        `json:"reason,omitempty"` // message key of a decline
	Date   calendar.Date `json:"date,omitzero"`    // of a delivery without an order
	Slot   int           `json:"slot,omitempty"`
	Code   []byte        `json:"code,omitempty"` // login code, sealed
	Link   []byte        `json:"link,omitempty"` // token of a password link, sealed

	Conversation ident.ID `json:"conversation,omitzero"`
}

// newMail is an outbox row about an order. The dedupe key makes it one mail
// whoever tells of the event, and however often.
func (f *Flow) newMail(event, dedupe string, o order.Order, to customer.Customer) db.Mail {
	id := f.NewID()
	return db.Mail{
		ID: id, Event: event, Dedupe: dedupe, CustomerID: to.ID, OrderID: o.ID, SubscriptionID: o.SubscriptionID,
		Recipient: to.Mail, Lang: firstOf(o.Lang, to.Lang), MessageID: id.String() + "@teiki",
	}
}

func note(n mailNote) json.RawMessage {
	b, err := json.Marshal(n)
	if err != nil {
		return nil // texts and dates always marshal; without the note the mail is still true
	}
	return b
}

// noteOf reads the note of a mail; db.ErrUnreadable where it is none.
func noteOf(row db.Mail) (n mailNote, err error) {
	if err := json.Unmarshal(row.Facts, &n); err != nil {
		return n, fmt.Errorf("%w: note of mail %s: %w", db.ErrUnreadable, row.ID, err)
	}
	return n, nil
}

func declineFacts(d payment.Decline) json.RawMessage { return note(mailNote{Reason: d.PublicReason()}) }

func deliveryFacts(d subscription.Delivery) json.RawMessage {
	return note(mailNote{Date: d.Date, Slot: d.Slot})
}
