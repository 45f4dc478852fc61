package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
)

// CutoverBox decides about a box whose deadline had passed before the store moved
// in: ours, then it is ordered on the earliest date, or delivered by the cart
// before, then it is counted and nothing else.
type CutoverBox struct {
	Verb
	Slot int
	Ours bool
}

// PreviewCutoverBox shows what the decision does.
func (f *Flow) PreviewCutoverBox(ctx context.Context, in CutoverBox) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// CutoverBox decides as it was shown; once only, whoever else decides too.
func (f *Flow) CutoverBox(ctx context.Context, in CutoverBox) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in CutoverBox) deed() deed {
	rule, verb := renewal.Elsewhere, "delivery.elsewhere"
	if in.Ours {
		rule, verb = renewal.TakeOver, "delivery.taken_over"
	}
	return deed{
		decide: func(c *changing, now time.Time) (renewal.Change, error) { return rule(c.in, in.Slot, now) },
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
