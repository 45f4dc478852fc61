package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestAPictureIsReadInTheWidthThatFitsAndByItsStoreOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		small := db.File{Hash: "ab", Width: 320, Kind: "image/png", Content: []byte{0, 1, 2, 0xFF}}
		large := db.File{Hash: "ab", Width: 900, Kind: "image/jpeg", Content: []byte{3}}
		for range 2 { // the second upload of the same picture changes nothing
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return db.SaveFiles(ctx, tx, 1, []db.File{small, large}, fixture.Start)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for width, want := range map[int]db.File{1: small, 320: small, 321: large, 640: large, 1_280: large} {
			got, err := db.FileByHash(t.Context(), d, 1, "ab", width)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("width %d: %v %s", width, err, diff)
			}
		}
		if _, err := db.FileByHash(t.Context(), d, 2, "ab", 320); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another store's picture: %v", err)
		}
		if _, err := db.FileByHash(t.Context(), d, 1, "AB", 320); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another name: %v", err)
		}
	})
}
