package shop_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// goods is the address of the only product.
const goods = "/goods/hb-blend"

// address is a filled checkout; args are pairs of name and value that differ.
func address(pays string, args ...string) url.Values {
	form := url.Values{
		"family": {"早川"}, "given": {"千尋"}, "family_kana": {"ハヤカワ"}, "given_kana": {"チヒロ"},
		"postcode": {"167-0042"}, "region": {"JP-13"}, "city": {"杉並区"}, "street": {"西荻北3-18-6"},
		"phone": {"090-5550-0142"}, "slot": {"1820"}, "payment": {pays},
	}
	for i := 0; i+1 < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	return form
}

func subscribe(args ...string) url.Values {
	form := url.Values{"product": {"hb-blend"}, "option0": {"0"}, "way": {"subscribe"}, "cycle": {"1m"}, "count": {"0"}, "quantity": {"1"}}
	for i := 0; i+1 < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	return form
}

// goesTo posts a form and expects to be sent on.
func goesTo(t *testing.T, b *webtest.Browser, path string, form url.Values, want string) *webtest.Answer {
	t.Helper()
	a := b.Post(t, path, form)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, want) {
		t.Fatalf("POST %s: %d %q, want %q\n%s", path, a.Status, a.Location, want, text(a.Doc(t).Find("main")))
	}
	return a
}

func shows(t *testing.T, b *webtest.Browser, path string, want ...string) *goquery.Document {
	t.Helper()
	a := b.Get(t, path)
	doc := a.Doc(t)
	main := text(doc.Find("main"))
	if a.Status != http.StatusOK {
		t.Fatalf("GET %s: %d %s %s", path, a.Status, a.Location, main)
	}
	for _, w := range want {
		if !strings.Contains(main, w) {
			t.Errorf("GET %s lacks %q:\n%s", path, w, main)
		}
	}
	return doc
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// confirmation reads the form of the final confirmation.
func confirmation(t *testing.T, doc *goquery.Document) url.Values {
	t.Helper()
	form := url.Values{}
	doc.Find("form.final input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		form.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	if form.Get("digest") == "" {
		t.Fatalf("no digest in the form: %v", form)
	}
	return form
}

// path takes the host off an address.
func path(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestAGuestSubscribesWithACardAndSeesEveryDeliveryToCome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		shows(t, b, "/", "ひばりブレンド", "1,480円")
		// 980 the first time and 1,330 after, 650 for the parcel each
		shows(t, b, goods, "1,630円", "1,980円", "送料（東京都へ）")
		goesTo(t, b, "/cart", subscribe("quantity", "2"), "/cart")
		shows(t, b, "/cart", "「ひばりブレンド」をカートに入れました。", "2,610円")
		if a := b.Get(t, "/checkout"); a.Status != http.StatusSeeOther || !strings.Contains(a.Location, "/login") {
			t.Fatalf("a guest's checkout: %d %q", a.Status, a.Location)
		}
		goesTo(t, b, "/login", url.Values{"mail": {"chihiro@example.jp"}, "password": {webtest.Password}, "next": {"/checkout"}}, "/checkout")
		goesTo(t, b, "/checkout", address("card"), "/checkout/confirm")
		doc := shows(t, b, "/checkout/confirm", "2,610円", "3,310円", "無期限", "解約の方法", "早川 千尋 様", "クレジットカード")
		placed := goesTo(t, b, "/checkout/confirm", confirmation(t, doc), site.SimURL)
		again := goesTo(t, b, "/checkout/confirm", confirmation(t, doc), site.SimURL)
		if placed.Location != again.Location {
			t.Errorf("the second press of the button led to %s, not %s", again.Location, placed.Location)
		}
		back := path(t, site.PayPage(t, placed.Location, "4242424242424242"))
		a := b.Get(t, back)
		if a.Status != http.StatusSeeOther {
			t.Fatalf("return: %d", a.Status)
		}
		doc = shows(t, b, a.Location, "お支払いを確認しました", "次回・2回目のお届け", "3,310円")
		own := doc.Find("a.cta[href^='/mypage/subscriptions/']").AttrOr("href", "")
		shows(t, b, own, "継続中", "2回目", "3回目", "4回目", "3,310円", "まで変更できます")
		shows(t, b, "/mypage", "ひばりブレンド", "継続中")
		if l := site.Ledger(t); len(l.Succeeded()) != 1 || l.Succeeded()[0].Amount != 2610 {
			t.Errorf("charged %+v", l.Succeeded())
		}
	})
}

func TestCashOnDeliveryInEnglishLeadsToThanks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/en/cart", subscribe("way", "once"), "/en/cart")
		shows(t, b, "/en/checkout", "Cash on delivery", "¥330")
		goesTo(t, b, "/en/checkout", address("cod"), "/en/checkout/confirm")
		doc := shows(t, b, "/en/checkout/confirm", "Hibari Blend", "¥2,460")
		thanks := goesTo(t, b, "/en/checkout/confirm", confirmation(t, doc), "/en/orders/")
		shows(t, b, thanks.Location, "¥2,460")
		shows(t, b, "/en/mypage/orders", "Hibari Blend")
	})
}

func TestGoodsThatTravelWithASubscriptionPayPostageOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		b := site.Browser(t)
		b.LogIn(t, "chihiro@example.jp")
		goesTo(t, b, "/cart", subscribe(), "/cart")
		goesTo(t, b, "/cart", subscribe("way", "once"), "/cart")
		goesTo(t, b, "/checkout", address("cod"), "/checkout/confirm")
		// 980 + 1,480 + 650 + 330; the box's column says 980, the next one 1,330 + 650 + 330
		doc := shows(t, b, "/checkout/confirm", "3,440円", "初回の送料と手数料は")
		totals := doc.Find(".bx .tot dd").Map(func(_ int, s *goquery.Selection) string { return text(s) })
		if len(totals) != 3 || totals[0] != "980円" || totals[1] != "2,310円" || totals[2] != "2,310円" {
			t.Errorf("the boxes cost %q", totals)
		}
		goesTo(t, b, "/checkout/confirm", confirmation(t, doc), "/orders/")
		list, _, err := db.FindSubscriptions(t.Context(), d, thread.StoreID, db.SubscriptionFilter{}, db.SubscriptionKey{}, 1)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d subscriptions, %v", len(list), err)
		}
		document, _, err := db.Terms(t.Context(), d, thread.StoreID, list[0].ID)
		var kept struct{ HTML string }
		if err == nil {
			err = json.Unmarshal(document, &kept)
		}
		if err != nil || strings.Contains(kept.HTML, "<a ") || !strings.Contains(kept.HTML, "3,440円") {
			t.Errorf("kept with the subscription: %v %s", err, kept.HTML)
		}
	})
}
