package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
)

type subscriptionRow struct {
	bun.BaseModel  `bun:"table:subscriptions"`
	StoreID        int64
	ID             uid
	Number         string
	CustomerID     uid
	State          string
	Currency       string
	ProductID      uid
	Cycle          string
	Anchor         day
	Count          int
	Minimum        int
	BoxesOrdered   int
	LastSlot       int
	AddressID      uid
	ShippingMethod string
	TimeSlot       string
	Pays           string
	CardID         uid
	FirstEligible  bool
	GraceDays      int
	Visible        int
	DeadlineNotice bool
	Agreement      document[subscription.Agreement]
	Terms          string
	NextDue        instant
	Version        int64
	CreatedAt      instant
}

type subscriptionItemRow struct {
	bun.BaseModel  `bun:"table:subscription_items"`
	StoreID        int64
	ID             uid
	SubscriptionID uid
	VariantID      uid
	Quantity       int64
	Agreed         int64
	First          int64
	Regular        int64
	Position       int
}

// NewSubscription is a subscription to insert, with the terms that were shown at
// the final confirmation, as rendered.
type NewSubscription struct {
	Subscription subscription.Subscription
	Terms        json.RawMessage
	NextDue      time.Time // zero: the engine leaves it alone
	AppliedAt    time.Time // when its customer signed up elsewhere; zero: now
}

// InsertSubscriptions writes subscriptions and their items.
func InsertSubscriptions(ctx context.Context, tx Tx, storeID int64, list []NewSubscription, now time.Time) error {
	var rows []subscriptionRow
	var items []subscriptionItemRow
	for _, n := range list {
		s, created := n.Subscription, n.AppliedAt
		if created.IsZero() {
			created = now
		}
		rows = append(rows, subscriptionRow{
			StoreID: storeID, ID: uid(s.ID), Number: s.Number, CustomerID: uid(s.CustomerID),
			State: string(s.State), Currency: string(s.Currency), ProductID: uid(s.ProductID),
			Cycle: s.Cycle.String(), Anchor: day(s.Anchor), Count: s.Count, Minimum: s.Minimum,
			BoxesOrdered: s.BoxesOrdered, LastSlot: s.LastSlot, AddressID: uid(s.AddressID),
			ShippingMethod: s.ShippingMethod, TimeSlot: s.TimeSlot, Pays: s.Pays, CardID: uid(s.CardID),
			FirstEligible: s.FirstEligible, GraceDays: s.GraceDays, Visible: s.Visible,
			DeadlineNotice: s.DeadlineNotice, Agreement: doc(s.Agreement), Terms: string(n.Terms), NextDue: at(n.NextDue),
			Version: 1, CreatedAt: at(created),
		})
		for position, item := range s.Items {
			items = append(items, subscriptionItemRow{
				StoreID: storeID, ID: uid(item.ID), SubscriptionID: uid(s.ID), VariantID: uid(item.VariantID),
				Quantity: item.Quantity, Agreed: item.Agreed, First: item.First, Regular: item.Regular,
				Position: position,
			})
		}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	return insert(ctx, tx, items)
}

const subscriptionColumns = `store_id, id, number, customer_id, state, currency, product_id, cycle, anchor,
	count, minimum, boxes_ordered, last_slot, address_id, shipping_method, time_slot, pays, card_id,
	first_eligible, grace_days, visible, deadline_notice, agreement, terms, next_due, version, created_at`

// SubscriptionsByIDs reads subscriptions with their items, the oldest first: of
// boxes with one deadline the earlier customer's gets the last pieces, whatever
// the engine and however often it runs.
func SubscriptionsByIDs(ctx context.Context, c Conn, storeID int64, ids []ident.ID) ([]subscription.Subscription, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := selectInto[subscriptionRow](ctx, c,
		"SELECT "+subscriptionColumns+" FROM subscriptions WHERE store_id = ? AND id IN (?) ORDER BY id", storeID, in(uids(ids)))
	if err != nil {
		return nil, err
	}
	return withItems(ctx, c, storeID, rows)
}

// SubscriptionsOf reads a customer's subscriptions, the newest first.
func SubscriptionsOf(ctx context.Context, c Conn, storeID int64, customerID ident.ID) ([]subscription.Subscription, error) {
	rows, err := selectInto[subscriptionRow](ctx, c, "SELECT "+subscriptionColumns+
		" FROM subscriptions WHERE store_id = ? AND customer_id = ? ORDER BY id DESC LIMIT 200", storeID, uid(customerID))
	if err != nil {
		return nil, err
	}
	return withItems(ctx, c, storeID, rows)
}

// SubscriptionByNumber finds a subscription by the number people read out.
func SubscriptionByNumber(ctx context.Context, c Conn, storeID int64, number string) (subscription.Subscription, error) {
	rows, err := selectInto[subscriptionRow](ctx, c,
		"SELECT "+subscriptionColumns+" FROM subscriptions WHERE store_id = ? AND number = ?", storeID, number)
	if err != nil {
		return subscription.Subscription{}, err
	}
	return one(withItems(ctx, c, storeID, rows))
}

// Terms are what the final confirmation showed, as it was rendered, with the
// time of signing up.
func Terms(ctx context.Context, c Conn, storeID int64, id ident.ID) (json.RawMessage, time.Time, error) {
	rows, err := selectInto[subscriptionRow](ctx, c,
		"SELECT terms, created_at FROM subscriptions WHERE store_id = ? AND id = ?", storeID, uid(id))
	if err != nil {
		return nil, time.Time{}, err
	}
	row, err := one(rows, nil)
	return json.RawMessage(row.Terms), row.CreatedAt.time(), err
}

func one[T any](list []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(list) == 0 {
		return none, ErrNotFound
	}
	return list[0], nil
}

func withItems(ctx context.Context, c Conn, storeID int64, rows []subscriptionRow) ([]subscription.Subscription, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]uid, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	items, err := selectInto[subscriptionItemRow](ctx, c, `SELECT id, subscription_id, variant_id, quantity,
		agreed, first, regular FROM subscription_items
		WHERE store_id = ? AND subscription_id IN (?) ORDER BY subscription_id, position`, storeID, in(ids))
	if err != nil {
		return nil, err
	}
	bySubscription := map[uid][]subscription.Item{}
	for _, i := range items {
		bySubscription[i.SubscriptionID] = append(bySubscription[i.SubscriptionID], subscription.Item{
			ID: ident.ID(i.ID), VariantID: ident.ID(i.VariantID), Quantity: i.Quantity,
			Agreed: i.Agreed, First: i.First, Regular: i.Regular,
		})
	}
	list := make([]subscription.Subscription, len(rows))
	for i, r := range rows {
		list[i], err = r.core()
		if err != nil {
			return nil, err
		}
		list[i].Items = bySubscription[r.ID]
	}
	return list, nil
}

