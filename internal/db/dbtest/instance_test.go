package dbtest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestInstanceIsCreatedOnceAndConfirmedByAPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := db.Instance(ctx, d); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("before it is made: %v, want ErrNotFound", err)
		}
		for _, check := range []string{"first", "second"} {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.CreateInstance(ctx, tx, check, fixture.Start)
			})
		}
		got := must(db.Instance(ctx, d))(t)
		if got.SecretCheck != "first" || !got.Confirmed || !got.CreatedAt.Equal(fixture.Start) {
			t.Errorf("instance %+v, want the first's", got)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.ConfirmInstance(ctx, tx, "second") })
		if got := must(db.Instance(ctx, d))(t); got.SecretCheck != "second" {
			t.Errorf("instance %+v, want the second's", got)
		}
	})
}

func TestDemoClockGoesForwardOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if got := must(db.DemoOffset(ctx, d))(t); got != 0 {
			t.Errorf("offset %s before the instance is made", got)
		}
		set := func(offset time.Duration) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error { return db.SetDemoOffset(ctx, tx, offset) })
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.CreateInstance(ctx, tx, "c", fixture.Start) })
		if err := set(40 * 24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := set(39 * 24 * time.Hour); !errors.Is(err, db.ErrBackwards) {
			t.Errorf("one day back: %v, want ErrBackwards", err)
		}
		if got := must(db.DemoOffset(ctx, d))(t); got != 40*24*time.Hour {
			t.Errorf("offset %s, want 40 days", got)
		}
	})
}

func TestNumbersAreTakenOnceByWhoeverAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const takers, each = 8, 5
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for range takers {
			wg.Go(func() {
				first, err := db.TakeNumbers(t.Context(), d, 1, db.NumberOrder, each)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				for n := first; n < first+each; n++ {
					if seen[n] || n < 1 || n > takers*each {
						t.Errorf("number %d was given twice or out of turn", n)
					}
					seen[n] = true
				}
			})
		}
		wg.Wait()
		if len(seen) != takers*each {
			t.Errorf("%d numbers given, want %d", len(seen), takers*each)
		}
		for name, take := range map[string]func() (int64, error){
			"another kind":  func() (int64, error) { return db.TakeNumbers(t.Context(), d, 1, db.NumberCustomer, 1) },
			"another store": func() (int64, error) { return db.TakeNumbers(t.Context(), d, 2, db.NumberOrder, 1) },
		} {
			if got := must(take())(t); got != 1 {
				t.Errorf("%s begins at %d, want 1", name, got)
			}
		}
	})
}

func TestNumbersAreNotTakenInsideAnotherTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := try(t, d, func(ctx context.Context, _ db.Tx) error {
			_, err := db.TakeNumbers(ctx, d, 1, db.NumberOrder, 1)
			return err
		})
		if !errors.Is(err, db.ErrNested) {
			t.Errorf("TakeNumbers inside Write: %v, want ErrNested", err)
		}
	})
}
