package db

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// ProductFilter says which products are looked for; what is zero does not narrow
// the search.
type ProductFilter struct {
	Status catalog.Status
	// Text is the beginning of a name in any language, of a code or of a SKU.
	Text string
}

// where is the condition of the products p that the filter keeps.
func (f ProductFilter) where(storeID int64) (string, []any) {
	where, args := " WHERE p.store_id = ?", []any{storeID}
	if f.Status != "" {
		where, args = where+" AND p.status = ?", append(args, string(f.Status))
	}
	if f.Text == "" {
		return where, args
	}
	folded := place.Fold(f.Text)
	if folded == "" {
		return where + " AND 1 = 0", args // nothing but signs that no name is searched by
	}
	const last = "\U0010FFFF" // sorts after every text that begins alike
	where += ` AND p.id IN (
		SELECT id FROM products WHERE store_id = ? AND code_search >= ? AND code_search < ?
		UNION SELECT product_id FROM product_texts WHERE store_id = ? AND name_search >= ? AND name_search < ?
		UNION SELECT product_id FROM variants WHERE store_id = ? AND sku_search >= ? AND sku_search < ?)`
	for range 3 {
		args = append(args, storeID, folded, folded+last)
	}
	return where, args
}

// ProductKey is the place on the shelf after which the next page of a list
// begins; its zero is the beginning.
type ProductKey struct {
	Position int
	ID       ident.ID
}

type productKeyRow struct {
	ID       uid
	Position int
}

// FindProducts is a page of the products that a filter keeps, in the order of the
// shelf. The key of the next page is zero on the last one.
func FindProducts(ctx context.Context, c Conn, storeID int64, f ProductFilter, after ProductKey, limit int) ([]catalog.Product, ProductKey, error) {
	where, args := f.where(storeID)
	if !after.ID.IsZero() {
		where += " AND (p.position, p.id) > (?, ?)"
		args = append(args, after.Position, uid(after.ID))
	}
	keys, err := selectInto[productKeyRow](ctx, c, "SELECT p.id, p.position FROM products AS p"+where+
		" ORDER BY p.position, p.id LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return nil, ProductKey{}, fmt.Errorf("find products: %w", err)
	}
	var next ProductKey
	if len(keys) > limit {
		keys = keys[:limit]
		last := keys[limit-1]
		next = ProductKey{Position: last.Position, ID: ident.ID(last.ID)}
	}
	ids := make([]ident.ID, len(keys))
	for i, k := range keys {
		ids[i] = ident.ID(k.ID)
	}
	found, err := ProductsByIDs(ctx, c, storeID, ids)
	if err != nil {
		return nil, ProductKey{}, err
	}
	list := make([]catalog.Product, 0, len(ids))
	for _, id := range ids {
		if p, ok := found[id]; ok {
			list = append(list, p)
		}
	}
	return list, next, nil
}

// CountProducts counts what a filter keeps by status, whatever status it names.
func CountProducts(ctx context.Context, c Conn, storeID int64, f ProductFilter) (map[catalog.Status]int, error) {
	f.Status = ""
	where, args := f.where(storeID)
	rows, err := selectInto[stateCountRow](ctx, c,
		"SELECT p.status AS state, count(*) AS n FROM products AS p"+where+" GROUP BY p.status", args...)
	if err != nil {
		return nil, fmt.Errorf("count products: %w", err)
	}
	counts := make(map[catalog.Status]int, len(rows))
	for _, r := range rows {
		counts[catalog.Status(r.State)] = r.N
	}
	return counts, nil
}
