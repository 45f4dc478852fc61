package shop_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// mailedCode is a login code in a mail, alone in its line.
var mailedCode = regexp.MustCompile(`(?m)^  ([0-9]{6})$`)

func codeMailedTo(t *testing.T, site *webtest.Site, mail string) string {
	t.Helper()
	site.Drain(t)
	for _, m := range site.Mails.To(mail) {
		if found := mailedCode.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	t.Fatalf("no code was mailed to %s", mail)
	return ""
}

func TestSomebodyWithoutAPasswordLogsInByAMailedCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Shopper(t, "imported@example.jp") // has no password
		b := site.Browser(t)
		goesTo(t, b, "/cart", subscribe(), "/cart")
		shows(t, b, "/login?next=/checkout", "パスワードを使わずにログイン")
		a := b.Post(t, "/login/code/send", url.Values{"mail": {"imported@example.jp"}, "password": {""}, "next": {"/checkout"}})
		doc := a.Doc(t)
		if a.Status != http.StatusOK || doc.Find("#code").Length() != 1 || doc.Find("#mail").AttrOr("value", "") != "imported@example.jp" {
			t.Fatalf("after asking for a code: %d %s", a.Status, text(doc.Find("main")))
		}
		code := codeMailedTo(t, site, "imported@example.jp")
		before := a.Cookies
		a = goesTo(t, b, "/login/code", url.Values{"mail": {"imported@example.jp"}, "code": {code}, "next": {"/checkout"}}, "/checkout")
		if len(a.Cookies) == 0 || (len(before) > 0 && a.Cookies[0].Value == before[0].Value) {
			t.Errorf("the login keeps the session's token: %v", a.Cookies)
		}
		shows(t, b, "/checkout", "ひばりブレンド") // the guest's cart came along
	})
}

func TestTheAnswersToAMailThatIsKnownAndOneThatIsNotAreTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Shopper(t, "known@example.jp")
		var sent, tried []string
		for _, mail := range []string{"known@example.jp", "other@example.jp"} {
			b := site.Browser(t)
			a := b.Post(t, "/login/code/send", url.Values{"mail": {mail}})
			sent = append(sent, text(a.Doc(t).Find("main")))
			a = b.Post(t, "/login/code", url.Values{"mail": {mail}, "code": {"12345"}})
			if a.Status != http.StatusUnprocessableEntity {
				t.Errorf("a wrong code for %s: %d", mail, a.Status)
			}
			tried = append(tried, text(a.Doc(t).Find("main")))
		}
		for _, said := range [][]string{sent, tried} {
			if strings.ReplaceAll(said[0], "known@", "other@") != said[1] {
				t.Errorf("known: %q\nother: %q", said[0], said[1])
			}
		}
	})
}

func TestACodeIsNotAskedForWithoutAMailOrTooOften(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	b := site.Browser(t)
	a := b.Post(t, "/login/code/send", url.Values{"mail": {"hana"}})
	if a.Status != http.StatusUnprocessableEntity || a.Doc(t).Find("#mail-error").Length() != 1 {
		t.Errorf("without a mail: %d", a.Status)
	}
	for range 5 {
		a = b.Post(t, "/login/code/send", url.Values{"mail": {"hana@example.jp"}})
		if a.Status != http.StatusOK {
			t.Fatalf("asked a few times: %d", a.Status)
		}
	}
	if a = b.Post(t, "/login/code/send", url.Values{"mail": {"hana@example.jp"}}); a.Status != http.StatusTooManyRequests {
		t.Errorf("asked too often: %d", a.Status)
	}
}
