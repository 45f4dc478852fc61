package dbtest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// crowded is more than is counted one by one, and more than one page reads through.
const crowded = 1_100

// crowd are as many customers of one name, whose kana is the same word, with a
// subscription each that has two boxes. The last customer has a second one, which is
// paused.
func crowd(t *testing.T, d *db.DB) (all []subscription.Subscription) {
	t.Helper()
	first := renew(t, d, 1)
	newID := later()
	name := place.Name{Family: "ハヤカワ", Given: "チヒロ", FamilyKana: "ハヤカワ", GivenKana: "チヒロ"}
	var people []customer.Customer
	var list []db.NewSubscription
	var boxes []subscription.Delivery
	for i := range crowded {
		people = append(people, customer.Customer{
			ID: newID(), Number: fmt.Sprintf("X%05d", i), Name: name, Mail: fmt.Sprintf("m%05d@example.jp", i), CreatedAt: fixture.Start,
		})
		owned := 1
		if i == crowded-1 {
			owned = 2
		}
		for n := range owned {
			s := first.subscription
			s.ID, s.Number, s.CustomerID, s.Items = newID(), fmt.Sprintf("T%05d%d", i, n), people[i].ID, nil
			s.Anchor = calendar.On(2026, 12, 1).AddDays(i % 5)
			if n == 1 {
				s.State = subscription.StatePaused
			}
			all, list = append(all, s), append(list, db.NewSubscription{Subscription: s, Terms: []byte("{}")})
			for slot := 1; slot <= 2; slot++ {
				boxes = append(boxes, planned(newID(), s, slot))
			}
		}
	}
	write(t, d, func(ctx context.Context, tx db.Tx) error {
		for _, c := range people {
			if err := db.InsertCustomer(ctx, tx, 1, c, ""); err != nil {
				return err
			}
		}
		return errors.Join(db.InsertSubscriptions(ctx, tx, 1, list, fixture.Start), db.InsertDeliveries(ctx, tx, 1, boxes))
	})
	return all
}

// walk reads a list to its end and returns the ids in their order.
func walk(t *testing.T, d *db.DB, f db.SubscriptionFilter, limit int) (ids []ident.ID) {
	t.Helper()
	var key db.SubscriptionKey
	for range 2 * crowded / limit {
		page, next, err := db.FindSubscriptions(t.Context(), d, 1, f, key, limit)
		if err != nil || len(page) > limit {
			t.Fatalf("%d subscriptions after %d: %v", len(page), len(ids), err)
		}
		for _, s := range page {
			ids = append(ids, s.ID)
		}
		if next.IsZero() {
			return ids
		}
		key = next
	}
	t.Fatalf("the list does not end; %d subscriptions so far", len(ids))
	return nil
}

