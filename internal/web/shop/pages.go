// Package shop serves the storefront. The structs in this file are what its
// templates may read: plain data, texts already in the page's language, paths
// without the language prefix.
package shop

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// HomePage is the shop's front page.
type HomePage struct {
	page.Base
	Featured []Card
	Sections []Section
}

// Section is a heading with its goods.
type Section struct {
	Heading string
	Goods   []Card
}

// CategoryPage lists the goods of a category, or all of them.
type CategoryPage struct {
	page.Base
	Heading string
	Text    string
	Goods   []Card
}

// Card is a product in a list. Subscription and First are nil where there is no
// such price.
type Card struct {
	Name         string
	NameOf       string // language of Name where it is not the page's
	Text         string
	Path         string
	Picture      string
	Regular      money.Amount
	From         bool // further variants cost more
	Subscription *money.Amount
	First        *money.Amount
	Least        string // what is agreed to at least beside a first price
	Cycles       []calendar.Cycle
	SoldOut      bool
}

// ProductPage is one product with its purchase form. The form's state stands in
// the address, so that a changed choice is simply the page asked for again.
type ProductPage struct {
	page.Base
	Crumbs   []page.NavLink
	Slug     string
	Name     string
	NameOf   string
	Subtitle string
	Lead     string
	Pictures []Picture
	Tastes   []Taste
	Options  []Option
	Story    []store.Section
	Facts    []Fact
	Related  []Card
	Buy      Buy
	Plan     *PlanTerms // nil where the product cannot be subscribed to
	Coming   []Coming
}

// Picture is a static file or an absolute path with its description.
type Picture struct {
	Source string
	Alt    string
}

// Taste is a value from 0 to 5 shown as dots.
type Taste struct {
	Label string
	Dots  [5]bool
	Value int
}

// Fact is a line of the product's particulars.
type Fact struct {
	Label string
	Text  string
}

// Option is one thing to choose about a product, such as its size. Key is the
// name of the form's field.
type Option struct {
	Key     string
	Label   string
	Note    string
	Choices []page.Choice
}

// Buy is the purchase box. Way is "once" or "subscribe".
type Buy struct {
	Way       string
	SoldOut   bool
	StockNote string

	Regular      money.Amount  // one piece, one-off
	Trial        *money.Amount // one piece, once a customer; nil where there is none
	Subscription money.Amount  // one piece of a later box; zero without a plan
	First        *money.Amount
	Least        string // what is agreed to at least beside a first price
	Benefit      string

	Cycles     []page.Choice
	Counts     []page.Choice
	FirstDates []page.Choice
	// What is wrong with the choice of these.
	CycleError, CountError, FirstError string

	Quantity      page.Field
	Maximum       int
	QuantityNote  string
	Unit          string // what one piece is called, such as 袋
	Levels        []Level
	LevelsCaption string

	// Sums are what is paid now and, of a subscription, for the boxes after it, a
	// new one wherever the amount is another.
	Sums []Sum
	// MinimumTotal is what the least number of boxes costs in all, nil where a
	// single box is enough.
	MinimumTotal *money.Amount
	// CountTotal is what a fixed number of boxes costs in all, nil without one.
	Count      int
	CountTotal *money.Amount

	FreeShipping *FreeShipping
}

// Sum is an amount with what it is made of.
type Sum struct {
	Label   string
	Reasons []page.Line
	Total   money.Amount
}

// Level is one of the unit prices offered.
type Level struct {
	Label   string
	Price   money.Amount
	Note    string
	Current bool
}

// FreeShipping is how far the goods are from free delivery, in minor units.
type FreeShipping struct {
	Missing   money.Amount
	Goods     money.Amount
	Threshold money.Amount
}

// PlanTerms is what the page promises about the subscription.
type PlanTerms struct {
	Minimum     int
	GraceDays   int      // 変更猶予日数2
	Changes     []string // what may be done with a delivery to come
	Notice      bool
	Explanation string
	// Savings say what there is beside the unit price: postage, later discounts.
	Savings []string
}

// Coming is a delivery to come. Deadline is zero for the one ordered now.
type Coming struct {
	N        int
	Date     calendar.Date
	Amount   money.Amount
	Deadline time.Time
}

// CartPage is the cart.
type CartPage struct {
	page.Base
	Lines    []CartLine
	Reasons  []page.Line
	Total    money.Amount
	Checkout string
	Free     *FreeShipping
}

// CartLine is one line of the cart. Cycle is zero for a one-off purchase.
type CartLine struct {
	page.Item
	Maximum int
	Cycle   calendar.Cycle
	Count   int // 0: until cancelled
	First   calendar.Date
	Later   *money.Amount // total of the line in the second box, where it differs
	Minimum int
	Error   string
	SoldOut bool
	Wanted  page.Field // the number as typed
}

// LoginPage asks for mail and password. Next is where to go afterwards.
type LoginPage struct {
	page.Base
	Mail     page.Field
	Password page.Field
	Next     string
}

// CodePage asks for the code that was mailed. Sent is the address it was asked
// for just now.
type CodePage struct {
	page.Base
	Mail page.Field
	Code page.Field
	Sent string
	Next string
}

// PasswordPage takes the password that a mailed link sets. Gone says that the link
// is good no more.
type PasswordPage struct {
	page.Base
	Gone     bool
	Mail     string
	Password page.Field
}

