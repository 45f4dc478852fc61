package dbtest_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// lease of a worker for a minute.
func lease(worker byte, now time.Time) db.Lease {
	return db.Lease{Token: ident.ID{worker}, Now: now, Until: now.Add(time.Minute)}
}

func claim(t *testing.T, d *db.DB, due time.Time, limit int, l db.Lease) (refs []db.Ref) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		refs, err = db.Claim(ctx, tx, db.QueuePayments, due, limit, l)
		return err
	})
	return refs
}

func TestClaimTakesWhatIsDueInAllStoresUntilTheLeaseEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := renewBoth(t, d)
		now := fixture.Start
		if refs := claim(t, d, now.Add(-time.Microsecond), 10, lease(1, now)); len(refs) != 0 {
			t.Errorf("claimed %v before they were due", refs)
		}
		refs := claim(t, d, now, 10, lease(1, now))
		slices.SortFunc(refs, func(a, b db.Ref) int { return int(a.StoreID - b.StoreID) })
		if want := []db.Ref{{StoreID: 1, ID: r.payment.ID}, {StoreID: 2, ID: r.payment.ID}}; !slices.Equal(refs, want) {
			t.Errorf("claimed %v, want %v", refs, want)
		}
		if refs := claim(t, d, now, 10, lease(2, now.Add(30*time.Second))); len(refs) != 0 {
			t.Errorf("claimed %v while they were leased", refs)
		}
		if refs := claim(t, d, now, 10, lease(2, now.Add(61*time.Second))); len(refs) != 2 {
			t.Errorf("claimed %v after the lease ended, want both", refs)
		}
		ids := []ident.ID{r.payment.ID}
		release := func(token byte) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.Release(ctx, tx, db.QueuePayments, 1, ids, ident.ID{token}, now)
			})
		}
		later := now.Add(62 * time.Second)
		release(1) // the first worker's lease is over: it gives nothing back
		if refs := claim(t, d, now, 10, lease(3, later)); len(refs) != 0 {
			t.Errorf("an old token gave %v back", refs)
		}
		release(2)
		if refs := claim(t, d, now, 10, lease(3, later)); len(refs) != 1 || refs[0].StoreID != 1 {
			t.Errorf("claimed %v after store 1's was given back, want that one", refs)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.Quarantine(ctx, tx, db.QueuePayments, db.Ref{StoreID: 1, ID: r.payment.ID}, ident.ID{3})
		})
		if refs := claim(t, d, now, 10, lease(4, later.Add(time.Hour))); len(refs) != 1 || refs[0].StoreID != 2 {
			t.Errorf("claimed %v beside a quarantined one, want store 2's", refs)
		}
	})
}

func TestWebhookIsReceivedOnceAndHandledByOneWorker(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := fixture.Start
		take := func(l db.Lease) (events []db.WebhookEvent) {
			write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
				events, err = db.ClaimWebhooks(ctx, tx, now, 10, l)
				return err
			})
			return events
		}
		for range 2 {
			for _, storeID := range dbtest.Stores {
				write(t, d, func(ctx context.Context, tx db.Tx) error {
					return db.ReceiveWebhooks(ctx, tx, []db.WebhookEvent{{StoreID: storeID, EventID: "evt_1", Type: "t", ObjectID: "pi_1"}}, now)
				})
			}
		}
		if events := take(lease(1, now)); len(events) != 2 {
			t.Errorf("claimed %+v, want one event of each store", events)
		}
		if events := take(lease(2, now)); len(events) != 0 {
			t.Errorf("claimed %+v while they were leased", events)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.CloseWebhooks(ctx, tx, 1, []string{"evt_1"}, ident.ID{1})
		})
		events := take(lease(2, now.Add(time.Hour)))
		want := db.WebhookEvent{StoreID: 2, EventID: "evt_1", Type: "t", ObjectID: "pi_1", Tries: 2}
		if !slices.Equal(events, []db.WebhookEvent{want}) {
			t.Errorf("claimed %+v an hour later, want %+v", events, want)
		}
	})
}

func TestWorkersNeverClaimTheSameRow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const mails, workers = 60, 4
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			for _, storeID := range dbtest.Stores {
				newID := fixture.IDs()
				list := make([]db.Mail, mails/2)
				for i := range list {
					id := newID()
					list[i] = db.Mail{ID: id, Dedupe: id.String(), Recipient: "hana@example.jp"}
				}
				if err := db.WriteMails(ctx, tx, storeID, list, fixture.Start); err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		taken := map[db.Ref]int{}
		var wg sync.WaitGroup
		for worker := range workers {
			wg.Go(func() {
				for range mails {
					var refs []db.Ref
					err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
						refs, err = db.Claim(ctx, tx, db.QueueMails, fixture.Start, 7, lease(byte(worker+1), fixture.Start))
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, ref := range refs {
						taken[ref]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(taken) != mails {
			t.Errorf("%d mails claimed, want %d", len(taken), mails)
		}
		for ref, times := range taken {
			if times != 1 {
				t.Errorf("%v was claimed %d times", ref, times)
			}
		}
	})
}
