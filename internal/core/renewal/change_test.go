package renewal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// tellChange puts a change into words.
func tellChange(c Change, err error) []string {
	if err != nil {
		var words []string
		for _, e := range fault.All(err) {
			words = append(words, e.Key)
		}
		return words
	}
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	s := c.Subscription
	say("%s, %d boxes of %d, anchor %s, last slot %d", s.State, s.BoxesOrdered, s.Count, s.Anchor, s.LastSlot)
	if c.Box != nil {
		say("one box of %d for %d yen", len(c.Box.Deliveries), c.Box.Priced.Total)
	}
	for _, d := range c.Updated {
		say("slot %d %s(%s) box %d for %s until %s, %d yen", d.Slot, d.State, d.Cause, d.Box, d.Date, d.DeadlineDate, d.Quoted)
	}
	for _, d := range c.Retracted {
		say("slot %d retracted", d.Slot)
	}
	for _, d := range c.Planned {
		say("new slot %d for %s, %d yen", d.Slot, d.Date, d.Quoted)
	}
	if !c.NextDue.IsZero() {
		say("next due %s", c.NextDue.Format(time.RFC3339))
	}
	return words
}

// quoted gives the planned deliveries of the input their price.
func quoted(in *Input) {
	for i := range in.Deliveries {
		in.Deliveries[i].Quoted = 2072
	}
	in.Subscription.Items[0].ID = ident.ID{15: 9}
	in.Subscription.Minimum = 1
}

func minimum(n int) func(*Input) { return func(in *Input) { in.Subscription.Minimum = n } }

