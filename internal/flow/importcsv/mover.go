package importcsv

import (
	"errors"
	"fmt"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// mover turns rows of subscriptions into what the store will hold.
type mover struct {
	*book
	in       MovingInput
	shop     store.Store
	settings store.Settings
	zone     *time.Location
	cutover  time.Time
	report   *MovingReport

	goods     map[string]goods // by SKU
	customers map[string]db.ImportedCustomer
	addresses map[ident.ID][]customer.Address
	cards     map[string]customer.Card // by gateway id
	numbers   map[string]bool          // taken; true: imported before

	gatewayOf    map[ident.ID]string // of customers, as stored or as an earlier row says
	gatewayOwner map[string]string   // → number of the customer
}

type goods struct {
	product catalog.Product
	variant catalog.Variant
}

// decide makes what is new of lines. What is wrong with them is noted in the
// book; the list is worth nothing then.
func (m *mover) decide(lines []subscriptionLine) ([]newSubscription, error) {
	states := Tally{Key: "import.tally.state", Counts: map[string]int{}}
	channels := Tally{Key: "import.tally.channel", Counts: map[string]int{}}
	payments := Tally{Key: "import.tally.pays", Counts: map[string]int{}}
	m.report.Tallies = []Tally{states, channels, payments}
	cutover := Note{Key: "import.note.cutover"}
	dueNow := Note{Key: "import.note.due_now"}
	kept, lower := Note{Key: "import.note.postage_kept"}, Note{Key: "import.note.postage_lower"}
	var list []newSubscription
	for _, l := range lines {
		states.count(l.state)
		channels.count(l.channel)
		payments.count(string(l.pays))
		if imported, taken := m.numbers[l.number]; taken {
			if !imported {
				m.refuse(l.row, fieldSubscriptionNumber, fault.Field("", "import.subscription.taken"))
			}
			m.report.There++
			continue
		}
		n, ok, err := m.subscription(l)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		for _, d := range n.deliveries {
			if d.Cause == subscription.CauseCutover {
				cutover.Rows = append(cutover.Rows, l.row.number)
				break
			}
		}
		if due := n.subscription.NextDue; !due.IsZero() && !due.After(m.in.Now) {
			dueNow.Rows = append(dueNow.Rows, l.row.number)
		}
		switch {
		case !l.running() || l.postage < 0:
		case n.subscription.Subscription.Agreement.MostPostage != nil:
			kept.Rows = append(kept.Rows, l.row.number)
		case l.postage > n.postage:
			lower.Rows = append(lower.Rows, l.row.number)
		}
		list = append(list, n)
	}
	m.report.Notes = []Note{cutover, dueNow, kept, lower}
	return list, nil
}

// subscription is what a line becomes; ok is false where something is wrong with
// it.
func (m *mover) subscription(l subscriptionLine) (n newSubscription, ok bool, err error) {
	before := len(m.findings)
	wares, known := m.goods[l.sku]
	switch {
	case l.sku == "":
	case !known:
		m.refuse(l.row, fieldSKU, fault.Field("", "import.sku.unknown"))
	case wares.product.Plan == nil:
		m.refuse(l.row, fieldSKU, fault.Field("", "import.sku.no_plan"))
	}
	buyer, known := m.customers[l.customer]
	if l.customer != "" && !known {
		m.refuse(l.row, fieldCustomer, fault.Field("", "import.customer.unknown"))
	}
	method, known := m.method(l.method)
	if l.method != "" && !known {
		m.refuse(l.row, fieldMethod, fault.Field("", "import.method.unknown"))
	} else if known && l.timeSlot != "" && !offers(method, l.timeSlot) {
		m.refuse(l.row, fieldTimeSlot, fault.Field("", "import.time_slot.unknown"))
	}
	if !l.next.IsZero() && l.next.Before(m.in.Cutover) {
		m.refuse(l.row, fieldNext, fault.Field("", "import.next.past", "Date", m.in.Cutover.String()))
	}
	m.checkGateway(l, buyer)
	gift, giftFine := place.Address{}, true
	if l.gift != nil {
		gift, giftFine = l.gift.parse(m.book, l.row)
	}
	if len(m.findings) > before || m.badRow(l.row) || !giftFine {
		return n, false, nil
	}
	s := m.agreement(l, wares, buyer, method)
	address, isNew, found := m.address(l, buyer, gift)
	if !found {
		m.refuse(l.row, fieldCustomer, fault.Field("", "import.customer.no_address"))
		return n, false, nil
	}
	s.AddressID = address.ID
	if isNew {
		n.address = &address
	}
	n.origin = db.Origin{
		SubscriptionID: s.ID, Channel: l.channel, PausedOn: l.paused, EndedOn: l.ended, Cutover: m.in.Cutover,
	}
	m.card(l, buyer, &s, &n)
	in := renewal.Input{
		Subscription: s, Address: address.Address, HasCard: !s.CardID.IsZero(), Settings: m.settings, Zone: m.zone,
		Variants: map[ident.ID]renewal.VariantFacts{wares.variant.ID: {
			ProductID: wares.product.ID, TaxClass: wares.product.TaxClass, Status: wares.product.Status,
		}},
	}
	priced, err := renewal.PriceBox(in, s.BoxOf(0), m.in.Cutover)
	if err != nil {
		return n, false, m.unfit(l, err)
	}
	n.postage = priced.Shipping
	if l.postage >= 0 && l.postage < n.postage { // what was told holds
		in.Subscription.Agreement.MostPostage = &l.postage
	}
	adopted, err := renewal.Adopt(in, l.state == stateFailing, m.cutover)
	if err != nil {
		return n, false, m.unfit(l, err)
	}
	m.plan(l, adopted, &n)
	return n, true, nil
}

// badRow reports whether a cell of the row was refused.
func (m *mover) badRow(r row) bool {
	for i := len(m.findings) - 1; i >= 0; i-- {
		if m.findings[i].Row == r.number {
			return true
		}
	}
	return false
}

// unfit notes why a subscription cannot go on here; other errors stay errors.
func (m *mover) unfit(l subscriptionLine, err error) error {
	field := fieldNext
	switch {
	case errors.Is(err, money.ErrOverflow):
		m.refuse(l.row, fieldUnit, fault.Field("", "import.price.limit"))
		return nil
	case len(fault.All(err)) == 0:
		return fmt.Errorf("row %d: %w", l.row.number, err)
	}
	for _, why := range fault.All(err) {
		switch {
		case why.Key == "fault.shipping.no_zone" && l.gift != nil:
			field = fieldGiftAddress
		case why.Key == "fault.shipping.no_zone":
			field = fieldMethod
		case why.Field == "payment":
			field = fieldPays
		}
		m.refuse(l.row, field, why)
	}
	return nil
}

// method finds a shipping method by its name in the file's language or its code.
func (m *mover) method(name string) (shipping.Method, bool) {
	for _, method := range m.settings.Delivery.Methods {
		if headerKey(method.Name(m.in.Mapping.Lang)) == headerKey(name) || method.Code == name {
			return method, true
		}
	}
	return shipping.Method{}, false
}

func offers(method shipping.Method, slot string) bool {
	for _, code := range method.Slots {
		if code == slot {
			return true
		}
	}
	return false
}

// checkGateway refuses ids that contradict what an earlier row or the store says:
// a card would be charged for somebody else.
func (m *mover) checkGateway(l subscriptionLine, buyer db.ImportedCustomer) {
	if l.gatewayCustomer != "" && l.customer != "" {
		if owner, taken := m.gatewayOwner[l.gatewayCustomer]; taken && owner != l.customer {
			m.refuse(l.row, fieldGatewayCustomer, fault.Field("", "import.gateway.taken", "Number", owner))
		}
		if other := m.gatewayOf[buyer.ID]; other != "" && other != l.gatewayCustomer {
			m.refuse(l.row, fieldGatewayCustomer, fault.Field("", "import.gateway.other", "Other", other))
		}
	}
	if card, taken := m.cards[l.gatewayCard]; taken && l.gatewayCard != "" && card.CustomerID != buyer.ID {
		m.refuse(l.row, fieldGatewayCard, fault.Field("", "import.gateway.card_taken"))
	}
}

// agreement is what was agreed, in this store's words. The unit price holds all
// discounts of the other cart, so that none is agreed beside it.
func (m *mover) agreement(l subscriptionLine, wares goods, buyer db.ImportedCustomer, method shipping.Method) subscription.Subscription {
	states := map[string]subscription.State{
		stateActive: subscription.StateActive, stateFailing: subscription.StateActive, statePaused: subscription.StatePaused,
		stateCancelled: subscription.StateCancelled, stateCompleted: subscription.StateCompleted,
	}
	plan := wares.product.Plan
	return subscription.Subscription{
		ID: m.in.NewID(), Number: l.number, CustomerID: buyer.ID, State: states[l.state], Currency: m.shop.Currency,
		ProductID: wares.product.ID, Cycle: l.cycle, Anchor: l.next, Minimum: l.minimum, BoxesOrdered: l.boxes,
		ShippingMethod: method.Code, TimeSlot: l.timeSlot, Pays: string(l.pays),
		GraceDays: plan.CustomerGraceDays, Visible: plan.VisibleDeliveries, DeadlineNotice: plan.DeadlineNotice,
		Items: []subscription.Item{{
			ID: m.in.NewID(), VariantID: wares.variant.ID, Quantity: l.quantity, Agreed: l.unit,
			Regular: max(l.unit, wares.variant.Prices[m.shop.Currency].Regular),
		}},
	}
}

// address is where the boxes go: to the recipient of the row, else to the
// customer's own address, which is their oldest.
func (m *mover) address(l subscriptionLine, buyer db.ImportedCustomer, gift place.Address) (address customer.Address, isNew, found bool) {
	own := m.addresses[buyer.ID]
	if l.gift == nil {
		if len(own) == 0 {
			return customer.Address{}, false, false
		}
		return own[0], false, true
	}
	for _, known := range own {
		if known.Address == gift {
			return known, false, true
		}
	}
	address = customer.Address{ID: m.in.NewID(), CustomerID: buyer.ID, Address: gift}
	m.addresses[buyer.ID] = append(own, address)
	return address, true, true
}

// card gives the subscription its card at the gateway, which lets us know its
// brand and number no sooner than it is asked. One that was failing there is kept
// beside it.
func (m *mover) card(l subscriptionLine, buyer db.ImportedCustomer, s *subscription.Subscription, n *newSubscription) {
	if l.gatewayCard == "" {
		return
	}
	if m.gatewayOf[buyer.ID] == "" {
		m.gatewayOf[buyer.ID], m.gatewayOwner[l.gatewayCustomer] = l.gatewayCustomer, l.customer
		n.gatewayID = l.gatewayCustomer
	}
	card, known := m.cards[l.gatewayCard]
	if !known {
		card = customer.Card{ID: m.in.NewID(), CustomerID: buyer.ID, GatewayID: l.gatewayCard}
		m.cards[l.gatewayCard] = card
		n.card = &card
	}
	if l.state == stateFailing {
		n.origin.FailedCardID = card.ID
		return
	}
	s.CardID = card.ID
}

// plan keeps what the rules made of the subscription, with its alerts.
func (m *mover) plan(l subscriptionLine, adopted renewal.Adoption, n *newSubscription) {
	s := adopted.Subscription
	n.subscription = db.NewSubscription{
		Subscription: s, Terms: noTerms, NextDue: adopted.NextDue, AppliedAt: l.applied.Start(m.zone),
	}
	kinds := map[subscription.Cause]alert.Kind{
		subscription.CauseCutover: alert.KindCutover, subscription.CauseCardFailed: alert.KindCardFailed,
	}
	for _, d := range adopted.Deliveries {
		d.ID = m.in.NewID()
		n.deliveries = append(n.deliveries, d)
		if kind, alerted := kinds[d.Cause]; alerted {
			n.alerts = append(n.alerts, alert.Alert{
				ID: m.in.NewID(), Kind: kind, Noun: "delivery", SubjectID: d.ID, SubscriptionID: s.ID, At: m.in.Now,
				Args: map[string]any{"Date": d.Date.String(), "Number": s.Number},
			})
		}
	}
}
