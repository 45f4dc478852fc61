package db

import (
	"context"
	"sync"
)

// gate lets one writer through at a time, in the order of asking but requests of
// people before work in the background. SQLite has one writer by nature; its own
// lock, and the pool's, know no order, so that a shopper might wait for every
// loop of the engine in turn.
type gate struct {
	mu      sync.Mutex
	taken   bool
	people  []chan struct{}
	work    []chan struct{}
	granted int // to people since work was last let through
}

// peopleInARow are let through before work that waits gets its turn, so that it
// is never starved.
const peopleInARow = 8

type background struct{}

// Background marks work that nobody waits for: its write transactions let others
// go first where only one can write.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, background{}, true)
}

// enter waits for its turn; leave must follow unless it returns an error.
func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if !g.taken {
		g.taken = true
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	queue := &g.people
	if ctx.Value(background{}) != nil {
		queue = &g.work
	}
	*queue = append(*queue, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		g.giveUp(queue, turn)
		return ctx.Err()
	}
}

// giveUp takes a waiter out of its queue; one whose turn has just come passes it
// on.
func (g *gate) giveUp(queue *[]chan struct{}, turn chan struct{}) {
	g.mu.Lock()
	for i, c := range *queue {
		if c == turn {
			*queue = append((*queue)[:i:i], (*queue)[i+1:]...)
			g.mu.Unlock()
			return
		}
	}
	g.mu.Unlock()
	g.leave()
}

// leave lets the next one through.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	queue := &g.people
	if len(g.people) == 0 || (len(g.work) > 0 && g.granted >= peopleInARow) {
		queue = &g.work
	}
	if len(*queue) == 0 {
		g.taken = false
		return
	}
	if queue == &g.work {
		g.granted = 0
	} else {
		g.granted++
	}
	close((*queue)[0])
	*queue = (*queue)[1:]
}
