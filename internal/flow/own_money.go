package flow

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/stripe"
)

// errOtherMoney says that the gateway took money, but not what a payment asks for:
// another sum, or of another customer, or for another order.
var errOtherMoney = errors.New("paid with another sum, by another customer or for another order")

// metaPayment names the payment in the metadata of its intents and hosted pages.
const metaPayment = "payment_id"

// paymentNamed is the payment that the metadata of the gateway name; false where they
// name none of ours.
func paymentNamed(metadata map[string]string) (ident.ID, bool) {
	id, err := ident.Parse(metadata[metaPayment])
	return id, err == nil
}

// pays compares an intent that has succeeded with the payment that asked for it;
// customerID is the payment's customer at the gateway. The gateway is believed to
// have taken what it says, not to have taken what it was asked for. Whether money
// is real is not compared: the key of an account's test mode sees no real intent.
func pays(intent stripe.Intent, p payment.Payment, customerID string) error {
	amount, err := gatewayAmount(p.Amount)
	if err != nil {
		return err
	}
	if intent.AmountReceived != amount || !strings.EqualFold(intent.Currency, string(p.Amount.Currency)) ||
		intent.Customer != customerID || intent.Metadata[metaPayment] != p.ID.String() {
		return fmt.Errorf("intent %s, %d %s of customer %s, payment %s of %s: %w",
			intent.ID, intent.AmountReceived, intent.Currency, intent.Customer, p.ID, p.Amount, errOtherMoney)
	}
	return nil
}

// lateMoney tells staff of money for an order that does not ask for it: one that
// was given up, or one that is paid already with another intent.
func (f *Flow) lateMoney(p payment.Payment, o order.Order, intent string, now time.Time) alert.Alert {
	return f.paymentAlert(alert.KindLateMoney, p, o, map[string]any{"Intent": intent}, now)
}
