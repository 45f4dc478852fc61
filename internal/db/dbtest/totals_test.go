package dbtest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// book is a store whose subscriptions and deliveries are written at random. It keeps
// what it has written, so that what totals say can be summed from it.
type book struct {
	d             *db.DB
	storeID       int64
	newID         ident.Generator
	random        *rand.Rand
	first         renewed
	subscriptions []subscription.Subscription
	deliveries    map[ident.ID][]subscription.Delivery // by subscription
}

func newBook(t *testing.T, d *db.DB, storeID int64) *book {
	t.Helper()
	b := &book{
		d: d, storeID: storeID, newID: ident.Generator(later()), random: rand.New(rand.NewPCG(7, uint64(storeID))),
		first: renew(t, d, storeID), deliveries: map[ident.ID][]subscription.Delivery{},
	}
	b.subscriptions = append(b.subscriptions, b.first.subscription)
	b.deliveries[b.first.subscription.ID] = []subscription.Delivery{b.first.delivery}
	return b
}

// later are ids after those of fixture.IDs.
func later() func() ident.ID {
	ids := fixture.IDs()
	return func() ident.ID {
		id := ids()
		id[0] = 1
		return id
	}
}

func (b *book) pick() *subscription.Subscription {
	return &b.subscriptions[b.random.IntN(len(b.subscriptions))]
}

var (
	states = []subscription.State{
		subscription.StateAwaitingPayment, subscription.StateActive, subscription.StatePaused,
		subscription.StateCancelled, subscription.StateCompleted,
	}
	openStates = []subscription.DeliveryState{
		subscription.DeliveryPlanned, subscription.DeliveryBlocked, subscription.DeliveryHeld, subscription.DeliverySkipped,
	}
)

