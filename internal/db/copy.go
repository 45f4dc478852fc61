package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// ErrOlderSchema is returned for a database that this program would have to
// migrate first, where it is only to be read.
var ErrOlderSchema = errors.New("the database has an older schema than this program")

// scratchOptions: nobody needs the file after a crash, so that no commit waits
// for the disk.
const scratchOptions = "?_txlock=immediate&_time_format=sqlite" +
	"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)" +
	"&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)&_pragma=temp_store(MEMORY)"

// readOnlyOptions leave the file's journal mode as it is: setting it is a write.
const readOnlyOptions = "?mode=ro&_time_format=sqlite&_pragma=busy_timeout(10000)"

// OpenReadOnly opens a database that must not change: the engine itself refuses
// every write. Nothing is created where nothing is.
func OpenReadOnly(ctx context.Context, address string) (*DB, error) {
	if IsPostgresURL(address) {
		return openPostgres(ctx, address, map[string]string{"default_transaction_read_only": "on"})
	}
	path := strings.TrimPrefix(address, "sqlite:")
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return openSQLite(ctx, path, readOnlyOptions)
}

// Copy writes the whole database as it is at one moment into a new SQLite file
// and opens that. The source is only read: SQLite by VACUUM INTO, PostgreSQL
// table by table in one read-only snapshot, a row at a time, so that memory does
// not grow with it. ErrOlderSchema and ErrNewerSchema for what another release
// wrote. The caller removes the file.
func (d *DB) Copy(ctx context.Context, path string) (*DB, error) {
	if d.Engine == SQLite {
		if _, err := d.reader.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
			return nil, fmt.Errorf("copy the database to %s: %w", path, err)
		}
	}
	scratch, err := openSQLite(ctx, path, scratchOptions)
	if err != nil {
		return nil, err
	}
	if err := scratch.Migrate(ctx); err != nil {
		return nil, errors.Join(err, scratch.Close())
	}
	if d.Engine == Postgres {
		if err := d.copyRows(ctx, scratch); err != nil {
			return nil, errors.Join(fmt.Errorf("copy the database: %w", err), scratch.Close())
		}
	}
	return scratch, nil
}

// copyRows reads PostgreSQL in one snapshot and fills the empty SQLite database.
func (d *DB) copyRows(ctx context.Context, into *DB) (err error) {
	snapshot, err := d.reader.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() {
		if end := snapshot.Rollback(); !errors.Is(end, sql.ErrTxDone) {
			err = errors.Join(err, end)
		}
	}()
	if err := sameSchema(ctx, snapshot, into); err != nil {
		return err
	}
	tables, err := tablesOf(ctx, into)
	if err != nil {
		return err
	}
	return into.writer.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// tables come by name: what a row points at may come later
		if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
			return err
		}
		// totals come last, in the place of what was counted of the rows before them
		slices.SortStableFunc(tables, func(a, b copiedTable) int { return cmp.Compare(a.counted(), b.counted()) })
		for _, t := range tables {
			if err := t.copy(ctx, snapshot, tx); err != nil {
				return fmt.Errorf("table %s: %w", t.name, err)
			}
		}
		return nil
	})
}

// sameSchema refuses a source of another release: its columns would differ.
func sameSchema(ctx context.Context, source bun.IDB, into *DB) error {
	const query = "SELECT max(version_id) FROM goose_db_version"
	var have, known int64
	if err := source.NewRaw(query).Scan(ctx, &have); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if err := into.reader.NewRaw(query).Scan(ctx, &known); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	switch {
	case have > known:
		return fmt.Errorf("%w (%d, known %d)", ErrNewerSchema, have, known)
	case have < known:
		return fmt.Errorf("%w (%d, known %d)", ErrOlderSchema, have, known)
	}
	return nil
}

// copiedTable is a table with its columns in order.
type copiedTable struct {
	name    string
	columns []string
	types   []string // as SQLite declares them
}

// counted is 1 for a table that triggers fill, else 0.
func (t copiedTable) counted() int {
	if t.name == "totals" || t.name == "total_deltas" {
		return 1
	}
	return 0
}

// tablesOf are teiki's own tables, those of the migrations' library left out.
func tablesOf(ctx context.Context, d *DB) ([]copiedTable, error) {
	type row struct{ TableName, ColumnName, Type string }
	rows, err := selectInto[row](ctx, d, `SELECT m.name AS table_name, c.name AS column_name, c.type AS type
		FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'
		ORDER BY m.name, c.cid`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var tables []copiedTable
	for _, r := range rows {
		if len(tables) == 0 || tables[len(tables)-1].name != r.TableName {
			tables = append(tables, copiedTable{name: r.TableName})
		}
		t := &tables[len(tables)-1]
		t.columns, t.types = append(t.columns, `"`+r.ColumnName+`"`), append(t.types, r.Type)
	}
	return tables, nil
}

// copy streams the rows of the table. The statement reads all stores on purpose.
func (t copiedTable) copy(ctx context.Context, from bun.Tx, to bun.Tx) (err error) {
	columns := strings.Join(t.columns, ", ")
	if _, err := to.ExecContext(ctx, fmt.Sprintf(`DELETE FROM "%s"`, t.name)); err != nil {
		return err
	}
	rows, err := from.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM "%s" /* all stores */`, columns, t.name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	insert, err := to.PrepareContext(ctx, fmt.Sprintf(`INSERT INTO "%s" (%s) VALUES (?%s)`,
		t.name, columns, strings.Repeat(", ?", len(t.columns)-1)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	values, targets := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, v := range values {
			if values[i], err = forSQLite(t.types[i], v); err != nil {
				return fmt.Errorf("column %s: %w", t.columns[i], err)
			}
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// forSQLite turns what PostgreSQL's driver returns into what the same program
// would have written into SQLite: ids as 16 bytes, times as text of fixed width,
// booleans as 0 and 1.
func forSQLite(declared string, value any) (any, error) {
	switch v := value.(type) {
	case nil, int64, float64:
		return v, nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		if declared == "DATE" {
			return v.UTC().Format(time.DateOnly), nil
		}
		return v.UTC().Format(instantLayout), nil
	case []byte:
		return v, nil
	case string:
		if declared != "BLOB" {
			return v, nil
		}
		id, err := ident.Parse(v)
		return id[:], err
	default:
		return nil, fmt.Errorf("no such type in teiki's schema: %T", value)
	}
}
