package importcsv

import (
	_ "embed"
	"regexp"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/postcode"
)

// Fields of a row of subscriptions. Customer, SKU and minimum go by the names
// that they have elsewhere.
const (
	fieldSubscriptionNumber = "subscription"
	fieldQuantity           = "quantity"
	fieldUnit               = "unit"
	fieldCycle              = "cycle"
	fieldBoxes              = "boxes"
	fieldNext               = "next"
	fieldTimeSlot           = "time_slot"
	fieldPays               = "pays"
	fieldGatewayCustomer    = "gateway_customer"
	fieldGatewayCard        = "gateway_card"
	fieldState              = "state"
	fieldApplied            = "applied"
	fieldPaused             = "paused"
	fieldEnded              = "ended"
	fieldChannel            = "channel"
	fieldMethod             = "method"
	fieldPostage            = "postage"
	fieldGiftName           = "gift_name"
	fieldGiftPostcode       = "gift_postcode"
	fieldGiftAddress        = "gift_address"
	fieldGiftPhone          = "gift_phone"
)

//go:embed preset/subscriptions.json
var subscriptionsPreset []byte

// SubscriptionsPreset is the mapping for exports with Japanese headers.
func SubscriptionsPreset() (Mapping, error) { return Mapping{}.Override(subscriptionsPreset) }

// neededOfSubscriptions are the columns that a file of subscriptions cannot do
// without: what is charged, when, to whom, and whether at all.
func neededOfSubscriptions(columns) []string {
	return []string{
		fieldSubscriptionNumber, fieldCustomer, fieldSKU, fieldQuantity, fieldUnit, fieldCycle, fieldBoxes, fieldMinimum,
		fieldNext, fieldPays, fieldGatewayCustomer, fieldGatewayCard, fieldState, fieldApplied, fieldMethod,
	}
}

// What the field of states may mean.
const (
	stateActive    = "active"
	statePaused    = "paused"
	stateCancelled = "cancelled"
	stateCompleted = "completed"
	stateFailing   = "failing" // active, and the card is refused
)

// subscriptionLine is one row of the file, one subscription of one SKU.
type subscriptionLine struct {
	row      row
	number   string
	customer string
	sku      string
	quantity int64
	unit     int64
	cycle    calendar.Cycle
	boxes    int
	minimum  int
	next     calendar.Date
	timeSlot string
	pays     pricing.Method
	// Ids at the gateway; both or none.
	gatewayCustomer, gatewayCard string
	state                        string
	applied, paused, ended       calendar.Date
	channel                      string
	method                       string
	postage                      int64 // -1: the row does not say
	gift                         *giftLine
}

// running reports whether deliveries are to come.
func (l subscriptionLine) running() bool { return l.state == stateActive || l.state == stateFailing }

// giftLine is where the box goes when not to the customer.
type giftLine struct {
	name, postcode, address, phone string
}

const (
	maxBoxes       = 9_999
	maxMinimum     = 120
	maxPieces      = 999
	defaultChannel = "web"
)

var (
	gatewayCustomers = regexp.MustCompile(`^cus_[A-Za-z0-9]+$`)
	gatewayCards     = regexp.MustCompile(`^(?:pm|card|src)_[A-Za-z0-9]+$`)
)

// from1 is whole for numbers that begin with one.
func from1(limit int64) func(string) (int64, *fault.Error) {
	return func(s string) (int64, *fault.Error) {
		n, why := whole(s, limit)
		if why == nil && n == 0 {
			why = fault.Field("", "import.number.from_1")
		}
		return n, why
	}
}

// oneCycle reads one cycle.
func oneCycle(s string) (calendar.Cycle, *fault.Error) {
	list, why := cycles(s)
	if why != nil {
		return calendar.Cycle{}, why
	}
	if len(list) != 1 {
		return calendar.Cycle{}, fault.Field("", "import.cycle", "Cycle", s)
	}
	return list[0], nil
}

