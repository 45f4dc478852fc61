package page

import (
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

func TestCalendarShowsDeliveriesDeadlinesAndToday(t *testing.T) {
	day := func(y int, m time.Month, d int) calendar.Date { return calendar.Date{Year: y, Month: m, Day: d} }
	months := Months(day(2026, 11, 26), []Mark{
		{Date: day(2026, 12, 8), Deadline: day(2026, 12, 3), Amount: money.Yen(3790)},
		{Date: day(2027, 1, 8), Deadline: day(2027, 1, 3), Amount: money.Yen(3310)},
	}, 6)
	if len(months) != 3 || months[0].First != day(2026, 11, 1) || months[2].First != day(2027, 1, 1) {
		t.Fatalf("months from November 2026 to January 2027 expected, got %+v", months)
	}
	if got := months[0].Weeks[3][4]; got.Number != 26 || !got.Today {
		t.Errorf("26 November is a Thursday and today, got %+v", got)
	}
	if got := months[1].Weeks[0][4]; got.Number != 3 || !got.Deadline {
		t.Errorf("3 December is a deadline, got %+v", got)
	}
	if got := months[1].Weeks[1][2]; got.Number != 8 || !got.Delivery || got.Amount.Minor != 3790 {
		t.Errorf("8 December is a delivery of 3790 yen, got %+v", got)
	}
	for _, m := range months {
		for _, w := range m.Weeks {
			if len(w) != 7 {
				t.Errorf("the month of %v has a week of %d days", m.First, len(w))
			}
		}
	}
}

func TestCalendarWithoutDeliveriesShowsThisMonth(t *testing.T) {
	months := Months(calendar.Date{Year: 2026, Month: 12, Day: 31}, nil, 3)
	if len(months) != 1 || months[0].First.Month != 12 {
		t.Fatalf("only December expected, got %+v", months)
	}
}
