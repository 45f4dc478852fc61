package mail

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Event is what a mail is about.
type Event string

// The events that mails are written for.
const (
	EventRegistration         Event = "registration"
	EventLoginCode            Event = "login_code"         // a code logs in without a password
	EventPasswordLink         Event = "password_link"      // a link sets a password
	EventContactReceived      Event = "contact_received"   // to the shop: somebody wrote
	EventContactReceipt       Event = "contact_receipt"    // to whom wrote
	EventOrder                Event = "order"              // a one-off order was received
	EventSubscriptionStart    Event = "subscription_start" // a subscription and its first order were received
	EventSubscriptionOrder    Event = "subscription_order" // the n-th box was ordered
	EventDeadlineNotice       Event = "deadline_notice"    // 締切通知: the n-th box can no longer be changed
	EventPaymentFailed        Event = "payment_failed"
	EventAuthenticationNeeded Event = "authentication_needed"
	EventStockOut             Event = "stock_out"     // the n-th box waits for stock
	EventStockSkipped         Event = "stock_skipped" // a box is left out for lack of stock
	EventPriceNotice          Event = "price_notice"  // the shop's terms have changed: deliveries cost more, or come later
	// What the customer changed in a subscription.
	EventSubscriptionChanged   Event = "subscription_changed"
	EventSubscriptionPaused    Event = "subscription_paused"
	EventSubscriptionResumed   Event = "subscription_resumed"
	EventSubscriptionCancelled Event = "subscription_cancelled"
)

// Events lists them all.
var Events = []Event{
	EventRegistration, EventLoginCode, EventPasswordLink, EventContactReceived, EventContactReceipt, EventOrder, EventSubscriptionStart, EventSubscriptionOrder,
	EventDeadlineNotice, EventPaymentFailed, EventAuthenticationNeeded, EventStockOut, EventStockSkipped, EventPriceNotice,
	EventSubscriptionChanged, EventSubscriptionPaused, EventSubscriptionResumed, EventSubscriptionCancelled,
}

// Facts are what an outbox row keeps of an event, as JSON: everything the mail
// says, frozen when it happened, in no language. Goods' names are the exception:
// they are the order's own, in its language. Which fields are needed depends on
// the event; a mail leaves out what is zero.
type Facts struct {
	Customer place.Name `json:"customer"`

	Code string `json:"code,omitempty"` // to log in with, six digits

	OrderNumber string       `json:"order_number,omitempty"`
	Lines       []Line       `json:"lines,omitempty"`
	Adjustments []Adjustment `json:"adjustments,omitempty"` // what changes the sum besides lines, shipping and fee
	Shipping    money.Amount `json:"shipping"`
	Fee         money.Amount `json:"fee"` // cash on delivery
	Total       money.Amount `json:"total"`
	Tax         []TaxSum     `json:"tax,omitempty"`
	TaxAdded    bool         `json:"tax_added,omitempty"` // prices are without tax; Total is with it

	DeliveryDate   calendar.Date  `json:"delivery_date"`
	ShippingDate   calendar.Date  `json:"shipping_date"`
	TimeSlot       string         `json:"time_slot,omitempty"`       // the carrier's code, "1820"
	ShippingMethod string         `json:"shipping_method,omitempty"` // name in the order's language
	Address        *place.Address `json:"address,omitempty"`
	Payment        Payment        `json:"payment"`

	SubscriptionNumber string         `json:"subscription_number,omitempty"`
	Box                int            `json:"box,omitempty"` // 1 = first
	Cycle              calendar.Cycle `json:"cycle"`
	Anchor             calendar.Date  `json:"anchor"`
	Count              int            `json:"count,omitempty"`   // 0 = until cancelled
	Minimum            int            `json:"minimum,omitempty"` // 最低購入回数
	Coming             []Coming       `json:"coming,omitempty"`
	Started            []Started      `json:"started,omitempty"` // each, where an order starts several subscriptions

	Reason string    `json:"reason,omitempty"` // message key of a decline: decline.*
	PayBy  time.Time `json:"pay_by,omitzero"`  // the first instant that is too late

	Contact *Contact `json:"contact,omitempty"`

	Links Links `json:"links"`
}

// Contact is what somebody wrote to the shop.
type Contact struct {
	Name string `json:"name"`
	Mail string `json:"mail"`
	Body string `json:"body"` // lines end with \n
}

// Line is one position of the order. Reason is the message key that says why the
// piece costs what it costs (price.reason.*).
type Line struct {
	Name        string       `json:"name"`
	Option      string       `json:"option,omitempty"`
	Quantity    int64        `json:"quantity"`
	Unit        money.Amount `json:"unit"`
	Amount      money.Amount `json:"amount"`
	Reason      string       `json:"reason,omitempty"`
	BasisPoints int64        `json:"basis_points,omitempty"` // its tax rate
}

// Adjustment is one step of the explanation: message key, arguments, amount.
type Adjustment struct {
	Key    string         `json:"key"`
	Args   map[string]any `json:"args,omitempty"`
	Amount money.Amount   `json:"amount"`
}

// TaxSum is what one rate bears.
type TaxSum struct {
	BasisPoints int64        `json:"basis_points"`
	Amount      money.Amount `json:"amount"`
	Tax         money.Amount `json:"tax"`
}

// Payment says how the order is paid. Paid is false while the engine has still
// to charge the card.
type Payment struct {
	Method string `json:"method,omitempty"` // card or cod
	Brand  string `json:"brand,omitempty"`
	Last4  string `json:"last4,omitempty"`
	Paid   bool   `json:"paid,omitempty"`
}

// Coming is a later delivery: its total with tax and shipping, and the first
// instant at which it is too late to change it.
type Coming struct {
	Box      int           `json:"box"`
	Date     calendar.Date `json:"date"`
	Total    money.Amount  `json:"total"`
	Deadline time.Time     `json:"deadline"`
}

// Started is one of several subscriptions whose first boxes an order carries. Name
// is that of its goods, in the order's language; the rest is what Facts says of a
// single one.
type Started struct {
	Name               string         `json:"name"`
	SubscriptionNumber string         `json:"subscription_number"`
	Cycle              calendar.Cycle `json:"cycle"`
	Anchor             calendar.Date  `json:"anchor"`
	Count              int            `json:"count,omitempty"`
	Minimum            int            `json:"minimum,omitempty"`
	Coming             []Coming       `json:"coming,omitempty"`
}

// Links lead to the customer's pages, absolute, from the store's configured base
// URL and never from a request's host.
type Links struct {
	MyPage   string `json:"mypage,omitempty"`
	Password string `json:"password,omitempty"` // sets a password, once
	Code     string `json:"code,omitempty"`     // takes the login code
	Shop     string `json:"shop,omitempty"`     // home
	Reply    string `json:"reply,omitempty"`    // writes to whom wrote to the shop
	Pay      string `json:"pay,omitempty"`      // pays or confirms the open order
}

// StoreFacts are who writes the mail, in the mail's language.
type StoreFacts struct {
	Name         string
	LegalName    string
	Address      place.Address
	Phone        string
	Hours        string
	Mail         string
	Registration string // 適格請求書 registration number, T and 13 digits
	Zone         *time.Location
}
