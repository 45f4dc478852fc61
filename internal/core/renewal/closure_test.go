package renewal

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// closed lets the store ship nothing from one date to another.
func closed(from, to calendar.Date) func(*Input) {
	return func(in *Input) {
		for d := from; !d.After(to); d = d.AddDays(1) {
			in.Settings.Delivery.Shipping.ClosedDates = append(in.Settings.Delivery.Shipping.ClosedDates, d)
		}
	}
}

// weekly is a box on each Tuesday from 1 December 2026, grace 3 days, so many of
// them planned ahead.
func weekly(visible int) func(*Input) {
	return func(in *Input) {
		s := &in.Subscription
		s.Cycle, s.Anchor = calendar.Cycle{Every: 1, Unit: calendar.UnitWeek}, calendar.On(2026, 12, 1)
		s.GraceDays, s.Visible, s.LastSlot = 3, visible, 1
		in.Deliveries = nil
	}
}

// A shop that rests from 19 December to 7 January ships on the 18th what is for
// the 22nd, the 29th and the 5th: one would be ordered and two be missed.
func TestBoxesWithinALongClosureAreNotDueTogether(t *testing.T) {
	for _, visible := range []int{1, 2, 5} {
		in := monthly(weekly(visible), closed(calendar.On(2026, 12, 19), calendar.On(2027, 1, 7)))
		got := onTime(t, &in, at("2026-12-02T03:00:00Z"), at("2027-01-31T00:00:00Z"))
		want := []string{
			"2026-12-08", "2026-12-15", "2026-12-22", "2027-01-09", "2027-01-10", "2027-01-12", "2027-01-19", "2027-01-26", "2027-02-02",
		}
		if len(got) < len(want) {
			t.Fatalf("%d visible: ordered for %v", visible, got)
		}
		for i, date := range want {
			if got[i].String() != date {
				t.Errorf("%d visible: box %d comes on %s, not on %s", visible, i+2, got[i], date)
			}
		}
	}
}

// fataler is a test, be it a rapid one or not.
type fataler interface {
	Fatalf(format string, args ...any)
}

// onTime runs an engine that is never late, from now to the end, and returns the
// dates of the boxes that it orders. It fails where one is missed.
func onTime(t fataler, in *Input, now, end time.Time) []calendar.Date {
	var dates []calendar.Date
	for now.Before(end) {
		out, err := Decide(*in, now)
		if err != nil {
			t.Fatalf("at %s: %v", now, err)
		}
		var open []subscription.Delivery
		gone := map[int]bool{}
		if o := out.Order; o != nil {
			dates, gone[o.Delivery.Slot] = append(dates, o.Delivery.Date), true
			in.Subscription.BoxesOrdered++
		}
		for _, due := range out.Others {
			t.Fatalf("at %s slot %d is %s (%s)", now, due.Delivery.Slot, due.Delivery.State, due.Delivery.Cause)
		}
		for _, d := range in.Deliveries {
			if !gone[d.Slot] {
				open = append(open, d)
			}
		}
		for _, d := range out.Planned {
			if d.State != subscription.DeliveryPlanned {
				t.Fatalf("at %s slot %d for %s is %s (%s) before it was planned", now, d.Slot, d.Date, d.State, d.Cause)
			}
			open = append(open, d)
		}
		in.Deliveries, in.Subscription.LastSlot = open, out.LastSlot
		if !inOrder(open) {
			t.Fatalf("at %s deliveries are out of order: %v", now, open)
		}
		if !out.NextDue.After(now) {
			t.Fatalf("at %s nothing is due any more", now)
		}
		now = out.NextDue
	}
	return dates
}

func TestAnEngineThatIsNeverLateMissesNoBox(t *testing.T) {
	zones := []string{"Asia/Tokyo", "America/New_York", "America/Santiago", "Pacific/Kiritimati", "Europe/London"}
	rapid.Check(t, func(t *rapid.T) {
		in := monthly()
		in.Deliveries = nil
		s := &in.Subscription
		s.LastSlot, s.ID = 1, ident.ID{15: 7}
		s.GraceDays = rapid.IntRange(0, 10).Draw(t, "grace")
		unit := rapid.SampledFrom([]calendar.Unit{calendar.UnitDay, calendar.UnitWeek, calendar.UnitMonth, calendar.UnitMonthWeekday}).Draw(t, "unit")
		s.Cycle = calendar.Cycle{Every: 1, Unit: unit}
		for s.Cycle.ShortestDays() <= s.GraceDays {
			s.Cycle.Every++
		}
		s.Anchor = calendar.On(2026, 12, 1).AddDays(rapid.IntRange(0, 500).Draw(t, "anchor"))
		s.Visible = rapid.IntRange(1, 6).Draw(t, "visible")
		in.Settings.Delivery.PreparationDays = rapid.IntRange(0, 3).Draw(t, "preparation")
		in.Settings.Delivery.CutOffMinutes = rapid.SampledFrom([]int{1440, 0, 600, 150}).Draw(t, "cutoff")
		in.Settings.Delivery.Methods[0].Zones[0].TransitDays = rapid.IntRange(0, 4).Draw(t, "transit")
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		in.Zone = zone
		for range rapid.IntRange(0, 4).Draw(t, "closures") {
			from := s.Anchor.AddDays(rapid.IntRange(10, 150).Draw(t, "closed from"))
			closed(from, from.AddDays(rapid.IntRange(0, 30).Draw(t, "closed days")))(&in)
		}
		// Box 1 was ordered in time for its own day: its deadline is the first now.
		first, _ := calendar.Plan(s.Anchor, in.Settings.Terms(in.Zone, s.GraceDays, in.Settings.Delivery.Methods[0].Zones[0].TransitDays))
		onTime(t, &in, first.Deadline.AddDate(0, 0, -s.GraceDays), s.Anchor.AddDays(200).Start(zone))
	})
}
