package simulate_test

import (
	"bytes"
	"context"
	"flag"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/simulate"
	"github.com/teiki-commerce/teiki/internal/testkit/books"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// every n-th subscription of the books takes part; 1 is all of them:
// go test ./internal/simulate -run Books -v -args -every 1
var every = flag.Int("every", 5, "every n-th subscription of the books takes part")

func newID() ident.ID { return ident.ID(uuid.Must(uuid.NewV7())) }

// sample keeps the header of a file with CRLF and every n-th row.
func sample(content []byte, n int) []byte {
	var kept [][]byte
	for i, row := range bytes.SplitAfter(content, []byte("\r\n")) {
		if i == 0 || i%n == 0 {
			kept = append(kept, row)
		}
	}
	return bytes.Join(kept, nil)
}

// movedIn imports the books into store 1, with stock for the sample.
func movedIn(t *testing.T, d *db.DB) {
	t.Helper()
	fixture.Store(t, d, thread.StoreID)
	preset := func(mapping importcsv.Mapping, err error) importcsv.Mapping {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return mapping
	}
	goods, err := importcsv.Products(t.Context(), d, importcsv.ProductsInput{
		StoreID: thread.StoreID, Content: books.Products(), Mapping: preset(importcsv.ProductsPreset()),
		NewID: newID, Now: fixture.Start, RequestID: "books",
	})
	if err != nil || len(goods.Findings) > 0 {
		t.Fatalf("import the goods: %v, %d bad rows", err, len(goods.Findings))
	}
	moving := importcsv.MovingInput{StoreID: thread.StoreID, NewID: newID, Now: fixture.Start, RequestID: "books"}
	moving.Content, moving.Mapping = books.Customers(), preset(importcsv.CustomersPreset())
	people, err := importcsv.Customers(t.Context(), d, moving)
	if err != nil || people.Written != books.CustomerRows {
		t.Fatalf("import the customers: %v, %d written", err, people.Written)
	}
	moving.Content, moving.Mapping = sample(books.Subscriptions(), *every), preset(importcsv.SubscriptionsPreset())
	running, err := importcsv.Subscriptions(t.Context(), d, moving)
	if err != nil || running.Written < books.SubscriptionRows/(*every) {
		t.Fatalf("import the subscriptions: %v, %d written, %d bad rows", err, running.Written, len(running.Findings))
	}
	query(t, d, "UPDATE stock SET on_hand = on_hand / ?, expected = expected / ? WHERE store_id = 1", *every, *every)
}

// query changes rows as no use case does.
func query(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// rows reads rows as no page does.
func rows[Row any](t *testing.T, d *db.DB, statement string, args ...any) []Row {
	t.Helper()
	var list []Row
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		list = nil
		return tx.Scan(ctx, &list, statement, args...)
	}); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return list
}

// postbox counts how often each mail was handed over.
type postbox struct {
	mu    sync.Mutex
	taken map[string]int // by Message-ID
}

// Send counts the mail.
func (p *postbox) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[m.MessageID]++
	return nil
}

func TestBooksOfAMerchantRunThroughAQuarterOnBothEngines(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var seen []simulation.Figures
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			d, err := db.Open(t.Context(), dbtest.URL(t, engine))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			movedIn(t, d)
			boxes := boxesOrdered(t, d)
			w, err := simulate.New(t.Context(), d, simulate.Input{
				StoreID: thread.StoreID, Now: func() time.Time { return fixture.Start }, From: first, To: last,
				Cards: simulation.UsualCards, Texts: texts, NewID: newID, Wall: time.Now, Secret: bytes.Repeat([]byte{9}, seal.SecretSize),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = w.Close() }()
			post := &postbox{taken: map[string]int{}}
			w.Flow.Mailer = func(context.Context, flow.Shop) (mail.Sender, error) { return post, nil }
			r, err := w.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range r.Differences {
				t.Error(difference)
			}
			holds(t, d, w.Flow.Now())
			countsBoxes(t, d, boxes)
			equalsLedger(t, d, thread.ReadLedger(t, w.GatewayURL()))
			mailedOnce(t, d, post)
			got := r.Total()
			moved(t, r)
			seen = append(seen, got)
			t.Logf("%d renewals over %d in %.1f s: %d paid over %d, %d cash on delivery, %d declined, %d asked for 3-D Secure, %d tries again",
				got.Renewals.Count, got.Renewals.Total, r.Seconds, got.Paid.Count, got.Paid.Total, got.COD.Count,
				got.Declined, got.Authentication, got.Retries)
			t.Logf("due: %v; mails: %v; alerts: %v", got.Due, got.Mails, got.Alerts)
		})
	}
	if len(seen) == 2 {
		sameFigures(t, seen[0], seen[1])
	}
}

