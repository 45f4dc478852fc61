package web_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestAHostThatIsNoShopGetsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		b := site.Browser(t)
		for host, want := range map[string]int{
			"evil.example": http.StatusNotFound, "EVIL.example:8080": http.StatusNotFound,
		} {
			b.Host = host
			a := b.Get(t, "/nowhere")
			if a.Status != want || strings.Contains(a.Body, "ひばり") {
				t.Errorf("%s: %d %s", host, a.Status, a.Body)
			}
		}
		b.Host = "OTHER.example:443"
		if a := b.Get(t, "/nowhere"); !strings.Contains(a.Body, "ひばり珈琲") {
			t.Errorf("the other store does not answer at its host: %s", a.Body)
		}
	})
}

func TestAnAddressThatIsNothingSaysSoInItsLanguage(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	b := site.Browser(t)
	for path, want := range map[string][2]string{
		"/nowhere":         {"ja", "ページが見つかりません"},
		"/en/nowhere":      {"en", "not"},
		"/zh-hans/nowhere": {"zh-Hans", "页面"},
		"/zh-hant/nowhere": {"zh-Hant", "頁面"},
		"/english":         {"ja", "ページが見つかりません"},
	} {
		a := b.Get(t, path)
		doc := a.Doc(t)
		lang, _ := doc.Find("html").Attr("lang")
		if a.Status != http.StatusNotFound || lang != want[0] || !strings.Contains(doc.Find("h1").Text(), want[1]) {
			t.Errorf("%s: %d in %q: %q", path, a.Status, lang, doc.Find("h1").Text())
		}
		if len(a.Cookies) > 0 {
			t.Errorf("%s: somebody who only looked got a cookie: %v", path, a.Cookies)
		}
	}
}

func TestAMethodThatAnAddressDoesNotHaveIsRefused(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	a := site.Browser(t).Get(t, "/hooks/stripe")
	if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != http.MethodPost {
		t.Errorf("%d, Allow %q", a.Status, a.Header.Get("Allow"))
	}
}

func TestEveryPageForbidsWhatItDoesNotNeed(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite), func(c *web.Config) { c.FormTargets = []string{"https://pay.example"} })
	a := site.Browser(t).Get(t, "/nowhere")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; form-action 'self' " + site.SimURL +
			" https://pay.example; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; report-uri /_csp",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security":  "",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if len(a.Header.Get("X-Request-Id")) != 36 {
		t.Errorf("request id %q", a.Header.Get("X-Request-Id"))
	}
}

func TestReportsOfThePolicyAreCounted(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	report, err := json.Marshal(map[string]any{"csp-report": map[string]string{"violated-directive": "style-src"}})
	if err != nil {
		t.Fatal(err)
	}
	a := site.Browser(t).Send(t, http.MethodPost, "/_csp", "application/csp-report", report)
	if a.Status != http.StatusNoContent || web.CSPReports(site.Handler) != 1 {
		t.Errorf("%d, %d counted", a.Status, web.CSPReports(site.Handler))
	}
	if a := site.Browser(t).Get(t, "/_csp/count"); a.Status != http.StatusNotFound {
		t.Errorf("the count is shown outside a demo: %d", a.Status)
	}
}

func TestOnlyAProxyOfOursIsBelievedWhereItsVisitorComesFrom(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9:4000", "", "203.0.113.9"},
		{"203.0.113.9:4000", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.1:4000", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:4000", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:4000", "nonsense", "10.0.0.1"},
		{"[::ffff:203.0.113.9]:4000", "", "203.0.113.9"},
		{"[2001:db8::1]:4000", "", "2001:db8::1"},
	} {
		if got := web.RemoteOf(proxies, c.peer, c.forwarded); got != c.want {
			t.Errorf("peer %s forwards for %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}
