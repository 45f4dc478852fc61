package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/bojanz/currency"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

//go:embed catalog/*.json
var embedded embed.FS

// Catalog holds every text in every language. It does not change after Load and
// may be used from many goroutines.
type Catalog struct {
	localizers map[Lang]*Localizer
	missing    atomic.Int64
	onMissing  atomic.Pointer[func(Lang, string)]
}

// Load reads the embedded catalogues. A key that stands in two areas, a file of
// an unknown language and a text that is no text are errors.
func Load() (*Catalog, error) {
	files, err := fs.Sub(embedded, "catalog")
	if err != nil {
		return nil, fmt.Errorf("opening the catalogues: %w", err)
	}
	return loadFrom(files)
}

func loadFrom(files fs.FS) (*Catalog, error) {
	c := &Catalog{localizers: map[Lang]*Localizer{}}
	for _, l := range Langs {
		c.localizers[l] = &Localizer{
			lang: l, tag: l.tag(), catalog: c, messages: map[string]message{},
			currencies: currency.NewFormatter(currency.NewLocale(string(l))),
		}
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing the catalogues: %w", err)
	}
	origin := map[Lang]map[string]string{}
	for _, name := range names {
		if err := c.add(files, name, origin); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
	}
	return c, nil
}

// add reads one file <area>.<lang>.json. origin remembers which file a key came
// from, to name both where it comes twice.
func (c *Catalog) add(files fs.FS, name string, origin map[Lang]map[string]string) error {
	area, tag, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".json"), ".")
	lang, known := Parse(tag)
	if !ok || area == "" || !known {
		return errors.New("the name is not <area>.<lang>.json with a language of ours")
	}
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	parsed, err := goi18n.ParseMessageFileBytes(content, name, nil)
	if err != nil {
		return fmt.Errorf("parsing: %w", err)
	}
	if origin[lang] == nil {
		origin[lang] = map[string]string{}
	}
	for _, m := range parsed.Messages {
		if other, taken := origin[lang][m.ID]; taken {
			return fmt.Errorf("%s stands in %s too", m.ID, other)
		}
		origin[lang][m.ID] = name
		compiled, err := compileMessage(m)
		if err != nil {
			return err
		}
		c.localizers[lang].messages[m.ID] = compiled
	}
	return nil
}

// For is the voice of a language; Japanese for one that is not ours.
func (c *Catalog) For(lang Lang) *Localizer {
	if l, ok := c.localizers[lang]; ok {
		return l
	}
	return c.localizers[Ja]
}

// Keys lists the keys of a language, sorted.
func (c *Catalog) Keys(lang Lang) []string {
	var keys []string
	for key := range c.For(lang).messages {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Missing counts how often a key was asked for that has no text.
func (c *Catalog) Missing() int64 { return c.missing.Load() }

// OnMissing sets what else happens then: tests fail, the server logs.
func (c *Catalog) OnMissing(hook func(lang Lang, key string)) { c.onMissing.Store(&hook) }

func (c *Catalog) miss(lang Lang, key string) {
	c.missing.Add(1)
	if hook := c.onMissing.Load(); hook != nil {
		(*hook)(lang, key)
	}
}
