package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the one cluster of this test binary. Binaries do not share: a
// start takes about a second, a cluster across processes would need a lock, a
// count and a rule for the one that is killed.
var shared struct {
	mu      sync.Mutex
	started bool
	cluster *Cluster
	err     error
}

// Shared returns the cluster of this test binary and starts it at the first
// call. Without PostgreSQL the test fails and says what to install. The package
// has `func TestMain(m *testing.M) { pgtest.Main(m) }`, which stops it.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.started {
		shared.started = true
		shared.cluster, shared.err = Start(context.Background(), Options{})
	}
	if shared.err != nil {
		t.Fatalf("start PostgreSQL for tests: %v", shared.err)
	}
	return shared.cluster
}

// Main runs the tests, stops the shared cluster and exits. Call it from
// TestMain in each package that uses Shared.
func Main(m *testing.M) {
	code := m.Run()
	if err := StopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// StopShared stops the shared cluster if one runs, for a TestMain that has
// more to do than Main.
func StopShared() error {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.cluster == nil {
		return nil
	}
	err := shared.cluster.Stop()
	shared.cluster, shared.started = nil, false
	return err
}