// moved wants every kind of trouble in the quarter: else nothing is proved.
func moved(t *testing.T, r simulation.Result) {
	t.Helper()
	all, short, arrived := r.Total(), int64(0), int64(0)
	for _, g := range r.Goods {
		short += g.Short
		arrived += g.Arrived
	}
	for what, n := range map[string]int{
		"renewal": all.Renewals.Count, "decline": all.Declined, "3-D Secure": all.Authentication, "retry": all.Retries,
		"shortage": int(short), "arrival": int(arrived), "cash on delivery": all.COD.Count, "blocked box": all.Due["blocked"],
	} {
		if n == 0 {
			t.Errorf("there was no %s in the quarter", what)
		}
	}
}

// sameFigures compares the engines. Which of several boxes gets the last pieces
// depends on their ids, which are made by the clock; so does the money of one.
func sameFigures(t *testing.T, a, b simulation.Figures) {
	t.Helper()
	near := func(what string, x, y int) {
		t.Helper()
		if d := x - y; d*100 > x || d*100 < -x {
			t.Errorf("%s: %d on one engine, %d on the other", what, x, y)
		}
	}
	near("renewals", a.Renewals.Count, b.Renewals.Count)
	near("paid", a.Paid.Count, b.Paid.Count)
	near("due", sum(a.Due), sum(b.Due))
	near("mails", a.AllMails(), b.AllMails())
}

func sum(of map[string]int) (n int) {
	for _, k := range slices.Collect(maps.Values(of)) {
		n += k
	}
	return n
}

