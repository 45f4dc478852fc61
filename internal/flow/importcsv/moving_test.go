package importcsv

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	testbooks "github.com/teiki-commerce/teiki/internal/testkit/books"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// house is a store that a merchant moves into.
type house struct {
	t     testing.TB
	d     *db.DB
	newID ident.Generator
}

func (h house) input(content []byte, preset func() (Mapping, error)) MovingInput {
	h.t.Helper()
	mapping, err := preset()
	if err != nil {
		h.t.Fatal(err)
	}
	return MovingInput{
		StoreID: 1, Content: content, Mapping: mapping, NewID: h.newID, Now: fixture.Start, RequestID: "r1",
	}
}

func TestWholeBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := house{t: t, d: d, newID: fixture.IDs()}
		fixture.Store(t, d, 1)
		mapping, err := ProductsPreset()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Products(t.Context(), d, ProductsInput{StoreID: 1, Content: testbooks.Products(), Mapping: mapping, NewID: h.newID, Now: fixture.Start}); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		report, err := Customers(t.Context(), d, h.input(testbooks.Customers(), CustomersPreset))
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(begin), report.Written, len(report.Findings), report.Tallies)
		for _, f := range report.Findings[:min(10, len(report.Findings))] {
			t.Log(f.Row, f.Column, f.Value, f.Fault)
		}
		begin = time.Now()
		report, err = Subscriptions(t.Context(), d, h.input(testbooks.Subscriptions(), SubscriptionsPreset))
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(begin), report.Written, len(report.Findings), report.Tallies)
		for _, n := range report.Notes {
			t.Log(n.Key, len(n.Rows), n.Rows)
		}
		for _, f := range report.Findings[:min(10, len(report.Findings))] {
			t.Log(f.Row, f.Column, f.Value, f.Fault)
		}
		begin = time.Now()
		report, err = Subscriptions(t.Context(), d, h.input(testbooks.Subscriptions(), SubscriptionsPreset))
		t.Log(time.Since(begin), report.Written, report.There, err)
	})
}
