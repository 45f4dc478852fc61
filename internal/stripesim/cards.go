package stripesim

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// behaviour is how a card answers. Besides the constants it may be "decline:" and a decline code.
type behaviour string

const (
	behaviourOK behaviour = "ok"
	// behaviourMissing: the gateway does not know the card.
	behaviourMissing behaviour = "missing"
	// behaviour3DS asks for 3-D Secure at every payment until it was authenticated once while being saved for
	// off-session use.
	behaviour3DS behaviour = "3ds"
	// behaviour3DSAlways asks for 3-D Secure at every payment, so every off-session one is declined.
	behaviour3DSAlways behaviour = "3ds_always"
	// behaviourFailsLater can be saved; every charge made once it is attached to a customer is declined.
	behaviourFailsLater behaviour = "fails_later"

	declinePrefix = "decline:"
)

// valid says whether a behaviour is one this package plays.
func (b behaviour) valid() bool {
	switch b {
	case behaviourOK, behaviourMissing, behaviour3DS, behaviour3DSAlways, behaviourFailsLater:
		return true
	}
	code, ok := strings.CutPrefix(string(b), declinePrefix)
	_, known := declines[code]
	return ok && known
}

// testCard is a card number with a known behaviour.
type testCard struct {
	number    string
	brand     string
	token     string // pm_card_… that stands for it in API calls
	behaviour behaviour
}

// testCards copies https://docs.stripe.com/testing ("Cards by brand", "Declined payments", "3D Secure
// authentication"). One departure: 4000000000000341, "decline after attaching", is let through when a hosted page
// both charges and saves it, since it is attached only by that; so it also shows a renewal that fails.
var testCards = []testCard{
	{"4242424242424242", "visa", "pm_card_visa", behaviourOK},
	{"4000056655665556", "visa", "pm_card_visa_debit", behaviourOK},
	{"5555555555554444", "mastercard", "pm_card_mastercard", behaviourOK},
	{"378282246310005", "amex", "pm_card_amex", behaviourOK},
	{"3566002020360505", "jcb", "pm_card_jcb", behaviourOK},
	{"36227206271667", "diners", "pm_card_diners", behaviourOK},
	{"4000003920000003", "visa", "pm_card_jp", behaviourOK},
	{"4000000000000002", "visa", "pm_card_visa_chargeDeclined", declinePrefix + "generic_decline"},
	{"4000000000009995", "visa", "pm_card_visa_chargeDeclinedInsufficientFunds", declinePrefix + "insufficient_funds"},
	{"4000000000009987", "visa", "pm_card_visa_chargeDeclinedLostCard", declinePrefix + "lost_card"},
	{"4000000000009979", "visa", "pm_card_visa_chargeDeclinedStolenCard", declinePrefix + "stolen_card"},
	{"4000000000000069", "visa", "pm_card_chargeDeclinedExpiredCard", declinePrefix + "expired_card"},
	{"4000000000000127", "visa", "pm_card_chargeDeclinedIncorrectCvc", declinePrefix + "incorrect_cvc"},
	{"4000000000000119", "visa", "pm_card_chargeDeclinedProcessingError", declinePrefix + "processing_error"},
	{"4000002500003155", "visa", "pm_card_authenticationRequiredOnSetup", behaviour3DS},
	{"4000002760003184", "visa", "pm_card_authenticationRequired", behaviour3DSAlways},
	{"4000000000000341", "visa", "pm_card_chargeCustomerFail", behaviourFailsLater},
}

func findCard(match func(testCard) bool) (testCard, bool) {
	for _, c := range testCards {
		if match(c) {
			return c, true
		}
	}
	return testCard{}, false
}

// decline is a refusal in Stripe's words. decline is empty where the testing page says "n/a".
type decline struct {
	code, decline, advice, message string
}

// declines are the refusals that can be played. Codes and texts: https://docs.stripe.com/declines/codes and
// https://docs.stripe.com/error-codes; advice codes: https://docs.stripe.com/declines/card#retrying-issuer-declines
var declines = map[string]decline{
	"generic_decline":    {"card_declined", "generic_decline", "try_again_later", "Your card was declined."},
	"do_not_honor":       {"card_declined", "do_not_honor", "try_again_later", "Your card was declined."},
	"call_issuer":        {"card_declined", "call_issuer", "", "Your card was declined."},
	"insufficient_funds": {"card_declined", "insufficient_funds", "try_again_later", "Your card has insufficient funds."},
	"card_velocity_exceeded": {
		"card_declined", "card_velocity_exceeded", "try_again_later",
		"Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
	},
	"lost_card":       {"card_declined", "lost_card", "do_not_try_again", "Your card was declined."},
	"stolen_card":     {"card_declined", "stolen_card", "do_not_try_again", "Your card was declined."},
	"pickup_card":     {"card_declined", "pickup_card", "do_not_try_again", "Your card was declined."},
	"fraudulent":      {"card_declined", "fraudulent", "do_not_try_again", "Your card was declined."},
	"restricted_card": {"card_declined", "restricted_card", "do_not_try_again", "Your card was declined."},
	"stop_payment_order": {
		"card_declined", "stop_payment_order", "do_not_try_again", "Your card was declined.",
	},
	"card_not_supported": {"card_declined", "card_not_supported", "", "Your card is not supported."},
	"expired_card":       {"expired_card", "", "confirm_card_data", "Your card has expired."},
	"incorrect_cvc":      {"incorrect_cvc", "", "confirm_card_data", "Your card's security code is incorrect."},
	"processing_error": {
		"processing_error", "", "try_again_later",
		"An error occurred while processing your card. Try again in a little bit.",
	},
	"authentication_required": {
		"authentication_required", "authentication_required", "",
		"Your card was declined. This transaction requires authentication.",
	},
}

// digits leaves only the digits of what a shopper typed, or "" if there is anything but digits, blanks and dashes.
func digits(typed string) string {
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９': // full width, as Japanese keyboards give them
			b.WriteRune(r - '０' + '0')
		case r == ' ' || r == '-' || r == '　':
		default:
			return ""
		}
	}
	return b.String()
}

// luhn is the check digit of card numbers (ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return len(number) >= 12 && len(number) <= 19 && sum%10 == 0
}

// fingerprint is the same for the same number, and tells nothing about it.
func fingerprint(number string) string {
	sum := sha256.Sum256([]byte("stripesim " + number))
	return base32.StdEncoding.EncodeToString(sum[:])[:16]
}
