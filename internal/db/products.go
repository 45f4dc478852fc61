package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

type productRow struct {
	bun.BaseModel `bun:"table:products"`

	StoreID   int64
	ID        uid
	Code      string
	Slug      string
	Status    catalog.Status
	Category  string
	TaxClass  tax.Class
	Picture   string
	Options   document[[]catalog.Option]
	Plan      plan
	Position  int
	Version   int64
	CreatedAt instant

	VolumeTiers document[[]catalog.VolumeTier]
	CodeSearch  string
}

type productTextRow struct {
	bun.BaseModel `bun:"table:product_texts"`

	StoreID     int64
	ProductID   uid
	Lang        string
	Name        string
	Summary     string
	Description string
	Plan        string
	NameSearch  string
}

// Products reads all products of a store in the order of the shelf, whatever
// their status.
func Products(ctx context.Context, c Conn, storeID int64) ([]catalog.Product, error) {
	rows, err := rowsOf[productRow](ctx, c, "WHERE store_id = ? ORDER BY position, id", storeID)
	if err != nil {
		return nil, doing("read products", err)
	}
	return wholeProducts(ctx, c, storeID, rows)
}

// ProductsOnSale reads the products on sale in the order of the shelf, those of
// one category unless it is empty.
func ProductsOnSale(ctx context.Context, c Conn, storeID int64, category string) ([]catalog.Product, error) {
	where, args := "WHERE store_id = ? AND status = ?", []any{storeID, catalog.StatusOnSale}
	if category != "" {
		where, args = where+" AND category = ?", append(args, category)
	}
	rows, err := rowsOf[productRow](ctx, c, where+" ORDER BY position, id", args...)
	if err != nil {
		return nil, doing("read products on sale", err)
	}
	return wholeProducts(ctx, c, storeID, rows)
}

// ProductBySlug reads one product, whatever its status.
func ProductBySlug(ctx context.Context, c Conn, storeID int64, slug string) (catalog.Product, error) {
	rows, err := rowsOf[productRow](ctx, c, "WHERE store_id = ? AND slug = ?", storeID, slug)
	if err != nil {
		return catalog.Product{}, doing("read product", err)
	}
	list, err := wholeProducts(ctx, c, storeID, rows)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("read product: %w", ErrNotFound)
	}
	if err != nil {
		return catalog.Product{}, err
	}
	return list[0], nil
}

// ProductsByIDs reads a set of products; those not there are missing from it.
func ProductsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]catalog.Product, error) {
	set := make(map[ident.ID]catalog.Product, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[productRow](ctx, c, "WHERE store_id = ? AND id IN (?)", storeID, in(uids(ids)))
	if err != nil {
		return nil, doing("read products", err)
	}
	list, err := wholeProducts(ctx, c, storeID, rows)
	for _, p := range list {
		set[p.ID] = p
	}
	return set, err
}

// VariantsByIDs reads, for each of the variants, the whole product it belongs
// to; variants not there are missing from the map.
func VariantsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) (map[ident.ID]catalog.Product, error) {
	set := make(map[ident.ID]catalog.Product, len(ids))
	if len(ids) == 0 {
		return set, nil
	}
	rows, err := rowsOf[productRow](ctx, c, `WHERE store_id = ?
		AND id IN (SELECT product_id FROM variants WHERE store_id = ? AND id IN (?))`, storeID, storeID, in(uids(ids)))
	if err != nil {
		return nil, doing("read products of variants", err)
	}
	list, err := wholeProducts(ctx, c, storeID, rows)
	if err != nil {
		return nil, err
	}
	byVariant := map[ident.ID]catalog.Product{}
	for _, p := range list {
		for _, v := range p.Variants {
			byVariant[v.ID] = p
		}
	}
	for _, id := range ids {
		if p, ok := byVariant[id]; ok {
			set[id] = p
		}
	}
	return set, nil
}

