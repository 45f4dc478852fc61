package exportcsv

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/renewal"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

// Input says which books to write, and how.
type Input struct {
	StoreID  int64
	Mapping  importcsv.Mapping // the preferred names and words of each field are written
	Encoding importcsv.Encoding
	Now      time.Time
}

// Report is what was written.
type Report struct {
	Rows int
	Lost int // characters that the encoding does not have; 〓 stands in their place
}

// pageRows is how many subscriptions are read at a time.
const pageRows = 1000

// Subscriptions writes a store's subscriptions in the order of their numbers, a
// row an item, with the columns of importcsv.SubscriptionsPreset. Straight after
// an import it is the imported file. Those that await their first payment are left
// out.
func Subscriptions(ctx context.Context, d *db.DB, in Input, to io.Writer) (Report, error) {
	shop, err := db.Store(ctx, d, in.StoreID)
	if err != nil {
		return Report{}, fmt.Errorf("read store %d: %w", in.StoreID, err)
	}
	settings, err := db.Settings(ctx, d, in.StoreID)
	if err != nil {
		return Report{}, fmt.Errorf("read settings of store %d: %w", in.StoreID, err)
	}
	digits, _ := currency.GetDigits(string(shop.Currency)) // a store's currency is a known one
	w := writer{d: d, in: in, settings: settings, zone: shop.Location(), digits: int(digits)}
	sheet := &table{to: to, encoding: in.Encoding}
	header := make([]string, len(subscriptionColumns))
	for i, column := range subscriptionColumns {
		header[i] = in.Mapping.Header(column.field)
	}
	if err := sheet.write([][]string{header}); err != nil {
		return Report{}, err
	}
	report := Report{}
	after := ""
	for {
		page, err := db.SubscriptionsAfter(ctx, d, in.StoreID, after, pageRows)
		if err != nil || len(page) == 0 {
			report.Lost = sheet.lost
			return report, err
		}
		after = page[len(page)-1].Number
		rows, err := w.rows(ctx, page)
		if err != nil {
			return report, err
		}
		if err := sheet.write(rows); err != nil {
			return report, err
		}
		report.Rows += len(rows)
	}
}

// writer is what all rows have in common.
type writer struct {
	d        *db.DB
	in       Input
	settings store.Settings
	zone     *time.Location
	digits   int // decimals of the store's currency
}

// facts are what the rows of a page are made of.
type facts struct {
	customers  map[ident.ID]customer.Customer
	addresses  map[ident.ID][]customer.Address // by customer
	cards      map[ident.ID]customer.Card
	origins    map[ident.ID]db.Origin
	deliveries map[ident.ID][]subscription.Delivery
	paused     map[ident.ID]time.Time
	cancelled  map[ident.ID]time.Time
	skus       map[ident.ID]string // by variant
	variants   map[ident.ID]renewal.VariantFacts
}

// rows makes a page's rows, in a fixed number of queries.
func (w writer) rows(ctx context.Context, page []db.AgreedSubscription) ([][]string, error) {
	f, err := w.facts(ctx, page)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, s := range page {
		if s.State == subscription.StateAwaitingPayment {
			continue
		}
		for _, item := range s.Items {
			l := w.line(f, s, item)
			cells := make([]string, len(subscriptionColumns))
			for i, column := range subscriptionColumns {
				cells[i] = column.cell(l)
			}
			rows = append(rows, cells)
		}
	}
	return rows, nil
}

