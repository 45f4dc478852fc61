package exportcsv_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow/exportcsv"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/testkit/books"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func mapping(t *testing.T, preset func() (importcsv.Mapping, error)) importcsv.Mapping {
	t.Helper()
	m, err := preset()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// moving is the merchant's whole books on their way into store 1.
type moving struct {
	t     *testing.T
	d     *db.DB
	newID ident.Generator
}

func furnished(t *testing.T, d *db.DB) moving {
	t.Helper()
	m := moving{t: t, d: d, newID: fixture.IDs()}
	fixture.Store(t, d, 1)
	report, err := importcsv.Products(t.Context(), d, importcsv.ProductsInput{
		StoreID: 1, Content: books.Products(), Mapping: mapping(t, importcsv.ProductsPreset), NewID: m.newID, Now: fixture.Start,
	})
	if err != nil || !report.Written {
		t.Fatalf("products: %d findings, %v", len(report.Findings), err)
	}
	return m
}

type (
	checker  func(context.Context, db.Conn, importcsv.MovingInput) (importcsv.MovingReport, error)
	importer func(context.Context, *db.DB, importcsv.MovingInput) (importcsv.MovingReport, error)
)

func (m moving) in(content []byte, preset func() (importcsv.Mapping, error)) importcsv.MovingInput {
	cutover, err := calendar.ParseDate(books.Taken)
	if err != nil {
		m.t.Fatal(err)
	}
	return importcsv.MovingInput{
		StoreID: 1, Content: content, Mapping: mapping(m.t, preset), Cutover: cutover, NewID: m.newID, Now: fixture.Start,
	}
}

// twice breaks an import off in the middle, as a killed process does, and runs it
// again; then once more, which must do nothing.
func (m moving) twice(what string, check checker, load importer, in importcsv.MovingInput, rows int) {
	m.t.Helper()
	ctx, kill := context.WithCancel(m.t.Context())
	defer kill()
	taken, limit := 0, 0
	dying := in
	dying.NewID = func() ident.ID {
		if taken++; taken == limit {
			kill()
		}
		return m.newID()
	}
	if checked, err := check(ctx, m.d, dying); err != nil || checked.Written != 0 || checked.New() != rows {
		m.t.Errorf("%s, looked at: %+v, %v", what, checked, err)
	}
	// as many ids again, and one for each row's line in the audit trail
	taken, limit = 0, taken+rows/2
	broken, err := load(ctx, m.d, dying)
	if !errors.Is(err, context.Canceled) || broken.Written == 0 || broken.Written >= rows {
		m.t.Errorf("%s, broken off: %d of %d written, %v", what, broken.Written, rows, err)
	}
	rest, err := load(m.t.Context(), m.d, in)
	if err != nil || len(rest.Findings) > 0 || rest.There != broken.Written || rest.Written != rows-broken.Written {
		m.t.Errorf("%s, finished: %d there, %d written, %d findings, %v", what, rest.There, rest.Written, len(rest.Findings), err)
	}
	again, err := load(m.t.Context(), m.d, in)
	if err != nil || again.There != rows || again.Written != 0 {
		m.t.Errorf("%s, again: %d there, %d written, %v", what, again.There, again.Written, err)
	}
}

func export(t *testing.T, d *db.DB, as importcsv.Encoding) ([]byte, exportcsv.Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := exportcsv.Subscriptions(t.Context(), d, exportcsv.Input{
		StoreID: 1, Mapping: mapping(t, importcsv.SubscriptionsPreset), Encoding: as, Now: fixture.Start,
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), report
}

func TestWhatMovedInComesOutAsItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := furnished(t, d)
		m.twice("customers", importcsv.CheckCustomers, importcsv.Customers,
			m.in(books.Customers(), importcsv.CustomersPreset), books.CustomerRows)
		m.twice("subscriptions", importcsv.CheckSubscriptions, importcsv.Subscriptions,
			m.in(books.Subscriptions(), importcsv.SubscriptionsPreset), books.SubscriptionRows)
		got, report := export(t, d, importcsv.CP932)
		if report.Rows != books.SubscriptionRows || report.Lost != 0 {
			t.Errorf("%+v", report)
		}
		same(t, books.Subscriptions(), got)
		plain, err := japanese.ShiftJIS.NewDecoder().Bytes(books.Subscriptions())
		if err != nil {
			t.Fatal(err)
		}
		got, _ = export(t, d, importcsv.UTF8)
		same(t, plain, got)
	})
}

// same compares two files line by line, so that a difference can be read.
func same(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	wants, gots := bytes.Split(want, []byte("\r\n")), bytes.Split(got, []byte("\r\n"))
	if len(wants) != len(gots) {
		t.Errorf("%d lines, want %d", len(gots), len(wants))
	}
	shown := 0
	for i := range min(len(wants), len(gots)) {
		if !bytes.Equal(wants[i], gots[i]) && shown < 10 {
			shown++
			t.Errorf("line %d is\n%s\nwant\n%s", i+1, readable(gots[i]), readable(wants[i]))
		}
	}
}

func readable(line []byte) string {
	if text, err := japanese.ShiftJIS.NewDecoder().Bytes(line); err == nil {
		return string(text)
	}
	return string(line)
}
