package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Unit is what a cycle counts in.
type Unit string

// The units: days, weeks, months by day, months by weekday.
const (
	UnitDay          Unit = "d"
	UnitWeek         Unit = "w"
	UnitMonth        Unit = "m"
	UnitMonthWeekday Unit = "mw"
)

// Cycle (購入周期) is "every N days, weeks or months". With UnitMonthWeekday the
// anchor's own weekday and its place in the month repeat ("2nd Tuesday").
type Cycle struct {
	Every int
	Unit  Unit
}

// ErrMalformedCycle is returned for texts that are no cycle.
var ErrMalformedCycle = errors.New("malformed cycle")

// limits keep a cycle within what a shop can mean: two years.
var limits = map[Unit]int{UnitDay: 730, UnitWeek: 104, UnitMonth: 24, UnitMonthWeekday: 24}

// ParseCycle reads "1m", "2w", "30d" or "1mw".
func ParseCycle(s string) (Cycle, error) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	every, err := strconv.Atoi(s[:end])
	if err != nil {
		return Cycle{}, ErrMalformedCycle
	}
	c := Cycle{Every: every, Unit: Unit(s[end:])}
	if !c.Valid() {
		return Cycle{}, ErrMalformedCycle
	}
	return c, nil
}

// Valid reports whether the cycle is one that a plan may offer.
func (c Cycle) Valid() bool {
	limit, known := limits[c.Unit]
	return known && c.Every >= 1 && c.Every <= limit
}

// String writes what ParseCycle reads.
func (c Cycle) String() string {
	if c == (Cycle{}) {
		return ""
	}
	return fmt.Sprintf("%d%s", c.Every, c.Unit)
}

// MarshalText writes "1m".
func (c Cycle) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads "1m" or nothing.
func (c *Cycle) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*c = Cycle{}
		return nil
	}
	parsed, err := ParseCycle(string(b))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// ShortestDays is the least number of days between two neighbouring slots.
func (c Cycle) ShortestDays() int {
	switch c.Unit {
	case UnitDay:
		return c.Every
	case UnitWeek:
		return 7 * c.Every
	default:
		return 28 * c.Every
	}
}

// Slot is the date of slot n (from 1), always counted from the anchor, never
// from the slot before, so that 31 January is followed by 28 February and then
// by 31 March. time.AddDate is no use here: it turns 31 January + 1 month into
// 3 March.
func (c Cycle) Slot(anchor Date, n int) Date {
	steps := (n - 1) * c.Every
	switch c.Unit {
	case UnitDay:
		return anchor.AddDays(steps)
	case UnitWeek:
		return anchor.AddDays(7 * steps)
	case UnitMonthWeekday:
		return sameWeekday(anchor, steps)
	default:
		year, month := addMonths(anchor, steps)
		return Date{Year: year, Month: month, Day: min(anchor.Day, daysIn(year, month))}
	}
}

// sameWeekday keeps the anchor's weekday and its place in the month; the fifth
// becomes the last where a month has four.
func sameWeekday(anchor Date, months int) Date {
	year, month := addMonths(anchor, months)
	first := Date{Year: year, Month: month, Day: 1}
	offset := (int(anchor.Weekday()) - int(first.Weekday()) + 7) % 7
	day := 1 + offset + 7*((anchor.Day-1)/7)
	for day > daysIn(year, month) {
		day -= 7
	}
	return Date{Year: year, Month: month, Day: day}
}

func addMonths(d Date, months int) (int, time.Month) {
	index := d.Year*12 + int(d.Month) - 1 + months
	return index / 12, time.Month(index%12 + 1)
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 12, 0, 0, 0, time.UTC).Day()
}
