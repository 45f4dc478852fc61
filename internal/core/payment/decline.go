package payment

import (
	"slices"
	"time"
)

// Decline sorts refusals by what can be done about them (docs/rules.md,
// "Declines"; Stripe: docs.stripe.com/declines/codes).
type Decline string

// The classes.
const (
	DeclineNone     Decline = ""
	DeclineRetry    Decline = "retry"    // may pass later by itself
	DeclineFew      Decline = "few"      // few retries, and tell the customer
	DeclineCustomer Decline = "customer" // the customer must act
	DeclineAuth     Decline = "auth"     // the bank asks for 3-D Secure
	DeclineNever    Decline = "never"    // never try this card again
)

var declineCodes = map[Decline][]string{
	DeclineRetry: {
		"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded",
		"issuer_not_available", "processing_error", "reenter_transaction", "try_again_later",
	},
	DeclineFew: {"generic_decline", "do_not_honor", "call_issuer"},
	DeclineCustomer: {
		"expired_card", "card_not_supported", "currency_not_supported",
		"new_account_information_available", "incorrect_cvc", "incorrect_number", "incorrect_zip",
		"incorrect_address", "incorrect_pin", "invalid_account", "invalid_amount", "invalid_cvc",
		"invalid_expiry_month", "invalid_expiry_year", "invalid_number", "invalid_pin",
		"payment_method_missing",
	},
	DeclineAuth: {"authentication_required"},
	DeclineNever: {
		"lost_card", "stolen_card", "pickup_card", "fraudulent", "restricted_card",
		"revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order",
		"merchant_blacklist",
	},
}

// Classify reads the gateway's advice first and the decline code second.
// Unknown codes are treated like a generic decline.
func Classify(advice, decline, code string) Decline {
	switch advice {
	case "do_not_try_again":
		return DeclineNever
	case "confirm_card_data":
		return DeclineCustomer
	case "try_again_later":
		return DeclineRetry
	}
	for _, c := range []string{decline, code} {
		for class, codes := range declineCodes {
			if slices.Contains(codes, c) {
				return class
			}
		}
	}
	return DeclineFew
}

// PublicReason is the message key a customer may be told. Lost, stolen and
// fraud are never named.
func (d Decline) PublicReason() string {
	switch d {
	case DeclineCustomer:
		return "decline.card_data"
	case DeclineAuth:
		return "decline.authentication"
	case DeclineNever:
		return "decline.other_card"
	default:
		return "decline.temporary"
	}
}

// NextRetry is when the engine may try again by itself after a decline: on the
// store's days after the first failure (by default 1, 3, 5, 7). Classes that
// only the customer can solve, and series that are used up, are not retried.
func NextRetry(class Decline, firstFailure time.Time, failures int, days []int) (time.Time, bool) {
	switch class {
	case DeclineCustomer, DeclineAuth, DeclineNever:
		return time.Time{}, false
	case DeclineFew:
		// the issuer gave no reason: half the series is enough to learn that it will not change
		days = days[:(len(days)+1)/2]
	case DeclineNone, DeclineRetry:
	}
	if failures < 1 || failures > len(days) {
		return time.Time{}, false
	}
	return firstFailure.Add(time.Duration(days[failures-1]) * 24 * time.Hour), true
}
