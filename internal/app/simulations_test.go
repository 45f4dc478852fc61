package app

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// ask has staff ask for the next two months of a world.
func ask(t *testing.T, h *House, cards simulation.Cards) ident.ID {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	today := calendar.DateOf(h.Clock.Now().In(zone))
	id, err := h.Flow.StartSimulation(t.Context(), flow.AskSimulation{
		StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorStaff, ID: NewID()}, From: today, To: today.AddDays(60), Cards: cards,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func simulated(t *testing.T, h *House, id ident.ID) db.Simulation {
	t.Helper()
	s, err := db.SimulationByID(t.Context(), h.DB, thread.StoreID, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatStaffAskForIsSimulatedByOneOfManyProcesses(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			w, place := shopIn(t, engine)
			w.Members(t, 3)
			before := w.AllOrders(t)
			houses := []*House{house(t, place), house(t, place), house(t, place)}
			ctx, stop := context.WithCancel(t.Context())
			var loops sync.WaitGroup
			for _, h := range houses {
				loops.Go(func() { h.Simulate(ctx) })
			}
			id := ask(t, houses[0], simulation.Cards{})
			if _, err := houses[1].Flow.StartSimulation(t.Context(), flow.AskSimulation{
				StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorStaff, ID: NewID()}, From: simulated(t, houses[0], id).From, To: simulated(t, houses[0], id).To,
			}); !fault.Is(err, fault.Conflict) && !simulated(t, houses[0], id).Ended() {
				t.Errorf("a second one beside the first: %v", err)
			}
			limit, tick := time.NewTimer(time.Minute), time.NewTicker(50*time.Millisecond)
			defer limit.Stop()
			defer tick.Stop()
			for !simulated(t, houses[0], id).Ended() {
				select {
				case <-limit.C:
					t.Fatal("nobody has finished it")
				case <-tick.C:
				}
			}
			stop()
			loops.Wait()
			got := simulated(t, houses[0], id)
			if got.State != db.SimulationDone || got.Tries != 1 || got.Result == nil || len(got.Result.Differences) > 0 {
				t.Fatalf("%+v", got)
			}
			if all := got.Result.Total(); all.Orders.Count < 3 || all.Paid != all.Orders {
				t.Errorf("%d orders, %d paid", all.Orders.Count, all.Paid.Count)
			}
			if diff := cmp.Diff(before, w.AllOrders(t)); diff != "" {
				t.Errorf("the shop has other orders now:\n%s", diff)
			}
			if n := len(w.Ledger(t).Charges); n != 0 {
				t.Errorf("%d charges at the shop's gateway", n)
			}
		})
	}
}

func TestTheCloneGuardLetsASimulationRunAndStaysShut(t *testing.T) {
	w, place := shopIn(t, db.SQLite)
	w.Members(t, 2)
	house(t, place) // the first installation owns the database
	place.SecretFile = secretFile(t, bytes.Repeat([]byte{9}, seal.SecretSize))
	h := house(t, place)
	if !h.Flow.Locked {
		t.Fatal("another secret opened the database")
	}
	id := ask(t, h, simulation.Cards{})
	if err := h.simulateNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := simulated(t, h, id); got.State != db.SimulationDone || got.Result.Total().Paid.Count < 2 {
		t.Errorf("%+v", got)
	}
	if again := house(t, place); !again.Flow.Locked {
		t.Error("the simulation has opened the database")
	}
}

func TestTheSimulationOfAProcessThatDiedIsTakenOverAndGivenUpInTheEnd(t *testing.T) {
	w, place := shopIn(t, db.SQLite)
	w.Members(t, 1)
	h := house(t, place)
	die := func() {
		if err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			dead := db.Lease{Token: NewID(), Now: Wall(), Until: Wall().Add(-time.Second)}
			_, err := db.Claim(ctx, tx, db.QueueSimulations, h.Clock.Now(), 1, dead)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	id := ask(t, h, simulation.Cards{})
	die()
	if err := h.simulateNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := simulated(t, h, id); got.State != db.SimulationDone || got.Tries != 2 {
		t.Errorf("taken over: %+v", got)
	}
	id = ask(t, h, simulation.Cards{})
	for range simulationTries {
		die()
	}
	if err := h.simulateNext(t.Context()); err == nil {
		t.Error("a simulation that ends every process is run again")
	}
	if got := simulated(t, h, id); got.State != db.SimulationFailed || got.Result != nil {
		t.Errorf("given up: %+v", got)
	}
}

func TestAProcessThatEndsLeavesItsSimulationToTheNext(t *testing.T) {
	w, place := shopIn(t, db.SQLite)
	w.Members(t, 1)
	h := house(t, place)
	id := ask(t, h, simulation.Cards{})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := h.simulateNext(ctx); err == nil {
		t.Fatal("a process that has ended took it up")
	}
	if err := h.simulateNext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := simulated(t, h, id); got.State != db.SimulationDone {
		t.Errorf("%+v", got)
	}
}
