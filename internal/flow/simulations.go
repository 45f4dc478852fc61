package flow

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
)

// AskSimulation is a member of staff asking what the coming days will bring.
type AskSimulation struct {
	StoreID  int64
	Actor    audit.Actor
	From, To calendar.Date
	Cards    simulation.Cards
}

// StartSimulation asks for a simulation of a store, which some process takes up.
// A period that makes no sense is refused beside its field (Invalid), a second one
// while the first runs as a whole (Conflict).
func (f *Flow) StartSimulation(ctx context.Context, in AskSimulation) (ident.ID, error) {
	shop, err := f.Shop(ctx, f.DB, in.StoreID)
	if err != nil {
		return ident.ID{}, err
	}
	now := f.Now()
	var faults fault.List
	faults = append(faults, fault.All(simulation.CheckPeriod(in.From, in.To))...)
	if today := calendar.DateOf(now.In(shop.Location)); len(faults) == 0 && in.From.Before(today) {
		faults.Add(fault.Field("from", "simulation.fault.today", "Date", today))
	}
	faults = append(faults, fault.All(in.Cards.Check())...)
	if err := faults.Err(); err != nil {
		return ident.ID{}, err
	}
	id := f.NewID()
	err = f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertSimulation(ctx, tx, in.StoreID, db.Simulation{
			ID: id, From: in.From, To: in.To, Cards: in.Cards, StaffID: in.Actor.ID, CreatedAt: now,
		}); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{
			f.line(in.Actor, "simulation.asked", "simulation", id, now, change("period", "", in.From.String()+" – "+in.To.String())),
		})
	})
	if db.IsUnique(err) {
		return ident.ID{}, fault.New(fault.Conflict, "simulation.fault.running")
	}
	return id, err
}

// StopSimulation ends a simulation that nobody wants to wait for. One that has
// ended already is left alone.
func (f *Flow) StopSimulation(ctx context.Context, storeID int64, actor audit.Actor, id ident.ID) error {
	now := f.Now()
	err := f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.StopSimulation(ctx, tx, storeID, id, now); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{f.line(actor, "simulation.stopped", "simulation", id, now, nil)})
	})
	return stale(err)
}
