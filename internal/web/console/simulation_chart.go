package console

import (
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/simulation"
)

// The drawing: bars stand between chartLeft and chartRight, as wide as their
// number allows.
const (
	chartRight = 710
	// mostBars a chart has; more days are drawn by week.
	mostBars = 110
	// labels stand so far apart at least.
	labelWidth = 70
	weekDays   = 7
)

// chartSeries is what one kind of part shows of a day.
type chartSeries struct {
	text, tone string
	of         func(simulation.Figures) int64
}

// chart draws series over days; value writes a figure as the scale and the titles
// have it.
func (v *visit) chart(days []simulation.Day, value func(int64) string, series ...chartSeries) Chart {
	bars := weeks(days)
	var c Chart
	most, total := int64(0), simulation.Figures{}
	for _, b := range bars {
		sum := int64(0)
		for _, s := range series {
			sum += s.of(b.Figures)
		}
		most = max(most, sum)
		total.Add(b.Figures)
	}
	for _, s := range series {
		c.Keys = append(c.Keys, ChartKey{Text: s.text, Tone: s.tone, Value: value(s.of(total))})
	}
	step := scaleStep(most)
	top := step * scaleSteps
	for n := range int64(scaleSteps + 1) {
		c.Lines = append(c.Lines, ForecastLine{Y: chartFoot - int(n*chartHeight/scaleSteps), Value: value(n * step)})
	}
	labelled := -labelWidth
	for i, b := range bars {
		left := chartLeft + i*(chartRight-chartLeft)/len(bars)
		width := (chartRight-chartLeft)/len(bars) - 1
		bar := ChartBar{X: left, Width: max(width*3/4, 1), Title: v.words.DateShort(b.Date)}
		bar.Mid = bar.X + bar.Width/2
		if bar.Mid-labelled >= labelWidth && bar.Mid < chartRight-labelWidth/3 {
			bar.Label, labelled = v.words.DateShort(b.Date), bar.Mid
		}
		sum, below := int64(0), chartFoot
		for _, s := range series {
			n := s.of(b.Figures)
			bar.Title += "\n" + s.text + " " + value(n)
			sum += n
			// from the sum, so that what is cut off does not add up
			y := chartFoot - int(sum*chartHeight/top)
			if y < below {
				bar.Parts = append(bar.Parts, ChartPart{Tone: s.tone, Y: y, H: below - y})
			}
			below = y
		}
		c.Bars = append(c.Bars, bar)
	}
	return c
}

// weeks joins days by seven where there are more than a chart can show.
func weeks(days []simulation.Day) []simulation.Day {
	if len(days) <= mostBars {
		return days
	}
	var list []simulation.Day
	for i, d := range days {
		if i%weekDays == 0 {
			list = append(list, simulation.Day{Date: d.Date})
		}
		list[len(list)-1].Add(d.Figures)
	}
	return list
}

// The line of a variant's stock stands in a box of so many units.
const (
	stockWidth  = 120
	stockHeight = 22
)

// stockLine draws what is left of a variant at the end of each day.
func stockLine(g simulation.Good, days []simulation.Day) string {
	left, most := []int64{g.Before}, g.Before
	for _, d := range days {
		day := d.Goods[g.SKU]
		left = append(left, left[len(left)-1]-day.Used+day.Arrived)
		most = max(most, left[len(left)-1])
	}
	most = max(most, 1)
	var points []byte
	for i, n := range left {
		x, y := i*stockWidth/(len(left)-1), 1+stockHeight-int(n*stockHeight/most)
		points = fmt.Appendf(points, "%d,%d ", x, y)
	}
	return string(points)
}
