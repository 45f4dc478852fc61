package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

const chosen = "深煎りは夜に飲む"

// passwordPath is the path of a mailed link that sets a password.
var passwordPath = regexp.MustCompile(`(?m)^https?://[^/]+((?:/[a-z-]+)?/password/[A-Za-z0-9_-]{43})$`)

// movedIn are members from another cart, without password.
func movedIn(t *testing.T, site *webtest.Site, mails ...string) []customer.Customer {
	t.Helper()
	list := make([]customer.Customer, len(mails))
	for i, mail := range mails {
		list[i] = customer.Customer{
			ID: site.Flow.NewID(), Number: "M" + mail, Name: place.Name{Family: "早川", Given: "千尋"}, Mail: mail,
			Lang: "ja", CreatedAt: fixture.Start,
		}
	}
	err := site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.InsertImportedCustomers(ctx, tx, thread.StoreID, list, fixture.Start)
	})
	if err != nil {
		t.Fatalf("move members in: %v", err)
	}
	return list
}

// linksTo are the paths of the links that were mailed to somebody.
func linksTo(t *testing.T, site *webtest.Site, mail string) []string {
	t.Helper()
	site.Drain(t)
	var list []string
	for _, m := range site.Mails.To(mail) {
		if found := passwordPath.FindStringSubmatch(m.Text); found != nil {
			list = append(list, found[1])
		}
	}
	return list
}

// encrypted gives the shop an address with https, which its links have.
func encrypted(t *testing.T, site *webtest.Site) {
	t.Helper()
	settings, err := db.Settings(t.Context(), site.DB, thread.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	settings.Profile.BaseURL = "https://hibari.example"
	version, err := db.SettingsVersion(t.Context(), site.DB, thread.StoreID, db.SettingsProfile)
	if err == nil {
		err = site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return db.SaveSettings(ctx, tx, thread.StoreID, db.SettingsProfile, settings.Profile, version, fixture.Start)
		})
	}
	if err != nil {
		t.Fatalf("give the shop another address: %v", err)
	}
}

// formOf is what the page's form sends.
func formOf(t *testing.T, a *webtest.Answer, action string) url.Values {
	t.Helper()
	form := url.Values{}
	found := a.Doc(t).Find("form[action='" + action + "']")
	if found.Length() != 1 {
		t.Fatalf("%d forms lead to %s (%d)", found.Length(), action, a.Status)
	}
	for _, n := range found.Find("input[type=hidden]").EachIter() {
		form.Set(n.AttrOr("name", ""), n.AttrOr("value", ""))
	}
	return form
}

func TestStaffMailALinkAndTheMemberLogsInWithThePasswordItSets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		encrypted(t, site)
		c := movedIn(t, site, "moved@example.jp")[0]
		site.Staff(t, "mori@hibari.example", staff.RoleOperator)
		office := site.Browser(t)
		office.LogInStaff(t, "mori@hibari.example")
		page := "/admin/customers/" + c.ID.String()
		if a := office.Get(t, page); a.Doc(t).Find("a[href='"+page+"/password-link']").Length() != 1 {
			t.Fatalf("the customer's page has no button: %d", a.Status)
		}
		ask := office.Get(t, page+"/password-link")
		if !strings.Contains(ask.Doc(t).Find("main").Text(), "moved@example.jp") {
			t.Error("the address is not shown before")
		}
		form := formOf(t, ask, page+"/password-link")
		for range 2 { // a double click
			if a := office.Post(t, page+"/password-link", form); a.Status != http.StatusSeeOther || a.Location != page {
				t.Fatalf("send: %d %s", a.Status, a.Location)
			}
		}
		links := linksTo(t, site, "moved@example.jp")
		if len(links) != 1 {
			t.Fatalf("%d links were mailed", len(links))
		}
		again := formOf(t, office.Get(t, page+"/password-link"), page+"/password-link")
		office.Post(t, page+"/password-link", again)
		if said := office.Get(t, page).Body; !strings.Contains(said, "5分以内") || len(linksTo(t, site, "moved@example.jp")) != 1 {
			t.Errorf("another mail within five minutes: %s", said)
		}

		phone := site.Browser(t)
		shown := phone.Get(t, links[0])
		if shown.Status != http.StatusOK || shown.Header.Get("Referrer-Policy") != "no-referrer" || shown.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page of the link: %d %v", shown.Status, shown.Header)
		}
		weak := phone.Post(t, links[0], url.Values{"password": {"kurz"}})
		if weak.Status != http.StatusUnprocessableEntity || weak.Doc(t).Find("#password-error").Length() != 1 {
			t.Errorf("a weak password: %d", weak.Status)
		}
		if a := phone.Post(t, links[0], url.Values{"password": {chosen}}); a.Status != http.StatusSeeOther || a.Location != "/mypage" {
			t.Fatalf("set: %d %s", a.Status, a.Location)
		}
		if a := phone.Get(t, "/mypage"); a.Status != http.StatusOK || !strings.Contains(a.Body, "パスワードを設定しました") {
			t.Errorf("my page afterwards: %d", a.Status)
		}
		for _, a := range []*webtest.Answer{phone.Get(t, links[0]), phone.Post(t, links[0], url.Values{"password": {chosen}})} {
			if a.Status != http.StatusNotFound || a.Doc(t).Find("a.cta[href='/login']").Length() != 1 || strings.Contains(a.Body, "moved@example.jp") {
				t.Errorf("the link afterwards: %d %s", a.Status, a.Body)
			}
		}
		other := site.Browser(t)
		if a := other.Post(t, "/login", url.Values{"mail": {"moved@example.jp"}, "password": {chosen}}); a.Status != http.StatusSeeOther {
			t.Errorf("log in with the new password: %d", a.Status)
		}
	})
}

