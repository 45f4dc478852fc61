package flow

import (
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/teiki-commerce/teiki/internal/db"
)

// Calls to the gateway that one set makes side by side. A gateway that answers
// quickly is kept busy by few; more would only take the processor from those who
// shop. One that takes its time needs many.
const (
	fewCalls  = 8
	manyCalls = 32
	// quickAnswer: few calls of this length are 200 a second.
	quickAnswer = 40 * time.Millisecond
)

// flight knows how the gateway answered the set before.
type flight struct{ slow atomic.Bool }

func (f *flight) limit() int {
	if f.slow.Load() {
		return manyCalls
	}
	return fewCalls
}

// inFlight makes calls side by side. A call is not started once the lease is
// over: another process may be at the payment by then.
func (f *Flow) inFlight(lease db.Lease, charges []*charge, call func(*charge)) {
	if len(charges) == 0 {
		return
	}
	var took atomic.Int64
	var group errgroup.Group
	group.SetLimit(f.flight.limit())
	for _, c := range charges {
		group.Go(func() error {
			if begin := f.Wall(); begin.Before(lease.Until) {
				call(c)
				took.Add(int64(f.Wall().Sub(begin)))
			}
			return nil
		})
	}
	_ = group.Wait() // calls report through their charge and never return an error
	f.flight.slow.Store(took.Load() > int64(len(charges))*int64(quickAnswer))
}
