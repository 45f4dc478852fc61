// Package books holds one merchant's whole books for tests, as they leave the
// cart that is left: 22 SKUs, 5,000 customers and 6,008 subscriptions, in CP932
// with CRLF. They are made up; postcodes and towns are real, people are not.
package books

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
)

//go:embed products.csv.gz
var products []byte

//go:embed customers.csv.gz
var customers []byte

//go:embed subscriptions.csv.gz
var subscriptions []byte

// Taken is the day the books were exported on: the cut-over day of moving in.
const Taken = "2026-11-21"

// How many rows the books have.
const (
	CustomerRows     = 5_000
	SubscriptionRows = 6_008
)

// Products is the file of goods, one row a SKU.
func Products() []byte { return open(products) }

// Customers is the file of customers.
func Customers() []byte { return open(customers) }

// Subscriptions is the file of running and ended subscriptions.
func Subscriptions() []byte { return open(subscriptions) }

// open unpacks what was embedded; a file that does not is a broken build.
func open(packed []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Errorf("open the books: %w", err))
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		panic(fmt.Errorf("unpack the books: %w", err))
	}
	return content
}
