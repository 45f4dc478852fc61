package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
)

// searched bounds what a search shows: customers, and orders and subscriptions of
// all of them together.
const (
	searchedCustomers = 20
	searchedRows      = 100
)

// Search goes straight to the order or subscription of a number; anything else
// is looked for among the customers.
func (h *Handlers) Search(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	typed := strings.TrimSpace(r.FormValue("q"))
	if typed == "" {
		return redirect.To(w, r, "/admin")
	}
	number := strings.ToUpper(place.Fold(typed))
	if _, err := db.SubscriptionByNumber(v.ctx, v.db(), v.shop.ID, number); err == nil {
		return redirect.To(w, r, subscriptionPath(number))
	} else if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if _, err := db.OrderByNumber(v.ctx, v.db(), v.shop.ID, number); err == nil {
		return redirect.To(w, r, orderPath(number))
	} else if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	base, err := v.base(r, v.words.T("console.search.title", "Query", typed))
	if err != nil {
		return err
	}
	base.Search = typed
	p := SearchPage{Base: base}
	if p.Found, err = v.find(typed); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "search", p)
}

func (v *visit) find(typed string) ([]Found, error) {
	customers, err := db.FindCustomers(v.ctx, v.db(), v.shop.ID, typed, searchedCustomers)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.ID, len(customers))
	for i, c := range customers {
		ids[i] = c.ID
	}
	subscriptions, err := db.SubscriptionsOfCustomers(v.ctx, v.db(), v.shop.ID, ids, searchedRows)
	if err != nil {
		return nil, err
	}
	orders, err := db.OrdersOfCustomers(v.ctx, v.db(), v.shop.ID, ids, searchedRows)
	if err != nil {
		return nil, err
	}
	subscriptionRows, err := v.subscriptionRows(subscriptions, db.SubscriptionFilter{})
	if err != nil {
		return nil, err
	}
	orderRows, err := v.orderRows(orders)
	if err != nil {
		return nil, err
	}
	bySubscriber := group(subscriptions, subscriptionRows, func(s subscription.Subscription) ident.ID { return s.CustomerID })
	byBuyer := group(orders, orderRows, func(o order.Order) ident.ID { return o.CustomerID })
	found := make([]Found, len(customers))
	for i, c := range customers {
		found[i] = Found{Person: v.personOf(c), Subscriptions: bySubscriber[c.ID], Orders: byBuyer[c.ID]}
	}
	return found, nil
}

// group sorts the rows of things by whose they are.
func group[Thing, Row any](things []Thing, rows []Row, of func(Thing) ident.ID) map[ident.ID][]Row {
	groups := map[ident.ID][]Row{}
	for i, t := range things {
		groups[of(t)] = append(groups[of(t)], rows[i])
	}
	return groups
}
