package renewal

import (
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// Skip (お休み) leaves a planned delivery out, for staff also one that something
// blocks. It uses up no box: a fixed count gets one delivery more at the end.
func Skip(in Input, slot int, now time.Time) (Change, error) {
	list, at, err := changeable(in, slot, in.isOpen, now)
	if err != nil {
		return Change{}, err
	}
	list[at].State, list[at].Cause = subscription.DeliverySkipped, subscription.CauseCustomer
	return fit(in, in.Subscription, list, now)
}

// Restore takes a skip back before the delivery's deadline. It is refused where
// another delivery has taken its place meanwhile, and where staff take one back that
// is due at once while another is: of two, one would be missed.
func Restore(in Input, slot int, now time.Time) (Change, error) {
	list, at, err := changeable(in, slot, subscription.Delivery.Restorable, now)
	if err != nil {
		return Change{}, err
	}
	if !list[at].Deadline.After(now) && slices.ContainsFunc(list, dueAt(now)) {
		return Change{}, fault.New(fault.Conflict, "fault.subscription.busy")
	}
	list[at].State, list[at].Cause = subscription.DeliveryPlanned, subscription.CauseNone
	if !inOrder(list) {
		return Change{}, fault.New(fault.Conflict, "fault.delivery.taken")
	}
	change, err := fit(in, in.Subscription, list, now)
	if err != nil {
		return Change{}, err
	}
	if slices.ContainsFunc(change.Retracted, func(d subscription.Delivery) bool { return d.Slot == slot }) {
		return Change{}, fault.New(fault.Conflict, "fault.delivery.taken")
	}
	return change, nil
}
