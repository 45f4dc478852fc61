// Package console serves the operators' console below /admin. The structs in
// this file are what its templates may read: plain data, texts already in the
// language of the staff member. The console has one address whatever the
// language, so its paths never carry a language prefix.
package console

import (
	"html/template"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// Base is what every page of the console carries.
type Base struct {
	page.Base
	// Staff is nil on the pages before the login.
	Staff *Member
	// Clock is the business time in words.
	Clock string
	// Locked says that charging and mailing stand still (the clone guard).
	Locked bool
	Rooms  []RoomGroup
	// What waits for staff: alerts, and messages that nobody has answered.
	OpenAlerts int
	Unanswered int
	// Search is what was typed into the search field.
	Search string
}

// Member is who is logged in.
type Member struct {
	Name    string
	Initial string
	Role    string
}

// RoomGroup is a part of the navigation; the first has no title.
type RoomGroup struct {
	Title string
	Rooms []Room
}

// Room is one entry of the navigation. Count is shown where it is not zero.
type Room struct {
	Text    string
	Path    string
	Icon    string
	Count   int
	Urgent  bool
	Current bool
}

// Tag is a state in words with its tone: ok, warn, crit, info, or empty.
type Tag struct {
	Text string
	Tone string
}

// Tab is one cut of a list.
type Tab struct {
	Text    string
	Path    string
	Count   string // empty: not counted
	Current bool
}

// Fact is one labelled line.
type Fact struct {
	Label string
	Text  string
}

// LoginPage asks who is there. Next is where to go afterwards.
type LoginPage struct {
	Base
	Next string
	// First says that nobody can log in yet.
	First    bool
	Mail     page.Field
	Password page.Field
}

// ErrorPage says that something is not there or did not work.
type ErrorPage struct {
	Base
	Heading   string
	Text      string
	RequestID string
}

// HomePage is what a working day begins with: alerts first.
type HomePage struct {
	Base
	Alerts   []Alert
	Open     int // alerts in all
	Figures  []Figure
	Today    Today
	Days     []DayLoad
	Forecast Forecast
	Orders   []OrderRow
	Mails    string // mails that wait to be sent, in words; empty for none

	by string // how the forecast is summed, as asked for
}

// Figure is one number that matters, written with its unit.
type Figure struct {
	Label  string
	Number string
	Note   string
	Path   string
}

// Today is what passes its deadline at the end of this day.
type Today struct {
	Deadline  time.Time
	Count     int
	Total     money.Amount
	CardCount int
	CardTotal money.Amount
	CODCount  int
	CODTotal  money.Amount
	Products  []ProductLoad
}

// ProductLoad is how many boxes of a product pass a deadline.
type ProductLoad struct {
	Name   string
	NameOf string
	Count  int
	Total  money.Amount
}

// DayLoad is how many boxes arrive on a day. Percent is of the fullest day shown.
type DayLoad struct {
	Date    calendar.Date
	Today   bool
	Count   int
	Total   money.Amount
	Percent int
}

// AlertsPage lists what needs attention, the newest first.
type AlertsPage struct {
	Base
	Alerts []Alert
	Open   int
	Next   string // path of the following page, empty on the last
}

// Alert is something staff must look at, with its reason and the way out.
type Alert struct {
	ID      string
	Version int64
	Icon    string
	Tone    string
	Title   string
	Advice  string
	When    string
	// About names what it is about, such as "T0000012 早川 千尋 様"; Path leads there.
	About  string
	Path   string
	Detail string
	// Raw is what another program said, in its own words; mostly nothing.
	Raw    string
	Amount *money.Amount
	// Ways out, the one to try first at the head; none for who may only look.
	Ways []AlertWay
	// Return is the page to come back to.
	Return string
}

// AlertWay is one way out of an alert: a link to the page that asks once more, or
// where Post is set a button.
type AlertWay struct {
	Text string
	Path string
	// About says of which alert, for those who hear the page.
	About string
	Post  bool
	Main  bool // the filled one
	Done  bool // says that it is dealt with, and does nothing
}

// AlertPage asks once more before something is done about an alert.
type AlertPage struct {
	Base
	Alert  Alert
	Text   string
	Facts  []Fact
	Action string
	Hidden []Hidden
	Button string
	Back   string
	// Link is the address to pass on, empty where there is none; Mailed says that
	// it can be mailed.
	Link   string
	Mailed bool
}

// OrdersPage is the one list of orders.
type OrdersPage struct {
	Base
	Tabs   []Tab
	Filter OrderSearch
	Rows   []OrderRow
	Next   string
}

// OrderSearch is what the list of orders is narrowed to, as typed. Payment is kept
// when the form is sent; Clear leads to the list without the rest.
type OrderSearch struct {
	Payment     string
	Text        string
	From, Until string // dates as YYYY-MM-DD, of when it was placed
	Sources     []Choice
	Narrowed    bool
	Clear       string
}

// OrderRow is one order of a list.
type OrderRow struct {
	Number     string
	Path       string
	When       string
	Customer   string
	Goods      string
	More       int // further kinds of goods
	Quantity   int64
	Source     string
	PaidBy     string
	Delivery   calendar.Date
	Total      money.Amount
	Payment    Tag
	Fulfilment Tag
}

// OrderPage is one order.
type OrderPage struct {
	Base
	Number     string
	Subtitle   string
	Customer   Person
	Payment    Tag
	Fulfilment Tag
	Alerts     []Alert
	Lines      []Line
	Steps      []page.Line
	Taxes      []Fact
	Total      money.Amount
	Address    []string
	Facts      []Fact
	// SubscriptionPath is empty for one-off orders.
	Subscription     string
	SubscriptionPath string
	Attempts         []Attempt
	PaymentNote      string
	Audit            []AuditLine
	Mails            []Mail
}

// Line is one kind of goods of an order or of the next box.
type Line struct {
	Name     string
	NameOf   string // language of Name where it is not the page's
	Option   string
	SKU      string
	Unit     money.Amount
	UnitNote string
	Quantity int64
	Stock    string // available now, of the next box only
	Short    bool   // less in stock than the box needs
	Total    money.Amount
}

// SubscriptionsPage lists subscriptions.
type SubscriptionsPage struct {
	Base
	Filter SubscriptionSearch
	Tabs   []Tab
	Sum    SubscriptionSum
	Rows   []SubscriptionRow
	Next   string
}

// SubscriptionSearch is what the list is narrowed to, as typed. State is kept
// when the form is sent; Clear leads to the list without the rest.
type SubscriptionSearch struct {
	State       string
	Text        string
	From, Until string // dates as YYYY-MM-DD
	Products    []Choice
	Trouble     bool
	Narrowed    bool
	Clear       string
}

// Choice is one option of a select field.
type Choice struct {
	Value  string
	Text   string
	Chosen bool
}

// SubscriptionSum is the total of a list; Note says of which boxes. Where there are
// too many, it has no boxes and nothing expected.
type SubscriptionSum struct {
	Subscriptions string
	Boxes         string
	Expected      *money.Amount
	Note          string
}

// SubscriptionRow is one subscription of the list.
type SubscriptionRow struct {
	Number   string
	Path     string
	Customer string
	Kana     string
	Goods    string
	Option   string
	More     int
	Quantity int64
	Cycle    string
	Box      int // number of the next box; 0 where none is planned
	Date     calendar.Date
	Deadline calendar.Date
	PaidBy   string
	Total    *money.Amount
	State    Tag
}

// SubscriptionPage is one subscription with all that happened to it.
type SubscriptionPage struct {
	Base
	Number     string
	Name       string
	Subtitle   string
	State      Tag
	Acts       []Act
	Alerts     []Alert
	Next       *NextBox
	Deliveries []Delivery
	Attempts   []Attempt
	Audit      []AuditLine
	Mails      []Mail
	Customer   Person
	Months     []page.Month
	Agreement  []Fact
	// TermsPath leads to the final confirmation as it was shown.
	TermsPath string
}

// NextBox is the coming delivery in full.
type NextBox struct {
	N        int
	Date     calendar.Date
	Deadline time.Time
	Open     bool // the customer can still change it
	Lines    []Line
	Steps    []page.Line
	Taxes    []Fact
	Total    money.Amount
	Charge   string
}

// Delivery is one box, planned or real.
type Delivery struct {
	N         int // 0 for skipped and missed slots, which use up no box
	Date      calendar.Date
	Deadline  calendar.Date
	State     Tag
	Cause     string
	Order     string
	OrderPath string
	Total     money.Amount
	Current   bool
	Acts      []Act
}

// Attempt is one call to the gateway, with the order it was for.
type Attempt struct {
	When      string
	Order     string
	OrderPath string
	No        int
	Step      string
	Result    Tag
	Amount    money.Amount
	Card      string
	Reason    string
	Code      string
}

// AuditLine is one changed field of one verb, or a verb that changed none.
type AuditLine struct {
	When   string
	Actor  string
	What   string
	Before string
	After  string
	// Again is set on the second and later fields of one verb.
	Again bool
}

// Mail is one mail of the outbox.
type Mail struct {
	When    string
	Subject string
	Event   string
	To      string
	State   Tag
	Error   string
	Raw     string // what the mail server said
}

// Person is the customer of an order or a subscription.
type Person struct {
	Name    string // with what politeness adds
	Plain   string
	Kana    string
	Number  string
	Path    string // of the customer's page
	Phone   string
	Mail    string // empty: none
	Address []string
	Use     string // what the customer has bought so far, in words
}

// TermsPage shows the final confirmation as it was agreed to.
type TermsPage struct {
	Base
	Number string
	Path   string
	When   string
	// HTML is what the page of the final confirmation was made of, in TermsLang.
	HTML      template.HTML
	TermsLang string
}

// SearchPage lists customers who fit what was searched for.
type SearchPage struct {
	Base
	Found []Found
}

// Found is one customer with subscriptions and orders.
type Found struct {
	Person
	Subscriptions []SubscriptionRow
	Orders        []OrderRow
}
