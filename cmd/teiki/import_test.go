package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

const books = "../../internal/flow/importcsv/testdata/"

// imported runs the command in the folder of a database with stores hibari-1 and
// hibari-2.
func imported(t *testing.T, data string, change func(*ImportProductsCmd)) (string, error) {
	t.Helper()
	c := ImportProductsCmd{ImportOptions{File: books + "products.csv", Store: "hibari-1", Lang: "en", Data: data}}
	change(&c)
	var out bytes.Buffer
	err := c.run(t.Context(), &out)
	return out.String(), err
}

func TestImportSaysWhatItDid(t *testing.T) {
	data := filepath.Dir(dbtest.URL(t, db.SQLite))
	for _, step := range []struct {
		name   string
		dryRun bool
		want   []string
	}{
		{"a dry run", true, []string{"Read 22 rows (CP932).", "Products: 10 new, 0 changed, 0 unchanged", "nothing was written"}},
		{"the import", false, []string{"Variants: 22 new, 0 changed, 0 unchanged", "Imported."}},
		{"the import again", false, []string{"Products: 0 new, 0 changed, 10 unchanged", "Everything in the file was there already."}},
	} {
		out, err := imported(t, data, func(c *ImportProductsCmd) { c.DryRun = step.dryRun })
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		for _, want := range step.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s does not say %q:\n%s", step.name, want, out)
			}
		}
	}
}

func TestImportThatCannotBeSaysWhy(t *testing.T) {
	data := filepath.Dir(dbtest.URL(t, db.SQLite))
	nowhere := t.TempDir()
	broken := filepath.Join(nowhere, "mapping.json")
	if err := os.WriteFile(broken, []byte(`{"columns": {"colour": []}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*ImportProductsCmd)
		want   string
	}{
		{"no such file", func(c *ImportProductsCmd) { c.File = "no.csv" }, "The file cannot be read: open no.csv"},
		{"a folder", func(c *ImportProductsCmd) { c.File = nowhere }, "The file cannot be read"},
		{"bad rows", func(c *ImportProductsCmd) { c.File = books + "products-spoiled.csv" }, "34 rows have a problem. Nothing was imported."},
		{"no database", func(c *ImportProductsCmd) { c.Data = nowhere }, "There is no database at " + nowhere},
		{"no such store", func(c *ImportProductsCmd) { c.Store = "suzume" }, "There are: hibari-1, hibari-2"},
		{"which store", func(c *ImportProductsCmd) { c.Store = "" }, "Choose one with --store: hibari-1, hibari-2"},
		{"a mapping of an unknown field", func(c *ImportProductsCmd) { c.Mapping = broken }, `there is no field "colour"`},
	} {
		if _, err := imported(t, data, tc.change); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := os.Stat(filepath.Join(nowhere, "teiki.db")); err == nil {
		t.Error("a mistyped folder became a database")
	}
}
