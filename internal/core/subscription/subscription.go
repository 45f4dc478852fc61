// Package subscription holds one customer's agreement and its deliveries: their
// states, the slots they fall on, and which changes are allowed. It knows
// nothing of prices or payments.
package subscription

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// State of a subscription.
type State string

// お支払い待ち, 継続中, 一時停止中, 解約済み, お届け終了.
const (
	StateAwaitingPayment State = "awaiting_payment"
	StateActive          State = "active"
	StatePaused          State = "paused"
	StateCancelled       State = "cancelled"
	StateCompleted       State = "completed"
)

// Subscription is one customer's agreement.
type Subscription struct {
	ID             ident.ID
	Number         string
	CustomerID     ident.ID
	State          State
	Currency       money.Currency
	ProductID      ident.ID // the product whose plan rules it
	Cycle          calendar.Cycle
	Anchor         calendar.Date // slot 1 falls on it; all slots are counted from it; zero: no date until it is resumed
	Count          int           // fixed number of deliveries; 0 = until cancelled
	Minimum        int           // 最低購入回数 agreed at sign-up
	BoxesOrdered   int           // boxes really ordered so far
	LastSlot       int           // highest slot ever written
	AddressID      ident.ID
	ShippingMethod string
	TimeSlot       string
	Pays           string   // pricing.Method as agreed: card or cod
	CardID         ident.ID // stored card; zero for COD
	FirstEligible  bool
	GraceDays      int // customer grace of the plan when last planned
	Visible        int // deliveries kept planned ahead
	DeadlineNotice bool
	Agreement      Agreement
	Items          []Item
	Version        int64
}

// Agreement is what was agreed at sign-up beside the unit prices: discounts and
// postage. A plan that changes later does not change it. Its zero value is no
// discount and ordinary postage.
type Agreement struct {
	Volume   []catalog.VolumeTier    `json:"volume,omitempty"`
	Count    []catalog.CountDiscount `json:"count,omitempty"`
	Shipping catalog.ShippingRule    `json:"shipping,omitempty"`
	FreeBox  int                     `json:"free_box,omitempty"`
	// MostPostage is the most that sending a box costs, in minor units: what the
	// cart told that the subscription comes from, where the store's zone is dearer.
	// nil: what the zone says.
	MostPostage *int64 `json:"most_postage,omitempty"`
}

// AgreementOn is what a customer agrees to who subscribes by the plan now.
func AgreementOn(p catalog.Plan) Agreement {
	return Agreement{Volume: p.VolumeTiers, Count: p.CountDiscounts, Shipping: p.Shipping, FreeBox: p.FreeBox}
}

// Item is what each box holds. Unit prices are those agreed at sign-up.
type Item struct {
	ID        ident.ID
	VariantID ident.ID
	Quantity  int64
	Agreed    int64
	First     int64
	Regular   int64
}

// DeliveryState of one box.
type DeliveryState string

// お届け予定, 受注確定, 出荷済み, 配達完了, 保留中, 要対応, お休み, 取消.
const (
	DeliveryPlanned   DeliveryState = "planned"
	DeliveryOrdered   DeliveryState = "ordered"
	DeliveryShipped   DeliveryState = "shipped"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryHeld      DeliveryState = "held"
	DeliveryBlocked   DeliveryState = "blocked"
	DeliverySkipped   DeliveryState = "skipped"
	DeliveryCancelled DeliveryState = "cancelled"
)

// Why a delivery is blocked, skipped or cancelled.
type Cause string

// Causes of blocked, skipped and cancelled deliveries.
const (
	CauseNone         Cause = ""
	CauseStockOut     Cause = "stock_out"
	CauseUnpaid       Cause = "unpaid"      // the box before it is not paid
	CauseProductEnded Cause = "ended"       // the product is no longer sold
	CauseNoCard       Cause = "no_card"     // no usable card is stored
	CauseNoZone       Cause = "no_zone"     // nothing ships to the address
	CauseCODLimit     Cause = "cod_limit"   // no carrier collects so much
	CauseCardFailed   Cause = "card_failed" // the card failed before moving in here
	CauseMissed       Cause = "missed"      // skipped after a downtime
	CauseCutover      Cause = "cutover"     // the cart before delivers it (移行)
	CauseElsewhere    Cause = "elsewhere"   // the cart before did deliver it
	CauseCustomer     Cause = "customer"    // skipped or cancelled by the customer
	CauseUnsold       Cause = "unsold"      // the hosted session expired unpaid
	CauseQuarantined  Cause = "quarantined" // the record could not be processed
)

// Delivery (n回目のお届け) is one planned or real box.
type Delivery struct {
	ID             ident.ID
	SubscriptionID ident.ID
	Slot           int // the slot number gives the date
	Box            int // box number once ordered; 0 before
	Date           calendar.Date
	PutOffFrom     calendar.Date // its date before it was put off; zero: it was not
	ShippingDate   calendar.Date
	DeadlineDate   calendar.Date
	Deadline       time.Time
	State          DeliveryState
	Cause          Cause
	OrderID        ident.ID
	Quoted         int64 // total shown to the customer, minor units
	Version        int64
}

// transitions of a delivery (docs/rules.md).
var transitions = map[DeliveryState][]DeliveryState{
	DeliveryPlanned: {DeliveryOrdered, DeliveryHeld, DeliveryBlocked, DeliverySkipped, DeliveryCancelled},
	DeliveryHeld:    {DeliveryOrdered, DeliverySkipped, DeliveryCancelled},
	DeliveryBlocked: {DeliveryPlanned, DeliveryOrdered, DeliverySkipped, DeliveryCancelled},
	DeliveryOrdered: {DeliveryShipped, DeliveryCancelled},
	DeliveryShipped: {DeliveryDelivered},
	DeliverySkipped: {DeliveryPlanned}, // undo, before its deadline
}

// CanBecome reports whether a delivery may go from one state to another.
func (s DeliveryState) CanBecome(next DeliveryState) bool {
	for _, allowed := range transitions[s] {
		if allowed == next {
			return true
		}
	}
	return false
}

// states of a subscription that may follow each other.
var stateTransitions = map[State][]State{
	StateAwaitingPayment: {StateActive, StateCancelled},
	StateActive:          {StatePaused, StateCancelled, StateCompleted},
	StatePaused:          {StateActive, StateCancelled},
}

// CanBecome reports whether a subscription may go from one state to another.
func (s State) CanBecome(next State) bool {
	for _, allowed := range stateTransitions[s] {
		if allowed == next {
			return true
		}
	}
	return false
}

// Become changes the state or says that it may not.
func (s *Subscription) Become(next State) error {
	if !s.State.CanBecome(next) {
		return fault.New(fault.Conflict, "fault.subscription.state")
	}
	s.State = next
	return nil
}
