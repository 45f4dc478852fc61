package dbtest_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// plain is a value as both engines hold it, whatever their drivers make of it.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05.000000")
	case bool:
		return map[bool]string{false: "0", true: "1"}[v]
	case []byte:
		return hex.EncodeToString(v)
	case string:
		if id, err := ident.Parse(v); err == nil {
			return hex.EncodeToString(id[:])
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// content is every row of every table, by table.
func content(t *testing.T, pool *sql.DB, tables []string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range tables {
		all[table] = rowsOf(t, pool, `SELECT * FROM "`+table+`"`)
	}
	return all
}

func rowsOf(t *testing.T, pool *sql.DB, query string) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = columns[i] + "=" + plain(v)
		}
		slices.Sort(row)
		list = append(list, strings.Join(row, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// tablesOf are the tables of an SQLite file but for the migrations' own.
func tablesOf(t *testing.T, pool *sql.DB) []string {
	t.Helper()
	return texts(t, pool, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'")
}

func TestACopyHoldsEveryRowAndTheOriginalStaysAsItWas(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			url := dbtest.URL(t, engine)
			d, err := db.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			w := thread.New(t, d, 100)
			hana := w.Members(t, 3)[0]
			w.AdvanceTo(t, hana.Deadline(t)) // orders, charges, mails, ledgers
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "a #copy?.db")
			source, err := db.OpenReadOnly(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			before := fingerprint(t, engine, url)
			copied, err := source.Copy(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(copied.Close(), source.Close()); err != nil {
				t.Fatal(err)
			}
			if after := fingerprint(t, engine, url); after != before {
				t.Error("the original has changed")
			}
			made := raw(t, db.SQLite, "file:"+strings.ReplaceAll(strings.ReplaceAll(path, "#", "%23"), "?", "%3f"))
			tables := tablesOf(t, made)
			want := content(t, raw(t, engine, url), tables)
			if len(want["orders"]) != 6 || len(want["attempts"]) == 0 || len(want["outbox"]) == 0 || len(want["stock_ledger"]) == 0 {
				t.Fatalf("%d orders, %d attempts, %d mails: there is too little to compare",
					len(want["orders"]), len(want["attempts"]), len(want["outbox"]))
			}
			if diff := cmp.Diff(want, content(t, made, tables)); diff != "" {
				t.Errorf("original (-) and copy (+):\n%s", diff)
			}
		})
	}
}

// fingerprint changes with every byte of an SQLite file, and with every change of
// a PostgreSQL database.
func fingerprint(t *testing.T, engine db.Engine, url string) string {
	t.Helper()
	if engine == db.SQLite {
		file, err := os.ReadFile(url)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(file)
		return hex.EncodeToString(sum[:])
	}
	// every row carries the transaction that wrote it
	var all []string
	pool := raw(t, engine, url)
	for _, table := range texts(t, pool, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
		all = append(all, texts(t, pool, `SELECT count(*)::text || ' ' || coalesce(max(xmin::text::bigint), 0)::text FROM "`+table+`"`)...)
	}
	return strings.Join(all, " ")
}

func TestACopyReadsTheSameAsTheOriginal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		w.Members(t, 2)
		copied, err := d.Copy(t.Context(), filepath.Join(t.TempDir(), "copy.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = copied.Close() }()
		want := must(db.OrderList(t.Context(), d, 1, db.OrderFilter{Limit: 10}))(t)
		if diff := cmp.Diff(want, must(db.OrderList(t.Context(), copied, 1, db.OrderFilter{Limit: 10}))(t)); diff != "" {
			t.Error(diff)
		}
		if next, ok, err := db.NextDue(t.Context(), copied, db.QueueSubscriptions); err != nil || !ok || next.Location() != time.UTC {
			t.Errorf("the copy's next deadline is %s (%t, %v)", next, ok, err)
		}
	})
}

func TestADatabaseOpenedToReadRefusesToWrite(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			d, err := db.OpenReadOnly(t.Context(), dbtest.URL(t, engine))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return db.InsertStore(ctx, tx, fixture.Shop(3), fixture.Start)
			}); err == nil {
				t.Error("a store was written")
			}
			if stores := must(db.Stores(t.Context(), d))(t); len(stores) != len(dbtest.Stores) {
				t.Errorf("%d stores", len(stores))
			}
		})
	}
	nowhere := filepath.Join(t.TempDir(), "teiki.db")
	if _, err := db.OpenReadOnly(t.Context(), nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := os.Stat(nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it was made")
	}
}

func TestADatabaseOfAnotherReleaseIsNotCopied(t *testing.T) {
	url := dbtest.URL(t, db.Postgres)
	pool := raw(t, db.Postgres, url)
	for _, tc := range []struct {
		statement string
		want      error
	}{
		{"UPDATE goose_db_version SET version_id = version_id + 99 WHERE version_id > 0", db.ErrNewerSchema},
		{"DELETE FROM goose_db_version WHERE version_id > 0", db.ErrOlderSchema},
	} {
		if _, err := pool.ExecContext(t.Context(), tc.statement); err != nil {
			t.Fatal(err)
		}
		d, err := db.OpenReadOnly(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Copy(t.Context(), filepath.Join(t.TempDir(), "copy.db")); !errors.Is(err, tc.want) {
			t.Errorf("%v, want %v", err, tc.want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
