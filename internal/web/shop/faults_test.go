package shop_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// comesBack posts a form and expects it back with faults beside the fields.
func comesBack(t *testing.T, b *webtest.Browser, path string, form url.Values, lang string, fields ...string) *webtest.Answer {
	t.Helper()
	a := b.Post(t, path, form)
	doc := a.Doc(t)
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("POST %s: %d %s", path, a.Status, a.Location)
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != lang {
		t.Errorf("POST %s answers in %q", path, got)
	}
	for _, f := range fields {
		if text(doc.Find("#"+f+"-error")) == "" {
			t.Errorf("POST %s: nothing beside %s", path, f)
		}
		if doc.Find(".errs a[href='#"+f+"']").Length() != 1 {
			t.Errorf("POST %s: %s is not in the summary", path, f)
		}
	}
	return a
}

func TestAFormComesBackWithItsFaultsAndWithWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		typed := url.Values{"family": {"早川"}, "mail": {"nobody"}, "password": {"short"}, "next": {"/checkout"}}
		a := comesBack(t, b, "/register", typed, "ja", "given", "family_kana", "mail", "password")
		doc := a.Doc(t)
		if doc.Find("#family").AttrOr("value", "") != "早川" || doc.Find("#mail").AttrOr("value", "") != "nobody" {
			t.Error("what was typed is lost")
		}
		if doc.Find("#password").AttrOr("value", "") != "" {
			t.Error("the password came back")
		}
		if doc.Find("input[name=next]").AttrOr("value", "") != "/checkout" {
			t.Error("where to go afterwards is lost")
		}
		wrong := comesBack(t, b, "/en/login", url.Values{"mail": {"chihiro@example.jp"}, "password": {"wrong"}}, "en", "mail")
		if !strings.Contains(wrong.Body, "chihiro@example.jp") {
			t.Error("the mail typed is lost")
		}
		comesBack(t, b, "/cart", subscribe("quantity", "9"), "ja", "quantity") // the plan has 3 at most
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe(), "/cart")
		a = comesBack(t, b, "/en/checkout", address("card", "postcode", "12", "phone", "1", "city", "", "date", "2030-01-01"), "en", "postcode", "city", "phone")
		doc = a.Doc(t)
		if doc.Find("#postcode").AttrOr("value", "") != "12" || doc.Find("#region option[selected]").AttrOr("value", "") != "JP-13" ||
			doc.Find("#slot option[selected]").AttrOr("value", "") != "1820" {
			t.Error("what was typed at the checkout is lost")
		}
		comesBack(t, b, "/checkout", address("card", "date", "2030-01-01"), "ja", "date")
		if a := b.Post(t, "/checkout", address("")); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "お支払い方法を選んでください") {
			t.Errorf("a checkout without a way of payment: %d", a.Status)
		}
	})
}

func TestACartLineTakesOnlyWhatIsOfferedAndInStock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		b := site.Browser(t)
		goesTo(t, b, "/cart", subscribe("way", "once", "quantity", "60"), "/cart")
		a := b.Post(t, "/cart", subscribe("way", "once", "quantity", "60")) // 100 in stock, 99 at most
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("120 pieces of 100: %d", a.Status)
		}
		line := shows(t, b, "/cart").Find("input[name=line]").First().AttrOr("value", "")
		a = b.Post(t, "/cart/quantity", url.Values{"line": {line}, "quantity": {"many"}})
		if doc := a.Doc(t); a.Status != http.StatusUnprocessableEntity || doc.Find(".cart-line.bad").Length() != 1 ||
			doc.Find("#q-"+line).AttrOr("value", "") != "many" {
			t.Errorf("a quantity that is no number: %d", a.Status)
		}
		goesTo(t, b, "/cart/quantity", url.Values{"line": {line}, "quantity": {"2"}}, "/cart")
		shows(t, b, "/cart", "2,960円")
		a = b.Post(t, "/cart", subscribe("cycle", "5w"))
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "このお届けサイクルは選べません") {
			t.Errorf("a cycle that is not offered: %d", a.Status)
		}
		goesTo(t, b, "/cart/remove", url.Values{"line": {line}}, "/cart")
		shows(t, b, "/cart", "カートは空です")
	})
}

