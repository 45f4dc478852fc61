// Package render turns typed page structs into HTML: it parses the templates
// once for each language, offers them their functions, and writes a page only
// when it is complete. It knows nothing of what the pages say.
package render

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
)

// folders says for each audience whose layout and partials its pages use; the
// first folder is the one the layout comes from.
var folders = map[string][]string{
	"shop":   {"shop"},
	"mypage": {"shop", "mypage"},
	// The console takes the demo bar from the shop.
	"console": {"console", "shop"},
}

// Renderer holds every page in every language.
type Renderer struct {
	assets *Assets
	// pages is language → page name, such as "shop/product" → template set.
	pages map[i18n.Lang]map[string]*template.Template
}

// New parses every page of files for each of the languages.
func New(files fs.FS, assets *Assets, catalog *i18n.Catalog) (*Renderer, error) {
	names, err := fs.Glob(files, "*/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	r := &Renderer{assets: assets, pages: map[i18n.Lang]map[string]*template.Template{}}
	for _, lang := range i18n.Langs {
		functions := funcs(catalog.For(lang), assets)
		r.pages[lang] = map[string]*template.Template{}
		bases := map[string]*template.Template{}
		for _, name := range names {
			folder, file := path.Dir(name), path.Base(name)
			if file == "layout.html" {
				continue
			}
			base := bases[folder]
			if base == nil {
				if base, err = parseBase(files, folder, functions); err != nil {
					return nil, err
				}
				bases[folder] = base
			}
			set, err := base.Clone()
			if err != nil {
				return nil, fmt.Errorf("copy layout for %s: %w", name, err)
			}
			if _, err := set.ParseFS(files, name); err != nil {
				return nil, fmt.Errorf("parse %s: %w", name, err)
			}
			r.pages[lang][strings.TrimSuffix(name, ".html")] = set
		}
	}
	return r, nil
}

// parseBase reads the layout and partials that the pages of a folder use.
func parseBase(files fs.FS, folder string, functions template.FuncMap) (*template.Template, error) {
	from, known := folders[folder]
	if !known {
		return nil, fmt.Errorf("templates of an unknown audience %q", folder)
	}
	base := template.New("layout.html").Funcs(functions).Option("missingkey=error")
	patterns := []string{from[0] + "/layout.html"}
	for _, f := range from {
		found, err := fs.Glob(files, f+"/partials/*.html")
		if err != nil {
			return nil, fmt.Errorf("list partials: %w", err)
		}
		patterns = append(patterns, found...)
	}
	if _, err := base.ParseFS(files, patterns...); err != nil {
		return nil, fmt.Errorf("parse layout of %s: %w", folder, err)
	}
	return base, nil
}

// Pages lists the names of all pages, sorted.
func (r *Renderer) Pages() []string {
	return slices.Sorted(maps.Keys(r.pages[i18n.Ja]))
}

// Render writes a whole page. Nothing is written when it fails, so that the
// caller can still answer with an error page.
func (r *Renderer) Render(w http.ResponseWriter, status int, lang i18n.Lang, name string, data any) error {
	var buffer bytes.Buffer
	if err := r.execute(&buffer, lang, name, "layout.html", data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := buffer.WriteTo(w)
	return err
}

// Block gives one named block of a page as HTML, such as the terms of the final
// confirmation that are kept with the subscription.
func (r *Renderer) Block(lang i18n.Lang, name, block string, data any) (string, error) {
	var buffer bytes.Buffer
	if err := r.execute(&buffer, lang, name, block, data); err != nil {
		return "", err
	}
	return buffer.String(), nil
}

func (r *Renderer) execute(buffer *bytes.Buffer, lang i18n.Lang, name, block string, data any) error {
	set := r.pages[lang][name]
	if set == nil {
		return fmt.Errorf("no page %q in language %q", name, lang)
	}
	if err := set.ExecuteTemplate(buffer, block, data); err != nil {
		return fmt.Errorf("render %s in %s: %w", name, lang, err)
	}
	return nil
}
