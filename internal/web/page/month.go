package page

import (
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// Month is one sheet of a calendar, weeks from Sunday.
type Month struct {
	First calendar.Date
	Weeks [][]Day
}

// Day is one cell. Number is 0 in cells before the first and after the last.
type Day struct {
	Number   int
	Sunday   bool
	Saturday bool
	Today    bool
	Deadline bool
	Delivery bool
	Amount   money.Amount
}

// Mark is one delivery on a calendar: its day, its amount, and the last day on
// which it may be changed (zero where that no longer matters).
type Mark struct {
	Date     calendar.Date
	Deadline calendar.Date
	Amount   money.Amount
}

// Months draws the sheets from today's month to the month of the last mark,
// at most count of them and at least one.
func Months(today calendar.Date, marks []Mark, count int) []Month {
	last := today
	delivery := map[calendar.Date]money.Amount{}
	deadline := map[calendar.Date]bool{}
	for _, m := range marks {
		delivery[m.Date] = m.Amount
		if !m.Deadline.IsZero() {
			deadline[m.Deadline] = true
		}
		if m.Date.After(last) {
			last = m.Date
		}
	}
	var months []Month
	first := calendar.Date{Year: today.Year, Month: today.Month, Day: 1}
	for len(months) < count && (len(months) == 0 || !first.After(last)) {
		months = append(months, sheet(first, func(d calendar.Date, day *Day) {
			day.Today = d == today
			day.Deadline = deadline[d]
			day.Amount, day.Delivery = delivery[d]
		}))
		first = nextMonth(first)
	}
	return months
}

func nextMonth(first calendar.Date) calendar.Date {
	if first.Month == time.December {
		return calendar.Date{Year: first.Year + 1, Month: time.January, Day: 1}
	}
	return calendar.Date{Year: first.Year, Month: first.Month + 1, Day: 1}
}

func sheet(first calendar.Date, mark func(calendar.Date, *Day)) Month {
	month := Month{First: first}
	week := make([]Day, int(first.Weekday()), 7)
	for d := first; d.Month == first.Month; d = d.AddDays(1) {
		day := Day{Number: d.Day, Sunday: d.Weekday() == time.Sunday, Saturday: d.Weekday() == time.Saturday}
		mark(d, &day)
		week = append(week, day)
		if len(week) == 7 {
			month.Weeks = append(month.Weeks, week)
			week = make([]Day, 0, 7)
		}
	}
	if len(week) > 0 {
		month.Weeks = append(month.Weeks, append(week, make([]Day, 7-len(week))...))
	}
	return month
}