func TestAGuestsCartJoinsTheOneTheCustomerHad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		home, phone := site.Browser(t), site.Browser(t)
		home.LogIn(t, "chihiro@example.jp")
		goesTo(t, home, "/cart", subscribe(), "/cart")
		goesTo(t, phone, "/cart", subscribe("way", "once", "option0", "1"), "/cart")
		phone.LogIn(t, "chihiro@example.jp")
		for _, b := range []*webtest.Browser{home, phone} {
			if n := shows(t, b, "/cart", "200g", "500g").Find(".cart-line").Length(); n != 2 {
				t.Errorf("%d lines", n)
			}
		}
	})
}

func TestAnOrderIsShownToNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		site.Member(t, "other@example.jp")
		b, other := site.Browser(t), site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		other.LogIn(t, "other@example.jp")
		thanks := orderCOD(t, b)
		id := strings.Split(thanks, "/")[2]
		doc := shows(t, b, thanks, "お受け取り時")
		own := doc.Find("a.cta[href^='/mypage/subscriptions/']").AttrOr("href", "")
		for _, p := range []string{thanks, own, "/mypage/orders/" + id, "/orders/" + id + "/return", "/orders/" + id + "/cancel"} {
			if a := other.Get(t, p); a.Status != http.StatusNotFound || strings.Contains(a.Body, "ひばりブレンド") {
				t.Errorf("GET %s by another customer: %d", p, a.Status)
			}
		}
		if a := other.Post(t, "/orders/"+id+"/pay", nil); a.Status != http.StatusNotFound {
			t.Errorf("paying another's order: %d", a.Status)
		}
		shows(t, other, "/mypage", "ご利用中の定期購入はありません")
	})
}

// orderCOD subscribes with cash on delivery and returns the address of the thanks.
func orderCOD(t *testing.T, b *webtest.Browser) string {
	t.Helper()
	goesTo(t, b, "/cart", subscribe(), "/cart")
	goesTo(t, b, "/checkout", address("cod"), "/checkout/confirm")
	form := confirmation(t, shows(t, b, "/checkout/confirm"))
	return goesTo(t, b, "/checkout/confirm", form, "/orders/").Location
}

func TestWhatChangedSinceItWasShownIsShownAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe(), "/cart")
		goesTo(t, b, "/checkout", address("cod"), "/checkout/confirm")
		form := confirmation(t, shows(t, b, "/checkout/confirm", "1,960円"))
		line := shows(t, b, "/cart").Find("input[name=line]").First().AttrOr("value", "")
		goesTo(t, b, "/cart/quantity", url.Values{"line": {line}, "quantity": {"2"}}, "/cart")
		a := b.Post(t, "/checkout/confirm", form)
		main := text(a.Doc(t).Find("main"))
		if a.Status != http.StatusConflict || !strings.Contains(main, "内容が変わりました") || !strings.Contains(main, "2,940円") {
			t.Fatalf("an old confirmation: %d %s", a.Status, main)
		}
		goesTo(t, b, "/checkout/confirm", confirmation(t, a.Doc(t)), "/orders/")
	})
}

func TestGoodsSoldOutMeanwhileLeadBackToTheCart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe("quantity", "3"), "/cart")
		goesTo(t, b, "/checkout", address("cod"), "/checkout/confirm")
		form := confirmation(t, shows(t, b, "/checkout/confirm"))
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return db.SetStock(ctx, tx, thread.StoreID, site.Product.Variants[0].ID, 2, 0, calendar.Date{}, site.Flow.NewID(), site.Clock.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		goesTo(t, b, "/checkout/confirm", form, "/checkout/confirm")
		if a := b.Get(t, "/checkout/confirm"); a.Location != "/cart" {
			t.Fatalf("the confirmation leads to %q", a.Location)
		}
		shows(t, b, "/cart", "カートの内容をご確認ください", "残り2点")
	})
}

