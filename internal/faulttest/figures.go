package faulttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// figure names what is counted, of one day.
type figure struct {
	Day  calendar.Date
	What string
}

// tally is how often something happened, and over how much money or how many
// pieces.
type tally struct {
	Count int
	Sum   int64
}

// outcome is all that a season came to.
type outcome struct {
	figures map[figure]tally
	stories map[string]string // by the number of the subscription
	books   Books
	events  []event  // at the gateway
	found   []string // that does not add up
	took    time.Duration
}

// outcome reads what the season came to.
func (s *season) outcome() outcome {
	s.t.Helper()
	o := outcome{figures: map[figure]tally{}, stories: map[string]string{}, books: s.books(), events: s.gate.seen}
	o.found = checkSeason(o.books, s.boxes)
	if err := s.countDays(s.t.Context(), o); err != nil {
		s.t.Fatalf("count the season: %v", err)
	}
	s.countBooks(o)
	s.tell(o)
	return o
}

// countDays counts what the store's tables say of each day.
func (s *season) countDays(ctx context.Context, o outcome) error {
	season := db.Period{From: seasonBegins, Until: seasonEnds.Add(time.Microsecond)}
	for what, read := range map[string]func(context.Context, db.Conn, int64, db.Period) ([]db.Happening, error){
		"order": db.OrdersMade, "charge": db.ChargesAnswered, "mail": db.MailsWritten, "alert": db.AlertsRaised, "due box": db.DueTerms,
	} {
		list, err := read(ctx, s.db, thread.StoreID, season)
		if err != nil {
			return err
		}
		for _, h := range list {
			o.count(calendar.DateOf(h.At.In(seasonZone)), h.Count, h.Sum, what, h.What, h.Detail)
		}
	}
	flows, err := db.StockFlows(ctx, s.db, thread.StoreID, season)
	for _, f := range flows {
		day := calendar.DateOf(f.At.In(seasonZone))
		o.count(day, 0, f.Reserved, "pieces reserved", s.skus[f.VariantID], f.Cause)
		o.count(day, 0, f.OnHand, "pieces on hand", s.skus[f.VariantID], f.Cause)
	}
	return err
}

// countBooks counts what has no day: how everything stands in the end.
func (s *season) countBooks(o outcome) {
	var end calendar.Date
	b := o.books
	for _, sub := range b.Subscriptions {
		o.count(end, 1, 0, "subscription", string(sub.State))
	}
	for _, x := range b.Orders {
		o.count(end, 1, x.Total, "order is", string(x.Payment), string(x.Fulfilment))
	}
	for _, p := range b.Payments {
		o.count(end, 1, p.Amount.Minor, "payment is", string(p.State), string(p.Decline))
	}
	for _, a := range b.Attempts {
		o.count(end, 1, 0, "call", string(a.Step), string(a.State), a.Decline)
	}
	for _, x := range b.Charges {
		o.count(end, 1, x.Amount, "gateway's charge", x.Status)
	}
	for status, n := range b.Intents {
		o.count(end, n, 0, "gateway's intent", status)
	}
	for _, l := range b.Audit {
		o.count(end, 1, 0, "audit line", l.Verb)
	}
	for id, level := range b.Stock {
		o.count(end, 0, level.OnHand, "on the shelf", s.skus[id])
		o.count(end, 0, level.Reserved, "reserved", s.skus[id])
	}
}

func (o outcome) count(day calendar.Date, n int, sum int64, words ...string) {
	key := figure{day, strings.Join(words, " ")}
	o.figures[key] = tally{o.figures[key].Count + n, o.figures[key].Sum + sum}
}

