package console

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/db"
)

// orderTabs are the cuts of the list of orders; the empty one is all.
var orderTabs = []order.PaymentState{
	"", order.PaymentPaid, order.PaymentCOD, order.PaymentDue, order.PaymentFailing, order.PaymentUnknown,
	order.PaymentAwaiting, order.PaymentCancelled,
}

// Orders is the one list of orders.
func (h *Handlers) Orders(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.orders"))
	if err != nil {
		return err
	}
	query := queryOf(r, "payment", "source", "q", "from", "until")
	filter := v.orderFilter(r)
	p := OrdersPage{Base: base, Filter: v.orderSearch(r, filter)}
	for _, state := range orderTabs {
		tab := Tab{
			Text: v.words.T("console.tab.all"), Path: addressOf(ordersPath, append(query, "payment", string(state))...),
			Current: state == filter.Payment,
		}
		if state != "" {
			tab.Text = v.words.T("state.payment." + string(state))
		}
		p.Tabs = append(p.Tabs, tab)
	}
	list, err := db.OrderList(v.ctx, v.db(), v.shop.ID, filter)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		p.Next = following(ordersPath, list[pageSize-1].ID, query...)
	}
	if p.Rows, err = v.orderRows(list); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "orders", p)
}

const ordersPath = "/admin/orders"

// orderSources are where orders come from, as far as a list can be narrowed.
var orderSources = []order.Source{order.SourceShop, order.SourceRenewal}

// orderFilter reads the filter of the address; nonsense does not narrow the list.
func (v *visit) orderFilter(r *http.Request) db.OrderFilter {
	f := db.OrderFilter{
		Payment: order.PaymentState(r.FormValue("payment")), Source: order.Source(r.FormValue("source")),
		Text: strings.TrimSpace(r.FormValue("q")), Before: before(r), Limit: pageSize + 1,
	}
	if from := dateField(r, "from"); !from.IsZero() {
		f.From = from.Start(v.shop.Location)
	}
	if until := dateField(r, "until"); !until.IsZero() {
		f.Until = until.AddDays(1).Start(v.shop.Location)
	}
	return f
}

// orderSearch is the form of the filter.
func (v *visit) orderSearch(r *http.Request, f db.OrderFilter) OrderSearch {
	s := OrderSearch{
		Payment: string(f.Payment), Text: f.Text, Clear: addressOf(ordersPath, "payment", string(f.Payment)),
		Narrowed: f.Text != "" || f.Source != "" || !f.From.IsZero() || !f.Until.IsZero(),
	}
	if !f.From.IsZero() {
		s.From = dateField(r, "from").String()
	}
	if !f.Until.IsZero() {
		s.Until = dateField(r, "until").String()
	}
	for _, source := range orderSources {
		s.Sources = append(s.Sources, Choice{
			Value: string(source), Text: v.words.T("console.source." + string(source)), Chosen: source == f.Source,
		})
	}
	return s
}

// queryOf is what the address asks of a list, as pairs of name and value.
func queryOf(r *http.Request, names ...string) []string {
	var pairs []string
	for _, name := range names {
		if value := strings.TrimSpace(r.FormValue(name)); value != "" {
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}

// following is the path of a list's next page, with its filters as pairs.
func following(path string, last ident.ID, filters ...string) string {
	query := url.Values{"before": {last.String()}}
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" {
			query.Set(filters[i], filters[i+1])
		}
	}
	return path + "?" + query.Encode()
}

func (v *visit) orderRows(list []order.Order) ([]OrderRow, error) {
	ids := make([]ident.ID, len(list))
	for i, o := range list {
		ids[i] = o.CustomerID
	}
	customers, err := db.CustomersByIDs(v.ctx, v.db(), v.shop.ID, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]OrderRow, len(list))
	for i, o := range list {
		rows[i] = OrderRow{
			Number: o.Number, Path: orderPath(o.Number), When: v.when(o.PlacedAt),
			Customer: v.words.Name(customers[o.CustomerID].Name), Source: v.words.T("console.source." + string(o.Source)),
			PaidBy: v.pays(o.PaidBy), Delivery: o.DeliveryDate, Total: money.Of(o.Total, o.Currency),
			Payment: v.paymentTag(o.Payment), Fulfilment: v.fulfilmentTag(o.Fulfilment),
		}
		for n, l := range o.Lines {
			rows[i].Quantity += l.Quantity
			if n == 0 {
				rows[i].Goods = l.Name
			}
		}
		rows[i].More = max(len(o.Lines)-1, 0)
	}
	return rows, nil
}
