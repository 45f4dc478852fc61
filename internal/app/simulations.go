package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/simulate"
)

const (
	// simulationPoll is how soon a process takes up what staff ask for.
	simulationPoll = time.Second
	// simulationLease is how long the simulation of a killed process waits.
	simulationLease = 30 * time.Second
	// simulationBeat is how often a running one is kept and shows how far it is.
	simulationBeat = 2 * time.Second
	// simulationTries is how many processes may die of one.
	simulationTries = 3
	// simulationAge is older than any that still runs.
	simulationAge = 24 * time.Hour
)

// Simulate runs the simulations that staff ask for, one after the other, until
// the context ends. Any number of processes may do so beside each other.
func (h *House) Simulate(ctx context.Context) {
	if err := simulate.Sweep("", Wall().Add(-simulationAge)); err != nil {
		slog.WarnContext(ctx, "sweep old simulations", "error", err)
	}
	ticker := time.NewTicker(simulationPoll)
	defer ticker.Stop()
	for {
		if err := h.simulateNext(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "simulation failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// simulateNext takes up a simulation that waits, or one whose process has died,
// and runs it.
func (h *House) simulateNext(ctx context.Context) error {
	now := Wall()
	lease := db.Lease{Token: NewID(), Now: now, Until: now.Add(simulationLease)}
	var refs []db.Ref
	err := h.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if refs, err = db.Claim(ctx, tx, db.QueueSimulations, h.Clock.Now(), 1, lease); err != nil || len(refs) == 0 {
			return err
		}
		return db.BeginSimulation(ctx, tx, refs[0].StoreID, refs[0].ID, lease.Token)
	})
	if err != nil || len(refs) == 0 {
		return err
	}
	asked, err := db.SimulationByID(ctx, h.DB, refs[0].StoreID, refs[0].ID)
	if err != nil {
		return err
	}
	result, err := h.simulate(ctx, refs[0].StoreID, asked, lease)
	switch {
	case errors.Is(err, db.ErrStale):
		return nil // stopped, or another process has it
	case ctx.Err() != nil:
		// this process ends; another goes on at once
		return h.DB.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx db.Tx) error {
			return db.DropLeases(ctx, tx, db.QueueSimulations, refs[0].StoreID, []ident.ID{asked.ID}, lease.Token)
		})
	case err != nil:
		asked.State = db.SimulationFailed
	default:
		asked.State, asked.Result = db.SimulationDone, &result
	}
	ended := h.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return db.EndSimulation(ctx, tx, refs[0].StoreID, asked, lease.Token, h.Clock.Now())
	})
	if errors.Is(ended, db.ErrStale) {
		ended = nil
	}
	return errors.Join(err, ended)
}

// simulate runs a simulation and keeps its lease meanwhile; db.ErrStale where it
// was stopped.
func (h *House) simulate(ctx context.Context, storeID int64, asked db.Simulation, lease db.Lease) (simulation.Result, error) {
	if asked.Tries > simulationTries {
		return simulation.Result{}, fmt.Errorf("simulation %s has ended %d processes", asked.ID, asked.Tries-1)
	}
	shop, err := db.Store(ctx, h.DB, storeID)
	if err != nil {
		return simulation.Result{}, err
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	beat := &heartbeat{house: h, storeID: storeID, asked: asked, lease: lease, reached: asked.Reached}
	var beats sync.WaitGroup
	beats.Go(func() { beat.run(running, stop) })
	result, err := Simulation{
		Store: shop, From: asked.From, To: asked.To, Cards: asked.Cards, Progress: beat.reach,
	}.Run(running, h.DB, h.Texts)
	if cause := context.Cause(running); cause != nil && ctx.Err() == nil {
		err = cause
	}
	stop(nil)
	beats.Wait()
	return result, err
}

// heartbeat keeps a running simulation's lease.
type heartbeat struct {
	house   *House
	storeID int64
	asked   db.Simulation
	lease   db.Lease

	mu      sync.Mutex
	reached calendar.Date
}

func (b *heartbeat) reach(d calendar.Date) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reached = d
}

func (b *heartbeat) run(ctx context.Context, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(simulationBeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		b.mu.Lock()
		reached := b.reached
		b.mu.Unlock()
		err := b.house.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			return db.KeepSimulation(ctx, tx, b.storeID, b.asked.ID, b.lease.Token, Wall().Add(simulationLease), reached)
		})
		if errors.Is(err, db.ErrStale) {
			stop(err)
			return
		}
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "keep a simulation", "error", err)
		}
	}
}
