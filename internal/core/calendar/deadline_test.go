package calendar

import (
	"testing"
	"time"
	_ "time/tzdata" // the same rules of time zones on every machine

	"pgregory.net/rapid"
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(name)
	}
	return z
}

func TestADeadlineIsAnInstantOfTheStoresZone(t *testing.T) {
	tests := []struct {
		name     string
		zone     string
		delivery string
		grace    int
		cutOff   int
		want     string // UTC
	}{
		{"Tokyo: the end of 28 November is 15:00 UTC", "Asia/Tokyo", "2026-12-05", 7, 1440, "2026-11-28T15:00:00Z"},
		{"Tokyo: a cut-off at 17:00", "Asia/Tokyo", "2026-12-05", 7, 17 * 60, "2026-11-28T08:00:00Z"},
		{"no cut-off means the end of the day", "Asia/Tokyo", "2026-12-05", 7, 0, "2026-11-28T15:00:00Z"},
		{"Kolkata: half hours", "Asia/Kolkata", "2026-12-05", 7, 1440, "2026-11-28T18:30:00Z"},
		{"Kolkata: 09:45", "Asia/Kolkata", "2026-12-05", 7, 9*60 + 45, "2026-11-28T04:15:00Z"},
		{"New York: the day before summer time ends at midnight EST", "America/New_York", "2026-03-12", 5, 1440, "2026-03-08T05:00:00Z"},
		{"New York: the day of 23 hours ends at midnight EDT", "America/New_York", "2026-03-13", 5, 1440, "2026-03-09T04:00:00Z"},
		{"New York: 02:30 is skipped, so it counts from 03:00 EDT", "America/New_York", "2026-03-13", 5, 150, "2026-03-08T07:00:00Z"},
		{"New York: the day of 25 hours ends at midnight EST", "America/New_York", "2026-11-06", 5, 1440, "2026-11-02T05:00:00Z"},
		{"Santiago: midnight is skipped, so the day ends at 01:00", "America/Santiago", "2026-09-10", 5, 1440, "2026-09-06T04:00:00Z"},
		{"Santiago: the next day is ordinary", "America/Santiago", "2026-09-11", 5, 1440, "2026-09-07T03:00:00Z"},
		{"Santiago: 23:00 comes twice, the day ends after both", "America/Santiago", "2026-04-09", 5, 1440, "2026-04-05T04:00:00Z"},
		{"Cairo: midnight is skipped", "Africa/Cairo", "2026-04-28", 5, 1440, "2026-04-23T22:00:00Z"},
		{"Lord Howe: half an hour is skipped", "Australia/Lord_Howe", "2026-10-09", 5, 135, "2026-10-03T15:30:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			planned, ok := Plan(date(tt.delivery), Terms{
				GraceDays: tt.grace, TransitDays: 1, PreparationDays: 1, CutOffMinutes: tt.cutOff, Zone: zone(tt.zone),
			})
			if got := planned.Deadline.Format(time.RFC3339); !ok || got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := date(tt.delivery).AddDays(-tt.grace); planned.DeadlineDate != got {
				t.Errorf("deadline day %s, want %s", planned.DeadlineDate, got)
			}
		})
	}
}

func TestADayThatAPlaceNeverHadEndsWhereItWouldHaveBegun(t *testing.T) {
	// Samoa crossed the date line: 29 December 2011 was followed by the 31st.
	apia := zone("Pacific/Apia")
	want := time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)
	if got := date("2011-12-30").Start(apia); !got.Equal(want) {
		t.Errorf("30 December starts %s, want %s", got.UTC(), want)
	}
	if got := date("2011-12-31").Start(apia); !got.Equal(want) {
		t.Errorf("31 December starts %s, want %s", got.UTC(), want)
	}
}

func TestEveryDayStartsOnItselfAndAfterTheDayBefore(t *testing.T) {
	for _, name := range []string{"Asia/Tokyo", "America/New_York", "America/Santiago", "Asia/Kolkata", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe"} {
		place := zone(name)
		for d := date("2026-01-01"); d.Year < 2028; d = d.AddDays(1) {
			start := d.Start(place)
			if DateOf(start) != d || DateOf(start.Add(-time.Nanosecond)) != d.AddDays(-1) {
				t.Errorf("%s: %s starts at %s", name, d, start)
			}
		}
	}
}