func TestEachChangeShowsWhatItDoes(t *testing.T) {
	december, between := at("2026-12-10T03:00:00Z"), at("2026-12-30T03:00:00Z") // before and after the deadline of slot 2
	held := func(in *Input) {
		became(2, subscription.DeliveryHeld, "")(in)
		became(3, subscription.DeliveryHeld, "")(in)
		in.Subscription.State = subscription.StatePaused
	}
	february := at("2027-02-02T03:00:00Z")
	putOff := func(date calendar.Date, following bool) func(Input, time.Time) (Change, error) {
		return PutOff{Slot: 2, Date: date, Following: following, MaxDays: 20}.Apply
	}
	skip := func(slot int) func(Input, time.Time) (Change, error) {
		return func(in Input, now time.Time) (Change, error) { return Skip(in, slot, now) }
	}
	restore := func(in Input, now time.Time) (Change, error) { return Restore(in, 2, now) }
	quantity := func(n int64) func(Input, time.Time) (Change, error) {
		return func(in Input, now time.Time) (Change, error) { return SetQuantity(in, ident.ID{15: 9}, n, 3, now) }
	}
	resume := func(ship bool) func(Input, time.Time) (Change, error) {
		return func(in Input, now time.Time) (Change, error) { return Resume(in, ship, now) }
	}
	skipped2 := became(2, subscription.DeliverySkipped, subscription.CauseCustomer)
	tests := []struct {
		name   string
		in     Input
		change func(Input, time.Time) (Change, error)
		now    time.Time
		want   []string
	}{
		{
			"a skip plans one more at the end", monthly(quoted), skip(2), december,
			[]string{
				"active, 1 boxes of 0, anchor 2026-12-05, last slot 5",
				"slot 2 skipped(customer) box 0 for 2027-01-05 until 2026-12-29, 2072 yen",
				new5c, next3,
			},
		},
		{
			"a skip keeps a fixed count", monthly(quoted, count(4)), skip(3), december,
			[]string{
				"active, 1 boxes of 4, anchor 2026-12-05, last slot 5",
				"slot 3 skipped(customer) box 0 for 2027-02-05 until 2027-01-29, 2072 yen",
				new5c, "next due " + due2,
			},
		},
		{"a skip after the deadline is refused", monthly(quoted), skip(2), between, []string{"fault.delivery.deadline"}},
		{"a skip of a slot that is not planned is refused", monthly(quoted, skipped2), skip(2), december, []string{"fault.delivery.state"}},
		{"a skip of nothing is not found", monthly(quoted), skip(9), december, []string{"fault.not_found"}},
		{"a paused subscription skips nothing", monthly(quoted, state(subscription.StatePaused)), skip(2), december, []string{"fault.subscription.state"}},
		{
			"a skip taken back gives the count its slot back", monthly(quoted, skipped2, count(3)), restore, december,
			[]string{
				"active, 1 boxes of 3, anchor 2026-12-05, last slot 3",
				"slot 2 planned() box 0 for 2027-01-05 until 2026-12-29, 2072 yen",
				"slot 4 retracted", "next due " + due2,
			},
		},
		{"a skip is taken back until its deadline", monthly(quoted, skipped2), restore, between, []string{"fault.delivery.deadline"}},
		{"what the engine missed is not taken back", monthly(quoted, became(2, subscription.DeliverySkipped, subscription.CauseMissed)), restore, december, []string{"fault.delivery.state"}},
		{
			"only this one is put off", monthly(quoted), putOff(calendar.On(2027, 1, 20), false), december,
			[]string{
				"active, 1 boxes of 0, anchor 2026-12-05, last slot 4",
				"slot 2 planned() box 0 for 2027-01-20 until 2027-01-13, 2072 yen",
				"next due 2027-01-13T15:00:00Z",
			},
		},
		{
			"this and the following move with the anchor", monthly(quoted), putOff(calendar.On(2027, 1, 20), true), december,
			[]string{
				"active, 1 boxes of 0, anchor 2026-12-20, last slot 4",
				"slot 2 planned() box 0 for 2027-01-20 until 2027-01-13, 2072 yen",
				"slot 3 planned() box 0 for 2027-02-20 until 2027-02-13, 2072 yen",
				"slot 4 planned() box 0 for 2027-03-20 until 2027-03-13, 2072 yen",
				"next due 2027-01-13T15:00:00Z",
			},
		},
		{"put off beyond the plan's days", monthly(quoted), putOff(calendar.On(2027, 1, 26), false), december, []string{"fault.delivery.put_off_range"}},
		{"put off to an earlier day", monthly(quoted), putOff(calendar.On(2027, 1, 4), false), december, []string{"fault.delivery.put_off_range"}},
		{"put off after the deadline", monthly(quoted), putOff(calendar.On(2027, 1, 20), false), between, []string{"fault.delivery.deadline"}},
		{
			"put off onto the next one", monthly(quoted),
			PutOff{Slot: 2, Date: calendar.On(2027, 2, 5), MaxDays: 60}.Apply, december,
			[]string{"fault.delivery.past_next"},
		},
		{
			"the last planned one onto a slot that is still to be planned", monthly(quoted),
			PutOff{Slot: 4, Date: calendar.On(2027, 4, 5), MaxDays: 60}.Apply, december,
			[]string{"fault.delivery.past_next"},
		},
		{
			"no first slot in February gives the 30th of January's successors", monthly(quoted, func(in *Input) {
				in.Subscription.Anchor = calendar.On(2026, 11, 5)
				in.Deliveries = in.Subscription.Upcoming(1, 0, calendar.Planned{}, in.Settings.Terms(in.Zone, 7, 1))
			}), PutOff{Slot: 2, Date: calendar.On(2026, 12, 31), Following: true, MaxDays: 60}.Apply, at("2026-11-10T03:00:00Z"),
			[]string{"fault.delivery.no_rule"},
		},
		{
			"quantity from the next box on", monthly(quoted), quantity(2), december,
			[]string{
				"active, 1 boxes of 0, anchor 2026-12-05, last slot 4",
				"slot 2 planned() box 0 for 2027-01-05 until 2026-12-29, 3494 yen",
				"slot 3 planned() box 0 for 2027-02-05 until 2027-01-29, 3494 yen",
				"slot 4 planned() box 0 for 2027-03-05 until 2027-02-26, 3494 yen",
				"next due " + due2,
			},
		},
		{"more than the plan's quantity", monthly(quoted), quantity(4), december, []string{"fault.number.range"}},
		{"none at all", monthly(quoted), quantity(0), december, []string{"fault.number.range"}},
		{"quantity while a box is due", monthly(quoted), quantity(2), between, []string{"fault.subscription.busy"}},
		{"more while a box is blocked", monthly(quoted, became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)), quantity(2), between, []string{"fault.number.range"}},
		{
			"a cancellation at the minimum ends at once", monthly(quoted), Cancel, december,
			[]string{
				"cancelled, 1 boxes of 0, anchor 2026-12-05, last slot 4",
				"slot 2 cancelled(customer) box 0 for 2027-01-05 until 2026-12-29, 2072 yen",
				"slot 3 cancelled(customer) box 0 for 2027-02-05 until 2027-01-29, 2072 yen",
				"slot 4 cancelled(customer) box 0 for 2027-03-05 until 2027-02-26, 2072 yen",
			},
		},
		{
			"below the minimum it ends there", monthly(quoted, minimum(3)), Cancel, december,
			[]string{"active, 1 boxes of 3, anchor 2026-12-05, last slot 3", "slot 4 retracted", "next due " + due2},
		},
		{"twice below the minimum", monthly(quoted, minimum(4), count(4)), Cancel, december, []string{"fault.subscription.ending"}},
		{"a cancellation beside an unpaid order", monthly(quoted, unpaid), Cancel, december, []string{"fault.subscription.unpaid"}},
		{"a pause beside an unpaid order", monthly(quoted, unpaid), Pause, december, []string{"fault.subscription.unpaid"}},
		{"a pause moves nothing", monthly(quoted), Pause, december, []string{"paused, 1 boxes of 0, anchor 2026-12-05, last slot 4", "next due " + due2}},
		{"a resume without held boxes", monthly(quoted, state(subscription.StatePaused)), resume(true), december, []string{"active, 1 boxes of 0, anchor 2026-12-05, last slot 4", "next due " + due2}},
		{
			"a resume ships the held ones in one box with one postage", monthly(quoted, held), resume(true), february,
			[]string{
				"active, 3 boxes of 0, anchor 2026-12-05, last slot 6", "one box of 2 for 3494 yen",
				"slot 2 ordered() box 2 for 2027-02-04 until 2026-12-29, 2072 yen",
				"slot 3 ordered() box 3 for 2027-02-04 until 2027-01-29, 2072 yen",
				new5c, "new slot 6 for 2027-05-05, 2072 yen", next4,
			},
		},
		{
			"a resume that skips the held ones", monthly(quoted, held, count(3)), resume(false), february,
			[]string{
				"active, 1 boxes of 3, anchor 2026-12-05, last slot 5",
				"slot 2 skipped(customer) box 0 for 2027-01-05 until 2026-12-29, 2072 yen",
				"slot 3 skipped(customer) box 0 for 2027-02-05 until 2027-01-29, 2072 yen",
				new5c, next4,
			},
		},
		{
			"a resume that completes the count", monthly(quoted, held, count(3), only(2)), resume(true), february,
			[]string{
				"completed, 3 boxes of 3, anchor 2026-12-05, last slot 3", "one box of 2 for 3494 yen",
				"slot 2 ordered() box 2 for 2027-02-04 until 2026-12-29, 2072 yen",
				"slot 3 ordered() box 3 for 2027-02-04 until 2027-01-29, 2072 yen",
			},
		},
		{"held boxes without a card", monthly(quoted, held, noCard), resume(true), february, []string{"fault.resume.card"}},
		{"held boxes of an ended product", monthly(quoted, held, productEnded), resume(true), february, []string{"fault.resume.ended"}},
		{"held boxes beside an unpaid order", monthly(quoted, held, unpaid), resume(true), february, []string{"fault.subscription.unpaid"}},
		{"a resume of what runs", monthly(quoted), resume(true), december, []string{"fault.subscription.state"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tellChange(tt.change(tt.in, tt.now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const new5c = "new slot 5 for 2027-04-05, 2072 yen"

func TestTheDaysToPutOffToAreThoseTheRuleTakes(t *testing.T) {
	in := monthly(quoted)
	in.Settings.Delivery.Shipping.ClosedWeekdays = []time.Weekday{time.Sunday}
	var got []string
	for _, d := range (PutOff{Slot: 2, MaxDays: 8}).Dates(in, at("2026-12-10T03:00:00Z")) {
		got = append(got, d.String())
	}
	// 10 January is a Sunday: a box that is shipped on Saturday arrives on it, and
	// on the Monday after it, one day later than it needs.
	want := []string{"2027-01-06", "2027-01-07", "2027-01-08", "2027-01-09", "2027-01-10", "2027-01-11", "2027-01-12", "2027-01-13"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Putting one delivery off again and again, with or without those that follow, goes
// no further than putting it off once.
func TestTheDaysToPutOffAreGivenOnce(t *testing.T) {
	now := at("2026-12-10T03:00:00Z")
	for _, first := range []bool{false, true} {
		for _, then := range []bool{false, true} {
			in := monthly(quoted)
			change, err := PutOff{Slot: 2, Date: calendar.On(2027, 1, 15), Following: first, MaxDays: 10}.Apply(in, now)
			if err != nil {
				t.Fatal(err)
			}
			after := afterwards(in, change)
			again := PutOff{Slot: 2, Date: calendar.On(2027, 1, 16), Following: then, MaxDays: 10}
			if diff := cmp.Diff([]string{"fault.delivery.put_off_range"}, tellChange(again.Apply(after, now))); diff != "" {
				t.Errorf("following %t, then %t: %s", first, then, diff)
			}
			if days := again.Dates(after, now); len(days) > 0 {
				t.Errorf("following %t, then %t: %v are offered", first, then, days)
			}
			next := PutOff{Slot: 3, Date: after.Deliveries[1].Date.AddDays(10), MaxDays: 10}
			if _, err := next.Apply(after, now); err != nil {
				t.Errorf("following %t: the next has no days of its own: %v", first, err)
			}
		}
	}
}

// A delivery before the one that moves the calendar gets no days by that.
func TestALaterDeliveryPutOffGivesTheOneBeforeItNoDays(t *testing.T) {
	now := at("2026-12-10T03:00:00Z")
	in := monthly(quoted)
	change, err := PutOff{Slot: 3, Date: calendar.On(2027, 2, 15), Following: true, MaxDays: 10}.Apply(in, now)
	if err != nil {
		t.Fatal(err)
	}
	late := PutOff{Slot: 2, Date: calendar.On(2027, 1, 16), MaxDays: 10}
	if diff := cmp.Diff([]string{"fault.delivery.put_off_range"}, tellChange(late.Apply(afterwards(in, change), now))); diff != "" {
		t.Error(diff)
	}
}

// afterwards is the input once a change that only moves deliveries is made.
func afterwards(in Input, c Change) Input {
	in.Subscription, in.Deliveries = c.Subscription, slices.Clone(in.Deliveries)
	for _, d := range c.Updated {
		in.Deliveries[d.Slot-2] = d
	}
	return in
}

// A day that cannot be kept is not offered: shipping would fall before the deadline.
func TestADayThatNothingCanReachIsNotOffered(t *testing.T) {
	in := monthly(quoted)
	in.Subscription.GraceDays = 1
	in.Settings.Delivery.Shipping.ClosedDates = []calendar.Date{calendar.On(2027, 1, 7), calendar.On(2027, 1, 8), calendar.On(2027, 1, 9)}
	in.Deliveries = in.Subscription.Upcoming(1, 0, calendar.Planned{}, in.Settings.Terms(in.Zone, 1, 1))
	for _, d := range (PutOff{Slot: 2, MaxDays: 20}).Dates(in, at("2026-12-10T03:00:00Z")) {
		planned, _ := calendar.Plan(d, in.Settings.Terms(in.Zone, 1, 1))
		if planned.Date != d {
			t.Errorf("%s is offered, a box would come on %s", d, planned.Date)
		}
	}
}

// apply writes a change as a database would, and checks it against the states'
// table.
func (l *life) apply(t *rapid.T, c Change) {
	t.Helper()
	for _, d := range c.Retracted {
		if l.rows[d.Slot].State != subscription.DeliveryPlanned {
			t.Fatalf("slot %d was retracted as %s", d.Slot, l.rows[d.Slot].State)
		}
		delete(l.rows, d.Slot)
	}
	for _, d := range c.Updated {
		before, written := l.rows[d.Slot]
		if !written || (before.State != d.State && !before.State.CanBecome(d.State)) {
			t.Fatalf("slot %d: %s → %s", d.Slot, before.State, d.State)
		}
		if before.State == subscription.DeliveryOrdered {
			t.Fatalf("slot %d is ordered and was changed", d.Slot)
		}
		l.rows[d.Slot] = d
		if d.Box > 0 {
			if other, twice := l.boxes[d.Box]; twice {
				t.Fatalf("box %d is slot %d and slot %d", d.Box, other, d.Slot)
			}
			l.boxes[d.Box] = d.Slot
		}
	}
	for _, d := range c.Planned {
		if _, twice := l.rows[d.Slot]; twice {
			t.Fatalf("slot %d is planned twice", d.Slot)
		}
		l.rows[d.Slot] = d
	}
	l.in.Subscription, l.nextDue = c.Subscription, c.NextDue
	for slot := range l.rows {
		if slot > c.Subscription.LastSlot {
			t.Fatalf("slot %d lies beyond the last, %d", slot, c.Subscription.LastSlot)
		}
	}
}

// step is one change or one run, whatever is drawn.
func (l *life) step(t *rapid.T) string {
	l.in.Deliveries = l.list(
		subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld,
		subscription.DeliverySkipped, subscription.DeliveryOrdered, subscription.DeliveryCancelled,
	)
	slot := rapid.IntRange(1, l.in.Subscription.LastSlot).Draw(t, "slot")
	what := rapid.SampledFrom([]string{"skip", "skip", "restore", "put off", "put off all", "quantity", "pause", "resume", "resume and skip", "cancel"}).Draw(t, "what")
	var c Change
	var err error
	switch what {
	case "skip":
		c, err = Skip(l.in, slot, l.now)
	case "restore":
		c, err = Restore(l.in, slot, l.now)
	case "put off", "put off all":
		date := l.rows[slot].Date.AddDays(rapid.IntRange(-2, 25).Draw(t, "days"))
		c, err = PutOff{Slot: slot, Date: date, Following: what == "put off all", MaxDays: 20}.Apply(l.in, l.now)
	case "quantity":
		c, err = SetQuantity(l.in, l.in.Subscription.Items[0].ID, rapid.Int64Range(0, 4).Draw(t, "pieces"), 3, l.now)
	case "pause":
		c, err = Pause(l.in, l.now)
	case "resume", "resume and skip":
		c, err = Resume(l.in, what == "resume", l.now)
	case "cancel":
		if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
			return ""
		}
		c, err = Cancel(l.in, l.now)
	}
	if err != nil {
		if len(fault.All(err)) == 0 {
			t.Fatalf("%s of slot %d: %v", what, slot, err)
		}
		return ""
	}
	l.apply(t, c)
	return what
}

// engine orders what is due, as the deadline run does.
func (l *life) engine(t *rapid.T) {
	if l.nextDue.IsZero() || l.nextDue.After(l.now) {
		return
	}
	l.in.Deliveries = l.list(subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld)
	out, err := Decide(l.in, l.now)
	if err != nil {
		t.Fatal(err)
	}
	s := l.in.Subscription
	s.LastSlot = out.LastSlot
	c := Change{NextDue: out.NextDue, Planned: out.Planned}
	if out.Order != nil {
		s.BoxesOrdered++
		c.Updated = append(c.Updated, out.Order.Delivery)
	}
	if out.Completed {
		s.State = subscription.StateCompleted
	}
	for _, due := range out.Others {
		c.Updated = append(c.Updated, due.Delivery)
	}
	c.Updated = append(c.Updated, out.Requoted...)
	c.Subscription = s
	l.apply(t, c)
}

func TestNoSequenceOfChangesLosesOrDoublesADelivery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := begin(t)
		s := &l.in.Subscription
		s.Minimum = rapid.IntRange(1, 3).Draw(t, "minimum")
		if s.Count > 0 {
			s.Minimum = min(s.Minimum, s.Count)
		}
		s.Items[0].ID = ident.ID{15: 9}
		s.Agreement.Count = []catalog.CountDiscount{
			{FromBox: rapid.IntRange(2, 5).Draw(t, "discount from"), Discount: catalog.Discount{Amount: 100}},
		}
		for i, d := range l.list(subscription.DeliveryPlanned) {
			p, err := PriceBox(l.in, s.BoxOf(i), d.ShippingDate)
			if err != nil {
				t.Fatal(err)
			}
			d.Quoted = p.Total
			l.rows[d.Slot] = d
		}
		l.nextDue = earliest(l.list(subscription.DeliveryPlanned))
		for range 40 {
			if rapid.Bool().Draw(t, "a day passes") {
				l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 9).Draw(t, "days"))
				l.engine(t)
			}
			l.step(t)
			l.sound(t)
		}
	})
}

// sound is what must hold whatever was changed.
func (l *life) sound(t *rapid.T) {
	t.Helper()
	s := l.in.Subscription
	planned := l.list(subscription.DeliveryPlanned)
	waiting := len(l.list(subscription.DeliveryHeld, subscription.DeliveryBlocked))
	if len(l.boxes) != s.BoxesOrdered || len(l.list(subscription.DeliveryOrdered)) != s.BoxesOrdered {
		t.Fatalf("%d boxes, %d numbers, %d deliveries ordered", s.BoxesOrdered, len(l.boxes), len(l.list(subscription.DeliveryOrdered)))
	}
	if ended(s) {
		if len(planned)+waiting > 0 {
			t.Fatalf("%s with %d planned and %d waiting", s.State, len(planned), waiting)
		}
		return
	}
	for i, d := range planned { // as the engine would price it
		if p, err := PriceBox(l.in, s.BoxOf(waiting+i), d.ShippingDate); err != nil || p.Total != d.Quoted {
			t.Fatalf("slot %d is quoted %d, the box would cost %d (%v)", d.Slot, d.Quoted, p.Total, err)
		}
	}
	if !inOrder(planned) {
		t.Fatalf("out of order: %+v", planned)
	}
	if got := earliest(planned); !got.Equal(l.nextDue) {
		t.Fatalf("next due %s, the earliest deadline is %s", l.nextDue, got)
	}
	if s.Count == 0 {
		if len(planned) < s.Visible {
			t.Fatalf("%d planned of %d", len(planned), s.Visible)
		}
		return
	}
	if s.State == subscription.StatePaused {
		return // a count that was cut in a pause may have more held than it needs
	}
	open := s.BoxesOrdered + waiting + len(planned)
	if open > s.Count || (open < s.Count && len(planned) < s.Visible) {
		t.Fatalf("%d ordered, %d waiting, %d planned of %d", s.BoxesOrdered, waiting, len(planned), s.Count)
	}
}

func TestAPauseAndAResumeConserveTheCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := begin(t)
		l.in.Subscription.Count = rapid.IntRange(2, 8).Draw(t, "boxes agreed")
		s := &l.in.Subscription
		c, err := fit(l.in, *s, l.list(subscription.DeliveryPlanned), l.now)
		if err != nil {
			t.Fatal(err)
		}
		l.apply(t, c)
		for s.State != subscription.StateCompleted {
			l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days"))
			if s.State == subscription.StateActive && rapid.Bool().Draw(t, "pause") {
				l.in.Deliveries = l.all()
				c, err := Pause(l.in, l.now)
				if err != nil {
					t.Fatal(err)
				}
				l.apply(t, c)
			}
			l.engine(t)
			if s.State == subscription.StatePaused && rapid.Bool().Draw(t, "resume") {
				l.in.Deliveries = l.all()
				held := len(l.list(subscription.DeliveryHeld))
				boxes := s.BoxesOrdered
				c, err := Resume(l.in, true, l.now)
				if err != nil {
					t.Fatal(err)
				}
				l.apply(t, c)
				if s.BoxesOrdered != boxes+held {
					t.Fatalf("%d boxes held, %d ordered", held, s.BoxesOrdered-boxes)
				}
			}
			l.sound(t)
		}
		if s.BoxesOrdered != s.Count {
			t.Fatalf("%d boxes of %d", s.BoxesOrdered, s.Count)
		}
	})
}

