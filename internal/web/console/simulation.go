package console

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

const simulationsPath = "/admin/simulations"

func simulationPath(id ident.ID) string { return simulationsPath + "/" + id.String() }

// usualDays is how long a simulation is that nobody has thought about.
const usualDays = 90

// Simulations shows the form with the usual answers, and earlier simulations.
func (h *Handlers) Simulations(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	percent := func(basisPoints int) page.Field {
		return page.Field{Value: strconv.FormatFloat(float64(basisPoints)/100, 'f', -1, 64)}
	}
	usual := simulation.UsualCards
	return v.showSimulations(w, r, http.StatusOK, SimulationsPage{
		From: page.Field{Value: v.today().String()}, To: page.Field{Value: v.today().AddDays(usualDays - 1).String()},
		Declined: percent(usual.Declined), Authentication: percent(usual.Authentication), Missing: percent(usual.Missing),
	})
}

func (v *visit) showSimulations(w http.ResponseWriter, r *http.Request, status int, p SimulationsPage) (err error) {
	wrong := p.Errors
	if p.Base, err = v.base(r, v.words.T("simulation.title")); err != nil {
		return err
	}
	p.Errors = wrong
	p.Today, p.MayStart = v.today().String(), v.staff.Role.Includes(staff.RoleManager)
	list, err := db.Simulations(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Ended() {
			p.Running = simulationPath(s.ID)
		}
		p.Rows = append(p.Rows, SimulationRow{
			Path: simulationPath(s.ID), From: s.From, To: s.To, State: v.simulationTag(s.State), When: v.when(s.CreatedAt),
		})
	}
	return v.show(w, status, "simulations", p)
}

var simulationTones = map[db.SimulationState]string{
	db.SimulationWaiting: toneInfo, db.SimulationRunning: toneInfo, db.SimulationDone: toneOK, db.SimulationFailed: toneCrit,
}

func (v *visit) simulationTag(s db.SimulationState) Tag {
	return Tag{Text: v.words.T("simulation.state." + string(s)), Tone: simulationTones[s]}
}

// StartSimulation asks for a simulation and goes to its page, which tells how far
// it is. What was typed stays where it is refused.
func (h *Handlers) StartSimulation(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	p := SimulationsPage{}
	var faults fault.List
	in := flow.AskSimulation{StoreID: v.shop.ID, Actor: reqctx.Actor(v.ctx)}
	for _, f := range []struct {
		name  string
		field *page.Field
		date  *calendar.Date
		share *int
	}{
		{"from", &p.From, &in.From, nil},
		{"to", &p.To, &in.To, nil},
		{"declined", &p.Declined, nil, &in.Cards.Declined},
		{"authentication", &p.Authentication, nil, &in.Cards.Authentication},
		{"missing", &p.Missing, nil, &in.Cards.Missing},
	} {
		f.field.Value = strings.TrimSpace(r.PostFormValue(f.name))
		if f.date != nil {
			faults.Add(typedDate(f.name, f.field.Value, f.date))
		} else {
			faults.Add(typedShare(f.name, f.field.Value, f.share))
		}
	}
	if len(faults) == 0 {
		id, err := h.Flow.StartSimulation(v.ctx, in)
		if err == nil {
			return redirect.To(w, r, simulationPath(id))
		}
		if faults = fault.All(err); len(faults) == 0 {
			return err
		}
	}
	said := frame.FaultsOf(v.words, faults, nil, func(id string) string {
		if id == "" {
			return ""
		}
		return v.words.T("simulation.form." + id)
	})
	p.From.Error, p.To.Error = said.Error("from"), said.Error("to")
	p.Declined.Error, p.Authentication.Error, p.Missing.Error = said.Error("declined"), said.Error("authentication"), said.Error("missing")
	p.Errors = said.Summary()
	status := http.StatusUnprocessableEntity
	if said.Error("") != "" {
		status = http.StatusConflict
	}
	return v.showSimulations(w, r, status, p)
}

func typedDate(name, typed string, into *calendar.Date) *fault.Error {
	date, err := calendar.ParseDate(typed)
	if err != nil {
		return fault.Field(name, "simulation.fault.date")
	}
	*into = date
	return nil
}

// typedShare reads a percentage.
func typedShare(name, typed string, into *int) *fault.Error {
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(typed, "%")), 64)
	if err != nil || !(percent >= 0 && percent <= 100) { // not NaN either
		return fault.Field(name, "simulation.fault.share")
	}
	*into = int(math.Round(percent * 100))
	return nil
}

// StopSimulation ends a simulation that has not ended.
func (h *Handlers) StopSimulation(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	s, err := v.simulation(r)
	if err != nil {
		return err
	}
	if err := h.Flow.StopSimulation(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), s.ID); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return redirect.To(w, r, simulationPath(s.ID))
}

