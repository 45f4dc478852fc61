package console

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// What one page shows of a long-running subscription.
const (
	deliveriesShown = 24
	ordersShown     = 24
	monthsShown     = 2
)

// agreed is a subscription with all that its page speaks of.
type agreed struct {
	subscription.Subscription
	deliveries []subscription.Delivery // by slot
	orders     []order.Order           // the newest first
	products   map[ident.ID]catalog.Product
	address    customer.Address
	card       customer.Card
}

// Subscription is one subscription with all that happened to it.
func (h *Handlers) Subscription(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	s, err := v.agreed(r.PathValue("number"))
	if err != nil {
		return err
	}
	terms, applied, err := db.Terms(v.ctx, v.db(), v.shop.ID, s.ID)
	if err != nil {
		return missing(err)
	}
	base, err := v.base(r, s.Number)
	if err != nil {
		return err
	}
	p := SubscriptionPage{
		Base: base, Number: s.Number, State: v.subscriptionTag(s.State),
		Subtitle: v.words.T("console.subscription.subtitle", "Number", s.Number, "Cycle", v.words.Cycle(s.Cycle),
			"Date", v.words.DateYear(calendar.DateOf(applied.In(v.shop.Location))), "Count", v.number(s.BoxesOrdered)),
		Acts:       v.acts(s.Subscription, s.deliveries, s.product()),
		Deliveries: v.deliveries(s), Months: v.months(s), Agreement: v.agreement(s),
	}
	if _, _, ok := readTerms(terms); ok {
		p.TermsPath = subscriptionPath(s.Number) + "/terms"
	}
	if p.Next, err = v.nextBox(s); err != nil {
		return err
	}
	if p.Customer, err = v.person(s.CustomerID, v.words.Address(s.address.Address)); err != nil {
		return err
	}
	p.Name = v.words.T("console.subscription.title", "Name", p.Customer.Plain)
	if err := v.subscriptionHistory(s, &p); err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "subscription", p)
}

func (v *visit) agreed(number string) (agreed, error) {
	found, err := db.SubscriptionByNumber(v.ctx, v.db(), v.shop.ID, number)
	if err != nil {
		return agreed{}, missing(err)
	}
	s := agreed{Subscription: found}
	deliveries, err := db.Deliveries(v.ctx, v.db(), v.shop.ID, []ident.ID{s.ID})
	if err != nil {
		return s, err
	}
	s.deliveries = deliveries[s.ID]
	var orderIDs, variantIDs []ident.ID
	for _, d := range slices.Backward(s.deliveries) {
		if !d.OrderID.IsZero() && len(orderIDs) < ordersShown {
			orderIDs = append(orderIDs, d.OrderID)
		}
	}
	if s.orders, err = db.OrdersByIDs(v.ctx, v.db(), v.shop.ID, orderIDs); err != nil {
		return s, err
	}
	for _, item := range s.Items {
		variantIDs = append(variantIDs, item.VariantID)
	}
	if s.products, err = db.VariantsByIDs(v.ctx, v.db(), v.shop.ID, variantIDs); err != nil {
		return s, err
	}
	addresses, err := db.AddressesByIDs(v.ctx, v.db(), v.shop.ID, []ident.ID{s.AddressID})
	if err != nil {
		return s, err
	}
	s.address = addresses[s.AddressID]
	if s.CardID.IsZero() {
		return s, nil
	}
	cards, err := db.CardsByIDs(v.ctx, v.db(), v.shop.ID, []ident.ID{s.CardID})
	s.card = cards[s.CardID]
	return s, err
}

// product is the one whose plan rules the subscription, an empty one where it is
// gone.
func (s agreed) product() catalog.Product {
	for _, p := range s.products {
		if p.ID == s.ProductID {
			return p
		}
	}
	return catalog.Product{}
}

// next is the delivery that the engine orders next.
func (s agreed) next() (subscription.Delivery, bool) {
	for _, d := range s.deliveries {
		if d.State == subscription.DeliveryPlanned || d.State == subscription.DeliveryBlocked {
			return d, true
		}
	}
	return subscription.Delivery{}, false
}

