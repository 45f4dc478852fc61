// Package simulation holds what a simulation of a store is asked and what it
// answers: the period, how cards behave, and what happened on each day. It runs
// nothing.
package simulation

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// Result is what happened in a simulation. It is kept as JSON: fields may be
// added, none may change its meaning.
type Result struct {
	From     calendar.Date  `json:"from"`
	To       calendar.Date  `json:"to"`
	Currency money.Currency `json:"currency"`
	Cards    Cards          `json:"cards"`
	Days     []Day          `json:"days"`
	Goods    []Good         `json:"goods"`
	// Differences are contradictions between orders, charges and stock: none, or
	// there is a mistake in teiki.
	Differences []string `json:"differences,omitempty"`
	Seconds     float64  `json:"seconds"` // of the machine
}

// Day is what happened on a day, in the store's zone. Sums are in minor units. A
// deadline at 24:00 is passed at the beginning of the next day.
type Day struct {
	Date calendar.Date `json:"date"`
	Figures
	Goods map[string]GoodDay `json:"goods,omitempty"` // by SKU
}

// Figures are what days, months and the whole period have alike.
type Figures struct {
	Orders   Sum `json:"orders"`
	Renewals Sum `json:"renewals"` // the orders among them that a subscription made
	COD      Sum `json:"cod"`      // those to be paid on delivery

	Paid           Sum `json:"paid"` // charges that went through
	Recovered      Sum `json:"recovered"`
	Declined       int `json:"declined"`       // answers of banks, tries again counted too
	Authentication int `json:"authentication"` // answers that the customer must confirm
	Retries        int `json:"retries"`        // tries after a refusal, whatever came of them

	Mails  map[string]int `json:"mails,omitempty"`  // by event
	Alerts map[string]int `json:"alerts,omitempty"` // by kind
	// Due are the deliveries whose deadline passed, by the state they are in at the
	// end of the simulation.
	Due map[string]int `json:"due,omitempty"`
}

// Sum is how many, and what they come to.
type Sum struct {
	Count int   `json:"count"`
	Total int64 `json:"total"`
}

// GoodDay is what happened to a variant on a day, in pieces.
type GoodDay struct {
	Used    int64 `json:"used,omitempty"`    // reserved for orders, less what was given back
	Arrived int64 `json:"arrived,omitempty"` // expected stock that came
	Short   int64 `json:"short,omitempty"`   // wanted by boxes that could not be filled
	Boxes   int   `json:"boxes,omitempty"`   // those boxes
}

// Good is a variant over the whole period, in pieces.
type Good struct {
	SKU     string `json:"sku"`
	Name    string `json:"name"`
	Before  int64  `json:"before"` // free to be sold on the first day
	After   int64  `json:"after"`
	Used    int64  `json:"used"`
	Arrived int64  `json:"arrived"`
	Short   int64  `json:"short"`
	Boxes   int    `json:"boxes"`
	// ShortFrom is the first day on which a box could not be filled; zero: never.
	ShortFrom calendar.Date `json:"short_from,omitzero"`
}

// Total sums all days.
func (r Result) Total() Figures {
	var f Figures
	for _, d := range r.Days {
		f.Add(d.Figures)
	}
	return f
}

// Months are the days' figures by calendar month, dated by its first day that
// was simulated.
func (r Result) Months() []Day {
	var list []Day
	for _, d := range r.Days {
		if n := len(list); n == 0 || list[n-1].Date.Month != d.Date.Month || list[n-1].Date.Year != d.Date.Year {
			list = append(list, Day{Date: d.Date})
		}
		list[len(list)-1].Add(d.Figures)
	}
	return list
}

// Add adds another sum.
func (s *Sum) Add(o Sum) {
	s.Count += o.Count
	s.Total += o.Total
}

// Add adds the figures of further days.
func (f *Figures) Add(o Figures) {
	f.Orders.Add(o.Orders)
	f.Renewals.Add(o.Renewals)
	f.COD.Add(o.COD)
	f.Paid.Add(o.Paid)
	f.Recovered.Add(o.Recovered)
	f.Declined += o.Declined
	f.Authentication += o.Authentication
	f.Retries += o.Retries
	addTo(&f.Mails, o.Mails)
	addTo(&f.Alerts, o.Alerts)
	addTo(&f.Due, o.Due)
}

func addTo(m *map[string]int, o map[string]int) {
	for key, n := range o {
		Count(m, key, n)
	}
}

// Count adds to one of the maps of Figures.
func Count(m *map[string]int, key string, n int) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key] += n
}

// AllMails is how many mails of every event there are.
func (f Figures) AllMails() int { return sum(f.Mails) }

// AllAlerts is how many alerts of every kind there are.
func (f Figures) AllAlerts() int { return sum(f.Alerts) }

func sum(m map[string]int) (n int) {
	for _, k := range m {
		n += k
	}
	return n
}
