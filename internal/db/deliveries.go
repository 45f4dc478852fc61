package db

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

type deliveryRow struct {
	bun.BaseModel  `bun:"table:deliveries"`
	StoreID        int64
	ID             uid
	SubscriptionID uid
	Slot           int
	Box            int
	Date           day
	PutOffFrom     day
	ShippingDate   day
	DeadlineDate   day
	Deadline       instant
	State          string
	Cause          string
	OrderID        uid
	Quoted         int64
	Version        int64
}

const deliveryColumns = `id, subscription_id, slot, box, date, put_off_from, shipping_date, deadline_date, deadline,
	state, cause, order_id, quoted, version`

func (r deliveryRow) core() subscription.Delivery {
	return subscription.Delivery{
		ID: ident.ID(r.ID), SubscriptionID: ident.ID(r.SubscriptionID), Slot: r.Slot, Box: r.Box,
		Date: calendar.Date(r.Date), PutOffFrom: calendar.Date(r.PutOffFrom), ShippingDate: calendar.Date(r.ShippingDate),
		DeadlineDate: calendar.Date(r.DeadlineDate), Deadline: r.Deadline.time(),
		State: subscription.DeliveryState(r.State), Cause: subscription.Cause(r.Cause),
		OrderID: ident.ID(r.OrderID), Quoted: r.Quoted, Version: r.Version,
	}
}

// InsertDeliveries writes new deliveries.
func InsertDeliveries(ctx context.Context, tx Tx, storeID int64, list []subscription.Delivery) error {
	rows := make([]deliveryRow, len(list))
	for i, d := range list {
		rows[i] = deliveryRow{
			StoreID: storeID, ID: uid(d.ID), SubscriptionID: uid(d.SubscriptionID), Slot: d.Slot, Box: d.Box,
			Date: day(d.Date), PutOffFrom: day(d.PutOffFrom), ShippingDate: day(d.ShippingDate), DeadlineDate: day(d.DeadlineDate),
			Deadline: at(d.Deadline), State: string(d.State), Cause: string(d.Cause),
			OrderID: uid(d.OrderID), Quoted: d.Quoted, Version: 1,
		}
	}
	return insert(ctx, tx, rows)
}

// UpdateDeliveries writes state, cause, box, dates and order of deliveries.
func UpdateDeliveries(ctx context.Context, tx Tx, storeID int64, list []subscription.Delivery) error {
	var v tuples
	for _, d := range list {
		v.add(uid(d.ID), string(d.State), string(d.Cause), d.Box, day(d.Date), day(d.ShippingDate), uid(d.OrderID), d.Version)
	}
	result, err := v.update(ctx, tx, "id, state, cause, box, date, shipping_date, order_id, version", `UPDATE deliveries AS d
		SET state = v.state, cause = v.cause, box = v.box, date = v.date, shipping_date = v.shipping_date,
			order_id = v.order_id, version = d.version + 1
		FROM v WHERE d.store_id = ? AND d.id = v.id AND d.version = v.version`, storeID)
	if err != nil || result == nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(list)) {
		return fmt.Errorf("update deliveries: %d of %d: %w", n, len(list), ErrStale)
	}
	return nil
}

// OpenDeliveries reads the planned, blocked and held deliveries of subscriptions, by
// subscription and slot.
func OpenDeliveries(ctx context.Context, c Conn, storeID int64, subscriptionIDs []ident.ID) (map[ident.ID][]subscription.Delivery, error) {
	return deliveriesBy(ctx, c, `SELECT `+deliveryColumns+` FROM deliveries WHERE store_id = ?
		AND subscription_id IN (?) AND state IN ('planned', 'blocked', 'held') ORDER BY subscription_id, slot`, storeID, subscriptionIDs)
}

// Deliveries reads all deliveries of subscriptions, by subscription and slot.
func Deliveries(ctx context.Context, c Conn, storeID int64, subscriptionIDs []ident.ID) (map[ident.ID][]subscription.Delivery, error) {
	return deliveriesBy(ctx, c, `SELECT `+deliveryColumns+` FROM deliveries WHERE store_id = ?
		AND subscription_id IN (?) ORDER BY subscription_id, slot`, storeID, subscriptionIDs)
}

func deliveriesBy(ctx context.Context, c Conn, query string, storeID int64, subscriptionIDs []ident.ID) (map[ident.ID][]subscription.Delivery, error) {
	bySubscription := map[ident.ID][]subscription.Delivery{}
	if len(subscriptionIDs) == 0 {
		return bySubscription, nil
	}
	rows, err := selectInto[deliveryRow](ctx, c, query, storeID, in(uids(subscriptionIDs)))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		id := ident.ID(r.SubscriptionID)
		bySubscription[id] = append(bySubscription[id], r.core())
	}
	return bySubscription, nil
}

// DeliveriesOfOrders reads the deliveries that orders carry.
func DeliveriesOfOrders(ctx context.Context, c Conn, storeID int64, orderIDs []ident.ID) (map[ident.ID][]subscription.Delivery, error) {
	byOrder := map[ident.ID][]subscription.Delivery{}
	if len(orderIDs) == 0 {
		return byOrder, nil
	}
	rows, err := selectInto[deliveryRow](ctx, c, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE store_id = ? AND order_id IN (?) ORDER BY order_id, subscription_id`, storeID, in(uids(orderIDs)))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		byOrder[ident.ID(r.OrderID)] = append(byOrder[ident.ID(r.OrderID)], r.core())
	}
	return byOrder, nil
}
