package console

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// SimulationsPage asks for a simulation and lists those before it.
type SimulationsPage struct {
	Base
	From           page.Field
	To             page.Field
	Declined       page.Field
	Authentication page.Field
	Missing        page.Field
	Today          string // the first day that can be chosen, as the field has it
	MayStart       bool
	Running        string // path of the one that has not ended; empty where none
	Rows           []SimulationRow
}

// SimulationRow is a simulation in the list.
type SimulationRow struct {
	Path  string
	From  calendar.Date
	To    calendar.Date
	State Tag
	When  string
}

// SimulationPage is one simulation: how far it is, or what came of it.
type SimulationPage struct {
	Base
	From       calendar.Date
	To         calendar.Date
	State      Tag
	Assumed    string
	Progress   *SimulationProgress
	Failed     bool
	Stopped    bool
	Path       string
	Result     *SimulationResult
	MayStop    bool
	Started    string
	Difference []string
}

// SimulationProgress is how far a simulation is that has not ended.
type SimulationProgress struct {
	Waiting bool
	Reached calendar.Date // zero before the copy is made
	Percent int
}

// SimulationResult is what came of a simulation.
type SimulationResult struct {
	Figures []Figure
	Charts  []Chart
	Months  SimulationTable
	Days    SimulationTable
	Goods   []SimulationGood
	Counts  []CountTable
	Took    string
}

// SimulationTable are figures by month or by day, with their sum.
type SimulationTable struct {
	Title string
	Head  string // of the first column
	Rows  []SimulationFigures
	Total SimulationFigures
}

// SimulationFigures are the figures of a day, a month or the whole period.
type SimulationFigures struct {
	Name           string
	Orders         string
	Total          string
	Paid           string
	COD            string
	Declined       string
	Authentication string
	Retries        string
	Mails          string
	Alerts         string
	Blocked        string
}

// SimulationGood is a variant over the period, with what is left of it day by day
// as a line.
type SimulationGood struct {
	SKU       string
	Name      string
	Before    string
	Used      string
	Arrived   string
	After     string
	Short     string // pieces; empty where it is never short
	ShortFrom calendar.Date
	Line      string // points of a line in a box of 120 × 24
}

// CountTable says how many there are of each kind.
type CountTable struct {
	ID    string
	Title string
	Rows  []Count
}

// Count is how many of a kind there are.
type Count struct {
	Text   string
	Number string
}

// Chart is a drawing of bars, each of parts that stand on one another, in a box of
// 720 × 220.
type Chart struct {
	ID      string
	Title   string
	Note    string
	Summary string // for who does not see it
	Keys    []ChartKey
	Lines   []ForecastLine
	Bars    []ChartBar
}

// ChartKey names a kind of part.
type ChartKey struct {
	Text  string
	Tone  string
	Value string // of the whole period
}

// ChartBar is one bar: a day, or a week where there are too many days.
type ChartBar struct {
	Title string
	Label string // what the axis says below it; empty for most
	X     int
	Mid   int
	Width int
	Parts []ChartPart
}

// ChartPart is a part of a bar.
type ChartPart struct {
	Tone string
	Y    int
	H    int
}