// matching reads a text of a form; Example says which.
func matching(form *regexp.Regexp, example string) func(string) (string, *fault.Error) {
	return func(s string) (string, *fault.Error) {
		if !form.MatchString(s) {
			return "", fault.Field("", "import.form", "Example", example)
		}
		return s, nil
	}
}

// free is price for an amount that may be nothing.
func free(s string, digits int) (int64, *fault.Error) {
	minor, why := price(s, digits)
	if why != nil && why.Key == "import.price.zero" {
		return 0, nil
	}
	return minor, why
}

func (b *book) subscriptionLine(r row, words Mapping, digits int) subscriptionLine {
	l := subscriptionLine{
		row:             r,
		number:          read(b, r, fieldSubscriptionNumber, code),
		customer:        read(b, r, fieldCustomer, code),
		sku:             read(b, r, fieldSKU, code),
		quantity:        read(b, r, fieldQuantity, from1(maxPieces)),
		unit:            read(b, r, fieldUnit, func(s string) (int64, *fault.Error) { return price(s, digits) }),
		cycle:           read(b, r, fieldCycle, oneCycle),
		boxes:           int(read(b, r, fieldBoxes, upTo(maxBoxes))),
		minimum:         int(read(b, r, fieldMinimum, from1(maxMinimum))),
		next:            readOptional(b, r, fieldNext, date),
		timeSlot:        b.text(r, fieldTimeSlot),
		pays:            pricing.Method(read(b, r, fieldPays, words.meaning(fieldPays))),
		gatewayCustomer: readOptional(b, r, fieldGatewayCustomer, matching(gatewayCustomers, "cus_…")),
		gatewayCard:     readOptional(b, r, fieldGatewayCard, matching(gatewayCards, "pm_…")),
		state:           read(b, r, fieldState, words.meaning(fieldState)),
		applied:         read(b, r, fieldApplied, date),
		paused:          readOptional(b, r, fieldPaused, date),
		ended:           readOptional(b, r, fieldEnded, date),
		channel:         readOptional(b, r, fieldChannel, words.meaning(fieldChannel)),
		method:          read(b, r, fieldMethod, line),
		postage:         -1,
	}
	if l.channel == "" {
		l.channel = defaultChannel
	}
	if b.text(r, fieldPostage) != "" {
		l.postage = readOptional(b, r, fieldPostage, func(s string) (int64, *fault.Error) { return free(s, digits) })
	}
	b.checkPayment(l)
	b.checkDates(l)
	l.gift = b.giftLine(r)
	return l
}

// checkPayment refuses a card without its ids: nobody could charge it.
func (b *book) checkPayment(l subscriptionLine) {
	r := l.row
	customer, card := b.text(r, fieldGatewayCustomer), b.text(r, fieldGatewayCard)
	needed := l.pays == pricing.MethodCard
	if customer == "" && (needed || card != "") {
		b.refuse(r, fieldGatewayCustomer, fault.Field("", "import.card.missing"))
	}
	if card == "" && (needed || customer != "") {
		b.refuse(r, fieldGatewayCard, fault.Field("", "import.card.missing"))
	}
	if l.state == stateFailing && l.pays == pricing.MethodCOD {
		b.refuse(r, fieldState, fault.Field("", "import.state.no_card"))
	}
}

// checkDates refuses dates that contradict the state or each other.
func (b *book) checkDates(l subscriptionLine) {
	r := l.row
	has := func(field string) bool { return b.text(r, field) != "" }
	if l.state != "" {
		switch {
		case l.running() && !has(fieldNext):
			b.refuse(r, fieldNext, fault.Field("", "import.next.missing"))
		case !l.running() && has(fieldNext):
			b.refuse(r, fieldNext, fault.Field("", "import.next.not_running"))
		}
		if l.state == statePaused && !has(fieldPaused) {
			b.refuse(r, fieldPaused, fault.Field("", "import.date.missing", "State", b.text(r, fieldState)))
		}
		if l.state == stateCancelled && !has(fieldEnded) {
			b.refuse(r, fieldEnded, fault.Field("", "import.date.missing", "State", b.text(r, fieldState)))
		}
		if l.state != stateCancelled && has(fieldEnded) {
			b.refuse(r, fieldEnded, fault.Field("", "import.date.not_ended", "State", b.text(r, fieldState)))
		}
	}
	if l.applied.IsZero() {
		return
	}
	before := fault.Field("", "import.date.before", "Other", b.columns.name[fieldApplied], "Date", b.text(r, fieldApplied))
	for _, later := range []struct {
		field string
		day   calendar.Date
	}{{fieldNext, l.next}, {fieldPaused, l.paused}, {fieldEnded, l.ended}} {
		if !later.day.IsZero() && later.day.Before(l.applied) {
			b.refuse(r, later.field, before)
		}
	}
}

