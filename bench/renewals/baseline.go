package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/teiki-commerce/teiki/bench/ground"
	"github.com/teiki-commerce/teiki/internal/db"
)

// The naive way to renew, for comparison: one renewal a transaction, each row
// with a statement of its own, no gateway, no rules. Seven rows are written and
// two changed, with as many indexes as a small shop would have.
const baselineSchema = `
CREATE TABLE o (id bigint PRIMARY KEY, customer bigint NOT NULL, total bigint NOT NULL, state text NOT NULL, address text NOT NULL);
CREATE TABLE l (id bigint PRIMARY KEY, o bigint NOT NULL, sku text NOT NULL, quantity bigint NOT NULL, total bigint NOT NULL);
CREATE TABLE p (id bigint PRIMARY KEY, o bigint NOT NULL, amount bigint NOT NULL, state text NOT NULL, intent text NOT NULL);
CREATE TABLE a (id bigint PRIMARY KEY, p bigint NOT NULL, k text NOT NULL UNIQUE, state text NOT NULL);
CREATE TABLE m (id bigint PRIMARY KEY, o bigint NOT NULL, recipient text NOT NULL, state text NOT NULL);
CREATE TABLE g (id bigint PRIMARY KEY, noun bigint NOT NULL, verb text NOT NULL, changes text NOT NULL);
CREATE TABLE d (id bigint PRIMARY KEY, s bigint NOT NULL, date text NOT NULL, state text NOT NULL);
CREATE TABLE v (sku bigint PRIMARY KEY, on_hand bigint NOT NULL, reserved bigint NOT NULL);
CREATE TABLE s (id bigint PRIMARY KEY, boxes bigint NOT NULL, next_due bigint NOT NULL);
CREATE INDEX l_o ON l (o);
CREATE INDEX p_o ON p (o);
CREATE INDEX d_s ON d (s);
CREATE INDEX s_due ON s (next_due);
INSERT INTO v VALUES (0, 100000000, 0), (1, 100000000, 0), (2, 100000000, 0), (3, 100000000, 0),
	(4, 100000000, 0), (5, 100000000, 0), (6, 100000000, 0), (7, 100000000, 0)`

const (
	baselineTime    = 3 * time.Second
	baselineClients = 8 // SQLite lets one write at a time
	baselineRoom    = 100_000
)

// baseline measures it on a database of its own, after the run.
func (b *bench) baseline(ctx context.Context) (err error) {
	url, err := b.place.Scratch(ctx)
	if err != nil {
		return err
	}
	conn, err := ground.SQL(b.engine, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	clients := baselineClients
	if b.engine == db.SQLite {
		clients = 1
	}
	conn.SetMaxOpenConns(clients)
	conn.SetMaxIdleConns(clients)
	for statement := range strings.SplitSeq(baselineSchema, ";") {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("set up the baseline: %w", err)
		}
	}
	end := time.Now().Add(baselineTime)
	done := make([]int, clients)
	group, ctx := errgroup.WithContext(ctx)
	begin := time.Now()
	for c := range clients {
		group.Go(func() error {
			for ; time.Now().Before(end); done[c]++ {
				if err := renewPlainly(ctx, conn, int64(c*baselineRoom+done[c])); err != nil {
					return fmt.Errorf("baseline: %w", err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	total := 0
	for _, n := range done {
		total += n
	}
	b.result.Baseline = round(float64(total) / time.Since(begin).Seconds())
	return nil
}

func renewPlainly(ctx context.Context, conn *sql.DB, id int64) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo once committed
	for _, s := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO s VALUES ($1, 2, $1)`, []any{id}},
		{`UPDATE v SET reserved = reserved + 1 WHERE sku = $1`, []any{id % 8}},
		{`INSERT INTO o VALUES ($1, $1, 1980, 'paid', '{"postcode":"167-0042","city":"杉並区","street":"西荻北3-18-6"}')`, []any{id}},
		{`INSERT INTO l VALUES ($1, $1, 'HB-BLEND-200g', 1, 1330)`, []any{id}},
		{`INSERT INTO p VALUES ($1, $1, 1980, 'paid', 'pi_1234567890')`, []any{id}},
		{`INSERT INTO a VALUES ($1, $1, $2, 'succeeded')`, []any{id, fmt.Sprintf("intent:%d", id)}},
		{`INSERT INTO m VALUES ($1, $1, 'member@example.jp', 'waiting')`, []any{id}},
		{`INSERT INTO g VALUES ($1, $1, 'order.paid', '{}')`, []any{id}},
		{`INSERT INTO d VALUES ($1, $1, '2027-02-05', 'planned')`, []any{id}},
	} {
		if _, err := tx.ExecContext(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
