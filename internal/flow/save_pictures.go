package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/picture"
)

// PictureChange is a picture that staff choose for a product, or take away.
type PictureChange struct {
	VariantID ident.ID // zero: of the product itself
	Upload    []byte   // the file as it came; empty where the picture is taken away
	Field     string   // where a fault of the file is said
}

// SavePicturesInput is what staff want of a product's pictures. Version is that of
// the product when they saw it.
type SavePicturesInput struct {
	ProductID ident.ID
	Version   int64
	Changes   []PictureChange
}

// decoding lets one picture be decoded at a time: each takes up to a third of a
// gigabyte, and the shop has to go on.
var decoding sync.Mutex

// SavePictures gives a product the pictures that staff chose, or none of them
// where one cannot be used. A product that changed meanwhile is Conflict.
func (f *Flow) SavePictures(ctx context.Context, storeID int64, actor audit.Actor, in SavePicturesInput) (catalog.Product, error) {
	var faults fault.List
	pictures := make([]picture.Picture, len(in.Changes))
	for i, change := range in.Changes {
		if len(change.Upload) == 0 {
			continue
		}
		made, err := makePicture(change.Upload)
		if said := unusable(change.Field, err); said != nil {
			faults.Add(said)
		} else if err != nil {
			return catalog.Product{}, fmt.Errorf("make picture: %w", err)
		}
		pictures[i] = made
	}
	if len(faults) > 0 {
		return catalog.Product{}, faults
	}
	var saved catalog.Product
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		found, err := db.ProductsByIDs(ctx, tx, storeID, []ident.ID{in.ProductID})
		if err != nil {
			return err
		}
		before, known := found[in.ProductID]
		if !known {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if err := db.HoldProduct(ctx, tx, storeID, before.ID, in.Version); err != nil {
			return err
		}
		next, changes := pictured(before, in.Changes, pictures)
		if saved = before; len(changes) == 0 {
			return nil
		}
		for _, p := range pictures {
			if err := db.SaveFiles(ctx, tx, storeID, filesOf(p), f.Now()); err != nil {
				return err
			}
		}
		if saved, err = db.UpsertProduct(ctx, tx, storeID, next, f.Now()); err != nil {
			return err
		}
		line := f.line(actor, "product.changed", "product", saved.ID, f.Now(), changes)
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{line})
	})
	return saved, stale(err)
}

func makePicture(upload []byte) (picture.Picture, error) {
	decoding.Lock()
	defer decoding.Unlock()
	return picture.Make(upload)
}

// unusable says beside a field what is wrong with an upload.
func unusable(field string, err error) *fault.Error {
	switch {
	case errors.Is(err, picture.ErrKind):
		return fault.Field(field, "fault.picture.kind")
	case errors.Is(err, picture.ErrBytes):
		return fault.Field(field, "fault.picture.bytes", "Max", picture.MaxBytes>>20)
	case errors.Is(err, picture.ErrPixels):
		return fault.Field(field, "fault.picture.pixels", "Max", picture.MaxPixels/1_000_000)
	case errors.Is(err, picture.ErrBroken):
		return fault.Field(field, "fault.picture.broken")
	}
	return nil
}

// pictured is a product with other pictures, and what that changes.
func pictured(p catalog.Product, changes []PictureChange, pictures []picture.Picture) (catalog.Product, map[string]audit.Change) {
	p.Variants = slices.Clone(p.Variants)
	trail := map[string]audit.Change{}
	for i, change := range changes {
		path, field, at := "", "picture", &p.Picture
		if pictures[i].Hash != "" {
			path = picture.Path(pictures[i].Hash)
		}
		if !change.VariantID.IsZero() {
			n := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return v.ID == change.VariantID })
			if n < 0 {
				continue
			}
			field, at = "picture."+p.Variants[n].SKU, &p.Variants[n].Picture
		}
		if *at != path {
			trail[field] = audit.Change{Before: *at, After: path}
			*at = path
		}
	}
	return p, trail
}

func filesOf(p picture.Picture) []db.File {
	files := make([]db.File, len(p.Renditions))
	for i, r := range p.Renditions {
		files[i] = db.File{Hash: p.Hash, Width: r.Width, Kind: r.Kind, Content: r.Content}
	}
	return files
}
