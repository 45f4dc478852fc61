// Package simulate runs a copy of a store forward in time: the engine of every
// day on a business clock that jumps from deadline to deadline, a simulated
// gateway that knows the copied cards, and a mail server that writes every mail
// and sends none. It owns the world around the copy and what is counted of it;
// what happens is decided by the same rules as in real life.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/seal"
)

// Input says what is simulated and with what.
type Input struct {
	StoreID int64
	// Now is the business clock of the original, read once it is copied.
	Now func() time.Time
	// From and To are the first and the last day that are counted, in the store's
	// zone. What falls due between now and From happens uncounted before it.
	From, To calendar.Date
	Cards    simulation.Cards
	Texts    *i18n.Catalog
	NewID    ident.Generator
	// Wall is the machine's clock, for leases and for how long it took.
	Wall func() time.Time
	// Secret seals what the copy keeps for its gateway: seal.SecretSize bytes.
	Secret []byte
	// Progress is told the business day that has come; nil for nobody.
	Progress func(calendar.Date)
}

// Copy copies the database of a source into a folder that only this run uses,
// and runs the copy forward. The source is only read, the copy removed.
func Copy(ctx context.Context, source *db.DB, folder string, in Input) (r simulation.Result, err error) {
	dir, err := os.MkdirTemp(folder, copyPrefix+"*") // readable for its owner alone: it holds customers
	if err != nil {
		return r, fmt.Errorf("make a folder for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := source.Copy(ctx, filepath.Join(dir, "copy.db"))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	w, err := New(ctx, d, in)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return w.Run(ctx)
}

// copyPrefix begins the names of copies' folders.
const copyPrefix = "teiki-simulation-"

// Sweep removes the copies that processes which were killed have left in a folder
// (empty: that for temporary files) before an instant: they hold customers.
func Sweep(folder string, before time.Time) error {
	if folder == "" {
		folder = os.TempDir()
	}
	left, err := filepath.Glob(filepath.Join(folder, copyPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for copies that were left: %w", err)
	}
	for _, dir := range left {
		about, err := os.Stat(dir)
		if err != nil || !about.ModTime().Before(before) {
			continue // in use, or another process was faster
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a copy that was left: %w", err)
		}
	}
	return nil
}

// World is a copied store with everything around it.
type World struct {
	DB     *db.DB
	Flow   *flow.Flow
	Engine *engine.Engine

	in      Input
	clock   clock
	began   time.Time // where the clock began
	gateway *gateway
	shop    flow.Shop
}

// New prepares a copy for its simulation: cut off from its gateway and mail
// server, with a simulated one of each. Never hand it a database that is in use.
func New(ctx context.Context, d *db.DB, in Input) (*World, error) {
	w := &World{DB: d, in: in}
	w.Flow = &flow.Flow{
		DB: d, Secrets: seal.New(in.Secret), Texts: in.Texts, NewID: in.NewID, Now: w.clock.Now, Wall: in.Wall,
		Mailer: func(context.Context, flow.Shop) (mail.Sender, error) { return nobody{}, nil },
	}
	w.Engine = engine.New(w.Flow)
	var err error
	if w.shop, err = w.Flow.Shop(ctx, d, in.StoreID); err != nil {
		return nil, err
	}
	now := in.Now()
	if err := in.check(ctx, d, w.shop.Location, now); err != nil {
		return nil, err
	}
	w.began = in.start(w.shop.Location, now)
	w.clock.set(w.began)
	if w.gateway, err = openGateway(ctx, w.clock.Now, in.Wall); err != nil {
		return nil, err
	}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.gateway.close())
	}
	return w, nil
}

// prepare writes what the copy needs to know of its new surroundings.
func (w *World) prepare(ctx context.Context) error {
	if err := w.gateway.know(ctx, w.DB, w.in.StoreID, w.in.Cards); err != nil {
		return err
	}
	now := w.clock.Now()
	settings := w.shop.Payment
	settings.GatewayURL = w.gateway.url
	err := w.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := db.Detach(ctx, tx, w.in.StoreID); err != nil {
			return err
		}
		version, err := db.SettingsVersion(ctx, tx, w.in.StoreID, db.SettingsPayment)
		if err != nil {
			return err
		}
		if err := db.SaveSettings(ctx, tx, w.in.StoreID, db.SettingsPayment, settings, version, now); err != nil {
			return err
		}
		for _, name := range []string{flow.SecretGatewayKey, flow.SecretWebhook} {
			sealed := w.Flow.Secrets.Seal(w.in.StoreID, name, []byte(gatewayKey))
			if err := db.PutSecret(ctx, tx, w.in.StoreID, name, sealed, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("prepare the copy: %w", err)
	}
	return nil
}

// GatewayURL is where the simulated gateway answers.
func (w *World) GatewayURL() string { return w.gateway.url }

// Close ends the simulated gateway. The database is the caller's.
func (w *World) Close() error { return w.gateway.close() }

// arrivalHour is when expected stock is on the shelf on its day: after the
// deadlines of the night.
const arrivalHour = 9 * time.Hour

// Run lets the days pass and counts what happened in them.
func (w *World) Run(ctx context.Context) (simulation.Result, error) {
	began := w.in.Wall()
	zone := w.shop.Location
	until := w.in.To.AddDays(1).Start(zone)
	period := db.Period{From: later(w.in.From.Start(zone), w.clock.Now()), Until: until}
	if period.From.After(w.clock.Now()) {
		if err := w.pass(ctx, period.From.Add(-time.Microsecond)); err != nil {
			return simulation.Result{}, err
		}
	}
	stock, err := db.StockList(ctx, w.DB, w.in.StoreID, string(i18n.Ja))
	if err != nil {
		return simulation.Result{}, err
	}
	if err := w.pass(ctx, until.Add(-time.Microsecond)); err != nil {
		return simulation.Result{}, err
	}
	r, err := w.collect(ctx, period, stock)
	if err != nil {
		return simulation.Result{}, err
	}
	r.Seconds = w.in.Wall().Sub(began).Seconds()
	return r, nil
}

// pass moves the clock to an instant, from one due time to the next, and lets the
// engine finish at each: in one leap the deadlines in between would look like a
// downtime.
func (w *World) pass(ctx context.Context, target time.Time) error {
	arrivals, err := db.Arrivals(ctx, w.DB, w.in.StoreID, calendar.DateOf(target.In(w.shop.Location)))
	if err != nil {
		return err
	}
	for _, a := range arrivals {
		comes := later(a.Date.Start(w.shop.Location).Add(arrivalHour), w.clock.Now())
		if comes.After(target) {
			break // in the morning after
		}
		if err := w.advance(ctx, comes); err != nil {
			return err
		}
		if _, err := w.Flow.BookArrivals(ctx, w.in.StoreID, a.Date); err != nil {
			return err
		}
	}
	return w.advance(ctx, target)
}

func (w *World) advance(ctx context.Context, target time.Time) error {
	for {
		if err := w.Engine.Drain(ctx); err != nil {
			return fmt.Errorf("work at %s: %w", w.clock.Now().Format(time.RFC3339), err)
		}
		next, ok, err := w.Engine.NextDue(ctx)
		if err != nil {
			return err
		}
		if !ok || next.After(target) {
			break
		}
		w.move(next)
	}
	w.move(target)
	if err := w.Engine.Drain(ctx); err != nil {
		return fmt.Errorf("work at %s: %w", w.clock.Now().Format(time.RFC3339), err)
	}
	return nil
}

func (w *World) move(to time.Time) {
	if !to.After(w.clock.Now()) {
		return
	}
	w.clock.set(to)
	if w.in.Progress != nil {
		w.in.Progress(calendar.DateOf(to.In(w.shop.Location)))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clock stands still until it is moved, so that all that happens at a deadline
// happens at one instant.
type clock struct{ micros atomic.Int64 }

// Now is the business time.
func (c *clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }

// nobody takes every mail and delivers none: it was written, that is enough.
type nobody struct{}

// Send does nothing.
func (nobody) Send(context.Context, mail.Message) error { return nil }
