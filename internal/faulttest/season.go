package faulttest

import (
	"context"
	"encoding/hex"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/stripesim"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// The season is a hundred days from the moving in on.
var (
	seasonBegins = fixture.Start
	seasonZone   = fixture.Shop(thread.StoreID).Location()
	seasonEnds   = calendar.Date{Year: 2027, Month: time.March, Day: 1}.Start(seasonZone).Add(-time.Microsecond)
)

// season is a shop with a merchant's books and the process that lives through the
// season with it, as often as it is killed.
type season struct {
	t      testing.TB
	db     *db.DB
	gate   *gate
	simURL string
	post   string // file of the mails handed over
	runner *process
	ticks  chan time.Time // business times that the process has come to
	now    time.Time      // the last that was taken note of
	latest atomic.Int64   // the last, in microseconds
	lives  int
	away   atomic.Int64 // how long nobody worked, in microseconds: all clocks went on

	numbers map[ident.ID]string // of the subscriptions
	boxes   map[ident.ID]int    // that they had before
	onHand  map[ident.ID]int64  // at the end, with what arrives
	skus    map[ident.ID]string
}

// newSeason moves every n-th subscription of the books in and sets up the gateway;
// the process is one of built.
func newSeason(t testing.TB, engine db.Engine, n int, built func() (string, error)) *season {
	t.Helper()
	url := dbtest.URL(t, engine)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	s := &season{t: t, db: d, now: seasonBegins, ticks: make(chan time.Time, 1<<16)}
	_, settings := fixture.Store(t, d, thread.StoreID)
	moveIn(t, d, n)
	s.openGateway()
	settings.Payment.GatewayURL = s.simURL
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return link(ctx, tx, settings, seasonBegins) }); err != nil {
		t.Fatalf("link the gateway: %v", err)
	}
	s.takeStock()
	s.post = filepath.Join(t.TempDir(), "mails")
	s.runner = newProcess(t, "runner", nil)
	s.runner.built = built
	s.runner.heard = s.hear
	s.runner.args = []string{
		"-database", url, "-secret", hex.EncodeToString(thread.InstanceSecret), "-mails", s.post,
		"-until", seasonEnds.Format(time.RFC3339Nano),
	}
	return s
}

// openGateway starts the simulator behind the gate and introduces the imported
// cards, some of which are refused.
func (s *season) openGateway() {
	s.t.Helper()
	sim, err := stripesim.New(stripesim.Options{Clock: func() time.Time { return app.Wall().Add(s.awayFor()) }, SecretKey: thread.GatewayKey})
	if err != nil {
		s.t.Fatalf("start the simulator: %v", err)
	}
	s.gate = &gate{gateway: sim, now: func() time.Time { return time.UnixMicro(s.latest.Load()) }}
	server := httptest.NewServer(s.gate)
	s.simURL = server.URL
	s.t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			s.t.Errorf("close the simulator: %v", err)
		}
		server.Close()
	})
	stored, err := db.StoredCards(s.t.Context(), s.db, thread.StoreID, "", rows)
	if err != nil {
		s.t.Fatalf("read the imported cards: %v", err)
	}
	cards := make([]stripesim.StoredCard, len(stored))
	for i, c := range stored {
		cards[i] = stripesim.StoredCard{Customer: c.CustomerID, PaymentMethod: c.GatewayID}
	}
	if err := sim.Know(cards); err != nil {
		s.t.Fatalf("introduce the imported cards: %v", err)
	}
}

// takeStock remembers what there is before the season.
func (s *season) takeStock() {
	s.t.Helper()
	s.numbers, s.boxes = map[ident.ID]string{}, map[ident.ID]int{}
	s.onHand, s.skus = map[ident.ID]int64{}, map[ident.ID]string{}
	all, err := db.SubscriptionsAfter(s.t.Context(), s.db, thread.StoreID, "", rows)
	if err != nil {
		s.t.Fatalf("read the subscriptions: %v", err)
	}
	for _, sub := range all {
		s.numbers[sub.ID], s.boxes[sub.ID] = sub.Number, sub.BoxesOrdered
	}
	goods, err := db.StockList(s.t.Context(), s.db, thread.StoreID, "ja")
	if err != nil {
		s.t.Fatalf("read the stock: %v", err)
	}
	for _, g := range goods {
		s.onHand[g.VariantID], s.skus[g.VariantID] = g.OnHand, g.SKU
	}
	arrivals, err := db.Arrivals(s.t.Context(), s.db, thread.StoreID, calendar.DateOf(seasonEnds.In(seasonZone)))
	if err != nil {
		s.t.Fatalf("read the expected stock: %v", err)
	}
	for _, a := range arrivals {
		s.onHand[a.VariantID] += a.Quantity
	}
}

