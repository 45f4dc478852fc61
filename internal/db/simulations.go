package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
)

// QueueSimulations are simulations that somebody has to run.
const QueueSimulations Queue = "simulations"

// SimulationState is how far a simulation has come.
type SimulationState string

// The states of a simulation; from the third on it has ended.
const (
	SimulationWaiting SimulationState = "waiting"
	SimulationRunning SimulationState = "running"
	SimulationDone    SimulationState = "done"
	SimulationFailed  SimulationState = "failed"
	SimulationStopped SimulationState = "stopped"
)

// Simulation is what a member of staff asked for, and what came of it.
type Simulation struct {
	ID        ident.ID
	State     SimulationState
	From, To  calendar.Date
	Cards     simulation.Cards
	StaffID   ident.ID
	Reached   calendar.Date      // the business day it has come to; zero before it runs
	Result    *simulation.Result // of one that is done, where it was asked for
	Tries     int                // how many processes have taken it up
	CreatedAt time.Time
	EndedAt   time.Time
}

// Ended reports whether nothing happens to it any more.
func (s Simulation) Ended() bool { return !s.EndedAt.IsZero() }

type simulationRow struct {
	bun.BaseModel `bun:"table:simulations"`

	StoreID   int64
	ID        uid
	State     string
	FirstDay  day
	LastDay   day
	Cards     document[simulation.Cards]
	StaffID   uid
	Reached   day
	Tries     int
	NextDue   instant
	CreatedAt instant
	EndedAt   instant
}

const simulationColumns = "id, state, first_day, last_day, cards, staff_id, reached, tries, created_at, ended_at"

func (r simulationRow) core() Simulation {
	return Simulation{
		ID: ident.ID(r.ID), State: SimulationState(r.State), From: calendar.Date(r.FirstDay), To: calendar.Date(r.LastDay),
		Cards: r.Cards.V, StaffID: ident.ID(r.StaffID), Reached: calendar.Date(r.Reached), Tries: r.Tries,
		CreatedAt: r.CreatedAt.time(), EndedAt: r.EndedAt.time(),
	}
}

// keptSimulations of a store are kept after they have ended.
const keptSimulations = 20

// InsertSimulation asks for a simulation. While another of the store has not
// ended it is refused: IsUnique. The oldest are forgotten.
func InsertSimulation(ctx context.Context, tx Tx, storeID int64, s Simulation) error {
	row := simulationRow{
		StoreID: storeID, ID: uid(s.ID), State: string(SimulationWaiting), FirstDay: day(s.From), LastDay: day(s.To),
		Cards: doc(s.Cards), StaffID: uid(s.StaffID), NextDue: at(s.CreatedAt), CreatedAt: at(s.CreatedAt),
	}
	if err := insertRow(ctx, tx, row); err != nil {
		return doing("ask for a simulation", err)
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM simulations WHERE store_id = ? AND ended_at IS NOT NULL AND id NOT IN (
		SELECT id FROM simulations WHERE store_id = ? ORDER BY id DESC LIMIT ?)`, storeID, storeID, keptSimulations)
	return doing("forget old simulations", err)
}

// Simulations are the latest of a store without their results, the newest first.
func Simulations(ctx context.Context, c Conn, storeID int64) ([]Simulation, error) {
	rows, err := selectInto[simulationRow](ctx, c, "SELECT "+simulationColumns+
		" FROM simulations WHERE store_id = ? ORDER BY id DESC", storeID)
	if err != nil {
		return nil, fmt.Errorf("list simulations: %w", err)
	}
	list := make([]Simulation, len(rows))
	for i, r := range rows {
		list[i] = r.core()
	}
	return list, nil
}

// SimulationByID reads one with its result; ErrNotFound where there is none.
func SimulationByID(ctx context.Context, c Conn, storeID int64, id ident.ID) (Simulation, error) {
	var row struct {
		simulationRow `bun:",extend"`

		Result document[*simulation.Result]
	}
	err := c.Scan(ctx, &row, "SELECT "+simulationColumns+", result FROM simulations WHERE store_id = ? AND id = ?",
		storeID, uid(id))
	s := row.core()
	s.Result = row.Result.V
	return s, doing("read a simulation", err)
}

// BeginSimulation says that the claimed one runs now.
func BeginSimulation(ctx context.Context, tx Tx, storeID int64, id, token ident.ID) error {
	result, err := tx.ExecContext(ctx, "UPDATE simulations SET state = ? WHERE store_id = ? AND id = ? AND token = ?",
		string(SimulationRunning), storeID, uid(id), uid(token))
	return hit(result, err, ErrStale, "begin a simulation")
}

// KeepSimulation renews the lease of a running simulation and says how far it has
// come; ErrStale where it was stopped, or another process has it.
func KeepSimulation(ctx context.Context, tx Tx, storeID int64, id, token ident.ID, until time.Time, reached calendar.Date) error {
	result, err := tx.ExecContext(ctx, `UPDATE simulations SET lease_until = ?, reached = ?
		WHERE store_id = ? AND id = ? AND token = ? AND ended_at IS NULL`, at(until), day(reached), storeID, uid(id), uid(token))
	return hit(result, err, ErrStale, "keep a simulation")
}

// EndSimulation records what came of a running simulation; ErrStale where it was
// stopped meanwhile.
func EndSimulation(ctx context.Context, tx Tx, storeID int64, s Simulation, token ident.ID, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE simulations SET state = ?, result = ?, ended_at = ?, next_due = NULL,
		lease_until = NULL, token = NULL WHERE store_id = ? AND id = ? AND token = ? AND ended_at IS NULL`,
		string(s.State), doc(s.Result), at(now), storeID, uid(s.ID), uid(token))
	return hit(result, err, ErrStale, "end a simulation")
}

// StopSimulation ends one that waits or runs; ErrStale where it has ended.
func StopSimulation(ctx context.Context, tx Tx, storeID int64, id ident.ID, now time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE simulations SET state = ?, ended_at = ?, next_due = NULL,
		lease_until = NULL, token = NULL WHERE store_id = ? AND id = ? AND ended_at IS NULL`,
		string(SimulationStopped), at(now), storeID, uid(id))
	return hit(result, err, ErrStale, "stop a simulation")
}
