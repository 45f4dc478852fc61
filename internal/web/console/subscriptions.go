package console

import (
	"net/http"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// subscriptionTabs are the cuts of the list of subscriptions; the empty one is all.
var subscriptionTabs = []subscription.State{
	subscription.StateActive, subscription.StatePaused, subscription.StateAwaitingPayment,
	subscription.StateCompleted, subscription.StateCancelled, "",
}

// Subscriptions lists the subscriptions in a state, the running ones unless
// another cut is asked for.
func (h *Handlers) Subscriptions(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.subscriptions"))
	if err != nil {
		return err
	}
	wanted := r.FormValue("state")
	state := subscription.State(wanted)
	switch wanted {
	case "":
		state = subscription.StateActive
	case "all":
		state = ""
	}
	p := SubscriptionsPage{Base: base}
	if p.Tabs, err = v.subscriptionTabs(state); err != nil {
		return err
	}
	list, err := db.SubscriptionList(v.ctx, v.db(), v.shop.ID, state, before(r), pageSize+1)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Next = following("/admin/subscriptions", list[pageSize-1].ID, "state", wanted)
	}
	if p.Rows, err = v.subscriptionRows(list); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "subscriptions", p)
}

func (v *visit) subscriptionTabs(current subscription.State) ([]Tab, error) {
	counts, err := db.CountSubscriptions(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return nil, err
	}
	all := 0
	for _, n := range counts {
		all += n
	}
	var tabs []Tab
	for _, state := range subscriptionTabs {
		tab := Tab{Text: v.words.T("console.tab.all"), Path: "/admin/subscriptions?state=all", Count: v.number(all), Current: state == current}
		if state != "" {
			tab.Text, tab.Count = v.words.T("state.subscription."+string(state)), v.number(counts[state])
			tab.Path = "/admin/subscriptions?state=" + string(state)
		}
		tabs = append(tabs, tab)
	}
	return tabs, nil
}

// subscriptionRows words subscriptions with their next boxes.
func (v *visit) subscriptionRows(list []subscription.Subscription) ([]SubscriptionRow, error) {
	var ids, customerIDs, variantIDs []ident.ID
	for _, s := range list {
		ids, customerIDs = append(ids, s.ID), append(customerIDs, s.CustomerID)
		for _, item := range s.Items {
			variantIDs = append(variantIDs, item.VariantID)
		}
	}
	customers, err := db.CustomersByIDs(v.ctx, v.db(), v.shop.ID, customerIDs)
	if err != nil {
		return nil, err
	}
	products, err := db.VariantsByIDs(v.ctx, v.db(), v.shop.ID, variantIDs)
	if err != nil {
		return nil, err
	}
	open, err := db.OpenDeliveries(v.ctx, v.db(), v.shop.ID, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]SubscriptionRow, len(list))
	for i, s := range list {
		name := customers[s.CustomerID].Name
		rows[i] = SubscriptionRow{
			Number: s.Number, Path: subscriptionPath(s.Number), Customer: v.words.Name(name), Kana: kana(name),
			More: max(len(s.Items)-1, 0), Cycle: v.words.Cycle(s.Cycle), PaidBy: v.pays(s.Pays), State: v.subscriptionTag(s.State),
		}
		for n, item := range s.Items {
			rows[i].Quantity += item.Quantity
			product, known := products[item.VariantID]
			if n > 0 || !known {
				continue
			}
			variant, _ := product.Variant(item.VariantID)
			rows[i].Goods, _ = v.goods(product)
			rows[i].Option = product.OptionText(variant, string(v.words.Lang()))
		}
		if next := open[s.ID]; len(next) > 0 {
			total := money.Of(next[0].Quoted, s.Currency)
			rows[i].Box, rows[i].Date, rows[i].Total = s.BoxOf(0), next[0].Date, &total
			rows[i].Deadline = next[0].DeadlineDate
		}
	}
	return rows, nil
}
