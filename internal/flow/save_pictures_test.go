package flow_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/picture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// photograph is a file as a camera writes it, of one colour.
func photograph(t *testing.T, w, h int, c color.Color) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUploadedPicturesBelongToTheProductAndItsVariants(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		p := stored(t, w, w.Product.ID)
		save := func(version int64, changes ...flow.PictureChange) error {
			_, err := w.Flow.SavePictures(t.Context(), thread.StoreID, merchandiser, flow.SavePicturesInput{ProductID: p.ID, Version: version, Changes: changes})
			return err
		}
		red, blue := photograph(t, 700, 500, color.RGBA{R: 200, A: 255}), photograph(t, 300, 300, color.RGBA{B: 200, A: 255})
		err := save(p.Version, flow.PictureChange{Upload: red}, flow.PictureChange{VariantID: p.Variants[1].ID, Upload: blue})
		if err != nil {
			t.Fatal(err)
		}
		now := stored(t, w, p.ID)
		hash, is := picture.HashOf(now.Picture)
		if _, too := picture.HashOf(now.Variants[1].Picture); !is || !too || now.Variants[0].Picture != p.Variants[0].Picture {
			t.Fatalf("kept %q and %q, %q", now.Picture, now.Variants[0].Picture, now.Variants[1].Picture)
		}
		for width, want := range map[int]int{320: 320, 640: 640, 1_280: 700} {
			file, err := db.FileByHash(t.Context(), w.DB, thread.StoreID, hash, width)
			if err != nil || file.Width != want || file.Kind != "image/jpeg" {
				t.Errorf("for %d pixels: %d of %s, %v", width, file.Width, file.Kind, err)
			}
		}
		// what else the product has stays
		after := now
		after.Picture, after.Version, after.Variants = p.Picture, p.Version, p.Variants
		if diff := cmp.Diff(p, after); diff != "" {
			t.Error(diff)
		}

		if err := save(p.Version, flow.PictureChange{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a form that is too late: %v", err)
		}
		if err := save(now.Version, flow.PictureChange{Field: "picture"}); err != nil {
			t.Fatal(err)
		}
		if bare := stored(t, w, p.ID); bare.Picture != "" || bare.Variants[1].Picture != now.Variants[1].Picture {
			t.Errorf("taken away: %q, %q", bare.Picture, bare.Variants[1].Picture)
		}
	})
}

func TestAFileThatIsNoPictureChangesNothing(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 20)
	p := stored(t, w, w.Product.ID)
	_, err := w.Flow.SavePictures(t.Context(), thread.StoreID, merchandiser, flow.SavePicturesInput{
		ProductID: p.ID, Version: p.Version, Changes: []flow.PictureChange{
			{Field: "picture", Upload: photograph(t, 10, 10, color.White)},
			{Field: "variants[0].picture", VariantID: p.Variants[0].ID, Upload: []byte("<svg/>")},
			{Field: "variants[1].picture", VariantID: p.Variants[1].ID, Upload: photograph(t, 9, 9, color.White)[:40]},
		},
	})
	want := map[string]string{"variants[0].picture": "fault.picture.kind", "variants[1].picture": "fault.picture.broken"}
	if diff := cmp.Diff(want, fields(err)); diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if now := stored(t, w, p.ID); now.Version != p.Version {
		t.Error("the product was changed")
	}
}
