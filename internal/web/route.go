package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Handler answers a request or returns why not; errors.go turns that into a
// page. A handler that returns an error has written nothing.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Audience is who a route is for.
type Audience string

// The audiences. Each but Internal has the shop of the host.
const (
	Public   Audience = "public"   // anyone, whether the shop is open or not
	Shopper  Audience = "shopper"  // anyone while the shop is open
	Customer Audience = "customer" // customers who are logged in, whether the shop is open or not
	Buyer    Audience = "buyer"    // customers who are logged in, while the shop is open
	Door     Audience = "door"     // anyone, at the console's login
	Staff    Audience = "staff"    // staff who are logged in, by role
	File     Audience = "file"     // what pages of the shop show to anyone: nobody is asked who they are
	Hook     Audience = "hook"     // other programs, which prove themselves by a signature
	DemoOnly Audience = "demo"     // whoever tries a demo instance
	Internal Audience = "internal" // probes, files and reports: nothing of a shop
)

var audiences = []Audience{Public, Shopper, Customer, Buyer, Door, Staff, File, Hook, DemoOnly, Internal}

// sells reports whether its pages are there only while the shop is open.
func (a Audience) sells() bool { return a == Shopper || a == Buyer }

// Route is one line of the site map.
type Route struct {
	Pattern  string // of http.ServeMux, with method, without the language prefix
	Audience Audience
	Role     staff.Role // the least that is needed; for staff only
	Owner    Owner
	Handler  Handler
}

// Method of the pattern.
func (r Route) Method() string { return r.Pattern[:strings.IndexByte(r.Pattern, ' ')] }

// Path of the pattern.
func (r Route) Path() string { return r.Pattern[strings.IndexByte(r.Pattern, ' ')+1:] }

// uploads are the routes whose forms hold files.
var uploads = []string{"POST /admin/products/{id}/pictures"}

// takesFiles reports whether the route's form may hold files.
func (r Route) takesFiles() bool { return slices.Contains(uploads, r.Pattern) }

// complete says what a line of the table lacks.
func (r Route) complete() error {
	method, path, ok := strings.Cut(r.Pattern, " ")
	if !ok || method == "" || !strings.HasPrefix(path, "/") {
		return fmt.Errorf("route %q: want a method and a path", r.Pattern)
	}
	if r.Handler == nil {
		return fmt.Errorf("route %q has no handler", r.Pattern)
	}
	if !slices.Contains(audiences, r.Audience) {
		return fmt.Errorf("route %q: unknown audience %q", r.Pattern, r.Audience)
	}
	if (r.Audience == Staff) != r.Role.Includes(staff.RoleViewer) {
		return fmt.Errorf("route %q: staff need a role, and only staff have one", r.Pattern)
	}
	if checked := r.Owner.Check != nil && r.Owner.Name != ""; checked == (r.Owner.None != "") {
		return fmt.Errorf("route %q: name the owner check, or say why there is none", r.Pattern)
	}
	return nil
}

// Owner says how a route makes sure that what it shows or changes belongs to who
// asks. Either Check does, before the handler runs, or None says why there is
// nothing to check.
type Owner struct {
	Name  string
	Check func(r *http.Request, f *flow.Flow) error
	None  string
}

// none is an owner check that is not needed, and why.
func none(why string) Owner { return Owner{None: why} }

// ownOrder lets customers at their own orders only.
var ownOrder = Owner{Name: "own order", Check: func(r *http.Request, f *flow.Flow) error {
	return own(r, func(ctx context.Context, storeID int64, id ident.ID) (ident.ID, error) {
		found, err := db.OrdersByIDs(ctx, f.DB, storeID, []ident.ID{id})
		if err != nil || len(found) == 0 {
			return ident.ID{}, err
		}
		return found[0].CustomerID, nil
	})
}}

// ownSubscription lets customers at their own subscriptions only.
var ownSubscription = Owner{Name: "own subscription", Check: func(r *http.Request, f *flow.Flow) error {
	return own(r, func(ctx context.Context, storeID int64, id ident.ID) (ident.ID, error) {
		found, err := db.SubscriptionsByIDs(ctx, f.DB, storeID, []ident.ID{id})
		if err != nil || len(found) == 0 {
			return ident.ID{}, err
		}
		return found[0].CustomerID, nil
	})
}}

// payToken lets anybody at the one order that the token in the address was
// signed for, as the mailed link has it.
var payToken = Owner{Name: "signed pay token", Check: func(r *http.Request, f *flow.Flow) error {
	_, err := f.OrderOfToken(reqctx.Shop(r.Context()).ID, r.PathValue("token"))
	return err
}}

// own compares the customer of what {id} names with the one who is logged in.
// Another's thing and no thing at all are the same answer.
func own(r *http.Request, customerOf func(context.Context, int64, ident.ID) (ident.ID, error)) error {
	notFound := fault.New(fault.NotFound, "fault.not_found")
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return notFound
	}
	owner, err := customerOf(r.Context(), reqctx.Shop(r.Context()).ID, id)
	if err != nil {
		return err
	}
	if c, ok := reqctx.Customer(r.Context()); !ok || owner.IsZero() || owner != c.ID {
		return notFound
	}
	return nil
}
