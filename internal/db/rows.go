package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// insertChunk bounds the rows of one INSERT, so that its text stays far below
// SQLite's limit of a million bytes.
const insertChunk = 250

// insert writes rows in as few statements as their number allows.
func insert[Row any](ctx context.Context, tx Tx, rows []Row) error {
	for start := 0; start < len(rows); start += insertChunk {
		part := rows[start:min(start+insertChunk, len(rows))]
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("insert %T: %w", part, err)
		}
	}
	return nil
}

// tuples renders rows as the list of a VALUES clause, for updates of many rows
// in one statement.
type tuples struct {
	text strings.Builder
	args []any
}

func (t *tuples) add(values ...any) {
	if t.text.Len() > 0 {
		t.text.WriteByte(',')
	}
	t.text.WriteString("(?" + strings.Repeat(",?", len(values)-1) + ")")
	t.args = append(t.args, values...)
}

func (t *tuples) empty() bool { return t.text.Len() == 0 }

// update runs "WITH v (columns) AS (VALUES …) <statement>"; args follow the
// statement's own placeholders.
func (t *tuples) update(ctx context.Context, tx Tx, columns, statement string, args ...any) (sql.Result, error) {
	if t.empty() {
		return nil, nil
	}
	query := "WITH v (" + columns + ") AS (VALUES " + t.text.String() + ") " + statement
	return tx.ExecContext(ctx, query, append(t.args, args...)...)
}

// as names the type of a column taken from VALUES: PostgreSQL reads a column of
// nothing but NULLs as text and refuses it, SQLite has no such types.
func as(kind Engine, column, pgType string) string {
	if kind == Postgres {
		return column + "::" + pgType
	}
	return column
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
	if err := c.conn().NewRaw(query, args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("select %T: %w", rows, err)
	}
	return rows, nil
}

// in renders a list for "IN (?)".
func in[T any](list []T) any { return bun.List(list) }