// RegisterPage makes a member.
type RegisterPage struct {
	page.Base
	Family     page.Field
	Given      page.Field
	FamilyKana page.Field
	GivenKana  page.Field
	Mail       page.Field
	Password   page.Field
	// AskKana is set in Japan only.
	AskKana bool
	Next    string
}

// CheckoutPage asks where to, when and how to pay.
type CheckoutPage struct {
	page.Base
	Family     page.Field
	Given      page.Field
	FamilyKana page.Field
	GivenKana  page.Field
	AskKana    bool
	// AskTown is set where postcodes can be looked up, Found after one was.
	AskTown  bool
	Found    *FoundTown
	Postcode page.Field
	Region   page.Field
	Regions  []page.Choice
	City     page.Field
	Street   page.Field
	Building page.Field
	Phone    page.Field

	Date     page.Field
	Dates    []page.Choice
	Slot     page.Field
	Slots    []page.Choice
	Payment  page.Field
	Payments []page.Choice

	Items        []page.Item
	Reasons      []page.Line
	Total        money.Amount
	Subscription bool
}

// FoundTown is what a postcode stands for; without a Text it stands for nothing.
type FoundTown struct {
	Region string // code
	City   string
	Street string // beginning of the line
	Text   string // all in one line, in Japanese
}

// ConfirmPage is the final confirmation: all that 特定商取引法 article 12-6 asks
// for, on one page and in one letter size.
type ConfirmPage struct {
	page.Base
	Items []page.Item
	// Agreements are the subscriptions in this purchase, none for a one-off one.
	Agreements []Agreement
	// Reasons and Total are what is paid for this order.
	Reasons []page.Line
	Total   money.Amount

	PaymentMethod string
	PaymentTimes  string
	Address       []string
	Shipping      string
	Times         string
	// Period (申込期間) is empty where there is none.
	Period       string
	ReturnPolicy string
	Promise      string
	PaymentNote  string
	// Card is set where the button leads to the hosted card page.
	Card bool

	// CartVersion and Digest go back with the form: an order is placed only if it
	// is what was shown.
	CartVersion int64
	Digest      string
	// Kept is set for the copy that is kept with a subscription: it has no links
	// to change anything.
	Kept bool
}

// Agreement is what is agreed to by one subscription.
type Agreement struct {
	Name     string
	Quantity string
	Cycle    calendar.Cycle
	// Count is the number of boxes, 0 for no end.
	Count        int
	Minimum      int
	MinimumNote  string
	Boxes        []Box
	MinimumTotal *money.Amount
	MinimumSum   string
	CountTotal   *money.Amount
	CountSum     string
	YearBoxes    int
	YearTotal    *money.Amount
	YearSum      string
	Note         string
	CancelBy     string
	EarlyEnd     []string
	EarlyEndNote string
}

// Box is a column of the table of boxes. Onward means "this and those after it",
// to the box numbered Until, or all where that is 0. Deadline is zero where nothing can be changed any more.
type Box struct {
	N            int
	Onward       bool
	Until        int
	Date         calendar.Date
	Deadline     time.Time
	DeadlineText string // replaces Deadline where it is a rule, not a day
	Quantity     string
	Goods        money.Amount
	Savings      []string // discounts that Goods has in it
	Shipping     money.Amount
	ShippingNote string
	Fee          money.Amount
	Total        money.Amount
	Charge       string
}

// ThanksPage follows an order. State is "paid", "waiting", "cod", "cancelled" or
// "placed". PayPath is set while the order can still be paid.
type ThanksPage struct {
	page.Base
	State        string
	OrderNumber  string
	OrderPath    string
	PayPath      string
	Mail         string
	Items        []page.Item
	Total        money.Amount
	Delivery     calendar.Date
	Slot         string
	Subscription *Started
}

// Started is the subscription that a purchase has begun.
type Started struct {
	Path     string
	Next     calendar.Date
	Amount   money.Amount
	Deadline time.Time
}

// PayFailedPage is where the hosted card page leads back to when nothing was
// paid. The goods are held until Until.
type PayFailedPage struct {
	page.Base
	Reason      string
	RetryPath   string
	OrderPath   string
	OrderNumber string
	Total       money.Amount
	Until       string
}

// EndedPage says that a product is no longer sold, and what is.
type EndedPage struct {
	page.Base
	Name   string
	NameOf string // the language of the name where it is not the page's
	// Similar are goods of the same category; More leads to all of them.
	Similar  []Card
	More     string
	MoreText string
}

// ErrorPage is any failure. Status is the HTTP status, RequestID what to quote
// when asking for help.
type ErrorPage struct {
	page.Base
	Status    int
	RequestID string
}

// ClosedPage says that the shop is not open.
type ClosedPage struct {
	page.Base
}

// LegalPage is one of the texts a shop must have.
type LegalPage struct {
	page.Base
	Heading  string
	Sections []store.Section
	// TextOf is the language of Sections where it is not the page's.
	TextOf string
	Rows   []Fact
}

// ContactPage says how to reach the shop and takes a message, or thanks for one
// that was sent.
type ContactPage struct {
	page.Base
	Rows []Fact
	// Key goes back with the form, so that sending it twice writes once.
	Key  string
	Name page.Field
	Mail page.Field
	Body page.Field
	Sent bool
}
