package faulttest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/pgtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range []func() error{pgtest.StopShared, removePrograms} {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// convergence is how long everything may take once the storm is over; mostly it
// is the leases of the killed.
const convergence = 4 * time.Minute

// pastLease is longer than any claim lasts without its process.
const pastLease = 48 * time.Second

func TestThreeProcessesKilledAtRandomDoEverythingOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t, db.Postgres)
	s := newStorm(t, url, 1_000)
	place := []string{"--database", url}
	const perEndpoint = 40
	s.worker("work-1", perEndpoint, place, "work")
	s.worker("serve", perEndpoint, place, "serve", "--listen", s.hooks)
	sleeper := s.worker("work-2", perEndpoint, place, "work")

	s.rage(3, 300*time.Millisecond, 2*time.Second, func() *process { return nil })
	thawed := s.freeze(sleeper, pastLease)
	s.rage(18, 300*time.Millisecond, 2*time.Second, func() *process {
		select {
		case <-thawed:
			return nil
		default:
			return sleeper
		}
	})
	<-thawed
	b := s.converge(convergence)
	t.Logf("%d kills", s.kills)
	s.judge(b)
	if b.TakenOver() == 0 {
		t.Error("no kill hit between a charge and its settlement: the storm proves little")
	}
}

func TestOneProcessOnSQLiteKilledAtRandomDoesEverythingOnce(t *testing.T) {
	t.Parallel()
	path := dbtest.URL(t, db.SQLite)
	s := newStorm(t, path, 200)
	const perEndpoint = 10
	s.worker("serve", perEndpoint, []string{"--data", filepath.Dir(path)}, "serve", "--listen", s.hooks)

	s.rage(10, 200*time.Millisecond, 1500*time.Millisecond, func() *process { return nil })
	b := s.converge(convergence)
	t.Logf("%d kills", s.kills)
	s.judge(b)
}
