package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// HostedPage asks for the gateway's card page of an order. The URLs are where
// the customer comes back to.
type HostedPage struct {
	StoreID   int64
	OrderID   ident.ID
	Lang      i18n.Lang
	ReturnURL string
	CancelURL string
}

// reuseMargin keeps a customer from being sent to a page about to expire.
const reuseMargin = 2 * time.Minute

// OpenPaymentPage gives the hosted page on which an awaiting order is paid. Two
// tabs get the same page; one close to its end is expired first. An order that
// is settled already is a Conflict: show it instead.
func (f *Flow) OpenPaymentPage(ctx context.Context, in HostedPage) (string, error) {
	return f.openPage(ctx, in, db.SessionPayment)
}

// OpenCardPage gives the hosted page on which the customer stores a card for an
// order whose charge failed. Storing and charging are apart, so that a link and
// a retry cannot both charge.
func (f *Flow) OpenCardPage(ctx context.Context, in HostedPage) (string, error) {
	return f.openPage(ctx, in, db.SessionSetup)
}

func (f *Flow) openPage(ctx context.Context, in HostedPage, mode string) (string, error) {
	for range 3 {
		session, err := f.openSession(ctx, in, mode)
		if err != nil {
			return "", err
		}
		fresh := f.Now().Add(reuseMargin).Before(session.ExpiresAt)
		if fresh && session.URL == "" {
			return f.createPage(ctx, in, session)
		}
		// it may have been paid in another tab
		state, err := f.SettleSession(ctx, in.StoreID, session.ID)
		if err != nil {
			return "", gatewayFault(err)
		}
		if fresh && state == db.SessionOpen {
			return session.URL, nil
		}
	}
	return "", fault.New(fault.Conflict, "fault.payment.settled")
}

// openSession finds the order's open session or reserves a new one.
func (f *Flow) openSession(ctx context.Context, in HostedPage, mode string) (db.HostedSession, error) {
	session, err := db.OpenHostedSession(ctx, f.DB, in.StoreID, in.OrderID)
	if err == nil || !errors.Is(err, db.ErrNotFound) {
		return session, err
	}
	p, err := f.mainPayment(ctx, f.DB, in.StoreID, in.OrderID)
	if err != nil {
		return session, err
	}
	payable := p.State == payment.StateSession
	if mode == db.SessionSetup {
		payable = p.State == payment.StateDue || p.State == payment.StateAction
	}
	if !payable {
		return session, fault.New(fault.Conflict, "fault.payment.settled")
	}
	now := f.Now()
	session = f.newSession(in.OrderID, p.ID, mode, now)
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.InsertHostedSession(ctx, tx, in.StoreID, session, now)
	})
	if db.IsUnique(err) { // another tab was first
		return db.OpenHostedSession(ctx, f.DB, in.StoreID, in.OrderID)
	}
	return session, err
}

// createPage asks the gateway for the page. The key belongs to the session's
// row, so that a repeat after a lost answer gets the same page.
func (f *Flow) createPage(ctx context.Context, in HostedPage, session db.HostedSession) (string, error) {
	if session.ExpiresAt.Sub(f.Now()) < leastPage {
		if err := f.renewSession(ctx, in.StoreID, &session); err != nil {
			return "", err
		}
	}
	shop, err := f.Shop(ctx, f.DB, in.StoreID)
	if err != nil {
		return "", err
	}
	gateway, err := f.gateway(ctx, in.StoreID, shop.Settings)
	if err != nil {
		return "", err
	}
	orders, err := db.OrdersByIDs(ctx, f.DB, in.StoreID, []ident.ID{in.OrderID})
	if err != nil || len(orders) == 0 {
		return "", errors.Join(err, fmt.Errorf("read order %s", in.OrderID))
	}
	customerID, err := f.gatewayCustomer(ctx, gateway, in.StoreID, orders[0].CustomerID, session.Key)
	if err != nil {
		return "", f.pageFailed(ctx, in.StoreID, session, err)
	}
	params, err := pageParams(in, session, orders[0], shop, customerID)
	if err != nil {
		return "", err
	}
	created, err := gateway.CreateSession(ctx, session.Key, params)
	if err != nil {
		return "", f.pageFailed(ctx, in.StoreID, session, err)
	}
	var stored db.HostedSession
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if err := db.SetHostedSessionURL(ctx, tx, in.StoreID, session.ID, created.ID, created.URL); err != nil {
			return err
		}
		stored, err = db.HostedSessionByID(ctx, tx, in.StoreID, session.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	if stored.GatewayID != created.ID {
		// Another tab's page was stored first, or the order was given up meanwhile:
		// nobody is ever shown this one, and it must not take money.
		if _, err := gateway.ExpireSession(ctx, created.ID); err != nil {
			slog.WarnContext(ctx, "page that nobody is shown not ended", "session", created.ID, "error", err)
		}
	}
	if stored.State != db.SessionOpen {
		return "", fault.New(fault.Conflict, "fault.payment.settled")
	}
	return stored.URL, nil
}

// leastPage is the shortest life that the gateway gives a page.
const leastPage = (sessionMinutes - 1) * time.Minute

// pageFailed tells that there is no page yet. The gateway repeats a failure that
// it answered for as long as it knows the key, so the next try needs another; a
// page that was made nevertheless is one whose address nobody knows.
func (f *Flow) pageFailed(ctx context.Context, storeID int64, session db.HostedSession, err error) error {
	var failure *stripe.Error
	if errors.As(err, &failure) && failure.HTTPStatus >= http.StatusInternalServerError {
		err = errors.Join(err, f.renewSession(ctx, storeID, &session))
	}
	return gatewayFault(err)
}

// renewSession begins a session that has no page anew, with a key and a time of
// its own.
func (f *Flow) renewSession(ctx context.Context, storeID int64, session *db.HostedSession) error {
	fresh := f.newSession(session.OrderID, session.PaymentID, session.Mode, f.Now())
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.RenewHostedSession(ctx, tx, storeID, *session, fresh)
	})
	session.Key, session.ExpiresAt, session.NextAt = fresh.Key, fresh.ExpiresAt, fresh.NextAt
	return err
}

