package renewal

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// life is a subscription as a database would keep it, with an engine that looks
// only when something is due or was changed.
type life struct {
	in      Input
	rows    map[int]subscription.Delivery // by slot
	boxes   map[int]int                   // slot by box number
	now     time.Time
	nextDue time.Time
	woken   bool
}

// begin is the first box ordered, and the next ones planned as checkout does.
func begin(t *rapid.T) *life {
	cycle := rapid.SampledFrom([]calendar.Cycle{
		{Every: 10, Unit: calendar.UnitDay},
		{Every: 2, Unit: calendar.UnitWeek},
		{Every: 1, Unit: calendar.UnitMonth},
		{Every: 1, Unit: calendar.UnitMonthWeekday},
	}).Draw(t, "cycle")
	l := &life{
		in: monthly(), rows: map[int]subscription.Delivery{}, boxes: map[int]int{1: 1},
		now: time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC), woken: true,
	}
	if rapid.Bool().Draw(t, "closed on Sundays") {
		l.in.Settings.Delivery.Shipping.ClosedWeekdays = []time.Weekday{time.Sunday}
	}
	s := &l.in.Subscription
	s.Cycle, s.Anchor = cycle, calendar.On(2026, 12, 1).AddDays(rapid.IntRange(0, 30).Draw(t, "anchor"))
	s.Count = rapid.SampledFrom([]int{0, 2, 3, 6, 12}).Draw(t, "count")
	s.Visible = rapid.IntRange(1, 4).Draw(t, "visible")
	s.BoxesOrdered, s.LastSlot = 1, 1
	l.rows[1] = subscription.Delivery{Slot: 1, Box: 1, State: subscription.DeliveryOrdered, Date: s.Anchor}
	for _, d := range s.Upcoming(1, 0, calendar.Planned{}, l.in.Settings.Terms(l.in.Zone, s.GraceDays, 1)) {
		l.rows[d.Slot] = d
		s.LastSlot = d.Slot
	}
	return l
}

// list are the rows in some states, by slot.
func (l *life) list(states ...subscription.DeliveryState) []subscription.Delivery {
	var list []subscription.Delivery
	for slot := 1; slot <= l.in.Subscription.LastSlot; slot++ {
		for _, s := range states {
			if d, written := l.rows[slot]; written && d.State == s {
				list = append(list, d)
			}
		}
	}
	return list
}

// happen is what people, banks and warehouses do between two runs.
func (l *life) happen(t *rapid.T) {
	s := &l.in.Subscription
	resume := func() bool {
		if s.State != subscription.StatePaused {
			return false
		}
		s.State = subscription.StateActive
		return true
	}
	switch what := rapid.SampledFrom([]string{
		"nothing", "nothing", "payment fails", "paid", "pause", "resume and ship", "resume and skip", "card gone", "card given",
		"product ended", "product back", "moved abroad", "moved back", "staff skips", "visible",
	}).Draw(t, "event"); what {
	case "nothing":
		return
	case "payment fails", "paid":
		l.in.Unpaid = what == "payment fails"
	case "pause":
		if s.State == subscription.StateActive {
			s.State = subscription.StatePaused
		}
	case "resume and ship":
		if resume() { // all held ones in one order, each counted
			for _, d := range l.list(subscription.DeliveryHeld) {
				s.BoxesOrdered++
				d.State, d.Box = subscription.DeliveryOrdered, s.BoxesOrdered
				l.update(t, d)
				l.boxes[d.Box] = d.Slot
			}
		}
	case "resume and skip":
		if resume() {
			for _, d := range l.list(subscription.DeliveryHeld) {
				d.State = subscription.DeliverySkipped
				l.update(t, d)
			}
		}
	case "card gone", "card given":
		l.in.HasCard = what == "card given"
	case "product ended", "product back":
		status := catalog.StatusOnSale
		if what == "product ended" {
			status = catalog.StatusEnded
		}
		l.in.Variants = map[ident.ID]VariantFacts{coffee: {TaxClass: tax.Reduced, Status: status}}
	case "moved abroad":
		l.in.Address = place.Address{Country: "US"}
	case "moved back":
		l.in.Address = place.Address{Country: "JP", Region: "JP-13"}
	case "staff skips":
		for _, d := range l.list(subscription.DeliveryBlocked) {
			d.State = subscription.DeliverySkipped
			l.update(t, d)
		}
	case "visible":
		s.Visible = rapid.IntRange(1, 4).Draw(t, "now visible")
	}
	l.woken = true
}

