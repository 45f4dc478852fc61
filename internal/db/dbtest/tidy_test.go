package dbtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestOldMarksGoAndYoungOnesStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		old, young := fixture.Start.Add(-48*time.Hour), fixture.Start
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			for _, store := range dbtest.Stores {
				for key, at := range map[string]time.Time{"old": old, "young": young} {
					if _, _, err := db.Remember(ctx, tx, store, key, "answer", at); err != nil {
						return err
					}
					if err := db.RecordFailure(ctx, tx, store, key, at, time.Hour); err != nil {
						return err
					}
				}
			}
			limit := fixture.Start.Add(-time.Hour)
			return errors.Join(db.DeleteRequests(ctx, tx, limit), db.DeleteLoginFailures(ctx, tx, limit))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, store := range dbtest.Stores {
			if _, err := db.Answer(t.Context(), d, store, "old"); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("store %d: the old request is still there: %v", store, err)
			}
			if _, err := db.Answer(t.Context(), d, store, "young"); err != nil {
				t.Errorf("store %d: the young request is gone: %v", store, err)
			}
			for key, want := range map[string]int{"old": 0, "young": 1} {
				if n, _, err := db.Failures(t.Context(), d, store, key); err != nil || n != want {
					t.Errorf("store %d: %d %s failures, want %d (%v)", store, n, key, want, err)
				}
			}
		}
	})
}