// gatewayFault tells a person that paying cannot start just now; the cause is
// kept for the log.
func gatewayFault(err error) error {
	return fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "fault.payment.unavailable"), err)
}

func pageParams(in HostedPage, session db.HostedSession, o order.Order, shop Shop, customerID string) (stripe.SessionParams, error) {
	metadata := map[string]string{
		"order_id": o.ID.String(), "order_number": o.Number, metaPayment: session.PaymentID.String(),
	}
	params := stripe.SessionParams{
		Mode: stripe.ModeSetup, Customer: customerID, Currency: strings.ToLower(string(o.Currency)),
		SuccessURL: in.ReturnURL, CancelURL: in.CancelURL, Locale: stripeLocale(in.Lang),
		ExpiresAt: session.ExpiresAt, Metadata: metadata, IntentMetadata: metadata,
	}
	if session.Mode == db.SessionPayment {
		amount, err := gatewayAmount(money.Of(o.Total, o.Currency))
		if err != nil {
			return params, err
		}
		params.Mode, params.SaveCard = stripe.ModePayment, true
		// one line: the hosted page repeats the sum that was confirmed, it does not calculate
		name := pageTitle(shop, o, in.Lang)
		params.Items = []stripe.LineItem{{Name: name, Amount: amount, Quantity: 1}}
	}
	return params, nil
}

func pageTitle(shop Shop, o order.Order, lang i18n.Lang) string {
	return shop.Profile.Name(string(lang)) + " " + o.Number
}

// gatewayAmount converts to the gateway's units.
func gatewayAmount(a money.Amount) (int64, error) {
	digits, ok := currency.GetDigits(string(a.Currency))
	if !ok {
		return 0, fmt.Errorf("currency %q has no known digits", a.Currency)
	}
	return stripe.ToStripe(a.Minor, string(a.Currency), int(digits))
}

// stripeLocale is the hosted page's language.
// Source: https://docs.stripe.com/js/appendix/supported_locales
func stripeLocale(lang i18n.Lang) string {
	switch lang {
	case i18n.ZhHans:
		return "zh"
	case i18n.ZhHant:
		return "zh-TW"
	case i18n.En:
		return "en"
	default:
		return "ja"
	}
}

// gatewayCustomer is the customer's id at the gateway, made when first needed for
// a session.
func (f *Flow) gatewayCustomer(ctx context.Context, gateway *stripe.Client, storeID int64, id ident.ID, sessionKey string) (string, error) {
	c, err := db.Customer(ctx, f.DB, storeID, id)
	if err != nil {
		return "", fmt.Errorf("read customer: %w", err)
	}
	if c.GatewayID != "" {
		return c.GatewayID, nil
	}
	made, err := gateway.CreateCustomer(ctx, "customer:"+sessionKey, stripe.CustomerParams{
		Email: c.Mail, Name: c.Name.Family + " " + c.Name.Given,
		Metadata: map[string]string{"customer_id": id.String()},
	})
	if err != nil {
		return "", err
	}
	var stored string
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		stored, err = db.SetGatewayID(ctx, tx, storeID, id, made.ID)
		return err
	})
	return stored, err
}

// mainPayment is the order's payment that is not void.
func (f *Flow) mainPayment(ctx context.Context, c db.Conn, storeID int64, orderID ident.ID) (payment.Payment, error) {
	list, err := db.PaymentsOfOrders(ctx, c, storeID, []ident.ID{orderID})
	if err != nil {
		return payment.Payment{}, err
	}
	for _, p := range list {
		if p.Kind == payment.KindMain && p.State != payment.StateVoid {
			return p, nil
		}
	}
	return payment.Payment{}, fault.New(fault.Conflict, "fault.payment.settled")
}

// actorGateway is the gateway telling us.
var actorGateway = audit.Actor{Kind: audit.ActorGateway}
