// Package importcsv brings a merchant's books in from the CSV files that other
// carts export. It owns reading such files as they really are (CP932 or UTF-8,
// full-width digits, thousands separators), naming their columns, and saying in
// words what is wrong with which row.
//
// An import is the first shape of a use case: read and check the whole file,
// decide what it changes, save in one transaction, or, where any row is bad,
// save nothing.
package importcsv
