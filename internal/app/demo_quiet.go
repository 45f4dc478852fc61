package app

import (
	"context"
	"log/slog"
)

// pastKey marks what happens in a demo's past.
type pastKey struct{}

// quietPast leaves out what a demo's past would log: declined cards of months ago
// are part of the story, and nothing for the person who has just started it.
type quietPast struct{ slog.Handler }

// Handle logs a record of the present.
func (h quietPast) Handle(ctx context.Context, r slog.Record) error {
	if ctx.Value(pastKey{}) != nil {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}
