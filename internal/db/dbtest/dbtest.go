// Package dbtest opens empty, migrated databases with two stores for the tests
// of every package, on both engines, and watches that no statement reads or
// writes across stores. Its own tests are the suite of the storage package.
//
// A package that uses it has `func TestMain(m *testing.M) { dbtest.Main(m) }`.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/pgtest"
)

// Engines are all that teiki runs on.
var Engines = []db.Engine{db.SQLite, db.Postgres}

// Stores are the ids of the stores that every database has.
var Stores = []int64{1, 2}

// Main runs the tests of a package and stops the PostgreSQL they started.
func Main(m *testing.M) { pgtest.Main(m) }

// Each runs a test on both engines, each time in an empty database of its own
// with stores 1 and 2.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(string(engine), func(t *testing.T) { test(t, Open(t, engine)) })
	}
}

// Open opens such a database; it is gone when the test ends. A statement that
// does not keep to one store fails the test.
func Open(t testing.TB, engine db.Engine) *db.DB {
	t.Helper()
	return open(t, URL(t, engine)).Watch(isolation(t))
}

// URL makes such a database and returns its address, for tests that open it
// themselves or from another process.
func URL(t testing.TB, engine db.Engine) string {
	t.Helper()
	if engine == db.SQLite {
		path := filepath.Join(t.TempDir(), "teiki.db")
		if err := copyTemplate(path); err != nil {
			t.Fatalf("copy the SQLite template: %v", err)
		}
		return path
	}
	cluster := pgtest.Shared(t)
	return cluster.CreateDatabase(t, cluster.Template(t, "teiki", prepare))
}

// Empty makes a database without any table and returns its address.
func Empty(t testing.TB, engine db.Engine) string {
	t.Helper()
	if engine == db.SQLite {
		return filepath.Join(t.TempDir(), "teiki.db")
	}
	return pgtest.Shared(t).CreateDatabase(t, "")
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the test database: %v", err)
		}
	})
	return d
}

// prepare migrates a database and puts the two stores in.
func prepare(url string) (err error) {
	ctx := context.Background()
	d, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	return d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, id := range Stores {
			if err := db.InsertStore(ctx, tx, fixture.Shop(id), fixture.Start); err != nil {
				return err
			}
		}
		return nil
	})
}

// sqliteTemplate is the migrated file, made once for a test binary.
var sqliteTemplate = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "teiki-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "teiki.db")
	if err := prepare(path); err != nil {
		return nil, fmt.Errorf("prepare it: %w", err)
	}
	// Closing has moved the log into the file.
	return os.ReadFile(path)
})

func copyTemplate(path string) error {
	content, err := sqliteTemplate()
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}
