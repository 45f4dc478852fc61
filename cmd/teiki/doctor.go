package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

type doctorCmd struct {
	app.Place

	Lang string `help:"Language of the report: ja, en, zh-Hans, zh-Hant." default:"ja" enum:"ja,en,zh-Hans,zh-Hant"`
}

// Run is called by the command line.
func (c doctorCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

// run examines the installation, writes what it finds, and fails where anything is
// in the way of selling.
func (c doctorCmd) run(ctx context.Context, out io.Writer) error {
	texts, err := i18n.Load()
	if err != nil {
		return fmt.Errorf("load the language catalogues: %w", err)
	}
	words := texts.For(i18n.Lang(c.Lang))
	findings, err := app.Examine(ctx, c.Place, words)
	if err != nil {
		return err
	}
	if err := app.PrintFindings(out, findings, words); err != nil {
		return err
	}
	return app.Verdict(findings, words)
}
