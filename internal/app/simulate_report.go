package app

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// WriteSimulationCSV writes a row a day.
func WriteSimulationCSV(w io.Writer, r simulation.Result, words *i18n.Localizer) error {
	return csv.NewWriter(w).WriteAll(r.Table(words.Simulation()))
}

// PrintSimulation writes a simulation for people: the totals by month, then by
// day, what is left of the goods, and what was mailed and alerted.
func PrintSimulation(w io.Writer, shop string, r simulation.Result, words *i18n.Localizer) error {
	p := &simulationPrinter{result: r, words: words, names: words.Simulation()}
	p.line(words.T("simulation.heading", "Store", shop, "From", words.DateYear(r.From), "To", words.DateYear(r.To)))
	p.line(words.T("simulation.assumption", "Declined", words.Percent(r.Cards.Declined),
		"Authentication", words.Percent(r.Cards.Authentication), "Missing", words.Percent(r.Cards.Missing)))
	p.part("by_month", p.days(r.Months(), "month", words.Month))
	p.part("by_day", p.days(r.Days, "date", words.DateShort))
	p.part("due", p.counts(r.Total().Due, p.names.State))
	p.part("goods", p.goods())
	p.part("mails", p.counts(r.Total().Mails, p.names.Event))
	p.part("alerts", p.counts(r.Total().Alerts, p.names.Alert))
	for _, d := range r.Differences {
		p.line(words.T("simulation.difference", "What", d))
	}
	p.line(words.T("simulation.took", "Seconds", strconv.FormatFloat(r.Seconds, 'f', 1, 64)))
	_, err := io.WriteString(w, p.b.String())
	return err
}

type simulationPrinter struct {
	result simulation.Result
	words  *i18n.Localizer
	names  simulation.Words
	b      strings.Builder
}

func (p *simulationPrinter) line(text string) { fmt.Fprintln(&p.b, text) }

func (p *simulationPrinter) part(key string, rows [][]string) {
	p.line("\n" + p.words.T("simulation.part."+key))
	if len(rows) == 0 {
		p.line("  " + p.words.T("simulation.none"))
	}
	p.table(rows)
}

// table sets columns one below the other, the first to the left and the others to
// the right.
func (p *simulationPrinter) table(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-columns(cell))
			if i == 0 {
				p.b.WriteString("  " + cell + gap)
			} else {
				p.b.WriteString("  " + gap + cell)
			}
		}
		p.b.WriteByte('\n')
	}
}

// days are the rows of figures by day or month, with their sum below.
func (p *simulationPrinter) days(list []simulation.Day, first string, name func(calendar.Date) string) [][]string {
	head := []string{p.names.Column(first)}
	for _, key := range []string{
		"orders", "orders_total", "paid", "paid_total", "cod", "declined", "authentication", "retries", "recovered", "mails", "alerts",
	} {
		head = append(head, p.names.Column(key))
	}
	for _, s := range simulation.States {
		head = append(head, p.names.State(s))
	}
	rows := [][]string{head}
	for _, d := range list {
		rows = append(rows, p.figures(name(d.Date), d.Figures))
	}
	return append(rows, p.figures(p.words.T("simulation.total"), p.result.Total()))
}

func (p *simulationPrinter) figures(name string, f simulation.Figures) []string {
	amount := func(minor int64) string { return p.words.Money(money.Of(minor, p.result.Currency)) }
	number := func(n int) string { return p.words.Number(int64(n)) }
	row := []string{
		name, number(f.Orders.Count), amount(f.Orders.Total), number(f.Paid.Count), amount(f.Paid.Total), number(f.COD.Count),
		number(f.Declined), number(f.Authentication), number(f.Retries), number(f.Recovered.Count),
		number(f.AllMails()), number(f.AllAlerts()),
	}
	for _, s := range simulation.States {
		row = append(row, number(f.Due[s]))
	}
	return row
}

func (p *simulationPrinter) goods() [][]string {
	head := []string{p.names.Column("sku")}
	for _, key := range []string{"before", "used", "arrived", "left", "short", "boxes", "short_from"} {
		head = append(head, p.names.Column(key))
	}
	rows := [][]string{head}
	for _, g := range p.result.Goods {
		row := []string{g.SKU + " " + g.Name}
		for _, n := range []int64{g.Before, g.Used, g.Arrived, g.After, g.Short, int64(g.Boxes)} {
			row = append(row, p.words.Number(n))
		}
		day := ""
		if !g.ShortFrom.IsZero() {
			day = p.words.DateShort(g.ShortFrom)
		}
		rows = append(rows, append(row, day))
	}
	return rows
}

func (p *simulationPrinter) counts(of map[string]int, name func(string) string) [][]string {
	var rows [][]string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		rows = append(rows, []string{name(key), p.words.Number(int64(of[key]))})
	}
	return rows
}
