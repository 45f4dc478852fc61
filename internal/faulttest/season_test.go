package faulttest

import (
	"flag"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

// booksEvery cuts the merchant's books. All of them, on both engines:
// go test ./internal/faulttest -run OfTheBooks -v -timeout 2h -args -books-every 1
var booksEvery = flag.Int("books-every", 20, "every n-th subscription of the merchant's books lives through the season")

// lived is what a season came to with a process that is killed so often.
func lived(t *testing.T, engine db.Engine, every int, built func() (string, error), kills []kill) outcome {
	t.Helper()
	s := newSeason(t, engine, every, built)
	begun := app.Wall()
	s.live(kills)
	took := app.Wall().Sub(begun)
	o := s.outcome()
	o.took = took
	t.Logf("%d kills, %.1f s: %s", len(kills), took.Seconds(), o.summary())
	return o
}

func TestKillsChangeNoFigureOfTheBooksOnBothEngines(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			calm := lived(t, engine, *booksEvery, runner, nil)
			report(t, calm.found)
			t.Logf("without a kill\n%s", calm.totals())
			killed := lived(t, engine, *booksEvery, runner, seasonKills(moments(t), calm))
			report(t, killed.found)
			report(t, calm.differences(killed))
		})
	}
}

// report fails the test for what was found, the first of it in words.
func report(t *testing.T, found []string) {
	t.Helper()
	if len(found) > 0 {
		t.Errorf("%d findings:\n%s", len(found), strings.Join(found[:min(len(found), maxShown)], "\n"))
	}
}
