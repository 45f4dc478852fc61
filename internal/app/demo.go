package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/teiki-commerce/teiki/internal/auth"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/mail/mailbox"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

// Demo is the configuration of `teiki demo`.
type Demo struct {
	Listen string `help:"Address of the shop; the simulator and the mail box take the next two ports." default:"127.0.0.1:8080"`
	Data   string `help:"Folder of the demo's data." default:"data/demo" placeholder:"DIR"`
	Fresh  bool   `help:"Forget what the folder holds and begin anew."`
	Empty  bool   `help:"Begin with staff and goods alone, without customers and their orders."`
}

// Logins and keys of a demo. They open nothing but the demo.
const (
	demoPassword    = "hibari-demo"
	demoGatewayKey  = "sk_test_demo"
	demoHookSecret  = "whsec_demo"
	demoSecretName  = "demo.secret"
	demoGatewayFile = "stripe-sim.jsonl"
)

// demoParts are the addresses a demo listens on.
type demoParts struct {
	shop, sim, mails, smtp net.Listener
}

// Addresses are where a running demo answers.
type Addresses struct {
	Shop, Simulator, Mails string
}

// Run runs the shop, the engine, the Stripe simulator and a mail box in one
// process until the context ends.
func (c Demo) Run(ctx context.Context) error {
	if begun, err := c.begun(); err == nil && (c.Fresh || !begun) && !c.Empty {
		fmt.Fprintln(os.Stdout, "teiki demo opens the shop half a year ago and lets it run until today: a few seconds, this once")
	}
	at, wait, err := c.Start(ctx)
	if err != nil {
		return err
	}
	announce(at)
	return wait()
}

// Start starts the demo and returns where it answers; wait returns when it has
// ended after the context.
func (c Demo) Start(ctx context.Context) (at Addresses, wait func() error, err error) {
	if c.Fresh {
		if err := forget(c.Data); err != nil {
			return at, nil, err
		}
	}
	parts, err := c.listen(ctx)
	if err != nil {
		return at, nil, err
	}
	if !c.Empty {
		if err := c.livePast(ctx, parts); err != nil {
			return at, nil, errors.Join(fmt.Errorf("let the demo's past happen: %w", err), parts.close())
		}
	}
	h, err := OpenHouse(ctx, Place{Data: c.Data, SecretFile: demoSecretFile(c.Data)}, flow.Budget{})
	if err != nil {
		return at, nil, errors.Join(err, parts.close())
	}
	ctx, stop := context.WithCancel(ctx)
	s := &services{stop: stop}
	if err := c.open(ctx, h, parts, s); err != nil {
		stop()
		return at, nil, errors.Join(err, parts.close(), h.Close())
	}
	at = Addresses{Shop: address(parts.shop), Simulator: address(parts.sim), Mails: address(parts.mails)}
	return at, func() error {
		defer stop()
		return errors.Join(s.wait(), h.Close())
	}, nil
}

// demoSecretFile lies beside the data folder: a copied folder is a copy to the
// clone guard too.
func demoSecretFile(data string) string {
	return filepath.Join(filepath.Dir(filepath.Clean(data)), filepath.Base(filepath.Clean(data))+"."+demoSecretName)
}

// forget removes what a demo wrote, and nothing else that may lie in the folder.
func forget(data string) error {
	for _, name := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", demoGatewayFile, "mails"} {
		if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
			return fmt.Errorf("begin anew: %w", err)
		}
	}
	return nil
}

func (c Demo) listen(ctx context.Context) (p demoParts, err error) {
	host, portText, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return p, fmt.Errorf("read the address %q: %w", c.Listen, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return p, fmt.Errorf("read the port of %q: %w", c.Listen, err)
	}
	beside := func(n int) string {
		if port == 0 {
			return net.JoinHostPort(host, "0")
		}
		return net.JoinHostPort(host, strconv.Itoa(port+n))
	}
	for _, part := range []struct {
		listener *net.Listener
		address  string
	}{{&p.shop, beside(0)}, {&p.sim, beside(1)}, {&p.mails, beside(2)}, {&p.smtp, "127.0.0.1:0"}} {
		if *part.listener, err = listen(ctx, part.address); err != nil {
			return p, errors.Join(err, p.close())
		}
	}
	return p, nil
}

