package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/mail"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// buy places an order in cash, in a language; one mail tells of it.
func buy(t *testing.T, s *thread.Shopper, lang i18n.Lang) {
	t.Helper()
	in := s.Order(t, s.Fill(t, 1, thread.Monthly, pricing.MethodCOD))
	in.Lang = lang
	s.Place(t, in)
}

func TestAMailServerThatIsDownDelaysAMailAndLosesNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		w.Mails.Failing.Store(3)
		buy(t, hana, i18n.Ja)
		for range 6 {
			w.Pass(t, 10*time.Minute)
		}
		if n := len(w.Mails.To(hanaMail)); n != 1 {
			t.Errorf("%d mails, want 1", n)
		}
		if n, err := db.CountWaitingMails(t.Context(), d, thread.StoreID); n != 0 || err != nil {
			t.Errorf("%d mails wait, %v", n, err)
		}
	})
}

func TestAMailWhoseAcceptanceWasNotHeardGoesAgainUnderItsMessageID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		w.Mails.Cut.Store(1)
		buy(t, hana, i18n.Ja)
		for range 3 {
			w.Pass(t, 10*time.Minute)
		}
		mails := w.Mails.To(hanaMail)
		if len(mails) != 2 || mails[0].MessageID != mails[1].MessageID || mails[0].MessageID == "" {
			t.Fatalf("%d mails", len(mails))
		}
		if !mails[0].Date.Equal(mails[1].Date) || mails[0].Subject != mails[1].Subject || mails[0].Text != mails[1].Text {
			t.Error("the second copy is another mail")
		}
	})
}

func TestAProcessThatDiesAfterHandingAMailOverSendsItAgainUnderItsMessageID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		hana := w.Shopper(t, hanaMail)
		buy(t, hana, i18n.Ja)
		dying, _ := w.Process()
		ctx, die := context.WithCancel(context.Background())
		dying.Mailer = func(context.Context, flow.Shop) (mail.Sender, error) { return deadly{w.Mails, die}, nil }
		if _, err := dying.SendMails(ctx, 10); err == nil {
			t.Fatal("the process that was to die lived")
		}
		w.Wall.Forward(10 * time.Minute) // the lease is over
		w.Drain(t)
		mails := w.Mails.To(hanaMail)
		if len(mails) != 2 || mails[0].MessageID != mails[1].MessageID {
			t.Errorf("%d mails", len(mails))
		}
		w.Pass(t, time.Hour)
		if n := len(w.Mails.To(hanaMail)); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
}

// deadly hands a mail over and then ends the process.
type deadly struct {
	mails *thread.Recorder
	die   context.CancelFunc
}

func (d deadly) Send(ctx context.Context, m mail.Message) error {
	defer d.die()
	return d.mails.Send(ctx, m)
}

func TestEachMailIsWrittenInItsOrdersLanguage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		subjects := map[string]i18n.Lang{}
		for lang, word := range map[i18n.Lang]string{
			i18n.Ja: "ありがとうございます", i18n.En: "hank you", i18n.ZhHans: "感谢", i18n.ZhHant: "感謝",
		} {
			address := strings.ToLower(string(lang)) + "@example.jp"
			buy(t, w.Shopper(t, address), lang)
			w.Drain(t)
			mails := w.Mails.To(address)
			if len(mails) != 1 {
				t.Fatalf("%s: %d mails", lang, len(mails))
			}
			m := mails[0]
			if other, same := subjects[m.Subject]; same {
				t.Errorf("%s has the subject of %s: %s", lang, other, m.Subject)
			}
			subjects[m.Subject] = lang
			if !strings.Contains(m.Text, word) || strings.Contains(m.Text, "{{") || strings.Contains(m.HTML, "mail.") {
				t.Errorf("%s: %s\n%s", lang, m.Subject, m.Text)
			}
			if path := "http://localhost:8080" + lang.Prefix() + "/mypage"; !strings.Contains(m.Text, path) {
				t.Errorf("%s: no link to %s", lang, path)
			}
		}
	})
}

func TestAMailThatCannotBeReadIsSetAsideAndTheOthersGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			buy(t, w.Shopper(t, name+"@example.jp"), i18n.Ja)
		}
		write(t, d, "UPDATE outbox SET facts = 'not json' WHERE store_id = 1 AND recipient = 'c@example.jp'")
		w.Drain(t)
		for _, name := range []string{"a", "b", "d", "e"} {
			if n := len(w.Mails.To(name + "@example.jp")); n != 1 {
				t.Errorf("%s got %d mails", name, n)
			}
		}
		alerts := alertsOf(t, w)
		if len(alerts) != 1 || alerts[0].Kind != alert.KindMailRefused {
			t.Fatalf("alerts %+v", alerts)
		}
		write(t, d, "UPDATE outbox SET facts = '{}' WHERE store_id = 1 AND recipient = 'c@example.jp'")
		if err := w.Flow.RetryAlert(t.Context(), thread.StoreID, audit.Actor{Kind: audit.ActorStaff}, alerts[0].ID, alerts[0].Version); err != nil {
			t.Fatal(err)
		}
		w.Drain(t)
		if n := len(w.Mails.To("c@example.jp")); n != 1 {
			t.Errorf("mended and retried: %d mails", n)
		}
	})
}

func TestAStoreWithoutAMailServerDoesNotStopTheOthers(t *testing.T) {
	errNoServer := errors.New("no mail server")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 100)
		w.Flow.Mailer = func(_ context.Context, shop flow.Shop) (mail.Sender, error) {
			if shop.ID == 2 {
				return nil, errNoServer
			}
			return w.Mails, nil
		}
		fixture.Store(t, d, 2)
		kenji := fixture.Customer(t, d, w.Flow.NewID, 2, "kenji@example.jp")
		id := w.Flow.NewID()
		for i := range 4 {
			ok(t, d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return db.WriteMails(ctx, tx, 2, []db.Mail{{
					ID: w.Flow.NewID(), Event: "registration", Dedupe: id.String() + string(rune('a'+i)), CustomerID: kenji.Customer.ID,
					Recipient: "kenji@example.jp", Lang: "ja", MessageID: id.String() + "@teiki",
				}}, w.Clock.Now())
			}))
			address := string(rune('a'+i)) + "@example.jp"
			buy(t, w.Shopper(t, address), i18n.Ja)
			if _, err := w.Flow.SendMails(t.Context(), 100); !errors.Is(err, errNoServer) {
				t.Errorf("the trouble of store 2 is told as %v", err)
			}
			if n := len(w.Mails.To(address)); n != 1 {
				t.Errorf("%s got %d mails", address, n)
			}
		}
	})
}
