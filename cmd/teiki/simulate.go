package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// simulateCmd runs a copy of a store forward in time and says what happened.
type simulateCmd struct {
	From           string  `help:"First day, such as 2026-12-01; today where none is given." placeholder:"DATE"`
	To             string  `help:"Last day; three months from the first where none is given." placeholder:"DATE"`
	Store          string  `help:"Slug of the store; needed where there are several." placeholder:"SLUG"`
	CSV            string  `name:"csv" help:"File for a row a day; - for standard output instead of the tables." placeholder:"FILE"`
	Declined       float64 `help:"Percentage of stored cards that are declined." default:"6"`
	Authentication float64 `help:"Percentage of stored cards that ask for the cardholder (3-D Secure)." default:"1"`
	Missing        float64 `help:"Percentage of stored cards that the gateway no longer knows." default:"1"`
	Lang           string  `help:"Language of the report: ja, en, zh-Hans, zh-Hant." default:"ja" enum:"ja,en,zh-Hans,zh-Hant"`
	Data           string  `help:"Folder of the SQLite database." default:"data" env:"TEIKI_DATA" placeholder:"DIR"`
	Database       string  `help:"PostgreSQL URL; without it SQLite is used." env:"TEIKI_DATABASE" placeholder:"URL"`
}

// Run is called by the command line.
func (c simulateCmd) Run(ctx context.Context) error { return c.run(ctx, os.Stdout, os.Stderr) }

// run writes the result to out and how far it has come to progress.
func (c simulateCmd) run(ctx context.Context, out, progress io.Writer) (err error) {
	texts, err := i18n.Load()
	if err != nil {
		return fmt.Errorf("load the language catalogues: %w", err)
	}
	words := texts.For(i18n.Lang(c.Lang))
	source, err := app.OpenSource(ctx, c.Data, c.Database)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New(words.T("simulation.fault.database", "Path", c.Data))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	run, err := c.simulation(ctx, source, words)
	if err != nil {
		return spoken(words, err)
	}
	run.Progress = shown(progress, words)
	result, err := run.Run(ctx, source, texts)
	if err != nil {
		return spoken(words, err)
	}
	return c.print(out, run.Store, result, words)
}

// simulation reads what is to be simulated.
func (c simulateCmd) simulation(ctx context.Context, source *db.DB, words *i18n.Localizer) (run app.Simulation, err error) {
	if run.Store, err = c.store(ctx, source, words); err != nil {
		return run, err
	}
	clock, err := app.SourceClock(ctx, source)
	if err != nil {
		return run, err
	}
	run.From = calendar.DateOf(clock.Now().In(run.Store.Location()))
	if err := readDate(c.From, "from", &run.From); err != nil {
		return run, err
	}
	const days = 90
	run.To = run.From.AddDays(days - 1)
	if err := readDate(c.To, "to", &run.To); err != nil {
		return run, err
	}
	run.Cards = simulation.Cards{
		Declined: basisPoints(c.Declined), Authentication: basisPoints(c.Authentication), Missing: basisPoints(c.Missing),
	}
	return run, nil
}

func readDate(given, field string, into *calendar.Date) error {
	if given == "" {
		return nil
	}
	date, err := calendar.ParseDate(given)
	if err != nil {
		return fault.Field(field, "simulation.fault.date.form", "Given", given)
	}
	*into = date
	return nil
}

func basisPoints(percent float64) int { return int(math.Round(percent * 100)) }

// store is the one that was named, or the only one.
func (c simulateCmd) store(ctx context.Context, source *db.DB, words *i18n.Localizer) (store.Store, error) {
	stores, err := db.Stores(ctx, source)
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
		return store.Store{}, errors.New(words.T("simulation.fault.store.none"))
	case c.Store != "":
		return store.Store{}, errors.New(words.T("simulation.fault.store.unknown", "Store", c.Store, "Stores", list))
	case len(stores) > 1:
		return store.Store{}, errors.New(words.T("simulation.fault.store.choose", "Stores", list))
	default:
		return stores[0], nil
	}
}

// spoken puts what a person can mend into words, and leaves the rest.
func spoken(words *i18n.Localizer, err error) error {
	faults := fault.All(err)
	if len(faults) == 0 {
		return err
	}
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = words.Fault(f)
		if f.Field != "" {
			texts[i] = "--" + f.Field + ": " + texts[i]
		}
	}
	return errors.New(strings.Join(texts, "\n"))
}

// shown tells of each month that begins.
func shown(out io.Writer, words *i18n.Localizer) func(calendar.Date) {
	var last calendar.Date
	return func(d calendar.Date) {
		if d.Year == last.Year && d.Month == last.Month {
			return
		}
		last = d
		fmt.Fprintln(out, words.T("simulation.at", "Date", words.DateYear(d)))
	}
}

func (c simulateCmd) print(out io.Writer, shop store.Store, r simulation.Result, words *i18n.Localizer) (err error) {
	if c.CSV == "-" {
		return app.WriteSimulationCSV(out, r, words)
	}
	if err := app.PrintSimulation(out, shop.Slug, r, words); err != nil || c.CSV == "" {
		return err
	}
	file, err := os.Create(c.CSV)
	if err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := app.WriteSimulationCSV(file, r, words); err != nil {
		return fmt.Errorf("write the CSV: %w", err)
	}
	fmt.Fprintln(out, words.T("simulation.csv.written", "Path", c.CSV))
	return nil
}