// tell writes down what became of each subscription: its boxes in the order of
// their slots, the money of each, and how often the bank was asked for it.
func (s *season) tell(o outcome) {
	c := newChecker(o.books)
	boxes := map[ident.ID][]subscription.Delivery{}
	for _, d := range o.books.Deliveries {
		boxes[d.SubscriptionID] = append(boxes[d.SubscriptionID], d)
	}
	for _, sub := range o.books.Subscriptions {
		list := boxes[sub.ID]
		slices.SortFunc(list, func(a, b subscription.Delivery) int { return cmp.Compare(a.Slot, b.Slot) })
		story := []string{fmt.Sprintf("%s after %d boxes", sub.State, sub.BoxesOrdered)}
		for _, d := range list {
			story = append(story, c.box(d))
		}
		o.stories[sub.Number] = strings.Join(story, "; ")
	}
}

func (c *checker) box(d subscription.Delivery) string {
	told := fmt.Sprintf("slot %d on %s is %s", d.Slot, d.Date, strings.TrimSpace(string(d.State)+" "+string(d.Cause)))
	o, ordered := c.order[d.OrderID]
	if !ordered {
		return told
	}
	told += fmt.Sprintf(" as box %d over %d: %s", o.Box, o.Total, o.Payment)
	for _, p := range c.paymentsOf[o.ID] {
		var asked []string
		for _, x := range c.chargesOf[p.ID.String()] {
			asked = append(asked, fmt.Sprintf("%s %d", x.Status, x.Amount))
		}
		told += fmt.Sprintf(", %d failures, the bank said %q", p.Failures, asked)
	}
	return told
}

// differences names what another run of the same season came to otherwise.
func (o outcome) differences(other outcome) []string {
	var list []string
	keys := map[figure]bool{}
	for _, of := range []outcome{o, other} {
		for key := range of.figures {
			keys[key] = true
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(keys), compareFigures) {
		if a, b := o.figures[key], other.figures[key]; a != b {
			list = append(list, fmt.Sprintf("%s: %+v, elsewhere %+v", key, a, b))
		}
	}
	for _, number := range slices.Sorted(maps.Keys(o.stories)) {
		if a, b := o.stories[number], other.stories[number]; a != b {
			list = append(list, fmt.Sprintf("%s: %s; elsewhere %s", number, a, b))
		}
	}
	return list
}

// summary says how large the season was, in one line.
func (o outcome) summary() string {
	paid, taken, total := 0, 0, int64(0)
	for _, x := range o.books.Orders {
		paid += count(x.Payment == order.PaymentPaid)
		total += x.Total
	}
	for _, x := range o.books.Charges {
		taken += count(x.Status == "succeeded")
	}
	letters := map[string]int{}
	for _, m := range o.books.Received {
		letters[m.MessageID]++
	}
	return fmt.Sprintf("%d subscriptions, %d orders over %d, %d of them paid; the gateway took money %d times, refused %d times, has intents %v; "+
		"%d calls, %d mails (%d handed over twice), %d open alerts",
		len(o.books.Subscriptions), len(o.books.Orders), total, paid, taken, len(o.books.Charges)-taken, o.books.Intents,
		len(o.books.Attempts), len(letters), len(o.books.Received)-len(letters), len(o.books.Alerts))
}

func compareFigures(a, b figure) int {
	return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.What, b.What))
}

func (f figure) String() string { return strings.TrimSpace(f.day() + " " + f.What) }

func (f figure) day() string {
	if f.Day.IsZero() {
		return ""
	}
	return f.Day.String()
}

// totals are the figures of the whole season, one a line, without those of single
// goods and of the audit trail.
func (o outcome) totals() string {
	sums := map[string]tally{}
	for key, of := range o.figures {
		if strings.HasPrefix(key.What, "pieces") || strings.HasPrefix(key.What, "audit") ||
			strings.HasPrefix(key.What, "on the shelf") || strings.HasPrefix(key.What, "reserved") {
			continue
		}
		sums[key.What] = tally{sums[key.What].Count + of.Count, sums[key.What].Sum + of.Sum}
	}
	var text strings.Builder
	for _, what := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&text, "%s: %d", what, sums[what].Count)
		if sums[what].Sum != 0 {
			fmt.Fprintf(&text, " over %d", sums[what].Sum)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