func (v *visit) simulation(r *http.Request) (db.Simulation, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return db.Simulation{}, fault.New(fault.NotFound, "fault.not_found")
	}
	s, err := db.SimulationByID(v.ctx, v.db(), v.shop.ID, id)
	if errors.Is(err, db.ErrNotFound) {
		return s, fault.New(fault.NotFound, "fault.not_found")
	}
	return s, err
}

// Simulation tells how far one is, or what came of it.
func (h *Handlers) Simulation(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	s, err := v.simulation(r)
	if err != nil {
		return err
	}
	base, err := v.base(r, v.words.T("simulation.title"))
	if err != nil {
		return err
	}
	p := SimulationPage{
		Base: base, From: s.From, To: s.To, State: v.simulationTag(s.State), Path: simulationPath(s.ID),
		Started: v.when(s.CreatedAt), MayStop: v.staff.Role.Includes(staff.RoleManager),
		Failed: s.State == db.SimulationFailed, Stopped: s.State == db.SimulationStopped,
		Assumed: v.words.T("simulation.assumption", "Declined", v.words.Percent(s.Cards.Declined),
			"Authentication", v.words.Percent(s.Cards.Authentication), "Missing", v.words.Percent(s.Cards.Missing)),
	}
	if !s.Ended() {
		p.Progress = v.simulationProgress(s)
	}
	if s.Result != nil {
		p.Result, p.Difference = v.simulationResult(*s.Result), s.Result.Differences
	}
	return v.show(w, http.StatusOK, "simulation", p)
}

func (v *visit) simulationProgress(s db.Simulation) *SimulationProgress {
	p := &SimulationProgress{Waiting: s.State == db.SimulationWaiting, Reached: s.Reached}
	if s.Reached.IsZero() {
		return p
	}
	begin := v.today() // what falls due before the first day passes, too
	if s.From.Before(begin) {
		begin = s.From
	}
	if days := begin.DaysUntil(s.To); days > 0 {
		p.Percent = min(max(begin.DaysUntil(s.Reached)*100/days, 0), 100)
	}
	return p
}

