package dbtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestBudgetIsNeverOverdrawnByTheEngineAndRefillsWithTime(t *testing.T) {
	const perSecond, shoppers = 25, 5
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		draw := func(want int64, after time.Duration) (granted int64) {
			t.Helper()
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
				granted, err = db.TakeBudget(ctx, tx, "store:1", "confirm", want, perSecond, shoppers, fixture.Start.Add(after))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return granted
		}
		for _, step := range []struct {
			name  string
			want  int64
			after time.Duration
			get   int64
		}{
			{"a full second's worth less the shoppers' share", 100, 0, 20},
			{"nothing more in the same instant", 10, 0, 0},
			{"what half a second brings", 100, 500 * time.Millisecond, 12},
			{"the fraction that was left counts", 100, 540 * time.Millisecond, 1},
			{"never more than a second's worth, however long it rests", 100, time.Hour, 20},
			{"a clock that went back gives nothing", 10, time.Minute, 0},
			{"and stops nobody until it has caught up", 100, time.Minute + time.Second, 20},
			{"less than there is", 3, time.Hour + time.Second, 3},
		} {
			if got := draw(step.want, step.after); got != step.get {
				t.Errorf("%s: %d, want %d", step.name, got, step.get)
			}
		}
	})
}