// update keeps a row's new state, if the states' table allows it.
func (l *life) update(t *rapid.T, d subscription.Delivery) {
	t.Helper()
	before, written := l.rows[d.Slot]
	if !written || !before.State.CanBecome(d.State) && (before.State != d.State || before.Cause == d.Cause) {
		t.Fatalf("slot %d: %s(%s) → %s(%s)", d.Slot, before.State, before.Cause, d.State, d.Cause)
	}
	l.rows[d.Slot] = d
}

// run is the engine: decide, and again where the stock was not there; then save.
func (l *life) run(t *rapid.T) {
	if !l.woken && (l.nextDue.IsZero() || l.nextDue.After(l.now)) {
		return
	}
	l.woken = false
	l.in.Deliveries = l.list(subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld)
	l.in.OutOfStock = false
	out, err := Decide(l.in, l.now)
	if err == nil && out.Order != nil && rapid.IntRange(0, 4).Draw(t, "stock") == 0 {
		l.in.OutOfStock = true
		l.in.StockOut = rapid.SampledFrom([]catalog.StockOutRule{
			catalog.StockOutWait, catalog.StockOutRest, catalog.StockOutSkip,
		}).Draw(t, "stock-out rule")
		out, err = Decide(l.in, l.now)
	}
	if err != nil {
		t.Fatal(err)
	}
	l.save(t, out)
	l.check(t, out)
}

func (l *life) save(t *rapid.T, out Outcome) {
	s := &l.in.Subscription
	if out.Order != nil {
		d := out.Order.Delivery
		l.mayOrder(t, *out.Order)
		l.update(t, d)
		s.BoxesOrdered++
		if other, twice := l.boxes[d.Box]; twice || d.Box != s.BoxesOrdered {
			t.Fatalf("slot %d is box %d of %d, as slot %d is", d.Slot, d.Box, s.BoxesOrdered, other)
		}
		l.boxes[d.Box] = d.Slot
	}
	for _, due := range out.Others {
		l.update(t, due.Delivery)
	}
	terms := l.in.Settings.Terms(l.in.Zone, s.GraceDays, 1)
	for _, d := range out.Planned {
		if _, twice := l.rows[d.Slot]; twice || d.Slot != s.LastSlot+1 {
			t.Fatalf("slot %d is written after slot %d", d.Slot, s.LastSlot)
		}
		if want, _ := calendar.Plan(s.Cycle.Slot(s.Anchor, d.Slot), terms); d.Date != want.Date || d.Deadline != want.Deadline {
			t.Fatalf("slot %d drifted to %s, want %s", d.Slot, d.Date, want.Date)
		}
		l.rows[d.Slot], s.LastSlot = d, d.Slot
	}
	if s.LastSlot != out.LastSlot {
		t.Fatalf("the last slot is %d, told %d", s.LastSlot, out.LastSlot)
	}
	if out.Completed {
		if err := s.Become(subscription.StateCompleted); err != nil {
			t.Fatal(err)
		}
	}
	l.nextDue = out.NextDue
}

// mayOrder fails where a box must not be charged.
func (l *life) mayOrder(t *rapid.T, o Due) {
	if l.in.Subscription.State != subscription.StateActive || l.in.Unpaid || !l.in.HasCard || l.in.OutOfStock ||
		l.in.Variants[coffee].Status == catalog.StatusEnded || l.in.Address.Country != "JP" {
		t.Fatalf("ordered %+v under %+v", o.Delivery, l.in)
	}
	if o.Delivery.ShippingDate.Before(calendar.DateOf(l.now.In(l.in.Zone))) || o.Delivery.Deadline.After(l.now) {
		t.Fatalf("ordered %+v at %s", o.Delivery, l.now)
	}
	again, err := PriceBox(l.in, o.Delivery.Box, o.Delivery.ShippingDate)
	if err != nil || again.Total != o.Priced.Total || o.Priced.Total != 2072 {
		t.Fatalf("ordered for %d, priced at %d (%v)", o.Priced.Total, again.Total, err)
	}
}

