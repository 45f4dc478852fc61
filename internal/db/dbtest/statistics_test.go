package dbtest_test

import (
	"context"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestTablesThatHaveGrownAreCounted(t *testing.T) {
	d := dbtest.Open(t, db.Postgres)
	newID := fixture.IDs()
	counted := func() (tables []string) {
		t.Helper()
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return tx.Scan(ctx, &tables, `SELECT DISTINCT tablename FROM pg_stats
				WHERE schemaname = current_schema() AND tablename IN ('audit', 'orders') ORDER BY 1 /* all stores */`)
		})
		return tables
	}
	if got := counted(); len(got) != 0 {
		t.Fatalf("counted before: %v", got)
	}
	if err := db.CountTables(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := counted(); len(got) != 0 {
		t.Errorf("counted although they are empty: %v", got)
	}
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		lines := make([]audit.Line, 3000)
		for i := range lines {
			lines[i] = audit.Line{ID: newID(), At: fixture.Start, Actor: audit.System, Verb: "test", Noun: "order", NounID: newID()}
		}
		return db.WriteAudit(ctx, tx, 1, lines)
	})
	if err := db.CountTables(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := counted(); len(got) != 1 || got[0] != "audit" {
		t.Errorf("counted %v, want audit", got)
	}
}
