package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
)

// maxOnHand bounds what staff may count of one variant.
const maxOnHand = 9_999_999

// SaveProductInput is a product as staff want it. OnHand holds, by SKU, the
// pieces of those variants that were counted anew.
type SaveProductInput struct {
	catalog.Product

	OnHand map[string]int64
}

// SaveProduct keeps a product: a new one where it has no id, else the changes to
// the one that had the version when it was read (Conflict where it has another by
// now). Of a product that is there, the code, the pictures, the place on the shelf
// and the variants' SKUs stay as they are, and so do its prices in other
// currencies than the store's. Variants come in the order they are given; those
// without an id are new, and those left out are removed unless something holds
// them.
//
// A changed plan is what new subscriptions agree to; those that run keep the days
// and the minimum that they agreed to.
func (f *Flow) SaveProduct(ctx context.Context, storeID int64, actor audit.Actor, in SaveProductInput) (catalog.Product, error) {
	store, err := db.Store(ctx, f.DB, storeID)
	if err != nil {
		return catalog.Product{}, err
	}
	var saved catalog.Product
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		before, next, err := f.nextProduct(ctx, tx, storeID, in.Product, store.Currency)
		if err != nil {
			return err
		}
		faults := fault.All(next.Validate(store.Currency))
		gone, held, err := f.goneVariants(ctx, tx, storeID, before, next)
		if err != nil {
			return err
		}
		if faults = append(faults, held...); len(faults) > 0 {
			return faults
		}
		changes := ProductChanges(before, next, store.Currency)
		saved = before
		if len(changes) > 0 {
			if saved, err = f.keepProduct(ctx, tx, storeID, next); err != nil {
				return err
			}
			if err := db.RemoveVariants(ctx, tx, storeID, gone, f.NewID, f.Now()); err != nil {
				return err
			}
		}
		if err := f.countStock(ctx, tx, storeID, saved.Variants, in.OnHand, changes); err != nil {
			return err
		}
		if len(changes) == 0 {
			return nil
		}
		verb := "product.changed"
		if in.ID.IsZero() {
			verb = "product.created"
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(actor, verb, "product", saved.ID, f.Now(), changes)})
	})
	return saved, stale(err)
}

// nextProduct reads the product that is to change, if it is there already, and
// makes of it what shall be kept.
func (f *Flow) nextProduct(ctx context.Context, tx db.Tx, storeID int64, wanted catalog.Product, currency money.Currency) (before, next catalog.Product, err error) {
	if wanted.ID.IsZero() {
		if wanted.Position, err = db.EndOfShelf(ctx, tx, storeID); err != nil {
			return before, next, err
		}
		wanted.ID, wanted.Variants = f.NewID(), slices.Clone(wanted.Variants)
		for i := range wanted.Variants {
			wanted.Variants[i].ID, wanted.Variants[i].Position = f.NewID(), i
		}
		return catalog.Product{}, wanted, nil
	}
	found, err := db.ProductsByIDs(ctx, tx, storeID, []ident.ID{wanted.ID})
	if err != nil {
		return before, next, err
	}
	before, known := found[wanted.ID]
	if !known {
		return before, next, fault.New(fault.NotFound, "fault.not_found")
	}
	if err := db.HoldProduct(ctx, tx, storeID, wanted.ID, wanted.Version); err != nil {
		return before, next, err
	}
	next = EditedProduct(before, wanted, currency)
	for i := range next.Variants {
		if next.Variants[i].ID.IsZero() {
			next.Variants[i].ID = f.NewID()
		}
	}
	return before, next, nil
}

// EditedProduct is a product with what staff may change of it taken from another.
// A variant without an id whose SKU is there already is that one.
func EditedProduct(before, wanted catalog.Product, currency money.Currency) catalog.Product {
	next := before
	next.Slug, next.Status, next.Category, next.TaxClass = wanted.Slug, wanted.Status, wanted.Category, wanted.TaxClass
	next.Plan, next.Options, next.VolumeTiers = wanted.Plan, wanted.Options, wanted.VolumeTiers
	next.Texts = map[string]catalog.Text{}
	maps.Copy(next.Texts, before.Texts)
	maps.Copy(next.Texts, wanted.Texts)
	next.Variants = make([]catalog.Variant, len(wanted.Variants))
	for i, edited := range wanted.Variants {
		same := func(v catalog.Variant) bool { return v.ID == edited.ID || (edited.ID.IsZero() && v.SKU == edited.SKU) }
		v := catalog.Variant{SKU: edited.SKU}
		if at := slices.IndexFunc(before.Variants, same); at >= 0 {
			v = before.Variants[at]
		}
		v.Values, v.WeightGrams, v.Position = edited.Values, edited.WeightGrams, i
		prices := map[money.Currency]catalog.Price{}
		maps.Copy(prices, v.Prices)
		prices[currency] = edited.Prices[currency]
		v.Prices = prices
		next.Variants[i] = v
	}
	return next
}

