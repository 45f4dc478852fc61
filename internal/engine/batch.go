package engine

import (
	"sync"
	"time"
)

// batchTime is what a batch may take, so that shoppers' writes wait little for
// the engine's.
const batchTime = 150 * time.Millisecond

// batch adapts how much a stage takes at once to how long it takes.
type batch struct {
	mu               sync.Mutex
	now, least, most int
}

func newBatch(least, most int) *batch { return &batch{now: least, least: least, most: most} }

func (b *batch) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// learn grows after a full quick batch and shrinks after a slow one.
func (b *batch) learn(done, limit int, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case took > batchTime:
		b.now = max(b.now/2, b.least)
	case done == limit && took < batchTime/2:
		b.now = min(b.now*2, b.most)
	}
}
