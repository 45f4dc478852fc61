package console

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
)

// Forecast is what the planned boxes of the next days will bring, by day and by
// payment method: once as a table, once as a drawing. Beside them stand those that
// are orders already: their deadline is over, and so the next days have no others.
type Forecast struct {
	Days  []ForecastDay
	Lines []ForecastLine
	Made  money.Amount // orders
	Card  money.Amount
	COD   money.Amount
	Total money.Amount // of card and cash on delivery
	Count int          // planned boxes
}

// ForecastDay is one day: its row of the table and its bar of the drawing. The
// bar of cash on delivery stands on that of the card, and that on the orders'.
type ForecastDay struct {
	Date  calendar.Date
	Count int // boxes, orders among them
	Made  money.Amount
	Card  money.Amount
	COD   money.Amount
	Total money.Amount // of all three
	// Label says that the axis names this day; there is no room for all.
	Label bool
	X     int // left edge
	Mid   int // middle, where the label stands
	MadeY int
	MadeH int
	CardY int
	CardH int
	CODY  int
	CODH  int
}

// ForecastLine is one line of the scale.
type ForecastLine struct {
	Y     int
	Value string
}

// The drawing, in units of its view box (720 × 220): bars stand between the top
// and the foot, the scale's numbers left of them, the days below.
const (
	chartTop    = 14
	chartFoot   = 190
	chartLeft   = 80
	chartStep   = 21 // from one bar to the next: the last of 30 ends at 704
	chartBar    = 15
	chartHeight = chartFoot - chartTop
	// labelEvery so many days the axis names one.
	labelEvery = 5
	// scaleSteps is how many lines the scale has above the foot.
	scaleSteps = 4
)

// forecast sums the days' planned boxes and draws them.
func (v *visit) forecast(sums []db.DayTotal) Forecast {
	today, zero := v.today(), money.Of(0, v.shop.Currency)
	f := Forecast{Days: make([]ForecastDay, forecastDays), Made: zero, Card: zero, COD: zero, Total: zero}
	for i := range f.Days {
		f.Days[i] = ForecastDay{
			Date: today.AddDays(i), Made: zero, Card: zero, COD: zero, Total: zero, Label: i%labelEvery == 0,
		}
	}
	for _, s := range sums {
		i := today.DaysUntil(s.Date)
		if !s.Planned && !s.Ordered || i < 0 || i >= forecastDays {
			continue
		}
		d := &f.Days[i]
		d.Count += s.Count
		d.Total.Minor += s.Total
		if s.Ordered {
			d.Made.Minor += s.Total
			f.Made.Minor += s.Total
			continue
		}
		f.Count += s.Count
		f.Total.Minor += s.Total
		if s.Pays == string(pricing.MethodCOD) {
			d.COD.Minor += s.Total
			f.COD.Minor += s.Total
			continue
		}
		d.Card.Minor += s.Total
		f.Card.Minor += s.Total
	}
	v.draw(&f)
	return f
}

// draw gives bars and scale their places.
func (v *visit) draw(f *Forecast) {
	most := int64(0)
	for _, d := range f.Days {
		most = max(most, d.Total.Minor)
	}
	step := scaleStep(most)
	top := step * scaleSteps
	for n := range int64(scaleSteps + 1) {
		f.Lines = append(f.Lines, ForecastLine{
			Y: chartFoot - int(n*chartHeight/scaleSteps), Value: v.words.Money(money.Of(n*step, v.shop.Currency)),
		})
	}
	for i := range f.Days {
		d := &f.Days[i]
		d.X = chartLeft + i*chartStep
		d.Mid = d.X + chartBar/2
		d.MadeH = int(d.Made.Minor * chartHeight / top)
		// from the sums, so that what is cut off does not add up
		d.CardH = int((d.Made.Minor+d.Card.Minor)*chartHeight/top) - d.MadeH
		d.CODH = int(d.Total.Minor*chartHeight/top) - d.MadeH - d.CardH
		d.MadeY = chartFoot - d.MadeH
		d.CardY = d.MadeY - d.CardH
		d.CODY = d.CardY - d.CODH
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