func oneOf[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// step is a write of one kind; what it leaves is kept where it was committed.
func (b *book) step(ctx context.Context, tx db.Tx) (kept func(), err error) {
	s := *b.pick()
	boxes := slices.Clone(b.deliveries[s.ID])
	keep := func() {
		for i := range b.subscriptions {
			if b.subscriptions[i].ID == s.ID {
				b.subscriptions[i] = s
			}
		}
		b.deliveries[s.ID] = boxes
	}
	open := slices.IndexFunc(boxes, func(d subscription.Delivery) bool { return d.OrderID.IsZero() })
	switch b.random.IntN(8) {
	case 0, 1: // a new subscription with three boxes
		s = b.first.subscription
		s.ID, s.State, s.Pays = b.newID(), oneOf(b.random, states), oneOf(b.random, []string{"card", "cod"})
		s.Number, s.Items = "S"+s.ID.String(), nil
		boxes = nil
		for slot := 1; slot <= 3; slot++ {
			boxes = append(boxes, planned(b.newID(), s, slot))
		}
		err = errors.Join(db.InsertSubscriptions(ctx, tx, b.storeID, []db.NewSubscription{{
			Subscription: s, Terms: []byte("{}"), NextDue: boxes[0].Deadline,
		}}, fixture.Start), db.InsertDeliveries(ctx, tx, b.storeID, boxes))
		return func() { b.subscriptions = append(b.subscriptions, s); keep() }, err
	case 2: // a change of its state and of how it pays
		s.State, s.Pays = oneOf(b.random, states), oneOf(b.random, []string{"card", "cod"})
		err = db.ChangeSubscription(ctx, tx, b.storeID, s, fixture.Start)
		s.Version++
	case 3:
		s.State = oneOf(b.random, states)
		err = db.AdvanceSubscriptions(ctx, tx, b.storeID, []db.Advance{{ID: s.ID, State: s.State}})
		s.Version++
	case 4:
		s.State = oneOf(b.random, states)
		err = db.UpdateSubscription(ctx, tx, b.storeID, db.SubscriptionUpdate{ID: s.ID, State: s.State, CardID: s.CardID}, s.Version)
		s.Version++
	case 5: // another date, deadline and quote
		if open < 0 {
			return func() {}, nil
		}
		box := &boxes[open]
		box.Date, box.Quoted = box.Date.AddDays(b.random.IntN(3)), box.Quoted+int64(b.random.IntN(2))*10
		box.Deadline, box.State = box.Deadline.Add(time.Duration(b.random.IntN(2))*24*time.Hour), oneOf(b.random, openStates)
		err = db.RewriteDeliveries(ctx, tx, b.storeID, []subscription.Delivery{*box})
		box.Version++
	case 6: // a box becomes an order, or one is moved
		if len(boxes) == 0 {
			return func() {}, nil
		}
		box := &boxes[b.random.IntN(len(boxes))]
		if box.OrderID.IsZero() {
			box.State, box.OrderID, box.Box = subscription.DeliveryOrdered, b.first.order.ID, box.Slot
		} else {
			box.Date = box.Date.AddDays(1)
			box.State = oneOf(b.random, []subscription.DeliveryState{subscription.DeliveryOrdered, subscription.DeliveryShipped, subscription.DeliveryDelivered})
		}
		err = db.UpdateDeliveries(ctx, tx, b.storeID, []subscription.Delivery{*box})
		box.Version++
	default:
		gone := slices.IndexFunc(boxes, func(d subscription.Delivery) bool { return d.State == subscription.DeliveryPlanned })
		if gone < 0 {
			return func() {}, nil
		}
		err = db.RetractDeliveries(ctx, tx, b.storeID, boxes[gone:gone+1])
		boxes = slices.Delete(boxes, gone, gone+1)
	}
	return keep, err
}

// errTurnedBack ends a transaction that is not to be.
var errTurnedBack = errors.New("turned back")

// write takes n steps, of which every fifth fails after it has written.
func (b *book) write(ctx context.Context, n int) error {
	for i := range n {
		var kept func()
		err := b.d.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			if kept, err = b.step(ctx, tx); err == nil && i%5 == 4 {
				err = errTurnedBack
			}
			return err
		})
		if err == nil {
			kept()
		} else if !errors.Is(err, errTurnedBack) {
			return err
		}
	}
	return nil
}

// check compares what pages read with what was written.
func (b *book) check(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	if n := must(db.TotalsAstray(ctx, b.d, b.storeID))(t); n != 0 {
		t.Errorf("store %d: %d totals are not the sum of their rows", b.storeID, n)
	}
	counts := map[subscription.State]int{}
	sums := map[subscription.State]db.SubscriptionSum{}
	days := map[string]db.DayTotal{}
	for _, s := range b.subscriptions {
		counts[s.State]++
		sum := sums[s.State]
		sum.Subscriptions++
		for _, box := range b.deliveries[s.ID] {
			total := db.DayTotal{Date: box.Date, Planned: box.State == subscription.DeliveryPlanned, Ordered: !box.OrderID.IsZero()}
			switch {
			case total.Planned:
				sum.Expected += box.Quoted
				fallthrough
			case box.State == subscription.DeliveryBlocked:
				sum.Boxes++
				total.Pays = s.Pays
			case !total.Ordered:
				continue
			}
			// shipped and delivered ones are read apart, and summed here
			key := fmt.Sprint(total.Date, total.Pays, total.Planned, total.Ordered)
			total.Count, total.Total = days[key].Count+1, days[key].Total+box.Quoted
			days[key] = total
		}
		sums[s.State] = sum
	}
	if diff := cmp.Diff(counts, must(db.CountSubscriptions(ctx, b.d, b.storeID))(t)); diff != "" {
		t.Errorf("store %d, subscriptions (-want):\n%s", b.storeID, diff)
	}
	from, until := calendar.On(2026, 1, 1), calendar.On(2028, 1, 1)
	got := must(db.SumSubscriptions(ctx, b.d, b.storeID, db.SubscriptionFilter{ProductID: b.first.product.ID}, from, until))(t)
	maps.DeleteFunc(got.ByState, func(_ subscription.State, s db.SubscriptionSum) bool { return s == db.SubscriptionSum{} })
	if diff := cmp.Diff(sums, got.ByState); diff != "" {
		t.Errorf("store %d, sums (-want):\n%s", b.storeID, diff)
	}
	read := map[string]db.DayTotal{}
	for _, d := range must(db.DeliveriesByDay(ctx, b.d, b.storeID, from, until))(t) {
		key := fmt.Sprint(d.Date, d.Pays, d.Planned, d.Ordered)
		d.Count, d.Total = d.Count+read[key].Count, d.Total+read[key].Total
		read[key] = d
	}
	if diff := cmp.Diff(days, read); diff != "" {
		t.Errorf("store %d, days (-want):\n%s", b.storeID, diff)
	}
}

