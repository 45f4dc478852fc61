package importcsv

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/bojanz/currency"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
)

// CheckSubscriptions says what importing the file would do, and writes nothing.
// Errors that are faults say why the file as a whole is none of ours; what is
// wrong with single rows stands in the report.
func CheckSubscriptions(ctx context.Context, c db.Conn, in MovingInput) (MovingReport, error) {
	report, _, err := planSubscriptions(ctx, c, in)
	report.DryRun = true
	return report, err
}

// Subscriptions imports the file, or nothing where the report has findings.
// Goods and customers must be there. A subscription's calendar begins with the
// next delivery of the file, its boxes with those delivered so far; prices,
// cycles, cards and recipients stay as agreed. What the other cart has ordered
// already (its deadline passed before the cut-over) is not charged here and is
// alerted; so is a card that was failing there. It writes batch by batch: broken
// off, it is finished by being run again, and what was imported before stays as it
// is. Who moves in with a subscription has had its product's first price, and gets
// none here; of those imported before this was kept it is kept now.
func Subscriptions(ctx context.Context, d *db.DB, in MovingInput) (MovingReport, error) {
	report, list, err := planSubscriptions(ctx, d, in)
	if err != nil || len(report.Findings) > 0 {
		return report, err
	}
	holders, err := db.ImportedSubscribers(ctx, d, in.StoreID)
	if err != nil {
		return report, err
	}
	entered := 0
	if err := inBatches(ctx, d, holders, &entered, func(ctx context.Context, tx db.Tx, batch []db.PriceHolder) error {
		return db.EnterFirstPrices(ctx, tx, in.StoreID, batch, in.Now)
	}); err != nil {
		return report, err
	}
	err = inBatches(ctx, d, list, &report.Written, func(ctx context.Context, tx db.Tx, batch []newSubscription) error {
		return saveSubscriptions(ctx, tx, in, batch)
	})
	return report, err
}

// newSubscription is a row that the store does not have yet, with all that it
// brings along. Addresses and cards that several rows share are brought by the
// first of them.
type newSubscription struct {
	subscription db.NewSubscription
	origin       db.Origin
	deliveries   []subscription.Delivery
	alerts       []alert.Alert
	address      *customer.Address
	card         *customer.Card
	gatewayID    string // of the customer; empty: there is none, or it is kept already
	postage      int64  // by the rules of the store
}

// planSubscriptions loads and decides.
func planSubscriptions(ctx context.Context, c db.Conn, in MovingInput) (MovingReport, []newSubscription, error) {
	report := MovingReport{Noun: "subscriptions"}
	d, err := loadMoving(ctx, c, &in)
	if err != nil {
		return report, nil, err
	}
	file, err := readSheet(in.Content)
	if err != nil {
		return report, nil, err
	}
	found, err := in.Mapping.findNeeding(file.header, neededOfSubscriptions)
	if err != nil {
		return report, nil, err
	}
	report.Encoding, report.Rows = file.encoding, len(file.rows)
	d.book, d.report = &book{columns: found, bad: map[cell]bool{}}, &report
	digits, _ := currency.GetDigits(string(d.shop.Currency)) // a store's currency is a known one
	lines := make([]subscriptionLine, 0, len(file.rows))
	numbers := map[string]int{}
	for _, r := range file.rows {
		if !d.complete(r) {
			continue
		}
		l := d.subscriptionLine(r, in.Mapping, int(digits))
		d.once(r, fieldSubscriptionNumber, l.number, numbers)
		lines = append(lines, l)
	}
	list, err := d.decide(lines)
	if err != nil {
		return report, nil, err
	}
	report.Findings = d.sorted()
	return report, list, nil
}