func (l *life) all() []subscription.Delivery {
	return l.list(
		subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld,
		subscription.DeliverySkipped, subscription.DeliveryOrdered, subscription.DeliveryCancelled,
	)
}

func TestAnOrderThatIsTakenBackCountsAsNoBox(t *testing.T) {
	in := monthly(quoted, unpaid, boxes(2), minimum(2))
	order := ident.ID{15: 42}
	in.Deliveries[0].State, in.Deliveries[0].Box, in.Deliveries[0].OrderID = subscription.DeliveryOrdered, 2, order
	left, taken := WithoutOrders(in, []ident.ID{order})
	if left.Unpaid || left.Subscription.BoxesOrdered != 1 || in.Subscription.BoxesOrdered != 2 {
		t.Errorf("%d boxes of %d", left.Subscription.BoxesOrdered, in.Subscription.BoxesOrdered)
	}
	if len(taken) != 1 || taken[0].State != subscription.DeliveryCancelled || taken[0].Box != 2 || in.Deliveries[0].State != subscription.DeliveryOrdered {
		t.Errorf("taken back: %+v", taken)
	}
	// The box is owed again: who leaves below the minimum gets another one.
	want := []string{
		"active, 1 boxes of 2, anchor 2026-12-05, last slot 3", "slot 4 retracted", "next due " + due3,
	}
	if diff := cmp.Diff(want, tellChange(Cancel(left, at("2027-01-10T03:00:00Z")))); diff != "" {
		t.Error(diff)
	}
}
