package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestADemoHasItsBarItsClockAndTheCountOfReports(t *testing.T) {
	moved := 0
	site := webtest.New(t, dbtest.Open(t, db.SQLite), func(c *web.Config) {
		c.Demo = &web.Demo{
			Bar: func(*http.Request) *page.Demo {
				return &page.Demo{Clock: "2026年11月21日", ForwardURL: "/_demo/forward", DeadlineURL: "/_demo/deadline"}
			},
			Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { moved++; w.WriteHeader(http.StatusNoContent) }),
		}
	})
	b := site.Browser(t)
	for _, path := range []string{"/", "/nowhere", "/admin/login"} {
		if doc := b.Get(t, path).Doc(t); doc.Find(`form[action="/_demo/forward"]`).Length() != 1 {
			t.Errorf("%s: no bar of the demo", path)
		}
	}
	if a := b.Post(t, "/_demo/forward", nil); a.Status != http.StatusNoContent || moved != 1 {
		t.Errorf("the clock: %d, moved %d times", a.Status, moved)
	}
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := b.Post(t, "/_demo/forward", nil); a.Status != http.StatusForbidden || moved != 1 {
		t.Errorf("the clock by a form of another site: %d, moved %d times", a.Status, moved)
	}
	if a := b.Get(t, "/_csp/count"); strings.TrimSpace(a.Body) != "0" {
		t.Errorf("reports: %q", a.Body)
	}
	b.Host = "anything.example"
	if a := b.Get(t, "/"); a.Status != http.StatusOK {
		t.Errorf("a demo at another name: %d", a.Status)
	}
}

func TestAProbeLearnsWhetherTheDatabaseAnswers(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	b := site.Browser(t)
	b.Host = "10.0.0.7" // a balancer asks by address
	if a := b.Get(t, "/healthz"); a.Status != http.StatusOK || a.Body != "ok\n" {
		t.Errorf("%d %q", a.Status, a.Body)
	}
}