// loadMoving reads what the rows are compared with, in a fixed number of queries.
// A cut-over that nobody named is today.
func loadMoving(ctx context.Context, c db.Conn, in *MovingInput) (*mover, error) {
	shop, settings, err := readShop(ctx, c, in.StoreID)
	if err != nil {
		return nil, err
	}
	zone := shop.Location()
	if in.Cutover.IsZero() {
		in.Cutover = calendar.DateOf(in.Now.In(zone))
	}
	m := &mover{
		in: *in, shop: shop, settings: settings, zone: zone, cutover: in.Cutover.Start(zone),
		goods: map[string]goods{}, gatewayOf: map[ident.ID]string{}, gatewayOwner: map[string]string{},
	}
	products, err := db.Products(ctx, c, in.StoreID)
	if err != nil {
		return nil, fmt.Errorf("load the store's goods: %w", err)
	}
	for _, p := range products {
		for _, v := range p.Variants {
			m.goods[v.SKU] = goods{product: p, variant: v}
		}
	}
	if m.customers, err = db.CustomersForImport(ctx, c, in.StoreID); err != nil {
		return nil, err
	}
	for number, known := range m.customers {
		if known.GatewayID != "" {
			m.gatewayOf[known.ID], m.gatewayOwner[known.GatewayID] = known.GatewayID, number
		}
	}
	if m.addresses, err = db.AllAddresses(ctx, c, in.StoreID); err != nil {
		return nil, err
	}
	if m.cards, err = db.AllCards(ctx, c, in.StoreID); err != nil {
		return nil, err
	}
	if m.numbers, err = db.SubscriptionNumbers(ctx, c, in.StoreID); err != nil {
		return nil, fmt.Errorf("read the numbers of subscriptions: %w", err)
	}
	return m, nil
}

// noTerms stands where the terms of the final confirmation are kept: they were
// shown elsewhere.
var noTerms = json.RawMessage(`{}`)

func saveSubscriptions(ctx context.Context, tx db.Tx, in MovingInput, batch []newSubscription) error {
	var list []db.NewSubscription
	var origins []db.Origin
	var deliveries []subscription.Delivery
	var alerts []alert.Alert
	var addresses []customer.Address
	var cards []customer.Card
	var lines []audit.Line
	gatewayIDs := map[ident.ID]string{}
	holders := map[db.PriceHolder]bool{}
	highest := int64(0)
	for _, n := range batch {
		s := n.subscription.Subscription
		if s.State != subscription.StateCancelled || s.BoxesOrdered > 0 {
			holders[db.PriceHolder{CustomerID: s.CustomerID, ProductID: s.ProductID}] = true
		}
		list = append(list, n.subscription)
		origins = append(origins, n.origin)
		deliveries = append(deliveries, n.deliveries...)
		alerts = append(alerts, n.alerts...)
		if n.address != nil {
			addresses = append(addresses, *n.address)
		}
		if n.card != nil {
			cards = append(cards, *n.card)
		}
		if n.gatewayID != "" {
			gatewayIDs[s.CustomerID] = n.gatewayID
		}
		lines = append(lines, in.line("subscription.imported", "subscription", s.ID))
		highest = max(highest, counted(s.Number, "T"))
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"addresses", func() error { return db.InsertAddresses(ctx, tx, in.StoreID, addresses, in.Now) }},
		{"cards", func() error { return db.InsertCards(ctx, tx, in.StoreID, cards, in.Now) }},
		{"gateway ids", func() error { return db.SetGatewayIDs(ctx, tx, in.StoreID, gatewayIDs) }},
		{"subscriptions", func() error { return db.InsertSubscriptions(ctx, tx, in.StoreID, list, in.Now) }},
		{"origins", func() error { return db.InsertOrigins(ctx, tx, in.StoreID, origins, in.Now) }},
		{"deliveries", func() error { return db.InsertDeliveries(ctx, tx, in.StoreID, deliveries) }},
		{"alerts", func() error { return db.RaiseAlerts(ctx, tx, in.StoreID, alerts) }},
		{"first prices", func() error {
			return db.EnterFirstPrices(ctx, tx, in.StoreID, slices.Collect(maps.Keys(holders)), in.Now)
		}},
		{"numbers", func() error { return db.SkipNumbers(ctx, tx, in.StoreID, db.NumberSubscription, highest+1) }},
		{"audit lines", func() error { return db.WriteAudit(ctx, tx, in.StoreID, lines) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("save %s: %w", step.what, err)
		}
	}
	return nil
}
