package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/engine"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/stripesim"
	"github.com/teiki-commerce/teiki/internal/web"
)

// pastFile is the database until its past is complete.
const pastFile = "past.db"

// pastMails is of how many days the mail box still has the mails.
const pastMails = 10 * 24 * time.Hour

// livePast fills a folder without a demo: the shop opens half a year ago and runs
// until now. A process that dies meanwhile leaves no demo, and the next start
// begins anew.
func (c Demo) livePast(ctx context.Context, p demoParts) error {
	if begun, err := c.begun(); begun || err != nil {
		return err
	}
	if err := forget(c.Data); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	file := filepath.Join(c.Data, pastFile)
	d, err := db.OpenScratch(ctx, file)
	if err != nil {
		return err
	}
	if err := errors.Join(c.fillPast(ctx, d, p), d.Close()); err != nil {
		return err
	}
	return db.Keep(file, filepath.Join(c.Data, databaseFile))
}

// begun reports whether the folder holds a demo.
func (c Demo) begun() (bool, error) {
	_, err := os.Stat(filepath.Join(c.Data, databaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the demo's data: %w", err)
	}
	return true, nil
}

// pastClock stands still until it is set.
type pastClock struct{ micros atomic.Int64 }

func (c *pastClock) now() time.Time   { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *pastClock) set(to time.Time) { c.micros.Store(to.UnixMicro()) }

// fillPast puts everything of a demo around the past's own clock.
func (c Demo) fillPast(ctx context.Context, d *db.DB, p demoParts) (err error) {
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	h, err := furnish(ctx, d, Place{Data: c.Data, SecretFile: demoSecretFile(c.Data)}, flow.Budget{})
	if err != nil {
		return err
	}
	defer h.mailers.close()
	ctx = quietly(ctx)
	now, clock := Wall(), &pastClock{}
	clock.set(demo.Opening(now))
	sim, simURL, stop, err := c.pastGateway(ctx, p, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop(), sim.Close()) }()
	box, smtpPort, err := c.pastMailbox(ctx, h, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }()

	keep := now.Add(-pastMails)
	past := &flow.Flow{
		DB: d, Secrets: h.Flow.Secrets, Texts: h.Texts, NewID: demo.IDs(clock.now), Now: clock.now, Wall: Wall,
		Mailer: func(ctx context.Context, shop flow.Shop) (mail.Sender, error) {
			sender, err := h.mailers.of(ctx, shop)
			return pastSender{Sender: sender, kept: clock.now().After(keep)}, err
		},
	}
	terms, err := web.Terms(h.Texts)
	if err != nil {
		return err
	}
	hash := auth.Hash(demoPassword)
	logins := demo.Logins{OwnerPasswordHash: hash, CustomerPasswordHash: hash}
	if err := seedDemo(ctx, past, logins, demoAt{shop: address(p.shop), gateway: simURL, smtp: smtpPort}); err != nil {
		return err
	}
	return demo.Live(ctx, demo.Past{
		Flow: past, Engine: engine.New(past), SetClock: clock.set, Terms: terms, SimulatorURL: simURL, Logins: logins,
	}, now)
}

// pastGateway is the simulator on the past's clock, at an address of its own; the
// pages that it makes are at the one of later.
func (c Demo) pastGateway(ctx context.Context, p demoParts, clock *pastClock) (*stripesim.Server, string, func() error, error) {
	l, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, err
	}
	sim, err := stripesim.New(c.gateway(p, clock.now))
	if err != nil {
		return nil, "", nil, errors.Join(fmt.Errorf("start the simulator: %w", err), l.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &services{stop: cancel}
	s.serveHTTP(ctx, "simulator", l, sim)
	return sim, address(l), func() error { cancel(); return s.wait() }, nil
}

func (c Demo) pastMailbox(ctx context.Context, h *House, clock *pastClock) (*mailbox.Box, int, error) {
	l, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, 0, err
	}
	box, err := c.mailbox(h.Texts, clock.now)
	if err != nil {
		return nil, 0, errors.Join(err, l.Close())
	}
	go func() { _ = box.Serve(l) }() // ends with the box; a mail that it did not take would show
	return box, portOf(l), nil
}

// pastSender hands over the mails of the last days. The older ones went where all
// mails go in the end, and one address never took any.
type pastSender struct {
	mail.Sender
	kept bool
}

// Send hands a mail over.
func (s pastSender) Send(ctx context.Context, m mail.Message) error {
	switch {
	case demo.Unreachable(m.To.Mail):
		return &mail.Error{Class: mail.Permanent, Code: 550, Doing: "name the recipient", Err: errors.New("no such domain")}
	case !s.kept:
		return nil
	default:
		return s.Sender.Send(ctx, m)
	}
}