func (r subscriptionRow) core() (subscription.Subscription, error) {
	cycle, err := calendar.ParseCycle(r.Cycle)
	if err != nil {
		return subscription.Subscription{}, fmt.Errorf("%w: subscription %s: cycle %q: %w", ErrUnreadable, r.Number, r.Cycle, err)
	}
	return subscription.Subscription{
		ID: ident.ID(r.ID), Number: r.Number, CustomerID: ident.ID(r.CustomerID),
		State: subscription.State(r.State), Currency: money.Currency(r.Currency),
		ProductID: ident.ID(r.ProductID), Cycle: cycle, Anchor: calendar.Date(r.Anchor),
		Count: r.Count, Minimum: r.Minimum, BoxesOrdered: r.BoxesOrdered, LastSlot: r.LastSlot,
		AddressID: ident.ID(r.AddressID), ShippingMethod: r.ShippingMethod, TimeSlot: r.TimeSlot,
		Pays: r.Pays, CardID: ident.ID(r.CardID), FirstEligible: r.FirstEligible,
		GraceDays: r.GraceDays, Visible: r.Visible, DeadlineNotice: r.DeadlineNotice, Agreement: r.Agreement.V,
		Version: r.Version,
	}, nil
}

// LockClaimed locks the subscriptions that are still as they were read and still
// leased with the token, and returns their ids. What changed meanwhile is left
// out: the engine will see it again.
func LockClaimed(ctx context.Context, tx Tx, storeID int64, read []subscription.Subscription, token ident.ID) (map[ident.ID]bool, error) {
	var list tuples
	for _, s := range read {
		list.add(uid(s.ID), s.Version)
	}
	if list.empty() {
		return nil, nil
	}
	query, args, err := list.with(tx.engine, "id, version")
	if err != nil {
		return nil, err
	}
	query += `SELECT s.id FROM subscriptions AS s JOIN v ON s.id = v.id AND s.version = v.version
		WHERE s.store_id = ? AND s.token = ? ORDER BY s.id`
	if tx.engine == Postgres {
		query += " FOR UPDATE OF s"
	}
	rows, err := selectInto[refRow](ctx, tx, query, append(args, storeID, uid(token))...)
	if err != nil {
		return nil, fmt.Errorf("lock claimed subscriptions: %w", err)
	}
	held := make(map[ident.ID]bool, len(rows))
	for _, r := range rows {
		held[ident.ID(r.ID)] = true
	}
	return held, nil
}

