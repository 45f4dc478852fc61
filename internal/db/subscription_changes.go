package db

import (
	"context"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

// ChangeSubscription writes what a change may alter in a subscription that was
// read at s.Version, and takes its row, as the deadline run does: only one of the
// two wins. ErrStale when it changed meanwhile.
func ChangeSubscription(ctx context.Context, tx Tx, storeID int64, s subscription.Subscription, nextDue time.Time) error {
	result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET state = ?, anchor = ?, count = ?, boxes_ordered = ?,
		pays = ?, last_slot = ?, next_due = ?, version = version + 1 WHERE store_id = ? AND id = ? AND version = ?`,
		string(s.State), day(s.Anchor), s.Count, s.BoxesOrdered, s.Pays, s.LastSlot, at(nextDue), storeID, uid(s.ID), s.Version)
	return hit(result, err, ErrStale, "change subscription")
}

// SetItemQuantities writes how many pieces of each item a box holds. The
// subscription's row must be taken by ChangeSubscription before.
func SetItemQuantities(ctx context.Context, tx Tx, storeID int64, items []subscription.Item) error {
	var v tuples
	for _, i := range items {
		v.add(uid(i.ID), i.Quantity)
	}
	_, err := v.update(ctx, tx, "id, quantity", `UPDATE subscription_items AS i SET quantity = v.quantity
		FROM v WHERE i.store_id = ? AND i.id = v.id`, storeID)
	if err != nil {
		return fmt.Errorf("set quantities: %w", err)
	}
	return nil
}

// RewriteDeliveries writes deliveries with their dates, deadlines and quotes;
// ErrStale when one changed since it was read.
func RewriteDeliveries(ctx context.Context, tx Tx, storeID int64, list []subscription.Delivery) error {
	var v tuples
	for _, d := range list {
		v.add(uid(d.ID), string(d.State), string(d.Cause), d.Box, day(d.Date), day(d.PutOffFrom), day(d.ShippingDate),
			day(d.DeadlineDate), at(d.Deadline), uid(d.OrderID), d.Quoted, d.Version)
	}
	result, err := v.update(ctx, tx, `id, state, cause, box, date, put_off_from, shipping_date, deadline_date, deadline,
		order_id, quoted, version`, `UPDATE deliveries AS d SET state = v.state, cause = v.cause, box = v.box, date = v.date,
			put_off_from = v.put_off_from, shipping_date = v.shipping_date, deadline_date = v.deadline_date,
			deadline = v.deadline, order_id = v.order_id,
			quoted = v.quoted, version = d.version + 1
		FROM v WHERE d.store_id = ? AND d.id = v.id AND d.version = v.version`, storeID)
	if err != nil || result == nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(list)) {
		return fmt.Errorf("rewrite deliveries: %d of %d: %w", n, len(list), ErrStale)
	}
	return nil
}

// RetractDeliveries takes planned deliveries out of the calendar, as if they had
// never been planned; ErrStale when one is planned no more.
func RetractDeliveries(ctx context.Context, tx Tx, storeID int64, list []subscription.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]ident.ID, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	result, err := tx.ExecContext(ctx, "DELETE FROM deliveries WHERE store_id = ? AND id IN (?) AND state = ?",
		storeID, in(uids(ids)), string(subscription.DeliveryPlanned))
	if err != nil {
		return fmt.Errorf("retract deliveries: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(list)) {
		return fmt.Errorf("retract deliveries: %d of %d: %w", n, len(list), ErrStale)
	}
	return nil
}
