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

// seasonKills spreads kills over the season. Half of them wait for a moment, at
// the time of one that came when nobody was killed; the others come at any time.
func seasonKills(random *rand.Rand, kills int, events []event) []kill {
	moments := []moment{momentRefused, momentTaken, momentRefused, momentCreated, momentTaken}
	list := make([]kill, 0, kills)
	for i := range kills / 2 {
		list = append(list, momentKill(events, moments[i%len(moments)], i, kills/2))
	}
	season := int64(seasonEnds.Sub(seasonBegins)) * 19 / 20 // the last days have hardly anything left to do
	for len(list) < kills {
		list = append(list, kill{
			after: seasonBegins.Add(time.Duration(random.Int64N(season))),
			delay: time.Duration(random.Int64N(int64(100 * time.Millisecond))),
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
