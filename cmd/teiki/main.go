// Command teiki is the one program: the shop, the customer's my page, the
// operators' console and the engine that renews subscriptions.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/teiki-commerce/teiki/internal/app"
)

// commands of the program, each in a file of its own.
type commands struct {
	Demo      demoCmd      `cmd:"" help:"Try it: a coffee roaster's shop with simulated payments and mails."`
	Serve     serveCmd     `cmd:"" help:"Run pages and engine."`
	Work      workCmd      `cmd:"" help:"Run the engine alone, beside others on the same PostgreSQL."`
	Setup     setupCmd     `cmd:"" help:"Create a shop with its owner and its payment keys."`
	Adopt     adoptCmd     `cmd:"" help:"Confirm that a copied or restored database is to charge and mail from here."`
	Doctor    doctorCmd    `cmd:"" help:"Check configuration, database, clock, keys and mail; say what is wrong and what to do."`
	Import    ImportCmd    `cmd:"" help:"Bring in goods, customers and subscriptions from another system's files."`
	Export    ExportCmd    `cmd:"" help:"Write the subscriptions for another system or a spreadsheet."`
	Simulate  simulateCmd  `cmd:"" help:"Run a copy of the shop forward in time and say what will happen; the original is only read."`
	StripeSim stripeSimCmd `cmd:"" name:"stripe-sim" help:"Run the Stripe simulator alone."`

	CPUProfile string `name:"cpu-profile" hidden:"" help:"File that gets a CPU profile when the process ends." env:"TEIKI_CPU_PROFILE"`
}

// collectAt lets the heap grow by so many percent before it is collected.
// Templates and texts in four languages are a live heap of many pointers, which
// the default of 100 walks so often that it costs a fifth of all CPU time while
// renewals run; a process stays below 300 MB all the same (bench/RESULTS.md).
const collectAt = 150

func main() {
	time.Local = time.UTC // PostgreSQL's times come back local
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(app.LogHandler(slog.NewTextHandler(os.Stderr, nil))))
	var cli commands
	parser, err := kong.New(&cli, kong.Name("teiki"), kong.Description("Subscription commerce, self-hosted."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "teiki:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "teiki:", err)
		return 2
	}
	if err := profiled(cli.CPUProfile, func() error { return command.Run() }); err != nil {
		fmt.Fprintln(os.Stderr, "teiki:", err)
		return 1
	}
	return 0
}

// profiled runs a command and writes where it spent its CPU time to a file; an
// empty name writes none.
func profiled(path string, run func() error) (err error) {
	if path == "" {
		return run()
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the CPU profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("write the CPU profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return run()
}