func TestANewPasswordEndsAllOtherSessionsOfTheCustomer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		c := site.Member(t, "hana@example.jp")
		home, away := site.Browser(t), site.Browser(t)
		home.LogIn(t, "hana@example.jp")
		away.LogIn(t, "hana@example.jp")
		in := func(b *webtest.Browser) bool { return b.Get(t, "/mypage/account").Status == http.StatusOK }

		wrong := home.Post(t, "/mypage/account/password", url.Values{"old": {"falsch-falsch"}, "new": {chosen}})
		if wrong.Status != http.StatusUnprocessableEntity || wrong.Doc(t).Find("#old-error").Length() != 1 || !in(away) {
			t.Errorf("a wrong old password: %d", wrong.Status)
		}
		short := home.Post(t, "/mypage/account/password", url.Values{"old": {webtest.Password}, "new": {"kurz"}})
		if short.Status != http.StatusUnprocessableEntity || short.Doc(t).Find("#new-error").Length() != 1 {
			t.Errorf("a new password that is too short: %d", short.Status)
		}
		if a := home.Post(t, "/mypage/account/password", url.Values{"old": {webtest.Password}, "new": {chosen}}); a.Status != http.StatusSeeOther {
			t.Fatalf("change: %d %s", a.Status, a.Body)
		}
		if !in(home) || in(away) {
			t.Errorf("at home logged in %v, away %v", in(home), in(away))
		}

		away.Post(t, "/login", url.Values{"mail": {"hana@example.jp"}, "password": {chosen}})
		if !in(away) {
			t.Fatal("the new password does not log in")
		}
		site.Staff(t, "mori@hibari.example", staff.RoleOwner)
		office := site.Browser(t)
		office.LogInStaff(t, "mori@hibari.example")
		send := "/admin/customers/" + c.ID.String() + "/password-link"
		office.Post(t, send, formOf(t, office.Get(t, send), send))
		mailed := site.Browser(t)
		mailed.Post(t, linksTo(t, site, "hana@example.jp")[0], url.Values{"password": {webtest.Password}})
		if !in(mailed) || in(home) || in(away) {
			t.Errorf("by the link logged in %v, at home %v, away %v", in(mailed), in(home), in(away))
		}
	})
}

func TestAllMembersWhoMovedInAreMailedOnceAfterTheirNumberIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Staff(t, "mori@hibari.example", staff.RoleManager)
		office := site.Browser(t)
		office.LogInStaff(t, "mori@hibari.example")
		const bulk = "/admin/customers/password-links"
		offered := func() bool {
			return office.Get(t, "/admin/customers").Doc(t).Find("a[href='"+bulk+"']").Length() == 1
		}
		if offered() {
			t.Error("offered in a shop that nobody moved to")
		}
		movedIn(t, site, "one@example.jp", "two@example.jp", "")
		ask := office.Get(t, bulk)
		if !offered() || !strings.Contains(ask.Doc(t).Find("form.do").Text(), "2名へ送信する") {
			t.Errorf("before: %s", ask.Doc(t).Find("main").Text())
		}
		for range 2 {
			if a := office.Post(t, bulk, formOf(t, ask, bulk)); a.Status != http.StatusSeeOther {
				t.Fatalf("send: %d", a.Status)
			}
		}
		for _, mail := range []string{"one@example.jp", "two@example.jp"} {
			if n := len(linksTo(t, site, mail)); n != 1 {
				t.Errorf("%d links to %s", n, mail)
			}
		}
		if ask = office.Get(t, bulk); offered() || ask.Doc(t).Find("form.do button").Length() != 0 {
			t.Errorf("afterwards: %s", ask.Doc(t).Find("main").Text())
		}
	})
}

func TestATokenIsNotLogged(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	c := movedIn(t, site, "moved@example.jp")[0]
	site.Staff(t, "mori@hibari.example", staff.RoleOwner)
	office := site.Browser(t)
	office.LogInStaff(t, "mori@hibari.example")
	send := "/admin/customers/" + c.ID.String() + "/password-link"
	office.Post(t, send, formOf(t, office.Get(t, send), send))
	link := linksTo(t, site, "moved@example.jp")[0]

	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	b := site.Browser(t)
	b.Send(t, http.MethodPost, "/_csp", "application/csp-report", []byte(`{"csp-report":{"document-uri":"http://127.0.0.1`+link+`"}}`))
	err := site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, "DROP TABLE password_links")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := b.Get(t, link); a.Status != http.StatusInternalServerError {
		t.Errorf("without its table: %d", a.Status)
	}
	token := link[strings.LastIndex(link, "/")+1:]
	if said := log.String(); strings.Contains(said, token) || !strings.Contains(said, "/password/…") || !strings.Contains(said, "/password/{token}") {
		t.Errorf("the log: %s", strings.ReplaceAll(said, token, "TOKEN"))
	}
}