// Advance is what a deadline run changes in a subscription.
type Advance struct {
	ID           ident.ID
	State        subscription.State
	BoxesOrdered int
	LastSlot     int
	NextDue      time.Time // zero: nothing planned
}

// AdvanceSubscriptions writes the outcome of a deadline run and gives the lease
// back. The rows must be locked by LockClaimed.
func AdvanceSubscriptions(ctx context.Context, tx Tx, storeID int64, list []Advance) error {
	var v tuples
	for _, a := range list {
		v.add(uid(a.ID), string(a.State), a.BoxesOrdered, a.LastSlot, at(a.NextDue))
	}
	_, err := v.update(ctx, tx, "id, state, boxes_ordered, last_slot, next_due", `UPDATE subscriptions AS s
		SET state = v.state, boxes_ordered = v.boxes_ordered, last_slot = v.last_slot,
			next_due = v.next_due, lease_until = NULL, token = NULL,
			tries = 0, version = s.version + 1
		FROM v WHERE s.store_id = ? AND s.id = v.id`, storeID)
	if err != nil {
		return fmt.Errorf("advance subscriptions: %w", err)
	}
	return nil
}

// SubscriptionUpdate is a change of state outside the deadline run.
type SubscriptionUpdate struct {
	ID      ident.ID
	State   subscription.State
	CardID  ident.ID
	NextDue time.Time
}

// UpdateSubscription changes state, card and due time of a subscription that was
// read at the version; ErrStale when it changed meanwhile.
func UpdateSubscription(ctx context.Context, tx Tx, storeID int64, u SubscriptionUpdate, version int64) error {
	result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET state = ?, card_id = ?, next_due = ?,
		version = version + 1 WHERE store_id = ? AND id = ? AND version = ?`,
		string(u.State), uid(u.CardID), at(u.NextDue), storeID, uid(u.ID), version)
	return hit(result, err, ErrStale, "update subscription")
}

// WakeSubscriptions makes subscriptions with blocked deliveries due at once, so
// that the deadline run looks at them again.
func WakeSubscriptions(ctx context.Context, tx Tx, storeID int64, ids []ident.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE subscriptions SET next_due = ?, version = version + 1
		WHERE store_id = ? AND id IN (?) AND state IN ('active', 'paused')
		AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.store_id = subscriptions.store_id
			AND d.subscription_id = subscriptions.id AND d.state = 'blocked')`,
		at(now), storeID, in(uids(ids)))
	if err != nil {
		return fmt.Errorf("wake subscriptions: %w", err)
	}
	return nil
}

// SetSubscriptionCard makes a subscription pay with another stored card.
func SetSubscriptionCard(ctx context.Context, tx Tx, storeID int64, id, cardID ident.ID) error {
	result, err := tx.ExecContext(ctx, `UPDATE subscriptions SET card_id = ?, version = version + 1
		WHERE store_id = ? AND id = ?`, uid(cardID), storeID, uid(id))
	return hit(result, err, ErrNotFound, "set the card of a subscription")
}
