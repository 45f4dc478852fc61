package faulttest

import (
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/payment"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

// forgotten is longer than the gateway knows a key.
const forgotten = 25 * time.Hour

// downtimesEvery is a cut of the books: each downtime leaves a whole set of calls
// without an answer.
const downtimesEvery = 60

// liveWithDowntimes lets the season pass with a process that dies when something has
// happened at the gateway and stays away for longer than the gateway knows its keys.
// One that reads there what has become of it then dies again as soon as it does.
func (s *season) liveWithDowntimes(reads bool) {
	s.t.Helper()
	s.begin()
	for i, m := range []moment{momentCreated, momentTaken, momentRefused, momentCreated, momentTaken} {
		s.come(seasonBegins.AddDate(0, 0, 12*i))
		s.dieAt(s.gate.await(m), m)
		s.stayAway(forgotten)
		if reads {
			read := s.gate.await(momentRead)
			s.begin()
			s.dieAt(read, momentRead)
		}
		s.begin()
	}
	s.come(seasonEnds.Add(time.Microsecond))
	<-s.runner.exited
}

// dieAt kills the process at a moment.
func (s *season) dieAt(struck <-chan struct{}, m moment) {
	s.t.Helper()
	select {
	case <-struck:
	case <-s.runner.exited:
		s.t.Fatalf("the runner ended without %q:\n%s", m, s.runner.tail())
	}
	s.end()
}

// outlived counts the calls of a step whose answers were learnt when the gateway
// knew their keys no more.
func outlived(b Books, step payment.Step) int {
	n := 0
	for _, a := range b.Attempts {
		n += count(a.Step == step && a.EndedAt.Sub(a.StartedAt) >= forgotten)
	}
	return n
}

// What was under way is looked up by its intent, or among the customer's intents
// where none is stored, never asked for anew.
func TestADowntimeOfMoreThanADayChargesOnceAndMakesNoSecondIntent(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			s := newSeason(t, engine, downtimesEvery, runner)
			s.liveWithDowntimes(true)
			o := s.outcome()
			report(t, o.found)
			t.Log(o.summary())
			for _, step := range []payment.Step{payment.StepCreate, payment.StepConfirm} {
				n := outlived(o.books, step)
				t.Logf("%d calls to %s an intent were answered after %s", n, step, forgotten)
				if n == 0 {
					t.Errorf("no call to %s an intent outlived its key: this proves little", step)
				}
			}
		})
	}
}

func TestADowntimeShowsWhoTrustsAKeyThatIsForgotten(t *testing.T) {
	t.Parallel()
	m := mutant{name: "a key is good for ever", changes: []change{
		{chargeFile, "keyLife = 23 * time.Hour", "keyLife = 2300 * time.Hour"},
	}}
	path, err := m.build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newSeason(t, db.SQLite, downtimesEvery, func() (string, error) { return path, nil })
	s.liveWithDowntimes(false)
	found := strings.Join(s.outcome().found, "\n")
	t.Logf("found:\n%s", found)
	if !strings.Contains(found, "the gateway has ") {
		t.Error("a second intent for one payment was not found")
	}
}
