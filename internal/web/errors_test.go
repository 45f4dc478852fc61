package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestWhatWentWrongIsSaidToPeopleAndTheRestIsNot(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	slow := fault.New(fault.TooMany, "fault.too_many")
	slow.Args = map[string]any{"Seconds": 8}
	for path, c := range map[string]struct {
		handler web.Handler
		status  int
		says    string
	}{
		"/broken":  {func(http.ResponseWriter, *http.Request) error { return errors.New("password of the database") }, 500, "うまく表示できませんでした"},
		"/panic":   {func(http.ResponseWriter, *http.Request) error { panic("password of the database") }, 500, "うまく表示できませんでした"},
		"/gone":    {func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "fault.not_found") }, 404, "ページが見つかりません"},
		"/changed": {func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Conflict, "fault.conflict") }, 409, "この操作はできません"},
		"/slow":    {func(http.ResponseWriter, *http.Request) error { return slow }, 429, "しばらくお待ちください"},
	} {
		web.Add(site.Handler, web.Route{
			Pattern: "GET " + path, Audience: web.Public, Owner: web.Owner{None: "for this test"}, Handler: c.handler,
		})
		a := site.Browser(t).Get(t, path)
		if a.Status != c.status || !strings.Contains(a.Body, c.says) || strings.Contains(a.Body, "password") {
			t.Errorf("%s: %d %s", path, a.Status, a.Doc(t).Find("main").Text())
		}
		if shown := strings.Contains(a.Body, a.Header.Get("X-Request-Id")); shown != (c.status == http.StatusInternalServerError) {
			t.Errorf("%s: the request's id is shown: %v", path, shown)
		}
		if path == "/slow" && a.Header.Get("Retry-After") != "8" {
			t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
		}
	}
}