func TestAnOrderWaitsWhileThePaymentPageCannotBeReached(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe(), "/cart")
		goesTo(t, b, "/checkout", address("card"), "/checkout/confirm")
		form := confirmation(t, shows(t, b, "/checkout/confirm"))
		site.Fault(t, "", "before", "reset", 0)
		a := b.Post(t, "/checkout/confirm", form)
		if a.Status != http.StatusServiceUnavailable {
			t.Fatalf("without a gateway: %d %s", a.Status, a.Location)
		}
		doc := a.Doc(t)
		pay := doc.Find("main form").AttrOr("action", "")
		site.Heal(t)
		page := goesTo(t, b, pay, nil, site.SimURL).Location
		// turning back on the hosted page keeps the order and offers to pay
		cancel := strings.TrimSuffix(pay, "/pay") + "/cancel"
		shows(t, b, cancel, "お支払いが完了していません", "お支払いの期限")
		orderPage := shows(t, b, "/mypage/orders", "お支払いが必要です")
		if orderPage.Find("a.cta-small").AttrOr("href", "") != cancel {
			t.Error("my page does not lead to paying")
		}
		if a := b.Get(t, strings.TrimSuffix(pay, "/pay")+"/return"); a.Location != cancel {
			t.Errorf("a return without payment leads to %q", a.Location)
		}
		back := path(t, site.PayPage(t, page, "4000002500003155"))
		shows(t, b, b.Get(t, back).Location, "お支払いを確認しました")
	})
}

func TestAMailedLinkPaysOneOrderWithoutALogin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		shopper := site.Shopper(t, "hana@example.jp")
		shopper.Subscribe(t, "4000000000000341") // stored, and declined from the second box on
		s, deliveries := shopper.Subscription(t)
		site.AdvanceTo(t, deliveries[1].Deadline)
		orders := shopper.Orders(t)
		last := orders[len(orders)-1]
		if last.Payment != order.PaymentFailing {
			t.Fatalf("order 2 of %s is %s", s.Number, last.Payment)
		}
		guest := site.Browser(t)
		link := "/pay/" + site.Flow.PayToken(thread.StoreID, last.ID)
		doc := shows(t, guest, link, "お支払いを完了する", "1,980円", last.Number)
		page := goesTo(t, guest, doc.Find("form.final").AttrOr("action", ""), nil, site.SimURL).Location
		back := path(t, site.PayPage(t, page, "4242424242424242"))
		if a := guest.Get(t, back); a.Location != link {
			t.Fatalf("the return leads to %q", a.Location)
		}
		shows(t, guest, link, "お支払いが完了しました")
		if a := guest.Get(t, link[:len(link)-2]+"xx"); a.Status != http.StatusNotFound {
			t.Errorf("a forged link: %d", a.Status)
		}
		if n := site.Ledger(t).Counts.IntentsChargedTwice; n != 0 {
			t.Errorf("%d charged twice", n)
		}
	})
}

func TestEveryLegalTextStandsInEveryLanguage(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	b := site.Browser(t)
	for _, prefix := range []string{"", "/en", "/zh-hans", "/zh-hant"} {
		for _, name := range []string{"transactions", "terms", "privacy", "guide", "contact"} {
			shows(t, b, prefix+"/legal/"+name)
		}
	}
	shows(t, b, "/legal/transactions", "株式会社ひばり珈琲", "沖縄県 1,500円", "お支払い額10,000円まで 330円", "返品")
	if a := b.Get(t, "/legal/secret"); a.Status != http.StatusNotFound {
		t.Errorf("an unknown text: %d", a.Status)
	}
}
