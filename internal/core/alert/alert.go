// Package alert holds 要対応: something staff must look at, with its reason and
// the way out.
package alert

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
)

// Kind of alert; its texts are message keys "alert.<kind>.title" and ".advice".
type Kind string

// The alerts of the deadline run and of payments.
const (
	KindPaymentFailed  Kind = "payment_failed"
	KindAuthentication Kind = "authentication"
	KindPaymentUnclear Kind = "payment_unclear"
	KindPaymentRefused Kind = "payment_refused" // the gateway refused the request itself
	KindStockOut       Kind = "stock_out"
	KindProductEnded   Kind = "product_ended"
	KindNoCard         Kind = "no_card"
	KindCardFailed     Kind = "card_failed" // before moving in here
	KindNoZone         Kind = "no_zone"
	KindCODLimit       Kind = "cod_limit" // no carrier collects so much
	KindMissed         Kind = "missed"
	KindCutover        Kind = "cutover" // the cart before delivers it, or nobody does
	KindQuarantined    Kind = "quarantined"
	KindStockSkipped   Kind = "stock_skipped" // the plan skips a box without stock
	KindStockRest      Kind = "stock_rest"    // the plan ships what there is
	KindPriceCard      Kind = "price_card"    // a card had a first or trial price before
	KindPriceNearby    Kind = "price_nearby"  // somebody at the address or phone number had it
	KindLateMoney      Kind = "late_money"    // paid after the order was given up
	KindMailRefused    Kind = "mail_refused"
)

// Severity orders the list.
type Severity string

// Critical: money or a box is at stake now.
const (
	SeverityCritical Severity = "critical"
	SeverityWarning  Severity = "warning"
)

// Severity of a kind.
func (k Kind) Severity() Severity {
	switch k {
	case KindMissed, KindStockSkipped, KindStockRest, KindPriceCard, KindPriceNearby, KindMailRefused:
		return SeverityWarning
	default:
		return SeverityCritical
	}
}

// Alert as it is stored. At most one of a kind is open for a subject.
type Alert struct {
	ID             ident.ID
	Kind           Kind
	Noun           string // what SubjectID is: order, delivery, subscription, mail
	SubjectID      ident.ID
	SubscriptionID ident.ID
	OrderID        ident.ID
	Args           map[string]any
	At             time.Time
	ResolvedAt     time.Time // zero while open
	Version        int64
}
