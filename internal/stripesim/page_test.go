package stripesim_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/stripe"
)

func TestTheHostedPageTakesAPaymentOnce(t *testing.T) {
	s := start(t)
	open := s.session("a")
	if open.Status != stripe.SessionOpen || open.PaymentStatus != stripe.PaymentUnpaid || open.AmountTotal != 2660 || open.Intent != nil {
		t.Fatalf("open: %+v", open)
	}
	status, _, body := s.page(open.URL, nil)
	for _, want := range []string{`lang="ja"`, "テスト決済", "ひばり珈琲", "ひばりブレンド 200g", "2,660円を支払う", "https://shop.example/confirm"} {
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("page (%d) lacks %q", status, want)
		}
	}
	status, to, _ := s.page(open.URL, typeCard("4242 4242 4242 4242"))
	if status != 303 || to != "https://shop.example/thanks?session="+open.ID {
		t.Fatalf("after paying: %d %s", status, to)
	}
	// The other tab.
	if status, to, body := s.page(open.URL, typeCard("4242424242424242")); status != 410 || to != "" || !strings.Contains(body, "完了しています") {
		t.Errorf("second submit: %d %s", status, to)
	}
	paid := must(s.client.Session(s.ctx(), open.ID))(t)
	if paid.Status != stripe.SessionComplete || paid.PaymentStatus != stripe.PaymentPaid || paid.URL != "" {
		t.Errorf("paid: %+v", paid)
	}
	if paid.Intent == nil || paid.Intent.Status != stripe.IntentSucceeded || paid.Intent.Metadata["order"] != "1001" || paid.Metadata["order"] != "1001" {
		t.Fatalf("intent: %+v", paid.Intent)
	}
	if m := paid.PaymentMethod; m == nil || m.Last4 != "4242" || m.ExpMonth != 4 || m.ExpYear != 2030 || m.Customer != paid.Customer {
		t.Fatalf("card: %+v", m)
	}
	if b := s.ledger(); b.Counts.ChargesSucceeded != 1 || b.Sums["jpy"].Charged != 2660 {
		t.Errorf("ledger: %+v", b)
	}
	// The saved card pays the renewal.
	renewal := s.intent("renewal", paid.Customer, paid.PaymentMethod.ID, 1330)
	if got := must(s.client.ConfirmIntent(s.ctx(), "confirm", renewal.ID, stripe.ConfirmParams{OffSession: true}))(t).Status; got != stripe.IntentSucceeded {
		t.Errorf("renewal: %s", got)
	}
}

func TestErrorsStandBesideTheField(t *testing.T) {
	for _, c := range []struct {
		name, field, value, want string
		status                   int
	}{
		{"a typing error", "number", "4242424242424241", "カード番号が正しくありません", 422},
		{"letters", "number", "abcd", "カード番号が正しくありません", 422},
		{"a real card", "number", "4111111111111111", "テスト用のカード番号だけ", 422},
		{"no month 13", "expiry", "13/30", "「月/年」の形で", 422},
		{"a past month", "expiry", "10/26", "有効期限が過ぎています", 422},
		{"a short code", "cvc", "12", "3桁または4桁", 422},
		{"no name", "name", " ", "名義を入力", 422},
		{"generic decline", "number", "4000000000000002", "承認しませんでした", 402},
		{"lost card, not named", "number", "4000000000009987", "承認しませんでした", 402},
		{"insufficient funds", "number", "4000000000009995", "ご利用可能額", 402},
		{"expired", "number", "4000000000000069", "有効期限が過ぎています", 402},
		{"wrong code", "number", "4000000000000127", "セキュリティコードがカードと一致しません", 402},
		{"processing error", "number", "4000000000000119", "少し待ってから", 402},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			open := s.session("a")
			form := typeCard("4242424242424242")
			form.Set(c.field, c.value)
			status, _, body := s.page(open.URL, form)
			if status != c.status || !strings.Contains(body, c.want) || !strings.Contains(body, `aria-invalid="true"`) || !strings.Contains(body, `role="alert"`) {
				t.Fatalf("%d, want %d with %q\n%s", status, c.status, c.want, body)
			}
			if !strings.Contains(body, `value="HANA YAMADA"`) && c.field != "name" {
				t.Error("what was typed is lost")
			}
			if strings.Contains(body, `value="123"`) {
				t.Error("the security code is sent back")
			}
			if n := s.ledger().Counts.ChargesSucceeded; n != 0 {
				t.Errorf("%d charges", n)
			}
			// The session stays open for another card.
			if status, _, _ := s.page(open.URL, typeCard("4242424242424242")); status != 303 {
				t.Errorf("another card: %d", status)
			}
			if b := s.ledger(); b.Counts.ChargesSucceeded != 1 || b.Counts.IntentsChargedTwice != 0 {
				t.Errorf("ledger: %+v", b.Counts)
			}
		})
	}
}

