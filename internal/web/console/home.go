package console

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// What the home page shows of longer lists, and how far it looks ahead.
const (
	homeAlerts   = 4
	homeOrders   = 8
	homeDays     = 7
	movesDays    = 30 // who came and went
	homeProducts = 5
)

// Home is what a working day begins with.
func (h *Handlers) Home(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.home"))
	if err != nil {
		return err
	}
	p := HomePage{Base: base, by: r.FormValue("by")}
	for _, part := range []func(*HomePage) error{v.homeAlerts, v.homeFigures, v.homeForecast, v.homeToday, v.homeOrders} {
		if err := part(&p); err != nil {
			return err
		}
	}
	return v.show(w, http.StatusOK, "home", p)
}

func (v *visit) homeAlerts(p *HomePage) error {
	list, err := db.OpenAlerts(v.ctx, v.db(), v.shop.ID, ident.ID{}, homeAlerts)
	if err != nil {
		return err
	}
	p.Open = p.OpenAlerts
	p.Alerts, err = v.alerts(list, "/admin")
	return err
}

func (v *visit) homeFigures(p *HomePage) error {
	running, err := db.CountSubscriptions(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return err
	}
	orders, err := db.CountOrders(v.ctx, v.db(), v.shop.ID, []order.PaymentState{order.PaymentFailing, order.PaymentAwaiting})
	if err != nil {
		return err
	}
	moves, err := db.MovesSince(v.ctx, v.db(), v.shop.ID, v.now.AddDate(0, 0, -movesDays))
	if err != nil {
		return err
	}
	mails, err := db.CountWaitingMails(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return err
	}
	t := v.words.T
	answered := t("console.figure.conversations.none")
	if p.Unanswered > 0 {
		answered = t("console.figure.conversations.some")
	}
	p.Figures = []Figure{
		{
			Label: t("console.figure.active"), Number: v.items(running[subscription.StateActive]),
			Note: t("console.figure.paused", "Count", v.number(running[subscription.StatePaused])), Path: "/admin/subscriptions?state=active",
		},
		{
			Label: t("console.figure.moves"), Number: v.items(moves.Began),
			Note: t("console.figure.moves.note", "Count", v.number(moves.Cancelled)),
		},
		{
			Label: t("console.figure.unpaid"), Number: v.items(orders[order.PaymentFailing]),
			Note: t("console.figure.awaiting", "Count", v.number(orders[order.PaymentAwaiting])), Path: "/admin/orders?payment=failing",
		},
		{
			Label: t("console.figure.conversations"), Number: v.items(p.Unanswered), Note: answered, Path: conversationsPath,
		},
	}
	if mails > 0 {
		p.Mails = t("console.home.mails", "Count", v.number(mails))
	}
	return nil
}

// homeForecast is what boxes bring, and how many arrive on the next days: one read
// for both.
func (v *visit) homeForecast(p *HomePage) error {
	by, today := forecastOf(p.by), v.today()
	from, until := by.dates(today)
	days, err := db.DeliveriesByDay(v.ctx, v.db(), v.shop.ID, from, until)
	if err != nil {
		return err
	}
	v.homeDays(p, days)
	p.Forecast = v.forecast(by, days)
	return nil
}

// homeDays puts the sums of the next days into the page, empty days too.
func (v *visit) homeDays(p *HomePage, sums []db.DayTotal) {
	today, most := v.today(), 0
	p.Days = make([]DayLoad, homeDays)
	for i := range p.Days {
		p.Days[i] = DayLoad{Date: today.AddDays(i), Today: i == 0, Total: money.Of(0, v.shop.Currency)}
	}
	for _, s := range sums {
		i := today.DaysUntil(s.Date)
		if i < 0 || i >= homeDays {
			continue
		}
		p.Days[i].Count += s.Count
		p.Days[i].Total.Minor += s.Total
		most = max(most, p.Days[i].Count)
	}
	for i := range p.Days {
		if most > 0 {
			p.Days[i].Percent = p.Days[i].Count * 100 / most
		}
	}
}

func (v *visit) homeToday(p *HomePage) error {
	sums, err := db.NextDeadline(v.ctx, v.db(), v.shop.ID, v.now)
	if err != nil {
		return err
	}
	zero := money.Of(0, v.shop.Currency)
	p.Today = Today{Total: zero, CardTotal: zero, CODTotal: zero}
	loads := map[ident.ID]ProductLoad{}
	for _, s := range sums {
		p.Today.Deadline = s.Deadline.In(v.shop.Location)
		p.Today.Count += s.Count
		p.Today.Total.Minor += s.Total
		load := loads[s.ProductID]
		load.Count += s.Count
		load.Total = money.Of(load.Total.Minor+s.Total, v.shop.Currency)
		loads[s.ProductID] = load
		if s.Pays == string(pricing.MethodCOD) {
			p.Today.CODCount += s.Count
			p.Today.CODTotal.Minor += s.Total
			continue
		}
		p.Today.CardCount += s.Count
		p.Today.CardTotal.Minor += s.Total
	}
	return v.todayProducts(&p.Today, loads)
}

// todayProducts names the products of the next deadline, those of the most boxes
// first.
func (v *visit) todayProducts(today *Today, loads map[ident.ID]ProductLoad) error {
	ids := slices.SortedFunc(maps.Keys(loads), func(a, b ident.ID) int {
		return cmp.Or(loads[b].Count-loads[a].Count, bytes.Compare(a[:], b[:]))
	})
	ids = ids[:min(len(ids), homeProducts)]
	products, err := db.ProductsByIDs(v.ctx, v.db(), v.shop.ID, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		load := loads[id]
		load.Name, load.NameOf = v.goods(products[id])
		today.Products = append(today.Products, load)
	}
	return nil
}

func (v *visit) homeOrders(p *HomePage) error {
	list, err := db.OrderList(v.ctx, v.db(), v.shop.ID, db.OrderFilter{Limit: homeOrders})
	if err != nil {
		return err
	}
	p.Orders, err = v.orderRows(list)
	return err
}
