package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
)

// PutOff lets the delivery on a slot come later: it alone, or it and all that
// follow.
type PutOff struct {
	Verb
	Slot      int
	Date      calendar.Date
	Following bool
}

// PutOffDates are the days that the delivery may be put off to, in order; none
// where it cannot be.
func (f *Flow) PutOffDates(ctx context.Context, in PutOff) ([]calendar.Date, error) {
	c, err := f.loadChanging(ctx, in.Verb)
	if err != nil {
		return nil, err
	}
	return in.rule(c).Dates(c.in, f.Now()), nil
}

// PreviewPutOff shows what the new date does.
func (f *Flow) PreviewPutOff(ctx context.Context, in PutOff) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// PutOff moves the delivery as it was shown.
func (f *Flow) PutOff(ctx context.Context, in PutOff) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in PutOff) rule(c *changing) renewal.PutOff {
	return renewal.PutOff{Slot: in.Slot, Date: in.Date, Following: in.Following, MaxDays: c.plan().MaxPutOffDays}
}

func (in PutOff) deed() deed {
	return deed{
		decide: func(c *changing, now time.Time) (renewal.Change, error) { return in.rule(c).Apply(c.in, now) },
		audit: func(e Effect) (string, map[string]audit.Change) {
			verb := "delivery.put_off"
			if in.Following {
				verb = "delivery.put_off_all"
			}
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