// SimulationCSV is a row a day, for spreadsheets: with the mark of UTF-8 that
// Excel asks for.
func (h *Handlers) SimulationCSV(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	s, err := v.simulation(r)
	if err != nil {
		return err
	}
	if s.Result == nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	var file bytes.Buffer
	file.WriteString("\ufeff")
	if err := csv.NewWriter(&file).WriteAll(s.Result.Table(v.words.Simulation())); err != nil {
		return fmt.Errorf("write a simulation as CSV: %w", err)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="simulation-%s-%s.csv"`, s.From, s.To))
	_, _ = w.Write(file.Bytes()) // the visitor may have left
	return nil
}

func (v *visit) simulationResult(r simulation.Result) *SimulationResult {
	all, names, t := r.Total(), v.words.Simulation(), v.words.T
	p := &SimulationResult{
		Figures: v.simulationFigures(r), Charts: v.simulationCharts(r),
		Months: SimulationTable{Title: t("simulation.part.by_month"), Head: names.Column("month")},
		Days:   SimulationTable{Title: t("simulation.part.by_day"), Head: names.Column("date")},
		Goods:  v.simulationGoods(r),
		Took:   t("simulation.took", "Seconds", strconv.FormatFloat(r.Seconds, 'f', 1, 64)),
	}
	for _, m := range r.Months() {
		p.Months.Rows = append(p.Months.Rows, v.figuresOf(v.words.Month(m.Date), m.Figures, r.Currency))
	}
	for _, d := range r.Days {
		p.Days.Rows = append(p.Days.Rows, v.figuresOf(v.words.DateShort(d.Date), d.Figures, r.Currency))
	}
	p.Months.Total = v.figuresOf(t("simulation.total"), all, r.Currency)
	p.Days.Total = p.Months.Total
	due := CountTable{ID: "due", Title: t("simulation.part.due")}
	for _, s := range simulation.States {
		due.Rows = append(due.Rows, Count{Text: names.State(s), Number: v.number(all.Due[s])})
	}
	p.Counts = []CountTable{
		due,
		{ID: "mails", Title: t("simulation.part.mails"), Rows: v.counts(all.Mails, names.Event)},
		{ID: "alerts", Title: t("simulation.part.alerts"), Rows: v.counts(all.Alerts, names.Alert)},
	}
	return p
}

// simulationGoods are the variants, those that run short first.
func (v *visit) simulationGoods(r simulation.Result) []SimulationGood {
	goods := slices.Clone(r.Goods)
	slices.SortStableFunc(goods, func(a, b simulation.Good) int { return cmp.Compare(b.Short, a.Short) })
	list := make([]SimulationGood, len(goods))
	for i, g := range goods {
		list[i] = SimulationGood{
			SKU: g.SKU, Name: g.Name, Before: v.words.Number(g.Before), Used: v.words.Number(g.Used), Arrived: v.words.Number(g.Arrived),
			After: v.words.Number(g.After), ShortFrom: g.ShortFrom, Line: stockLine(g, r.Days),
		}
		if g.Short > 0 {
			list[i].Short = v.words.Number(g.Short)
		}
	}
	return list
}

func (v *visit) figuresOf(name string, f simulation.Figures, currency money.Currency) SimulationFigures {
	return SimulationFigures{
		Name: name, Orders: v.number(f.Orders.Count), Total: v.words.Money(money.Of(f.Orders.Total, currency)),
		Paid: v.number(f.Paid.Count), COD: v.number(f.COD.Count), Declined: v.number(f.Declined),
		Authentication: v.number(f.Authentication), Retries: v.number(f.Retries), Mails: v.number(f.AllMails()),
		Alerts: v.number(f.AllAlerts()), Blocked: v.number(f.Due["blocked"]),
	}
}

// counts are the numbers of a map, the largest first.
func (v *visit) counts(of map[string]int, name func(string) string) []Count {
	keys := slices.Sorted(maps.Keys(of))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(of[b], of[a]) })
	list := make([]Count, len(keys))
	for i, key := range keys {
		list[i] = Count{Text: name(key), Number: v.number(of[key])}
	}
	return list
}

// simulationFigures are what an owner asks first.
func (v *visit) simulationFigures(r simulation.Result) []Figure {
	all, t := r.Total(), v.words.T
	yen := func(minor int64) string { return v.words.Money(money.Of(minor, r.Currency)) }
	short := 0
	for _, g := range r.Goods {
		if g.Short > 0 {
			short++
		}
	}
	return []Figure{
		{Label: t("simulation.figure.sales"), Number: yen(all.Orders.Total), Note: t("simulation.figure.sales.note", "Count", v.items(all.Orders.Count))},
		{Label: t("simulation.figure.paid"), Number: yen(all.Paid.Total), Note: t("simulation.figure.paid.note", "Count", v.items(all.Paid.Count), "COD", v.items(all.COD.Count))},
		{Label: t("simulation.figure.refused"), Number: v.items(all.Declined + all.Authentication), Note: t("simulation.figure.refused.note", "Retries", v.items(all.Retries), "Alerts", v.items(all.AllAlerts()))},
		{Label: t("simulation.figure.short"), Number: v.items(short), Note: t("simulation.figure.short.note", "Mails", v.items(all.AllMails()))},
	}
}

// simulationCharts draw money, what became of the deadlines, and refusals.
func (v *visit) simulationCharts(r simulation.Result) []Chart {
	names := v.words.Simulation()
	yen := func(minor int64) string { return v.words.Money(money.Of(minor, r.Currency)) }
	number := v.words.Number
	due := func(states ...string) func(simulation.Figures) int64 {
		return func(f simulation.Figures) (n int64) {
			for _, s := range states {
				n += int64(f.Due[s])
			}
			return n
		}
	}
	charts := []struct {
		id    string
		value func(int64) string
		parts []chartSeries
	}{
		{"sales", yen, []chartSeries{
			{v.words.T("console.pays.card"), "card", func(f simulation.Figures) int64 { return f.Orders.Total - f.COD.Total }},
			{v.words.T("console.pays.cod"), "cod", func(f simulation.Figures) int64 { return f.COD.Total }},
		}},
		{"due", number, []chartSeries{
			{names.State("ordered"), "card", due("ordered", "shipped", "delivered")},
			{names.State("blocked"), "bad", due("blocked")},
			{v.words.T("simulation.chart.rest"), "cod", due("skipped", "held", "cancelled")},
		}},
		{"refused", number, []chartSeries{
			{names.Column("declined"), "bad", func(f simulation.Figures) int64 { return int64(f.Declined) }},
			{names.Column("authentication"), "cod", func(f simulation.Figures) int64 { return int64(f.Authentication) }},
		}},
		{"mails", number, []chartSeries{
			{names.Column("mails"), "card", func(f simulation.Figures) int64 { return int64(f.AllMails()) }},
		}},
	}
	list := make([]Chart, len(charts))
	for i, c := range charts {
		list[i] = v.chart(r.Days, c.value, c.parts...)
		list[i].ID, list[i].Title = c.id, v.words.T("simulation.chart."+c.id)
		list[i].Note = v.words.T("simulation.chart.by_day")
		if len(r.Days) > mostBars {
			list[i].Note = v.words.T("simulation.chart.by_week")
		}
		parts := make([]string, len(list[i].Keys))
		for n, k := range list[i].Keys {
			parts[n] = k.Text + " " + k.Value
		}
		list[i].Summary = v.words.T("simulation.chart.summary", "Title", list[i].Title, "Parts", strings.Join(parts, v.words.T("simulation.comma")))
	}
	return list
}
