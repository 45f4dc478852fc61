package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestTheMailOfAnOrderTellsOfEverySubscriptionThatItStarts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, "hana@example.jp")
		cart := hana.Fill(t, 1, thread.Monthly, pricing.MethodCOD)
		err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			line := db.CartLine{
				ID: w.Flow.NewID(), VariantID: w.Product.Variants[1].ID, Quantity: 2,
				Cycle: calendar.Cycle{Every: 2, Unit: calendar.UnitWeek},
			}
			return db.AddCartLine(ctx, tx, thread.StoreID, cart, line, w.Clock.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		hana.Place(t, hana.Order(t, cart))
		w.Drain(t)
		mails := w.Mails.To("hana@example.jp")
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		list, err := db.SubscriptionsOf(t.Context(), w.DB, thread.StoreID, hana.Customer.ID)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d subscriptions, %v", len(list), err)
		}
		texts := w.Flow.Texts.For("ja")
		for _, s := range list {
			_, own, found := strings.Cut(mails[0].Text, s.Number)
			if !found {
				t.Fatalf("%s is not in the mail:\n%s", s.Number, mails[0].Text)
			}
			if next, _, more := strings.Cut(own, "■ 定期購入の内容："); more {
				own = next
			}
			deliveries, err := db.Deliveries(t.Context(), w.DB, thread.StoreID, []ident.ID{s.ID})
			if err != nil {
				t.Fatal(err)
			}
			next := deliveries[s.ID][1]
			for _, want := range []string{
				texts.CycleFrom(s.Cycle, s.Anchor), "解約", "2回目", texts.Date(next.Date), texts.DeadlineAt(next.Deadline, tokyo(t)),
			} {
				if !strings.Contains(own, want) {
					t.Errorf("%s: the mail does not say %q:\n%s", s.Number, want, own)
				}
			}
		}
		for _, option := range []string{"200g", "500g"} {
			if !strings.Contains(mails[0].Text, "■ 定期購入の内容：ひばりブレンド "+option) || !strings.Contains(mails[0].Text, "■ この先の予定：ひばりブレンド "+option) {
				t.Errorf("nothing of %s:\n%s", option, mails[0].Text)
			}
		}
	})
}

func TestAWaitingBoxAndTheNextHaveTheirOwnNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		hana := w.Shopper(t, "hana@example.jp")
		hana.Subscribe(t, "4242424242424242")
		_, deliveries := hana.Subscription(t)
		w.AdvanceTo(t, deliveries[1].Deadline)
		mails := w.Mails.To("hana@example.jp")
		last := mails[len(mails)-1]
		_, coming, _ := strings.Cut(last.Text, "■ この先の予定")
		if !strings.Contains(last.Subject, "2回目") || strings.Contains(coming, "2回目") || !strings.Contains(coming, fmt.Sprintf("\n%d回目\n", 3)) {
			t.Errorf("%s\n%s", last.Subject, last.Text)
		}
		_, deliveries = hana.Subscription(t)
		w.AdvanceTo(t, deliveries[2].Deadline)
		mails = w.Mails.To("hana@example.jp")
		last = mails[len(mails)-1]
		_, coming, _ = strings.Cut(last.Text, "■ この先の予定")
		if !strings.Contains(last.Subject, "3回目") || strings.Contains(coming, "3回目") || !strings.Contains(coming, "4回目") {
			t.Errorf("the second that waits: %s\n%s", last.Subject, last.Text)
		}
	})
}
