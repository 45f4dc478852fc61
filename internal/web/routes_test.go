package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestARouteThatLeavesSomethingOutIsRefused(t *testing.T) {
	whole := web.Route{
		Pattern: "GET /here", Audience: web.Customer, Owner: web.Owner{None: "for this test"},
		Handler: func(http.ResponseWriter, *http.Request) error { return nil },
	}
	if err := web.Build([]web.Route{whole}); err != nil {
		t.Fatalf("a route that says everything: %v", err)
	}
	check := func(*http.Request, *flow.Flow) error { return nil }
	for name, spoil := range map[string]func(*web.Route){
		"no audience":           func(r *web.Route) { r.Audience = "" },
		"an unknown audience":   func(r *web.Route) { r.Audience = "everybody" },
		"no method":             func(r *web.Route) { r.Pattern = "/here" },
		"no handler":            func(r *web.Route) { r.Handler = nil },
		"no owner check":        func(r *web.Route) { r.Owner = web.Owner{} },
		"a check and none":      func(r *web.Route) { r.Owner = web.Owner{Name: "x", Check: check, None: "why"} },
		"a check without name":  func(r *web.Route) { r.Owner = web.Owner{Check: check} },
		"staff without a role":  func(r *web.Route) { r.Audience = web.Staff },
		"an unknown role":       func(r *web.Route) { r.Audience, r.Role = web.Staff, "king" },
		"a role for a customer": func(r *web.Route) { r.Role = staff.RoleViewer },
	} {
		spoiled := whole
		spoil(&spoiled)
		if web.Build([]web.Route{spoiled}) == nil {
			t.Errorf("a route with %s is served", name)
		}
	}
}

// What changes something must not be reached by a link, and needs more than the
// right to look, unless it is somebody's own.
func TestNothingIsChangedByAViewerOrALink(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	for _, r := range web.RoutesOf(site.Handler) {
		switch r.Method() {
		case http.MethodGet:
		case http.MethodPost:
			if r.Audience == web.Staff && r.Role == staff.RoleViewer && !strings.HasSuffix(r.Path(), "/logout") && !strings.HasPrefix(r.Path(), "/admin/account/") {
				t.Errorf("%s: viewers may do it", r.Pattern)
			}
		default:
			t.Errorf("%s: forms know GET and POST only", r.Pattern)
		}
		if strings.HasPrefix(r.Path(), "/admin") != (r.Audience == web.Staff || r.Audience == web.Door) {
			t.Errorf("%s: for %s: staff are below /admin and nobody else is", r.Pattern, r.Audience)
		}
		if strings.HasPrefix(r.Path(), "/mypage") && r.Audience != web.Customer {
			t.Errorf("%s: my page is for customers", r.Pattern)
		}
	}
}
