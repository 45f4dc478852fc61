package main

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/app"
)

type setupCmd struct {
	app.Place
	app.Setup
}

// Run creates the shop.
func (c setupCmd) Run(ctx context.Context) error { return c.Setup.Run(ctx, c.Place) }
