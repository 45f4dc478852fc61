// Package calendar holds civil dates, delivery cycles and deadlines. It owns
// the anchor rule; it knows nothing of subscriptions and never reads a clock.
package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Date is a civil date, in the store's time zone where it means a delivery.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrMalformedDate is returned for texts that are no date.
var ErrMalformedDate = errors.New("malformed date")

// On makes a date, normalising as the calendar does (32 January is 1 February).
func On(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 12, 0, 0, 0, time.UTC))
}

// DateOf is the civil date that an instant has in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// ParseDate reads 2026-12-05.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, ErrMalformedDate
	}
	return DateOf(t), nil
}

// String writes 2026-12-05.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == Date{} }

// noon keeps day arithmetic clear of every change of clocks.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// AddDays moves by whole days.
func (d Date) AddDays(n int) Date { return DateOf(d.noon().AddDate(0, 0, n)) }

// DaysUntil counts the days from d to e; negative where e is earlier.
func (d Date) DaysUntil(e Date) int { return int(e.noon().Sub(d.noon()) / (24 * time.Hour)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Before reports whether d is an earlier date than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is a later date than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Compare orders dates.
func (d Date) Compare(e Date) int { return d.noon().Compare(e.noon()) }

// Start is the first instant of the date in the zone. Where clocks skip
// midnight (Santiago, September) it is the first instant that exists.
func (d Date) Start(zone *time.Location) time.Time { return d.at(0, zone) }

// at is the instant at which the zone's clocks show so many minutes after
// midnight; where they skip that time, the instant of the skip. time.Date is
// free to answer with a time before the skip (New York, 8 March 2026, 02:30
// gives 01:30), which would end a day before its time.
func (d Date) at(minutes int, zone *time.Location) time.Time {
	shown := time.Date(d.Year, d.Month, d.Day, minutes/60, minutes%60, 0, 0, time.UTC)
	t := time.Date(d.Year, d.Month, d.Day, minutes/60, minutes%60, 0, 0, zone)
	_, offset := t.Zone()
	begin, end := t.ZoneBounds()
	switch t.Add(time.Duration(offset) * time.Second).Compare(shown) {
	case -1:
		return end
	case 1:
		return begin
	default:
		return t
	}
}

// MarshalText writes 2026-12-05.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2026-12-05 or nothing.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
