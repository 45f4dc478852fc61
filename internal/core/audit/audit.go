// Package audit holds who changed what, when, from what to what. A line is
// written in the transaction of the change itself.
package audit

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// ActorKind says who acts.
type ActorKind string

// Who may act.
const (
	ActorCustomer ActorKind = "customer"
	ActorStaff    ActorKind = "staff"
	ActorSystem   ActorKind = "system" // the engine
	ActorGateway  ActorKind = "gateway"
	ActorImport   ActorKind = "import"
)

// Actor is who acts, and in which request.
type Actor struct {
	Kind      ActorKind
	ID        ident.ID // customer or staff; zero otherwise
	RequestID string
}

// System is the engine acting by itself.
var System = Actor{Kind: ActorSystem}

// Change of one field: values as short texts, or message keys for states.
type Change struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Line is one verb on one noun. Verb is a message key below "audit.".
type Line struct {
	ID      ident.ID
	At      time.Time
	Actor   Actor
	Verb    string
	Noun    string
	NounID  ident.ID
	Changes map[string]Change
}
