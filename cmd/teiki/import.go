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

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// ImportCmd brings the books of another cart in.
type ImportCmd struct {
	Products ImportProductsCmd `cmd:"" help:"Import goods from a CSV file (UTF-8 or Shift_JIS)."`
}

// ImportProductsCmd imports goods, all of a file or nothing of it.
type ImportProductsCmd struct {
	File     string `arg:"" help:"CSV file, one row a SKU."`
	DryRun   bool   `help:"Check the file and say what would change; write nothing."`
	Mapping  string `help:"JSON file that says which column holds what." placeholder:"FILE"`
	Store    string `help:"Slug of the store; needed where there are several." placeholder:"SLUG"`
	Lang     string `help:"Language of the report: ja, en, zh-Hans, zh-Hant." default:"ja" enum:"ja,en,zh-Hans,zh-Hant"`
	Data     string `help:"Folder of the SQLite database." default:"data" env:"TEIKI_DATA" placeholder:"DIR"`
	Database string `help:"PostgreSQL URL; without it SQLite is used." env:"TEIKI_DATABASE" placeholder:"URL"`
}

// Run is called by the command line.
func (c *ImportProductsCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *ImportProductsCmd) run(ctx context.Context, out io.Writer) (err error) {
	texts, err := i18n.Load()
	if err != nil {
		return fmt.Errorf("load the language catalogues: %w", err)
	}
	words := texts.For(i18n.Lang(c.Lang))
	in, err := c.input(words)
	if err != nil {
		return err
	}
	d, err := c.open(ctx, words)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	shop, err := c.store(ctx, d, words)
	if err != nil {
		return err
	}
	clock := &app.BusinessClock{}
	if err := clock.Load(ctx, d); err != nil {
		return fmt.Errorf("read the clock: %w", err)
	}
	in.StoreID, in.Now, in.NewID, in.RequestID = shop.ID, clock.Now(), app.NewID, app.NewID().String()
	var report importcsv.Report
	if c.DryRun {
		report, err = importcsv.CheckProducts(ctx, d, in)
	} else {
		report, err = importcsv.Products(ctx, d, in)
	}
	if err != nil {
		return importcsv.Refusal(words, err)
	}
	return errors.Join(report.Print(out, words), report.Err(words))
}

// input reads the file and the mapping.
func (c *ImportProductsCmd) input(words *i18n.Localizer) (in importcsv.ProductsInput, err error) {
	if in.Content, err = readFile(c.File); err != nil {
		return in, errors.New(words.T("import.file.unreadable", "Reason", err.Error()))
	}
	if in.Mapping, err = importcsv.ProductsPreset(); err != nil {
		return in, err
	}
	if c.Mapping == "" {
		return in, nil
	}
	file, err := readFile(c.Mapping)
	if err == nil {
		in.Mapping, err = in.Mapping.Override(file)
	}
	if err != nil {
		return in, errors.New(words.T("import.mapping", "Reason", err.Error()))
	}
	return in, nil
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

// open opens a database that is there. A mistyped folder would otherwise become
// a new, empty installation.
func (c *ImportProductsCmd) open(ctx context.Context, words *i18n.Localizer) (*db.DB, error) {
	if c.Database == "" {
		path := filepath.Join(c.Data, "teiki.db")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New(words.T("import.database.none", "Path", path))
		}
	}
	return app.OpenDatabase(ctx, c.Data, c.Database)
}

// store is the one that was named, or the only one.
func (c *ImportProductsCmd) store(ctx context.Context, d *db.DB, words *i18n.Localizer) (store.Store, error) {
	stores, err := db.Stores(ctx, d)
	if err != nil {
		return store.Store{}, fmt.Errorf("read the stores: %w", err)
	}
	slugs := make([]string, len(stores))
	for i, s := range stores {
		if s.Slug == c.Store {
			return s, nil
		}
		slugs[i] = s.Slug
	}
	list := strings.Join(slugs, ", ")
	switch {
	case len(stores) == 0:
		return store.Store{}, errors.New(words.T("import.store.none"))
	case c.Store != "":
		return store.Store{}, errors.New(words.T("import.store.unknown", "Store", c.Store, "Stores", list))
	case len(stores) > 1:
		return store.Store{}, errors.New(words.T("import.store.choose", "Stores", list))
	default:
		return stores[0], nil
	}
}
