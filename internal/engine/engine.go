// Package engine runs the loops that claim due work and call the use cases. It
// decides nothing: what is due stands in the database, and any number of
// processes may run the same loops beside each other.
package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
)

const (
	// idlePoll is how often a loop with nothing to do looks again.
	idlePoll = 500 * time.Millisecond
	// failPoll is how long a loop rests after a failure (database away).
	failPoll = 2 * time.Second
	// settlePoll is how often Drain looks whether claimed work is done.
	settlePoll = 20 * time.Millisecond
)

// stage is one kind of due work.
type stage struct {
	name    string
	workers int
	batch   *batch
	run     func(ctx context.Context, limit int) (int, error)
}

// Engine owns the loops of one process.
type Engine struct {
	flow   *flow.Flow
	stages []stage
	wake   *signal
}

// New makes the loops over the use cases.
func New(f *flow.Flow) *Engine {
	charging := 2 // SQLite has one writer; a second loop only fills its waits for the gateway
	if f.DB.Engine == db.Postgres {
		charging = 4
	}
	return &Engine{
		flow: f, wake: newSignal(),
		stages: []stage{
			{name: "deadlines", workers: 1, batch: newBatch(10, 200), run: f.PassDeadlines},
			{name: "charges", workers: charging, batch: newBatch(16, 128), run: f.Charge},
			{name: "webhooks", workers: 1, batch: newBatch(32, 256), run: f.HandleWebhooks},
			{name: "sessions", workers: 1, batch: newBatch(8, 32), run: f.SweepSessions},
			{name: "mails", workers: 1, batch: newBatch(16, 128), run: f.SendMails},
		},
	}
}

// Run works until the context ends.
func (e *Engine) Run(ctx context.Context) {
	var loops sync.WaitGroup
	for _, s := range e.stages {
		for range s.workers {
			loops.Go(func() { e.loop(ctx, s) })
		}
	}
	loops.Go(func() { e.tidy(ctx) })
	loops.Wait()
}

// Wake makes idle loops look at once: something became due.
func (e *Engine) Wake() { e.wake.send() }

func (e *Engine) loop(ctx context.Context, s stage) {
	for ctx.Err() == nil {
		woken := e.wake.next()
		n, err := e.once(ctx, s)
		pause := idlePoll
		switch {
		case err != nil && ctx.Err() == nil:
			slog.ErrorContext(ctx, "stage failed", "stage", s.name, "error", err)
			pause = failPoll
		case n > 0:
			e.wake.send() // one stage's output is another's input
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tidyPoll is how often what nobody needs any more is removed.
const tidyPoll = 10 * time.Minute

// tidy removes sessions that are over and old marks of logins and requests.
func (e *Engine) tidy(ctx context.Context) {
	ticker := time.NewTicker(tidyPoll)
	defer ticker.Stop()
	for {
		if err := e.flow.Tidy(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "tidy up", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (e *Engine) once(ctx context.Context, s stage) (int, error) {
	limit := s.batch.size()
	start := e.flow.Wall()
	n, err := s.run(ctx, limit)
	s.batch.learn(n, limit, e.flow.Wall().Sub(start))
	return n, err
}

// queues that a demo's clock may not run past.
var queues = []db.Queue{db.QueueSubscriptions, db.QueuePayments, db.QueueSessions, db.QueueMails}

// Drain runs the stages until nothing is due any more, whoever does the work. It
// is for a demo's clock and for tests.
func (e *Engine) Drain(ctx context.Context) error {
	ticker := time.NewTicker(settlePoll)
	defer ticker.Stop()
	for {
		done := 0
		for _, s := range e.stages {
			n, err := e.once(ctx, s)
			if err != nil {
				return err
			}
			done += n
		}
		if done > 0 {
			continue
		}
		due, err := e.due(ctx)
		if err != nil || !due {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// due reports whether anything is due, be it claimed or not. The stages that a
// clone guard stops do not count.
func (e *Engine) due(ctx context.Context) (bool, error) {
	now := e.flow.Now()
	for _, q := range queues {
		if e.flow.Locked && (q == db.QueuePayments || q == db.QueueMails) {
			continue
		}
		next, ok, err := db.NextDue(ctx, e.flow.DB, q)
		if err != nil {
			return false, err
		}
		if ok && !next.After(now) {
			return true, nil
		}
	}
	return false, nil
}

// NextDue is the next instant at which a delivery, a payment or a hosted session
// becomes due; false when none will.
func (e *Engine) NextDue(ctx context.Context) (time.Time, bool, error) {
	var first time.Time
	for _, q := range queues[:3] {
		next, ok, err := db.NextDue(ctx, e.flow.DB, q)
		if err != nil {
			return time.Time{}, false, err
		}
		if ok && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first, !first.IsZero(), nil
}
