package shop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func message(name, mail, body string) url.Values {
	return url.Values{"name": {name}, "mail": {mail}, "body": {body}}
}

// shopMail is where the shop of the tests reads its mail.
func shopMail(t *testing.T, site *webtest.Site) string {
	t.Helper()
	shop, err := site.Flow.Shop(t.Context(), site.DB, thread.StoreID)
	if err != nil || shop.Profile.Mail == "" {
		t.Fatalf("the shop has no mail address: %v", err)
	}
	return shop.Profile.Mail
}

func TestAMessageGoesToTheShopAndAReceiptToItsWriter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		b := site.Browser(t)
		goesTo(t, b, "/en/legal/contact", message("Jo March", "jo@example.com", "Do you ship to Naha?\r\n\r\nThank you."), "/en/legal/contact/thanks")
		shows(t, b, "/en/legal/contact/thanks", "Thank you for your message")
		site.Drain(t)
		receipt, received := site.Mails.To("jo@example.com"), site.Mails.To(shopMail(t, site))
		if len(receipt) != 1 || len(received) != 1 {
			t.Fatalf("%d receipts and %d mails to the shop, want one of each", len(receipt), len(received))
		}
		for _, m := range []string{receipt[0].Text, received[0].Text} {
			for _, want := range []string{"Jo March", "jo@example.com", "Do you ship to Naha?", "Thank you."} {
				if !strings.Contains(m, want) {
					t.Errorf("a mail lacks %q:\n%s", want, m)
				}
			}
		}
		if !strings.Contains(receipt[0].Subject, "We received your message") || !strings.Contains(received[0].Subject, "お問い合わせが届きました") {
			t.Errorf("subjects %q and %q", receipt[0].Subject, received[0].Subject)
		}
		if to := received[0].ReplyTo.Mail; to != "jo@example.com" {
			t.Errorf("a reply of the shop goes to %q", to)
		}
		if to := receipt[0].ReplyTo.Mail; to != "" {
			t.Errorf("a reply to the receipt goes to %q, not to the shop", to)
		}
	})
}

func TestAMessageWithFaultsComesBackAsItWasTyped(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	site.Member(t, "chihiro@example.jp")
	b := site.Browser(t)
	for name, c := range map[string]struct {
		form  url.Values
		fault string
	}{
		"no name":      {message("", "jo@example.com", "本文"), "name"},
		"no mail":      {message("早川", "jo@example", "本文"), "mail"},
		"no body":      {message("早川", "jo@example.com", " \r\n "), "body"},
		"long body":    {message("早川", "jo@example.com", strings.Repeat("長", 4001)), "body"},
		"line break":   {message("早川", "jo@example.com", "a\u2028b"), "body"},
		"turned round": {message("早川\u202e", "jo@example.com", "本文"), "name"},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.Post(t, "/legal/contact", c.form)
			doc := a.Doc(t)
			if a.Status != http.StatusUnprocessableEntity || doc.Find(".err").Length() != 1 || doc.Find("#"+c.fault+"-error").Length() != 1 {
				t.Errorf("%d, faults %q", a.Status, text(doc.Find(".err")))
			}
			if got, want := doc.Find("#mail").AttrOr("value", ""), c.form.Get("mail"); got != want {
				t.Errorf("the mail comes back as %q, want %q", got, want)
			}
			if name == "no mail" && doc.Find("#body").Text() != "本文" {
				t.Errorf("the message comes back as %q", doc.Find("#body").Text())
			}
		})
	}
	site.Drain(t)
	if n := len(site.Mails.To(shopMail(t, site))); n != 0 {
		t.Errorf("%d mails of messages that were refused", n)
	}
	b.LogIn(t, "chihiro@example.jp")
	doc := shows(t, b, "/legal/contact", "お問い合わせ")
	if name, mail := doc.Find("#name").AttrOr("value", ""), doc.Find("#mail").AttrOr("value", ""); name != "早川 千尋" || mail != "chihiro@example.jp" {
		t.Errorf("a customer has to type who they are: %q %q", name, mail)
	}
}

func TestManyMessagesFromOneAddressHaveToWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		b := site.Browser(t)
		sent := 0
		for ; sent < 10; sent++ {
			a := b.Post(t, "/legal/contact", message("早川", "jo@example.com", "こんにちは"))
			if a.Status == http.StatusTooManyRequests {
				if got := a.Doc(t).Find("#body").Text(); got != "こんにちは" {
					t.Errorf("what was typed comes back as %q", got)
				}
				break
			}
		}
		if sent != 5 {
			t.Errorf("%d messages went before a pause, want 5", sent)
		}
		site.Drain(t)
		if n := len(site.Mails.To("jo@example.com")); n != sent {
			t.Errorf("%d receipts for %d messages", n, sent)
		}
	})
}

func TestAMessageSentTwiceIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		b := site.Browser(t)
		form := message("早川", "jo@example.com", "こんにちは")
		form.Set("key", shows(t, b, "/legal/contact", "お問い合わせ").Find("input[name=key]").AttrOr("value", ""))
		for range 8 { // more often than anybody may write
			goesTo(t, b, "/legal/contact", form, "/legal/contact/thanks")
		}
		other := message("早川", "jo@example.com", "もう一つ")
		other.Set("key", shows(t, b, "/legal/contact", "お問い合わせ").Find("input[name=key]").AttrOr("value", ""))
		goesTo(t, b, "/legal/contact", other, "/legal/contact/thanks")
		site.Drain(t)
		if n := len(site.Mails.To(shopMail(t, site))); n != 2 {
			t.Errorf("%d mails of two messages, one of them sent eight times", n)
		}
	})
}