func (w writer) facts(ctx context.Context, page []db.AgreedSubscription) (f facts, err error) {
	var ids, customerIDs, cardIDs, variantIDs []ident.ID
	for _, s := range page {
		ids, customerIDs = append(ids, s.ID), append(customerIDs, s.CustomerID)
		if !s.CardID.IsZero() {
			cardIDs = append(cardIDs, s.CardID)
		}
		for _, item := range s.Items {
			variantIDs = append(variantIDs, item.VariantID)
		}
	}
	storeID := w.in.StoreID
	if f.origins, err = db.Origins(ctx, w.d, storeID, ids); err != nil {
		return f, err
	}
	for _, o := range f.origins {
		if !o.FailedCardID.IsZero() {
			cardIDs = append(cardIDs, o.FailedCardID)
		}
	}
	if f.customers, err = db.CustomersByIDs(ctx, w.d, storeID, customerIDs); err != nil {
		return f, err
	}
	if f.addresses, err = db.AddressesOfCustomers(ctx, w.d, storeID, customerIDs); err != nil {
		return f, err
	}
	if f.cards, err = db.CardsByIDs(ctx, w.d, storeID, cardIDs); err != nil {
		return f, err
	}
	if f.deliveries, err = db.Deliveries(ctx, w.d, storeID, ids); err != nil {
		return f, fmt.Errorf("read deliveries: %w", err)
	}
	if f.paused, err = db.LastDone(ctx, w.d, storeID, "subscription.paused", ids); err != nil {
		return f, fmt.Errorf("read pauses: %w", err)
	}
	if f.cancelled, err = db.LastDone(ctx, w.d, storeID, "subscription.cancelled", ids); err != nil {
		return f, fmt.Errorf("read cancellations: %w", err)
	}
	products, err := db.VariantsByIDs(ctx, w.d, storeID, variantIDs)
	if err != nil {
		return f, fmt.Errorf("read goods: %w", err)
	}
	f.skus, f.variants = map[ident.ID]string{}, map[ident.ID]renewal.VariantFacts{}
	for id, p := range products {
		f.variants[id] = renewal.VariantFacts{ProductID: p.ID, TaxClass: p.TaxClass, Status: p.Status}
		for _, v := range p.Variants {
			f.skus[v.ID] = v.SKU
		}
	}
	return f, nil
}

// line is what one row says.
type line struct {
	writer
	subscription db.AgreedSubscription
	item         subscription.Item
	sku          string
	buyer        customer.Customer
	state        string
	next         calendar.Date
	card         customer.Card
	paused       calendar.Date
	ended        calendar.Date
	channel      string
	method       string
	postage      string
	gift         *place.Address
}

func (w writer) line(f facts, s db.AgreedSubscription, item subscription.Item) line {
	l := line{
		writer: w, subscription: s, item: item, sku: f.skus[item.VariantID], buyer: f.customers[s.CustomerID],
		card: f.cards[s.CardID], channel: "web",
	}
	if o, moved := f.origins[s.ID]; moved {
		l.channel, l.paused, l.ended = o.Channel, o.PausedOn, o.EndedOn
		if s.CardID.IsZero() {
			l.card = f.cards[o.FailedCardID]
		}
	}
	if at, done := f.paused[s.ID]; done && s.State == subscription.StatePaused {
		l.paused = calendar.DateOf(at.In(w.zone))
	}
	if at, done := f.cancelled[s.ID]; done && s.State == subscription.StateCancelled {
		l.ended = calendar.DateOf(at.In(w.zone))
	}
	l.state, l.next = standing(s.Subscription, f.deliveries[s.ID], calendar.DateOf(w.in.Now.In(w.zone)))
	var to place.Address
	for i, a := range f.addresses[s.CustomerID] {
		if a.ID != s.AddressID {
			continue
		}
		to = a.Address
		if i > 0 { // the oldest is the customer's own
			l.gift = &to
		}
	}
	method, _ := w.settings.Delivery.Method(s.ShippingMethod)
	l.method = method.Name(w.in.Mapping.Lang)
	shipped := l.next
	if shipped.IsZero() {
		shipped = calendar.DateOf(w.in.Now.In(w.zone))
	}
	priced, err := renewal.PriceBox(renewal.Input{
		Subscription: s.Subscription, Variants: f.variants, Address: to, HasCard: true, Settings: w.settings, Zone: w.zone,
	}, s.BoxOf(0), shipped)
	if err == nil { // what cannot be priced any more has no postage
		l.postage = w.amount(priced.Shipping)
	}
	return l
}

