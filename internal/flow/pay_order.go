package flow

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// PayToken is the part of a mailed link that opens an order's payment page
// without a login. It can do nothing but pay that order.
func (f *Flow) PayToken(storeID int64, orderID ident.ID) string {
	mac := f.Secrets.MAC(storeID, "pay", orderID[:])
	return base64.RawURLEncoding.EncodeToString(append(orderID[:], mac[:16]...))
}

// OrderOfToken reads a pay token; NotFound for one that is not ours.
func (f *Flow) OrderOfToken(storeID int64, token string) (ident.ID, error) {
	unknown := fault.New(fault.NotFound, "fault.not_found")
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 32 {
		return ident.ID{}, unknown
	}
	var id ident.ID
	copy(id[:], b[:16])
	if f.PayToken(storeID, id) != token {
		return ident.ID{}, unknown
	}
	return id, nil
}

// OpenOrder is an order with its main payment and latest card, for the payment
// page.
type OpenOrder struct {
	Order   order.Order
	Payment payment.Payment
}

// OpenOrder reads an order and its main payment.
func (f *Flow) OpenOrder(ctx context.Context, storeID int64, orderID ident.ID) (OpenOrder, error) {
	orders, err := db.OrdersByIDs(ctx, f.DB, storeID, []ident.ID{orderID})
	if err != nil {
		return OpenOrder{}, err
	}
	if len(orders) == 0 {
		return OpenOrder{}, fault.New(fault.NotFound, "fault.not_found")
	}
	p, err := f.mainPayment(ctx, f.DB, storeID, orderID)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return OpenOrder{}, err
	}
	return OpenOrder{Order: orders[0], Payment: p}, nil
}

// PayAgain lets the customer, who is here, pay an order whose charge failed with
// the card that is stored: it confirms the stored intent on-session. It returns
// where to send the customer, empty when the order is settled or declined; the
// caller shows the order as it is then.
func (f *Flow) PayAgain(ctx context.Context, storeID int64, orderID ident.ID, returnURL string) (string, error) {
	p, err := f.mainPayment(ctx, f.DB, storeID, orderID)
	if err != nil {
		return "", err
	}
	if p.WantsOtherCard() {
		return "", fault.New(fault.Conflict, "fault.payment.other_card")
	}
	return f.ChargeNow(ctx, storeID, p.ID, Presence{ReturnURL: returnURL})
}

// PaymentReturn is the customer coming back from a hosted page or from their
// bank. Whatever the address says, the gateway is asked; then, where a new card
// was given, the order is charged. It returns where to send the customer on,
// empty when the order's page should be shown.
func (f *Flow) PaymentReturn(ctx context.Context, storeID int64, orderID ident.ID, returnURL string) (string, error) {
	session, err := db.OpenHostedSession(ctx, f.DB, storeID, orderID)
	switch {
	case errors.Is(err, db.ErrNotFound):
	case err != nil:
		return "", fmt.Errorf("read session: %w", err)
	default:
		if _, err := f.SettleSession(ctx, storeID, session.ID); err != nil {
			return "", err
		}
	}
	p, err := f.mainPayment(ctx, f.DB, storeID, orderID)
	if fault.Is(err, fault.Conflict) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	untried, err := f.untriedCard(ctx, storeID, p)
	if err != nil {
		return "", err
	}
	taken, err := f.takenAtGateway(ctx, storeID, p)
	if err != nil {
		return "", err
	}
	if untried || taken || p.State == payment.StateUnknown {
		return f.ChargeNow(ctx, storeID, p.ID, Presence{ReturnURL: returnURL})
	}
	return "", nil
}

// takenAtGateway reports whether the gateway has the money of a payment that
// waits for its customer: the bank's question may be answered long after it was
// taken for abandoned.
func (f *Flow) takenAtGateway(ctx context.Context, storeID int64, p payment.Payment) (bool, error) {
	if p.State != payment.StateAction || p.IntentID == "" {
		return false, nil
	}
	return f.succeeded(ctx, storeID, p.IntentID)
}

// succeeded asks the gateway whether an intent has taken its money.
func (f *Flow) succeeded(ctx context.Context, storeID int64, intentID string) (bool, error) {
	shop, err := f.Shop(ctx, f.DB, storeID)
	if err != nil {
		return false, err
	}
	gateway, err := f.gateway(ctx, storeID, shop.Settings)
	if err != nil {
		return false, err
	}
	intent, err := gateway.Intent(ctx, intentID)
	if err != nil {
		return false, gatewayFault(err)
	}
	return intent.Status == stripe.IntentSucceeded, nil
}

// untriedCard reports whether a failed payment has a card that it was not tried
// with: coming back from the card page again and again must not charge again and
// again.
func (f *Flow) untriedCard(ctx context.Context, storeID int64, p payment.Payment) (bool, error) {
	if p.State != payment.StateDue || p.Failures == 0 {
		return false, nil
	}
	cards, err := db.CardsByIDs(ctx, f.DB, storeID, []ident.ID{p.CardID})
	if err != nil {
		return false, err
	}
	last, err := db.LastAttempts(ctx, f.DB, storeID, []ident.ID{p.ID})
	if err != nil {
		return false, err
	}
	return cards[p.CardID].GatewayID != last[p.ID].Params.PaymentMethod, nil
}

// langPrefix is the path prefix of a language.
func langPrefix(lang string) string {
	l, known := i18n.Parse(lang)
	if !known {
		return ""
	}
	return l.Prefix()
}
