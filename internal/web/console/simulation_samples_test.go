package console_test

import (
	"fmt"
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// simulationSamples are the form with faults, and a simulation in every state.
func simulationSamples(words *i18n.Localizer) []sample {
	const path = "/admin/simulations/01a200ab-6eb2-7d0d-878e-1dcc6e5d0b74"
	field := func(value, fault string) page.Field { return page.Field{Value: value, Error: fault} }
	form := console.SimulationsPage{
		Base: base(words, "x"), MayStart: true, Today: "2026-11-26",
		From: field("2026-11-20", words.T("simulation.fault.today", "Date", day(11, 26))), To: field("2027-02-28", ""),
		Declined: field("6", ""), Authentication: field("120", words.T("simulation.fault.share")), Missing: field("1", ""),
	}
	form.Errors = []page.FieldError{
		{Text: words.T("simulation.fault.running")},
		{ID: "from", Text: words.T("fault.about", "Field", words.T("simulation.form.from"), "Text", form.From.Error)},
		{ID: "authentication", Text: words.T("fault.about", "Field", words.T("simulation.form.authentication"), "Text", form.Authentication.Error)},
	}
	for i, state := range []string{"running", "done", "failed", "stopped", "waiting"} {
		form.Rows = append(form.Rows, console.SimulationRow{
			Path: path, From: day(11, 21), To: day(2, 28), When: "11/26（木）10:42",
			State: tag(words, "simulation.state."+state, []string{"info", "ok", "crit", "", "info"}[i]),
		})
	}
	empty := console.SimulationsPage{Base: base(words, "x")}
	one := func(state, tone string) console.SimulationPage {
		return console.SimulationPage{
			Base: base(words, "x"), From: day(11, 21), To: day(2, 28), State: tag(words, "simulation.state."+state, tone), Path: path,
			Assumed: words.T("simulation.assumption", "Declined", "6%", "Authentication", "1%", "Missing", "1%"), Started: "11/26（木）10:42", MayStop: true,
		}
	}
	running := one("running", "info")
	running.Progress = &console.SimulationProgress{Reached: day(12, 24), Percent: 34}
	waiting := one("waiting", "info")
	waiting.Progress, waiting.MayStop = &console.SimulationProgress{Waiting: true}, false
	failed := one("failed", "crit")
	failed.Failed = true
	stopped := one("stopped", "")
	stopped.Stopped = true
	done := one("done", "ok")
	done.Difference = []string{"11645 charges went through by the shop's book, 11646 by the gateway's"}
	done.Result = simulationResult(words)
	return []sample{
		{"simulations", "", form},
		{"simulations", "empty", empty},
		{"simulation", "running", running},
		{"simulation", "waiting", waiting},
		{"simulation", "failed", failed},
		{"simulation", "stopped", stopped},
		{"simulation", "", done},
	}
}

func simulationResult(words *i18n.Localizer) *console.SimulationResult {
	figures := func(name string) console.SimulationFigures {
		return console.SimulationFigures{
			Name: name, Orders: "15,603", Total: "58,955,960円", Paid: "11,645", COD: "3,641", Declined: "986", Authentication: "42",
			Retries: "711", Mails: "29,693", Alerts: "1,770", Blocked: "2,080",
		}
	}
	r := &console.SimulationResult{
		Figures: []console.Figure{
			{Label: words.T("simulation.figure.sales"), Number: "58,955,960円", Note: words.T("simulation.figure.sales.note", "Count", "15,603件")},
			{Label: words.T("simulation.figure.paid"), Number: "42,883,070円", Note: words.T("simulation.figure.paid.note", "Count", "11,645件", "COD", "3,641件")},
			{Label: words.T("simulation.figure.refused"), Number: "1,028件", Note: words.T("simulation.figure.refused.note", "Retries", "711件", "Alerts", "1,770件")},
			{Label: words.T("simulation.figure.short"), Number: "2件", Note: words.T("simulation.figure.short.note", "Mails", "29,693件")},
		},
		Took: words.T("simulation.took", "Seconds", "65.9"),
	}
	for n, name := range []string{"sales", "due", "refused", "mails"} {
		c := console.Chart{
			ID: name, Title: words.T("simulation.chart." + name), Note: words.T("simulation.chart.by_day"),
			Summary: words.T("simulation.chart.summary", "Title", name, "Parts", "1"),
			Keys:    []console.ChartKey{{Text: words.T("console.pays.card"), Tone: "card", Value: "42,883,070円"}, {Text: words.T("state.delivery.blocked"), Tone: "bad", Value: "2,080"}},
		}
		for i := range 5 {
			c.Lines = append(c.Lines, console.ForecastLine{Y: 190 - 44*i, Value: fmt.Sprint(i * 50)})
		}
		for i := range 100 {
			h := 40 + (i*37+n*11)%90
			bar := console.ChartBar{X: 80 + i*6, Mid: 82 + i*6, Width: 4, Title: "x", Parts: []console.ChartPart{{Tone: "card", Y: 190 - h, H: h}, {Tone: "bad", Y: 180 - h, H: 10}}}
			if i%14 == 0 {
				bar.Label = words.DateShort(day(11, 21).AddDays(i))
			}
			c.Bars = append(c.Bars, bar)
		}
		r.Charts = append(r.Charts, c)
	}
	r.Months = console.SimulationTable{Title: words.T("simulation.part.by_month"), Head: words.T("simulation.column.month"), Total: figures(words.T("simulation.total"))}
	for m := range 4 {
		r.Months.Rows = append(r.Months.Rows, figures(words.Month(day(11, 21).AddDays(30*m))))
	}
	r.Days = console.SimulationTable{Title: words.T("simulation.part.by_day"), Head: words.T("simulation.column.date"), Total: figures(words.T("simulation.total"))}
	for d := range 100 {
		r.Days.Rows = append(r.Days.Rows, figures(words.DateShort(day(11, 21).AddDays(d))))
	}
	for i, name := range []string{"珈琲生まれのクロロゲン酸サプリ", longGoods, "ひばりブレンド"} {
		g := console.SimulationGood{SKU: "HB-SUP-30" + strings.Repeat("-LONG", i), Name: name, Before: "299", Used: "798", Arrived: "499", After: "0", Line: "0,1 40,23 50,2 120,22"}
		if i < 2 {
			g.Short, g.ShortFrom = "1,046", day(12, 10)
		}
		r.Goods = append(r.Goods, g)
	}
	for _, id := range []string{"due", "mails", "alerts"} {
		table := console.CountTable{ID: id, Title: words.T("simulation.part." + id)}
		for _, kind := range []string{"payment_failed", "stock_out", "cutover"} {
			table.Rows = append(table.Rows, console.Count{Text: words.T("alert." + kind + ".title"), Number: "1,770"})
		}
		r.Counts = append(r.Counts, table)
	}
	r.Counts[2].Rows = nil
	return r
}
