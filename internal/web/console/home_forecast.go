package console

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Forecast is what boxes bring, those that are orders already and those that are
// planned, by day, week or month: once as a table, once as a drawing.
type Forecast struct {
	Tabs  []Tab
	Note  string
	Head  string // of the table's first column
	Spans []ForecastSpan
	Lines []ForecastLine
	Width int          // of a bar
	Made  money.Amount // orders
	Card  money.Amount
	COD   money.Amount
	Total money.Amount // of card and cash on delivery
	Count int          // planned boxes
	Any   bool         // there is something to draw
}

// ForecastSpan is one day, week or month: its row of the table and its bar of the
// drawing. Cash on delivery stands on the card, and that on the orders.
type ForecastSpan struct {
	Name  string
	Today bool
	Count int // boxes, orders among them
	Made  money.Amount
	Card  money.Amount
	COD   money.Amount
	Total money.Amount // of all three
	Label bool         // the axis names it; there is no room for all
	X     int          // left edge
	Mid   int          // middle, where the label stands
	Bars  []ForecastBar
}

// ForecastBar is a part of a bar; Kind is made, card or cod.
type ForecastBar struct {
	Kind string
	Y, H int
}

// ForecastLine is one line of the scale.
type ForecastLine struct {
	Y     int
	Value string
}

// The drawing, in units of its view box (720 × 220): bars stand between the top
// and the foot, the scale's numbers left of them, the names of spans below.
const (
	chartTop      = 14
	chartFoot     = 190
	chartLeft     = 80
	forecastRight = 710
	chartHeight   = chartFoot - chartTop
	// scaleSteps is how many lines the scale has above the foot.
	scaleSteps = 4
)

// forecastBy is a way to sum the forecast.
type forecastBy struct {
	name        string
	past, ahead int // spans before that of today, and from it on
	labelEvery  int
	fill        int // percent of a span's width that its bar takes
}

var forecastWays = []forecastBy{
	{name: "day", ahead: 30, labelEvery: 5, fill: 72},
	{name: "week", past: 4, ahead: 8, labelEvery: 2, fill: 62},
	{name: "month", past: 3, ahead: 3, labelEvery: 1, fill: 46},
}

// forecastOf is the way that is asked for, by day where none is.
func forecastOf(name string) forecastBy {
	for _, by := range forecastWays {
		if by.name == name {
			return by
		}
	}
	return forecastWays[0]
}

// start of the n-th span after that of a day. Weeks begin on Monday.
func (b forecastBy) start(today calendar.Date, n int) calendar.Date {
	switch b.name {
	case "week":
		return today.AddDays(7*n - (int(today.Weekday())+6)%7)
	case "month":
		return calendar.DateOf(time.Date(today.Year, today.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	default:
		return today.AddDays(n)
	}
}

// span of a date among those drawn, the first being 0.
func (b forecastBy) span(today, d calendar.Date) int {
	first := b.start(today, -b.past)
	days := first.DaysUntil(d)
	switch {
	case days < 0:
		return -1
	case b.name == "week":
		return days / 7
	case b.name == "month":
		return (d.Year-first.Year)*12 + int(d.Month) - int(first.Month)
	default:
		return days
	}
}

// dates that are drawn, both ends included.
func (b forecastBy) dates(today calendar.Date) (from, until calendar.Date) {
	return b.start(today, -b.past), b.start(today, b.ahead).AddDays(-1)
}

// forecast sums the boxes by span and draws them.
func (v *visit) forecast(by forecastBy, sums []db.DayTotal) Forecast {
	today, zero := v.today(), money.Of(0, v.shop.Currency)
	f := Forecast{
		Spans: make([]ForecastSpan, by.past+by.ahead), Made: zero, Card: zero, COD: zero, Total: zero,
		Note: v.words.T("console.forecast.note." + by.name), Head: v.words.T("console.forecast.head." + by.name),
	}
	for _, way := range forecastWays {
		f.Tabs = append(f.Tabs, Tab{
			Text: v.words.T("console.forecast.by." + way.name), Path: "/admin?by=" + way.name + "#forecast-h", Current: way.name == by.name,
		})
	}
	for i := range f.Spans {
		from := by.start(today, i-by.past)
		f.Spans[i] = ForecastSpan{
			Name: v.words.DateShort(from), Made: zero, Card: zero, COD: zero, Total: zero,
			Label: i%by.labelEvery == by.past%by.labelEvery, Today: i == by.past,
		}
		if by.name == "month" {
			f.Spans[i].Name = v.words.Month(from)
		}
	}
	for _, s := range sums {
		at := by.span(today, s.Date)
		if at >= 0 && at < len(f.Spans) && (s.Planned || s.Ordered) {
			f.add(&f.Spans[at], s)
		}
	}
	v.draw(&f, by)
	return f
}

// add counts the boxes of a day into their span and the sums.
func (f *Forecast) add(span *ForecastSpan, s db.DayTotal) {
	f.Any = true
	span.Count += s.Count
	span.Total.Minor += s.Total
	if s.Ordered {
		span.Made.Minor += s.Total
		f.Made.Minor += s.Total
		return
	}
	f.Count += s.Count
	f.Total.Minor += s.Total
	if s.Pays == string(pricing.MethodCOD) {
		span.COD.Minor += s.Total
		f.COD.Minor += s.Total
		return
	}
	span.Card.Minor += s.Total
	f.Card.Minor += s.Total
}

// draw gives bars and scale their places.
func (v *visit) draw(f *Forecast, by forecastBy) {
	most := int64(0)
	for _, s := range f.Spans {
		most = max(most, s.Total.Minor)
	}
	step := scaleStep(most)
	top := step * scaleSteps
	for n := range int64(scaleSteps + 1) {
		f.Lines = append(f.Lines, ForecastLine{
			Y: chartFoot - int(n*chartHeight/scaleSteps), Value: v.words.Money(money.Of(n*step, v.shop.Currency)),
		})
	}
	wide := (forecastRight - chartLeft) / len(f.Spans)
	f.Width = wide * by.fill / 100
	for i := range f.Spans {
		s := &f.Spans[i]
		s.X = chartLeft + i*wide + (wide-f.Width)/2
		s.Mid = s.X + f.Width/2
		sum, foot := int64(0), chartFoot
		for _, part := range []struct {
			kind   string
			amount int64
		}{{"made", s.Made.Minor}, {"card", s.Card.Minor}, {"cod", s.COD.Minor}} {
			// from the sum, so that what is cut off does not add up
			sum += part.amount
			y := chartFoot - int(sum*chartHeight/top)
			if y < foot {
				s.Bars = append(s.Bars, ForecastBar{Kind: part.kind, Y: y, H: foot - y})
			}
			foot = y
		}
	}
}

// scaleStep is the distance of two lines of a scale that reaches to the amount:
// 1, 2 or 5 of a power of ten, in minor units, at least 1.
func scaleStep(most int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if step := n * power; step*scaleSteps >= most {
				return step
			}
		}
	}
}
