// Package reqctx carries what the middleware found out about a request to the
// handlers: shop, language, who is logged in. It finds out nothing itself.
package reqctx

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

type key int

const (
	shopKey key = iota
	langKey
	requestIDKey
	remoteKey
	customerKey
	staffKey
	demoKey
)

// WithShop sets the shop whose host was asked.
func WithShop(ctx context.Context, s flow.Shop) context.Context {
	return context.WithValue(ctx, shopKey, s)
}

// Shop is the shop whose host was asked. Every route that stands in the table
// has one, save the internal ones.
func Shop(ctx context.Context) flow.Shop { return value[flow.Shop](ctx, shopKey) }

// WithLang sets the language of the address.
func WithLang(ctx context.Context, l i18n.Lang) context.Context {
	return context.WithValue(ctx, langKey, l)
}

// Lang is the language of the address, Japanese where none was set.
func Lang(ctx context.Context) i18n.Lang {
	if l := value[i18n.Lang](ctx, langKey); l != "" {
		return l
	}
	return i18n.Ja
}

// WithRequestID sets the id of the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey, id)
}

// RequestID is the id that the response, the log, the audit trail and the calls
// to the gateway share.
func RequestID(ctx context.Context) string { return value[string](ctx, requestIDKey) }

// WithRemote sets the network address of the visitor.
func WithRemote(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, remoteKey, address)
}

// Remote is the network address of the visitor, without a port.
func Remote(ctx context.Context) string { return value[string](ctx, remoteKey) }

// WithCustomer sets the customer who is logged in.
func WithCustomer(ctx context.Context, c customer.Customer) context.Context {
	return context.WithValue(ctx, customerKey, c)
}

// Customer is the customer who is logged in; false for a guest. Routes for
// customers always have one.
func Customer(ctx context.Context) (customer.Customer, bool) {
	c, ok := ctx.Value(customerKey).(customer.Customer)
	return c, ok
}

// WithStaff sets the member of staff who is logged in.
func WithStaff(ctx context.Context, m staff.Member) context.Context {
	return context.WithValue(ctx, staffKey, m)
}

// Staff is the member of staff who is logged in, with the role in this shop.
// Routes for staff always have one.
func Staff(ctx context.Context) (staff.Member, bool) {
	m, ok := ctx.Value(staffKey).(staff.Member)
	return m, ok
}

// Actor is who acts in this request, for the audit trail: staff on pages of the
// console, the customer elsewhere, without an id where nobody is logged in.
func Actor(ctx context.Context) audit.Actor {
	if m, ok := Staff(ctx); ok {
		return audit.Actor{Kind: audit.ActorStaff, ID: m.ID, RequestID: RequestID(ctx)}
	}
	c, _ := Customer(ctx)
	return audit.Actor{Kind: audit.ActorCustomer, ID: c.ID, RequestID: RequestID(ctx)}
}

// WithDemo sets the bar of a demo instance.
func WithDemo(ctx context.Context, d *page.Demo) context.Context {
	return context.WithValue(ctx, demoKey, d)
}

// Demo is the bar that pages of a demo instance carry, nil elsewhere.
func Demo(ctx context.Context) *page.Demo { return value[*page.Demo](ctx, demoKey) }

// value is the zero value where nothing was set.
func value[T any](ctx context.Context, k key) T {
	v, _ := ctx.Value(k).(T)
	return v
}