func TestThreeDSecureOnTheHostedPage(t *testing.T) {
	for _, c := range []struct {
		name, number string
		mode         stripe.SessionMode
		renews       bool
	}{
		{"set up once while paying", "4000002500003155", stripe.ModePayment, true},
		{"set up once while saving", "4000002500003155", stripe.ModeSetup, true},
		{"asked every time", "4000002760003184", stripe.ModePayment, false},
		{"fails later, after paying", "4000000000000341", stripe.ModePayment, false},
		{"fails later, after saving", "4000000000000341", stripe.ModeSetup, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			open := s.session("a", func(p *stripe.SessionParams) {
				p.Mode = c.mode
			})
			status, to, _ := s.page(open.URL, typeCard(c.number))
			if strings.HasPrefix(to, "/c/3ds/") {
				challenge := s.http.URL + to
				if status, _, body := s.page(challenge, nil); status != 200 || !strings.Contains(body, "本人認証") {
					t.Fatalf("challenge: %d", status)
				}
				if status, to, _ := s.page(challenge, url.Values{"answer": {"fail"}}); status != 303 || to != "/c/pay/"+open.ID+"?error=authentication" {
					t.Fatalf("failing leads to %d %s", status, to)
				}
				_, to, _ = s.page(open.URL, typeCard(c.number))
				status, to, _ = s.page(s.http.URL+to, url.Values{"answer": {"approve"}})
			}
			if status != 303 || to != "https://shop.example/thanks?session="+open.ID {
				t.Fatalf("done: %d %s", status, to)
			}
			done := must(s.client.Session(s.ctx(), open.ID))(t)
			if done.Status != stripe.SessionComplete || done.PaymentMethod == nil || done.PaymentMethod.Customer != done.Customer {
				t.Fatalf("session: %+v", done)
			}
			if c.mode == stripe.ModeSetup && (done.Setup == nil || done.Setup.Status != "succeeded" || done.PaymentStatus != stripe.PaymentNotNeeded) {
				t.Errorf("setup: %+v", done.Setup)
			}
			intent := s.intent("renewal", done.Customer, done.PaymentMethod.ID, 1330)
			_, err := s.client.ConfirmIntent(s.ctx(), "confirm", intent.ID, stripe.ConfirmParams{OffSession: true})
			if c.renews && err != nil {
				t.Errorf("renewal: %v", err)
			}
			if !c.renews {
				wantKind(t, err, stripe.KindDeclined)
			}
		})
	}
}