func TestTheDeadlineIsTheEarlierOfGraceAndPreparation(t *testing.T) {
	newYear := []Date{date("2026-12-30"), date("2026-12-31"), date("2027-01-01"), date("2027-01-02"), date("2027-01-03")}
	weekend := []time.Weekday{time.Saturday, time.Sunday}
	tests := []struct {
		name                        string
		wanted                      string
		terms                       Terms
		delivery, shipping, dayLast string
	}{
		{
			"grace is earlier", "2026-12-05",
			Terms{GraceDays: 7, TransitDays: 1, PreparationDays: 1},
			"2026-12-05", "2026-12-04", "2026-11-28",
		},
		{
			"preparation is earlier", "2026-12-05",
			Terms{GraceDays: 2, TransitDays: 2, PreparationDays: 3},
			"2026-12-05", "2026-12-03", "2026-11-30",
		},
		{
			"shipping moves to the day before a closed one", "2026-12-07",
			Terms{GraceDays: 3, TransitDays: 1, PreparationDays: 1, Shipping: Shipping{ClosedWeekdays: weekend}},
			"2026-12-07", "2026-12-04", "2026-12-03", // Monday ← Friday ← Thursday
		},
		{
			"over the New Year closure", "2027-01-04",
			Terms{GraceDays: 3, TransitDays: 1, PreparationDays: 1, Shipping: Shipping{ClosedDates: newYear}},
			"2027-01-04", "2026-12-29", "2026-12-28",
		},
		{
			"shipping on the deadline day: the delivery moves to the first feasible date", "2027-01-04",
			// 4 January: ships 29 December, deadline 29 December (nothing to prepare,
			// grace until 1 January): not after it. 5 January ships on the 4th, deadline the 2nd.
			Terms{GraceDays: 3, TransitDays: 1, PreparationDays: 0, Shipping: Shipping{ClosedDates: newYear}},
			"2027-01-05", "2027-01-04", "2027-01-02",
		},
		{
			"a grace within the transit: the warehouse gets its day all the same", "2026-12-05",
			Terms{GraceDays: 1, TransitDays: 2, PreparationDays: 0},
			"2026-12-05", "2026-12-03", "2026-12-02",
		},
		{
			"no grace at all", "2026-12-05",
			Terms{TransitDays: 0, PreparationDays: 0},
			"2026-12-05", "2026-12-05", "2026-12-04",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.terms.Zone = time.UTC
			got, ok := Plan(date(tt.wanted), tt.terms)
			if !ok || got.Date != date(tt.delivery) || got.ShippingDate != date(tt.shipping) || got.DeadlineDate != date(tt.dayLast) {
				t.Errorf("delivery %s, shipping %s, deadline %s (%v); want %s, %s, %s",
					got.Date, got.ShippingDate, got.DeadlineDate, ok, tt.delivery, tt.shipping, tt.dayLast)
			}
		})
	}
}

func TestAStoreThatNeverShipsPlansNothing(t *testing.T) {
	every := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	terms := Terms{GraceDays: 7, TransitDays: 1, PreparationDays: 1, Zone: time.UTC, Shipping: Shipping{ClosedWeekdays: every}}
	if planned, ok := Plan(date("2026-12-05"), terms); ok {
		t.Errorf("planned %v", planned)
	}
	if d, ok := Earliest(date("2026-12-05"), terms); ok {
		t.Errorf("promised %s", d)
	}
}

func anyTerms(t *rapid.T) Terms {
	terms := Terms{
		GraceDays:       rapid.IntRange(0, 14).Draw(t, "grace"),
		TransitDays:     rapid.IntRange(0, 5).Draw(t, "transit"),
		PreparationDays: rapid.IntRange(0, 5).Draw(t, "preparation"),
		CutOffMinutes:   rapid.SampledFrom([]int{0, 1, 150, 12 * 60, 1439, 1440}).Draw(t, "cut-off"),
		Zone:            zone(rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "America/Santiago", "Asia/Kolkata"}).Draw(t, "zone")),
	}
	for _, w := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 5, rapid.ID[int]).Draw(t, "closed weekdays") {
		terms.Shipping.ClosedWeekdays = append(terms.Shipping.ClosedWeekdays, time.Weekday(w))
	}
	from := anyDate(t, "closure")
	for i := range rapid.IntRange(0, 12).Draw(t, "days closed") {
		terms.Shipping.ClosedDates = append(terms.Shipping.ClosedDates, from.AddDays(i))
	}
	return terms
}