// standing is the state in the words of a mapping file, and the day of the next
// delivery, whoever makes it: one that the cart before makes (移行) is still the
// customer's next.
func standing(s subscription.Subscription, deliveries []subscription.Delivery, today calendar.Date) (state string, next calendar.Date) {
	if s.State != subscription.StateActive {
		return string(s.State), calendar.Date{}
	}
	state = string(s.State)
	for _, d := range deliveries {
		coming := d.State == subscription.DeliveryPlanned || d.State == subscription.DeliveryBlocked ||
			(d.State == subscription.DeliverySkipped && d.Cause == subscription.CauseCutover && !d.Date.Before(today))
		if coming && (next.IsZero() || d.Date.Before(next)) {
			next = d.Date
		}
		if d.State != subscription.DeliveryBlocked {
			continue
		}
		if d.Cause == subscription.CauseCardFailed || d.Cause == subscription.CauseNoCard || d.Cause == subscription.CauseUnpaid {
			state = "failing"
		}
	}
	return state, next
}

// amount writes minor units in the currency's own decimals.
func (w writer) amount(minor int64) string {
	text := strconv.FormatInt(minor, 10)
	if w.digits == 0 {
		return text
	}
	text = strings.Repeat("0", max(w.digits+1-len(text), 0)) + text
	return text[:len(text)-w.digits] + "." + text[len(text)-w.digits:]
}

// day writes 2026/12/05, as the books do; none is no date.
func day(d calendar.Date) string { return strings.ReplaceAll(d.String(), "-", "/") }

// gifted is a cell of the recipient, empty where the customer is.
func gifted(cell func(place.Address) string) func(line) string {
	return func(l line) string {
		if l.gift == nil {
			return ""
		}
		return cell(*l.gift)
	}
}

// subscriptionColumns are the columns in the order of the books, by their field
// in a mapping file.
var subscriptionColumns = []struct {
	field string
	cell  func(line) string
}{
	{"subscription", func(l line) string { return l.subscription.Number }},
	{"customer", func(l line) string { return l.buyer.Number }},
	{"sku", func(l line) string { return l.sku }},
	{"quantity", func(l line) string { return strconv.FormatInt(l.item.Quantity, 10) }},
	{"unit", func(l line) string { return l.amount(l.item.Agreed) }},
	{"cycle", func(l line) string { return l.subscription.Cycle.String() }},
	{"boxes", func(l line) string { return strconv.Itoa(l.subscription.BoxesOrdered) }},
	{"minimum", func(l line) string { return strconv.Itoa(l.subscription.Minimum) }},
	{"next", func(l line) string { return day(l.next) }},
	{"time_slot", func(l line) string { return l.subscription.TimeSlot }},
	{"pays", func(l line) string { return l.in.Mapping.Word("pays", l.subscription.Pays) }},
	{"gateway_customer", func(l line) string {
		if l.card.GatewayID == "" {
			return ""
		}
		return l.buyer.GatewayID
	}},
	{"gateway_card", func(l line) string { return l.card.GatewayID }},
	{"state", func(l line) string { return l.in.Mapping.Word("state", l.state) }},
	{"applied", func(l line) string { return day(calendar.DateOf(l.subscription.AppliedAt.In(l.zone))) }},
	{"paused", func(l line) string { return day(l.paused) }},
	{"ended", func(l line) string { return day(l.ended) }},
	{"channel", func(l line) string { return l.in.Mapping.Word("channel", l.channel) }},
	{"method", func(l line) string { return l.method }},
	{"postage", func(l line) string { return l.postage }},
	{"gift_name", gifted(func(a place.Address) string { return strings.TrimSpace(a.Name.Family + " " + a.Name.Given) })},
	{"gift_postcode", gifted(func(a place.Address) string { return a.Postcode })},
	{"gift_address", gifted(func(a place.Address) string {
		region := a.Region
		if known, ok := place.RegionOf(a.Country, a.Region); ok {
			region = known.Local
		}
		return region + a.City + a.Street + a.Building
	})},
	{"gift_phone", gifted(func(a place.Address) string { return a.Phone })},
}
