package db

import (
	"context"
	"fmt"
	"strings"
)

// uncounted are the tables that have grown to a few pages or more, and to some times
// what they had when they were last counted.
const uncounted = `SELECT quote_ident(relname) AS name FROM pg_class
	WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
		AND pg_relation_size(oid) / current_setting('block_size')::int > GREATEST(?, relpages * ?)
	ORDER BY relname /* all stores */`

const (
	countedFrom   = 16 // pages: some hundred rows
	countedGrowth = 4
)

// CountTables has PostgreSQL count tables that have grown from nothing. Until then
// it takes a store for a two-hundredth of each table and reads the whole store
// where a few rows are asked for; it counts by itself only once a minute, which is
// longer than a new merchant's first renewals take. SQLite does without.
func CountTables(ctx context.Context, d *DB) error {
	if d.Engine != Postgres {
		return nil
	}
	rows, err := selectInto[tableRow](ctx, d, uncounted, countedFrom, countedGrowth)
	if err != nil || len(rows) == 0 {
		return doing("look for tables to count", err)
	}
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	if _, err := d.writer.ExecContext(ctx, "ANALYZE (SKIP_LOCKED) "+strings.Join(names, ", ")); err != nil {
		return fmt.Errorf("count tables: %w", err)
	}
	return nil
}

type tableRow struct{ Name string }
