package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// wayChanges are the ways out that are changes of the subscription, with a page of
// their own.
var wayChanges = map[alert.Way]Change{
	alert.WayCOD: ChangeCOD, alert.WayTakeBack: ChangeTakeBack, alert.WaySkip: ChangeSkip, alert.WayCancel: ChangeCancel,
	alert.WayTakeOver: ChangeTakeOver, alert.WayElsewhere: ChangeElsewhere,
}

// ways words the ways out of an alert that hold now.
func (v *visit) ways(a alert.Alert, facts alertFacts, back string) []AlertWay {
	if !v.mayAct() {
		return nil
	}
	var list []AlertWay
	for _, w := range a.Kind.Ways() {
		way := AlertWay{Text: v.words.T("console.way." + string(w)), Path: "/admin/alerts/" + a.ID.String() + "/" + string(w)}
		asks := addressOf(way.Path, "return", back)
		switch w {
		case alert.WayDone:
			way.Post, way.Done = true, true
		case alert.WayRetry:
			if a.Args["Class"] == string(payment.DeclineNever) {
				continue // never this card again
			}
			if way.Post = !a.Kind.Moves(); !way.Post {
				way.Path = asks
			}
			if key := "console.way.retry." + string(a.Kind); v.words.Has(key) {
				way.Text = v.words.T(key)
			}
		case alert.WayLink:
			way.Path = asks
		default:
			s, known := facts.subscriptions[a.SubscriptionID]
			if !known {
				s, known = facts.subscriptions[facts.orders[a.OrderID].SubscriptionID]
			}
			slot := facts.slots[a.SubjectID]
			if slot == 0 {
				slot = facts.slots[a.OrderID]
			}
			if !known || !wayHolds(w, s, slot) {
				continue
			}
			way.Path = changePath(s.Number, wayChanges[w], slotField(slot), Hidden{"return", back})
		}
		list = append(list, way)
	}
	return list
}

// wayHolds reports whether a change can be meant for a subscription; its page says
// more.
func wayHolds(w alert.Way, s subscription.Subscription, slot int) bool {
	switch w {
	case alert.WayCancel:
		return s.State == subscription.StateActive || s.State == subscription.StatePaused
	case alert.WayCOD:
		return s.State == subscription.StateActive && s.Pays == string(pricing.MethodCard)
	default:
		return s.State == subscription.StateActive && slot > 0
	}
}

// alertOf reads the open alert of a request with its words.
func (v *visit) alertOf(r *http.Request) (alert.Alert, Alert, alertFacts, error) {
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return alert.Alert{}, Alert{}, alertFacts{}, fault.New(fault.NotFound, "fault.not_found")
	}
	a, err := db.Alert(v.ctx, v.db(), v.shop.ID, id)
	if err != nil {
		return a, Alert{}, alertFacts{}, missing(err)
	}
	facts, err := v.alertFacts([]alert.Alert{a})
	if err != nil {
		return a, Alert{}, facts, err
	}
	return a, v.alert(a, facts, ""), facts, nil
}

// AskRetry shows what trying again does.
func (h *Handlers) AskRetry(w http.ResponseWriter, r *http.Request) error {
	return h.askWay(w, r, alert.WayRetry)
}

// AskLink shows the link that pays an order, and to whom it is mailed.
func (h *Handlers) AskLink(w http.ResponseWriter, r *http.Request) error {
	return h.askWay(w, r, alert.WayLink)
}

func (h *Handlers) askWay(w http.ResponseWriter, r *http.Request, way alert.Way) error {
	v := h.enter(r)
	a, worded, facts, err := v.alertOf(r)
	if err != nil {
		return err
	}
	back := redirect.Local(r.FormValue("return"), "/admin/alerts")
	if !a.ResolvedAt.IsZero() || !a.Kind.Has(way) {
		session.AddFlash(v.ctx, "error", v.words.T("fault.alert.solved"))
		return redirect.To(w, r, back)
	}
	title := v.words.T("console.way." + string(way))
	base, err := v.base(r, title)
	if err != nil {
		return err
	}
	p := AlertPage{
		Base: base, Alert: worded, Action: "/admin/alerts/" + a.ID.String() + "/" + string(way), Back: back, Mailed: true,
		Hidden: []Hidden{{"return", back}}, Button: v.words.T("console.way." + string(way) + ".button"),
	}
	ask := v.askRetry
	if way == alert.WayLink {
		ask = v.askLink
	}
	if err := ask(a, facts, &p); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "alert", p)
}

