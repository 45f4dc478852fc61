package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// simulated runs the command on a database with stores hibari-1 and hibari-2.
func simulated(t *testing.T, data string, change func(*simulateCmd)) (string, error) {
	t.Helper()
	c := simulateCmd{Store: "hibari-1", Lang: "en", Data: data, Declined: 6}
	change(&c)
	var out bytes.Buffer
	err := c.run(t.Context(), &out, &bytes.Buffer{})
	return out.String(), err
}

func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

func TestSimulationIsPrintedAndWrittenAsCSV(t *testing.T) {
	url := dbtest.URL(t, db.SQLite)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	fixture.Product(t, d, fixture.IDs(), 1, "HB-BLEND", 30)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "days.csv")
	out, err := simulated(t, filepath.Dir(url), func(c *simulateCmd) { c.From, c.To, c.CSV = inDays(1), inDays(10), file })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hibari-1: simulation from ", "6% are declined", "By month", "By day", "HB-BLEND-200g", "CSV written to " + file} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	piped, err := simulated(t, filepath.Dir(url), func(c *simulateCmd) { c.From, c.To, c.CSV = inDays(1), inDays(10), "-" })
	if err != nil || piped != string(content) {
		t.Errorf("standard output (%v) differs from the file:\n%s", err, piped)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil || len(rows) != 11 || rows[0][0] != "Date" || rows[1][0] != inDays(1) || rows[10][0] != inDays(10) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestSimulationThatCannotBeSaysWhy(t *testing.T) {
	data := filepath.Dir(dbtest.URL(t, db.SQLite))
	nowhere := t.TempDir()
	for _, tc := range []struct {
		name   string
		change func(*simulateCmd)
		want   string
	}{
		{"no database", func(c *simulateCmd) { c.Data = nowhere }, "There is no database at " + nowhere},
		{"no such store", func(c *simulateCmd) { c.Store = "suzume" }, "There are: hibari-1, hibari-2"},
		{"which store", func(c *simulateCmd) { c.Store = "" }, "Choose one with --store: hibari-1, hibari-2"},
		{"no date", func(c *simulateCmd) { c.From = "tomorrow" }, "--from: Write the date like 2026-11-21, not tomorrow."},
		{"ends before it begins", func(c *simulateCmd) { c.From, c.To = inDays(3), inDays(2) }, "--to: The last day must not be before the first."},
		{"too long", func(c *simulateCmd) { c.To = inDays(800) }, "--to: The period may be two years at most."},
		{"too many cards", func(c *simulateCmd) { c.Declined = 101 }, "--declined: Enter a share from 0 to 100."},
		{"no PostgreSQL", func(c *simulateCmd) { c.Database = "mysql://u:secret@h/d" }, `must begin with postgres://, not "mysql"`},
	} {
		if _, err := simulated(t, data, tc.change); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := os.Stat(filepath.Join(nowhere, "teiki.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a mistyped folder became a database")
	}
}
