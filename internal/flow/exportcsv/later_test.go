package exportcsv_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
	"github.com/teiki-commerce/teiki/internal/testkit/books"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

// head is the first lines of a file.
func head(content []byte, lines int) []byte {
	end := 0
	for range lines {
		end += bytes.IndexByte(content[end:], '\n') + 1
	}
	return content[:end]
}

func TestWhatHappensHereIsInTheExport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := furnished(t, d)
		ctx := t.Context()
		for _, part := range []struct {
			load importer
			in   importcsv.MovingInput
		}{
			{importcsv.Customers, m.in(head(books.Customers(), 11), importcsv.CustomersPreset)},
			{importcsv.Subscriptions, m.in(head(books.Subscriptions(), 11), importcsv.SubscriptionsPreset)},
		} {
			if report, err := part.load(ctx, d, part.in); err != nil || len(report.Findings) > 0 {
				t.Fatalf("%d findings, %v", len(report.Findings), err)
			}
		}
		number := func(n string) subscription.Subscription {
			s, err := db.SubscriptionByNumber(ctx, d, 1, n)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		end := func(n string, state subscription.State, verb string) {
			s := number(n)
			s.State = state
			err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
				if err := db.ChangeSubscription(ctx, tx, 1, s, fixture.Start); err != nil {
					return err
				}
				return db.WriteAudit(ctx, tx, 1, []audit.Line{{
					ID: m.newID(), At: fixture.Start, Actor: audit.System, Verb: verb, Noun: "subscription", NounID: s.ID,
				}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		end("T0000002", subscription.StatePaused, "subscription.paused")
		end("T0000003", subscription.StateCancelled, "subscription.cancelled")
		end("T0000004", subscription.StateAwaitingPayment, "subscription.applied")
		got, report := export(t, d, importcsv.UTF8)
		if report.Rows != 9 || strings.Contains(string(got), "T0000004") {
			t.Errorf("%d rows, those that await payment among them: %s", report.Rows, got)
		}
		before, err := japanese.ShiftJIS.NewDecoder().Bytes(head(books.Subscriptions(), 11))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer(
			"29,1,2026/11/29,,代引,,,継続,2024/05/22,,,", "29,1,,,代引,,,休止,2024/05/22,2026/11/21,,",
			"39,1,2026/12/25,1820,カード,cus_000004HIBARI,pm_000004HIBARI,継続,2023/04/20,,,",
			"39,1,,1820,カード,cus_000004HIBARI,pm_000004HIBARI,解約,2023/04/20,,2026/11/21,",
			"T0000004,000005,HB-DEEP-B-500g,3,3240,2w,11,1,2026/12/05,,代引,,,継続,2026/05/31,,,WEB,宅急便,0,,,,\r\n", "",
		).Replace(string(before))
		same(t, []byte(want), got)
	})
}
