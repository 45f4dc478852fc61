package faulttest

import (
	"math/rand/v2"
	"slices"
	"time"
)

// kill is when a process is killed: at a moment, or at any time.
type kill struct {
	after  time.Time // business time
	moment moment
	delay  time.Duration // where there is no moment
}

// deaths are how often a season's process is killed, half of them when something
// has happened at the gateway and is not settled.
const deaths = 20

// seasonKills spreads the kills over a season that was calm before. Half of them wait
// for a moment, at the time of one that came then; the others come at any time
// within what two days took.
func seasonKills(random *rand.Rand, calm outcome) []kill {
	moments := []moment{momentRefused, momentTaken, momentRefused, momentCreated, momentTaken}
	list := make([]kill, 0, deaths)
	for i := range deaths / 2 {
		list = append(list, momentKill(calm.events, moments[i%len(moments)], i, deaths/2))
	}
	length := seasonEnds.Sub(seasonBegins)
	twoDays := max(calm.took/(length/(48*time.Hour)), time.Millisecond)
	for len(list) < deaths {
		list = append(list, kill{
			after: seasonBegins.Add(time.Duration(random.Int64N(int64(length * 9 / 10)))), // a later one might miss the end
			delay: time.Duration(random.Int64N(int64(twoDays))),
		})
	}
	slices.SortFunc(list, func(a, b kill) int { return a.after.Compare(b.after) })
	return list
}

// momentKill is the i-th of n kills that wait for a moment. The last fifth of the
// events is left out: where a life runs past the one it was meant for, another comes.
func momentKill(events []event, m moment, i, n int) kill {
	var fit []event
	for _, e := range events {
		if e.moment == m {
			fit = append(fit, e)
		}
	}
	k := kill{after: seasonBegins, moment: m}
	if len(fit) > 0 {
		k.after = fit[len(fit)*4/5*i/n].at
	}
	return k
}
