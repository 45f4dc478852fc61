package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
)

// letter is a mail with all it says.
type letter struct {
	row   db.Mail
	lang  i18n.Lang
	facts mail.Facts
	store mail.StoreFacts
	from  store.Mail
	// replyTo is who wrote to the shop, where the mail tells of that.
	replyTo mail.Address
}

// lettersData is what a set of mails speaks of, read in a fixed number of
// queries.
type lettersData struct {
	shop          Shop
	customers     map[ident.ID]customer.Customer
	orders        map[ident.ID]order.Order
	payments      map[ident.ID]payment.Payment // main payment by order
	cards         map[ident.ID]customer.Card
	subscriptions map[ident.ID]subscription.Subscription
	deliveries    map[ident.ID][]subscription.Delivery // the open ones
	started       map[ident.ID][]ident.ID              // subscriptions by the order that carries their first boxes
	conversations map[ident.ID]db.Conversation
}

func (f *Flow) loadLetters(ctx context.Context, shop Shop, ids []ident.ID) ([]letter, error) {
	rows, err := db.MailsByIDs(ctx, f.DB, shop.ID, ids)
	if err != nil {
		return nil, err
	}
	data, err := f.loadLettersData(ctx, shop, rows)
	if err != nil {
		return nil, err
	}
	letters := make([]letter, len(rows))
	for i, row := range rows {
		if letters[i], err = f.letter(row, data); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

func (f *Flow) loadLettersData(ctx context.Context, shop Shop, rows []db.Mail) (lettersData, error) {
	d, storeID := lettersData{shop: shop}, shop.ID
	var customerIDs, orderIDs, subscriptionIDs, conversationIDs, starting []ident.ID
	for _, r := range rows {
		// a note that cannot be read is refused where its mail is written
		if n, err := noteOf(r); err == nil && !n.Conversation.IsZero() {
			conversationIDs = append(conversationIDs, n.Conversation)
		}
		customerIDs = append(customerIDs, r.CustomerID)
		if !r.OrderID.IsZero() {
			orderIDs = append(orderIDs, r.OrderID)
		}
		if !r.SubscriptionID.IsZero() {
			subscriptionIDs = append(subscriptionIDs, r.SubscriptionID)
		}
		if mail.Event(r.Event) == mail.EventSubscriptionStart {
			starting = append(starting, r.OrderID)
		}
	}
	carried, err := db.DeliveriesOfOrders(ctx, f.DB, storeID, starting)
	if err != nil {
		return d, err
	}
	d.started = map[ident.ID][]ident.ID{}
	for orderID, list := range carried {
		for _, first := range list {
			d.started[orderID] = append(d.started[orderID], first.SubscriptionID)
			subscriptionIDs = append(subscriptionIDs, first.SubscriptionID)
		}
	}
	if d.customers, err = db.CustomersByIDs(ctx, f.DB, storeID, customerIDs); err != nil {
		return d, err
	}
	if d.orders, err = ordersByID(ctx, f.DB, storeID, orderIDs); err != nil {
		return d, err
	}
	payments, err := db.PaymentsOfOrders(ctx, f.DB, storeID, orderIDs)
	if err != nil {
		return d, err
	}
	d.payments = map[ident.ID]payment.Payment{}
	var cardIDs []ident.ID
	for _, p := range payments {
		if p.Kind == payment.KindMain && p.State != payment.StateVoid {
			d.payments[p.OrderID] = p
			if !p.CardID.IsZero() {
				cardIDs = append(cardIDs, p.CardID)
			}
		}
	}
	if d.cards, err = db.CardsByIDs(ctx, f.DB, storeID, cardIDs); err != nil {
		return d, err
	}
	subscriptions, err := db.SubscriptionsByIDs(ctx, f.DB, storeID, subscriptionIDs)
	if err != nil {
		return d, err
	}
	d.subscriptions = map[ident.ID]subscription.Subscription{}
	for _, s := range subscriptions {
		d.subscriptions[s.ID] = s
	}
	if d.conversations, err = db.ConversationsByIDs(ctx, f.DB, storeID, conversationIDs); err != nil {
		return d, err
	}
	d.deliveries, err = db.OpenDeliveries(ctx, f.DB, storeID, subscriptionIDs)
	return d, err
}

func (f *Flow) letter(row db.Mail, d lettersData) (letter, error) {
	n, err := noteOf(row)
	if err != nil {
		return letter{}, err
	}
	lang, known := i18n.Parse(row.Lang)
	if !known {
		lang = i18n.Ja
	}
	code, err := f.openCode(d.shop.ID, n.Code)
	if err != nil {
		return letter{}, fmt.Errorf("mail %s: %w", row.ID, err)
	}
	token, err := f.openLinkToken(d.shop.ID, n.Link)
	if err != nil {
		return letter{}, fmt.Errorf("mail %s: %w", row.ID, err)
	}
	facts := mail.Facts{
		Code:     code,
		Customer: d.customers[row.CustomerID].Name, Reason: n.Reason, DeliveryDate: n.Date,
		Links: mail.Links{MyPage: d.shop.Profile.BaseURL + lang.Prefix() + "/mypage"},
	}
	if code != "" {
		facts.Links.Code = d.shop.Profile.BaseURL + lang.Prefix() + "/login/code"
	}
	if token != "" {
		facts.Links.Password = d.shop.Profile.BaseURL + lang.Prefix() + "/password/" + token
	}
	if o, ok := d.orders[row.OrderID]; ok {
		orderFacts(&facts, o, d)
		if facts.Reason != "" {
			facts.Links.Pay = f.payLink(d.shop, row.Lang, o.ID)
		}
	}
	if s, ok := d.subscriptions[row.SubscriptionID]; ok {
		subscriptionFacts(&facts, s, d.deliveries[s.ID], n.Slot)
		facts.Started = startedFacts(d, row.OrderID)
	}
	profile := d.shop.Profile
	l := letter{
		row: row, lang: lang, facts: facts, from: d.shop.Mail,
		store: mail.StoreFacts{
			Name: profile.Name(row.Lang), LegalName: profile.LegalName, Address: profile.Address,
			Phone: profile.Phone, Hours: store.In(profile.PhoneHours, row.Lang), Mail: profile.Mail,
			Zone: d.shop.Location,
		},
	}
	if said, ok := d.conversations[n.Conversation]; ok {
		contactFacts(&l, said, d.shop)
	}
	return l, nil
}

// contactFacts are what somebody wrote to the shop.
func contactFacts(l *letter, said db.Conversation, shop Shop) {
	l.facts.Contact = &mail.Contact{Name: said.Name, Mail: said.Mail, Body: said.Body}
	l.facts.Links.Reply = "mailto:" + said.Mail
	l.facts.Links.Shop = shop.Profile.BaseURL + l.lang.Prefix() + "/"
	l.facts.Customer = place.Name{Family: said.Name}
	if mail.Event(l.row.Event) == mail.EventContactReceived {
		l.facts.Customer = place.Name{Family: shop.Profile.Name(l.row.Lang)}
		l.replyTo = mail.Address{Name: said.Name, Mail: said.Mail}
	}
}

func orderFacts(facts *mail.Facts, o order.Order, d lettersData) {
	amount := func(minor int64) money.Amount { return money.Of(minor, o.Currency) }
	facts.OrderNumber, facts.Box = o.Number, o.Box
	facts.Shipping, facts.Fee, facts.Total = amount(o.Shipping), amount(o.Fee), amount(o.Total)
	facts.TaxAdded = !d.shop.Tax.Inclusive
	facts.DeliveryDate, facts.ShippingDate, facts.TimeSlot = o.DeliveryDate, o.ShippingDate, o.TimeSlot
	facts.Address = &o.Address
	if method, ok := d.shop.Delivery.Method(o.ShippingMethod); ok {
		facts.ShippingMethod = method.Name(o.Lang)
	}
	for _, l := range o.Lines {
		facts.Lines = append(facts.Lines, mail.Line{
			Name: l.Name, Option: l.OptionText, Quantity: l.Quantity, Unit: amount(l.Unit), Amount: amount(l.Unit * l.Quantity),
			Reason: l.Reason, BasisPoints: l.BasisPoints,
		})
	}
	for _, step := range o.Breakdown.Steps {
		if step.Reason == string(pricing.ReasonCount) { // off the whole box, not off a piece
			facts.Adjustments = append(facts.Adjustments, mail.Adjustment{Key: step.Reason, Args: step.Args, Amount: amount(step.Amount)})
		}
	}
	for _, t := range o.Breakdown.Tax {
		facts.Tax = append(facts.Tax, mail.TaxSum{BasisPoints: t.BasisPoints, Amount: amount(t.Amount), Tax: amount(t.Tax)})
	}
	p := d.payments[o.ID]
	card := d.cards[p.CardID]
	facts.Payment = mail.Payment{Method: o.PaidBy, Brand: card.Brand, Last4: card.Last4, Paid: p.State == payment.StatePaid}
	if p.State == payment.StatePaid || o.PaidBy == string(pricing.MethodCOD) {
		return
	}
	facts.PayBy = payBy(o, d.shop)
}

// payBy is until when paying an open order still brings the box on its day: the
// end of the day before it ships.
func payBy(o order.Order, shop Shop) (t time.Time) {
	if o.ShippingDate == (calendar.Date{}) {
		return t
	}
	return o.ShippingDate.Start(shop.Location)
}

// subscriptionFacts are what a mail says of its subscription. slot is that of the
// delivery without an order that the mail is about, 0 where there is none.
func subscriptionFacts(facts *mail.Facts, s subscription.Subscription, open []subscription.Delivery, slot int) {
	facts.SubscriptionNumber, facts.Cycle, facts.Anchor = s.Number, s.Cycle, s.Anchor
	facts.Count, facts.Minimum = s.Count, s.Minimum
	facts.Coming = comingFacts(s, open)
	if facts.Box > 0 {
		return
	}
	facts.Box = s.BoxOf(0)
	for i, d := range open {
		if d.Slot == slot {
			facts.Box = s.BoxOf(i)
		}
	}
}

// comingFacts are the planned deliveries. One that waits keeps its place and its
// number before them, as on my page: it may still be ordered.
func comingFacts(s subscription.Subscription, open []subscription.Delivery) []mail.Coming {
	var list []mail.Coming
	for before, d := range open {
		if d.State == subscription.DeliveryPlanned {
			list = append(list, mail.Coming{
				Box: s.BoxOf(before), Date: d.Date, Total: money.Of(d.Quoted, s.Currency), Deadline: d.Deadline,
			})
		}
	}
	return list
}

// startedFacts are the subscriptions that an order starts, in the order of their
// numbers. Their goods are called as the order calls them.
func startedFacts(d lettersData, orderID ident.ID) []mail.Started {
	var list []mail.Started
	for _, id := range d.started[orderID] {
		s, known := d.subscriptions[id]
		if !known {
			continue
		}
		list = append(list, mail.Started{
			Name: goodsOf(s, d.orders[orderID]), SubscriptionNumber: s.Number, Cycle: s.Cycle, Anchor: s.Anchor,
			Count: s.Count, Minimum: s.Minimum, Coming: comingFacts(s, d.deliveries[id]),
		})
	}
	slices.SortFunc(list, func(a, b mail.Started) int { return strings.Compare(a.SubscriptionNumber, b.SubscriptionNumber) })
	return list
}

// goodsOf names the goods of a subscription as an order that carries its box does.
func goodsOf(s subscription.Subscription, o order.Order) string {
	var names []string
	for _, item := range s.Items {
		for _, l := range o.Lines {
			if l.VariantID != item.VariantID {
				continue
			}
			if name := strings.TrimSpace(l.Name + " " + l.OptionText); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}
