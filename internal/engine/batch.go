package engine

import (
	"sync"
	"time"
)

// holdTarget is how long a write transaction of the engine may keep others
// waiting, so that shoppers' writes wait little.
const holdTarget = 25 * time.Millisecond

// batch adapts how much a stage takes at once to how long its transactions hold
// what others want to write.
type batch struct {
	mu               sync.Mutex
	now, least, most int
}

func newBatch(least, most int) *batch {
	return &batch{now: (least + most) / 2, least: least, most: most}
}

func (b *batch) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// learn takes as much less as a set held too long, and somewhat more after a full
// one that held less than two thirds of the target.
func (b *batch) learn(done, limit int, held time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case held > holdTarget:
		fits := int(int64(done) * int64(holdTarget) / int64(held))
		b.now = min(max(fits, b.now/2, b.least), b.now)
	case done == limit && held < holdTarget*2/3:
		b.now = min(b.now+max(b.now/4, 1), b.most)
	}
}
