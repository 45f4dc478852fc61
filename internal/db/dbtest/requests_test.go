package dbtest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestManyWritersOfOneRequestGetOneAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers = 6
		var wg sync.WaitGroup
		var mu sync.Mutex
		firsts, answers := 0, map[string]bool{}
		for i := range writers {
			wg.Go(func() {
				var first bool
				var stored string
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
					first, stored, err = db.Remember(ctx, tx, 1, "key", fmt.Sprintf("order %d", i), fixture.Start)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				answers[stored] = true
				if first {
					firsts++
				}
			})
		}
		wg.Wait()
		if firsts != 1 || len(answers) != 1 {
			t.Errorf("%d writers were first, answers %v; want one of each", firsts, answers)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			first, stored, err := db.Remember(ctx, tx, 2, "key", "store 2", fixture.Start)
			if !first || stored != "store 2" {
				t.Errorf("store 2: first %t, %q", first, stored)
			}
			return err
		})
	})
}

func TestAnswerOfAFailedTransactionIsForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fail := errors.New("no stock")
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			_, _, err := db.Remember(ctx, tx, 1, "key", "lost", fixture.Start)
			return errors.Join(err, fail)
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		if _, err := db.Answer(t.Context(), d, 1, "key"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("Answer: %v, want ErrNotFound", err)
		}
	})
}

func TestFailedLoginsCountUntilALoginOrALongPause(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fail := func(storeID int64, subject string, now time.Time) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.RecordFailure(ctx, tx, storeID, subject, now, time.Hour)
			})
		}
		check := func(storeID int64, subject string, want int, wantLast time.Time) {
			t.Helper()
			count, last, err := db.Failures(t.Context(), d, storeID, subject)
			if err != nil || count != want || !last.Equal(wantLast) {
				t.Errorf("store %d, %s: %d, last %s, %v; want %d, last %s", storeID, subject, count, last, err, want, wantLast)
			}
		}
		at := func(minutes int) time.Time { return fixture.Start.Add(time.Duration(minutes) * time.Minute) }
		fail(1, "hana", at(0))
		fail(1, "hana", at(60))
		fail(1, "taro", at(0))
		fail(2, "hana", at(5))
		check(1, "hana", 2, at(60))
		check(1, "Hana", 0, time.Time{})
		check(2, "hana", 1, at(5))
		fail(1, "hana", at(121))
		check(1, "hana", 1, at(121))
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.ClearFailures(ctx, tx, 1, "hana") })
		check(1, "hana", 0, time.Time{})
		check(1, "taro", 1, at(0))
		check(2, "hana", 1, at(5))
	})
}
