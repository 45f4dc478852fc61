package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// doors are the two logins, with somebody for each.
var doors = []struct{ path, mail, cookie, inside, home string }{
	{"/login", "chihiro@example.jp", "teiki_shop_test", "/mypage", "/mypage"},
	{"/admin/login", "mori@hibari.example", "teiki_console_test", "/admin/orders", "/admin"},
}

func people(t *testing.T, site *webtest.Site) {
	t.Helper()
	site.Member(t, doors[0].mail)
	site.Staff(t, doors[1].mail, staff.RoleOwner)
}

func credentials(mail, password, next string) url.Values {
	return url.Values{"mail": {mail}, "password": {password}, "next": {next}}
}

func TestALoginNeverTakesATokenThatWasThereBefore(t *testing.T) {
	for _, https := range []bool{false, true} {
		site := webtest.New(t, dbtest.Open(t, db.SQLite), func(c *web.Config) { c.HTTPS = https })
		people(t, site)
		for _, door := range doors {
			name := door.cookie
			if https {
				name = "__Host-" + name
			}
			b := site.Browser(t)
			b.Header.Set("Cookie", name+"=planted")
			a := b.Post(t, door.path, credentials(door.mail, webtest.Password, ""))
			if len(a.Cookies) != 1 {
				t.Fatalf("%s: %d %v", door.path, a.Status, a.Cookies)
			}
			c := a.Cookies[0]
			if c.Name != name || c.Value == "planted" || len(c.Value) < 40 {
				t.Errorf("%s: the token after the login is %s=%s", door.path, c.Name, c.Value)
			}
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != https || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: the cookie is not guarded: %+v", door.path, c)
			}
			if hsts := a.Header.Get("Strict-Transport-Security"); (hsts != "") != https {
				t.Errorf("%s: https %v, Strict-Transport-Security %q", door.path, https, hsts)
			}
		}
	}
}

func TestALogoutEndsTheSession(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	people(t, site)
	for _, door := range doors {
		b := site.Browser(t)
		token := b.Post(t, door.path, credentials(door.mail, webtest.Password, "")).Cookies[0]
		if a := b.Get(t, door.inside); a.Status != http.StatusOK {
			t.Errorf("%s after the login: %d", door.inside, a.Status)
		}
		b.Post(t, strings.TrimSuffix(door.path, "login")+"logout", nil)
		thief := site.Browser(t)
		thief.Header.Set("Cookie", token.Name+"="+token.Value)
		if a := thief.Get(t, door.inside); a.Status != http.StatusSeeOther {
			t.Errorf("%s with a token from before the logout: %d", door.inside, a.Status)
		}
	}
}

func TestALoginLeadsToOurPagesOnly(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	people(t, site)
	for _, door := range doors {
		for next, want := range map[string]string{
			door.inside + "?page=2": door.inside + "?page=2", "": door.home, "//evil.example": door.home,
			`/\evil.example`: door.home, "https://evil.example": door.home, "/\t/evil.example": door.home,
		} {
			a := site.Browser(t).Post(t, door.path, credentials(door.mail, webtest.Password, next))
			if a.Status != http.StatusSeeOther || a.Location != want {
				t.Errorf("%s with next %q: %d to %q, want %q", door.path, next, a.Status, a.Location, want)
			}
			page := site.Browser(t).Get(t, door.path+"?next="+url.QueryEscape(next)).Doc(t)
			if kept, _ := page.Find("input[name=next]").Attr("value"); strings.Contains(kept, "evil") {
				t.Errorf("%s?next=%s: the form goes on to %s", door.path, next, kept)
			}
		}
	}
}

func TestWhoMustLogInFirstComesBackInTheirLanguage(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	people(t, site)
	b := site.Browser(t)
	a := b.Get(t, "/en/mypage/orders?before=1")
	if want := "/en/login?next=" + url.QueryEscape("/mypage/orders?before=1"); a.Location != want {
		t.Fatalf("sent to %q, want %q", a.Location, want)
	}
	next, ok := b.Get(t, a.Location).Doc(t).Find("input[name=next]").Attr("value")
	if !ok || next != "/mypage/orders?before=1" {
		t.Errorf("the form goes on to %q", next)
	}
	if a = b.Post(t, "/en/login", credentials(doors[0].mail, webtest.Password, next)); a.Location != "/en/mypage/orders?before=1" {
		t.Errorf("after the login: %q", a.Location)
	}
	fragment := site.Browser(t)
	fragment.Header.Set("Hx-Request", "true")
	if a := fragment.Get(t, "/mypage"); a.Header.Get("Hx-Redirect") != "/login?next=%2Fmypage" {
		t.Errorf("a fragment's request gets %d %v", a.Status, a.Header)
	}
}

func TestTheLoginSaysNeitherWhoIsAMemberNorLocksThemOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d, func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
		people(t, site)
		attacker := site.Browser(t)
		attacker.Header.Set("X-Forwarded-For", "203.0.113.66")
		for _, door := range doors {
			var pages []string
			for _, mail := range []string{door.mail, "nobody@example.jp"} {
				for range 5 {
					a := attacker.Post(t, door.path, credentials(mail, "wrong password", ""))
					if a.Status != http.StatusUnprocessableEntity || len(a.Cookies) > 0 {
						t.Fatalf("%s as %s: %d %v", door.path, mail, a.Status, a.Cookies)
					}
					pages = append(pages, strings.ReplaceAll(a.Body, mail, "MAIL"))
				}
				if a := attacker.Post(t, door.path, credentials(mail, webtest.Password, "")); a.Status != http.StatusTooManyRequests {
					t.Errorf("%s as %s, sixth try: %d", door.path, mail, a.Status)
				}
			}
			if pages[0] != pages[5] {
				t.Errorf("%s tells members from others", door.path)
			}
			owner := site.Browser(t)
			owner.Header.Set("X-Forwarded-For", "192.0.2.7")
			if a := owner.Post(t, door.path, credentials(door.mail, webtest.Password, "")); a.Status != http.StatusSeeOther {
				t.Errorf("%s: the owner is locked out: %d", door.path, a.Status)
			}
			site.Later(2 * time.Hour)
			if a := attacker.Post(t, door.path, credentials(door.mail, webtest.Password, "")); a.Status != http.StatusSeeOther {
				t.Errorf("%s: two hours later: %d", door.path, a.Status)
			}
		}
	})
}

func TestTheAuditTrailKeepsTheIDOfTheRequest(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	a := site.Browser(t).Post(t, "/register", url.Values{
		"family": {"早川"}, "given": {"千尋"}, "family_kana": {"ハヤカワ"}, "given_kana": {"チヒロ"},
		"mail": {"chihiro@example.jp"}, "password": {webtest.Password},
	})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("registration: %d %s", a.Status, a.Body)
	}
	c, _, err := db.CustomerByMail(t.Context(), site.DB, thread.StoreID, "chihiro@example.jp")
	if err != nil {
		t.Fatal(err)
	}
	trail, err := db.AuditTrail(t.Context(), site.DB, thread.StoreID, []ident.ID{c.ID}, 1)
	if err != nil || len(trail) != 1 {
		t.Fatalf("%d lines: %v", len(trail), err)
	}
	if got := trail[0].Actor.RequestID; got == "" || got != a.Header.Get("X-Request-Id") {
		t.Errorf("the trail says request %q, the page %q", got, a.Header.Get("X-Request-Id"))
	}
}
