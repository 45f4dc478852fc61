package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// ImportCmd brings the books of another cart in.
type ImportCmd struct {
	Products      ImportProductsCmd      `cmd:"" help:"Import goods from a CSV file (UTF-8 or Shift_JIS)."`
	Customers     ImportCustomersCmd     `cmd:"" help:"Import customers from a CSV file (UTF-8 or Shift_JIS)."`
	Subscriptions ImportSubscriptionsCmd `cmd:"" help:"Import running and ended subscriptions from a CSV file (UTF-8 or Shift_JIS)."`
}

// ImportOptions are what all imports take.
type ImportOptions struct {
	File     string `arg:"" help:"CSV file with a header row."`
	DryRun   bool   `help:"Check the file and say what would change; write nothing."`
	Mapping  string `help:"JSON file that says which column holds what." placeholder:"FILE"`
	Store    string `help:"Slug of the store; needed where there are several." placeholder:"SLUG"`
	Lang     string `help:"Language of the report: ja, en, zh-Hans, zh-Hant." default:"ja" enum:"ja,en,zh-Hans,zh-Hant"`
	Data     string `help:"Folder of the SQLite database." default:"data" env:"TEIKI_DATA" placeholder:"DIR"`
	Database string `help:"PostgreSQL URL; without it SQLite is used." env:"TEIKI_DATABASE" placeholder:"URL"`
}

// ImportProductsCmd imports goods, all of a file or nothing of it.
type ImportProductsCmd struct {
	ImportOptions
}

// Run is called by the command line.
func (c *ImportProductsCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *ImportProductsCmd) run(ctx context.Context, out io.Writer) error {
	return c.with(ctx, importcsv.ProductsPreset, func(p prepared) error {
		in := importcsv.ProductsInput{
			StoreID: p.shop.ID, Content: p.content, Mapping: p.mapping,
			NewID: app.NewID, Now: p.now, RequestID: app.NewID().String(),
		}
		var report importcsv.Report
		var err error
		if c.DryRun {
			report, err = importcsv.CheckProducts(ctx, p.db, in)
		} else {
			report, err = importcsv.Products(ctx, p.db, in)
		}
		if err != nil {
			return importcsv.Refusal(p.words, err)
		}
		return errors.Join(report.Print(out, p.words), report.Err(p.words))
	})
}

// prepared is what an import begins with.
type prepared struct {
	words   *i18n.Localizer
	content []byte
	mapping importcsv.Mapping
	db      *db.DB
	shop    store.Store
	now     time.Time
}

// with reads what the options name, opens the database and does the import.
func (c *ImportOptions) with(ctx context.Context, preset func() (importcsv.Mapping, error), do func(prepared) error) (err error) {
	p := prepared{}
	if p.words, err = wordsOf(c.Lang); err != nil {
		return err
	}
	if p.content, p.mapping, err = c.input(p.words, preset); err != nil {
		return err
	}
	open := app.OpenDatabase
	if c.DryRun {
		open = app.OpenSource // the database itself refuses to be written, and is not migrated
	}
	if p.db, err = openExisting(ctx, open, c.Data, c.Database, p.words); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	if p.shop, err = storeNamed(ctx, p.db, c.Store, p.words); err != nil {
		return err
	}
	clock := &app.BusinessClock{}
	if err := clock.Load(ctx, p.db); err != nil {
		return fmt.Errorf("read the clock: %w", err)
	}
	p.now = clock.Now()
	return do(p)
}

func wordsOf(lang string) (*i18n.Localizer, error) {
	texts, err := i18n.Load()
	if err != nil {
		return nil, fmt.Errorf("load the language catalogues: %w", err)
	}
	return texts.For(i18n.Lang(lang)), nil
}

// input reads the file and the mapping.
func (c *ImportOptions) input(words *i18n.Localizer, preset func() (importcsv.Mapping, error)) ([]byte, importcsv.Mapping, error) {
	content, err := readFile(c.File)
	if err != nil {
		return nil, importcsv.Mapping{}, errors.New(words.T("import.file.unreadable", "Reason", err.Error()))
	}
	mapping, err := mappingOf(c.Mapping, words, preset)
	return content, mapping, err
}

// mappingOf is the preset, with a file over it where one is named.
func mappingOf(path string, words *i18n.Localizer, preset func() (importcsv.Mapping, error)) (importcsv.Mapping, error) {
	mapping, err := preset()
	if err != nil || path == "" {
		return mapping, err
	}
	file, err := readFile(path)
	if err == nil {
		mapping, err = mapping.Override(file)
	}
	if err != nil {
		return mapping, errors.New(words.T("import.mapping", "Reason", err.Error()))
	}
	return mapping, nil
}

// readFile reads one byte more than an import takes, which is enough to refuse.
func readFile(path string) (content []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, importcsv.MaxFile+1))
}

// opener opens the database of a place, to write or to read only.
type opener func(ctx context.Context, dataDir, databaseURL string) (*db.DB, error)

// openExisting opens a database that is there. A mistyped folder would otherwise
// become a new, empty installation.
func openExisting(ctx context.Context, open opener, data, database string, words *i18n.Localizer) (*db.DB, error) {
	if database == "" {
		path := filepath.Join(data, "teiki.db")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New(words.T("import.database.none", "Path", path))
		}
	}
	return open(ctx, data, database)
}

// storeNamed is the one that was named, or the only one.
func storeNamed(ctx context.Context, d *db.DB, slug string, words *i18n.Localizer) (store.Store, error) {
	stores, err := db.Stores(ctx, d)
	if err != nil {
		return store.Store{}, fmt.Errorf("read the stores: %w", err)
	}
	slugs := make([]string, len(stores))
	for i, s := range stores {
		if s.Slug == slug {
			return s, nil
		}
		slugs[i] = s.Slug
	}
	list := strings.Join(slugs, ", ")
	switch {
	case len(stores) == 0:
		return store.Store{}, errors.New(words.T("import.store.none"))
	case slug != "":
		return store.Store{}, errors.New(words.T("import.store.unknown", "Store", slug, "Stores", list))
	case len(stores) > 1:
		return store.Store{}, errors.New(words.T("import.store.choose", "Stores", list))
	default:
		return stores[0], nil
	}
}