// wholeProducts adds texts and variants: three more queries for any number of
// products.
func wholeProducts(ctx context.Context, c Conn, storeID int64, rows []productRow) ([]catalog.Product, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]uid, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	texts, err := rowsOf[productTextRow](ctx, c, "WHERE store_id = ? AND product_id IN (?)", storeID, in(ids))
	if err != nil {
		return nil, doing("read product texts", err)
	}
	textsOf := map[uid]map[string]catalog.Text{}
	for _, row := range texts {
		if textsOf[row.ProductID] == nil {
			textsOf[row.ProductID] = map[string]catalog.Text{}
		}
		textsOf[row.ProductID][row.Lang] = catalog.Text{
			Name: row.Name, Summary: row.Summary, Description: row.Description, Plan: row.Plan,
		}
	}
	variantsOf, err := variantsOfProducts(ctx, c, storeID, ids)
	if err != nil {
		return nil, err
	}
	list := make([]catalog.Product, len(rows))
	for i, row := range rows {
		list[i] = catalog.Product{
			ID: ident.ID(row.ID), Code: row.Code, Slug: row.Slug, Status: row.Status, Category: row.Category,
			TaxClass: row.TaxClass, Picture: row.Picture, Options: row.Options.V, Position: row.Position,
			Plan: row.Plan.Plan, VolumeTiers: row.VolumeTiers.V, Version: row.Version,
			Texts: textsOf[row.ID], Variants: variantsOf[row.ID],
		}
	}
	return list, nil
}

// UpsertProduct saves a product with its texts, variants and prices: the product
// by its code, the variants by their SKU. It returns the product with the ids
// that are kept: those it has in the database already, else those of the
// argument. Languages, variants and currencies that p does not name stay as they
// are. A SKU that belongs to another product is ErrSKUTaken.
func UpsertProduct(ctx context.Context, tx Tx, storeID int64, p catalog.Product, now time.Time) (catalog.Product, error) {
	row := productRow{
		StoreID: storeID, ID: uid(p.ID), Code: p.Code, Slug: p.Slug, Status: p.Status, Category: p.Category,
		TaxClass: p.TaxClass, Picture: p.Picture, Options: doc(p.Options), Plan: plan{p.Plan},
		VolumeTiers: doc(p.VolumeTiers), CodeSearch: place.Fold(p.Code), Position: p.Position, Version: 1, CreatedAt: at(now),
	}
	kept, err := one(insertReturning[productRow](ctx, tx, []productRow{row}, `ON CONFLICT (store_id, code) DO UPDATE
		SET slug = EXCLUDED.slug, status = EXCLUDED.status, category = EXCLUDED.category, tax_class = EXCLUDED.tax_class,
			picture = EXCLUDED.picture, options = EXCLUDED.options, plan = EXCLUDED.plan,
			volume_tiers = EXCLUDED.volume_tiers, position = EXCLUDED.position, version = products.version + 1
		RETURNING id, version`))
	if err != nil {
		return catalog.Product{}, doing("save product", err)
	}
	p.ID, p.Version = ident.ID(kept.ID), kept.Version
	if err := upsertTexts(ctx, tx, storeID, p); err != nil {
		return catalog.Product{}, err
	}
	p.Variants, err = upsertVariants(ctx, tx, storeID, p)
	return p, err
}

func upsertTexts(ctx context.Context, tx Tx, storeID int64, p catalog.Product) error {
	if len(p.Texts) == 0 {
		return nil
	}
	rows := make([]productTextRow, 0, len(p.Texts))
	for _, lang := range slices.Sorted(maps.Keys(p.Texts)) {
		text := p.Texts[lang]
		rows = append(rows, productTextRow{
			StoreID: storeID, ProductID: uid(p.ID), Lang: lang,
			Name: text.Name, Summary: text.Summary, Description: text.Description, Plan: text.Plan,
			NameSearch: place.Fold(text.Name),
		})
	}
	_, err := insertOr(ctx, tx, rows, `ON CONFLICT (store_id, product_id, lang) DO UPDATE
		SET name = EXCLUDED.name, summary = EXCLUDED.summary, description = EXCLUDED.description,
			plan = EXCLUDED.plan, name_search = EXCLUDED.name_search`)
	return doing("save product texts", err)
}
