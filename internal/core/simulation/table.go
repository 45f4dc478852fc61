package simulation

import (
	"maps"
	"slices"
	"strconv"
)

// Words are the names that a table's columns have in a language.
type Words struct {
	Column func(key string) string
	Event  func(event string) string // of a mail
	Alert  func(kind string) string
	State  func(state string) string // of a delivery
}

// Columns of days and months, before those of mails, alerts and goods: the key of
// each and its figure.
var columns = []struct {
	key    string
	figure func(Figures) int64
}{
	{"orders", func(f Figures) int64 { return int64(f.Orders.Count) }},
	{"orders_total", func(f Figures) int64 { return f.Orders.Total }},
	{"renewals", func(f Figures) int64 { return int64(f.Renewals.Count) }},
	{"renewals_total", func(f Figures) int64 { return f.Renewals.Total }},
	{"cod", func(f Figures) int64 { return int64(f.COD.Count) }},
	{"cod_total", func(f Figures) int64 { return f.COD.Total }},
	{"paid", func(f Figures) int64 { return int64(f.Paid.Count) }},
	{"paid_total", func(f Figures) int64 { return f.Paid.Total }},
	{"declined", func(f Figures) int64 { return int64(f.Declined) }},
	{"authentication", func(f Figures) int64 { return int64(f.Authentication) }},
	{"retries", func(f Figures) int64 { return int64(f.Retries) }},
	{"recovered", func(f Figures) int64 { return int64(f.Recovered.Count) }},
	{"recovered_total", func(f Figures) int64 { return f.Recovered.Total }},
}

// States are those of a delivery that has fallen due, in the order of the rules.
var States = []string{"ordered", "skipped", "held", "blocked", "cancelled"}

// Table is a row a day below a row of names, for CSV: orders, money, deliveries,
// mails by event, alerts by kind, and of each variant what was used, came, was
// short and is left at the end of the day. Sums are in minor units.
func (r Result) Table(w Words) [][]string {
	all := r.Total()
	events, kinds := keys(all.Mails), keys(all.Alerts)
	head := []string{w.Column("date")}
	for _, c := range columns {
		head = append(head, w.Column(c.key))
	}
	for _, s := range States {
		head = append(head, w.Column("due")+" "+w.State(s))
	}
	for _, e := range events {
		head = append(head, w.Column("mails")+" "+w.Event(e))
	}
	for _, k := range kinds {
		head = append(head, w.Column("alerts")+" "+w.Alert(k))
	}
	left := make([]int64, len(r.Goods))
	for i, g := range r.Goods {
		left[i] = g.Before
		for _, what := range []string{"used", "arrived", "short", "left"} {
			head = append(head, g.SKU+" "+w.Column(what))
		}
	}
	rows := [][]string{head}
	for _, d := range r.Days {
		row := []string{d.Date.String()}
		number := func(n int64) { row = append(row, strconv.FormatInt(n, 10)) }
		for _, c := range columns {
			number(c.figure(d.Figures))
		}
		for _, s := range States {
			number(int64(d.Due[s]))
		}
		for _, e := range events {
			number(int64(d.Mails[e]))
		}
		for _, k := range kinds {
			number(int64(d.Alerts[k]))
		}
		for i, g := range r.Goods {
			day := d.Goods[g.SKU]
			left[i] += day.Arrived - day.Used
			number(day.Used)
			number(day.Arrived)
			number(day.Short)
			number(left[i])
		}
		rows = append(rows, row)
	}
	return rows
}

func keys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
