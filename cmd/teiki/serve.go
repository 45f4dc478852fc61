package main

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/app"
)

type serveCmd struct {
	app.Place
	app.GatewayLimits
	app.Front
}

// Run serves pages and engine until the process is told to stop.
func (c serveCmd) Run(ctx context.Context) error {
	return app.Serve(ctx, c.Place, c.Front, c.GatewayLimits)
}

type workCmd struct {
	app.Place
	app.GatewayLimits
}

// Run runs the engine until the process is told to stop.
func (c workCmd) Run(ctx context.Context) error { return app.Work(ctx, c.Place, c.GatewayLimits) }

type adoptCmd struct {
	app.Place
}

// Run confirms the database.
func (c adoptCmd) Run(ctx context.Context) error { return app.Adopt(ctx, c.Place) }
