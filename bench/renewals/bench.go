package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/teiki-commerce/teiki/bench/ground"
	"github.com/teiki-commerce/teiki/internal/db"
)

// bench is one run.
type bench struct {
	options
	engine   db.Engine
	place    *ground.Place
	program  string
	sink     *ground.Sink
	sim      *ground.Process
	workers  []*ground.Process
	shop     *ground.Shop
	hooks    string // address of the pages
	shoppers *shoppers
	result   result
}

// open makes the database, builds the program and starts what stands around it.
func (b *bench) open(ctx context.Context) (err error) {
	b.result = result{
		Database: b.Database, Subscriptions: b.Subscriptions, Due: b.Due,
		Machine: ground.ThisMachine(), Commit: ground.Commit(ctx), At: time.Now().UTC().Format(time.RFC3339),
	}
	if b.place, err = ground.NewPlace(ctx, b.engine, b.Dir); err != nil {
		return err
	}
	if b.program, err = ground.Build(ctx, b.place.Dir); err != nil {
		return err
	}
	if b.sink, err = ground.OpenSink(); err != nil {
		return err
	}
	if b.hooks, err = ground.FreeAddress(); err != nil {
		return err
	}
	b.sim, err = ground.Start(ctx, b.program, "stripe-sim", b.place.Dir, b.env("stripe-sim"), "stripe-sim",
		"--listen", "127.0.0.1:0", "--key", ground.GatewayKey,
		"--webhook", "http://"+b.hooks+"/hooks/stripe", "--webhook-secret", ground.WebhookSecret)
	if err != nil || b.GatewayMS == 0 {
		return err
	}
	return ground.Tell(ctx, b.sim.URL()+"/_sim/faults", map[string]any{
		"endpoint": "", "when": "before", "kind": "slow", "probability": 1, "delay_ms": b.GatewayMS,
	})
}

// env of a process; where profiles are wanted it writes one when it ends.
func (b *bench) env(name string) []string {
	env := []string{ground.SecretEnv()}
	if b.Profile != "" {
		env = append(env, "TEIKI_CPU_PROFILE="+filepath.Join(b.Profile, b.Database+"-"+name+".pprof"))
	}
	return env
}

func (b *bench) seed(ctx context.Context) (err error) {
	begin := time.Now()
	people := 0
	if b.Shoppers {
		people = shopperCount
	}
	b.shop, err = ground.Seed(ctx, b.place, ground.Plan{
		Subscriptions: b.Subscriptions, Due: b.Due, Shoppers: people,
		SimURL: b.sim.URL(), MailPort: b.sink.Port(), Host: b.hooks,
	})
	if err != nil {
		return err
	}
	b.say("seeded in %.1f s", time.Since(begin).Seconds())
	return b.shop.Settle(ctx)
}

// start runs the program as in production. Nothing is due yet.
func (b *bench) start(ctx context.Context) error {
	rate := []string{"--gateway-rate", strconv.Itoa(b.GatewayRate), "--gateway-endpoint-rate", strconv.Itoa(b.GatewayRate / 4)}
	run := func(name string, args ...string) error {
		args = append(append(args, b.place.Args...), rate...)
		p, err := ground.Start(ctx, b.program, name, b.place.Dir, b.env(name), args...)
		if err == nil {
			b.workers = append(b.workers, p)
		}
		return err
	}
	if err := run("serve", "serve", "--listen", b.hooks); err != nil {
		return err
	}
	for i := range b.Workers {
		if err := run(fmt.Sprintf("work-%d", i+1), "work"); err != nil {
			return err
		}
	}
	if !b.Shoppers {
		return nil
	}
	var err error
	b.shoppers, err = newShoppers(ctx, "http://"+b.hooks)
	return err
}

// cpu of every process that belongs to a renewal, by name.
func (b *bench) cpu() (map[string]time.Duration, error) {
	all := map[string]time.Duration{}
	add := func(name string, pid int) error {
		used, err := ground.CPU(pid)
		all[name] += used
		return err
	}
	err := errors.Join(add("simulator", b.sim.PID()), add("postgres", b.place.ServerPID()))
	for _, p := range b.workers {
		err = errors.Join(err, add("teiki", p.PID()))
	}
	return all, err
}

// polls of whether all is done.
const (
	poll  = 25 * time.Millisecond
	limit = 30 * time.Minute
	// horizon is longer than work waits for the gateway's budget or another try;
	// nothing else falls due so soon.
	horizon = 10 * time.Second
)

// measure lets the boxes fall due and waits until all is done.
func (b *bench) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	b.shoppers.start(ctx)
	before, err := b.cpu()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := b.shop.Release(ctx); err != nil {
		return err
	}
	if err := b.until(ctx, db.QueueSubscriptions, db.QueuePayments); err != nil {
		return err
	}
	paid := time.Since(begin)
	b.shoppers.stop()
	after, err := b.cpu()
	if err != nil {
		return err
	}
	b.record(paid, before, after)
	b.say("%.0f renewals a second", b.result.RenewalsPerSecond)
	if err := b.until(ctx, db.QueueMails, db.QueueWebhooks); err != nil {
		return err
	}
	b.result.SecondsToAll = round(time.Since(begin).Seconds())
	if after, err = b.cpu(); err != nil {
		return err
	}
	b.result.CPUToAll = b.perRenewal(sum(after) - sum(before))
	for _, p := range b.workers {
		mb, err := ground.PeakMB(p.PID())
		if err != nil {
			return err
		}
		b.result.RSSMB += round(mb)
	}
	b.result.Durability, err = b.place.DB.Durability(ctx)
	return err
}

func (b *bench) record(paid time.Duration, before, after map[string]time.Duration) {
	b.result.Seconds = round(paid.Seconds())
	b.result.RenewalsPerSecond = round(float64(b.Due) / paid.Seconds())
	b.result.CPUPerRenewal = b.perRenewal(sum(after) - sum(before))
	b.result.CPUParts = map[string]float64{}
	for name := range after {
		if used := b.perRenewal(after[name] - before[name]); used > 0 {
			b.result.CPUParts[name] = used
		}
	}
	b.shoppers.report(&b.result)
}

// until waits until nothing is due in the queues, whoever works on it.
func (b *bench) until(ctx context.Context, queues ...db.Queue) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		busy := false
		for _, q := range queues {
			next, ok, err := db.NextDue(ctx, b.place.DB, q)
			if err != nil {
				return fmt.Errorf("look for due work: %w", err)
			}
			busy = busy || ok && !next.After(time.Now().Add(horizon))
		}
		if !busy {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not done: %w\n%s", ctx.Err(), b.workers[0].Log())
		case <-ticker.C:
		}
	}
}

func (b *bench) perRenewal(d time.Duration) float64 {
	return round(float64(d.Microseconds()) / 1000 / float64(b.Due))
}

func sum(all map[string]time.Duration) (total time.Duration) {
	for _, d := range all {
		total += d
	}
	return total
}

// round keeps three decimals: more would be noise.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

// close ends everything; the processes write their profiles then.
func (b *bench) close() error {
	var err error
	b.shoppers.stop()
	for _, p := range b.workers {
		err = errors.Join(err, p.Stop())
	}
	if b.sim != nil {
		err = errors.Join(err, b.sim.Stop())
	}
	if b.sink != nil {
		err = errors.Join(err, b.sink.Close())
	}
	if b.place != nil {
		err = errors.Join(err, b.place.Close())
	}
	return err
}
