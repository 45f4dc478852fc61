package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/picture"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// pictureID names the input for the picture of the product, or of a variant by
// its place.
func pictureID(variant int) string {
	if variant < 0 {
		return "picture"
	}
	return variantID(variant, "picture")
}

// removeID names the box that takes a picture away.
func removeID(id string) string { return id + "_remove" }

// SavePictures keeps the pictures that were chosen for a product.
func (h *Handlers) SavePictures(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	p, err := v.product(r)
	if err != nil {
		return err
	}
	e, err := v.editing(p, tabPictures)
	if err != nil {
		return err
	}
	e.form = r.Form
	in := flow.SavePicturesInput{ProductID: p.ID, Version: versionOf(e.form)}
	if in.Changes, err = pictureChanges(r, p); err != nil {
		return err
	}
	saved, err := v.h.Flow.SavePictures(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), in)
	switch e.faults = fault.All(err); {
	case err == nil:
	case fault.Is(err, fault.Conflict):
		return v.showProduct(w, r, http.StatusConflict, e)
	case fault.Is(err, fault.Invalid):
		return v.showProduct(w, r, http.StatusUnprocessableEntity, e)
	default:
		return err
	}
	session.AddFlash(v.ctx, "ok", v.words.T("console.product.saved", "Name", saved.Text(string(v.words.Lang())).Name))
	return redirect.To(w, r, productPath(saved, tabPictures))
}

// pictureChanges are the files that were chosen, and the pictures to be taken away.
func pictureChanges(r *http.Request, p catalog.Product) ([]flow.PictureChange, error) {
	var changes []flow.PictureChange
	for i := -1; i < len(p.Variants); i++ {
		change := flow.PictureChange{Field: pictureID(i)}
		if i >= 0 {
			change.VariantID = p.Variants[i].ID
		}
		var err error
		if change.Upload, err = upload(r, change.Field); err != nil {
			return nil, err
		}
		if len(change.Upload) > 0 || r.FormValue(removeID(change.Field)) != "" {
			changes = append(changes, change)
		}
	}
	return changes, nil
}

// upload reads the file of an input, one byte more than is allowed at most; empty
// where none was chosen.
func upload(r *http.Request, id string) ([]byte, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	file, _, err := r.FormFile(id)
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open uploaded file: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(file, picture.MaxBytes+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read uploaded file: %w", err)
	}
	return content, nil
}

// pictures are the inputs of the tab: of the product, then of its variants.
func (f fields) pictures(e *editing) []ProductPicture {
	v, p := f.v, e.stored
	list := []ProductPicture{{
		ID: pictureID(-1), Title: v.words.T("product.picture.main"), Path: p.Picture, Removable: p.Picture != "",
	}}
	for i, variant := range p.Variants {
		row := ProductPicture{
			ID: pictureID(i), Title: p.OptionText(variant, string(v.words.Lang())), SKU: variant.SKU,
			Path: variant.Picture, Removable: variant.Picture != "",
		}
		if row.Path == "" {
			row.Path, row.Note = p.Picture, v.words.T("product.picture.inherited")
		}
		list = append(list, row)
	}
	for i := range list {
		list[i].RemoveID = removeID(list[i].ID)
		list[i].Error = f.faults.Field(list[i].ID, "").Error
	}
	return list
}