func (p demoParts) close() error {
	var err error
	for _, l := range []net.Listener{p.shop, p.sim, p.mails, p.smtp} {
		if l != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return err
}

// address of a part as a browser on this machine reaches it.
func address(l net.Listener) string {
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok || !a.IP.IsUnspecified() {
		return "http://" + l.Addr().String()
	}
	return "http://127.0.0.1:" + strconv.Itoa(a.Port)
}

// open fills the shop where it is empty and starts all parts.
func (c Demo) open(ctx context.Context, h *House, p demoParts, s *services) error {
	hash := auth.Hash(demoPassword)
	logins := demo.Logins{OwnerPasswordHash: hash, CustomerPasswordHash: hash}
	at := demoAt{shop: address(p.shop), gateway: address(p.sim), smtp: portOf(p.smtp)}
	if err := seedDemo(ctx, h.Flow, logins, at); err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	sim, err := stripesim.New(c.gateway(p, h.Clock.Now, at.shop+"/hooks/stripe"))
	if err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	box, err := c.mailbox(h.Texts, h.Clock.Now)
	if err != nil {
		return errors.Join(err, sim.Close())
	}
	handler, err := h.pages(ctx, portOf(p.shop), nil, &demoLinks{clock: &mover{house: h}, mails: address(p.mails), sim: at.gateway})
	if err != nil {
		return errors.Join(err, sim.Close(), box.Close())
	}
	mails := http.NewServeMux()
	mails.Handle("/", box.Handler("/"))
	s.serveHTTP(ctx, "shop", p.shop, handler)
	s.serveHTTP(ctx, "simulator", p.sim, sim)
	s.serveHTTP(ctx, "mail box", p.mails, mails)
	s.start("mail server", func() error { return box.Serve(p.smtp) })
	s.start("engine", func() error { h.Engine.Run(ctx); return nil })
	s.start("simulations", func() error { h.Simulate(ctx); return nil })
	s.start("closing", func() error {
		<-ctx.Done()
		return errors.Join(box.Close(), sim.Close())
	})
	return nil
}

// gateway is how the simulator of the demo is set up.
func (c Demo) gateway(p demoParts, clock func() time.Time, hooks ...string) stripesim.Options {
	return stripesim.Options{
		Clock: clock, Wall: Wall, SecretKey: demoGatewayKey, WebhookSecret: demoHookSecret,
		StateFile: filepath.Join(c.Data, demoGatewayFile), BaseURL: address(p.sim), Merchant: "ひばり珈琲",
		WebhookURLs: hooks,
	}
}

func (c Demo) mailbox(texts *i18n.Catalog, clock func() time.Time) (*mailbox.Box, error) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		return nil, fmt.Errorf("load the time zone: %w", err)
	}
	box, err := mailbox.Open(mailbox.Config{Dir: filepath.Join(c.Data, "mails"), Now: clock, Zone: zone, Catalog: texts})
	if err != nil {
		return nil, fmt.Errorf("open the mail box: %w", err)
	}
	return box, nil
}

// demoAt is where the parts of a demo are this time.
type demoAt struct {
	shop, gateway string // URLs
	smtp          int    // port
}

// seedDemo fills an empty demo shop and tells it where its simulator and its mail
// server are this time.
func seedDemo(ctx context.Context, f *flow.Flow, logins demo.Logins, at demoAt) error {
	if err := demo.Seed(ctx, f, logins); err != nil {
		return err
	}
	settings, err := db.Settings(ctx, f.DB, demo.StoreID)
	if err != nil {
		return err
	}
	now := f.Now()
	settings.Payment.GatewayURL, settings.Profile.BaseURL = at.gateway, at.shop
	settings.Mail.Host, settings.Mail.Port, settings.Mail.TLS = "127.0.0.1", at.smtp, string(mail.TLSNone)
	return f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for name, value := range map[string]string{flow.SecretGatewayKey: demoGatewayKey, flow.SecretWebhook: demoHookSecret} {
			sealed := f.Secrets.Seal(demo.StoreID, name, []byte(value))
			if err := db.PutSecret(ctx, tx, demo.StoreID, name, sealed, now); err != nil {
				return err
			}
		}
		return saveSettings(ctx, tx, demo.StoreID, settings, now)
	})
}

// saveSettings writes the documents that know addresses and keys.
func saveSettings(ctx context.Context, tx db.Tx, storeID int64, settings store.Settings, now time.Time) error {
	for group, document := range map[db.SettingsGroup]any{
		db.SettingsPayment: settings.Payment, db.SettingsProfile: settings.Profile, db.SettingsMail: settings.Mail,
	} {
		version, err := db.SettingsVersion(ctx, tx, storeID, group)
		if err != nil {
			return err
		}
		if err := db.SaveSettings(ctx, tx, storeID, group, document, version, now); err != nil {
			return err
		}
	}
	return nil
}

func announce(at Addresses) {
	fmt.Fprintf(os.Stdout, `teiki demo is ready

  shop       %[1]s/      (English: %[1]s/en/)
  my page    %[1]s/mypage   %[4]s / %[5]s
  console    %[1]s/admin    %[6]s / %[5]s
  mail box   %[3]s/
  ledger     %[2]s/_sim/ledger?format=html   (JSON without format=html)

  test cards 4242 4242 4242 4242   goes through
             4000 0025 0000 3155   asks for 3-D Secure
             4000 0000 0000 0341   is declined from the second box on
             any later date, any three digits

Ctrl+C stops it; the data stay.
`, at.Shop, at.Simulator, at.Mails, demo.CustomerMail, demoPassword, demo.OwnerMail)
}

// mover moves the demo's clock.
type mover struct {
	house *House
	mu    sync.Mutex
}

// Forward moves the clock to an instant, deadline by deadline, and lets the
// engine do all that is due at each: in one leap the deadlines in between would
// look like a downtime.
func (m *mover) Forward(ctx context.Context, target time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.house
	for {
		if err := h.Engine.Drain(ctx); err != nil {
			return fmt.Errorf("finish what is due: %w", err)
		}
		next, ok, err := h.Engine.NextDue(ctx)
		if err != nil {
			return err
		}
		if !ok || next.After(target) {
			break
		}
		if err := h.Clock.MoveTo(ctx, h.DB, next); err != nil {
			return err
		}
	}
	if err := h.Clock.MoveTo(ctx, h.DB, target); err != nil {
		return err
	}
	return h.Engine.Drain(ctx)
}

// NextDeadline is the next change deadline of a delivery.
func (m *mover) NextDeadline(ctx context.Context) (time.Time, bool, error) {
	return db.NextDue(ctx, m.house.DB, db.QueueSubscriptions)
}
