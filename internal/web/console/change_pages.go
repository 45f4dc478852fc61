package console

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// ChangePage is a change of a subscription by staff: what to choose, and once
// enough is chosen, its effect before it is done.
type ChangePage struct {
	Base
	Number  string
	Back    string // the subscription's page
	Heading string
	Intro   string
	Action  string
	// Problem says why it cannot be done at all.
	Problem string
	// Choose is the form to choose with; nil where there is nothing to choose.
	Choose *ChangeForm
	// Hidden is what the confirming form sends.
	Hidden []Hidden
	// Effect is empty until enough is chosen.
	Effect []EffectLine
	Taken  []string // orders that are cancelled with it
	Box    *BoxOrdered
	// Reasons may be told of a cancellation; Agreed is asked where it costs the
	// customer more.
	Reasons []page.Choice
	Agreed  *page.Field
	Button  string
	Ends    bool // the button ends something
	Mailed  bool // the customer is told by mail
}

// ChangeForm is what staff choose from. Error is about it as a whole.
type ChangeForm struct {
	Hidden  []Hidden
	Label   string
	Name    string // of the select field
	Options []page.Choice
	// Scope and Held are radio buttons, empty where there is no such choice.
	Scope []page.Choice
	Held  []page.Choice
	Error string
}

// Hidden is a field that a form carries along.
type Hidden struct {
	Name  string
	Value string
}

// EffectLine is one delivery, now and afterwards; a zero date is none.
type EffectLine struct {
	N           int // box number, 0 for none
	Before      calendar.Date
	BeforeState string
	BeforeTotal money.Amount
	After       calendar.Date
	AfterState  string
	AfterTotal  money.Amount
	Changes     bool
}

// BoxOrdered is what a resume orders at once.
type BoxOrdered struct {
	Count int
	Date  calendar.Date
	Steps []page.Line
	Total money.Amount
}

// Act is one thing that can be done, as a link to its page.
type Act struct {
	Text string
	Path string
	Main bool
	Ends bool
}
