package console_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/static"
)

// showroom serves the samples below /<lang>/ under the policy of real pages. With
// dark, the console's dark theme holds whatever the browser prefers.
func showroom(t *testing.T, dark bool) string {
	t.Helper()
	renderer, catalog := newRenderer(t)
	assets, err := render.NewAssets(static.FS)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/", func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		r.Header.Del("Accept-Encoding") // what is changed below must be plain
		assets.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		if dark {
			body = bytes.ReplaceAll(body, []byte("(prefers-color-scheme:dark)"), []byte("all"))
		}
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		_, _ = w.Write(body)
	})
	for _, lang := range i18n.Langs {
		for _, s := range samples(catalog.For(lang)) {
			mux.HandleFunc("GET /"+string(lang)+"/"+s.page+"-"+s.state, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
				if err := renderer.Render(w, http.StatusOK, lang, "console/"+s.page, s.data); err != nil {
					t.Error(err)
				}
			})
		}
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestConsolePagesFitTheScreenAndBreakNoAccessibilityRule(t *testing.T) {
	_, catalog := newRenderer(t)
	for name, v := range map[string]struct {
		screen browsertest.Screen
		lang   i18n.Lang
		dark   bool
	}{
		"desktop, English": {screen: browsertest.Desktop, lang: i18n.En},
		"phone, Japanese":  {screen: browsertest.Phone, lang: i18n.Ja},
		"tablet, in dark":  {screen: browsertest.Screen{Width: 1024, Height: 768, Scale: 1}, lang: i18n.Ja, dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			site, p := showroom(t, v.dark), browsertest.New(t, v.screen)
			for _, s := range samples(catalog.For(v.lang)) {
				p.Visit(site + "/" + string(v.lang) + "/" + s.page + "-" + s.state)
				p.Axe()
				if over := browsertest.Eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
					t.Errorf("%s %s is %d pixels too wide", s.page, s.state, over)
				}
			}
		})
	}
}

func TestTheRoomsOpenOnAPhoneWithoutJavaScript(t *testing.T) {
	p := browsertest.New(t, browsertest.Phone)
	p.WithoutJavaScript()
	p.Visit(showroom(t, false) + "/ja/home-")
	p.Click(".menu summary")
	p.WaitVisible(`.menu a[href="/admin/subscriptions"]`)
}

func TestSlashGoesToTheSearchFieldButNotWhileTyping(t *testing.T) {
	p := browsertest.New(t, browsertest.Desktop)
	p.Visit(showroom(t, false) + "/ja/orders-")
	p.Press("/")
	if at := browsertest.Eval[string](p, `document.activeElement.id`); at != "seek" {
		t.Fatalf("the slash went to %q", at)
	}
	p.Press("1/2")
	if typed := p.Value("#seek"); !strings.HasSuffix(typed, "1/2") {
		t.Errorf("typed %q", typed)
	}
}
