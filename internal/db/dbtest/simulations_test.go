package dbtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func asked(id byte) db.Simulation {
	return db.Simulation{
		ID: ident.ID{15: id}, From: calendar.On(2026, time.December, 1), To: calendar.On(2027, time.February, 28),
		Cards: simulation.UsualCards, StaffID: ident.ID{15: 99}, CreatedAt: fixture.Start,
	}
}

// taken has a process claim the one simulation that waits.
func taken(t *testing.T, d *db.DB, token byte, wall time.Time) bool {
	t.Helper()
	var refs []db.Ref
	write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		lease := db.Lease{Token: ident.ID{15: token}, Now: wall, Until: wall.Add(time.Minute)}
		if refs, err = db.Claim(ctx, tx, db.QueueSimulations, fixture.Start, 5, lease); err != nil || len(refs) == 0 {
			return err
		}
		return db.BeginSimulation(ctx, tx, refs[0].StoreID, refs[0].ID, lease.Token)
	})
	return len(refs) == 1
}

func TestASimulationIsRunByOneProcessUntilItHasEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, wall := asked(1), fixture.Start
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertSimulation(ctx, tx, 1, s) })
		if err := try(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertSimulation(ctx, tx, 1, asked(2)) }); !db.IsUnique(err) {
			t.Errorf("a second one of the store: %v", err)
		}
		if !taken(t, d, 1, wall) || taken(t, d, 2, wall.Add(time.Second)) {
			t.Fatal("it was not taken by just the first process")
		}
		reached := calendar.On(2026, time.December, 24)
		keep := func(token byte) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.KeepSimulation(ctx, tx, 1, s.ID, ident.ID{15: token}, wall.Add(time.Minute), reached)
			})
		}
		if err := keep(1); err != nil {
			t.Fatal(err)
		}
		if err := keep(2); !errors.Is(err, db.ErrStale) {
			t.Errorf("a process that does not have it keeps it: %v", err)
		}
		if !taken(t, d, 3, wall.Add(2*time.Minute)) {
			t.Fatal("nobody took it over when its process was silent")
		}
		if err := keep(1); !errors.Is(err, db.ErrStale) {
			t.Errorf("the silent process keeps it: %v", err)
		}
		running := must(db.SimulationByID(t.Context(), d, 1, s.ID))(t)
		if running.State != db.SimulationRunning || running.Reached != reached || running.Tries != 2 || running.Ended() || running.Result != nil {
			t.Errorf("running: %+v", running)
		}
		done := s
		done.State = db.SimulationDone
		done.Result = &simulation.Result{From: s.From, To: s.To, Currency: "JPY", Days: []simulation.Day{{Date: s.From}}}
		end := func(token byte) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.EndSimulation(ctx, tx, 1, done, ident.ID{15: token}, fixture.Start.Add(time.Hour))
			})
		}
		if err := end(1); !errors.Is(err, db.ErrStale) {
			t.Errorf("the silent process ends it: %v", err)
		}
		if err := end(3); err != nil {
			t.Fatal(err)
		}
		got := must(db.SimulationByID(t.Context(), d, 1, s.ID))(t)
		if diff := cmp.Diff(done.Result, got.Result); diff != "" || got.State != db.SimulationDone || !got.Ended() {
			t.Errorf("%+v\n%s", got, diff)
		}
		if taken(t, d, 4, wall.Add(time.Hour)) {
			t.Error("it was taken again")
		}
		if _, err := db.SimulationByID(t.Context(), d, 2, s.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another store reads it: %v", err)
		}
	})
}

func TestASimulationThatIsStoppedStaysStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := asked(1)
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.InsertSimulation(ctx, tx, 1, s) })
		taken(t, d, 1, fixture.Start)
		stop := func(storeID int64) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.StopSimulation(ctx, tx, storeID, s.ID, fixture.Start)
			})
		}
		if err := stop(2); !errors.Is(err, db.ErrStale) {
			t.Errorf("another store stops it: %v", err)
		}
		if err := stop(1); err != nil {
			t.Fatal(err)
		}
		if err := stop(1); !errors.Is(err, db.ErrStale) {
			t.Errorf("it is stopped twice: %v", err)
		}
		s.State = db.SimulationDone
		if err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.EndSimulation(ctx, tx, 1, s, ident.ID{15: 1}, fixture.Start)
		}); !errors.Is(err, db.ErrStale) {
			t.Errorf("its process ends it: %v", err)
		}
		if got := must(db.SimulationByID(t.Context(), d, 1, s.ID))(t); got.State != db.SimulationStopped {
			t.Errorf("it is %s", got.State)
		}
	})
}

func TestOnlyTheLatestSimulationsAreKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i := range byte(25) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				for _, store := range dbtest.Stores {
					if err := db.InsertSimulation(ctx, tx, store, asked(i+1)); err != nil {
						return err
					}
				}
				return db.StopSimulation(ctx, tx, 1, ident.ID{15: i + 1}, fixture.Start)
			})
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.StopSimulation(ctx, tx, 2, ident.ID{15: i + 1}, fixture.Start)
			})
		}
		for _, store := range dbtest.Stores {
			list := must(db.Simulations(t.Context(), d, store))(t)
			if len(list) != 20 || list[0].ID != (ident.ID{15: 25}) {
				t.Errorf("store %d keeps %d", store, len(list))
			}
		}
	})
}
