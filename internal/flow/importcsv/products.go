package importcsv

import (
	"context"
	"fmt"
	"time"

	"github.com/bojanz/currency"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
)

// ProductsInput is a file of goods for a store.
type ProductsInput struct {
	StoreID int64
	Content []byte
	Mapping Mapping
	NewID   ident.Generator
	Now     time.Time
	// RequestID is what the audit lines of one import have in common.
	RequestID string
}

// CheckProducts says what importing the file would do, and writes nothing.
// Errors that are faults say why the file as a whole is none of ours; what is
// wrong with single rows stands in the report.
func CheckProducts(ctx context.Context, c db.Conn, in ProductsInput) (Report, error) {
	report, _, err := planProducts(ctx, c, in)
	return report, err
}

// Products imports the file in one transaction, or nothing where the report has
// findings: rows sharing a code become one product with options and variants,
// known by code and SKU. What the file does not say (texts in other languages,
// pictures, further variants) stays.
func Products(ctx context.Context, d *db.DB, in ProductsInput) (report Report, err error) {
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		report, err = ProductsTx(ctx, tx, in)
		return err
	})
	return report, err
}

// ProductsTx is Products within a transaction of the caller's.
func ProductsTx(ctx context.Context, tx db.Tx, in ProductsInput) (Report, error) {
	report, changes, err := planProducts(ctx, tx, in)
	if err != nil || len(report.Findings) > 0 {
		return report, err
	}
	if err := saveProducts(ctx, tx, in, changes); err != nil {
		return report, err
	}
	report.Written = true
	return report, nil
}

// planProducts loads and decides.
func planProducts(ctx context.Context, c db.Conn, in ProductsInput) (Report, []productChange, error) {
	shop, err := db.Store(ctx, c, in.StoreID)
	if err != nil {
		return Report{}, nil, fmt.Errorf("read store %d: %w", in.StoreID, err)
	}
	goods, err := loadShelf(ctx, c, shop)
	if err != nil {
		return Report{}, nil, err
	}
	return decideProducts(in.Content, in.Mapping, goods, in.NewID)
}

// decideProducts reads a file and says what it does to the shelf. It is pure but
// for the ids it takes.
func decideProducts(content []byte, mapping Mapping, goods shelf, newID ident.Generator) (Report, []productChange, error) {
	file, err := readSheet(content)
	if err != nil {
		return Report{}, nil, err
	}
	found, err := mapping.find(file.header)
	if err != nil {
		return Report{}, nil, err
	}
	digits, _ := currency.GetDigits(string(goods.currency)) // a store's currency is a known one
	report := Report{Encoding: file.encoding, Rows: len(file.rows)}
	pages := &book{columns: found, bad: map[cell]bool{}}
	lines := pages.productLines(file.rows, int(digits))
	d := decider{book: pages, lang: mapping.Lang, shelf: goods, newID: newID, report: &report}
	changes := d.decide(lines)
	report.Findings = pages.sorted()
	return report, changes, nil
}

func loadShelf(ctx context.Context, c db.Conn, shop store.Store) (shelf, error) {
	products, err := db.Products(ctx, c, shop.ID)
	if err != nil {
		return shelf{}, fmt.Errorf("load the store's goods: %w", err)
	}
	var ids []ident.ID
	for _, p := range products {
		for _, v := range p.Variants {
			ids = append(ids, v.ID)
		}
	}
	counts, err := db.StockCounts(ctx, c, shop.ID, ids)
	if err != nil {
		return shelf{}, fmt.Errorf("load the store's stock: %w", err)
	}
	return shelf{currency: shop.Currency, products: products, counts: counts}, nil
}

func saveProducts(ctx context.Context, tx db.Tx, in ProductsInput, changes []productChange) error {
	actor := audit.Actor{Kind: audit.ActorImport, RequestID: in.RequestID}
	var lines []audit.Line
	tell := func(verb, noun string, id ident.ID, fields map[string]audit.Change) {
		lines = append(lines, audit.Line{
			ID: in.NewID(), At: in.Now, Actor: actor, Verb: verb, Noun: noun, NounID: id, Changes: fields,
		})
	}
	for _, c := range changes {
		product := c.product
		if c.isNew || len(c.changes) > 0 {
			var err error
			if product, err = db.UpsertProduct(ctx, tx, in.StoreID, product, in.Now); err != nil {
				return fmt.Errorf("save product %s: %w", product.Code, err)
			}
			tell("product.imported", "product", product.ID, c.changes)
		}
		variantOf := map[string]ident.ID{}
		for _, v := range product.Variants {
			variantOf[v.SKU] = v.ID
		}
		for _, s := range c.stock {
			id := variantOf[s.sku]
			err := db.SetStock(ctx, tx, in.StoreID, id, s.line.onHand, s.line.expected, s.line.expectedDate, in.NewID(), in.Now)
			if err != nil {
				return fmt.Errorf("set stock of %s: %w", s.sku, err)
			}
			tell("stock.imported", "variant", id, s.changes)
		}
	}
	if err := db.WriteAudit(ctx, tx, in.StoreID, lines); err != nil {
		return fmt.Errorf("write audit lines: %w", err)
	}
	return nil
}
