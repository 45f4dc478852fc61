package console

import "github.com/teiki-commerce/teiki/internal/web/page"

// ConversationsPage lists what people wrote to the shop, the newest first.
type ConversationsPage struct {
	Base
	Tabs []Tab
	// OnlyOpen says that the list is of those that nobody has answered.
	OnlyOpen bool
	Rows     []ConversationRow
	Next     string
}

// ConversationRow is one message of a list. Text is its beginning.
type ConversationRow struct {
	Path  string
	When  string
	From  string
	Mail  string
	Text  string
	State Tag
}

// ConversationPage is one message with its customer.
type ConversationPage struct {
	Base
	ID       string
	Version  int64
	Name     string
	Mail     string
	Subtitle string
	State    Tag
	Lines    []string // what was written
	ReplyTo  string   // address of a letter, of a mailto link
	// Customer is who wrote, or who has the same address; nil for nobody.
	Customer *Person
	// Proved says that the customer was logged in.
	Proved bool
	// Handling is the form, for those who may; nil once it is handled.
	Handling *page.Field
	Handled  string   // who dealt with it and when, in words
	Note     []string // lines
	Audit    []AuditLine
}

// CustomersPage lists customers, the newest first.
type CustomersPage struct {
	Base
	Query string
	Rows  []CustomerRow
	Next  string
	// BulkLinks is where members who moved in are mailed a link that sets a
	// password; empty where there is nobody to mail.
	BulkLinks string
}

// CustomerRow is one customer of a list.
type CustomerRow struct {
	Number string
	Path   string
	Name   string
	Kana   string
	Phone  string
	Mail   string
	Since  string
}

// CustomerPage is one customer with all that the shop knows of them.
type CustomerPage struct {
	Base
	Person
	Subtitle      string
	Language      string
	Login         Tag
	LoginNote     string
	LinkPath      string // mails a link that sets a password; empty where it cannot
	Addresses     [][]string
	Cards         []string
	Subscriptions []SubscriptionRow
	Orders        []OrderRow
	OrdersNote    string
	Conversations []ConversationRow
	Audit         []AuditLine
}

// PasswordLinkPage asks once more before links that set a password are mailed, to
// one customer, whom About names, or to many.
type PasswordLinkPage struct {
	Base
	About  string
	Text   string
	Note   string
	Facts  []Fact
	Action string
	Hidden []Hidden
	Button string // empty where there is nobody to mail
	Back   string
}

// AccountPage is the member of staff's own.
type AccountPage struct {
	Base
	Name string
	Mail string
	Role string
	// Langs are the languages that the console speaks.
	Langs []page.Choice
	Old   page.Field
	New   page.Field
}
