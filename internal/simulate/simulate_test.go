package simulate_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/seal"
	"github.com/teiki-commerce/teiki/internal/simulate"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// all cards, in basis points.
const all = 10_000

var (
	first = calendar.On(2026, time.November, 21) // the day on which every world begins
	last  = calendar.On(2027, time.February, 28)
)

// input simulates the world's store from its first day on with cards that all go
// through.
func input(t *testing.T, w *thread.World) simulate.Input {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return simulate.Input{
		StoreID: thread.StoreID, Now: w.Clock.Now, From: first, To: last, Texts: texts,
		NewID: func() ident.ID { return ident.ID(uuid.Must(uuid.NewV7())) }, Wall: time.Now,
		Secret: bytes.Repeat([]byte{9}, seal.SecretSize),
	}
}

// run simulates the world's store in a folder that must be empty afterwards.
func run(t *testing.T, w *thread.World, in simulate.Input) (simulation.Result, error) {
	t.Helper()
	folder := t.TempDir()
	r, err := simulate.Copy(t.Context(), w.DB, folder, in)
	left, readErr := os.ReadDir(folder)
	if readErr != nil || len(left) != 0 {
		t.Errorf("%d files are left behind (%v)", len(left), readErr)
	}
	return r, err
}

// must simulate without a contradiction between the books.
func must(t *testing.T, w *thread.World, in simulate.Input) simulation.Result {
	t.Helper()
	r, err := run(t, w, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Differences {
		t.Error(d)
	}
	return r
}

// shelf leaves so many free pieces of the first variant, with others expected.
func shelf(t *testing.T, w *thread.World, free, expected int64, on calendar.Date) {
	t.Helper()
	variant := w.Product.Variants[0].ID
	err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		counts, err := db.StockCounts(ctx, tx, thread.StoreID, []ident.ID{variant})
		if err != nil {
			return err
		}
		return db.SetStock(ctx, tx, thread.StoreID, variant, counts[variant].Reserved+free, expected, on, w.Flow.NewID(), w.Clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAQuarterPassesInTheCopyAndNotInTheOriginal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 5) // the first box of each is ordered, the others follow month by month
		before := w.AllOrders(t)
		r := must(t, w, input(t, w))

		got := r.Total()
		const boxes = 3 * 5
		if got.Orders.Count != boxes || got.Renewals != got.Orders || got.Paid != got.Orders || got.COD.Count != 0 {
			t.Errorf("%d orders, %d renewals, %d paid, want %d", got.Orders.Count, got.Renewals.Count, got.Paid.Count, boxes)
		}
		if diff := cmp.Diff(map[string]int{"subscription_order": boxes, "deadline_notice": boxes}, got.Mails); diff != "" {
			t.Errorf("mails:\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"ordered": boxes}, got.Due); diff != "" {
			t.Errorf("due deliveries:\n%s", diff)
		}
		if n := len(r.Days); n != 100 || r.Days[0].Date != first || r.Days[n-1].Date != last {
			t.Errorf("%d days", n)
		}
		if months := r.Months(); len(months) != 4 {
			t.Errorf("%d months", len(months))
		}
		deadline := calendar.DateOf(members[0].Deadline(t).In(time.FixedZone("JST", 9*60*60)))
		if day := r.Days[first.DaysUntil(deadline)]; day.Orders.Count != 5 {
			t.Errorf("%d orders on %s, the first deadline", day.Orders.Count, deadline)
		}
		if diff := cmp.Diff(before, w.AllOrders(t)); diff != "" {
			t.Errorf("the original has other orders now:\n%s", diff)
		}
		if n := len(w.Ledger(t).Charges); n != 0 {
			t.Errorf("%d charges at the original's gateway", n)
		}
		if n := len(w.Mails.To(members[0].Customer.Mail)); n != 1 {
			t.Errorf("%d mails to a customer, want that of the beginning", n)
		}
	})
}

func TestStockRunsShortUntilTheExpectedPiecesCome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 5)
		due := calendar.DateOf(members[0].Deadline(t).In(time.FixedZone("JST", 9*60*60)))
		shelf(t, w, 3, 20, due.AddDays(2))
		r := must(t, w, input(t, w))

		sku := w.Product.Variants[0].SKU
		short, came := r.Days[first.DaysUntil(due)], r.Days[first.DaysUntil(due)+2]
		if short.Orders.Count != 3 || short.Alerts["stock_out"] != 2 || short.Goods[sku].Short != 2 || short.Goods[sku].Boxes != 2 {
			t.Errorf("on %s, with 3 pieces for 5 boxes: %+v", short.Date, short)
		}
		if came.Orders.Count != 2 || came.Goods[sku].Arrived != 20 {
			t.Errorf("on %s, when 20 pieces come: %+v", came.Date, came)
		}
		if good := r.Goods[0]; good.SKU != sku || good.Before != 3 || good.Used != 15 || good.Arrived != 20 || good.After != 8 ||
			good.ShortFrom != due {
			t.Errorf("over all: %+v", good)
		}
		if got := r.Total(); got.Orders.Count != 15 || got.Due["blocked"] != 0 || got.Mails["stock_out"] != 2 {
			t.Errorf("in all: %+v", got)
		}
	})
}

func TestCardsThatRefuseShowInTheFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		w.Members(t, 4)
		for _, tc := range []struct {
			name  string
			cards simulation.Cards
			check func(simulation.Figures) bool
		}{
			{"declined", simulation.Cards{Declined: all}, func(f simulation.Figures) bool {
				return f.Declined >= 4 && f.Authentication == 0 && f.Alerts["payment_failed"] == 4 && f.Mails["payment_failed"] >= 4 &&
					f.Retries == f.Declined-4
			}},
			{"3-D Secure", simulation.Cards{Authentication: all}, func(f simulation.Figures) bool {
				return f.Declined == 0 && f.Authentication == 4 && f.Alerts["authentication"] == 4 && f.Mails["authentication_needed"] == 4
			}},
			{"no longer known", simulation.Cards{Missing: all}, func(f simulation.Figures) bool {
				return f.Declined == 4 && f.Retries == 0 && f.Alerts["payment_failed"] == 4
			}},
		} {
			in := input(t, w)
			in.Cards = tc.cards
			got := must(t, w, in).Total()
			// the second box of each fails, the others wait for its money
			if !tc.check(got) || got.Paid.Count != 0 || got.Orders.Count != 4 || got.Due["ordered"] != 4 || got.Due["ordered"]+got.Due["blocked"]+got.Due["skipped"] != 12 {
				t.Errorf("%s: %+v", tc.name, got)
			}
		}
	})
}

func TestWhatWasUnderWayInTheOriginalGoesOnInTheCopy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		members := w.Members(t, 3)
		members[0].Behave(t, "insufficient_funds") // an order that is tried again, with an intent at the real gateway
		w.AdvanceTo(t, members[0].Deadline(t))
		charges := len(w.Ledger(t).Charges)
		// another process of the original is at work
		lease := db.Lease{Token: w.Flow.NewID(), Now: w.Wall.Now(), Until: w.Wall.Now().Add(time.Hour)}
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := db.Claim(ctx, tx, db.QueueSubscriptions, w.Clock.Now().AddDate(0, 1, 0), 10, lease)
			if err != nil {
				return err
			}
			_, err = db.Claim(ctx, tx, db.QueuePayments, w.Clock.Now().AddDate(0, 1, 0), 10, lease)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		in := input(t, w)
		in.From = calendar.DateOf(w.Clock.Now().In(time.FixedZone("JST", 9*60*60)))
		got := must(t, w, in).Total()
		if got.Recovered.Count != 1 || got.Orders.Count != 6 || got.Paid.Count != 7 {
			t.Errorf("%d recovered, %d orders, %d paid", got.Recovered.Count, got.Orders.Count, got.Paid.Count)
		}
		if n := len(w.Ledger(t).Charges); n != charges {
			t.Errorf("the original's gateway was asked %d times more", n-charges)
		}
	})
}

func TestAPeriodIsCountedFromItsFirstDayOn(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	w := thread.New(t, d, 100)
	w.Members(t, 2)
	in := input(t, w)
	in.From = calendar.On(2027, time.January, 1)
	r := must(t, w, in)
	if n := r.Total().Orders.Count; n != 4 || len(r.Days) != 59 {
		t.Errorf("%d orders in %d days of January and February", n, len(r.Days))
	}
}

func TestPeriodsThatMakeNoSenseAreRefused(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	w := thread.New(t, d, 100)
	w.Members(t, 1)
	for _, tc := range []struct {
		name, key string
		change    func(*simulate.Input)
	}{
		{"ends before it begins", "simulation.fault.order", func(in *simulate.Input) { in.To = first.AddDays(-1) }},
		{"more than two years", "simulation.fault.long", func(in *simulate.Input) { in.To = first.AddDays(731) }},
		{"no day", "simulation.fault.date", func(in *simulate.Input) { in.From = calendar.Date{} }},
		{"a past day with orders since", "simulation.fault.past", func(in *simulate.Input) { in.From = first.AddDays(-3) }},
		{"more cards than there are", "simulation.fault.shares", func(in *simulate.Input) { in.Cards = simulation.Cards{Declined: 9_000, Missing: 2_000} }},
		{"less than none", "simulation.fault.share", func(in *simulate.Input) { in.Cards = simulation.Cards{Missing: -1} }},
	} {
		in := input(t, w)
		tc.change(&in)
		_, err := run(t, w, in)
		if faults := fault.All(err); len(faults) != 1 || faults[0].Key != tc.key {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestAPastFirstDayIsFineWhereNothingHasHappenedSince(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	w := thread.New(t, d, 100)
	w.Members(t, 1)
	w.Clock.Forward(10 * 24 * time.Hour) // nobody worked in between
	in := input(t, w)
	in.From, in.To = first.AddDays(1), first.AddDays(40)
	if n := must(t, w, in).Total().Orders.Count; n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestASimulationThatIsStoppedLeavesNothingBehind(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	w := thread.New(t, d, 100)
	w.Members(t, 2)
	ctx, stop := context.WithCancel(t.Context())
	in := input(t, w)
	in.Progress = func(calendar.Date) { stop() }
	folder := t.TempDir()
	if _, err := simulate.Copy(ctx, w.DB, folder, in); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}

func TestCopiesOfKilledProcessesAreSwept(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"teiki-simulation-old", "teiki-simulation-new", "somebody-elses"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name, "copy.db"), []byte("customers"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for _, name := range []string{"teiki-simulation-old", "somebody-elses"} {
		if err := os.Chtimes(filepath.Join(folder, name), now, now.Add(-48*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := simulate.Sweep(folder, now.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 2 || left[0].Name() != "somebody-elses" || left[1].Name() != "teiki-simulation-new" {
		t.Errorf("left: %v (%v)", left, err)
	}
}