func TestAPlannedDeliveryCanAlwaysBeKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, wanted := anyTerms(t), anyDate(t, "wanted")
		p, ok := Plan(wanted, terms)
		if !ok {
			t.Fatalf("nothing feasible for %s under %+v", wanted, terms)
		}
		switch {
		case p.Date.Before(wanted):
			t.Fatalf("earlier than wanted: %+v", p)
		case !terms.Shipping.Ships(p.ShippingDate):
			t.Fatalf("ships on a closed day: %+v", p)
		case p.ShippingDate.DaysUntil(p.Date) < terms.TransitDays:
			t.Fatalf("ships too late: %+v", p)
		case !p.DeadlineDate.Before(p.ShippingDate):
			t.Fatalf("ships on or before the deadline day: %+v", p)
		case p.DeadlineDate.After(p.Date.AddDays(-terms.GraceDays)):
			t.Fatalf("the deadline is within the grace days: %+v", p)
		case p.DeadlineDate.After(p.ShippingDate.AddDays(-terms.PreparationDays)):
			t.Fatalf("no time to prepare: %+v", p)
		case p.Deadline.Location() != time.UTC:
			t.Fatalf("the deadline is not UTC: %+v", p)
		// A cut-off within the hour that Santiago skips after midnight is the day's
		// first instant.
		case p.Deadline.After(p.DeadlineDate.AddDays(1).Start(terms.Zone)), p.Deadline.Before(p.DeadlineDate.Start(terms.Zone)):
			t.Fatalf("the instant is not on the deadline day: %+v", p)
		}
	})
}

func TestLaterDatesNeverHaveEarlierDeadlines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, wanted := anyTerms(t), anyDate(t, "wanted")
		p, _ := Plan(wanted, terms)
		q, _ := Plan(wanted.AddDays(rapid.IntRange(1, 40).Draw(t, "days later")), terms)
		if q.Date.Before(p.Date) || q.ShippingDate.Before(p.ShippingDate) || q.Deadline.Before(p.Deadline) {
			t.Fatalf("%+v, then %+v", p, q)
		}
	})
}

func TestTheEarliestDateThatCanBePromised(t *testing.T) {
	sundays := Shipping{ClosedWeekdays: []time.Weekday{time.Sunday}}
	tests := []struct {
		name  string
		today string
		terms Terms
		want  string
	}{
		{"picked today, shipped tomorrow, there the day after", "2026-11-19", Terms{PreparationDays: 1, TransitDays: 1}, "2026-11-21"},
		{"nothing ships on the day of the order", "2026-11-19", Terms{TransitDays: 1}, "2026-11-21"},
		{"three days to prepare, two on the way", "2026-11-19", Terms{PreparationDays: 3, TransitDays: 2}, "2026-11-24"},
		{"ordered on Saturday, shipped on Monday", "2026-11-21", Terms{PreparationDays: 1, TransitDays: 1, Shipping: sundays}, "2026-11-24"},
		{"over the end of the year", "2026-12-31", Terms{PreparationDays: 1, TransitDays: 1}, "2027-01-02"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := Earliest(date(tt.today), tt.terms); !ok || got != date(tt.want) {
				t.Errorf("%s, %v; want %s", got, ok, tt.want)
			}
		})
	}
}

func TestEachSlotHasADateOfItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, cycle, anchor := anyTerms(t), anyCycle(t), anyDate(t, "anchor")
		terms.PreparationDays++ // without preparation a closure may move two slots to one date
		last, _ := Plan(anchor, terms)
		for n := 2; n <= 30; n++ {
			p, ok := Plan(cycle.Slot(anchor, n), terms)
			if !ok || p.Date != cycle.Slot(anchor, n) {
				t.Fatalf("slot %d of %s from %s is on %s", n, cycle, anchor, p.Date)
			}
			if !p.Date.After(last.Date) || p.Deadline.Before(last.Deadline) {
				t.Fatalf("slots %d and %d: %+v, %+v", n-1, n, last, p)
			}
			last = p
		}
	})
}
