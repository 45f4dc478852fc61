package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/teiki-commerce/teiki/bench/ground"
)

// reconcile compares what was due with orders, charges, stock and mails.
func (b *bench) reconcile(ctx context.Context) (err error) {
	conn, err := ground.SQL(b.engine, b.place.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	r := &b.result
	var paid, unsent, open, webhooks int
	for _, count := range []struct {
		into  *int
		query string
	}{
		{&r.Orders, `SELECT count(*) FROM orders WHERE store_id = 1 AND source = 'renewal'`},
		{&paid, `SELECT count(*) FROM orders WHERE store_id = 1 AND source = 'renewal' AND payment = 'paid'`},
		{&r.Mails, `SELECT count(*) FROM outbox AS m JOIN orders AS o ON o.store_id = m.store_id AND o.id = m.order_id
			WHERE m.store_id = 1 AND o.source = 'renewal'`},
		{&unsent, `SELECT count(*) FROM outbox WHERE store_id = 1 AND state <> 'sent'`},
		{&open, `SELECT count(*) FROM attempts WHERE store_id = 1 AND state IN ('open', 'unknown')`},
		{&webhooks, `SELECT count(*) FROM webhook_events WHERE store_id = 1 AND state <> 'done'`},
	} {
		if err := conn.QueryRowContext(ctx, count.query).Scan(count.into); err != nil {
			return fmt.Errorf("%s: %w", count.query, err)
		}
	}
	if r.StockOK, err = stockOK(ctx, conn); err != nil {
		return err
	}
	r.MailsSent = b.sink.Count()
	twice, err := b.charges(ctx)
	if err != nil {
		return err
	}
	r.Reconciled = r.Orders == b.Due && paid == b.Due && r.Charges == b.Due && r.Mails == b.Due && r.StockOK &&
		unsent == 0 && open == 0 && webhooks == 0 && twice == 0 && r.ShopperErrors == 0
	if !r.Reconciled {
		return fmt.Errorf("not reconciled: due %d, orders %d, paid %d, charges %d (%d twice), mails %d (%d unsent), "+
			"stock %t, open attempts %d, webhooks left %d, shoppers' errors %d",
			b.Due, r.Orders, paid, r.Charges, twice, r.Mails, unsent, r.StockOK, open, webhooks, r.ShopperErrors)
	}
	return nil
}

// stockOK: what is reserved is what orders hold and what the ledger says, variant
// by variant.
func stockOK(ctx context.Context, conn *sql.DB) (bool, error) {
	var wrong int
	err := conn.QueryRowContext(ctx, `SELECT count(*) FROM stock AS s WHERE s.store_id = 1 AND (s.reserved <>
			(SELECT coalesce(sum(l.quantity), 0) FROM order_lines AS l WHERE l.store_id = 1 AND l.variant_id = s.variant_id)
		OR s.reserved <>
			(SELECT coalesce(sum(g.reserved), 0) FROM stock_ledger AS g WHERE g.store_id = 1 AND g.variant_id = s.variant_id))`).Scan(&wrong)
	if err != nil {
		return false, fmt.Errorf("compare stock: %w", err)
	}
	return wrong == 0, nil
}

// charges asks the gateway how often it took money, and how often twice.
func (b *bench) charges(ctx context.Context) (twice int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.sim.URL()+"/_sim/ledger", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, fmt.Errorf("read the ledger: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	var ledger struct {
		Counts struct {
			Succeeded int `json:"charges_succeeded"`
			Twice     int `json:"intents_charged_twice"`
		} `json:"counts"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&ledger); err != nil {
		return 0, fmt.Errorf("read the ledger: %w", err)
	}
	b.result.Charges = ledger.Counts.Succeeded
	return ledger.Counts.Twice, nil
}
