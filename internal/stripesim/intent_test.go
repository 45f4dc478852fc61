package stripesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

func TestAnIntentIsCreatedUnconfirmedAndChargedOnceConfirmed(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	intent := s.intent("delivery-1", customer, method, 5080)
	if intent.Status != stripe.IntentRequiresConfirmation {
		t.Fatalf("status after create: %s", intent.Status)
	}
	if n := len(s.ledger().Charges); n != 0 {
		t.Fatalf("%d charges before confirmation", n)
	}
	paid := must(s.client.ConfirmIntent(s.ctx(), "confirm-1", intent.ID, stripe.ConfirmParams{PaymentMethod: method, OffSession: true}))(t)
	if paid.Status != stripe.IntentSucceeded || paid.AmountReceived != 5080 || paid.LatestCharge == "" {
		t.Fatalf("after confirm: %+v", paid)
	}
	if diff := cmp.Diff(paid, must(s.client.Intent(s.ctx(), intent.ID))(t)); diff != "" {
		t.Errorf("the intent reads otherwise than it was answered:\n%s", diff)
	}
	_, err := s.client.ConfirmIntent(s.ctx(), "confirm-2", intent.ID, stripe.ConfirmParams{PaymentMethod: method, OffSession: true})
	e := wantError(t, err, stripe.KindInvalid)
	if e.Code != "payment_intent_unexpected_state" || e.Intent == nil || e.Intent.Status != stripe.IntentSucceeded {
		t.Errorf("second confirmation: %+v", e)
	}
	b := s.ledger()
	if b.Counts.ChargesSucceeded != 1 || b.Sums["jpy"].Net != 5080 || b.Charges[0].Key != "confirm-1" {
		t.Errorf("ledger: %+v", b)
	}
	if diff := cmp.Diff([]string{"delivery-1", "confirm-1"}, b.Charges[0].Keys); diff != "" {
		t.Error(diff)
	}
	if b.Charges[0].Metadata["delivery"] != "delivery-1" {
		t.Errorf("metadata: %v", b.Charges[0].Metadata)
	}
}

func TestADeclineLeavesTheIntentReadyForAnotherCard(t *testing.T) {
	for _, c := range []struct{ behaviour, code, decline, advice string }{
		{"decline:generic_decline", "card_declined", "generic_decline", "try_again_later"},
		{"decline:insufficient_funds", "card_declined", "insufficient_funds", "try_again_later"},
		{"decline:lost_card", "card_declined", "lost_card", "do_not_try_again"},
		{"decline:expired_card", "expired_card", "expired_card", "confirm_card_data"},
		{"decline:incorrect_cvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"},
		{"decline:processing_error", "processing_error", "processing_error", "try_again_later"},
		{"3ds", "authentication_required", "authentication_required", ""},
		{"3ds_always", "authentication_required", "authentication_required", ""},
		{"fails_later", "card_declined", "generic_decline", "try_again_later"},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			s := start(t)
			customer, method := s.customerWith(c.behaviour)
			intent := s.intent("delivery", customer, method, 1000)
			_, err := s.client.ConfirmIntent(s.ctx(), "try-1", intent.ID, stripe.ConfirmParams{PaymentMethod: method, OffSession: true})
			e := wantError(t, err, stripe.KindDeclined)
			if e.Code != c.code || e.DeclineCode != c.decline || e.AdviceCode != c.advice {
				t.Errorf("declined with %q %q %q", e.Code, e.DeclineCode, e.AdviceCode)
			}
			if e.Intent == nil || e.Intent.Status != stripe.IntentRequiresPaymentMethod || e.RequestID == "" {
				t.Fatalf("error: %+v", e)
			}
			read := must(s.client.Intent(s.ctx(), intent.ID))(t)
			want := &stripe.LastError{Code: c.code, DeclineCode: c.decline, AdviceCode: c.advice, Message: e.Message}
			if diff := cmp.Diff(want, read.LastError); diff != "" {
				t.Error(diff)
			}
			_, good := s.customerWith("ok")
			s.control("/_sim/known", map[string]any{"payment_methods": []map[string]any{{"id": good, "customer": customer}}})
			paid := must(s.client.ConfirmIntent(s.ctx(), "try-2", intent.ID, stripe.ConfirmParams{PaymentMethod: good, OffSession: true}))(t)
			if paid.Status != stripe.IntentSucceeded || paid.LastError != nil {
				t.Errorf("with the new card: %+v", paid)
			}
		})
	}
}

