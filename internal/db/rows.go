package db

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"
)

// insertChunk bounds the rows of one INSERT, so that its text stays far below
// SQLite's limit of a million bytes.
const insertChunk = 250

// insert writes rows in as few statements as their number allows.
func insert[Row any](ctx context.Context, tx Tx, rows []Row) error {
	_, err := insertOr(ctx, tx, rows, "")
	return err
}

// insertOr writes rows; conflict says what to do with one that is there already
// ("ON CONFLICT …", with its values). It returns how many were written or changed.
func insertOr[Row any](ctx context.Context, tx Tx, rows []Row, conflict string, values ...any) (written int64, err error) {
	for start := 0; start < len(rows); start += insertChunk {
		part := rows[start:min(start+insertChunk, len(rows))]
		n, err := affected(insertRows(ctx, tx, part, conflict, values...))
		if err != nil {
			return written, fmt.Errorf("insert %T: %w", part, err)
		}
		written += n
	}
	return written, nil
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func insertRows[Row any](ctx context.Context, tx Tx, rows []Row, conflict string, values ...any) (sql.Result, error) {
	query, args, err := insertion(tx, rows, conflict)
	if err != nil {
		return nil, err
	}
	return tx.ExecContext(ctx, query, append(args, values...)...)
}

// insertRow writes one row.
func insertRow[Row any](ctx context.Context, tx Tx, row Row) error {
	return insert(ctx, tx, []Row{row})
}

// insertReturning writes rows and scans what is returned of those that were written
// or changed; rest is "ON CONFLICT … RETURNING …".
func insertReturning[Out, Row any](ctx context.Context, tx Tx, rows []Row, rest string, values ...any) ([]Out, error) {
	query, args, err := insertion(tx, rows, rest)
	if err != nil {
		return nil, err
	}
	return selectInto[Out](ctx, tx, query, append(args, values...)...)
}

// insertion is the statement that inserts rows.
func insertion[Row any](tx Tx, rows []Row, rest string) (query string, args []any, err error) {
	table := tx.table(reflect.TypeFor[Row]())
	names := make([]string, len(table.Fields))
	var v tuples
	for i, field := range table.Fields {
		names[i] = string(field.SQLName)
	}
	for i := range rows {
		values := make([]any, len(table.Fields))
		row := reflect.ValueOf(&rows[i]).Elem()
		for i, field := range table.Fields {
			values[i] = field.Value(row).Interface()
		}
		v.add(values...)
	}
	source := v.values
	if tx.engine == Postgres && len(rows) > 1 {
		source = v.arrays
	}
	text, args, err := source()
	query = "INSERT INTO " + string(table.SQLName) + " (" + strings.Join(names, ", ") + ") " + text + " " + rest
	return query, args, err
}

// tuples are rows of values for statements that write or read many at once.
type tuples struct{ rows [][]any }

func (t *tuples) add(values ...any) { t.rows = append(t.rows, values) }

func (t *tuples) empty() bool { return len(t.rows) == 0 }

// values writes a place for each value.
func (t *tuples) values() (text string, args []any, err error) {
	marks := "(?" + strings.Repeat(",?", len(t.rows[0])-1) + ")"
	for _, row := range t.rows {
		args = append(args, row...)
	}
	return "VALUES " + marks + strings.Repeat(","+marks, len(t.rows)-1), args, nil
}

// arrays makes one array of each column, so that the text does not depend on the
// number of rows.
func (t *tuples) arrays() (text string, args []any, err error) {
	places := make([]string, len(t.rows[0]))
	for c := range places {
		list := make([]any, len(t.rows))
		for r, row := range t.rows {
			list[r] = row[c]
		}
		values, kind, err := column(list)
		if err != nil {
			return "", nil, err
		}
		places[c], args = "?::"+kind, append(args, array{values})
	}
	return "SELECT * FROM unnest(" + strings.Join(places, ", ") + ")", args, nil
}

// with begins a statement: "WITH v (columns) AS (…) ".
func (t *tuples) with(kind Engine, columns string) (text string, args []any, err error) {
	source := t.values
	if kind == Postgres { // which would take the places of VALUES in a WITH for texts
		source = t.arrays
	}
	rows, args, err := source()
	return "WITH v (" + columns + ") AS (" + rows + ") ", args, err
}

// update runs a statement on the rows, which it finds as the table v; args follow
// its own placeholders.
func (t *tuples) update(ctx context.Context, tx Tx, columns, statement string, args ...any) (sql.Result, error) {
	if t.empty() {
		return nil, nil
	}
	with, values, err := t.with(tx.engine, columns)
	if err != nil {
		return nil, err
	}
	return tx.ExecContext(ctx, with+statement, append(values, args...)...)
}

// forUpdate locks the rows read; SQLite has one writer and needs no lock.
func forUpdate(kind Engine) string {
	if kind == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// selectInto runs a query and scans its rows.
func selectInto[Row any](ctx context.Context, c Conn, query string, args ...any) ([]Row, error) {
	var rows []Row
	if err := c.Scan(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("select %T: %w", rows, err)
	}
	return rows, nil
}

// rowsOf reads whole rows of Row's table; rest is what follows FROM.
func rowsOf[Row any](ctx context.Context, c Conn, rest string, args ...any) ([]Row, error) {
	table := c.table(reflect.TypeFor[Row]())
	names := make([]string, len(table.Fields))
	for i, field := range table.Fields {
		names[i] = string(field.SQLName)
	}
	return selectInto[Row](ctx, c, "SELECT "+strings.Join(names, ", ")+" FROM "+string(table.SQLName)+" "+rest, args...)
}

// rowOf is rowsOf for one row: ErrNotFound where there is none.
func rowOf[Row any](ctx context.Context, c Conn, rest string, args ...any) (Row, error) {
	return one(rowsOf[Row](ctx, c, rest, args...))
}
