// Command renewals measures how many full renewals a second this machine does.
//
// A full renewal is the order with its lines, the stock with its ledger, the
// payment with an attempt for each call, the intent created and confirmed over
// HTTP at the Stripe simulator in a process of its own, the webhook that comes
// back, the settlement, the mail's row, the audit lines and the next delivery.
// The program runs as in production: `teiki serve`, on PostgreSQL with `teiki
// work` beside it, on a database that syncs every commit to disk. Meanwhile
// shoppers place orders through the pages.
//
// The last line it prints is one JSON object. Where orders, charges, stock,
// mails and what was due do not agree it says so and exits with 1.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/teiki-commerce/teiki/internal/db"
)

// options of a run.
type options struct {
	Database      string `help:"sqlite or postgres." enum:"sqlite,postgres" required:""`
	Due           int    `help:"Subscriptions whose box is due." default:"10000"`
	Subscriptions int    `help:"Subscriptions in all; at least those that are due." default:"0"`
	Workers       int    `help:"Processes of 'teiki work' beside 'teiki serve' (PostgreSQL only)." default:"1"`
	Shoppers      bool   `help:"An order is placed through the pages every 50 ms meanwhile." default:"true" negatable:""`
	GatewayRate   int    `help:"Requests a second the gateway allows in all, a quarter of them an endpoint; 0 = no limit." default:"0"`
	GatewayMS     int    `name:"gateway-ms" help:"Milliseconds the gateway takes for an answer." default:"0"`
	Dir           string `help:"Folder on a disk for the databases; the system's for temporary files by default." placeholder:"DIR"`
	Profile       string `help:"Folder that gets a CPU profile of each process." placeholder:"DIR"`
	JSON          bool   `name:"json" help:"Print nothing but the JSON line."`
}

func main() {
	time.Local = time.UTC // PostgreSQL's times come back local
	var o options
	kong.Parse(&o, kong.Name("renewals"), kong.Description("Measure full renewals a second."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	result, err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "renewals:", err)
	}
	if result != nil {
		line, jsonErr := json.Marshal(result)
		if jsonErr != nil {
			fmt.Fprintln(os.Stderr, "renewals:", jsonErr)
		}
		fmt.Println(string(line))
	}
	if err != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (_ *result, err error) {
	o.Subscriptions = max(o.Subscriptions, o.Due)
	if o.Database == "sqlite" {
		o.Workers = 0 // one process writes to an SQLite file
	}
	b := &bench{options: o, engine: db.Engine(o.Database)}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	b.say("%d subscriptions, %d of them due", o.Subscriptions, o.Due)
	if err := b.seed(ctx); err != nil {
		return nil, err
	}
	if err := b.start(ctx); err != nil {
		return nil, err
	}
	if err := b.measure(ctx); err != nil {
		return nil, err
	}
	return &b.result, errors.Join(b.reconcile(ctx), b.baseline(ctx))
}

func (b *bench) say(format string, args ...any) {
	if !b.JSON {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	}
}