func TestOnSessionConfirmationLeadsThroughThreeDSecureAndBack(t *testing.T) {
	for _, c := range []struct {
		answer, redirect string
		status           stripe.IntentStatus
	}{
		{"approve", "succeeded", stripe.IntentSucceeded},
		{"fail", "failed", stripe.IntentRequiresPaymentMethod},
	} {
		t.Run(c.answer, func(t *testing.T) {
			s := start(t)
			customer, method := s.customerWith("3ds_always")
			intent := s.intent("delivery", customer, method, 1000)
			asked := must(s.client.ConfirmIntent(s.ctx(), "try", intent.ID, stripe.ConfirmParams{
				PaymentMethod: method, ReturnURL: "https://shop.example/paid?order=7",
			}))(t)
			if asked.Status != stripe.IntentRequiresAction || !strings.HasPrefix(asked.NextActionURL, s.http.URL) {
				t.Fatalf("asked: %+v", asked)
			}
			status, _, body := s.page(asked.NextActionURL, nil)
			if status != 200 || !strings.Contains(body, "1,000円") {
				t.Fatalf("challenge page: %d %s", status, body)
			}
			for range 2 { // the second answer must change nothing
				status, to, _ := s.page(asked.NextActionURL, map[string][]string{"answer": {c.answer}})
				if status != 303 || !strings.HasPrefix(to, "https://shop.example/paid?order=7&") ||
					!strings.Contains(to, "redirect_status="+c.redirect) || !strings.Contains(to, "payment_intent="+intent.ID) {
					t.Fatalf("back: %d %s", status, to)
				}
			}
			if got := must(s.client.Intent(s.ctx(), intent.ID))(t).Status; got != c.status {
				t.Errorf("status %s", got)
			}
			if n := s.ledger().Counts.ChargesSucceeded; n != map[string]int{"approve": 1, "fail": 0}[c.answer] {
				t.Errorf("%d charges", n)
			}
		})
	}
}

func TestAnAuthorisationIsCapturedInPartOrLapses(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	authorise := func(key string) stripe.Intent {
		intent := must(s.client.CreateIntent(s.ctx(), key, stripe.IntentParams{
			Amount: 3000, Currency: "jpy", Customer: customer, PaymentMethod: method, CaptureMethod: stripe.CaptureManual,
		}))(t)
		must(s.client.ConfirmIntent(s.ctx(), key+"-confirm", intent.ID, stripe.ConfirmParams{OffSession: true}))(t)
		return must(s.client.Intent(s.ctx(), intent.ID))(t)
	}
	held := authorise("a")
	if held.Status != stripe.IntentRequiresCapture || held.AmountCapturable != 3000 {
		t.Fatalf("held: %+v", held)
	}
	if want := s.clock.Now().Add(30 * 24 * time.Hour); !held.CaptureBefore.Equal(want) {
		t.Errorf("capture before %s, want %s", held.CaptureBefore, want)
	}
	_, err := s.client.CaptureIntent(s.ctx(), "too-much", held.ID, 3001)
	wantKind(t, err, stripe.KindInvalid)
	taken := must(s.client.CaptureIntent(s.ctx(), "capture", held.ID, 2500))(t)
	if taken.Status != stripe.IntentSucceeded || taken.AmountReceived != 2500 {
		t.Errorf("taken: %+v", taken)
	}
	lapsing := authorise("b")
	s.clock.Advance(30 * 24 * time.Hour)
	if got := must(s.client.Intent(s.ctx(), lapsing.ID))(t).Status; got != stripe.IntentCanceled {
		t.Errorf("after its time: %s", got)
	}
	if got := s.ledger().Sums["jpy"].Charged; got != 2500 {
		t.Errorf("charged %d", got)
	}
}

