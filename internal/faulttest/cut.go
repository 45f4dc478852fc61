package faulttest

import (
	"bytes"
	"context"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/testkit/books"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// cut is every n-th subscription of the merchant's books with its customer, as
// files that keep the header and CRLF.
func cut(n int) (customers, subscriptions []byte) {
	const customerColumn = 1
	kept, owners := [][]byte{}, map[string]bool{}
	for i, row := range bytes.SplitAfter(books.Subscriptions(), []byte("\r\n")) {
		if cells := bytes.Split(row, []byte(",")); i%n == 0 && len(cells) > customerColumn {
			kept, owners[string(cells[customerColumn])] = append(kept, row), true
		}
	}
	subscriptions = bytes.Join(kept, nil)
	kept = kept[:0]
	for i, row := range bytes.SplitAfter(books.Customers(), []byte("\r\n")) {
		number, _, _ := bytes.Cut(row, []byte(","))
		if i == 0 || owners[string(number)] {
			kept = append(kept, row)
		}
	}
	return bytes.Join(kept, nil), subscriptions
}

// moveIn imports a cut of the books into the store of tests, with as much less
// stock, as on the day they were taken. What it makes has the same ids whenever
// and wherever it does, so that nothing in the weeks that follow depends on them.
func moveIn(t testing.TB, d *db.DB, n int) {
	t.Helper()
	newID := fixture.IDs()
	must := func(mapping importcsv.Mapping, err error) importcsv.Mapping {
		t.Helper()
		if err != nil {
			t.Fatalf("read a preset: %v", err)
		}
		return mapping
	}
	goods, err := importcsv.Products(t.Context(), d, importcsv.ProductsInput{
		StoreID: thread.StoreID, Content: books.Products(), Mapping: must(importcsv.ProductsPreset()),
		NewID: newID, Now: fixture.Start, RequestID: "books",
	})
	if err != nil || len(goods.Findings) > 0 {
		t.Fatalf("import the goods: %v, %d bad rows", err, len(goods.Findings))
	}
	customers, subscriptions := cut(n)
	in := importcsv.MovingInput{StoreID: thread.StoreID, NewID: newID, Now: fixture.Start, RequestID: "books"}
	in.Content, in.Mapping = customers, must(importcsv.CustomersPreset())
	if people, err := importcsv.Customers(t.Context(), d, in); err != nil || len(people.Findings) > 0 {
		t.Fatalf("import the customers: %v, %d bad rows", err, len(people.Findings))
	}
	in.Content, in.Mapping = subscriptions, must(importcsv.SubscriptionsPreset())
	running, err := importcsv.Subscriptions(t.Context(), d, in)
	if err != nil || running.Written < books.SubscriptionRows/n {
		t.Fatalf("import the subscriptions: %v, %d written, %d bad rows", err, running.Written, len(running.Findings))
	}
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE stock SET on_hand = on_hand / ?, expected = expected / ? WHERE store_id = ?",
			n, n, thread.StoreID)
		return err
	}); err != nil {
		t.Fatalf("share the stock out: %v", err)
	}
}
