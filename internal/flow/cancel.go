package flow

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// CancelReasons are what a customer may say about leaving; nobody has to.
var CancelReasons = []string{"too_much", "price", "taste", "other_shop", "moving", "other"}

// Cancel (解約) ends a subscription, at once or after the agreed minimum. Reason is
// one of CancelReasons or empty.
type Cancel struct {
	Verb
	Reason string
}

// PreviewCancel shows what is still to come, and when it ends.
func (f *Flow) PreviewCancel(ctx context.Context, in Cancel) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// Cancel ends it as it was shown. Orders whose charge was declined are taken back
// with it: their intents at the gateway first. It refuses (Conflict) while a
// charge is under way.
func (f *Flow) Cancel(ctx context.Context, in Cancel) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in Cancel) deed() deed {
	return deed{
		leaves: true,
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			if in.Reason != "" && !slices.Contains(CancelReasons, in.Reason) {
				return renewal.Change{}, fault.Field("reason", "fault.choose")
			}
			return renewal.Cancel(c.left, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			verb, fields := "subscription.cancelled", change("state", string(e.Before.State), string(e.After.State))
			if e.After.State != subscription.StateCancelled {
				verb = "subscription.ending"
				fields = change("count", countOf(e.Before), countOf(e.After))
			}
			if in.Reason != "" {
				fields["reason"] = audit.Change{After: in.Reason}
			}
			return verb, fields
		},
		mail: func(e Effect) string {
			if e.After.State == subscription.StateCancelled {
				return eventCancelled
			}
			return eventChanged
		},
	}
}

// countOf is a fixed count for the trail, empty for none.
func countOf(s subscription.Subscription) string {
	if s.Count == 0 {
		return ""
	}
	return strconv.Itoa(s.Count)
}
