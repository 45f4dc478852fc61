package i18n

import (
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
)

// Dates are put together from the catalogue's format.* texts, whose names of
// months and weekdays are those of CLDR.

// Date writes 12月5日（土）, Sat, 5 Dec, 12月5日（六）.
func (l *Localizer) Date(d calendar.Date) string { return l.date("format.date", d) }

// DateYear writes 2026年12月5日（土）, Sat, 5 Dec 2026.
func (l *Localizer) DateYear(d calendar.Date) string { return l.date("format.date_year", d) }

// DateShort writes 12/5（土）, Sat 5 Dec: for staff and tight tables.
func (l *Localizer) DateShort(d calendar.Date) string { return l.date("format.date_short", d) }

// Month writes 2026年12月, December 2026.
func (l *Localizer) Month(d calendar.Date) string { return l.date("format.month", d) }

func (l *Localizer) date(key string, d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T(key,
		"Year", strconv.Itoa(d.Year),
		"Month", l.T("format.month."+strconv.Itoa(int(d.Month))),
		"MonthLong", l.T("format.month_long."+strconv.Itoa(int(d.Month))),
		"Day", strconv.Itoa(d.Day),
		"Weekday", l.Weekday(d.Weekday()),
	)
}

// Weekday writes 土, Sat, 六.
func (l *Localizer) Weekday(w time.Weekday) string {
	return l.T("format.weekday." + strconv.Itoa(int(w)))
}

// WeekdayLong writes 土曜日, Saturday, 星期六.
func (l *Localizer) WeekdayLong(w time.Weekday) string {
	return l.T("format.weekday_long." + strconv.Itoa(int(w)))
}

// Weekdays are the heads of a calendar's columns, Sunday first.
func (l *Localizer) Weekdays() []string {
	names := make([]string, 7)
	for w := range names {
		names[w] = l.Weekday(time.Weekday(w))
	}
	return names
}

// Time writes 14:05, by the clocks of the zone.
func (l *Localizer) Time(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("15:04")
}

// DateTime writes 12月5日（土）14:05.
func (l *Localizer) DateTime(t time.Time, zone *time.Location) string {
	return l.T("format.date_time",
		"Date", l.Date(calendar.DateOf(t.In(zone))), "Time", l.Time(t, zone))
}

// Deadline writes until when a delivery can be changed: 12月3日（木）24時.
func (l *Localizer) Deadline(p calendar.Planned, zone *time.Location) string {
	return l.DeadlineAt(p.Deadline, zone)
}

// DeadlineAt writes the first instant that is too late. Where it is the start of
// a day, readers are told the end of the day before, because "0:00 on Friday" is
// read as Friday night: 12月3日（木）24時, end of Thu, 3 Dec.
func (l *Localizer) DeadlineAt(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	day := calendar.DateOf(local)
	if t.Equal(day.Start(zone)) {
		return l.T("format.deadline_day", "Date", l.Date(day.AddDays(-1)))
	}
	if local.Minute() == 0 {
		return l.T("format.deadline_hour", "Date", l.Date(day), "Hour", strconv.Itoa(local.Hour()))
	}
	return l.T("format.deadline_minute", "Date", l.Date(day),
		"Hour", strconv.Itoa(local.Hour()), "Minute", local.Format("04"))
}

// Slot writes a carrier's time slot: "1820" as 18時〜20時, the one
// that ends at noon as 午前中, none as 時間指定なし. A code of another kind is shown
// as it is.
func (l *Localizer) Slot(code string) string {
	switch {
	case code == "":
		return l.T("format.slot_any")
	case code == "0812", code == "0912":
		return l.T("format.slot_morning")
	case len(code) != 4 || strings.Trim(code, "0123456789") != "":
		return code
	default:
		return l.T("format.slot", "From", strings.TrimPrefix(code[:2], "0"), "To", strings.TrimPrefix(code[2:], "0"))
	}
}

// Cycle writes 1か月ごと, 2週間ごと, 30日ごと.
func (l *Localizer) Cycle(c calendar.Cycle) string {
	if !c.Valid() {
		return ""
	}
	if c.Every == 1 {
		return l.T("format.cycle." + string(c.Unit) + ".one")
	}
	return l.T("format.cycle."+string(c.Unit)+".many", "Every", strconv.Itoa(c.Every))
}

// CycleFrom writes the cycle with the day on which its anchor puts it:
// 1か月ごと（毎回15日）, 1か月ごと（第2火曜日）, 2週間ごと（土曜日）.
func (l *Localizer) CycleFrom(c calendar.Cycle, anchor calendar.Date) string {
	var day string
	switch {
	case !c.Valid() || anchor.IsZero() || c.Unit == calendar.UnitDay:
		return l.Cycle(c)
	case c.Unit == calendar.UnitWeek:
		day = l.WeekdayLong(anchor.Weekday())
	case c.Unit == calendar.UnitMonthWeekday:
		day = l.T("format.nth_weekday",
			"Nth", l.T("format.nth."+strconv.Itoa((anchor.Day-1)/7+1)), "Weekday", l.WeekdayLong(anchor.Weekday()))
		return l.T("format.cycle_on", "Cycle", l.Cycle(calendar.Cycle{Every: c.Every, Unit: calendar.UnitMonth}), "Day", day)
	default:
		day = l.T("format.day_of_month", "Day", l.T("format.mday."+strconv.Itoa(anchor.Day)))
	}
	return l.T("format.cycle_on", "Cycle", l.Cycle(c), "Day", day)
}
