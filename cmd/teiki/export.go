package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/flow/exportcsv"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

// ExportCmd writes a store's books for another system or a spreadsheet.
type ExportCmd struct {
	Subscriptions ExportSubscriptionsCmd `cmd:"" help:"Write all subscriptions as CSV to standard output."`
}

// ExportSubscriptionsCmd writes subscriptions with the columns that an import
// reads.
type ExportSubscriptionsCmd struct {
	Encoding string `help:"Encoding of the file: utf-8 or cp932 (Shift_JIS)." default:"utf-8" enum:"utf-8,cp932"`
	Mapping  string `help:"JSON file that says how columns and words are named." placeholder:"FILE"`
	Store    string `help:"Slug of the store; needed where there are several." placeholder:"SLUG"`
	Lang     string `help:"Language of messages: ja, en, zh-Hans, zh-Hant." default:"ja" enum:"ja,en,zh-Hans,zh-Hant"`
	Data     string `help:"Folder of the SQLite database." default:"data" env:"TEIKI_DATA" placeholder:"DIR"`
	Database string `help:"PostgreSQL URL; without it SQLite is used." env:"TEIKI_DATABASE" placeholder:"URL"`
}

// Run is called by the command line.
func (c *ExportSubscriptionsCmd) Run(ctx context.Context) error {
	return c.run(ctx, os.Stdout, os.Stderr)
}

// run writes the file to out and what a person should know of it to notes.
func (c *ExportSubscriptionsCmd) run(ctx context.Context, out, notes io.Writer) (err error) {
	words, err := wordsOf(c.Lang)
	if err != nil {
		return err
	}
	in := exportcsv.Input{}
	if in.Encoding, err = exportcsv.EncodingNamed(c.Encoding); err != nil {
		return err
	}
	if in.Mapping, err = mappingOf(c.Mapping, words, importcsv.SubscriptionsPreset); err != nil {
		return err
	}
	d, err := openExisting(ctx, app.OpenSource, c.Data, c.Database, words)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	shop, err := storeNamed(ctx, d, c.Store, words)
	if err != nil {
		return err
	}
	clock := &app.BusinessClock{}
	if err := clock.Load(ctx, d); err != nil {
		return fmt.Errorf("read the clock: %w", err)
	}
	in.StoreID, in.Now = shop.ID, clock.Now()
	buffered := bufio.NewWriter(out)
	report, err := exportcsv.Subscriptions(ctx, d, in, buffered)
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return fmt.Errorf("write the subscriptions: %w", err)
	}
	if report.Lost == 0 {
		return nil
	}
	_, err = fmt.Fprintln(notes, words.Plural("export.lost", report.Lost))
	return err
}
