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
// now). Of a product that is there, the code, the options, the picture, the place
// on the shelf and the variants' SKUs stay as they are, and so do its prices in
// other currencies than the store's.
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
		if err := next.Validate(store.Currency); err != nil {
			return err
		}
		changes := ProductChanges(before, next, store.Currency)
		saved = before
		if len(changes) > 0 {
			if saved, err = f.keepProduct(ctx, tx, storeID, next); err != nil {
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
			wanted.Variants[i].ID = f.NewID()
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
	return before, EditedProduct(before, wanted, currency), nil
}

// EditedProduct is a product with what staff may change of it taken from another.
func EditedProduct(before, wanted catalog.Product, currency money.Currency) catalog.Product {
	next := before
	next.Slug, next.Status, next.Category, next.TaxClass = wanted.Slug, wanted.Status, wanted.Category, wanted.TaxClass
	next.Plan = wanted.Plan
	next.Texts = map[string]catalog.Text{}
	maps.Copy(next.Texts, before.Texts)
	maps.Copy(next.Texts, wanted.Texts)
	next.Variants = slices.Clone(before.Variants)
	for i, v := range next.Variants {
		edited, known := wanted.Variant(v.ID)
		if !known {
			continue
		}
		next.Variants[i].WeightGrams = edited.WeightGrams
		next.Variants[i].Prices = map[money.Currency]catalog.Price{}
		maps.Copy(next.Variants[i].Prices, v.Prices)
		next.Variants[i].Prices[currency] = edited.Prices[currency]
	}
	return next
}

// keepProduct writes a product unless its names belong to another.
func (f *Flow) keepProduct(ctx context.Context, tx db.Tx, storeID int64, p catalog.Product) (catalog.Product, error) {
	codeTaken, slugTaken, err := db.ProductNamesTaken(ctx, tx, storeID, p.ID, p.Code, p.Slug)
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
	if len(faults) > 0 {
		return catalog.Product{}, faults
	}
	saved, err := db.UpsertProduct(ctx, tx, storeID, p, f.Now())
	switch {
	case errors.Is(err, db.ErrSKUTaken):
		return saved, fault.Field("variants[0].sku", "fault.product.sku_taken")
	case err == nil && saved.ID != p.ID, db.IsUnique(err):
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
		err := db.SetStock(ctx, tx, storeID, v.ID, pieces, was.Expected, was.ExpectedDate, f.NewID(), f.Now())
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
