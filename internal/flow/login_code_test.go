package flow_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// sixDigits is a login code in a mail, alone in its line.
var sixDigits = regexp.MustCompile(`(?m)^  ([0-9]{6})$`)

// codes are the login codes that were mailed to somebody, the oldest first.
func codes(t *testing.T, w *thread.World, to string) []string {
	t.Helper()
	w.Drain(t)
	var list []string
	for _, m := range w.Mails.To(to) {
		if found := sixDigits.FindStringSubmatch(m.Text); found != nil {
			list = append(list, found[1])
		}
	}
	return list
}

func ask(t *testing.T, w *thread.World, mail string) {
	t.Helper()
	if err := w.Flow.SendLoginCode(t.Context(), thread.StoreID, mail, home, i18n.Ja); err != nil {
		t.Fatalf("ask for a code for %s: %v", mail, err)
	}
}

func enter(t *testing.T, w *thread.World, code string) error {
	t.Helper()
	_, err := w.Flow.LoginByCode(t.Context(), thread.StoreID, "hana@example.jp", code, home)
	return err
}

func TestACodeLogsInOnceAndSoonOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wall := wallClock(w)
		buyer := w.Shopper(t, "hana@example.jp")

		ask(t, w, " HANA@example.jp")
		sent := codes(t, w, "hana@example.jp")
		if len(sent) != 1 {
			t.Fatalf("%d codes were mailed, want 1", len(sent))
		}
		c, err := w.Flow.LoginByCode(t.Context(), thread.StoreID, "hana@example.jp", " "+sent[0][:3]+" "+sent[0][3:], home)
		if err != nil || c.ID != buyer.Customer.ID {
			t.Fatalf("logged in as %s: %v", c.ID, err)
		}
		if err := enter(t, w, sent[0]); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code logs in twice: %v", err)
		}

		wall.Forward(time.Hour)
		ask(t, w, "hana@example.jp")
		sent = codes(t, w, "hana@example.jp")
		wall.Forward(10 * time.Minute)
		if err := enter(t, w, sent[len(sent)-1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code logs in after ten minutes: %v", err)
		}
	})
}

func TestACodeAskedForAgainWaitsAMinuteAndReplacesTheOneBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wall := wallClock(w)
		w.Shopper(t, "hana@example.jp")
		ask(t, w, "hana@example.jp")
		ask(t, w, "hana@example.jp")
		if sent := codes(t, w, "hana@example.jp"); len(sent) != 1 {
			t.Fatalf("%d codes were mailed within a minute", len(sent))
		}
		wall.Forward(time.Minute)
		ask(t, w, "hana@example.jp")
		sent := codes(t, w, "hana@example.jp")
		if len(sent) != 2 {
			t.Fatalf("%d codes were mailed after a minute, want 2", len(sent))
		}
		if err := enter(t, w, sent[0]); sent[0] != sent[1] && !fault.Is(err, fault.Invalid) {
			t.Errorf("the code before still logs in: %v", err)
		}
		if err := enter(t, w, sent[1]); err != nil {
			t.Errorf("the new code: %v", err)
		}
	})
}

func TestFiveWrongTriesEndACodeWhereverTheyComeFrom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		w.Shopper(t, "hana@example.jp")
		ask(t, w, "hana@example.jp")
		code := codes(t, w, "hana@example.jp")[0]
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		for _, from := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"} {
			_, err := w.Flow.LoginByCode(t.Context(), thread.StoreID, "hana@example.jp", wrong, from)
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("a wrong code: %v", err)
			}
		}
		if err := enter(t, w, code); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code logs in after five wrong tries: %v", err)
		}
	})
}

func TestWhoIsNoCustomerHearsTheSameAndGetsNoMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		w.Shopper(t, "hana@example.jp")
		ask(t, w, "nobody@example.jp")
		w.Drain(t)
		if mails := w.Mails.To("nobody@example.jp"); len(mails) != 0 {
			t.Errorf("%d mails went to somebody we do not know", len(mails))
		}
		_, unknown := w.Flow.LoginByCode(t.Context(), thread.StoreID, "nobody@example.jp", "123456", home)
		known := enter(t, w, "123456")
		if unknown == nil || known == nil || unknown.Error() != known.Error() {
			t.Errorf("unknown: %v, known: %v", unknown, known)
		}
		var slowed [2]int
		for i, mail := range []string{"nobody@example.jp", "hana@example.jp"} {
			for ; slowed[i] < 10; slowed[i]++ {
				if err := w.Flow.SendLoginCode(t.Context(), thread.StoreID, mail, "203.0.113.9", i18n.Ja); fault.Is(err, fault.TooMany) {
					break
				}
			}
		}
		if slowed != [2]int{5, 5} {
			t.Errorf("asked %v times before a pause, want 5 for each", slowed)
		}
	})
}
