package templates_test

import (
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
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

func TestEveryPageRendersInEveryLanguageWithoutMissingTexts(t *testing.T) {
	renderer, catalog := newRenderer(t)
	for _, lang := range i18n.Langs {
		for _, sample := range samples(lang, catalog.For(lang)) {
			t.Run(string(lang)+"/"+sample.file(), func(t *testing.T) {
				missing := func(l i18n.Lang, key string) { t.Errorf("no text in %s for %s", l, key) }
				catalog.OnMissing(missing)
				w := httptest.NewRecorder()
				if err := renderer.Render(w, 200, lang, sample.page, sample.data); err != nil {
					t.Fatal(err)
				}
				html := w.Body.String()
				if *write != "" {
					keep(t, filepath.Join(*write, sample.file()+"."+string(lang)+".html"), html)
				}
				checkMarkup(t, html, lang)
			})
		}
	}
}

func TestEveryShopAndMyPageTemplateHasASample(t *testing.T) {
	renderer, catalog := newRenderer(t)
	var sampled []string
	for _, sample := range samples(i18n.Ja, catalog.For(i18n.Ja)) {
		sampled = append(sampled, sample.page)
	}
	for _, name := range renderer.Pages() {
		if !strings.HasPrefix(name, "console/") && !slices.Contains(sampled, name) {
			t.Errorf("no sample renders %s", name)
		}
	}
}

func keep(t *testing.T, name, html string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
}

var unfilled = regexp.MustCompile(`\{[A-Z][A-Za-z]+\}`)

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
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attr := range s.Nodes[0].Attr {
			if strings.HasPrefix(attr.Key, "on") {
				t.Errorf("inline handler %s on <%s>", attr.Key, goquery.NodeName(s))
			}
			if attr.Key == "id" && ids[attr.Val] {
				t.Errorf("two elements have the id %q", attr.Val)
			}
			if attr.Key == "id" {
				ids[attr.Val] = true
			}
		}
	})
	doc.Find("[aria-describedby], [aria-labelledby], label[for]").Each(func(_ int, s *goquery.Selection) {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for"} {
			for _, id := range strings.Fields(s.AttrOr(name, "")) {
				if !ids[id] {
					t.Errorf("%s names the id %q that is not there", name, id)
				}
			}
		}
	})
	doc.Find("input:not([type=hidden]):not([type=radio]), select").Each(func(_ int, s *goquery.Selection) {
		if doc.Find(`label[for="`+s.AttrOr("id", "")+`"]`).Length() == 0 {
			t.Errorf("no label for %s", s.AttrOr("name", "an input"))
		}
	})
	doc.Find("img:not([alt])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("a picture without alt: %s", s.AttrOr("src", ""))
	})
	if found := unfilled.FindString(doc.Find("body").Text()); found != "" {
		t.Errorf("a value is missing in a text: %s", found)
	}
}
