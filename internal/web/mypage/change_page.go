package mypage

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// ChangePage is the form of one change of a subscription. It shows what the
// change does before it is made; parts that a change does not need are empty.
type ChangePage struct {
	page.Base
	Name    string // of the subscription
	Back    string // its page
	Heading string
	Intro   string
	// Problem says why the change cannot be made now; then there is no form.
	Problem string
	// Error stands beside what was chosen.
	Error string

	Months   []PickMonth
	Legend   string // question above the choices
	Choices  []LinkChoice
	Quantity *QuantityForm

	Taken   []string // orders that are cancelled with it
	Effect  []EffectLine
	Box     *BoxOrdered
	Reasons []page.Choice // why the customer leaves
	Action  string
	Hidden  []Hidden
	Button  string // empty until the effect is known
	Note    string
}

// PickMonth is a sheet of a calendar whose days can be chosen.
type PickMonth struct {
	First calendar.Date
	Weeks [][]PickDay
}

// PickDay is one cell. Number is 0 in cells before the first and after the last;
// Path is empty for days that cannot be chosen.
type PickDay struct {
	Number   int
	Date     calendar.Date
	Sunday   bool
	Saturday bool
	Now      bool // the delivery's day as it is
	Chosen   bool
	Path     string
}

// LinkChoice is one of a few ways to make the change; each shows its effect at
// its own address.
type LinkChoice struct {
	Label    string
	Note     string
	Path     string
	Selected bool
}

// QuantityForm asks for the number of pieces of each item.
type QuantityForm struct {
	Path  string
	Items []QuantityItem
}

// QuantityItem is one item with the numbers to choose from.
type QuantityItem struct {
	ID      string
	Field   string // id of the input
	Name    string
	Variant string
	Chosen  bool // its effect is shown
	Choices []page.Choice
}

// EffectLine is one line of the table いま / 変更後; a delivery has its day and its
// total.
type EffectLine struct {
	Label   string
	Before  []string
	After   []string
	Changed bool
}

// BoxOrdered is what a resume orders at once.
type BoxOrdered struct {
	Count   int // deliveries in the box
	Date    calendar.Date
	Reasons []page.Line
	Total   money.Amount
}

// Hidden is what a form sends without being asked.
type Hidden struct{ Name, Value string }

// Action is one thing that can be done with a subscription. Icon is a name of the
// sprite.
type Action struct {
	Text string
	Path string
	Icon string
	Main bool
}
