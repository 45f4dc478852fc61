// Package engine runs the loops that claim due work and call the use cases. It
// decides nothing: what is due stands in the database, and any number of
// processes may run the same loops beside each other.
package engine

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
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
	queue   db.Queue // looked at before anything is claimed
	workers int
	batch   *batch
	run     func(ctx context.Context, limit int) (int, error)
	// feeds are the stages for which its work makes work.
	feeds []string
	// gather is how long a loop waits before it looks again, so that single pieces
	// that come in one after the other are done together.
	gather time.Duration
	// yields makes the loop rest in proportion to its work while the stages that
	// renew are busy: nobody waits for what it does as long.
	yields bool
	wake   *signal
}

// restFactor is how many times as long as it worked a stage that yields rests.
const restFactor = 2

// Engine owns the loops of one process.
type Engine struct {
	flow   *flow.Flow
	stages []stage
	// renewed is when boxes or charges were last done, in microseconds.
	renewed atomic.Int64
	// woken is when pages last woke the loops, in microseconds.
	woken atomic.Int64
}

// New makes the loops over the use cases.
func New(f *flow.Flow) *Engine {
	e := &Engine{flow: f, stages: []stage{
		{
			name: "deadlines", queue: db.QueueSubscriptions, workers: 1, batch: newBatch(32, 96),
			run: f.PassDeadlines, feeds: []string{"charges"},
		},
		{
			// sets are small and one at a time: larger or more of them renew hardly
			// faster, and make those who shop wait (bench/RESULTS.md)
			name: "charges", queue: db.QueuePayments, workers: 1, batch: newBatch(32, 96),
			run: f.Charge,
		},
		{
			name: "webhooks", queue: db.QueueWebhooks, workers: 1, batch: newBatch(32, 128),
			run: f.HandleWebhooks, gather: 250 * time.Millisecond,
		},
		{
			name: "sessions", queue: db.QueueSessions, workers: 1, batch: newBatch(8, 32),
			run: f.SweepSessions,
		},
		{
			name: "quotes", queue: db.QueueRequotes, workers: 1, batch: newBatch(32, 96),
			run: f.Requote, yields: true,
		},
		{
			name: "mails", queue: db.QueueMails, workers: 1, batch: newBatch(16, 128),
			run: f.SendMails, gather: 20 * time.Millisecond, yields: true,
		},
	}}
	for i := range e.stages {
		e.stages[i].wake = newSignal()
	}
	return e
}

// Run works until the context ends.
func (e *Engine) Run(ctx context.Context) {
	ctx = db.Background(ctx)
	var loops sync.WaitGroup
	for _, s := range e.stages {
		for range s.workers {
			loops.Go(func() { e.loop(ctx, s) })
		}
	}
	loops.Go(func() {
		repeat(ctx, tidyPoll, "tidy up", e.flow.Tidy)
	})
	loops.Go(func() {
		repeat(ctx, countPoll, "count tables", func(ctx context.Context) error { return db.CountTables(ctx, e.flow.DB) })
	})
	loops.Go(func() { repeat(ctx, foldPoll, "fold totals", e.fold) })
	loops.Wait()
}

// foldLimit bounds what one transaction folds: after an import a good many deltas
// wait.
const foldLimit = 2_000

// fold adds all deltas that wait to the totals.
func (e *Engine) fold(ctx context.Context) error {
	for {
		if n, err := db.FoldTotals(ctx, e.flow.DB, foldLimit); err != nil || n < foldLimit {
			return err
		}
	}
}

// wakeEvery bounds how often pages make idle loops look: messages of the gateway
// come by the hundred while charges are made.
const wakeEvery = 100 * time.Millisecond

// Wake makes idle loops look at once: something became due. One that comes soon
// after another is left to the loops' own poll.
func (e *Engine) Wake() {
	now, last := e.flow.Wall().UnixMicro(), e.woken.Load()
	if now-last < wakeEvery.Microseconds() || !e.woken.CompareAndSwap(last, now) {
		return
	}
	for _, s := range e.stages {
		s.wake.send()
	}
}

// feed wakes the stages that a stage has made work for; what it writes mails
// about is everybody's.
func (e *Engine) feed(s stage) {
	for _, other := range e.stages {
		if slices.Contains(s.feeds, other.name) || (other.name == "mails" && s.name != "mails") {
			other.wake.send()
		}
	}
}

func (e *Engine) loop(ctx context.Context, s stage) {
	for ctx.Err() == nil {
		woken := s.wake.next()
		begun := e.flow.Wall()
		n, err := e.once(ctx, s)
		switch {
		case err != nil && ctx.Err() == nil:
			slog.ErrorContext(ctx, "stage failed", "stage", s.name, "error", err)
			wait(ctx, failPoll, nil)
		case n > 0:
			e.feed(s)
			wait(ctx, e.rest(s, begun), nil)
		default:
			wait(ctx, idlePoll, woken)
			wait(ctx, s.gather, nil)
		}
	}
}

// rest is the pause of a loop after a set of work.
func (e *Engine) rest(s stage, begun time.Time) time.Duration {
	now := e.flow.Wall()
	if s.name == "deadlines" || s.name == "charges" {
		e.renewed.Store(now.UnixMicro())
		return 0
	}
	if s.yields && now.UnixMicro()-e.renewed.Load() < idlePoll.Microseconds() {
		return max(restFactor*now.Sub(begun), s.gather)
	}
	return s.gather
}

// wait pauses for a while, until the channel closes or the context ends.
func wait(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
	case <-timer.C:
	}
}

const (
	// tidyPoll is how often what nobody needs any more is removed.
	tidyPoll = 10 * time.Minute
	// countPoll is how often tables that have grown are looked for.
	countPoll = time.Second
	// foldPoll is how often deltas are folded. Totals are right without it, and read
	// the faster the fewer deltas wait.
	foldPoll = time.Second
)

// repeat does a chore at once and then at intervals until the context ends.
func repeat(ctx context.Context, every time.Duration, name string, chore func(context.Context) error) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := chore(ctx); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "chore failed", "chore", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// once does one set of work where any is due. Looking first costs a read;
// claiming nothing would cost a write transaction.
func (e *Engine) once(ctx context.Context, s stage) (int, error) {
	due, err := db.HasDue(ctx, e.flow.DB, s.queue, e.flow.Now(), e.flow.Wall())
	if err != nil || !due {
		return 0, err
	}
	limit := s.batch.size()
	held := &flow.Held{}
	n, err := s.run(flow.WithHeld(ctx, held), limit)
	s.batch.learn(n, limit, held.Longest())
	return n, err
}

// queues that a demo's clock may not run past.
var queues = []db.Queue{db.QueueSubscriptions, db.QueuePayments, db.QueueSessions, db.QueueMails, db.QueueRequotes}

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
