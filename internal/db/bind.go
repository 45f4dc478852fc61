package db

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// On PostgreSQL the values of a statement go to the server beside its text. The
// text stays the same whatever they are and however many, so that a connection
// parses it once and plans it a few times. bun, which writes them into the text,
// is left with SQLite and with what is rarely done.

// list is a list of values for "IN (?)".
type list struct{ values any }

// in makes a list for "IN (?)"; it must not be empty.
func in[T any](values []T) any { return list{values} }

// AppendQuery writes the values one after the other.
func (l list) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return bun.List(l.values).AppendQuery(gen, b)
}

// array is a column of values that is a parameter already.
type array struct{ values any }

// scanBound runs a query with parameters and fills dest.
func scanBound(ctx context.Context, pool *bun.DB, conn interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, dest any, query string, args []any,
) error {
	text, values, err := bind(query, args)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, text, values...)
	if err != nil {
		return err
	}
	if into := reflect.TypeOf(dest).Elem(); into.Kind() == reflect.Slice && into.Elem().Kind() != reflect.Uint8 {
		return pool.ScanRows(ctx, rows, dest)
	}
	defer func() { _ = rows.Close() }() // it was read to its end or has failed already
	if !rows.Next() {
		return cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	return pool.ScanRow(ctx, rows, dest)
}

// execBound runs a statement with parameters.
func execBound(ctx context.Context, tx *sql.Tx, query string, args []any) (sql.Result, error) {
	text, values, err := bind(query, args)
	if err != nil {
		return nil, err
	}
	return tx.ExecContext(ctx, text, values...)
}

// bind turns each "?" into "$1", "$2" … and "IN (?)" with a list into
// "= ANY ($1)", and the values into what pgx takes.
func bind(query string, args []any) (string, []any, error) {
	var text strings.Builder
	text.Grow(len(query) + 2*len(args))
	values := make([]any, len(args))
	for i, arg := range args {
		before, after, ok := strings.Cut(query, "?")
		if !ok {
			return "", nil, fmt.Errorf("%d values for %d places", len(args), i)
		}
		var err error
		if l, many := arg.(list); many {
			if before, ok = strings.CutSuffix(before, " IN ("); !ok {
				return "", nil, fmt.Errorf("a list that is not in IN (?): %.80s", query)
			}
			text.WriteString(before)
			text.WriteString(" = ANY ($" + strconv.Itoa(i+1))
			values[i], _, err = column(l.values)
		} else {
			text.WriteString(before)
			text.WriteString("$" + strconv.Itoa(i+1))
			values[i], err = plain(arg)
		}
		if err != nil {
			return "", nil, err
		}
		query = after
	}
	if strings.Contains(query, "?") {
		return "", nil, fmt.Errorf("only %d values for the places of %.80s", len(args), query)
	}
	text.WriteString(query)
	return text.String(), values, nil
}

// plain turns a value into one that pgx takes.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case array:
		return v.values, nil
	case uid:
		return pgtype.UUID{Bytes: v, Valid: !ident.ID(v).IsZero()}, nil
	case day:
		return pgtype.Date{Time: calendar.Date(v).Start(time.UTC), Valid: !calendar.Date(v).IsZero()}, nil
	case instant:
		return pgtype.Timestamptz{Time: time.Time(v).UTC(), Valid: !time.Time(v).IsZero()}, nil
	case optional:
		return pgtype.Text{String: string(v), Valid: v != ""}, nil
	case driver.Valuer:
		return v.Value()
	case nil, string, int64, bool, []byte:
		return v, nil
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int32:
		return v.Int(), nil
	default:
		return nil, fmt.Errorf("no parameter of type %T", value)
	}
}

// column turns a slice of values of one kind into an array and names its type.
func column(slice any) (values any, pgType string, err error) {
	s := reflect.ValueOf(slice)
	if s.Len() == 0 {
		return nil, "", errors.New("an empty list has no type")
	}
	list := make([]any, s.Len())
	for i := range list {
		if list[i], err = plain(s.Index(i).Interface()); err != nil {
			return nil, "", err
		}
	}
	switch list[0].(type) {
	case pgtype.UUID:
		return collect[pgtype.UUID](list, "uuid[]")
	case pgtype.Date:
		return collect[pgtype.Date](list, "date[]")
	case pgtype.Timestamptz:
		return collect[pgtype.Timestamptz](list, "timestamptz[]")
	case pgtype.Text:
		return collect[pgtype.Text](list, "text[]")
	case string:
		return collect[string](list, "text[]")
	case int64:
		return collect[int64](list, "bigint[]")
	case bool:
		return collect[bool](list, "boolean[]")
	case []byte:
		return collect[[]byte](list, "bytea[]")
	default:
		return nil, "", fmt.Errorf("no array of %T", list[0])
	}
}

// collect makes values that are all of one type an array of a type of PostgreSQL's.
func collect[T any](list []any, pgType string) (any, string, error) {
	typed := make([]T, len(list))
	for i, v := range list {
		t, ok := v.(T)
		if !ok {
			return nil, "", fmt.Errorf("%T in an array of %T", v, t)
		}
		typed[i] = t
	}
	return typed, pgType, nil
}