// deliveries words the last deliveries, with the box numbers that planned ones
// would get.
func (v *visit) deliveries(s agreed) []Delivery {
	numbers := map[ident.ID]order.Order{}
	for _, o := range s.orders {
		numbers[o.ID] = o
	}
	next, _ := s.next()
	var list []Delivery
	ahead := 0
	for _, d := range s.deliveries {
		row := Delivery{
			N: d.Box, Date: d.Date, Total: money.Of(d.Quoted, s.Currency), Current: d.ID == next.ID,
			State: Tag{Text: v.words.T("state.delivery." + string(d.State)), Tone: deliveryTones[d.State]},
		}
		if d.Cause != subscription.CauseNone {
			row.Cause = v.words.T("state.cause." + string(d.Cause))
		}
		switch d.State {
		case subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld:
			row.N, row.Deadline = s.BoxOf(ahead), d.DeadlineDate
			ahead++
		default: // the box number is known, or there is none
		}
		if row.Current && d.State == subscription.DeliveryPlanned {
			row.State.Tone = toneInfo
		}
		if o, ok := numbers[d.OrderID]; ok {
			row.Order, row.OrderPath, row.Total = o.Number, orderPath(o.Number), money.Of(o.Total, o.Currency)
		}
		row.Acts = v.deliveryActs(s, d, numbers[d.OrderID])
		list = append(list, row)
	}
	return list[max(len(list)-deliveriesShown, 0):]
}

func (v *visit) months(s agreed) []page.Month {
	var marks []page.Mark
	today := v.today()
	for _, d := range s.deliveries {
		if d.State == subscription.DeliveryPlanned || !d.OrderID.IsZero() && !d.Date.Before(today) {
			marks = append(marks, page.Mark{Date: d.Date, Deadline: d.DeadlineDate})
		}
	}
	if len(marks) == 0 {
		return nil
	}
	first := today
	if marks[0].Date.After(first) && marks[0].Date.Month != first.Month {
		// a month without anything says nothing: begin where the deadline is
		if first = marks[0].Deadline; first.Before(today) {
			first = today
		}
	}
	return page.Months(first, marks, monthsShown)
}

func (v *visit) agreement(s agreed) []Fact {
	t := v.words.T
	count := t("console.agreement.count.free")
	switch {
	case s.Count > 0:
		count = t("console.agreement.count.fixed", "Count", v.number(s.Count), "Done", v.number(s.BoxesOrdered))
	case s.Minimum > 1:
		count = t("console.agreement.count.endless", "Minimum", v.number(s.Minimum))
	}
	facts := []Fact{
		{Label: t("console.agreement.cycle"), Text: v.words.CycleFrom(s.Cycle, s.Anchor)},
		{Label: t("console.agreement.count"), Text: count},
	}
	for _, item := range s.Items {
		name, _ := v.goods(s.products[item.VariantID])
		facts = append(facts, Fact{Label: t("console.agreement.price"), Text: t("console.agreement.price.item",
			"Name", name, "Price", money.Of(item.Agreed, s.Currency), "Quantity", strconv.FormatInt(item.Quantity, 10))})
	}
	pays := v.pays(s.Pays)
	if !s.card.ID.IsZero() {
		pays = v.cardWithExpiry(s.card)
	}
	shipping := v.words.Slot(s.TimeSlot)
	if method, ok := v.shop.Delivery.Method(s.ShippingMethod); ok {
		shipping = frame.Delivery(v.words, method, s.TimeSlot)
	}
	notice := t("console.agreement.notice.no")
	if s.DeadlineNotice {
		notice = t("console.agreement.notice.yes")
	}
	return append(facts, Fact{Label: t("console.agreement.pays"), Text: pays},
		Fact{Label: t("console.agreement.shipping"), Text: shipping},
		Fact{Label: t("console.agreement.notice"), Text: notice})
}

