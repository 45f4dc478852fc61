package console

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/mail"
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

// alertIcons by kind; the others show a warning.
var alertIcons = map[alert.Kind]string{
	alert.KindPaymentFailed: "card", alert.KindAuthentication: "lock", alert.KindPaymentUnclear: "search",
	alert.KindPaymentRefused: "card", alert.KindStockOut: "box", alert.KindProductEnded: "tag", alert.KindNoCard: "card",
	alert.KindNoZone: "truck", alert.KindMissed: "clock", alert.KindLateMoney: "yen", alert.KindMailRefused: "mail",
	alert.KindCardFailed: "card", alert.KindCutover: "swap", alert.KindStockSkipped: "box", alert.KindStockRest: "box",
	alert.KindPriceCard: "yen", alert.KindPriceNearby: "yen", alert.KindCODLimit: "yen",
}

// alertFacts are what alerts are about, read in a fixed number of queries.
type alertFacts struct {
	orders        map[ident.ID]order.Order
	subscriptions map[ident.ID]subscription.Subscription
	customers     map[ident.ID]customer.Customer
	slots         map[ident.ID]int // of the delivery, by its id and by its order's
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
		// one filled button a page: the first that solves something
		if !filled && len(worded[i].Ways) > 0 && !worded[i].Ways[0].Done {
			worded[i].Ways[0].Main, filled = true, true
		}
	}
	return worded, nil
}

func (v *visit) alertFacts(list []alert.Alert) (alertFacts, error) {
	f := alertFacts{orders: map[ident.ID]order.Order{}, subscriptions: map[ident.ID]subscription.Subscription{}}
	var orderIDs, subscriptionIDs, customerIDs, deliveryIDs []ident.ID
	for _, a := range list {
		if a.Noun == "delivery" {
			deliveryIDs = append(deliveryIDs, a.SubjectID)
		}
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
	if f.slots, err = db.SlotsOf(v.ctx, v.db(), v.shop.ID, deliveryIDs, orderIDs); err != nil {
		return f, err
	}
	f.customers, err = db.CustomersByIDs(v.ctx, v.db(), v.shop.ID, customerIDs)
	return f, err
}

func (v *visit) alert(a alert.Alert, facts alertFacts, back string) Alert {
	worded := Alert{
		ID: a.ID.String(), Version: a.Version, Icon: alertIcons[a.Kind], Tone: string(a.Kind.Severity()),
		Title: v.words.T("alert." + string(a.Kind) + ".title"), Advice: v.words.T("alert." + string(a.Kind) + ".advice"),
		When: v.when(a.At), Detail: v.alertDetail(a), Return: back, Ways: v.ways(a, facts, back),
	}
	if worded.Icon == "" {
		worded.Icon = "warning"
	}
	if a.Kind == alert.KindMailRefused {
		worded.Raw = worded.Detail
		worded.Detail, worded.Advice = v.mailTrouble(worded.Raw)
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
	for i := range worded.Ways {
		worded.Ways[i].About = worded.About
	}
	return worded
}

// mailTrouble says in staff's words what stands in a mail's way. What the mail
// server said, in English and in its own words, is for who runs it.
func (v *visit) mailTrouble(raw string) (said, advice string) {
	key := "alert.mail_trouble." + string(mail.TroubleIn(raw))
	return v.words.T(key), v.words.T(key + ".advice")
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
