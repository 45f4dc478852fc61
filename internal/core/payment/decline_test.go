package payment

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// classes are Stripe's codes as docs.stripe.com/declines/codes groups them.
var classes = []struct {
	class Decline
	codes []string
}{
	{DeclineRetry, []string{
		"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded", "issuer_not_available",
		"processing_error", "reenter_transaction", "try_again_later",
	}},
	{DeclineFew, []string{"generic_decline", "do_not_honor", "call_issuer"}},
	{DeclineCustomer, []string{
		"expired_card", "incorrect_number", "incorrect_cvc", "incorrect_zip", "incorrect_address", "incorrect_pin",
		"invalid_account", "invalid_amount", "invalid_cvc", "invalid_expiry_month", "invalid_expiry_year", "invalid_number",
		"invalid_pin", "card_not_supported", "currency_not_supported", "new_account_information_available",
	}},
	{DeclineAuth, []string{"authentication_required"}},
	{DeclineNever, []string{
		"lost_card", "stolen_card", "pickup_card", "fraudulent", "restricted_card", "revocation_of_authorization",
		"revocation_of_all_authorizations", "stop_payment_order", "merchant_blacklist",
	}},
}

func TestEveryDeclineCodeHasItsClass(t *testing.T) {
	for _, group := range classes {
		for _, code := range group.codes {
			if got := Classify("", code, "card_declined"); got != group.class {
				t.Errorf("%s is %q, want %q", code, got, group.class)
			}
			// Some errors carry the reason as their code and no decline code.
			if got := Classify("", "", code); got != group.class {
				t.Errorf("%s as an error code is %q, want %q", code, got, group.class)
			}
		}
	}
}

func TestNoCodeStandsInTwoClasses(t *testing.T) {
	seen := map[string]Decline{}
	for class, codes := range declineCodes {
		for _, code := range codes {
			if other, twice := seen[code]; twice {
				t.Errorf("%s is %s and %s", code, other, class)
			}
			seen[code] = class
		}
	}
}

func TestTheGatewaysAdviceOutranksItsCodes(t *testing.T) {
	for _, group := range classes {
		for _, code := range group.codes {
			for advice, want := range map[string]Decline{
				"do_not_try_again": DeclineNever, "confirm_card_data": DeclineCustomer, "try_again_later": DeclineRetry,
				"an_advice_to_come": group.class,
			} {
				if got := Classify(advice, code, "card_declined"); got != want {
					t.Errorf("%s with the advice %s is %q, want %q", code, advice, got, want)
				}
			}
		}
	}
}

func TestTheDeclineCodeOutranksTheErrorCode(t *testing.T) {
	if got := Classify("", "lost_card", "expired_card"); got != DeclineNever {
		t.Errorf("got %q", got)
	}
	if got := Classify("", "a_code_to_come", "expired_card"); got != DeclineCustomer {
		t.Errorf("got %q", got)
	}
}

func TestUnknownCodesAreLikeAGenericDecline(t *testing.T) {
	for _, code := range []string{"", "a_code_to_come", "EXPIRED_CARD"} {
		if got := Classify("", code, "card_declined"); got != DeclineFew {
			t.Errorf("%q is %q", code, got)
		}
	}
}

func TestACustomerIsNeverToldLostStolenOrFraud(t *testing.T) {
	want := map[Decline]string{
		DeclineNone: "decline.temporary", DeclineRetry: "decline.temporary", DeclineFew: "decline.temporary",
		DeclineCustomer: "decline.card_data", DeclineAuth: "decline.authentication", DeclineNever: "decline.other_card",
	}
	for class, key := range want {
		if got := class.PublicReason(); got != key {
			t.Errorf("%q says %s, want %s", class, got, key)
		}
	}
}

func TestRetriesComeOnTheStoresDaysAfterTheFirstFailure(t *testing.T) {
	first := time.Date(2026, 11, 28, 15, 0, 3, 0, time.UTC)
	days := []int{1, 3, 5, 7}
	tests := []struct {
		name     string
		class    Decline
		failures int
		days     []int
		want     string // empty: no retry
	}{
		{"after the first failure", DeclineRetry, 1, days, "2026-11-29T15:00:03Z"},
		{"after the second", DeclineRetry, 2, days, "2026-12-01T15:00:03Z"},
		{"after the third", DeclineRetry, 3, days, "2026-12-03T15:00:03Z"},
		{"after the fourth", DeclineRetry, 4, days, "2026-12-05T15:00:03Z"},
		{"the series is used up", DeclineRetry, 5, days, ""},
		{"nothing failed yet", DeclineRetry, 0, days, ""},
		{"no reason given: first", DeclineFew, 1, days, "2026-11-29T15:00:03Z"},
		{"no reason given: second", DeclineFew, 2, days, "2026-12-01T15:00:03Z"},
		{"no reason given: half the series is enough", DeclineFew, 3, days, ""},
		{"no reason given, a series of one", DeclineFew, 1, days[:1], "2026-11-29T15:00:03Z"},
		{"a store that never retries", DeclineRetry, 1, nil, ""},
		{"a store that never retries, no reason given", DeclineFew, 1, nil, ""},
		{"only the customer can help", DeclineCustomer, 1, days, ""},
		{"only 3-D Secure can help", DeclineAuth, 1, days, ""},
		{"never this card again", DeclineNever, 1, days, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at, again := NextRetry(tt.class, first, tt.failures, tt.days)
			got := ""
			if again {
				got = at.Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestASeriesOfRetriesEndsAndGoesForward(t *testing.T) {
	first := time.Date(2026, 11, 28, 15, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(1, 60), 0, 10, rapid.ID[int]).Draw(t, "days")
		slices.Sort(days)
		before := slices.Clone(days)
		class := rapid.SampledFrom([]Decline{DeclineRetry, DeclineFew, DeclineCustomer, DeclineAuth, DeclineNever}).Draw(t, "class")
		last, tries := first, 0
		for failures := 1; ; failures++ {
			at, again := NextRetry(class, first, failures, days)
			if !again {
				break
			}
			if tries++; !at.After(last) || tries > len(days) {
				t.Fatalf("retry %d of %v at %s, after %s", tries, days, at, last)
			}
			last = at
		}
		if class == DeclineRetry && tries != len(days) {
			t.Fatalf("%d retries on %v", tries, days)
		}
		if !slices.Equal(before, days) {
			t.Fatalf("the store's days became %v", days)
		}
	})
}
