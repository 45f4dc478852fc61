package simulate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/stock"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// The words that db.ChargesAnswered uses.
const (
	answerSucceeded      = "succeeded"
	answerAuthentication = "authentication"
	answerRetry          = "retry"
)

// collector puts what the copy's tables say under the days.
type collector struct {
	ctx    context.Context
	w      *World
	period db.Period
	zone   *time.Location
	result simulation.Result
	sku    map[ident.ID]string
}

// collect counts what happened in the period. before is the stock of its
// beginning.
func (w *World) collect(ctx context.Context, period db.Period, before []db.StockLine) (simulation.Result, error) {
	c := &collector{
		ctx: ctx, w: w, period: period, zone: w.shop.Location, sku: map[ident.ID]string{},
		result: simulation.Result{From: w.in.From, To: w.in.To, Currency: w.shop.Currency, Cards: w.in.Cards},
	}
	for day := w.in.From; !day.After(w.in.To); day = day.AddDays(1) {
		c.result.Days = append(c.result.Days, simulation.Day{Date: day})
	}
	for _, l := range before {
		c.sku[l.VariantID] = l.SKU
	}
	for _, part := range []func() error{c.orders, c.charges, c.mails, c.alerts, c.due, c.stockFlows, c.shortages} {
		if err := part(); err != nil {
			return simulation.Result{}, err
		}
	}
	if err := c.goods(before); err != nil {
		return simulation.Result{}, err
	}
	return c.result, c.compare()
}

// day is the figures of the day that an instant falls on.
func (c *collector) day(at time.Time) *simulation.Day {
	n := c.w.in.From.DaysUntil(calendar.DateOf(at.In(c.zone)))
	return &c.result.Days[min(max(n, 0), len(c.result.Days)-1)]
}

func (c *collector) orders() error {
	list, err := db.OrdersMade(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, h := range list {
		d, made := c.day(h.At), simulation.Sum{Count: h.Count, Total: h.Sum}
		d.Orders.Add(made)
		if h.What == string(order.SourceRenewal) {
			d.Renewals.Add(made)
		}
		if h.Detail == string(pricing.MethodCOD) {
			d.COD.Add(made)
		}
	}
	return err
}

func (c *collector) charges() error {
	list, err := db.ChargesAnswered(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, h := range list {
		d := c.day(h.At)
		if h.Detail == answerRetry {
			d.Retries += h.Count
		}
		switch h.What {
		case answerSucceeded:
			d.Paid.Add(simulation.Sum{Count: h.Count, Total: h.Sum})
			if h.Detail == answerRetry {
				d.Recovered.Add(simulation.Sum{Count: h.Count, Total: h.Sum})
			}
		case answerAuthentication:
			d.Authentication += h.Count
		default:
			d.Declined += h.Count
		}
	}
	return err
}

func (c *collector) mails() error {
	list, err := db.MailsWritten(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, h := range list {
		simulation.Count(&c.day(h.At).Mails, h.What, h.Count)
	}
	return err
}

func (c *collector) alerts() error {
	list, err := db.AlertsRaised(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, h := range list {
		simulation.Count(&c.day(h.At).Alerts, h.What, h.Count)
	}
	return err
}

func (c *collector) due() error {
	list, err := db.DueTerms(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, h := range list {
		simulation.Count(&c.day(h.At).Due, h.What, h.Count)
	}
	return err
}

func (c *collector) good(at time.Time, variant ident.ID, change func(*simulation.GoodDay)) {
	d := c.day(at)
	if d.Goods == nil {
		d.Goods = map[string]simulation.GoodDay{}
	}
	g := d.Goods[c.sku[variant]]
	change(&g)
	d.Goods[c.sku[variant]] = g
}

func (c *collector) stockFlows() error {
	list, err := db.StockFlows(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, f := range list {
		c.good(f.At, f.VariantID, func(g *simulation.GoodDay) {
			g.Used += f.Reserved
			if f.Cause == string(stock.CauseArrive) {
				g.Arrived += f.OnHand
			}
		})
	}
	return err
}

func (c *collector) shortages() error {
	list, err := db.Shortages(c.ctx, c.w.DB, c.w.in.StoreID, c.period)
	for _, s := range list {
		c.good(s.At, s.VariantID, func(g *simulation.GoodDay) {
			g.Short += s.Pieces
			g.Boxes += s.Boxes
		})
	}
	return err
}

// goods sums the days by variant, and compares with what is on the shelf.
func (c *collector) goods(before []db.StockLine) error {
	after, err := db.StockList(c.ctx, c.w.DB, c.w.in.StoreID, string(i18n.Ja))
	if err != nil {
		return err
	}
	left := map[ident.ID]int64{}
	for _, l := range after {
		left[l.VariantID] = l.OnHand - l.Reserved
	}
	for _, l := range before {
		g := simulation.Good{SKU: l.SKU, Name: l.Name, Before: l.OnHand - l.Reserved, After: left[l.VariantID]}
		for _, d := range c.result.Days {
			day := d.Goods[l.SKU]
			g.Used += day.Used
			g.Arrived += day.Arrived
			g.Short += day.Short
			g.Boxes += day.Boxes
			if day.Boxes > 0 && g.ShortFrom.IsZero() {
				g.ShortFrom = d.Date
			}
		}
		if g.After != g.Before-g.Used+g.Arrived {
			c.differ("%s: %d pieces were free, %d used and %d came, %d are left", l.SKU, g.Before, g.Used, g.Arrived, g.After)
		}
		c.result.Goods = append(c.result.Goods, g)
	}
	return nil
}

// compare holds what the shop believes against the gateway's own book.
func (c *collector) compare() error {
	book, err := c.w.gateway.counts(c.ctx)
	if err != nil {
		return err
	}
	took := book.Sums[strings.ToLower(string(c.w.shop.Currency))]
	begun, err := db.ChargesAnswered(c.ctx, c.w.DB, c.w.in.StoreID, db.Period{From: c.w.began, Until: c.period.Until})
	if err != nil {
		return err
	}
	paid := 0
	for _, h := range begun {
		if h.What == answerSucceeded {
			paid += h.Count
		}
	}
	if paid != took.Succeeded {
		c.differ("%d charges went through by the shop's book, %d by the gateway's", paid, took.Succeeded)
	}
	if n := book.Counts.IntentsChargedTwice; n > 0 {
		c.differ("the gateway charged %d intents twice", n)
	}
	return nil
}

func (c *collector) differ(format string, args ...any) {
	c.result.Differences = append(c.result.Differences, fmt.Sprintf(format, args...))
}
