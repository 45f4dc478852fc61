package console

import (
	"context"
	"net/http"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

// Alerts lists what needs attention.
func (h *Handlers) Alerts(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.alerts.title"))
	if err != nil {
		return err
	}
	list, err := db.OpenAlerts(v.ctx, v.db(), v.shop.ID, before(r), pageSize+1)
	if err != nil {
		return err
	}
	p := AlertsPage{Base: base, Open: base.OpenAlerts}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Next = "/admin/alerts?before=" + list[pageSize-1].ID.String()
	}
	if p.Alerts, err = v.alerts(list, "/admin/alerts"); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "alerts", p)
}

// RetryAlert tries again what an alert is about.
func (h *Handlers) RetryAlert(w http.ResponseWriter, r *http.Request) error {
	return h.solve(w, r, h.Flow.RetryAlert, "console.alert.retried")
}

// ResolveAlert is a person saying that the matter is dealt with.
func (h *Handlers) ResolveAlert(w http.ResponseWriter, r *http.Request) error {
	return h.solve(w, r, h.Flow.ResolveAlert, "console.alert.resolved")
}

// solve does one of the two and goes back to the page that the button stood on.
// That it could not be done is said there too.
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
		return fault.New(fault.Invalid, "fault.invalid")
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

// alertIcons by kind; the others show a warning.
var alertIcons = map[alert.Kind]string{
	alert.KindPaymentFailed: "card", alert.KindAuthentication: "lock", alert.KindPaymentUnclear: "search",
	alert.KindPaymentRefused: "card", alert.KindStockOut: "box", alert.KindProductEnded: "tag", alert.KindNoCard: "card",
	alert.KindNoZone: "truck", alert.KindMissed: "clock", alert.KindLateMoney: "yen", alert.KindMailRefused: "mail",
}

// alertFacts are what alerts are about, read in a fixed number of queries.
type alertFacts struct {
	orders        map[ident.ID]order.Order
	subscriptions map[ident.ID]subscription.Subscription
	customers     map[ident.ID]customer.Customer
}

// alerts words alerts for a page to come back to.
func (v *visit) alerts(list []alert.Alert, back string) ([]Alert, error) {
	facts, err := v.alertFacts(list)
	if err != nil {
		return nil, err
	}
	worded := make([]Alert, len(list))
	filled := false
	for i, a := range list {
		worded[i] = v.alert(a, facts, back)
		worded[i].First = worded[i].Retry && !filled
		filled = filled || worded[i].Retry
	}
	return worded, nil
}

func (v *visit) alertFacts(list []alert.Alert) (alertFacts, error) {
	f := alertFacts{orders: map[ident.ID]order.Order{}, subscriptions: map[ident.ID]subscription.Subscription{}}
	var orderIDs, subscriptionIDs, customerIDs []ident.ID
	for _, a := range list {
		if !a.OrderID.IsZero() {
			orderIDs = append(orderIDs, a.OrderID)
		}
		if !a.SubscriptionID.IsZero() {
			subscriptionIDs = append(subscriptionIDs, a.SubscriptionID)
		}
	}
	orders, err := db.OrdersByIDs(v.ctx, v.db(), v.shop.ID, orderIDs)
	if err != nil {
		return f, err
	}
	subscriptions, err := db.SubscriptionsByIDs(v.ctx, v.db(), v.shop.ID, subscriptionIDs)
	if err != nil {
		return f, err
	}
	for _, o := range orders {
		f.orders[o.ID] = o
		customerIDs = append(customerIDs, o.CustomerID)
	}
	for _, s := range subscriptions {
		f.subscriptions[s.ID] = s
		customerIDs = append(customerIDs, s.CustomerID)
	}
	f.customers, err = db.CustomersByIDs(v.ctx, v.db(), v.shop.ID, customerIDs)
	return f, err
}

func (v *visit) alert(a alert.Alert, facts alertFacts, back string) Alert {
	worded := Alert{
		ID: a.ID.String(), Version: a.Version, Icon: alertIcons[a.Kind], Tone: string(a.Kind.Severity()),
		Title: v.words.T("alert." + string(a.Kind) + ".title"), Advice: v.words.T("alert." + string(a.Kind) + ".advice"),
		When: v.when(a.At), Detail: v.alertDetail(a), Return: back,
		Retry: v.mayAct() && flow.Retryable(a.Kind), Resolve: v.mayAct(),
	}
	if worded.Icon == "" {
		worded.Icon = "warning"
	}
	var buyer ident.ID
	if o, ok := facts.orders[a.OrderID]; ok {
		amount := money.Of(o.Total, o.Currency)
		worded.Amount, worded.Path = &amount, orderPath(o.Number)
		worded.About, buyer = v.words.T("console.order.title", "Number", o.Number), o.CustomerID
	} else if s, ok := facts.subscriptions[a.SubscriptionID]; ok {
		worded.Path, worded.About, buyer = subscriptionPath(s.Number), s.Number, s.CustomerID
	}
	if c, ok := facts.customers[buyer]; ok {
		worded.About += " " + v.addressee(c)
	}
	return worded
}

// alertDetail is what an alert's arguments add: the date of the box, or why.
func (v *visit) alertDetail(a alert.Alert) string {
	text := func(name string) string {
		s, _ := a.Args[name].(string)
		return s
	}
	if date, err := calendar.ParseDate(text("Date")); err == nil {
		return v.words.DateShort(date)
	}
	if code := text("Code"); code != "" {
		if reason := v.decline(code); reason != "" {
			return reason
		}
		return code
	}
	return text("Reason")
}

func orderPath(number string) string { return "/admin/orders/" + number }

func subscriptionPath(number string) string { return "/admin/subscriptions/" + number }
