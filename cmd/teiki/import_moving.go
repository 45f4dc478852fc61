package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

// ImportCustomersCmd imports customers, all of a file or nothing of it.
type ImportCustomersCmd struct {
	ImportOptions
}

// Run is called by the command line.
func (c *ImportCustomersCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *ImportCustomersCmd) run(ctx context.Context, out io.Writer) error {
	return c.move(ctx, out, importcsv.CustomersPreset, calendar.Date{}, importcsv.CheckCustomers, importcsv.Customers)
}

// ImportSubscriptionsCmd imports subscriptions, all of a file or nothing of it.
type ImportSubscriptionsCmd struct {
	ImportOptions

	Cutover string `help:"Day from which teiki renews them (2026-11-21); today without it." placeholder:"DATE"`
}

// Run is called by the command line.
func (c *ImportSubscriptionsCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *ImportSubscriptionsCmd) run(ctx context.Context, out io.Writer) error {
	var cutover calendar.Date
	if c.Cutover != "" {
		var err error
		if cutover, err = calendar.ParseDate(c.Cutover); err != nil {
			words, failed := wordsOf(c.Lang)
			if failed != nil {
				return failed
			}
			return errors.New(words.T("import.cutover", "Value", c.Cutover))
		}
	}
	return c.move(ctx, out, importcsv.SubscriptionsPreset, cutover, importcsv.CheckSubscriptions, importcsv.Subscriptions)
}

// move checks a file of customers or subscriptions, and imports it unless this is
// a dry run.
func (c *ImportOptions) move(
	ctx context.Context, out io.Writer, preset func() (importcsv.Mapping, error), cutover calendar.Date,
	check func(context.Context, db.Conn, importcsv.MovingInput) (importcsv.MovingReport, error),
	do func(context.Context, *db.DB, importcsv.MovingInput) (importcsv.MovingReport, error),
) error {
	return c.with(ctx, preset, func(p prepared) error {
		in := importcsv.MovingInput{
			StoreID: p.shop.ID, Content: p.content, Mapping: p.mapping, Cutover: cutover,
			NewID: app.NewID, Now: p.now, RequestID: app.NewID().String(),
		}
		var report importcsv.MovingReport
		var err error
		if c.DryRun {
			report, err = check(ctx, p.db, in)
		} else {
			report, err = do(ctx, p.db, in)
		}
		if err != nil {
			return importcsv.Refusal(p.words, err)
		}
		return errors.Join(report.Print(out, p.words), report.Err(p.words))
	})
}