// goneVariants are those that a save takes out of a product, and what stands in
// the way of it.
func (f *Flow) goneVariants(ctx context.Context, tx db.Tx, storeID int64, before, next catalog.Product) (gone []ident.ID, held fault.List, err error) {
	skus := map[ident.ID]string{}
	for _, v := range before.Variants {
		if _, stays := next.Variant(v.ID); !stays {
			gone, skus[v.ID] = append(gone, v.ID), v.SKU
		}
	}
	uses, err := db.VariantUses(ctx, tx, storeID, gone)
	if err != nil {
		return nil, nil, err
	}
	free, err := db.StockCounts(ctx, tx, storeID, gone)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range gone {
		switch use := uses[id]; {
		case use.Running > 0:
			held.Add(fault.Field("variants", "fault.product.variant_subscribed", "SKU", skus[id], "Count", use.Running))
		case use.Recorded:
			held.Add(fault.Field("variants", "fault.product.variant_ordered", "SKU", skus[id]))
		case free[id].Reserved > 0:
			held.Add(fault.Field("variants", "fault.product.variant_reserved", "SKU", skus[id]))
		}
	}
	return gone, held, nil
}

// keepProduct writes a product unless its names belong to another.
func (f *Flow) keepProduct(ctx context.Context, tx db.Tx, storeID int64, p catalog.Product) (catalog.Product, error) {
	codeTaken, slugTaken, err := db.ProductNamesTaken(ctx, tx, storeID, p.ID, p.Code, p.Slug)
	if err != nil {
		return catalog.Product{}, err
	}
	skus := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		skus[i] = v.SKU
	}
	skuTaken, err := db.SKUsTaken(ctx, tx, storeID, p.ID, skus)
	if err != nil {
		return catalog.Product{}, err
	}
	var faults fault.List
	if codeTaken {
		faults.Add(fault.Field("code", "fault.product.code_taken"))
	}
	if slugTaken {
		faults.Add(fault.Field("slug", "fault.product.slug_taken"))
	}
	for i, sku := range skus {
		if skuTaken[sku] {
			faults.Add(fault.Field(fmt.Sprintf("variants[%d].sku", i), "fault.product.sku_taken"))
		}
	}
	if len(faults) > 0 {
		return catalog.Product{}, faults
	}
	saved, err := db.UpsertProduct(ctx, tx, storeID, p, f.Now())
	switch {
	case err == nil && saved.ID != p.ID, db.IsUnique(err), errors.Is(err, db.ErrSKUTaken):
		// somebody took the name after we had looked
		return saved, fault.New(fault.Conflict, "fault.conflict")
	}
	return saved, err
}

// countStock writes what was counted anew and adds it to the changes. What is
// expected stays.
func (f *Flow) countStock(ctx context.Context, tx db.Tx, storeID int64, variants []catalog.Variant, onHand map[string]int64, changes map[string]audit.Change) error {
	ids := make([]ident.ID, len(variants))
	for i, v := range variants {
		ids[i] = v.ID
	}
	counts, err := db.StockCounts(ctx, tx, storeID, ids)
	if err != nil {
		return err
	}
	for i, v := range variants {
		pieces, counted := onHand[v.SKU]
		was, known := counts[v.ID]
		if !counted || (known && was.OnHand == pieces) {
			continue
		}
		field := fmt.Sprintf("variants[%d].on_hand", i)
		switch {
		case pieces < 0 || pieces > maxOnHand:
			return fault.Field(field, "fault.number.range", "Min", 0, "Max", maxOnHand)
		case pieces < was.Reserved:
			return fault.Field(field, "fault.product.reserved", "Count", was.Reserved)
		}
		now := db.StockCount{OnHand: pieces, Expected: was.Expected, ExpectedDate: was.ExpectedDate}
		err := db.CountStock(ctx, tx, storeID, v.ID, now, f.NewID(), f.Now())
		if db.IsCheck(err) {
			return fault.New(fault.Conflict, "fault.conflict") // reserved since we looked
		}
		if err != nil {
			return err
		}
		changes["on_hand."+v.SKU] = audit.Change{Before: strconv.FormatInt(was.OnHand, 10), After: strconv.FormatInt(pieces, 10)}
	}
	return nil
}