func TestTotalsAreWhatSummingEveryRowGives(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, storeID := range dbtest.Stores {
			b := newBook(t, d, storeID)
			for range 6 {
				if err := b.write(t.Context(), 15); err != nil {
					t.Fatal(err)
				}
				b.check(t)
				must(db.FoldTotals(t.Context(), d, 10))(t)
				b.check(t)
			}
			must(db.FoldTotals(t.Context(), d, 1_000))(t)
			write(t, d, db.DeleteEmptyTotals)
			b.check(t)
		}
	})
}

func TestTotalsFollowWhatIsSetAsideAndTheNextDeadline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d, 1)
		s := b.first.subscription
		box := planned(b.newID(), s, 2)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(db.InsertDeliveries(ctx, tx, 1, []subscription.Delivery{box}),
				db.ChangeSubscription(ctx, tx, 1, s, box.Deadline))
		})
		want := []db.DueTotal{{Deadline: box.Deadline, ProductID: s.ProductID, Pays: "card", Count: 1, Total: 1_980}}
		if diff := cmp.Diff(want, must(db.NextDeadline(t.Context(), d, 1, fixture.Start))(t)); diff != "" {
			t.Errorf("the next deadline (-want):\n%s", diff)
		}
		aside := func(quarantined bool) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, "UPDATE subscriptions SET quarantined = ? WHERE store_id = 1", quarantined)
				return err
			})
		}
		aside(true)
		if n := must(db.TotalsAstray(t.Context(), d, 1))(t); n != 0 {
			t.Errorf("%d totals are astray", n)
		}
		if got := must(db.NextDeadline(t.Context(), d, 1, fixture.Start))(t); len(got) != 0 {
			t.Errorf("what is set aside passes %+v", got)
		}
		aside(false)
		if diff := cmp.Diff(want, must(db.NextDeadline(t.Context(), d, 1, fixture.Start))(t)); diff != "" {
			t.Errorf("back again (-want):\n%s", diff)
		}
	})
}

func TestTotalsStayRightWhileSeveralFoldAndOneDies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		books := []*book{newBook(t, d, 1), newBook(t, d, 2)}
		var writers, folders sync.WaitGroup
		stop, cancel := context.WithCancel(t.Context())
		for _, b := range books {
			writers.Go(func() {
				if err := b.write(t.Context(), 60); err != nil {
					t.Error(err)
				}
			})
		}
		for range 2 {
			folders.Go(func() {
				for stop.Err() == nil {
					// one that is broken off leaves what it took
					ctx, dies := context.WithTimeout(stop, 2*time.Millisecond)
					_, _ = db.FoldTotals(ctx, d, 3)
					dies()
					if _, err := db.FoldTotals(t.Context(), d, 7); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		cancel()
		folders.Wait()
		for _, b := range books {
			b.check(t)
		}
		for {
			if n := must(db.FoldTotals(t.Context(), d, 100))(t); n == 0 {
				break
			}
		}
		for _, b := range books {
			b.check(t)
		}
	})
}