// check is what must hold after each run.
func (l *life) check(t *rapid.T, out Outcome) {
	s := l.in.Subscription
	planned := l.list(subscription.DeliveryPlanned)
	open := len(planned) + len(l.list(subscription.DeliveryHeld, subscription.DeliveryBlocked))
	var next time.Time
	for _, d := range planned {
		if !d.Deadline.After(l.now) {
			t.Fatalf("slot %d fell due at %s and is still planned at %s", d.Slot, d.Deadline, l.now)
		}
		if next.IsZero() || d.Deadline.Before(next) {
			next = d.Deadline
		}
	}
	if !next.Equal(out.NextDue) {
		t.Fatalf("next due %s, told %s", next, out.NextDue)
	}
	if s.Count > 0 && s.BoxesOrdered+open > s.Count {
		t.Fatalf("%d boxes ordered and %d open of %d", s.BoxesOrdered, open, s.Count)
	}
	if (s.State == subscription.StateCompleted) != (s.Count > 0 && s.BoxesOrdered == s.Count) {
		t.Fatalf("%s with %d of %d boxes", s.State, s.BoxesOrdered, s.Count)
	}
	for _, d := range out.Planned {
		// A quote is what the box will cost, unless it moves.
		if priced, err := PriceBox(l.in, 2, d.ShippingDate); d.State == subscription.DeliveryPlanned && (err != nil || d.Quoted != priced.Total) {
			t.Fatalf("slot %d is quoted at %d, it costs %d (%v)", d.Slot, d.Quoted, priced.Total, err)
		}
	}
	if ended(s) || l.in.Address.Country != "JP" {
		return // nothing more is to come, or nobody knows when
	}
	full := s.Count > 0 && s.BoxesOrdered+open == s.Count
	if len(planned) < s.Visible && !full {
		t.Fatalf("%d planned of %d visible, %d boxes and %d open of %d", len(planned), s.Visible, s.BoxesOrdered, open, s.Count)
	}
	ahead, _ := calendar.Plan(s.Cycle.Slot(s.Anchor, s.LastSlot+1), l.in.Settings.Terms(l.in.Zone, s.GraceDays, 1))
	if !full && !ahead.Deadline.After(l.now) {
		t.Fatalf("slot %d fell due at %s and was never written by %s", s.LastSlot+1, ahead.Deadline, l.now)
	}
}

func TestAYearOfDowntimesAndTroubleLosesAndDoublesNoSlot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := begin(t)
		end := l.now.AddDate(1, 0, 0)
		for l.now.Before(end) {
			days := rapid.SampledFrom([]int{1, 1, 3, 3, 7, 20, 45, 100}).Draw(t, "days")
			l.now = l.now.Add(time.Duration(rapid.IntRange(1, days*24).Draw(t, "hours")) * time.Hour)
			l.happen(t)
			l.run(t)
		}
		if s := l.in.Subscription; len(l.rows) != s.LastSlot || len(l.boxes) != s.BoxesOrdered {
			t.Fatalf("%d rows for %d slots, %d box numbers for %d boxes", len(l.rows), s.LastSlot, len(l.boxes), s.BoxesOrdered)
		}
		for slot := 1; slot <= l.in.Subscription.LastSlot; slot++ {
			if d, written := l.rows[slot]; !written || d.Slot != slot {
				t.Fatalf("slot %d is %+v", slot, d)
			}
		}
	})
}

func TestACancellationAtAnyMomentOrdersNothingMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := begin(t)
		for range rapid.IntRange(0, 10).Draw(t, "runs") {
			l.now = l.now.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "hours")) * time.Hour)
			l.happen(t)
			l.run(t)
		}
		if err := l.in.Subscription.Become(subscription.StateCancelled); err != nil {
			return // it was completed
		}
		l.now, l.woken = l.now.Add(time.Duration(rapid.IntRange(0, 90*24).Draw(t, "hours later"))*time.Hour), true
		ordered := l.in.Subscription.BoxesOrdered
		l.run(t)
		open := l.list(subscription.DeliveryPlanned, subscription.DeliveryHeld, subscription.DeliveryBlocked)
		if l.in.Subscription.BoxesOrdered != ordered || len(open) != 0 || !l.nextDue.IsZero() {
			t.Fatalf("after the cancellation: %d boxes, then %d; open %v; next due %s", ordered, l.in.Subscription.BoxesOrdered, open, l.nextDue)
		}
	})
}
