package flow

import (
	"context"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Resume (再開) lets a paused subscription run again. With Ship all deliveries
// that the pause held come in one box, else they are left out. A customer may
// leave them out only where the plan lets customers skip, and has no choice where
// the plan itself leaves them out.
type Resume struct {
	Verb
	Ship bool
}

// PreviewResume shows what is ordered at once, its amount and date, and what is
// to come.
func (f *Flow) PreviewResume(ctx context.Context, in Resume) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// Resume resumes it as it was shown. A box that the stock cannot fill is refused
// (Conflict), and the subscription stays paused.
func (f *Flow) Resume(ctx context.Context, in Resume) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in Resume) deed() deed {
	return deed{
		decide: func(c *changing, now time.Time) (renewal.Change, error) { return in.decide(c, now) },
		audit: func(e Effect) (string, map[string]audit.Change) {
			return "subscription.resumed", change("state", string(e.Before.State), string(e.After.State))
		},
		mail: always(eventResumed),
	}
}

func (in Resume) decide(c *changing, now time.Time) (renewal.Change, error) {
	plan, customer := c.plan(), in.Actor.Kind == audit.ActorCustomer
	change, err := renewal.Resume(c.in, in.Ship && !(customer && plan.ResumeSkips), now)
	skips := slices.ContainsFunc(change.Updated, func(d subscription.Delivery) bool {
		return d.State == subscription.DeliverySkipped
	})
	if err == nil && skips && customer && !plan.ResumeSkips && !plan.AllowSkip {
		return renewal.Change{}, fault.New(fault.Conflict, "fault.plan.skip_not_allowed")
	}
	return change, err
}
