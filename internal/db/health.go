package db

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

type countRow struct{ N int64 }

// SchemaVersions are the version of the database's schema, 0 where it has none
// yet, and the one this program knows. Nothing is written.
func (d *DB) SchemaVersions(ctx context.Context) (have, known int64, err error) {
	files, err := fs.Glob(migrations, "migrations/"+string(d.Engine)+"/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("find migrations: %w", err)
	}
	for _, f := range files {
		version, err := goose.NumericComponent(f)
		if err != nil {
			return 0, 0, fmt.Errorf("read the version of %s: %w", f, err)
		}
		known = max(known, version)
	}
	tables := "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if d.Engine == Postgres {
		tables = `SELECT count(*) AS n FROM information_schema.tables
			WHERE table_schema = current_schema() AND table_name = 'goose_db_version'`
	}
	there, err := one(selectInto[countRow](ctx, d, tables))
	if err != nil || there.N == 0 {
		return 0, known, err
	}
	row, err := one(selectInto[countRow](ctx, d, "SELECT COALESCE(max(version_id), 0) AS n FROM goose_db_version WHERE is_applied"))
	return row.N, known, err
}

type nowRow struct{ Now instant }

// Now is the time by the clock of the database's machine, to the millisecond.
func (d *DB) Now(ctx context.Context) (time.Time, error) {
	query := "SELECT strftime('%Y-%m-%d %H:%M:%f+00:00', 'now') AS now"
	if d.Engine == Postgres {
		query = "SELECT now() AS now"
	}
	row, err := one(selectInto[nowRow](ctx, d, query))
	return row.Now.time(), err
}
