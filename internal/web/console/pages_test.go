package console_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/render"
	"github.com/teiki-commerce/teiki/internal/web/static"
	"github.com/teiki-commerce/teiki/internal/web/templates"
)

// write keeps the pages as files, to be looked at in a browser.
var write = flag.String("write", "", "folder for the rendered pages")

func newRenderer(t *testing.T) (*render.Renderer, *i18n.Catalog) {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	assets, err := render.NewAssets(static.FS)
	if err != nil {
		t.Fatal(err)
	}
	renderer, err := render.New(templates.FS, assets, catalog)
	if err != nil {
		t.Fatal(err)
	}
	return renderer, catalog
}

func TestEveryConsolePageRendersInEveryLanguageWithoutMissingTexts(t *testing.T) {
	renderer, catalog := newRenderer(t)
	for _, lang := range i18n.Langs {
		for _, s := range samples(catalog.For(lang)) {
			name := s.page + "-" + s.state
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				catalog.OnMissing(func(l i18n.Lang, key string) { t.Errorf("no text in %s for %s", l, key) })
				w := httptest.NewRecorder()
				if err := renderer.Render(w, 200, lang, "console/"+s.page, s.data); err != nil {
					t.Fatal(err)
				}
				if *write != "" {
					keep(t, filepath.Join(*write, name+"."+string(lang)+".html"), w.Body.Bytes())
				}
				checkMarkup(t, w.Body.String(), lang)
			})
		}
	}
}

func TestEveryConsoleTemplateHasASample(t *testing.T) {
	renderer, catalog := newRenderer(t)
	var sampled []string
	for _, s := range samples(catalog.For(i18n.Ja)) {
		sampled = append(sampled, "console/"+s.page)
	}
	for _, name := range renderer.Pages() {
		if strings.HasPrefix(name, "console/") && !slices.Contains(sampled, name) {
			t.Errorf("no sample renders %s", name)
		}
	}
}

func TestOnlyTheFirstAlertOfAPageHasTheFilledButton(t *testing.T) {
	renderer, catalog := newRenderer(t)
	for _, s := range samples(catalog.For(i18n.Ja)) {
		if s.page != "home" {
			continue
		}
		w := httptest.NewRecorder()
		if err := renderer.Render(w, 200, i18n.Ja, "console/home", s.data); err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if n := doc.Find("main .btn.p").Length(); n > 1 {
			t.Errorf("home %s has %d filled buttons", s.state, n)
		}
	}
}

func keep(t *testing.T, name string, html []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, html, 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkMarkup looks for what the strict Content-Security-Policy would refuse and
// for what screen readers would stumble over.
func checkMarkup(t *testing.T, html string, lang i18n.Lang) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Find("html").AttrOr("lang", ""); got != string(lang) {
		t.Errorf("lang is %q, not %q", got, lang)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1 headings", n)
	}
	doc.Find("[style], style, script:not([src])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("inline style or script on <%s>", goquery.NodeName(s))
	})
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			t.Errorf("two elements have the id %q", id)
		}
		ids[id] = true
	})
	doc.Find("[aria-describedby], [aria-labelledby], label[for]").Each(func(_ int, s *goquery.Selection) {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for id := range strings.FieldsSeq(s.AttrOr(name, "")) {
				if !ids[id] {
					t.Errorf("%s names the id %q that is not there", name, id)
				}
			}
		}
	})
	doc.Find("input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
		if doc.Find(`label[for="`+s.AttrOr("id", "")+`"]`).Length() == 0 {
			t.Errorf("no label for %s", s.AttrOr("name", "an input"))
		}
	})
	doc.Find("thead th:not([scope])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("a head without scope: %s", s.Text())
	})
}
