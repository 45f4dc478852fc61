package dbtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/teiki-commerce/teiki/internal/db"
)

func TestStatementsThatCrossStoresAreSeen(t *testing.T) {
	for _, sql := range []string{
		`SELECT * FROM customers WHERE mail = 'store_id = 1'`,
		`SELECT "c"."store_id", "c"."id" FROM "customers" AS "c" WHERE (id = 'x')`,
		`UPDATE "orders" AS "o" SET store_id = store_id WHERE id = 'x'`,
		`DELETE FROM cart_lines WHERE cart_id = 'x'`,
		`INSERT INTO requests (key, answer) VALUES ('a', 'b')`,
		`WITH due AS MATERIALIZED (SELECT id FROM payments) UPDATE payments SET tries = 1 FROM due`,
		`SELECT 1 FROM staff JOIN staff_roles ON staff_id = id`,
	} {
		if crossing(sql) == "" {
			t.Errorf("allowed: %s", sql)
		}
	}
}

func TestStatementsWithinOneStoreAreAllowed(t *testing.T) {
	for _, sql := range []string{
		`SELECT * FROM customers WHERE store_id = 1 AND mail = 'it''s'`,
		`SELECT * FROM customers WHERE store_id = ? AND mail = ?`,
		`SELECT "c"."id" FROM "customers" AS "c" WHERE ("c"."store_id" = 1)`,
		`INSERT INTO "customers" AS "customer_row" ("store_id", "id") VALUES (1, 'x') ON CONFLICT DO UPDATE SET id = 1`,
		`INSERT INTO numbers (store_id, kind, next) VALUES (1, 'order', 2)`,
		`SELECT * FROM staff WHERE mail = 'a'`,
		`SELECT id FROM subscriptions WHERE next_due < 'x' /* all stores */`,
		`WITH v (id) AS (VALUES ('x')) UPDATE orders SET version = 2 FROM v WHERE orders.store_id = 1 AND orders.id = v.id`,
		`SAVEPOINT x`,
	} {
		if table := crossing(sql); table != "" {
			t.Errorf("refused for %s: %s", table, sql)
		}
	}
}

// recorder is a test that notes errors instead of failing.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestCrossingStatementFailsItsTestAndDoesNotRun(t *testing.T) {
	for _, engine := range Engines {
		t.Run(string(engine), func(t *testing.T) {
			r := &recorder{TB: t}
			d := open(t, URL(t, engine)).Watch(isolation(r))
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, `UPDATE customers SET lang = 'en'`)
				return err
			})
			if !errors.Is(err, errCrossing) || len(r.errors) != 1 {
				t.Errorf("the statement gave %v and failed the test %d times, want errCrossing and once", err, len(r.errors))
			}
		})
	}
}
