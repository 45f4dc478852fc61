package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// asks sends a request with headers, given as pairs, as it stands.
func asks(t *testing.T, b *webtest.Browser, path string, headers ...string) *webtest.Answer {
	t.Helper()
	b.Header = http.Header{"Accept-Encoding": {"gzip"}}
	for i := 0; i+1 < len(headers); i += 2 {
		b.Header[headers[i]] = []string{headers[i+1]}
	}
	return b.Get(t, path)
}

func unzipped(t *testing.T, body string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(whole)
}

func isGzipped(a *webtest.Answer) bool { return a.Header.Get("Content-Encoding") == "gzip" }

func TestPagesAreCompressedForThoseWhoTakeIt(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	b := site.Browser(t)
	for _, path := range []string{"/", "/en/goods/" + site.Product.Slug, "/admin/login", "/no-such-page"} {
		small, plain := asks(t, b, path), asks(t, b, path, "Accept-Encoding", "identity")
		if !isGzipped(small) || len(small.Body)*3 > len(plain.Body)*2 {
			t.Errorf("%s: %q, %d bytes of %d", path, small.Header.Get("Content-Encoding"), len(small.Body), len(plain.Body))
		}
		if isGzipped(plain) || small.Status != plain.Status || unzipped(t, small.Body) != plain.Body {
			t.Errorf("%s: another page in plain", path)
		}
		for _, a := range []*webtest.Answer{small, plain} {
			if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s varies by %q", path, a.Header.Values("Vary"))
			}
		}
	}
	for _, accepts := range []string{"", "br", "gzip;q=0", "gzip; q=0.0, br", "gzipped"} {
		if a := asks(t, b, "/", "Accept-Encoding", accepts); isGzipped(a) {
			t.Errorf("compressed for %q", accepts)
		}
	}
	for _, accepts := range []string{"br, gzip", "GZIP;q=0.5", "deflate, gzip;q=1.0, *;q=0.5"} {
		if a := asks(t, b, "/", "Accept-Encoding", accepts); !isGzipped(a) {
			t.Errorf("not compressed for %q", accepts)
		}
	}
	for path, status := range map[string]int{"/healthz": http.StatusOK, "/mypage": http.StatusSeeOther, "/static/goods/nothing.svg": http.StatusNotFound} {
		if a := asks(t, b, path); isGzipped(a) || a.Status != status {
			t.Errorf("%s: %d, %q", path, a.Status, a.Header.Get("Content-Encoding"))
		}
	}
}

func TestWhatAnotherSiteHasBegunIsNotCompressed(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite), func(c *web.Config) { c.HTTPS = true })
	b := site.Browser(t)
	const cookie = "some=cookie"
	for _, c := range []struct {
		from, cookie string
		want         bool
	}{
		{"same-origin", cookie, true},
		{"none", cookie, true}, // typed, or a bookmark
		{"cross-site", cookie, false},
		{"same-site", cookie, false}, // a host beside ours
		{"", cookie, false},          // a browser that does not say
		{"cross-site", "", true},     // everybody's page
		{"", "", true},
	} {
		headers := []string{"Cookie", c.cookie}
		if c.cookie == "" {
			headers = nil
		}
		if c.from != "" {
			headers = append(headers, "Sec-Fetch-Site", c.from)
		}
		if a := asks(t, b, "/", headers...); isGzipped(a) != c.want || a.Status != http.StatusOK {
			t.Errorf("from %q with cookie %q: %d, %q", c.from, c.cookie, a.Status, a.Header.Get("Content-Encoding"))
		}
	}
	open := webtest.New(t, dbtest.Open(t, db.SQLite)).Browser(t) // its traffic can be read anyway
	if a := asks(t, open, "/", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"); !isGzipped(a) {
		t.Error("without encryption nothing is compressed")
	}
}

func TestAnAnswerThatFailsBeforeItsBodyIsStillAnswered(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	web.Add(site.Handler, web.Route{
		Pattern: "GET /teapot", Audience: web.Public, Owner: web.Owner{None: "for this test"},
		Handler: func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusTeapot)
			return nil
		},
	})
	if a := asks(t, site.Browser(t), "/teapot"); a.Status != http.StatusTeapot || a.Body != "" {
		t.Errorf("%d %q", a.Status, a.Body)
	}
}