func TestRefundsNeverExceedWhatWasTaken(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	intent := s.intent("delivery", customer, method, 1000)
	_, err := s.client.CreateRefund(s.ctx(), "early", stripe.RefundParams{Intent: intent.ID})
	wantKind(t, err, stripe.KindInvalid)
	must(s.client.ConfirmIntent(s.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true}))(t)
	part := must(s.client.CreateRefund(s.ctx(), "r1", stripe.RefundParams{Intent: intent.ID, Amount: 300, Reason: "requested_by_customer"}))(t)
	if part.Amount != 300 || part.Status != "succeeded" || part.Intent != intent.ID {
		t.Errorf("part: %+v", part)
	}
	_, err = s.client.CreateRefund(s.ctx(), "r2", stripe.RefundParams{Intent: intent.ID, Amount: 701})
	wantKind(t, err, stripe.KindInvalid)
	if rest := must(s.client.CreateRefund(s.ctx(), "r3", stripe.RefundParams{Intent: intent.ID}))(t); rest.Amount != 700 {
		t.Errorf("rest: %+v", rest)
	}
	_, err = s.client.CreateRefund(s.ctx(), "r4", stripe.RefundParams{Intent: intent.ID})
	if e := wantError(t, err, stripe.KindInvalid); e.Code != "charge_already_refunded" {
		t.Errorf("code %q", e.Code)
	}
	if sum := s.ledger().Sums["jpy"]; sum.Net != 0 || sum.Refunded != 1000 {
		t.Errorf("sums: %+v", sum)
	}
}

