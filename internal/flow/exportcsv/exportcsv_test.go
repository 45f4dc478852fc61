package exportcsv_test

import (
	"bytes"
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

// moveIn brings the merchant's whole books into store 1.
func moveIn(t *testing.T, d *db.DB, newID ident.Generator) {
	t.Helper()
	fixture.Store(t, d, 1)
	report, err := importcsv.Products(t.Context(), d, importcsv.ProductsInput{
		StoreID: 1, Content: books.Products(), Mapping: mapping(t, importcsv.ProductsPreset), NewID: newID, Now: fixture.Start,
	})
	if err != nil || !report.Written {
		t.Fatalf("products: %d findings, %v", len(report.Findings), err)
	}
	in := importcsv.MovingInput{
		StoreID: 1, Content: books.Customers(), Mapping: mapping(t, importcsv.CustomersPreset), NewID: newID, Now: fixture.Start,
	}
	if moved, err := importcsv.Customers(t.Context(), d, in); err != nil || moved.Written != books.CustomerRows {
		t.Fatalf("customers: %d written, %d findings, %v", moved.Written, len(moved.Findings), err)
	}
	in.Content, in.Mapping = books.Subscriptions(), mapping(t, importcsv.SubscriptionsPreset)
	in.Cutover, _ = calendar.ParseDate(books.Taken)
	if moved, err := importcsv.Subscriptions(t.Context(), d, in); err != nil || moved.Written != books.SubscriptionRows {
		t.Fatalf("subscriptions: %d written, %d findings, %v", moved.Written, len(moved.Findings), err)
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
		moveIn(t, d, fixture.IDs())
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