// contradictions are counted by queries that must find none; their argument is
// the end of the simulation.
var contradictions = []struct{ what, query string }{
	{"deliveries that fell due and are in no term", `SELECT count(*) AS n FROM deliveries WHERE store_id = 1 AND deadline <= ?
		AND state NOT IN ('ordered', 'skipped', 'held', 'blocked', 'cancelled')`},
	{"deliveries decided before their deadline", `SELECT count(*) AS n FROM deliveries AS d JOIN subscriptions AS s ON s.store_id = d.store_id AND s.id = d.subscription_id
		WHERE d.store_id = 1 AND d.deadline > ? AND d.state NOT IN ('planned', 'cancelled')`},
	{"deliveries whose state and order disagree", `SELECT count(*) AS n FROM deliveries AS d LEFT JOIN orders AS o ON o.store_id = d.store_id AND o.id = d.order_id
		WHERE d.store_id = 1 AND (d.state = 'ordered') <> (o.id IS NOT NULL) AND d.deadline <= ?`},
	{"orders that carry none or several deliveries", `SELECT count(*) AS n FROM orders AS o WHERE o.store_id = 1 AND o.placed_at <= ?
		AND (SELECT count(*) FROM deliveries AS d WHERE d.store_id = o.store_id AND d.order_id = o.id) <> 1`},
	{"subscriptions with two boxes at once", `SELECT count(*) AS n FROM (SELECT subscription_id FROM orders WHERE store_id = 1 AND placed_at <= ?
		GROUP BY subscription_id, placed_at HAVING count(*) > 1) AS twice`},
	{"subscriptions with a gap in their slots", `SELECT count(*) AS n FROM (SELECT subscription_id FROM deliveries
		WHERE store_id = 1 AND deadline <= ? GROUP BY subscription_id HAVING max(slot) - min(slot) + 1 <> count(*)) AS gaps`},
	{"running subscriptions with nothing planned", `SELECT count(*) AS n FROM subscriptions AS s WHERE s.store_id = 1 AND s.state = 'active' AND s.count = 0
		AND s.created_at <= ? AND NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.store_id = s.store_id AND d.subscription_id = s.id AND d.state = 'planned')
		AND NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.store_id = s.store_id AND d.subscription_id = s.id AND d.cause = 'cutover')`},
	{"orders without one main payment over their total", `SELECT count(*) AS n FROM orders AS o WHERE o.store_id = 1 AND o.placed_at <= ? AND (SELECT count(*)
		FROM payments AS p WHERE p.store_id = o.store_id AND p.order_id = o.id AND p.kind = 'main' AND p.state <> 'void' AND p.amount = o.total) <> 1`},
	{"orders whose parts do not make their total", `SELECT count(*) AS n FROM orders AS o WHERE o.store_id = 1 AND o.placed_at <= ? AND (goods + shipping + fee <> total
		OR goods <> (SELECT sum(l.total) FROM order_lines AS l WHERE l.store_id = o.store_id AND l.order_id = o.id))`},
	{"orders that an audit line tells of not just once", `SELECT count(*) AS n FROM orders AS o WHERE o.store_id = 1 AND o.placed_at <= ? AND (SELECT count(*)
		FROM audit AS a WHERE a.store_id = o.store_id AND a.noun_id = o.id AND a.verb = 'order.created') <> 1`},
	{"failing orders without an alert", `SELECT count(*) AS n FROM orders AS o WHERE o.store_id = 1 AND o.payment = 'failing' AND o.placed_at <= ? AND NOT EXISTS (SELECT 1
		FROM alerts AS a WHERE a.store_id = o.store_id AND a.order_id = o.id AND a.resolved_at IS NULL)`},
	{"orders in another state than paid, failing, cash on delivery or free", `SELECT count(*) AS n FROM orders WHERE store_id = 1 AND placed_at <= ?
		AND payment NOT IN ('paid', 'failing', 'cod', 'zero')`},
	{"blocked boxes without an alert", `SELECT count(*) AS n FROM deliveries AS d WHERE d.store_id = 1 AND d.deadline <= ? AND d.state = 'blocked' AND d.cause <> 'unpaid'
		AND NOT EXISTS (SELECT 1 FROM alerts AS a WHERE a.store_id = d.store_id AND a.subject_id = d.id AND a.resolved_at IS NULL)`},
	{"calls to the gateway without an answer", `SELECT count(*) AS n FROM attempts WHERE store_id = 1 AND state IN ('open', 'unknown') AND started_at <= ?`},
	{"work that is due and was not done", `SELECT count(*) AS n FROM payments WHERE store_id = 1 AND next_due <= ?`},
	{"records set aside", `SELECT count(*) AS n FROM subscriptions WHERE store_id = 1 AND quarantined AND created_at <= ?`},
	{"variants whose reserved pieces are not those of the orders", `SELECT count(*) AS n FROM stock AS s WHERE s.store_id = 1 AND (s.reserved < 0 OR s.reserved > s.on_hand
		OR s.reserved <> coalesce((SELECT sum(l.quantity) FROM order_lines AS l JOIN orders AS o ON o.store_id = l.store_id AND o.id = l.order_id
			WHERE l.store_id = s.store_id AND l.variant_id = s.variant_id AND o.placed_at <= ?), 0))`},
	{"variants whose ledger does not make what is reserved", `SELECT count(*) AS n FROM stock AS s WHERE s.store_id = 1 AND s.reserved <> coalesce((SELECT sum(l.reserved)
		FROM stock_ledger AS l WHERE l.store_id = s.store_id AND l.variant_id = s.variant_id AND l.at <= ?), 0)`},
	{"mails that wait or were refused", `SELECT count(*) AS n FROM outbox WHERE store_id = 1 AND state <> 'sent' AND created_at <= ?`},
	{"orders with another number of order mails than one, or none while they are not paid", `SELECT count(*) AS n FROM orders AS o
		JOIN customers AS c ON c.store_id = o.store_id AND c.id = o.customer_id WHERE o.store_id = 1 AND o.placed_at <= ?
		AND (SELECT count(*) FROM outbox AS m WHERE m.store_id = o.store_id AND m.order_id = o.id AND m.event = 'subscription_order')
			<> CASE WHEN c.mail IS NOT NULL AND o.payment <> 'failing' THEN 1 ELSE 0 END`},
	{"deliveries whose deadline notice was not written just once", `SELECT count(*) AS n FROM orders AS o JOIN customers AS c ON c.store_id = o.store_id AND c.id = o.customer_id
		JOIN subscriptions AS s ON s.store_id = o.store_id AND s.id = o.subscription_id WHERE o.store_id = 1 AND o.placed_at <= ?
		AND (SELECT count(*) FROM outbox AS m WHERE m.store_id = o.store_id AND m.order_id = o.id AND m.event = 'deadline_notice')
			<> CASE WHEN c.mail IS NOT NULL AND s.deadline_notice THEN 1 ELSE 0 END`},
}