// hear reads what the process says.
func (s *season) hear(line string) {
	if text, ok := strings.CutPrefix(line, "at "); ok {
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			s.latest.Store(at.UnixMicro())
			s.ticks <- at
		}
		return
	}
	if line == "done" {
		s.ticks <- seasonEnds.Add(time.Hour)
	}
}

// stayAway lets a while pass in which nobody works, and the gateway forgets.
func (s *season) stayAway(d time.Duration) {
	s.away.Add(d.Microseconds())
	s.now = s.now.Add(d)
}

func (s *season) awayFor() time.Duration { return time.Duration(s.away.Load()) * time.Microsecond }

// begin starts a further life, at the time where the last one ended and when its
// leases are over.
func (s *season) begin() {
	s.t.Helper()
	const pastLeases = time.Minute
	ahead := time.Duration(s.lives)*pastLeases + s.awayFor()
	s.lives++
	given := s.runner.args
	s.runner.args = append(append([]string{}, given...), "-at", s.now.Format(time.RFC3339Nano), "-ahead", ahead.String())
	s.runner.start(s.t)
	s.runner.args = given
}

// come waits until the process has come to a time.
func (s *season) come(at time.Time) {
	s.t.Helper()
	for s.now.Before(at) {
		select {
		case s.now = <-s.ticks:
		case <-s.runner.exited:
			if len(s.ticks) == 0 {
				s.t.Fatalf("the runner ended at %s:\n%s", s.now, s.runner.tail())
			}
		}
	}
}

// linger waits for a while, or until the season is nearly over.
func (s *season) linger(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for nearly := seasonEnds.AddDate(0, 0, -8); s.now.Before(nearly); {
		select {
		case <-timer.C:
			return
		case s.now = <-s.ticks:
		}
	}
}

// end kills the process, and reads what it said last.
func (s *season) end() {
	s.t.Helper()
	s.runner.kill(s.t)
	for len(s.ticks) > 0 {
		s.now = <-s.ticks
	}
	if s.now.After(seasonEnds) {
		s.t.Fatalf("the season was over after %d lives: the kill came too late", s.lives)
	}
}

// live lets the season pass with these kills.
func (s *season) live(kills []kill) {
	s.t.Helper()
	s.begin()
	for _, k := range kills {
		s.come(k.after)
		if k.moment == "" {
			s.linger(k.delay)
		} else {
			select {
			case <-s.gate.await(k.moment):
			case <-s.runner.exited:
				s.t.Fatalf("after %s the runner ended without %q:\n%s", k.after, k.moment, s.runner.tail())
			}
		}
		s.end()
		s.begin()
	}
	s.come(seasonEnds.Add(time.Microsecond))
	<-s.runner.exited
}

// books reads everything as it is now.
func (s *season) books() Books {
	s.t.Helper()
	ids := make([]ident.ID, 0, len(s.numbers))
	for id := range s.numbers {
		ids = append(ids, id)
	}
	b := Books{Now: seasonEnds, OnHand: s.onHand}
	if err := b.readStore(s.t.Context(), s.db, thread.StoreID, ids); err != nil {
		s.t.Fatalf("read the books: %v", err)
	}
	ledger := thread.ReadLedger(s.t, s.simURL)
	b.Charges, b.Intents, b.ChargedTwice = ledger.Charges, ledger.Counts.Intents, ledger.Counts.IntentsChargedTwice
	content, err := os.ReadFile(s.post)
	if err != nil {
		s.t.Fatalf("read the mails: %v", err)
	}
	for line := range strings.Lines(string(content)) {
		id, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		b.Received = append(b.Received, mailbox.Summary{MessageID: id, To: to})
	}
	return b
}
