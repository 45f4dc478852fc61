package render

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

func newTestRenderer(t *testing.T) *Renderer {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := New(fstest.MapFS{
		"shop/layout.html":        {Data: []byte(`<html>{{block "content" .}}{{end}}</html>`)},
		"shop/partials/mark.html": {Data: []byte(`{{define "mark"}}<i>{{.}}</i>{{end}}`)},
		"shop/cart.html":          {Data: []byte(`{{define "content"}}{{template "mark" .Text}}<a href="{{url "/cart"}}"></a>{{end}}`)},
		"mypage/orders.html":      {Data: []byte(`{{define "content"}}{{template "mark" .Text}}{{end}}`)},
		"shop/broken.html":        {Data: []byte(`{{define "content"}}begun {{.Nothing}}{{end}}`)},
	}, newTestAssets(t), catalog)
	if err != nil {
		t.Fatal(err)
	}
	return renderer
}

type testPage struct{ Text string }

func TestPagesAreEscapedAndLinkInTheirLanguage(t *testing.T) {
	w := httptest.NewRecorder()
	if err := newTestRenderer(t).Render(w, 404, i18n.En, "shop/cart", testPage{"<b>"}); err != nil {
		t.Fatal(err)
	}
	if w.Code != 404 || w.Body.String() != `<html><i>&lt;b&gt;</i><a href="/en/cart"></a></html>` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestMyPageUsesTheLayoutOfTheShop(t *testing.T) {
	w := httptest.NewRecorder()
	if err := newTestRenderer(t).Render(w, 200, i18n.Ja, "mypage/orders", testPage{"1"}); err != nil {
		t.Fatal(err)
	}
	if w.Body.String() != "<html><i>1</i></html>" {
		t.Error(w.Body)
	}
}

func TestNothingIsWrittenWhenAPageFails(t *testing.T) {
	renderer := newTestRenderer(t)
	for _, name := range []string{"shop/broken", "shop/unknown"} {
		w := httptest.NewRecorder()
		if err := renderer.Render(w, 200, i18n.Ja, name, testPage{}); err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%s: %v, %q was written", name, err, w.Body)
		}
	}
}

func TestABlockIsRenderedAlone(t *testing.T) {
	html, err := newTestRenderer(t).Block(i18n.Ja, "shop/cart", "content", testPage{"x"})
	if err != nil || !strings.HasPrefix(html, "<i>x</i>") || strings.Contains(html, "<html>") {
		t.Errorf("%q, %v", html, err)
	}
}

func TestTemplatesOfAnUnknownAudienceAreRefused(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(fstest.MapFS{"landing/page.html": {Data: []byte("x")}}, newTestAssets(t), catalog)
	if err == nil || !strings.Contains(err.Error(), "landing") {
		t.Errorf("error expected, got %v", err)
	}
}
