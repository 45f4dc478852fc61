package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
)

const customersPath = "/admin/customers"

// customerRows bounds what the page of one customer shows of each kind.
const customerRows = 20

// Customers lists customers, all or those that were looked for.
func (h *Handlers) Customers(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	base, err := v.base(r, v.words.T("console.room.customers"))
	if err != nil {
		return err
	}
	p := CustomersPage{Base: base, Query: strings.TrimSpace(r.FormValue("q"))}
	way, err := strconv.Atoi(r.FormValue("way"))
	if err != nil {
		way = 0 // nonsense begins with the first
	}
	list, next, err := db.CustomerList(v.ctx, v.db(), v.shop.ID, db.CustomerFilter{
		Text: p.Query, After: db.CustomerKey{Way: way, ID: before(r)}, Limit: pageSize,
	})
	if err != nil {
		return err
	}
	if !next.IsZero() {
		p.Next = following(customersPath, next.ID, "q", p.Query, "way", strconv.Itoa(next.Way))
	}
	if p.BulkLinks, err = v.bulkLinks(); err != nil {
		return err
	}
	for _, c := range list {
		p.Rows = append(p.Rows, CustomerRow{
			Number: c.Number, Path: customerPath(c.ID), Name: v.words.Name(c.Name), Kana: kana(c.Name), Phone: c.Phone,
			Mail: c.Mail, Since: v.since(c),
		})
	}
	return v.show(w, http.StatusOK, "customers", p)
}

func customerPath(id ident.ID) string { return customersPath + "/" + id.String() }

func (v *visit) since(c customer.Customer) string {
	return v.words.DateYear(calendar.DateOf(c.CreatedAt.In(v.shop.Location)))
}

// Customer is one customer with addresses, subscriptions, orders, messages and
// what was done.
func (h *Handlers) Customer(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	id, err := ident.Parse(r.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	c, err := db.Customer(v.ctx, v.db(), v.shop.ID, id)
	if err != nil {
		return missing(err)
	}
	base, err := v.base(r, v.addressee(c))
	if err != nil {
		return err
	}
	p := CustomerPage{Base: base, Language: v.language(c)}
	if p.Person, err = v.person(c.ID, nil); err != nil {
		return err
	}
	p.Subtitle = v.words.T("console.customer.subtitle", "Number", c.Number, "Date", v.since(c), "Use", p.Use)
	p.Login, p.LoginNote = v.login(c)
	if c.Mail != "" && v.mayAct() {
		p.LinkPath = passwordLinkPath(c.ID)
	}
	for _, part := range []func(customer.Customer, *CustomerPage) error{v.customerWays, v.customerSales, v.customerHistory} {
		if err := part(c, &p); err != nil {
			return err
		}
	}
	return v.show(w, http.StatusOK, "customer", p)
}

// login says how a customer comes into my page.
func (v *visit) login(c customer.Customer) (Tag, string) {
	t := v.words.T
	switch {
	case c.HasLogin:
		return Tag{Text: t("console.customers.login.yes"), Tone: toneOK}, ""
	case c.Mail != "":
		return Tag{Text: t("console.customers.login.no"), Tone: toneInfo}, t("console.customers.login.code")
	default:
		return Tag{Text: t("console.customers.login.no"), Tone: toneWarn}, t("console.customers.login.none")
	}
}

// customerWays are where goods go and what pays them.
func (v *visit) customerWays(c customer.Customer, p *CustomerPage) error {
	addresses, err := db.AddressesOf(v.ctx, v.db(), v.shop.ID, c.ID)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		p.Addresses = append(p.Addresses, append([]string{v.words.Addressee(a.Address.Name)}, v.words.Address(a.Address)...))
	}
	cards, err := db.CardsOf(v.ctx, v.db(), v.shop.ID, c.ID)
	if err != nil {
		return err
	}
	for _, card := range cards {
		// one that was given at several checkouts is kept as often
		if text := v.cardWithExpiry(card); !slices.Contains(p.Cards, text) {
			p.Cards = append(p.Cards, text)
		}
	}
	return nil
}

// customerSales are the customer's subscriptions and orders.
func (v *visit) customerSales(c customer.Customer, p *CustomerPage) error {
	subscriptions, err := db.SubscriptionsOfCustomers(v.ctx, v.db(), v.shop.ID, []ident.ID{c.ID}, customerRows)
	if err != nil {
		return err
	}
	if p.Subscriptions, err = v.subscriptionRows(subscriptions, db.SubscriptionFilter{}); err != nil {
		return err
	}
	orders, err := db.OrdersOf(v.ctx, v.db(), v.shop.ID, c.ID, customerRows)
	if err != nil {
		return err
	}
	if len(orders) == customerRows {
		p.OrdersNote = v.words.T("console.customer.orders.latest", "Count", v.number(customerRows))
	}
	p.Orders, err = v.orderRows(orders)
	return err
}

// customerHistory is what the customer wrote and what was changed.
func (v *visit) customerHistory(c customer.Customer, p *CustomerPage) error {
	said, err := db.Conversations(v.ctx, v.db(), v.shop.ID, db.ConversationFilter{CustomerID: c.ID, Limit: customerRows})
	if err != nil {
		return err
	}
	p.Conversations = v.conversationRows(said)
	p.Audit, err = v.trail([]ident.ID{c.ID})
	return err
}

// ignoreMissing forgets that there is no such thing.
func ignoreMissing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