func holds(t *testing.T, d *db.DB, end time.Time) {
	t.Helper()
	for _, c := range contradictions {
		if got := rows[struct{ N int }](t, d, c.query, end.UTC().Format("2006-01-02 15:04:05.000000+00:00")); got[0].N != 0 {
			t.Errorf("%d %s", got[0].N, c.what)
		}
	}
	if n, err := db.TotalsAstray(t.Context(), d, 1); n != 0 || err != nil {
		t.Errorf("%d totals that are not the sum of their rows (%v)", n, err)
	}
}

type boxCount struct {
	Number string
	Boxes  int
}

func boxesOrdered(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	boxes := map[string]int{}
	for _, s := range rows[boxCount](t, d, "SELECT number, boxes_ordered AS boxes FROM subscriptions WHERE store_id = 1") {
		boxes[s.Number] = s.Boxes
	}
	return boxes
}

// countsBoxes: each order is one box more than before the quarter.
func countsBoxes(t *testing.T, d *db.DB, before map[string]int) {
	t.Helper()
	after := boxesOrdered(t, d)
	for _, s := range rows[boxCount](t, d, `SELECT s.number, count(o.id) AS boxes FROM subscriptions AS s
		LEFT JOIN orders AS o ON o.store_id = s.store_id AND o.subscription_id = s.id WHERE s.store_id = 1 GROUP BY s.number`) {
		if after[s.Number] != before[s.Number]+s.Boxes {
			t.Errorf("subscription %s counts %d boxes, %d before and %d ordered", s.Number, after[s.Number], before[s.Number], s.Boxes)
		}
	}
}

// equalsLedger: a payment is paid when the gateway took its amount, once, and
// nothing else was taken.
func equalsLedger(t *testing.T, d *db.DB, ledger thread.Ledger) {
	t.Helper()
	taken := map[string][]thread.Charge{}
	for _, c := range ledger.Succeeded() {
		taken[c.Metadata["payment_id"]] = append(taken[c.Metadata["payment_id"]], c)
	}
	orders, err := db.OrderList(t.Context(), d, thread.StoreID, db.OrderFilter{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	paid := 0
	for part := range slices.Chunk(orders, 5_000) {
		ids := make([]ident.ID, len(part))
		for i, o := range part {
			ids[i] = o.ID
		}
		payments, err := db.PaymentsOfOrders(t.Context(), d, thread.StoreID, ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range payments {
			charges := taken[p.ID.String()]
			if p.State != payment.StatePaid {
				if len(charges) != 0 {
					t.Errorf("a payment that is %s was charged %d times", p.State, len(charges))
				}
				continue
			}
			paid++
			if len(charges) != 1 || charges[0].Amount != p.Amount.Minor || charges[0].Intent != p.IntentID {
				t.Errorf("a payment of %d by intent %s was charged %+v", p.Amount.Minor, p.IntentID, charges)
			}
		}
	}
	if n := len(ledger.Succeeded()); n != paid || ledger.Counts.IntentsChargedTwice != 0 {
		t.Errorf("%d charges for %d paid orders, %d intents charged twice", n, paid, ledger.Counts.IntentsChargedTwice)
	}
}

// mailedOnce: what the outbox says was sent, was handed over once.
func mailedOnce(t *testing.T, d *db.DB, post *postbox) {
	t.Helper()
	sent := rows[struct{ MessageID string }](t, d, "SELECT message_id FROM outbox WHERE store_id = 1 AND state = 'sent'")
	for _, m := range sent {
		if n := post.taken[m.MessageID]; n != 1 {
			t.Errorf("mail %s was handed over %d times", m.MessageID, n)
		}
	}
	if len(sent) != len(post.taken) {
		t.Errorf("%d mails sent, %d handed over", len(sent), len(post.taken))
	}
}