// giftLine reads where the box goes; name, postcode and address belong together.
func (b *book) giftLine(r row) *giftLine {
	fields := []string{fieldGiftName, fieldGiftPostcode, fieldGiftAddress, fieldGiftPhone}
	given := 0
	for _, field := range fields {
		if b.text(r, field) != "" {
			given++
		}
	}
	if given == 0 {
		return nil
	}
	g := &giftLine{
		name: b.text(r, fieldGiftName), postcode: b.text(r, fieldGiftPostcode),
		address: b.text(r, fieldGiftAddress), phone: b.text(r, fieldGiftPhone),
	}
	if given < len(fields) {
		for _, field := range fields {
			if b.text(r, field) == "" {
				b.refuse(r, field, fault.Field("", "import.gift.half"))
			}
		}
		return nil
	}
	return g
}

// parse makes an address of a gift's four cells. The prefecture and the city
// are read off the head of the line, by the postcode's town where the line begins
// with that, else by the prefecture's name and what ends in 市, 区, 町 or 村.
func (g giftLine) parse(b *book, r row) (place.Address, bool) {
	a := place.Address{Country: "JP", Postcode: g.postcode, Phone: g.phone}
	a.Name.Family, a.Name.Given, _ = strings.Cut(strings.Join(strings.Fields(g.name), " "), " ")
	rest := g.address
	town, known := postcode.Lookup(g.postcode)
	region, ok := regionAtHead(rest)
	if !ok {
		b.refuse(r, fieldGiftAddress, fault.Field("", "import.gift.region"))
		return a, false
	}
	if known && town.Region != region.Code {
		b.refuse(r, fieldGiftPostcode, fault.Field("", "import.gift.elsewhere", "Region", region.Local))
		return a, false
	}
	a.Region, rest = region.Code, strings.TrimSpace(strings.TrimPrefix(rest, region.Local))
	switch city := municipality.FindString(rest); {
	case known && strings.HasPrefix(rest, town.City):
		a.City = town.City
	case city != "":
		a.City = city
	default:
		b.refuse(r, fieldGiftAddress, fault.Field("", "import.gift.city"))
		return a, false
	}
	a.Street = strings.TrimSpace(strings.TrimPrefix(rest, a.City))
	a = a.Normalize()
	fine := true
	for _, why := range a.Validate("") {
		field, ours := giftColumn[why.Field]
		if !ours { // nobody asks how a recipient's name is read
			continue
		}
		fine = false
		b.refuse(r, field, why)
	}
	return a, fine
}

// giftColumn is where the file says a field of a gift's address.
var giftColumn = map[string]string{
	"name.family": fieldGiftName, "postcode": fieldGiftPostcode, "region": fieldGiftAddress,
	"city": fieldGiftAddress, "street": fieldGiftAddress, "phone": fieldGiftPhone,
}

// municipality is the head of an address behind its prefecture: 郡 with its town,
// a city with its ward, a city, a ward of Tokyo, a town or a village.
var municipality = regexp.MustCompile(`^(?:.{1,6}?郡.{1,6}?[町村]|.{1,6}?市.{1,4}?区|.{1,7}?市|.{1,4}?区|.{1,6}?[町村])`)

func regionAtHead(line string) (place.Region, bool) {
	for _, region := range place.Regions("JP") {
		if strings.HasPrefix(line, region.Local) {
			return region, true
		}
	}
	return place.Region{}, false
}
