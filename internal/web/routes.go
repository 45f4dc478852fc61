package web

import (
	"github.com/teiki-commerce/teiki/internal/core/staff"
)

// routes is the site map: every address that answers, for whom, and how it is
// made sure that what it touches belongs to who asks. The mux is built from it
// and from nothing else; the test of this file refuses a line that leaves
// something out.
func (s *server) routes() []Route {
	var (
		nothing  = none("shows what everybody may see")
		ownCart  = none("the cart is the session's; no id comes from the visitor")
		ownList  = none("lists what belongs to the customer of the session")
		entering = none("nobody is logged in yet")
		leaving  = none("ends the session that asks")
		ofStore  = none("staff may see all of their store, which every query is bound to")
		signed   = none("the signature of the message is checked")
		nobodys  = none("holds no data of anybody")
	)
	_ = []any{nothing, ownCart, ownList, entering, leaving, ofStore, staff.RoleViewer, ownOrder, ownSubscription, payToken}
	return []Route{
		{"POST /hooks/stripe", Hook, "", signed, s.hooks.Stripe},

		{"GET /healthz", Internal, "", nobodys, s.health},
		{"GET /static/", Internal, "", nobodys, s.static},
		{"POST /_csp", Internal, "", nobodys, s.csp.report},
	}
}
