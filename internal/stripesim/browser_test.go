package stripesim_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/stripe"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// TestAShopperPaysInTheBrowser walks the hosted pages as people do, on both screens: what is wrong is said, 3-D Secure
// asks, and the way back to the shop, which is another origin, is open in spite of the strict policy. The harness
// fails the test for every complaint of the browser.
func TestAShopperPaysInTheBrowser(t *testing.T) {
	for name, c := range map[string]struct {
		screen               browsertest.Screen
		locale, wrong, thing string
	}{
		"Japanese on a phone": {browsertest.Phone, "ja", "セキュリティコードを3桁", "1,330円を支払う"},
		"English on a desk":   {browsertest.Desktop, "en", "Enter the security code", "Pay ¥1,330"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			thanks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>shop</title><link rel="icon" href="data:,"><h1>thanks</h1>`))
			}))
			t.Cleanup(thanks.Close)
			open := s.session("a", func(p *stripe.SessionParams) {
				p.Locale = c.locale
				p.Items = []stripe.LineItem{{Name: "ひばりブレンド 深煎り 𠮷 " + strings.Repeat("とても長い商品名", 6), Amount: 1330, Quantity: 1}}
				p.SuccessURL = thanks.URL + "/thanks?session={CHECKOUT_SESSION_ID}"
				p.CancelURL = thanks.URL + "/confirm"
			})
			p := browsertest.New(t, c.screen)
			p.Visit(open.URL)
			p.Axe()
			if got := p.Text("#submit"); got != c.thing {
				t.Errorf("the button says %q", got)
			}
			if wide := browsertest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth"); wide {
				t.Error("the page is wider than the screen")
			}
			fill := func(number, cvc string) {
				p.Fill("#number", number)
				p.Fill("#expiry", "04/30")
				p.Fill("#cvc", cvc)
				p.Fill("#name", "HANA YAMADA")
				p.Follow("#submit")
			}
			fill("4000 0027 6000 3184", "1")
			p.WaitText("#cvc-error", c.wrong)
			p.Axe()
			fill("4000 0027 6000 3184", "123")
			p.WaitURL("/c/3ds/")
			p.Axe()
			p.Follow("#fail")
			p.WaitVisible("#problems")
			fill("4000 0027 6000 3184", "123")
			p.Follow("#approve")
			p.WaitURL(thanks.URL + "/thanks?session=" + open.ID)
			p.Visit(open.URL)
			p.Axe()
			p.Visit(s.http.URL + "/_sim/ledger?format=html&lang=" + c.locale)
			p.Axe()
			if n := s.ledger().Counts.ChargesSucceeded; n != 1 {
				t.Errorf("%d charges", n)
			}
		})
	}
}
