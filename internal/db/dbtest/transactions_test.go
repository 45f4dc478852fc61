package dbtest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestWriteTransactionInsideAnotherIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := try(t, d, func(ctx context.Context, _ db.Tx) error {
			return d.Write(ctx, func(context.Context, db.Tx) error { return nil })
		})
		if !errors.Is(err, db.ErrNested) {
			t.Errorf("nested Write: %v, want ErrNested", err)
		}
	})
}

func TestReadersSeeATransactionWholeOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		answer := func(c db.Conn) error {
			_, err := db.Answer(t.Context(), c, 1, "key")
			return err
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			if _, _, err := db.Remember(ctx, tx, 1, "key", "answer", fixture.Start); err != nil {
				return err
			}
			if err := answer(d); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("outside, before the commit: %v, want ErrNotFound", err)
			}
			return answer(tx)
		})
		if err := answer(d); err != nil {
			t.Errorf("after the commit: %v", err)
		}
	})
}

// Two transactions lock two stock rows crosswise. PostgreSQL gives one of them
// up, SQLite lets them work one after the other; both must come through.
func TestTransactionThatLostADeadlockRunsAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		product := fixture.Product(t, d, fixture.IDs(), 1, "HB-BLEND", 10)
		var ledger atomic.Uint32
		set := func(ctx context.Context, tx db.Tx, variant int, onHand int64) error {
			id := ident.ID{200, byte(ledger.Add(1))}
			return db.SetStock(ctx, tx, 1, product.Variants[variant].ID, onHand, 0, calendar.Date{}, id, fixture.Start)
		}
		var tries atomic.Int32
		var both sync.WaitGroup
		if d.Engine == db.Postgres {
			both.Add(2) // each holds its first row before it asks for its second
		}
		var wg sync.WaitGroup
		for first := range 2 {
			wg.Go(func() {
				var once sync.Once
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					tries.Add(1)
					if err := set(ctx, tx, first, 20); err != nil {
						return err
					}
					if d.Engine == db.Postgres {
						once.Do(func() {
							both.Done()
							both.Wait()
						})
					}
					return set(ctx, tx, 1-first, 30)
				})
				if err != nil {
					t.Errorf("transaction %d: %v", first, err)
				}
			})
		}
		wg.Wait()
		// On a busy machine the one that runs again may meet the other once more.
		if least := map[db.Engine]int32{db.SQLite: 2, db.Postgres: 3}[d.Engine]; tries.Load() < least {
			t.Errorf("%d runs, want at least %d", tries.Load(), least)
		}
	})
}

// Reading and then writing in one transaction failed in most cases when SQLite's
// transactions were deferred.
func TestManyWritersThatReadFirstAllSucceed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.InsertCart(ctx, tx, 1, cartID, ident.ID{}, fixture.Start)
		})
		const writers, each = 6, 5
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
						if _, err := db.Settings(ctx, tx, 1); err != nil {
							return err
						}
						return db.AddCartLine(ctx, tx, 1, cartID, line(1, 1, monthly), fixture.Start)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		cart := must(db.CartByID(t.Context(), d, 1, cartID))(t)
		if len(cart.Lines) != 1 || cart.Lines[0].Quantity != writers*each {
			t.Errorf("lines %+v, want one of %d pieces", cart.Lines, writers*each)
		}
	})
}

func TestSQLiteSurvivesPowerLoss(t *testing.T) {
	pool := raw(t, db.SQLite, dbtest.URL(t, db.SQLite))
	if mode := texts(t, pool, `PRAGMA journal_mode`); mode[0] != "wal" {
		t.Errorf("journal mode %q, want wal: it is a property of the file", mode[0])
	}
	d := dbtest.Open(t, db.SQLite)
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1} {
			var got int
			if err := tx.Scan(ctx, &got, "PRAGMA "+pragma); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s is %d, want %d", pragma, got, want)
			}
		}
		return nil
	})
}
