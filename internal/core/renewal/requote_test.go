package renewal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

func TestChangedTermsAreToldInTimeOrNotCharged(t *testing.T) {
	fee := func(fee int64) func(*Input) {
		return func(in *Input) { in.Settings.Delivery.Methods[0].Zones[0].Fee = fee }
	}
	early, late := at("2026-12-10T03:00:00Z"), at("2026-12-25T03:00:00Z") // 19 and 4 days before the deadline of slot 2
	type want struct {
		quotes []int64
		notice bool
	}
	for _, c := range []struct {
		name      string
		in        Input
		reachable bool
		now       time.Time
		want      want
	}{
		{"postage lowered", monthly(quoted, fee(500)), true, late, want{[]int64{1922, 1922, 1922}, false}},
		{"postage raised", monthly(quoted, fee(900)), true, early, want{[]int64{2322, 2322, 2322}, true}},
		{"raised shortly before a deadline", monthly(quoted, fee(900)), true, late, want{[]int64{2072, 2322, 2322}, true}},
		{"raised, and nobody to be told", monthly(quoted, fee(900)), false, early, want{[]int64{2072, 2072, 2072}, false}},
		{"lowered, and nobody to be told", monthly(quoted, fee(500)), false, early, want{[]int64{1922, 1922, 1922}, false}},
		{"one that is paused", monthly(quoted, fee(900), state(subscription.StatePaused)), true, early, want{[]int64{2072, 2072, 2072}, false}},
		{"what is blocked waits for the run", monthly(quoted, fee(900), became(2, subscription.DeliveryBlocked, subscription.CauseStockOut)), true, at(due2), want{[]int64{2072, 2322, 2322}, true}},
		{"what is skipped is none", monthly(quoted, fee(900), became(3, subscription.DeliverySkipped, subscription.CauseCustomer)), true, early, want{[]int64{2322, 2072, 2322}, true}},
		{"one that has ended", monthly(quoted, fee(900), state(subscription.StateCancelled)), true, early, want{[]int64{2072, 2072, 2072}, false}},
		{"nothing changed", monthly(quoted), true, early, want{[]int64{2072, 2072, 2072}, false}},
	} {
		out, err := Reconsider(c.in, c.reachable, c.now)
		got := want{notice: out.Notice}
		for _, d := range afterwards(c.in, Change{Subscription: c.in.Subscription, Updated: out.Updated}).Deliveries {
			got.quotes = append(got.quotes, d.Quoted)
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(want{})); diff != "" || err != nil {
			t.Errorf("%s: %s %v", c.name, diff, err)
		}
	}
}

func TestABoxThatNewTermsMayLetGoOnIsLookedAt(t *testing.T) {
	for cause, want := range map[subscription.Cause]bool{
		subscription.CauseCODLimit: true, subscription.CauseNoZone: true, subscription.CauseStockOut: false, subscription.CauseNoCard: false,
	} {
		out, err := Reconsider(monthly(quoted, became(2, subscription.DeliveryBlocked, cause)), true, at(due2))
		if err != nil || out.Wake != want {
			t.Errorf("%s: %v, %v", cause, out.Wake, err)
		}
	}
}

func TestWhateverTermsChangeNoDeliveryIsLostOrDueAtAnotherTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := monthly(quoted, weekly(rapid.IntRange(1, 6).Draw(t, "visible")))
		now := at("2026-12-02T03:00:00Z")
		out, err := Decide(in, now)
		if err != nil {
			t.Fatal(err)
		}
		in.Deliveries, in.Subscription.LastSlot = out.Planned, out.LastSlot
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			now = now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			in.Settings = settings()
			in.Settings.Delivery.PreparationDays = rapid.IntRange(0, 3).Draw(t, "preparation")
			in.Settings.Delivery.Methods[0].Zones = []shipping.Zone{{
				Country: "JP", Fee: rapid.Int64Range(0, 2_000).Draw(t, "postage"), TransitDays: rapid.IntRange(0, 4).Draw(t, "transit"),
			}}
			from := calendar.On(2026, 12, 1).AddDays(rapid.IntRange(0, 40).Draw(t, "closed from"))
			closed(from, from.AddDays(rapid.IntRange(0, 20).Draw(t, "closed days")))(&in)
			re, err := Reconsider(in, rapid.Bool().Draw(t, "reachable"), now)
			if err != nil {
				t.Fatal(err)
			}
			list := map[int]subscription.Delivery{}
			for _, d := range re.Updated {
				list[d.Slot] = d
			}
			for i, was := range in.Deliveries {
				d, changed := list[was.Slot]
				if !changed {
					d = was
				}
				raised := d.Quoted > was.Quoted
				switch {
				case d.Deadline != was.Deadline || d.DeadlineDate != was.DeadlineDate || d.State != was.State:
					t.Fatalf("slot %d is due at another time: %+v, was %+v", d.Slot, d, was)
				case d.Date.Before(was.Date):
					t.Fatalf("slot %d comes earlier", d.Slot)
				case raised && (!re.Notice || d.Deadline.Sub(now) < noticeDays*24*time.Hour):
					t.Fatalf("slot %d is raised without a word", d.Slot)
				case d.Date != was.Date && !re.Notice:
					t.Fatalf("slot %d is moved without a word", d.Slot)
				case d.Deadline.After(now) && (!in.Settings.Delivery.Shipping.Ships(d.ShippingDate) || !d.ShippingDate.After(d.DeadlineDate)):
					t.Fatalf("slot %d ships on %s, until %s", d.Slot, d.ShippingDate, d.DeadlineDate)
				}
				in.Deliveries[i] = d
			}
			if !inOrder(in.Deliveries) {
				t.Fatalf("out of order: %+v", in.Deliveries)
			}
			again, err := Reconsider(in, true, now)
			for _, d := range again.Updated { // reachable or not; dates are settled
				if i := d.Slot - in.Deliveries[0].Slot; d.Date != in.Deliveries[i].Date || d.ShippingDate != in.Deliveries[i].ShippingDate {
					t.Fatalf("a second look moves slot %d again: %+v, %v", d.Slot, d, err)
				}
			}
		}
	})
}