func TestListsOfManyAreReadPageByPageAndCountedAsFarAsAThousand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		all := crowd(t, d)
		last := all[len(all)-1]
		from, until := calendar.On(2026, 12, 1), calendar.On(2026, 12, 5)
		active := len(all) - 1
		for name, c := range map[string]struct {
			filter      db.SubscriptionFilter
			want        int
			more, blind bool
			boxes       int // of the dates above
		}{
			"a name that all have":  {db.SubscriptionFilter{Text: "ハヤカワ"}, len(all), true, true, 0},
			"a mail":                {db.SubscriptionFilter{Text: "m00007@"}, 1, false, false, 1},
			"a number":              {db.SubscriptionFilter{Text: "t000070"}, 1, false, false, 1},
			"a number and a mail":   {db.SubscriptionFilter{Text: "m0000"}, 10, false, false, 10},
			"the paused among all":  {db.SubscriptionFilter{Text: "ハヤカワ", State: subscription.StatePaused}, 1, true, true, 0},
			"the paused by product": {db.SubscriptionFilter{State: subscription.StatePaused, ProductID: last.ProductID}, 1, false, false, crowded + 1},
			"the paused by date":    {db.SubscriptionFilter{State: subscription.StatePaused, From: from}, 1, true, false, 2*crowded + 2},
			"the product":           {db.SubscriptionFilter{ProductID: last.ProductID}, len(all) + 1, false, false, crowded + 1},
			"some days":             {db.SubscriptionFilter{From: from, Until: until}, len(all), true, false, crowded + 1},
			"any day":               {db.SubscriptionFilter{From: from}, len(all), true, false, 2*crowded + 2},
			"a name and a day":      {db.SubscriptionFilter{Text: "ハヤ", From: from, Until: from}, crowded / 5, true, true, 0},
			"a mail and trouble":    {db.SubscriptionFilter{Text: "m00007", Trouble: true}, 0, false, false, 0},
			"trouble":               {db.SubscriptionFilter{Trouble: true}, 0, false, false, 0},
			"nothing to look for":   {db.SubscriptionFilter{Text: "・"}, 0, false, false, 0},
		} {
			ids := walk(t, d, c.filter, 90)
			if len(ids) != c.want {
				t.Errorf("%s: %d subscriptions, want %d", name, len(ids), c.want)
			}
			slices.SortFunc(ids, ident.ID.Compare)
			if len(slices.Compact(ids)) != c.want {
				t.Errorf("%s: one is listed twice", name)
			}
			sums := must(db.SumSubscriptions(t.Context(), d, 1, c.filter, from, until))(t)
			n, boxes := 0, 0
			for _, s := range sums.ByState {
				n, boxes = n+s.Subscriptions, boxes+s.Boxes
			}
			if sums.More != c.more || sums.Unsummed != c.blind || boxes != c.boxes {
				t.Errorf("%s: more %t, unsummed %t, %d boxes; want %t, %t, %d", name, sums.More, sums.Unsummed, boxes, c.more, c.blind, c.boxes)
			}
			if c.filter.State == "" && !c.more && n != c.want {
				t.Errorf("%s: %d are counted, want %d", name, n, c.want)
			}
		}
		if got := must(db.CountSubscriptions(t.Context(), d, 1))(t)[subscription.StateActive]; got != active+1 {
			t.Errorf("%d are active, want %d", got, active+1)
		}
		byDate, next, err := db.FindSubscriptions(t.Context(), d, 1, db.SubscriptionFilter{From: from}, db.SubscriptionKey{}, 400)
		if err != nil || len(byDate) != 400 || next.Date != from.AddDays(1) {
			t.Errorf("%d by date, the next on %s (%v)", len(byDate), next.Date, err)
		}
		customers(t, d)
	})
}

// customers reads the crowd's customers page by page, by what their names and kana
// begin with.
func customers(t *testing.T, d *db.DB) {
	t.Helper()
	var key db.CustomerKey
	var ids []ident.ID
	for range 2 * crowded / 90 {
		page, next, err := db.CustomerList(t.Context(), d, 1, db.CustomerFilter{Text: "ﾊﾔ", After: key, Limit: 90})
		if err != nil || len(page) > 90 {
			t.Fatalf("%d customers after %d: %v", len(page), len(ids), err)
		}
		for _, c := range page {
			ids = append(ids, c.ID)
		}
		if key = next; key.IsZero() {
			break
		}
	}
	if !key.IsZero() || len(ids) != crowded || !slices.IsSortedFunc(ids, ident.ID.Compare) {
		t.Errorf("%d customers, sorted %t, the next %v; want each of %d once", len(ids), slices.IsSortedFunc(ids, ident.ID.Compare), key, crowded)
	}
	for text, want := range map[string]int{"x00012": 1, "m00012@": 1, "誰も": 0} {
		list, _, err := db.CustomerList(t.Context(), d, 1, db.CustomerFilter{Text: text, Limit: 90})
		if err != nil || len(list) != want {
			t.Errorf("%q finds %d customers, want %d (%v)", text, len(list), want, err)
		}
	}
}
