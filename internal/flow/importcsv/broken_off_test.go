package importcsv

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

// told are the contents without what is another in every run: ids.
func (h house) told() []string {
	h.t.Helper()
	c := h.contents()
	cards := map[ident.ID]string{}
	for gateway, card := range c.Cards {
		cards[card.ID] = gateway
	}
	numbers, addresses := map[ident.ID]string{}, map[ident.ID]string{}
	var lines []string
	for number, known := range c.Customers {
		numbers[known.ID] = number
		for i, a := range c.Addresses[known.ID] {
			addresses[a.ID] = fmt.Sprint(number, " ", i, " ", a.Address)
			lines = append(lines, addresses[a.ID])
		}
		lines = append(lines, fmt.Sprint(number, " ", known.Name, " ", known.Mail, " ", known.GatewayID))
	}
	used := map[db.PriceHolder]bool{}
	for _, s := range c.Subscriptions {
		o := c.Origins[s.ID]
		lines = append(lines, fmt.Sprint(s.Number, " ", numbers[s.CustomerID], " ", s.State, " ", s.Anchor, " ", s.BoxesOrdered, " ",
			s.LastSlot, " to ", addresses[s.AddressID], " by ", cards[s.CardID], " failed ", cards[o.FailedCardID], " ", o.Channel))
		for _, d := range c.Deliveries[s.ID] {
			lines = append(lines, fmt.Sprint(s.Number, " ", d.Slot, " ", d.Date, " ", d.Deadline, " ", d.State, " ", d.Cause, " ", d.Quoted))
		}
		holder := db.PriceHolder{CustomerID: s.CustomerID, ProductID: s.ProductID}
		if used[holder] {
			continue
		}
		had := must(db.PricesUsed(h.t.Context(), h.d, 1, s.CustomerID, []ident.ID{s.ProductID}))(h.t)
		used[holder] = true
		lines = append(lines, fmt.Sprint(s.Number, " has had first prices: ", len(had)))
	}
	for _, a := range c.Alerts {
		lines = append(lines, fmt.Sprint(a.Kind, " ", a.Args["Number"], " ", a.Args["Date"]))
	}
	slices.Sort(lines)
	return lines
}

// lines are the first lines of a file, with its header.
func lines(content []byte, n int) []byte {
	all := bytes.SplitAfter(content, []byte("\r\n"))
	return bytes.Join(all[:min(n+1, len(all))], nil)
}

func TestAnImportBrokenOffAnywhereEndsAsIfItHadNotBeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		customers, subscriptions := testFile(t, "customers.csv"), testFile(t, "subscriptions.csv")
		whole := furnished(t, dbtest.Open(t, d.Engine))
		whole.customers(customers)
		rows := whole.subscriptions(subscriptions).Rows
		want := whole.told()
		for _, at := range []int{1, rows / 3, rows - 1} {
			h := furnished(t, dbtest.Open(t, d.Engine))
			h.customers(lines(customers, at))
			h.customers(customers)
			h.subscriptions(lines(subscriptions, at))
			if report := h.subscriptions(subscriptions); report.There != at || report.Written != rows-at {
				t.Errorf("broken off after %d rows: %d were there, %d written", at, report.There, report.Written)
			}
			if diff := cmp.Diff(want, h.told()); diff != "" {
				t.Errorf("broken off after %d rows: %s", at, diff)
			}
		}
	})
}

// Two people run the same command. Whoever comes second in a batch is refused it
// as a whole; nothing is there twice, and the next run finds nothing to do.
func TestTwoImportsAtOnceBringEachRowOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		customers, subscriptions := testFile(t, "customers.csv"), testFile(t, "subscriptions.csv")
		whole := furnished(t, dbtest.Open(t, d.Engine))
		whole.customers(customers)
		whole.subscriptions(subscriptions)
		h := furnished(t, d)
		twice := func(load func(context.Context, *db.DB, MovingInput) (MovingReport, error), in MovingInput) {
			var both sync.WaitGroup
			errs := make([]error, 2)
			var one sync.Mutex
			in.NewID = func() ident.ID { // ids are in the order of time, whoever makes them
				one.Lock()
				defer one.Unlock()
				return h.newID()
			}
			for i := range errs {
				both.Go(func() { _, errs[i] = load(t.Context(), d, in) })
			}
			both.Wait()
			for _, err := range errs {
				if err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("who comes second is told: %v", err)
				}
			}
			if errs[0] != nil && errs[1] != nil {
				t.Errorf("both fail: %v, %v", errs[0], errs[1])
			}
		}
		twice(Customers, h.input(customers, CustomersPreset))
		twice(Subscriptions, h.input(subscriptions, SubscriptionsPreset))
		if report := h.subscriptions(subscriptions); report.Written != 0 || report.There != report.Rows {
			t.Errorf("the next run writes %d rows", report.Written)
		}
		if diff := cmp.Diff(whole.told(), h.told()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhoMovesInHasHadTheFirstPrice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := furnished(t, d)
		h.customers(testFile(t, "customers.csv"))
		content := testFile(t, "subscriptions.csv")
		h.subscriptions(content)
		missing := func() (n int) {
			for _, line := range h.told() {
				if strings.HasSuffix(line, "has had first prices: 0") {
					n++
				}
			}
			return n
		}
		if n := missing(); n != 0 {
			t.Errorf("%d who moved in may have a first price again", n)
		}
		// Those who came before this was kept are entered by the next import.
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM price_uses WHERE store_id = 1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if missing() == 0 {
			t.Fatal("nothing was taken away")
		}
		if report := h.subscriptions(content); report.Written != 0 || missing() != 0 {
			t.Errorf("the second import writes %d rows and leaves %d without", report.Written, missing())
		}
	})
}
