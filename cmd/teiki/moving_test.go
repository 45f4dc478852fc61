package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// moved runs one of the commands in the folder of a database with stores hibari-1
// and hibari-2.
func moved(t *testing.T, data, file string, change func(*ImportSubscriptionsCmd)) (string, error) {
	t.Helper()
	c := ImportSubscriptionsCmd{
		ImportOptions: ImportOptions{File: books + file, Store: "hibari-1", Lang: "en", Data: data}, Cutover: "2026-11-21",
	}
	if change != nil {
		change(&c)
	}
	var out bytes.Buffer
	var err error
	switch file {
	case "products.csv":
		err = (&ImportProductsCmd{c.ImportOptions}).run(t.Context(), &out)
	case "customers.csv":
		err = (&ImportCustomersCmd{c.ImportOptions}).run(t.Context(), &out)
	default:
		err = c.run(t.Context(), &out)
	}
	return out.String(), err
}

// dataVersion is the database's file with what is not written into it yet.
func dataVersion(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return append(content, log...)
}

func TestABookMovesInAndOut(t *testing.T) {
	url := dbtest.URL(t, db.SQLite)
	data := filepath.Dir(url)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	fixture.Store(t, d, 1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	dry := func(c *ImportSubscriptionsCmd) { c.DryRun = true }
	for _, step := range []struct {
		name, file string
		change     func(*ImportSubscriptionsCmd)
		want       []string
	}{
		{"goods", "products.csv", nil, []string{"Imported."}},
		{"customers, dry", "customers.csv", dry, []string{"Customers: 188 new, 0 imported before", "nothing was written"}},
		{"customers", "customers.csv", nil, []string{"Customers: 188 new", "Imported."}},
		{"subscriptions, dry", "subscriptions.csv", dry, []string{
			"Subscriptions: 242 new, 0 imported before", "State: running 163, ", "card failing 17", "5 running rows have a next delivery",
			"nothing was written",
		}},
		{"subscriptions", "subscriptions.csv", nil, []string{"Imported."}},
		{"subscriptions again", "subscriptions.csv", nil, []string{"0 new, 242 imported before", "there already."}},
	} {
		before := dataVersion(t, url)
		out, err := moved(t, data, step.file, step.change)
		if err != nil {
			t.Fatalf("%s: %v\n%s", step.name, err, out)
		}
		if step.change != nil && !bytes.Equal(before, dataVersion(t, url)) {
			t.Errorf("%s writes to the database", step.name)
		}
		for _, want := range step.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s does not say %q:\n%s", step.name, want, out)
			}
		}
	}
	want, err := os.ReadFile(books + "subscriptions.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got, notes bytes.Buffer
	c := ExportSubscriptionsCmd{Encoding: "cp932", Store: "hibari-1", Lang: "en", Data: data}
	if err := c.run(t.Context(), &got, &notes); err != nil || notes.Len() > 0 || !bytes.Equal(want, got.Bytes()) {
		t.Errorf("the export differs from what moved in: %v, %s", err, notes.String())
	}
	got.Reset()
	c.Encoding = "utf-8"
	if err := c.run(t.Context(), &got, &notes); err != nil {
		t.Fatal(err)
	}
	if plain, err := japanese.ShiftJIS.NewDecoder().Bytes(want); err != nil || !bytes.Equal(plain, got.Bytes()) {
		t.Errorf("the export in UTF-8 differs: %v", err)
	}
}

func TestMovingThatCannotBeSaysWhy(t *testing.T) {
	data := filepath.Dir(dbtest.URL(t, db.SQLite))
	for _, tc := range []struct {
		name, file string
		change     func(*ImportSubscriptionsCmd)
		want       string
	}{
		{"a cut-over that is no day", "subscriptions.csv", func(c *ImportSubscriptionsCmd) { c.Cutover = "2026-02-30" }, "“2026-02-30” is not a date"},
		{"goods and customers are not there yet", "subscriptions.csv", nil, "242 rows have a problem. Nothing was imported."},
		{"spoiled customers", "customers-spoiled.csv", nil, "The column"},
		{"no database", "customers.csv", func(c *ImportSubscriptionsCmd) { c.Data = t.TempDir() }, "There is no database at"},
	} {
		if _, err := moved(t, data, tc.file, tc.change); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	export := ExportSubscriptionsCmd{Encoding: "cp932", Lang: "en", Data: t.TempDir()}
	var out bytes.Buffer
	if err := export.run(t.Context(), &out, &out); err == nil || out.Len() > 0 {
		t.Errorf("an export without a database: %v, %s", err, out.String())
	}
}
