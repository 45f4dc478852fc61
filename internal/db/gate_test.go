package db

import (
	"context"
	"runtime"
	"slices"
	"testing"
)

// queued starts a writer at the gate and returns once it waits there.
func queued(t *testing.T, g *gate, ctx context.Context, done func()) {
	t.Helper()
	before := waiting(g)
	go func() {
		if g.enter(ctx) == nil {
			done()
			g.leave()
		}
	}()
	for waiting(g) == before {
		runtime.Gosched()
		if t.Context().Err() != nil {
			t.Fatal("nobody came to wait at the gate")
		}
	}
}

func waiting(g *gate) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.people) + len(g.work)
}

func TestPeopleGoBeforeWorkAtTheGateButNotForever(t *testing.T) {
	g, ctx := &gate{}, t.Context()
	if err := g.enter(ctx); err != nil {
		t.Fatal(err)
	}
	const people, work = 2 * peopleInARow, 2
	order := make(chan string, people+work)
	for range work {
		queued(t, g, Background(ctx), func() { order <- "work" })
	}
	for range people {
		queued(t, g, ctx, func() { order <- "person" })
	}
	g.leave()
	var got []string
	for range people + work {
		got = append(got, <-order)
	}
	want := append(slices.Repeat([]string{"person"}, peopleInARow), "work")
	if want = slices.Concat(want, want); !slices.Equal(got, want) {
		t.Errorf("they went through as %v", got)
	}
}

func TestWhoGivesUpAtTheGateHoldsUpNobody(t *testing.T) {
	g := &gate{}
	if err := g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	impatient, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { gone <- g.enter(impatient) }()
	for waiting(g) == 0 {
		runtime.Gosched()
	}
	passed := make(chan struct{})
	queued(t, g, t.Context(), func() { close(passed) })
	leave()
	if err := <-gone; err == nil {
		t.Error("who gave up was let through")
	}
	g.leave()
	<-passed
}