func TestIntentsAreListedNewestFirstInPages(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	_, other := s.customerWith("3ds")
	var want []string
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		want = append([]string{s.intent(key, customer, method, 100).ID}, want...)
	}
	_ = other
	var got []string
	for page := (stripe.Page{Limit: 2}); ; page.After = got[len(got)-1] {
		list := must(s.client.Intents(s.ctx(), customer, page))(t)
		for _, intent := range list.Items {
			got = append(got, intent.ID)
		}
		if !list.More {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACanceledIntentCannotBeConfirmed(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	intent := s.intent("a", customer, method, 100)
	if got := must(s.client.CancelIntent(s.ctx(), "cancel", intent.ID))(t).Status; got != stripe.IntentCanceled {
		t.Fatalf("status %s", got)
	}
	_, err := s.client.ConfirmIntent(s.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true})
	wantKind(t, err, stripe.KindInvalid)
	if n := len(s.ledger().Charges); n != 0 {
		t.Errorf("%d charges", n)
	}
}

func TestWhatTheGatewayDoesNotKnowIsSaidSo(t *testing.T) {
	s := start(t)
	_, err := s.client.Intent(s.ctx(), "pi_nowhere")
	wantKind(t, err, stripe.KindNotFound)
	customer, _ := s.customerWith("ok")
	_, err = s.client.CreateIntent(s.ctx(), "a", stripe.IntentParams{Amount: 100, Currency: "jpy", Customer: customer, PaymentMethod: "pm_nowhere"})
	if e := wantError(t, err, stripe.KindInvalid); e.Code != "resource_missing" || e.Param != "payment_method" {
		t.Errorf("missing card: %+v", e)
	}
	_, err = s.client.CreateIntent(s.ctx(), "b", stripe.IntentParams{Amount: 49, Currency: "jpy"})
	if e := wantError(t, err, stripe.KindInvalid); e.Code != "amount_too_small" {
		t.Errorf("below the minimum: %+v", e)
	}
	wrong := stripe.New(stripe.Config{BaseURL: s.http.URL, SecretKey: "sk_test_other"})
	_, err = wrong.Account(s.ctx())
	wantKind(t, err, stripe.KindAuth)
}

func TestAnImportedCardMayBeMissingAndComeBack(t *testing.T) {
	s := start(t)
	s.control("/_sim/known", map[string]any{
		"customers":       []map[string]any{{"id": "cus_imported"}},
		"payment_methods": []map[string]any{{"id": "pm_imported", "customer": "cus_imported", "behaviour": "missing"}},
	})
	intent := must(s.client.CreateIntent(s.ctx(), "a", stripe.IntentParams{Amount: 100, Currency: "jpy", Customer: "cus_imported"}))(t)
	confirm := stripe.ConfirmParams{PaymentMethod: "pm_imported", OffSession: true}
	_, err := s.client.ConfirmIntent(s.ctx(), "c1", intent.ID, confirm)
	wantKind(t, err, stripe.KindInvalid)
	s.control("/_sim/known", map[string]any{"payment_methods": []map[string]any{{"id": "pm_imported", "customer": "cus_imported"}}})
	if got := must(s.client.ConfirmIntent(s.ctx(), "c2", intent.ID, confirm))(t).Status; got != stripe.IntentSucceeded {
		t.Errorf("status %s", got)
	}
}

func TestCardsAreDetachedForGood(t *testing.T) {
	s := start(t)
	customer, method := s.customerWith("ok")
	card := must(s.client.PaymentMethod(s.ctx(), method))(t)
	if card.Customer != customer || card.Brand != "visa" || card.Last4 != "4242" || card.ExpYear != 2030 || card.Fingerprint == "" {
		t.Errorf("card: %+v", card)
	}
	if err := s.client.DetachPaymentMethod(s.ctx(), method); err != nil {
		t.Fatal(err)
	}
	_, err := s.client.CreateIntent(s.ctx(), "a", stripe.IntentParams{Amount: 100, Currency: "jpy", Customer: customer, PaymentMethod: method})
	wantKind(t, err, stripe.KindInvalid)
}

func TestCustomerMetadataIsMerged(t *testing.T) {
	s := start(t)
	c := must(s.client.CreateCustomer(s.ctx(), "k", stripe.CustomerParams{Name: "早川 千尋", Metadata: map[string]string{"a": "1", "b": "2"}}))(t)
	if err := s.client.UpdateCustomerMetadata(s.ctx(), "u", c.ID, map[string]string{"b": "", "c": "3"}); err != nil {
		t.Fatal(err)
	}
	got := must(s.client.Customer(s.ctx(), c.ID))(t)
	if diff := cmp.Diff(map[string]string{"a": "1", "c": "3"}, got.Metadata); diff != "" || got.Name != "早川 千尋" {
		t.Errorf("%+v\n%s", got, diff)
	}
	account := must(s.client.Account(s.ctx()))(t)
	if account.ID != "acct_simulator" || account.Country != "JP" || !account.ChargesEnabled {
		t.Errorf("account: %+v", account)
	}
}

func TestTheStateOutlivesTheProcess(t *testing.T) {
	path := inTemp(t)
	keep := func(o *stripesim.Options) { o.StateFile = path }
	first := start(t, keep)
	customer, method := first.customerWith("ok")
	intent := first.intent("delivery", customer, method, 700)
	paid := must(first.client.ConfirmIntent(first.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true}))(t)
	open := first.session("open")
	before := first.ledger()

	// The first one is not closed: this is what a killed process leaves behind.
	second := start(t, keep)
	if diff := cmp.Diff(before, second.ledger()); diff != "" {
		t.Errorf("ledger after the restart:\n%s", diff)
	}
	replayed := must(second.client.ConfirmIntent(second.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true}))(t)
	if diff := cmp.Diff(paid, replayed); diff != "" {
		t.Errorf("the idempotency key was forgotten:\n%s", diff)
	}
	_, err := second.client.ConfirmIntent(second.ctx(), "another", intent.ID, stripe.ConfirmParams{OffSession: true})
	wantKind(t, err, stripe.KindInvalid)
	list := must(second.client.Intents(second.ctx(), customer, stripe.Page{}))(t)
	if len(list.Items) != 1 || list.Items[0].ID != intent.ID {
		t.Errorf("list: %+v", list)
	}
	second.clock.Advance(2 * time.Hour)
	if got := must(second.client.Session(second.ctx(), open.ID))(t).Status; got != stripe.SessionExpired {
		t.Errorf("the session did not expire after the restart: %s", got)
	}
}
