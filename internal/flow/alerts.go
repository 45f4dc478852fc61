package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
)

// RetryAlert is staff pressing "retry": what the alert is about is tried again
// at once. A card that must never be tried again, or has been refused too often, is
// refused (Conflict): the customer has to give another.
func (f *Flow) RetryAlert(ctx context.Context, storeID int64, actor audit.Actor, alertID ident.ID, version int64) error {
	a, err := f.openAlert(ctx, storeID, alertID)
	if err != nil {
		return err
	}
	if !a.Kind.Has(alert.WayRetry) {
		return fault.New(fault.Conflict, "fault.alert.no_retry")
	}
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.ResolveAlert(ctx, tx, storeID, alertID, version, now); err != nil {
			return stale(err)
		}
		if err := f.retry(ctx, tx, storeID, a); err != nil {
			return err
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{
			f.line(actor, "alert.retried", a.Noun, a.SubjectID, now, change("alert", string(a.Kind), "")),
		})
	})
}

func (f *Flow) retry(ctx context.Context, tx db.Tx, storeID int64, a alert.Alert) error {
	now := f.Now()
	switch a.Kind {
	case alert.KindPaymentFailed, alert.KindPaymentUnclear, alert.KindPaymentRefused:
		payments, err := db.PaymentsOfOrders(ctx, tx, storeID, []ident.ID{a.OrderID})
		if err != nil {
			return err
		}
		ids := make([]ident.ID, len(payments))
		for i, p := range payments {
			ids[i] = p.ID
		}
		locked, err := db.LockPayments(ctx, tx, storeID, ids) // as they are now: one may have been paid since
		if err != nil {
			return err
		}
		for _, p := range locked {
			if p.State == payment.StateUnknown { // to ask how it ended charges nobody
				p.NextAt = now
				return db.UpdateLeasedPayments(ctx, tx, storeID, []payment.Payment{p})
			}
			if p.State != payment.StateDue && p.State != payment.StateAction {
				continue
			}
			if p.WantsOtherCard() {
				return fault.New(fault.Conflict, "fault.payment.other_card")
			}
			p.State, p.NextAt = payment.StateDue, now
			return db.UpdateLeasedPayments(ctx, tx, storeID, []payment.Payment{p})
		}
		return nil
	case alert.KindQuarantined:
		if a.Noun == nounPayment {
			return db.Unquarantine(ctx, tx, db.QueuePayments, db.Ref{StoreID: storeID, ID: a.SubjectID}, now)
		}
		return db.Unquarantine(ctx, tx, db.QueueSubscriptions, db.Ref{StoreID: storeID, ID: a.SubjectID}, now)
	case alert.KindMailRefused:
		return db.RetryMail(ctx, tx, storeID, a.SubjectID, now)
	case alert.KindStockOut, alert.KindNoCard, alert.KindCardFailed, alert.KindNoZone, alert.KindProductEnded,
		alert.KindCODLimit:
		return db.WakeSubscriptions(ctx, tx, storeID, []ident.ID{a.SubscriptionID}, now)
	default: // the other kinds have no such way out
	}
	return fault.New(fault.Conflict, "fault.alert.no_retry")
}

// ResolveAlert is staff saying that the matter is dealt with.
func (f *Flow) ResolveAlert(ctx context.Context, storeID int64, actor audit.Actor, alertID ident.ID, version int64) error {
	a, err := f.openAlert(ctx, storeID, alertID)
	if err != nil {
		return err
	}
	if !a.Kind.Has(alert.WayDone) { // it has to be decided about
		return fault.New(fault.Conflict, "fault.alert.no_way")
	}
	now := f.Now()
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.ResolveAlert(ctx, tx, storeID, alertID, version, now); err != nil {
			return stale(err)
		}
		return db.WriteAudit(ctx, tx, storeID, []audit.Line{
			f.line(actor, "alert.resolved", a.Noun, a.SubjectID, now, change("alert", string(a.Kind), "")),
		})
	})
}

func (f *Flow) openAlert(ctx context.Context, storeID int64, id ident.ID) (alert.Alert, error) {
	a, err := db.Alert(ctx, f.DB, storeID, id)
	if err != nil {
		return a, notFound(err)
	}
	if !a.ResolvedAt.IsZero() {
		return a, fault.New(fault.Conflict, "fault.alert.solved")
	}
	return a, nil
}

// stale tells a person that somebody else was faster.
func stale(err error) error {
	if errors.Is(err, db.ErrStale) {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	return err
}

// notFound tells a person that there is no such thing, or that it is not theirs.
func notFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("%w: %w", fault.New(fault.NotFound, "fault.not_found"), err)
	}
	return err
}
