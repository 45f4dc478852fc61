package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/stripesim"
)

// Simulator is the configuration of `teiki stripe-sim`.
type Simulator struct {
	Listen        string   `help:"Address to listen on." default:"127.0.0.1:8081"`
	State         string   `help:"File that keeps the state; empty keeps it in memory." placeholder:"FILE"`
	Key           string   `help:"Secret key that clients must send." default:"sk_test_teiki"`
	Webhook       []string `help:"Addresses that receive webhooks." placeholder:"URL"`
	WebhookSecret string   `help:"Secret that webhooks are signed with." default:"whsec_teiki"`
	Rate          int      `help:"Requests a second allowed in all; 0 = no limit."`
	EndpointRate  int      `help:"Requests a second allowed an endpoint; 0 = no limit."`
	Known         string   `help:"Subscriptions as an import takes them, whose Stripe ids it shall know; 8 of 100 cards fail in some way." placeholder:"FILE"`
}

// Run serves the simulator until the context ends.
func (c Simulator) Run(ctx context.Context) (err error) {
	l, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	sim, err := stripesim.New(stripesim.Options{
		Clock: Wall, Wall: Wall, SecretKey: c.Key, StateFile: c.State, WebhookURLs: c.Webhook,
		WebhookSecret: c.WebhookSecret, RateLimit: c.Rate, EndpointRateLimit: c.EndpointRate,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("start the simulator: %w", err), l.Close())
	}
	defer func() { err = errors.Join(err, sim.Close()) }()
	if err := c.know(sim); err != nil {
		return errors.Join(err, l.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &services{stop: stop}
	s.serveHTTP(ctx, "simulator", l, sim)
	fmt.Fprintf(os.Stdout, "Stripe simulator: http://%s (ledger: /_sim/ledger)\n", l.Addr())
	return s.wait()
}

// know introduces the cards of a file of subscriptions.
func (c Simulator) know(sim *stripesim.Server) error {
	if c.Known == "" {
		return nil
	}
	content, err := os.ReadFile(c.Known)
	if err != nil {
		return fmt.Errorf("read the known ids: %w", err)
	}
	mapping, err := importcsv.SubscriptionsPreset()
	if err != nil {
		return err
	}
	ids, err := importcsv.GatewayIDs(content, mapping)
	if err != nil {
		return fmt.Errorf("read the known ids of %s: %w", c.Known, err)
	}
	cards := make([]stripesim.StoredCard, len(ids))
	for i, id := range ids {
		cards[i] = stripesim.StoredCard(id)
	}
	return sim.Know(cards)
}
