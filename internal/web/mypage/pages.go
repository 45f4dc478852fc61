// Package mypage serves a member's own pages. The structs in this file are what
// its templates may read: plain data, texts already in the page's language,
// paths without the language prefix.
package mypage

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// SubscriptionsPage lists a member's subscriptions.
type SubscriptionsPage struct {
	page.Base
	Running []Summary
	Ended   []Summary
}

// Summary is one subscription in the list. State is a state of the core's
// subscription, such as "active"; Next is zero where no delivery is planned.
type Summary struct {
	Number    string
	Path      string
	Name      string
	Picture   string
	State     string
	Cycle     calendar.Cycle
	Delivered int
	Next      calendar.Date
	Amount    money.Amount
	Deadline  time.Time
	Trouble   string
}

// SubscriptionPage is one subscription.
type SubscriptionPage struct {
	page.Base
	Number    string
	Name      string
	State     string
	Cycle     calendar.Cycle
	Delivered int
	Count     int // boxes agreed, 0 until cancelled
	// Next is nil where no delivery is planned.
	Next          *NextDelivery
	Trouble       *Trouble
	Actions       []Action
	Months        []page.Month
	Coming        []Delivery
	Past          []Delivery
	Address       []string
	PaymentMethod string
	GraceDays     int
	// Minimum is the least number of boxes, MinimumLeft how many of them are to come.
	Minimum     int
	MinimumLeft int
}

// NextDelivery is the coming box in full. Open says whether it can still be
// changed; DaysLeft counts whole days to the deadline.
type NextDelivery struct {
	N        int
	Date     calendar.Date
	Slot     string
	Amount   money.Amount
	Open     bool
	Deadline time.Time
	DaysLeft int
	Charge   string
	Items    []page.Item
	Reasons  []page.Line
}

// Trouble is something the member must do, with where to do it.
type Trouble struct {
	Text   string
	Action string
	Path   string
}

// Delivery is one row of the lists. State is a state of the core's delivery.
type Delivery struct {
	N         int
	Date      calendar.Date
	Amount    money.Amount
	Deadline  time.Time
	Open      bool
	State     string
	OrderPath string
	// Addresses of what can still be done with it, empty for what cannot. N is 0
	// for one that is skipped and may be taken back.
	PutOffPath string
	SkipPath   string
	UndoPath   string
}

// OrdersPage lists a member's orders.
type OrdersPage struct {
	page.Base
	Orders []OrderRow
}

// OrderRow is one order in the list. State is the payment's, Shipping the
// fulfilment's.
type OrderRow struct {
	Number   string
	Path     string
	Placed   calendar.Date
	Name     string
	More     int // further kinds of goods
	Picture  string
	Total    money.Amount
	State    string
	Shipping string
	PayPath  string // set while the order is open and can be paid
}

// OrderPage is one order.
type OrderPage struct {
	page.Base
	Number           string
	Placed           calendar.Date
	State            string
	Shipping         string
	Items            []page.Item
	Reasons          []page.Line
	Total            money.Amount
	TaxLines         []page.Line
	Delivery         calendar.Date
	Slot             string
	Address          []string
	PaymentMethod    string
	SubscriptionPath string
	SubscriptionName string
	PayPath          string
	Tracking         string
}

// PayPage is where the mail about a failed payment leads: the open order and a
// button to the hosted card page. Done is set once it is paid.
type PayPage struct {
	page.Base
	Number  string
	Items   []page.Item
	Reasons []page.Line
	Total   money.Amount
	Reason  string
	Card    string
	Action  string
	// Confirm asks only for the bank's confirmation (3-D Secure) of the stored
	// card; CardAction is where another card can be given instead.
	Confirm    bool
	CardAction string
	Waiting    bool // the result of a payment is not known yet
	Done       bool
	Closed     bool // can no longer be paid
}

// AccountPage is a member's name, mail, addresses and stored card.
type AccountPage struct {
	page.Base
	Name      string
	Kana      string
	Mail      string
	Phone     string
	Addresses [][]string
	Cards     []string
	// HasPassword says that there is one, which is asked for before it changes.
	HasPassword bool
	Old         page.Field
	New         page.Field
}
