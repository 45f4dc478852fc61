package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
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

// subscriptionsPath is the list's own address; without a state it lists the
// running ones, with allStates in its place every one.
const (
	subscriptionsPath = "/admin/subscriptions"
	allStates         = "all"
)

// Subscriptions lists the subscriptions that a filter keeps, the running ones
// unless another cut is asked for. The filter stands in the address.
func (h *Handlers) Subscriptions(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.subscriptions"))
	if err != nil {
		return err
	}
	query := queryOf(r, "state", "q", "from", "until", "product", "trouble")
	filter := subscriptionFilter(r)
	p := SubscriptionsPage{Base: base}
	if p.Filter, err = v.subscriptionSearch(query, filter); err != nil {
		return err
	}
	today := v.today()
	sums, err := db.SumSubscriptions(v.ctx, v.db(), v.shop.ID, filter, today, today.AddDays(sumDays-1))
	if err != nil {
		return err
	}
	p.Tabs = v.subscriptionTabs(sums, filter.State, query)
	p.Sum = v.subscriptionSum(sums, filter)
	list, next, err := db.FindSubscriptions(v.ctx, v.db(), v.shop.ID, filter, subscriptionKey(r), pageSize)
	if err != nil {
		return err
	}
	if !next.IsZero() {
		p.Next = following(subscriptionsPath, next.ID, append(query, "after", afterField(next))...)
	}
	if p.Rows, err = v.subscriptionRows(list, filter); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "subscriptions", p)
}

// subscriptionFilter reads the filter; nonsense does not narrow the search.
func subscriptionFilter(r *http.Request) db.SubscriptionFilter {
	f := db.SubscriptionFilter{
		Text: r.FormValue("q"), Trouble: r.FormValue("trouble") != "",
		From: dateField(r, "from"), Until: dateField(r, "until"),
	}
	if id, err := ident.Parse(r.FormValue("product")); err == nil {
		f.ProductID = id
	}
	switch wanted := r.FormValue("state"); wanted {
	case "":
		f.State = subscription.StateActive
	case allStates:
	default:
		f.State = subscription.State(wanted)
	}
	return f
}

// dateField is the date of a form's field, zero where it is none.
func dateField(r *http.Request, name string) calendar.Date {
	date, err := calendar.ParseDate(r.FormValue(name))
	if err != nil {
		return calendar.Date{}
	}
	return date
}

// afterField is what of a key stands beside the id: the date, or the customer of a
// search as way.id.
func afterField(k db.SubscriptionKey) string {
	switch {
	case !k.Date.IsZero():
		return k.Date.String()
	case !k.Customer.IsZero():
		return strconv.Itoa(k.Customer.Way) + "." + k.Customer.ID.String()
	default:
		return ""
	}
}

// subscriptionKey is where the page of the list begins.
func subscriptionKey(r *http.Request) db.SubscriptionKey {
	key := db.SubscriptionKey{Date: dateField(r, "after"), ID: before(r)}
	way, id, _ := strings.Cut(r.FormValue("after"), ".")
	if customer, err := ident.Parse(id); err == nil {
		key.Customer.ID = customer
		key.Customer.Way, _ = strconv.Atoi(way) // nonsense begins with the first
	}
	return key
}

// subscriptionSearch is the form of the filter, with the products to choose from.
func (v *visit) subscriptionSearch(query []string, f db.SubscriptionFilter) (SubscriptionSearch, error) {
	products, err := db.Products(v.ctx, v.db(), v.shop.ID)
	if err != nil {
		return SubscriptionSearch{}, err
	}
	s := SubscriptionSearch{Text: strings.TrimSpace(f.Text), Trouble: f.Trouble}
	if !f.From.IsZero() {
		s.From = f.From.String()
	}
	if !f.Until.IsZero() {
		s.Until = f.Until.String()
	}
	for i := 0; i+1 < len(query); i += 2 {
		if query[i] == "state" {
			s.State = query[i+1]
			continue
		}
		s.Narrowed = true
	}
	s.Clear = addressOf(subscriptionsPath, "state", s.State)
	for _, p := range products {
		name, _ := v.goods(p)
		s.Products = append(s.Products, Choice{Value: p.ID.String(), Text: name, Chosen: p.ID == f.ProductID})
	}
	return s, nil
}

// addressOf is a path with a query of pairs; what is empty is left out.
func addressOf(path string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// subscriptionTabs count what the filter keeps in each state, where not too many.
func (v *visit) subscriptionTabs(sums db.SubscriptionSums, current subscription.State, query []string) []Tab {
	all := 0
	for _, s := range sums.ByState {
		all += s.Subscriptions
	}
	var tabs []Tab
	for _, state := range subscriptionTabs {
		tab := Tab{
			Text: v.words.T("console.tab.all"), Path: addressOf(subscriptionsPath, append(query, "state", allStates)...),
			Count: v.number(all), Current: state == current,
		}
		if state != "" {
			tab.Text, tab.Count = v.words.T("state.subscription."+string(state)), v.number(sums.ByState[state].Subscriptions)
			tab.Path = addressOf(subscriptionsPath, append(query, "state", string(state))...)
		}
		if sums.More {
			tab.Count = ""
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

// sumDays is how many days ahead boxes are summed, today the first, where the filter
// names no dates: as many as the home page's forecast.
const sumDays = 30

// subscriptionSum is the total of what the filter keeps.
func (v *visit) subscriptionSum(sums db.SubscriptionSums, f db.SubscriptionFilter) SubscriptionSum {
	var sum db.SubscriptionSum
	for state, s := range sums.ByState {
		if f.State == "" || state == f.State {
			sum.Subscriptions += s.Subscriptions
			sum.Boxes += s.Boxes
			sum.Expected += s.Expected
		}
	}
	expected := money.Of(sum.Expected, v.shop.Currency)
	out := SubscriptionSum{
		Subscriptions: v.items(sum.Subscriptions), Boxes: v.items(sum.Boxes), Expected: &expected,
		Note: v.words.T("console.sum.ahead", "Days", v.number(sumDays)),
	}
	if sums.More {
		out.Subscriptions = v.words.T("console.count.least", "Count", v.number(sum.Subscriptions))
	}
	if sums.Unsummed {
		out.Boxes, out.Expected, out.Note = "–", nil, v.words.T("console.sum.many")
		return out
	}
	from, until := v.words.DateShort(f.From), v.words.DateShort(f.Until)
	switch {
	case from != "" && until != "":
		out.Note = v.words.T("console.sum.between", "From", from, "Until", until)
	case from != "":
		out.Note = v.words.T("console.sum.from", "From", from)
	case until != "":
		out.Note = v.words.T("console.sum.until", "Until", until)
	}
	return out
}

// subscriptionRows words subscriptions with their next boxes, of the filter's
// dates where it has any.
func (v *visit) subscriptionRows(list []subscription.Subscription, f db.SubscriptionFilter) ([]SubscriptionRow, error) {
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
	trouble, err := db.SubscriptionsInTrouble(v.ctx, v.db(), v.shop.ID, ids)
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
		if trouble[s.ID] {
			rows[i].State = Tag{Text: v.words.T("console.subscriptions.trouble"), Tone: toneCrit}
		}
		for n, box := range open[s.ID] {
			if !f.From.IsZero() && box.Date.Before(f.From) || !f.Until.IsZero() && box.Date.After(f.Until) {
				continue
			}
			total := money.Of(box.Quoted, s.Currency)
			rows[i].Box, rows[i].Date, rows[i].Total = s.BoxOf(n), box.Date, &total
			rows[i].Deadline = box.DeadlineDate
			break
		}
	}
	return rows, nil
}
