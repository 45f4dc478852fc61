package dbtest_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

// raw opens a database without teiki, to look at what lies in it.
func raw(t *testing.T, engine db.Engine, url string) *sql.DB {
	t.Helper()
	driver := map[db.Engine]string{db.SQLite: "sqlite", db.Postgres: "pgx"}[engine]
	pool, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// texts reads rows of texts, each joined by spaces.
func texts(t *testing.T, pool *sql.DB, query string) []string {
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
	var list []string
	for rows.Next() {
		values := make([]string, len(columns))
		targets := make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.Join(values, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// Each query gives "table column nullable type", the type in words of both.
const (
	sqliteColumns = `SELECT m.name, c.name,
			CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END,
			CASE c.type WHEN 'TEXT' THEN 'text' WHEN 'INTEGER' THEN 'number' WHEN 'BOOLEAN' THEN 'boolean'
				WHEN 'BLOB' THEN 'bytes' WHEN 'TIMESTAMP' THEN 'instant' WHEN 'DATE' THEN 'date' ELSE c.type END
		FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`
	postgresColumns = `SELECT table_name, column_name, is_nullable,
			CASE data_type WHEN 'integer' THEN 'number' WHEN 'bigint' THEN 'number' WHEN 'uuid' THEN 'bytes'
				WHEN 'bytea' THEN 'bytes' WHEN 'timestamp with time zone' THEN 'instant' ELSE data_type END
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`
	// Keys and UNIQUE constraints have names of the engine's own; they are
	// compared by their columns.
	sqliteKeys = `SELECT m.name, i."unique", (SELECT group_concat(name) FROM
			(SELECT name FROM pragma_index_info(i.name) ORDER BY seqno))
		FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS i
		WHERE m.type = 'table' AND m.name <> 'goose_db_version'`
	sqliteRowidKeys = `SELECT m.name, 1, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' AND m.name <> 'goose_db_version'
			AND (SELECT count(*) FROM pragma_table_info(m.name) WHERE pk > 0) = 1`
	postgresKeys = `SELECT t.relname, CASE WHEN x.indisunique THEN 1 ELSE 0 END,
			(SELECT string_agg(a.attname, ',' ORDER BY array_position(x.indkey::int2[], a.attnum))
				FROM pg_attribute AS a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey::int2[]))
		FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
		WHERE n.nspname = 'public' AND t.relname <> 'goose_db_version'`
	sqliteIndexes = `SELECT name, CASE WHEN sql LIKE '% WHERE %' THEN 'partial' ELSE 'whole' END
		FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> 'goose_db_version'`
	postgresIndexes = `SELECT indexname, CASE WHEN indexdef LIKE '% WHERE %' THEN 'partial' ELSE 'whole' END
		FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'goose_db_version'
			AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'`
)

func TestSchemasOfBothEnginesAreEqual(t *testing.T) {
	lite := raw(t, db.SQLite, dbtest.URL(t, db.SQLite))
	pg := raw(t, db.Postgres, dbtest.URL(t, db.Postgres))
	columns := texts(t, lite, sqliteColumns)
	if len(columns) < 100 {
		t.Fatalf("found %d columns, want the whole schema", len(columns))
	}
	if diff := cmp.Diff(columns, texts(t, pg, postgresColumns)); diff != "" {
		t.Errorf("columns differ (- SQLite, + PostgreSQL):\n%s", diff)
	}
	keys := append(texts(t, lite, sqliteKeys), texts(t, lite, sqliteRowidKeys)...)
	slices.Sort(keys)
	if diff := cmp.Diff(keys, texts(t, pg, postgresKeys)); diff != "" {
		t.Errorf("keys differ (- SQLite, + PostgreSQL):\n%s", diff)
	}
	if diff := cmp.Diff(texts(t, lite, sqliteIndexes), texts(t, pg, postgresIndexes)); diff != "" {
		t.Errorf("indexes differ (- SQLite, + PostgreSQL):\n%s", diff)
	}
}

func TestEveryTextOfPostgresIsComparedBytewise(t *testing.T) {
	pg := raw(t, db.Postgres, dbtest.URL(t, db.Postgres))
	loose := texts(t, pg, `SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version'
			AND data_type = 'text' AND COALESCE(collation_name, '') <> 'C'`)
	if len(loose) > 0 {
		t.Errorf("without COLLATE \"C\": %v", loose)
	}
}

func TestMigrationsRunFromEmptyInSeveralProcessesAtOnce(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			url := dbtest.Empty(t, engine)
			starts := 3
			if engine == db.SQLite {
				starts = 1 // SQLite is one process; a second start finds nothing to do, below
			}
			var wg sync.WaitGroup
			for range starts {
				wg.Go(func() {
					if err := migrate(t.Context(), url); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if err := migrate(t.Context(), url); err != nil {
				t.Errorf("second start: %v", err)
			}
			applied := texts(t, raw(t, engine, url), `SELECT version_id FROM goose_db_version WHERE version_id > 0`)
			if !slices.Equal(applied, []string{"1"}) {
				t.Errorf("applied migrations %v, want 1 once", applied)
			}
		})
	}
}

func migrate(ctx context.Context, url string) error {
	d, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

func TestNewerSchemaIsRefusedAndUntouched(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			url := dbtest.URL(t, engine)
			pool := raw(t, engine, url)
			_, err := pool.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
			if err != nil {
				t.Fatal(err)
			}
			before := texts(t, pool, `SELECT version_id FROM goose_db_version`)
			if err := migrate(t.Context(), url); !errors.Is(err, db.ErrNewerSchema) {
				t.Errorf("Migrate: %v, want ErrNewerSchema", err)
			}
			if diff := cmp.Diff(before, texts(t, pool, `SELECT version_id FROM goose_db_version`)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
