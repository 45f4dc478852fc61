package flow

import (
	"context"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
)

// PayOnDelivery (代金引換への切り替え) lets a subscription be paid in cash from its
// next box on, for a customer whose card fails or who has none. The fee comes on
// top, so that staff say that the customer agreed.
type PayOnDelivery struct {
	Verb
	Agreed bool // by the customer, whom staff asked
}

// PreviewPayOnDelivery shows the amounts with the fee, and which order is made
// anew.
func (f *Flow) PreviewPayOnDelivery(ctx context.Context, in PayOnDelivery) (Effect, error) {
	in.Agreed = true // asked for when it is done
	return f.preview(ctx, in.Verb, in.deed())
}

// PayOnDelivery switches as it was shown. An order whose charge was declined is
// taken back, its intent first, and ordered anew by the next run. Its fault carries
// the field agreed where the customer was not asked.
func (f *Flow) PayOnDelivery(ctx context.Context, in PayOnDelivery) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in PayOnDelivery) deed() deed {
	return deed{
		leaves: true, anew: true,
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			if !in.Agreed {
				return renewal.Change{}, fault.Field("agreed", "fault.agreement")
			}
			return renewal.PayOnDelivery(c.left, c.taken, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			fields := change("pays", e.Before.Pays, e.After.Pays)
			fields["agreed"] = audit.Change{After: "yes"}
			return "subscription.pays", fields
		},
		mail: always(eventChanged),
	}
}
