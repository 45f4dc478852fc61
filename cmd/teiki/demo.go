package main

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/app"
)

type demoCmd struct {
	app.Demo
}

// Run runs the demo until the process is told to stop.
func (c demoCmd) Run(ctx context.Context) error { return c.Demo.Run(ctx) }

type stripeSimCmd struct {
	app.Simulator
}

// Run runs the simulator until the process is told to stop.
func (c stripeSimCmd) Run(ctx context.Context) error { return c.Simulator.Run(ctx) }