func TestASessionExpiresByTheClockOrByHandAndCannotBePaidThen(t *testing.T) {
	s := start(t)
	late, closed, challenged := s.session("late"), s.session("closed"), s.session("challenged")
	_, challenge, _ := s.page(challenged.URL, typeCard("4000002760003184"))
	if got := must(s.client.ExpireSession(s.ctx(), closed.ID))(t); got.Status != stripe.SessionExpired || got.URL != "" {
		t.Errorf("by hand: %+v", got)
	}
	_, err := s.client.ExpireSession(s.ctx(), closed.ID)
	wantKind(t, err, stripe.KindInvalid)
	tried := must(s.client.Session(s.ctx(), challenged.ID))(t)
	if tried.Intent == nil || tried.Intent.Status != stripe.IntentRequiresAction {
		t.Fatalf("challenged: %+v", tried)
	}
	_, err = s.client.CancelIntent(s.ctx(), "cancel", tried.Intent.ID)
	wantKind(t, err, stripe.KindInvalid) // Stripe: expire the session instead
	s.clock.Advance(time.Hour)
	if got := must(s.client.Intent(s.ctx(), tried.Intent.ID))(t).Status; got != stripe.IntentCanceled {
		t.Errorf("the intent of an expired session: %s", got)
	}
	for _, sess := range []stripe.Session{late, closed} {
		if status, _, body := s.page(sess.URL, typeCard("4242424242424242")); status != 410 || !strings.Contains(body, "期限が過ぎました") {
			t.Errorf("paying an expired session: %d", status)
		}
		if got := must(s.client.Session(s.ctx(), sess.ID))(t).Status; got != stripe.SessionExpired {
			t.Errorf("status %s", got)
		}
	}
	s.page(s.http.URL+challenge, url.Values{"answer": {"approve"}})
	if n := len(s.ledger().Charges); n != 0 {
		t.Errorf("%d charges", n)
	}
}

func TestSessionsAreRefusedWhenMalformed(t *testing.T) {
	s := start(t)
	for name, change := range map[string]func(*stripe.SessionParams){
		"expires too soon":  func(p *stripe.SessionParams) { p.ExpiresAt = s.clock.Now().Add(20 * time.Minute) },
		"expires too late":  func(p *stripe.SessionParams) { p.ExpiresAt = s.clock.Now().Add(25 * time.Hour) },
		"no lines":          func(p *stripe.SessionParams) { p.Items = nil },
		"no success url":    func(p *stripe.SessionParams) { p.SuccessURL = "" },
		"a script as url":   func(p *stripe.SessionParams) { p.CancelURL = "javascript:alert(1)" },
		"unknown customer":  func(p *stripe.SessionParams) { p.Customer = "cus_nobody" },
		"below the minimum": func(p *stripe.SessionParams) { p.Items[0].Amount, p.Items[0].Quantity = 49, 1 },
		"overflow":          func(p *stripe.SessionParams) { p.Items[0].Amount, p.Items[0].Quantity = 1<<62, 4 },
	} {
		p := stripe.SessionParams{
			Mode: stripe.ModePayment, Currency: "jpy", SuccessURL: "https://shop.example/thanks",
			Items: []stripe.LineItem{{Name: "豆", Amount: 100, Quantity: 1}},
		}
		change(&p)
		_, err := s.client.CreateSession(s.ctx(), "bad "+name, p)
		if stripe.KindOf(err) != stripe.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPagesSpeakTheSessionsLanguageAndLetNothingRun(t *testing.T) {
	s := start(t)
	for locale, want := range map[string]string{
		"ja": `lang="ja"`, "en": `lang="en"`, "zh": `lang="zh-Hans"`, "zh-TW": `lang="zh-Hant"`, "zh-HK": `lang="zh-Hant"`,
	} {
		open := s.session("in "+locale, func(p *stripe.SessionParams) {
			p.Locale = locale
			p.Items[0].Name = `<script>alert(1)</script>`
		})
		_, _, body := s.page(open.URL, nil)
		if !strings.Contains(body, want) || strings.Contains(body, "<script") || strings.Contains(body, "style=") {
			t.Errorf("%s: not in its language, or unsafe", locale)
		}
	}
	resp, err := s.browser.Get(s.session("policy").URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "form-action 'self' https://shop.example") {
		t.Errorf("policy: %s", got)
	}
}

func TestTheLedgerIsAlsoAPage(t *testing.T) {
	s := start(t)
	if _, _, body := s.page(s.http.URL+"/_sim/ledger?format=html&lang=en", nil); !strings.Contains(body, "No charges yet") {
		t.Error("the empty ledger does not say so")
	}
	s.page(s.session("a").URL, typeCard("4242424242424242"))
	s.page(s.session("b").URL, typeCard("4000000000009995"))
	_, _, body := s.page(s.http.URL+"/_sim/ledger?format=html&lang=ja", nil)
	for _, want := range []string{"2,660円", "成功", "失敗", "insufficient_funds", "order=1001", "2026-11-21 12:00"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
