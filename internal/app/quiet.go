package app

import (
	"context"
	"log/slog"
)

// quietly marks the context of a simulation or of a demo's past: what is declined
// there concerns nobody, and thousands of such lines would hide those that do.
func quietly(ctx context.Context) context.Context { return context.WithValue(ctx, quiet{}, true) }

type quiet struct{}

// LogHandler passes records on, of what runs quietly only errors.
func LogHandler(to slog.Handler) slog.Handler { return logHandler{to} }

type logHandler struct{ slog.Handler }

// Enabled reports whether a record of the level is passed on.
func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	if ctx.Value(quiet{}) != nil && level < slog.LevelError {
		return false
	}
	return h.Handler.Enabled(ctx, level)
}

// WithAttrs is the handler with attributes.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is the handler with a group.
func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
