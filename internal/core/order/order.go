// Package order holds the ordinary order: one-off or made by a delivery, the
// same table and the same screens. Totals and addresses are frozen at creation.
package order

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Source says who made the order.
type Source string

// Where orders come from; further sources come with their rooms.
const (
	SourceShop    Source = "shop"
	SourceRenewal Source = "renewal"
)

// PaymentState is what the order's money is doing, as lists show it.
type PaymentState string

// お支払い待ち, 決済待ち, 支払済, 再決済, 要確認, 代引, 代引受領, 無料, 取消.
const (
	PaymentAwaiting  PaymentState = "awaiting" // the customer is at the hosted page
	PaymentDue       PaymentState = "due"      // the engine will charge
	PaymentPaid      PaymentState = "paid"
	PaymentFailing   PaymentState = "failing"
	PaymentUnknown   PaymentState = "unknown"
	PaymentCOD       PaymentState = "cod"
	PaymentCollected PaymentState = "collected"
	PaymentZero      PaymentState = "zero"
	PaymentCancelled PaymentState = "cancelled"
	PaymentRefunded  PaymentState = "refunded"
)

// FulfilmentState is where the box is.
type FulfilmentState string

// 保留, 出荷待ち, 出荷指示済, 出荷済, 配達完了, 取消.
const (
	FulfilmentHeld       FulfilmentState = "held" // not to be shipped before it is paid
	FulfilmentReady      FulfilmentState = "ready"
	FulfilmentInstructed FulfilmentState = "instructed"
	FulfilmentShipped    FulfilmentState = "shipped"
	FulfilmentDelivered  FulfilmentState = "delivered"
	FulfilmentCancelled  FulfilmentState = "cancelled"
)

// Order as it is stored.
type Order struct {
	ID             ident.ID
	Number         string
	CustomerID     ident.ID
	SubscriptionID ident.ID // of its first delivery; zero for one-off orders
	Source         Source
	Lang           string
	Currency       money.Currency
	Goods          int64
	Shipping       int64
	Fee            int64
	TaxTotal       int64
	Total          int64
	Payment        PaymentState
	Fulfilment     FulfilmentState
	PaidBy         string // card or cod
	Address        place.Address
	ShippingMethod string
	TimeSlot       string
	DeliveryDate   calendar.Date
	ShippingDate   calendar.Date
	Box            int // box number for an order made by a delivery
	Breakdown      Breakdown
	Lines          []Line
	PlacedAt       time.Time
	Version        int64
}

// Line is one frozen position of an order.
type Line struct {
	ID          ident.ID
	VariantID   ident.ID
	SKU         string
	Name        string // goods name in the order's language
	OptionText  string
	Quantity    int64
	Unit        int64
	Regular     int64
	Total       int64
	BasisPoints int64
	Reason      string // message key: why the unit price is what it is
}

// Breakdown is the frozen explanation of the total.
type Breakdown struct {
	Steps []Step   `json:"steps"`
	Tax   []TaxSum `json:"tax"`
}

// Step is one line of the explanation: message key, arguments, amount.
type Step struct {
	Reason string         `json:"reason"`
	Args   map[string]any `json:"args,omitempty"`
	Amount int64          `json:"amount"`
}

// TaxSum is what one rate bears.
type TaxSum struct {
	BasisPoints int64 `json:"basis_points"`
	Amount      int64 `json:"amount"`
	Tax         int64 `json:"tax"`
}
