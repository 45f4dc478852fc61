package faulttest

import (
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// stormSeed repeats the kills of an earlier run as far as two machines can: the
// moments are the same, what the processes do at them is not.
var stormSeed = flag.Uint64("storm-seed", 0, "seed of the storm's moments; 0 takes one from the clock")

// storm is a shop with due work, the processes that do it, and what kills them.
type storm struct {
	t       testing.TB
	db      *db.DB
	shop    *shop
	simURL  string
	hooks   string // address at which webhooks are expected
	box     *mailbox.Box
	random  *rand.Rand
	workers []*process
	kills   int // that hit while work was due
}

// moments are the dice that a storm is thrown with.
func moments(t testing.TB) *rand.Rand {
	t.Helper()
	seed := *stormSeed
	if seed == 0 {
		seed = uint64(app.Wall().UnixNano())
	}
	t.Logf("the storm's moments: -storm-seed=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// newStorm fills a database with due deliveries and starts the simulator and the
// mail server, but no worker. The gateway's limits, in requests a second, make
// the work last long enough to be disturbed on any machine.
func newStorm(t testing.TB, url string, due int) *storm {
	t.Helper()
	random := moments(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	s := &storm{t: t, db: d, random: random}
	port := s.openMailbox()
	hooks := freeAddress(t)
	sim := newProcess(t, "stripe-sim", nil, "stripe-sim", "--listen", "127.0.0.1:0",
		"--state", filepath.Join(t.TempDir(), "sim.jsonl"), "--key", thread.GatewayKey,
		"--webhook", "http://"+hooks+"/hooks/stripe", "--webhook-secret", thread.WebhookSecret)
	sim.start(t)
	_, address, _ := strings.Cut(sim.first, "http://")
	s.simURL = "http://" + strings.Fields(address)[0]
	s.shop = openShop(t, d, s.simURL, port, due)
	s.hooks = hooks
	// Some answers take their time once the intent is made or the money has moved:
	// that is when a kill hurts most.
	for endpoint, share := range map[string]float64{"POST /v1/payment_intents": 0.1, "POST /v1/payment_intents/*/confirm": 0.6} {
		tell(t, s.simURL+"/_sim/faults", map[string]any{
			"endpoint": endpoint, "when": "after", "kind": "slow", "probability": share, "delay_ms": 500,
		})
	}
	return s
}

// openMailbox starts the mail server and returns its port.
func (s *storm) openMailbox() int {
	s.t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		s.t.Fatalf("load the catalogues: %v", err)
	}
	s.box, err = mailbox.Open(mailbox.Config{Dir: s.t.TempDir(), Now: app.Wall, Zone: time.UTC, Catalog: texts})
	if err != nil {
		s.t.Fatalf("open the mail box: %v", err)
	}
	l, err := new(net.ListenConfig).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("listen for mails: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.box.Serve(l) }()
	s.t.Cleanup(func() {
		if err := s.box.Close(); err != nil {
			s.t.Errorf("close the mail box: %v", err)
		}
		if err := <-served; err != nil {
			s.t.Errorf("serve the mail box: %v", err)
		}
	})
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		s.t.Fatalf("read the mail server's address: %v", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatalf("read the mail server's port: %v", err)
	}
	return port
}

// worker starts a process that works on the database. perEndpoint are the
// requests a second that all workers together may send to an endpoint.
func (s *storm) worker(name string, perEndpoint int, place []string, command ...string) *process {
	s.t.Helper()
	env := []string{app.SecretEnv + "=" + hex.EncodeToString(thread.InstanceSecret)}
	args := append(command, place...)
	args = append(args, "--gateway-endpoint-rate", strconv.Itoa(perEndpoint), "--gateway-rate", strconv.Itoa(4*perEndpoint))
	p := newProcess(s.t, name, env, args...)
	p.start(s.t)
	s.workers = append(s.workers, p)
	return p
}

// rage kills workers at random moments while work is due, every second time just
// when money has moved, and starts each again, until so many kills have hit. A
// worker that is frozen is left alone.
func (s *storm) rage(kills int, least, most time.Duration, frozen func() *process) {
	s.t.Helper()
	for s.kills < kills {
		wait(least + time.Duration(s.random.Int64N(int64(most-least))))
		victim := s.workers[s.random.IntN(len(s.workers))]
		if victim == frozen() {
			continue
		}
		if !s.busy() {
			s.t.Fatalf("all work was done after %d kills: the storm came too late", s.kills)
		}
		if s.kills%2 == 0 {
			s.awaitCharge()
		}
		victim.kill(s.t)
		s.kills++
		victim.start(s.t)
	}
}

// awaitCharge returns as soon as the gateway has made a further charge, which
// nobody can have settled yet, or after a while where none is to be made.
func (s *storm) awaitCharge() {
	s.t.Helper()
	before := len(thread.ReadLedger(s.t, s.simURL).Charges)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := app.Wall().Add(2 * time.Second); app.Wall().Before(end); <-tick.C {
		if len(thread.ReadLedger(s.t, s.simURL).Charges) > before {
			return
		}
	}
}

// freeze stops a worker in the middle of its work, without ending it, and lets it
// go on after a while; the channel is closed then.
func (s *storm) freeze(p *process, length time.Duration) <-chan struct{} {
	s.t.Helper()
	p.signal(s.t, syscall.SIGSTOP)
	thawed := make(chan struct{})
	time.AfterFunc(length, func() {
		p.signal(s.t, syscall.SIGCONT)
		close(thawed)
	})
	return thawed
}

func wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// busy reports whether anything is due, be it claimed or not.
func (s *storm) busy() bool {
	s.t.Helper()
	for _, q := range []db.Queue{db.QueueSubscriptions, db.QueuePayments, db.QueueMails} {
		next, ok, err := db.NextDue(s.t.Context(), s.db, q)
		if err != nil {
			s.t.Fatalf("look for due work: %v", err)
		}
		if ok && !next.After(app.Wall()) {
			return true
		}
	}
	return false
}

// converge waits until nothing is due and nothing is under way, and returns the
// books then.
func (s *storm) converge(limit time.Duration) Books {
	s.t.Helper()
	end := app.Wall().Add(limit)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		busy := s.busy()
		if !busy {
			if b := s.books(); len(b.Unfinished()) == 0 {
				return b
			}
		}
		if app.Wall().After(end) {
			b := s.books()
			s.t.Fatalf("not converged after %v; due work: %t, unfinished:\n%s", limit, busy, strings.Join(b.Unfinished(), "\n"))
		}
		<-tick.C
	}
}

// books reads everything as it is now.
func (s *storm) books() Books {
	s.t.Helper()
	ids := make([]ident.ID, len(s.shop.subscriptions))
	for i, n := range s.shop.subscriptions {
		ids[i] = n.Subscription.ID
	}
	b := Books{Now: app.Wall(), Due: s.shop.due, OnHand: s.shop.onHand}
	if err := b.readStore(s.t.Context(), s.db, thread.StoreID, ids); err != nil {
		s.t.Fatalf("read the books: %v", err)
	}
	ledger := thread.ReadLedger(s.t, s.simURL)
	b.Charges, b.Intents, b.ChargedTwice = ledger.Charges, ledger.Counts.Intents, ledger.Counts.IntentsChargedTwice
	b.Received = s.box.Find("", "", rows)
	return b
}

// judge fails the test for every violation and prints the figures.
func (s *storm) judge(b Books) {
	s.t.Helper()
	violations := Check(b)
	for _, v := range violations[:min(len(violations), maxShown)] {
		s.t.Error(v)
	}
	if more := len(violations) - maxShown; more > 0 {
		s.t.Errorf("and %d more", more)
	}
	for _, p := range s.workers {
		if p.panics() {
			s.t.Errorf("%s panicked", p.name)
		}
	}
	s.t.Log(b.Figures())
}

// maxShown violations are enough to begin with.
const maxShown = 30
