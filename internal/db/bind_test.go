package db

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
)

type kind string

func TestValuesAreBoundInTheirOrder(t *testing.T) {
	id := uid{15: 7}
	query, values, err := bind("SELECT 1 FROM t WHERE a = ? AND b IN (?) AND c < ? AND d = ? LIMIT ?",
		[]any{kind("x"), in([]uid{id}), instant(time.Unix(1, 0)), day(calendar.Date{}), 20})
	if err != nil {
		t.Fatal(err)
	}
	if want := "SELECT 1 FROM t WHERE a = $1 AND b = ANY ($2) AND c < $3 AND d = $4 LIMIT $5"; query != want {
		t.Errorf("got %s, want %s", query, want)
	}
	want := []any{
		"x",
		[]pgtype.UUID{{Bytes: id, Valid: true}},
		pgtype.Timestamptz{Time: time.Unix(1, 0).UTC(), Valid: true},
		pgtype.Date{Time: calendar.Date{}.Start(time.UTC)},
		int64(20),
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyColumnsAreNull(t *testing.T) {
	for _, empty := range []any{uid(ident.ID{}), day(calendar.Date{}), instant(time.Time{}), optional(""), plan{}} {
		got, err := plain(empty)
		if err != nil {
			t.Fatal(err)
		}
		switch v := got.(type) {
		case nil:
		case pgtype.UUID:
			if v.Valid {
				t.Errorf("%T is %v", empty, v)
			}
		case pgtype.Date:
			if v.Valid {
				t.Errorf("%T is %v", empty, v)
			}
		case pgtype.Timestamptz:
			if v.Valid {
				t.Errorf("%T is %v", empty, v)
			}
		case pgtype.Text:
			if v.Valid {
				t.Errorf("%T is %v", empty, v)
			}
		default:
			t.Errorf("%T is %T", empty, got)
		}
	}
}

func TestWhatCannotBeBoundIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		args  []any
	}{
		"a list that is not in IN (?)": {"SELECT ?", []any{in([]string{"a"})}},
		"more values than places":      {"SELECT ?", []any{1, 2}},
		"fewer values than places":     {"SELECT ?, ?", []any{1}},
		"an unknown type":              {"SELECT ?", []any{struct{}{}}},
		"a column of two kinds":        {"SELECT ?", []any{in([]any{"a", 1})}},
		"an empty list":                {"SELECT a IN (?)", []any{in([]string{})}},
	} {
		if query, _, err := bind(c.query, c.args); err == nil {
			t.Errorf("%s: %s", name, query)
		}
	}
}

// The text of a statement must not depend on how many rows it has: each text is
// parsed, planned and kept by each connection.
func TestTextsDoNotDependOnTheNumberOfRows(t *testing.T) {
	text := func(rows int) string {
		var v tuples
		for i := range rows {
			v.add(uid{15: byte(i + 1)}, "text", i, i%2 == 0, at(time.Unix(int64(i+1), 0)))
		}
		query, args, err := v.with(Postgres, "id, name, n, even, at")
		if err != nil {
			t.Fatal(err)
		}
		query, _, err = bind(query+"SELECT 1 FROM v", args)
		if err != nil {
			t.Fatal(err)
		}
		return query
	}
	one := text(1)
	if want := "WITH v (id, name, n, even, at) AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], " +
		"$4::boolean[], $5::timestamptz[])) SELECT 1 FROM v"; one != want {
		t.Errorf("got %s, want %s", one, want)
	}
	rapid.Check(t, func(r *rapid.T) {
		if got := text(rapid.IntRange(1, 500).Draw(r, "rows")); got != one {
			r.Fatalf("got %s", got)
		}
	})
}

func TestEveryPlaceGetsItsValue(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		values := rapid.SliceOf(rapid.String()).Draw(r, "values")
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
		}
		query, bound, err := bind("VALUES "+strings.Repeat("(?)", len(values)), args)
		if err != nil {
			r.Fatal(err)
		}
		if strings.Contains(query, "?") || strings.Count(query, "$") != len(values) || len(bound) != len(values) {
			r.Fatalf("%s has %d values for %d", query, len(bound), len(values))
		}
		for i := range values {
			if bound[i] != values[i] {
				r.Fatalf("value %d is %v, want %v", i, bound[i], values[i])
			}
		}
	})
}
