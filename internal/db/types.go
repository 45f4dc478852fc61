package db

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun/schema"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// uid is an ident.ID as a column: uuid on PostgreSQL, a 16-byte blob on SQLite.
// The zero id is NULL.
type uid ident.ID

// AppendQuery writes the id into a text for SQLite; for PostgreSQL see plain.
func (u uid) AppendQuery(_ schema.QueryGen, b []byte) ([]byte, error) {
	if ident.ID(u).IsZero() {
		return append(b, "NULL"...), nil
	}
	b = append(b, "X'"...)
	b = hex.AppendEncode(b, u[:])
	return append(b, '\''), nil
}

// Scan reads what either driver returns.
func (u *uid) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*u = uid{}
		return nil
	case []byte:
		if len(v) == len(u) {
			copy(u[:], v)
			return nil
		}
		return u.Scan(string(v))
	case string:
		id, err := ident.Parse(v)
		*u = uid(id)
		return err
	default:
		return fmt.Errorf("id from %T", src)
	}
}

func uids(ids []ident.ID) []uid {
	list := make([]uid, len(ids))
	for i, id := range ids {
		list[i] = uid(id)
	}
	return list
}

// day is a calendar.Date as a column. The zero date is NULL.
type day calendar.Date

// AppendQuery writes '2026-12-05'.
func (d day) AppendQuery(_ schema.QueryGen, b []byte) ([]byte, error) {
	if calendar.Date(d).IsZero() {
		return append(b, "NULL"...), nil
	}
	b = append(b, '\'')
	b = append(b, calendar.Date(d).String()...)
	return append(b, '\''), nil
}

// Scan reads what either driver returns.
func (d *day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = day{}
		return nil
	case time.Time:
		*d = day(calendar.DateOf(v.UTC()))
		return nil
	case []byte:
		return d.Scan(string(v))
	case string:
		date, err := calendar.ParseDate(v[:min(len(v), len(time.DateOnly))])
		*d = day(date)
		return err
	default:
		return fmt.Errorf("date from %T", src)
	}
}

// instant is a UTC time of microseconds as a column. The zero time is NULL.
type instant time.Time

// at cuts a time to what both databases keep.
func at(t time.Time) instant { return instant(t.UTC().Truncate(time.Microsecond)) }

func (i instant) time() time.Time { return time.Time(i) }

// instantLayout is of fixed width, so that SQLite compares texts as times.
const instantLayout = "2006-01-02 15:04:05.000000+00:00"

// AppendQuery writes fixed-width text, so that SQLite compares it as time.
func (i instant) AppendQuery(_ schema.QueryGen, b []byte) ([]byte, error) {
	t := time.Time(i)
	if t.IsZero() {
		return append(b, "NULL"...), nil
	}
	b = append(b, '\'')
	b = t.UTC().Truncate(time.Microsecond).AppendFormat(b, instantLayout)
	return append(b, '\''), nil
}

// Scan reads what either driver returns.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
		return nil
	case time.Time:
		*i = instant(v.UTC())
		return nil
	case string:
		t, err := time.Parse("2006-01-02 15:04:05.999999-07:00", v)
		*i = instant(t.UTC())
		return err
	default:
		return fmt.Errorf("time from %T", src)
	}
}

// optional is a text that is NULL when empty.
type optional string

// Value is NULL for the empty text.
func (o optional) Value() (driver.Value, error) {
	if o == "" {
		return nil, nil
	}
	return string(o), nil
}

// Scan reads NULL as the empty text.
func (o *optional) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o = ""
	case string:
		*o = optional(v)
	case []byte:
		*o = optional(v)
	default:
		return fmt.Errorf("text from %T", src)
	}
	return nil
}

// document is a value kept as JSON text.
type document[T any] struct{ V T }

// doc wraps a value for a document column.
func doc[T any](v T) document[T] { return document[T]{V: v} }

// Value writes JSON.
func (d document[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(d.V)
	return string(b), err
}

// Scan reads JSON; NULL leaves the zero value.
func (d *document[T]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return d.read([]byte(v))
	case []byte:
		return d.read(v)
	default:
		return fmt.Errorf("document from %T", src)
	}
}

func (d *document[T]) read(text []byte) error {
	if err := json.Unmarshal(text, &d.V); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return nil
}