// askRetry says who is charged what, or what is looked at again.
func (v *visit) askRetry(a alert.Alert, facts alertFacts, p *AlertPage) error {
	p.Hidden = append(p.Hidden, Hidden{"version", strconv.FormatInt(a.Version, 10)})
	o, charges := facts.orders[a.OrderID]
	if !charges {
		p.Text = v.words.T("console.way.retry.order")
		return nil
	}
	p.Text = v.words.T("console.way.retry.charge", "Total", *p.Alert.Amount)
	if a.Kind == alert.KindPaymentUnclear {
		p.Text = v.words.T("console.way.retry.look")
	}
	return v.paymentFacts(o, p)
}

// paymentFacts are the order, its card, and when the engine would try by itself.
func (v *visit) paymentFacts(o order.Order, p *AlertPage) error {
	t := v.words.T
	p.Facts = []Fact{{Label: t("console.col.order"), Text: o.Number}, {Label: t("console.total"), Text: v.words.Money(*p.Alert.Amount)}}
	payments, err := db.PaymentsOfOrders(v.ctx, v.db(), v.shop.ID, []ident.ID{o.ID})
	if err != nil {
		return err
	}
	for _, pay := range payments {
		if pay.Kind != payment.KindMain || pay.State == payment.StateVoid {
			continue
		}
		cards, err := db.CardsByIDs(v.ctx, v.db(), v.shop.ID, []ident.ID{pay.CardID})
		if err != nil {
			return err
		}
		if card, known := cards[pay.CardID]; known {
			p.Facts = append(p.Facts, Fact{Label: t("console.col.card"), Text: v.cardWithExpiry(card)})
		}
		p.Facts = append(p.Facts, Fact{Label: t("console.way.failures"), Text: v.words.Plural("console.way.failures.times", pay.Failures)})
		if pay.State == payment.StateDue && !pay.NextAt.IsZero() {
			p.Facts = append(p.Facts, Fact{Label: t("console.way.next"), Text: v.when(pay.NextAt)})
		}
	}
	return nil
}

// askLink shows the link, to mail or to pass on.
func (v *visit) askLink(a alert.Alert, facts alertFacts, p *AlertPage) error {
	o, known := facts.orders[a.OrderID]
	if !known {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := v.paymentFacts(o, p); err != nil {
		return err
	}
	p.Hidden = append(p.Hidden, Hidden{"request", v.h.Flow.NewID().String()})
	p.Link = v.h.Flow.PayLink(v.shop, o.Lang, o.ID)
	to := facts.customers[o.CustomerID].Mail
	p.Mailed = to != ""
	p.Text = v.words.T("console.way.link.text", "Mail", to)
	if to == "" {
		p.Text = v.words.T("fault.alert.no_mail")
	}
	return nil
}

// RetryAlert tries again what an alert is about.
func (h *Handlers) RetryAlert(w http.ResponseWriter, r *http.Request) error {
	return h.solve(w, r, h.Flow.RetryAlert, "console.alert.retried")
}

// ResolveAlert is a person saying that the matter is dealt with.
func (h *Handlers) ResolveAlert(w http.ResponseWriter, r *http.Request) error {
	return h.solve(w, r, h.Flow.ResolveAlert, "console.alert.resolved")
}

// SendLink mails the customer the link that pays the order of an alert.
func (h *Handlers) SendLink(w http.ResponseWriter, r *http.Request) error {
	request, err := ident.Parse(r.PostFormValue("request"))
	if err != nil {
		request = h.Flow.NewID() // a form of our own always has one
	}
	send := func(ctx context.Context, storeID int64, actor audit.Actor, id ident.ID, _ int64) error {
		return h.Flow.SendPayLink(ctx, storeID, actor, id, request)
	}
	return h.solve(w, r, send, "console.way.link.sent")
}

// solve does something about an alert and goes back to the page that its button
// stood on. That it could not be done is said there too.
func (h *Handlers) solve(w http.ResponseWriter, r *http.Request,
	do func(context.Context, int64, audit.Actor, ident.ID, int64) error, done string,
) error {
	v := h.enter(r)
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		version = 0 // that of no alert
	}
	err = do(v.ctx, v.shop.ID, reqctx.Actor(v.ctx), id, version)
	switch faults := fault.All(err); {
	case err == nil:
		session.AddFlash(v.ctx, "ok", v.words.T(done))
		if h.Wake != nil {
			h.Wake()
		}
	case len(faults) > 0 && faults[0].Code == fault.Conflict:
		session.AddFlash(v.ctx, "error", v.words.Fault(faults[0]))
	default:
		return err
	}
	return redirect.To(w, r, redirect.Local(r.PostFormValue("return"), "/admin/alerts"))
}
