package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

const plainForm = "application/x-www-form-urlencoded"

// pageRoutes are the routes of a method that browsers use, with their addresses.
func pageRoutes(t *testing.T, site *webtest.Site, n things, method string) map[string]string {
	t.Helper()
	paths := map[string]string{}
	for _, r := range web.RoutesOf(site.Handler) {
		if r.Audience != web.Internal && r.Audience != web.File && r.Audience != web.Hook && r.Method() == method {
			paths[r.Pattern] = n.fill(t, r)
		}
	}
	return paths
}

func TestAFormOfAnotherSiteIsRefusedEverywhere(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	owned := ownedThings(t, site)
	old := http.Header{"Sec-Fetch-Site": {""}, "Origin": {"https://evil.example"}} // a browser without Sec-Fetch-Site
	for name, header := range map[string]http.Header{
		"another site": {"Sec-Fetch-Site": {"cross-site"}}, "a host beside ours": {"Sec-Fetch-Site": {"same-site"}}, "another origin": old,
	} {
		b := site.Browser(t)
		b.LogIn(t, "owner@example.jp")
		b.Header = header
		for pattern, path := range pageRoutes(t, site, owned, http.MethodPost) {
			a := b.Post(t, path, url.Values{})
			if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "画面の有効期限が切れました") {
				t.Errorf("%s from %s: %d", pattern, name, a.Status)
			}
		}
	}
}

func TestWhatNoFormSendsIsRefusedEverywhere(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	owned := ownedThings(t, site)
	b := site.Browser(t)
	for _, c := range []struct {
		name, kind, body string
		want             int
	}{
		{"NUL in a value", plainForm, "name=a%00b", http.StatusBadRequest},
		{"NUL in a name", plainForm, "na%00me=a", http.StatusBadRequest},
		{"broken UTF-8", plainForm, "name=%ff%fe", http.StatusBadRequest},
		{"a broken escape", plainForm, "name=%zz", http.StatusBadRequest},
		{"a file", "multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
		{"JSON", "application/json", "{}", http.StatusUnsupportedMediaType},
		{"no kind at all", "", "name=a", http.StatusUnsupportedMediaType},
		{"too much", plainForm, "name=" + strings.Repeat("a", 2<<20), http.StatusRequestEntityTooLarge},
	} {
		for pattern, path := range pageRoutes(t, site, owned, http.MethodPost) {
			if strings.HasSuffix(pattern, "/pictures") {
				continue // takes files, and reads nothing from who is not logged in
			}
			if a := b.Send(t, http.MethodPost, path, c.kind, []byte(c.body)); a.Status != c.want {
				t.Errorf("%s with %s: %d, want %d", pattern, c.name, a.Status, c.want)
			}
		}
	}
	for pattern, path := range pageRoutes(t, site, owned, http.MethodGet) {
		for _, query := range []string{"?q=%00", "?q=%ff"} {
			if a := b.Get(t, path+query); a.Status != http.StatusBadRequest {
				t.Errorf("%s%s: %d", pattern, query, a.Status)
			}
		}
	}
}
