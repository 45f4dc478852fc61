package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
)

// PayLink is the address that pays an order without a login, in the language of
// the order, for staff who read it out or send it their own way.
func (f *Flow) PayLink(shop Shop, lang string, orderID ident.ID) string {
	return f.payLink(shop, lang, orderID)
}

// SendPayLink mails the customer once more the link that pays the order of an
// alert: with another card, or by confirming with their bank. The alert stays open
// until the order is paid. Request names the form, so that a form that is sent
// twice sends one mail. It refuses (Conflict) an order that needs no payment and a
// customer without mail.
func (f *Flow) SendPayLink(ctx context.Context, storeID int64, actor audit.Actor, alertID, request ident.ID) error {
	a, err := f.openAlert(ctx, storeID, alertID)
	if err != nil {
		return err
	}
	if !a.Kind.Has(alert.WayLink) {
		return fault.New(fault.Conflict, "fault.alert.no_way")
	}
	open, err := f.OpenOrder(ctx, storeID, a.OrderID)
	if err != nil {
		return err
	}
	if !declined(open.Payment) {
		return fault.New(fault.Conflict, "fault.payment.settled")
	}
	customer, err := db.Customer(ctx, f.DB, storeID, open.Order.CustomerID)
	if err != nil {
		return notFound(err)
	}
	if customer.Mail == "" {
		return fault.New(fault.Conflict, "fault.alert.no_mail")
	}
	event := "payment_failed"
	if open.Payment.Decline == payment.DeclineAuth {
		event = "authentication_needed"
	}
	mail := f.newMail(event, "pay_link:"+request.String(), open.Order, customer)
	mail.Facts = declineFacts(open.Payment.Decline)
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		first, _, err := db.Remember(ctx, tx, storeID, "pay_link:"+request.String(), "sent", now)
		if err != nil || !first {
			return err
		}
		if err := db.WriteMails(ctx, tx, storeID, []db.Mail{mail}, now); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{
			f.line(actor, "payment.link_sent", "order", open.Order.ID, now, nil),
		})
	})
}
