package simulation

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
)

// MaxDays is the longest period of a simulation: two years.
const MaxDays = 731

// CheckPeriod refuses a period that ends before it begins, or that is too long.
func CheckPeriod(from, to calendar.Date) error {
	if from.IsZero() {
		return fault.Field("from", "simulation.fault.date")
	}
	if to.IsZero() {
		return fault.Field("to", "simulation.fault.date")
	}
	days := from.DaysUntil(to) + 1
	if days < 1 {
		return fault.Field("to", "simulation.fault.order")
	}
	if days > MaxDays {
		return fault.Field("to", "simulation.fault.long")
	}
	return nil
}
