package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
)

// SkipDelivery leaves out the delivery on a slot (お休み), or takes that back.
type SkipDelivery struct {
	Verb
	Slot int
	Undo bool
}

// PreviewSkip shows what skipping, or taking it back, does.
func (f *Flow) PreviewSkip(ctx context.Context, in SkipDelivery) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// Skip leaves the delivery out as it was shown, where the plan lets customers skip
// (Conflict else).
func (f *Flow) Skip(ctx context.Context, in SkipDelivery) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in SkipDelivery) deed() deed {
	rule, verb := renewal.Skip, "delivery.skipped"
	if in.Undo {
		rule, verb = renewal.Restore, "delivery.restored"
	}
	return deed{
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			if in.Actor.Kind == audit.ActorCustomer && !in.Undo && !c.plan().AllowSkip {
				return renewal.Change{}, fault.New(fault.Conflict, "fault.plan.skip_not_allowed")
			}
			return rule(c.in, in.Slot, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			for _, r := range e.Rows {
				if r.Slot == in.Slot {
					return verb, change("date", dateOf(r.Before), dateOf(r.After))
				}
			}
			return verb, nil
		},
		mail: always(eventChanged),
	}
}

// dateOf is a delivery's date for the trail, empty where there is none.
func dateOf(d EffectDelivery) string {
	if !d.There {
		return ""
	}
	return d.Date.String()
}

// Events of the mails about changes.
const (
	eventChanged   = "subscription_changed"
	eventPaused    = "subscription_paused"
	eventResumed   = "subscription_resumed"
	eventCancelled = "subscription_cancelled"
)

func always(event string) func(Effect) string { return func(Effect) string { return event } }
