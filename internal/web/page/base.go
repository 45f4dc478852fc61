// Package page holds what every page of the shop and of my page carries, as
// plain data without methods, so that a merchant's own templates reach nothing
// but these fields. It decides nothing and reads no database.
package page

import "time"

// Base is embedded by the struct of every page.
type Base struct {
	// Lang is the page's language as in the lang attribute: ja, en, zh-Hans, zh-Hant.
	Lang        string
	Title       string
	Description string
	// Path is the page's own path without the language prefix.
	Path         string
	Store        Store
	Announcement string
	Nav          []NavLink
	Languages    []Language
	CartCount    int
	LoggedIn     bool
	CustomerName string
	Flash        []Flash
	// Errors sums up what is wrong with a form, in the order of its fields.
	Errors []FieldError
	// Bare leaves out navigation, as on the way through the checkout.
	Bare bool
	// Refresh is set on pages that wait for something and look again by themselves.
	Refresh *Refresh
	// NoIndex asks search engines to leave the page out.
	NoIndex bool
	// Closed says that the shop takes no orders.
	Closed bool
	// Demo is set in demo instances only.
	Demo *Demo
}

// Refresh asks for the page at Path, without the language prefix, every so many
// seconds: by htmx, or by a refresh of the whole page without JavaScript.
type Refresh struct {
	Path    string
	Seconds int
}

// Store is what a page says about the shop that serves it.
type Store struct {
	Name    string
	Company string
	Phone   string
	Mail    string
	Address string
	// Hours are when the phone is answered, in words.
	Hours string
}

// NavLink is one entry of a navigation.
type NavLink struct {
	Text    string
	Path    string
	Current bool
}

// Language is one language of the shop with this page's address in it.
type Language struct {
	Lang    string
	Name    string
	URL     string
	Current bool
}

// Flash is a message about what has just happened.
type Flash struct {
	// Kind is "ok" or "error".
	Kind string
	Text string
}

// Field is one input of a form as it was typed, with what is wrong with it.
type Field struct {
	Value string
	Error string
}

// FieldError is one line of the summary above a form; ID is the input's id.
type FieldError struct {
	ID   string
	Text string
}

// Choice is one entry of a list or a row of radio buttons.
type Choice struct {
	Value    string
	Label    string
	Note     string
	Selected bool
	SoldOut  bool
}

// Demo is the bar on top of a demo instance.
type Demo struct {
	// Clock is the business time in words, NextDeadline empty when nothing is due;
	// Due is the instant of it.
	Clock        string
	NextDeadline string
	Due          time.Time
	// ForwardURL and DeadlineURL take a POST that moves the clock.
	ForwardURL  string
	DeadlineURL string
	MailboxURL  string
	LedgerURL   string
	// ConsoleURL leads to the console from the shop, ShopURL back; one is set.
	ConsoleURL string
	ShopURL    string
	// Return is the page to come back to after the clock has moved.
	Return string
	// Who may log in to try the demo, all with one password.
	CustomerMail, StaffMail, Password string
}
