package dbtest_test

import (
	"context"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// write runs fn in a write transaction that must succeed.
func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// try runs fn in a write transaction and returns its error.
func try(t *testing.T, d *db.DB, fn func(ctx context.Context, tx db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), fn)
}

// must fails the test on an error and else hands the value on.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
