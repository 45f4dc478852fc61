package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
)

// Pause (一時停止) stops a subscription until it is resumed.
type Pause struct{ Verb }

// PreviewPause shows which deliveries stop.
func (f *Flow) PreviewPause(ctx context.Context, in Pause) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// Pause stops it, where the plan lets customers pause (Conflict else). Orders whose charge was declined are taken back, as a
// cancellation does.
func (f *Flow) Pause(ctx context.Context, in Pause) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in Pause) deed() deed {
	return deed{
		leaves: true,
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			if in.Actor.Kind == audit.ActorCustomer && !c.plan().AllowPause {
				return renewal.Change{}, fault.New(fault.Conflict, "fault.plan.pause_not_allowed")
			}
			return renewal.Pause(c.left, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			return "subscription.paused", change("state", string(e.Before.State), string(e.After.State))
		},
		mail: always(eventPaused),
	}
}
