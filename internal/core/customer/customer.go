// Package customer holds buyers and what they are known by.
package customer

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Customer (お客様) of one store. Phone customers may have neither mail nor login.
type Customer struct {
	ID       ident.ID
	Number   string
	Name     place.Name
	Mail     string // empty: none
	Phone    string
	Lang     string
	HasLogin bool
	// PasswordVersion counts the passwords there have been. A session of another
	// version is over.
	PasswordVersion int64
	GatewayID       string // customer at the gateway; empty until first needed
	// Newsletter is the consent to letters that sell (特定電子メール法).
	Newsletter bool
	CreatedAt  time.Time
	Version    int64
}

// Address is a stored address of a customer.
type Address struct {
	ID         ident.ID
	CustomerID ident.ID
	Address    place.Address
	Version    int64
}

// Card is a stored payment method: what the gateway lets us know of it.
type Card struct {
	ID          ident.ID
	CustomerID  ident.ID
	GatewayID   string
	Brand       string
	Last4       string
	ExpMonth    int
	ExpYear     int
	Fingerprint string
}
