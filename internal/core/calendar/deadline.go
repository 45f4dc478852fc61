package calendar

import "time"

// Shipping says on which days a store ships. Closed days are holidays and
// closures; ClosedWeekdays repeat every week.
type Shipping struct {
	ClosedWeekdays []time.Weekday `json:"closed_weekdays"`
	ClosedDates    []Date         `json:"closed_dates"`
}

// Ships reports whether the store ships on the date.
func (s Shipping) Ships(d Date) bool {
	for _, w := range s.ClosedWeekdays {
		if d.Weekday() == w {
			return false
		}
	}
	for _, c := range s.ClosedDates {
		if c == d {
			return false
		}
	}
	return true
}

// maxClosure bounds the search for an open day: a store closed for longer than
// this has no shipping date at all.
const maxClosure = 366

// On is the shipping date for a delivery date: transit days earlier, moved to
// the previous day on which the store ships. It reports false for a store that
// never ships.
func (s Shipping) On(delivery Date, transitDays int) (Date, bool) {
	d := delivery.AddDays(-transitDays)
	for range maxClosure {
		if s.Ships(d) {
			return d, true
		}
		d = d.AddDays(-1)
	}
	return Date{}, false
}

// Terms are what turns a delivery date into a deadline. Days are civil days.
type Terms struct {
	GraceDays       int // 変更猶予日数2: the customer may change until delivery − these days
	TransitDays     int
	PreparationDays int // days the warehouse needs between deadline and shipping
	CutOffMinutes   int // minutes after midnight of the deadline day; 1440 = 24:00
	Zone            *time.Location
	Shipping        Shipping
}

// Planned is a delivery date with what follows from it.
type Planned struct {
	Date         Date
	ShippingDate Date
	DeadlineDate Date      // 変更締切日: the last day on which the customer may change it
	Deadline     time.Time // UTC; the first instant at which it is too late
}

// Plan gives the shipping date and the deadline of a delivery date: the earlier
// of (delivery − grace) and (shipping − preparation), end of day or the store's
// cut-off. Where shipping would fall on or before the deadline day, the delivery
// moves to the first feasible date (docs/rules.md). It reports false for a store that
// never ships.
func Plan(wanted Date, terms Terms) (Planned, bool) {
	if terms.PreparationDays < 1 && terms.GraceDays <= terms.TransitDays {
		// The box leaves before the customer's grace begins, on every date there
		// is: without a day of preparation nothing would ever be planned.
		terms.PreparationDays = 1
	}
	for shift := range maxClosure {
		date := wanted.AddDays(shift)
		shipping, ok := terms.Shipping.On(date, terms.TransitDays)
		if !ok {
			return Planned{}, false
		}
		deadline := date.AddDays(-terms.GraceDays)
		if prepared := shipping.AddDays(-terms.PreparationDays); prepared.Before(deadline) {
			deadline = prepared
		}
		if shipping.After(deadline) {
			return Planned{
				Date: date, ShippingDate: shipping, DeadlineDate: deadline,
				Deadline: cutOff(deadline, terms.CutOffMinutes, terms.Zone),
			}, true
		}
	}
	return Planned{}, false
}

// PlanAfter is Plan for a delivery that comes after another of the same
// subscription: it ships on a later day, and is due later. Within a closure longer
// than a cycle several would ship on the day before it and be due at one moment,
// and only one of them be ordered; the later ones move to the first date for which
// they do not. The zero Planned is no other delivery.
func PlanAfter(before Planned, wanted Date, terms Terms) (Planned, bool) {
	for range 2 * maxClosure {
		planned, ok := Plan(wanted, terms)
		if !ok || planned.after(before) {
			return planned, ok
		}
		wanted = planned.Date.AddDays(1)
	}
	return Planned{}, false
}

func (p Planned) after(before Planned) bool {
	return p.Date.After(before.Date) && p.ShippingDate.After(before.ShippingDate) && p.Deadline.After(before.Deadline)
}

// cutOff is computed last, from dates, so that a change of clocks can move the
// instant but never the day.
func cutOff(day Date, minutes int, zone *time.Location) time.Time {
	if minutes <= 0 || minutes >= 24*60 {
		return day.AddDays(1).Start(zone).UTC()
	}
	return day.at(minutes, zone).UTC()
}

// Earliest is the first delivery date that can still be promised to someone who
// orders now: picked from today on, shipped on an open day, transit added.
func Earliest(today Date, terms Terms) (Date, bool) {
	d := today.AddDays(max(terms.PreparationDays, 1))
	for range maxClosure {
		if terms.Shipping.Ships(d) {
			return d.AddDays(terms.TransitDays), true
		}
		d = d.AddDays(1)
	}
	return Date{}, false
}
