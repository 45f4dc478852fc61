package calendar

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "github.com/teiki-commerce/teiki/internal/testkit/properties"
)

// date reads a date that the test itself wrote.
func date(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(s)
	}
	return d
}

func TestSlotsAreCountedFromTheAnchor(t *testing.T) {
	tests := []struct {
		name   string
		cycle  string
		anchor string
		want   []string // slots 1, 2, 3 …
	}{
		{
			"31 January is followed by 28 February and then by 31 March", "1m", "2026-01-31",
			[]string{"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"},
		},
		{"in a leap year by 29 February", "1m", "2028-01-31", []string{"2028-01-31", "2028-02-29", "2028-03-31"}},
		{"30 January too", "1m", "2026-01-30", []string{"2026-01-30", "2026-02-28", "2026-03-30"}},
		{
			"29 February comes back in leap years", "12m", "2028-02-29",
			[]string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"},
		},
		{"the year 2100 has no leap day", "12m", "2096-02-29", []string{"2096-02-29", "2097-02-28", "2098-02-28", "2099-02-28", "2100-02-28", "2101-02-28"}},
		{"every second month over the end of the year", "2m", "2026-10-31", []string{"2026-10-31", "2026-12-31", "2027-02-28", "2027-04-30"}},
		{"every 24 months", "24m", "2026-12-05", []string{"2026-12-05", "2028-12-05", "2030-12-05"}},
		{"every 30 days", "30d", "2026-12-05", []string{"2026-12-05", "2027-01-04", "2027-02-03", "2027-03-05"}},
		{"every day over a leap day", "1d", "2028-02-28", []string{"2028-02-28", "2028-02-29", "2028-03-01"}},
		{"every second week keeps its weekday", "2w", "2026-12-05", []string{"2026-12-05", "2026-12-19", "2027-01-02"}},
		{
			"2nd Tuesday", "1mw", "2026-12-08",
			[]string{"2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13"},
		},
		{"1st Friday of every third month", "3mw", "2026-12-04", []string{"2026-12-04", "2027-03-05", "2027-06-04"}},
		{
			"the 5th Saturday is the last where a month has four", "1mw", "2026-10-31",
			[]string{"2026-10-31", "2026-11-28", "2026-12-26", "2027-01-30", "2027-02-27"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cycle, err := ParseCycle(tt.cycle)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range tt.want {
				if got := cycle.Slot(date(tt.anchor), i+1); got != date(want) {
					t.Errorf("slot %d is on %s, want %s", i+1, got, want)
				}
			}
		})
	}
}

func anyDate(t *rapid.T, label string) Date {
	return On(2026, 1, 1).AddDays(rapid.IntRange(0, 4000).Draw(t, label))
}

func anyCycle(t *rapid.T) Cycle {
	unit := rapid.SampledFrom([]Unit{UnitDay, UnitWeek, UnitMonth, UnitMonthWeekday}).Draw(t, "unit")
	return Cycle{Every: rapid.IntRange(1, limits[unit]).Draw(t, "every"), Unit: unit}
}

func TestSlotsNeverDriftAndNeverMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cycle, anchor, n := anyCycle(t), anyDate(t, "anchor"), rapid.IntRange(1, 120).Draw(t, "n")
		if first := cycle.Slot(anchor, 1); first != anchor {
			t.Fatalf("slot 1 is on %s, not on the anchor %s", first, anchor)
		}
		slot, next := cycle.Slot(anchor, n), cycle.Slot(anchor, n+1)
		if gap := slot.DaysUntil(next); gap < cycle.ShortestDays() {
			t.Fatalf("%s from %s: slots %d and %d are %d days apart, less than %d", cycle, anchor, n, n+1, gap, cycle.ShortestDays())
		}
		switch months := (slot.Year-anchor.Year)*12 + int(slot.Month-anchor.Month); cycle.Unit {
		case UnitDay, UnitWeek:
			if days := anchor.DaysUntil(slot); days != (n-1)*cycle.ShortestDays() {
				t.Fatalf("slot %d is %d days after the anchor", n, days)
			}
		case UnitMonth:
			last := slot.AddDays(1).Day == 1
			if months != (n-1)*cycle.Every || (slot.Day != anchor.Day && (!last || slot.Day > anchor.Day)) {
				t.Fatalf("%s from %s: slot %d is on %s", cycle, anchor, n, slot)
			}
		case UnitMonthWeekday:
			place, want := (slot.Day-1)/7, (anchor.Day-1)/7
			last := slot.AddDays(7).Month != slot.Month
			if months != (n-1)*cycle.Every || slot.Weekday() != anchor.Weekday() || (place != want && (want != 4 || !last)) {
				t.Fatalf("%s from %s (%s): slot %d is on %s (%s)", cycle, anchor, anchor.Weekday(), n, slot, slot.Weekday())
			}
		}
	})
}

func TestACycleReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cycle := anyCycle(t)
		text, err := json.Marshal([]Cycle{cycle, {}})
		if err != nil {
			t.Fatal(err)
		}
		var back []Cycle
		if err := json.Unmarshal(text, &back); err != nil || back[0] != cycle || back[1] != (Cycle{}) {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
	})
}

func TestTextsThatAreNoCycleAreRefused(t *testing.T) {
	for _, text := range []string{
		"m", "1", "0m", "-1m", "+1m", "1 m", "1M", "1y", "1mm", "25m", "105w", "731d", "25mw", "1.5m",
		"99999999999999999999d", "１m", "1m2w",
	} {
		var cycle Cycle
		if err := cycle.UnmarshalText([]byte(text)); !errors.Is(err, ErrMalformedCycle) || cycle.Valid() {
			t.Errorf("%q gave %s, %v", text, cycle, err)
		}
	}
	if _, err := ParseCycle(""); !errors.Is(err, ErrMalformedCycle) {
		t.Errorf("an empty text gave %v", err)
	}
}

func TestTheShortestDistanceOfSlots(t *testing.T) {
	for text, want := range map[string]int{"10d": 10, "2w": 14, "1m": 28, "3m": 84, "1mw": 28} {
		cycle, err := ParseCycle(text)
		if err != nil || cycle.ShortestDays() != want {
			t.Errorf("%s: %d days, %v; want %d", text, cycle.ShortestDays(), err, want)
		}
	}
}

func TestDatesReadWhatTheyWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, days := anyDate(t, "date"), rapid.IntRange(-5000, 5000).Draw(t, "days")
		text, err := json.Marshal([]Date{d, {}})
		if err != nil {
			t.Fatal(err)
		}
		var back []Date
		if err := json.Unmarshal(text, &back); err != nil || back[0] != d || !back[1].IsZero() {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
		moved := d.AddDays(days)
		if d.DaysUntil(moved) != days || moved.AddDays(-days) != d {
			t.Fatalf("%s + %d days = %s, %d days away", d, days, moved, d.DaysUntil(moved))
		}
		if moved.After(d) != (days > 0) || moved.Before(d) != (days < 0) {
			t.Fatalf("%s and %s are in the wrong order", d, moved)
		}
	})
}

func TestTextsThatAreNoDateAreRefused(t *testing.T) {
	for _, text := range []string{"2026-02-29", "2026-13-01", "2026-1-5", "05/12/2026", "2026-12-05T00:00:00Z", "0000-00-00"} {
		var d Date
		if err := d.UnmarshalText([]byte(text)); !errors.Is(err, ErrMalformedDate) || !d.IsZero() {
			t.Errorf("%q gave %s, %v", text, d, err)
		}
	}
}

func TestDatesAreNormalisedAsTheCalendarDoes(t *testing.T) {
	if got := On(2026, time.January, 32); got != date("2026-02-01") {
		t.Errorf("32 January is %s", got)
	}
	if got := date("2026-11-21").Weekday(); got != time.Saturday {
		t.Errorf("2026-11-21 is a %s", got)
	}
}
