package flow

import (
	"context"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// ChangeQuantity sets how many pieces of an item each box holds from now on.
type ChangeQuantity struct {
	Verb
	ItemID   ident.ID
	Quantity int64
}

// PreviewQuantity shows what another quantity does.
func (f *Flow) PreviewQuantity(ctx context.Context, in ChangeQuantity) (Effect, error) {
	return f.preview(ctx, in.Verb, in.deed())
}

// ChangeQuantity changes it as it was shown.
func (f *Flow) ChangeQuantity(ctx context.Context, in ChangeQuantity) (Changed, error) {
	return f.do(ctx, in.Verb, in.deed())
}

func (in ChangeQuantity) deed() deed {
	pieces := func(s subscription.Subscription) string {
		for _, item := range s.Items {
			if item.ID == in.ItemID {
				return strconv.FormatInt(item.Quantity, 10)
			}
		}
		return ""
	}
	return deed{
		decide: func(c *changing, now time.Time) (renewal.Change, error) {
			return renewal.SetQuantity(c.in, in.ItemID, in.Quantity, c.plan().MaxQuantity, now)
		},
		audit: func(e Effect) (string, map[string]audit.Change) {
			return "subscription.quantity", change("quantity", pieces(e.Before), pieces(e.After))
		},
		mail: always(eventChanged),
	}
}