// nextBox is the coming delivery with its price, by the function that the engine
// prices it with; nil where none is coming.
func (v *visit) nextBox(s agreed) (*NextBox, error) {
	d, ok := s.next()
	if !ok || s.State != subscription.StateActive && s.State != subscription.StatePaused {
		return nil, nil
	}
	facts := map[ident.ID]renewal.VariantFacts{}
	for variant, p := range s.products {
		facts[variant] = renewal.VariantFacts{ProductID: p.ID, TaxClass: p.TaxClass, Status: p.Status}
	}
	priced, err := renewal.ShowDelivery(renewal.Input{
		Subscription: s.Subscription, Variants: facts, Address: s.address.Address, Settings: v.shop.Settings, Zone: v.shop.Location,
	}, d, s.BoxOf(0))
	if err != nil {
		return nil, fmt.Errorf("price the next box of %s: %w", s.Number, err)
	}
	box := &NextBox{
		N: s.BoxOf(0), Date: d.Date, Deadline: d.Deadline.In(v.shop.Location), Open: d.Deadline.After(v.now),
		Steps: frame.Reasons(v.words, priced), Total: priced.Amount(priced.Total), Charge: v.charge(s),
	}
	for _, t := range priced.Tax {
		box.Taxes = append(box.Taxes, v.taxFacts([]order.TaxSum{{BasisPoints: t.BasisPoints, Amount: t.Amount, Tax: t.Tax}}, priced.Currency)...)
	}
	for _, l := range priced.Lines {
		product := s.products[l.VariantID]
		variant, _ := product.Variant(l.VariantID)
		line := Line{
			Option: product.OptionText(variant, string(v.words.Lang())), SKU: variant.SKU,
			Unit: priced.Amount(l.Unit), UnitNote: v.unitNote(string(l.Reason), l.BasisPoints),
			Quantity: l.Quantity, Stock: v.words.Number(variant.Available), Short: variant.Available < l.Quantity, Total: priced.Amount(l.Total),
		}
		line.Name, line.NameOf = v.goods(product)
		box.Lines = append(box.Lines, line)
	}
	box.Steps = ofGoods(box.Steps, box.Lines)
	return box, nil
}

// charge says how the next box is paid.
func (v *visit) charge(s agreed) string {
	switch {
	case s.Pays == string(pricing.MethodCOD):
		return v.words.T("console.next.charge.cod")
	case s.card.ID.IsZero():
		return v.words.T("console.next.charge.none")
	default:
		return v.words.T("console.next.charge.card", "Card", v.card(s.card))
	}
}

func (v *visit) subscriptionHistory(s agreed, p *SubscriptionPage) error {
	list, err := db.OpenAlertsOf(v.ctx, v.db(), v.shop.ID, s.ID, ident.ID{})
	if err != nil {
		return err
	}
	if p.Alerts, err = v.alerts(list, subscriptionPath(s.Number)); err != nil {
		return err
	}
	nouns := []ident.ID{s.ID}
	orderIDs := make([]ident.ID, len(s.orders))
	for i, o := range s.orders {
		orderIDs[i] = o.ID
	}
	for _, d := range s.deliveries {
		nouns = append(nouns, d.ID)
	}
	if p.Audit, err = v.trail(append(nouns, orderIDs...)); err != nil {
		return err
	}
	payments, err := db.PaymentsOfOrders(v.ctx, v.db(), v.shop.ID, orderIDs)
	if err != nil {
		return err
	}
	if p.Attempts, err = v.attempts(s.CustomerID, s.orders, payments); err != nil {
		return err
	}
	mails, err := db.MailsOfSubscription(v.ctx, v.db(), v.shop.ID, s.ID, mailsLength)
	if err != nil {
		return err
	}
	p.Mails = v.mails(mails)
	return nil
}

// Terms shows the final confirmation as the customer saw it.
func (h *Handlers) Terms(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	s, err := db.SubscriptionByNumber(v.ctx, v.db(), v.shop.ID, r.PathValue("number"))
	if err != nil {
		return missing(err)
	}
	terms, applied, err := db.Terms(v.ctx, v.db(), v.shop.ID, s.ID)
	if err != nil {
		return missing(err)
	}
	lang, html, ok := readTerms(terms)
	if !ok {
		return missing(db.ErrNotFound)
	}
	base, err := v.base(r, v.words.T("console.terms.title"))
	if err != nil {
		return err
	}
	return v.show(w, http.StatusOK, "terms", TermsPage{
		Base: base, Number: s.Number, Path: subscriptionPath(s.Number), When: v.when(applied), TermsLang: lang, HTML: html,
	})
}

// readTerms reads the snapshot kept at sign-up. Its HTML was made by our own
// template of the confirmation page, which escaped what people had typed.
func readTerms(snapshot json.RawMessage) (lang string, html template.HTML, ok bool) {
	var kept struct{ Lang, HTML string }
	if err := json.Unmarshal(snapshot, &kept); err != nil || kept.HTML == "" {
		return "", "", false
	}
	return kept.Lang, template.HTML(kept.HTML), true
}
