package flow_test

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	members "github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

const nextPassword = "深煎りは夜に飲む"

// passwordLink is the address of a mailed link, with its language and token.
var passwordLink = regexp.MustCompile(`(?m)^https?://[^/]+(/[a-z-]+)?/password/([A-Za-z0-9_-]{43})$`)

// tokens are those of the password links that were mailed to somebody, the oldest
// first.
func tokens(t *testing.T, w *thread.World, to string) []string {
	t.Helper()
	w.Drain(t)
	var list []string
	for _, m := range w.Mails.To(to) {
		if found := passwordLink.FindStringSubmatch(m.Text); found != nil {
			list = append(list, found[2])
		}
	}
	return list
}

func someStaff(w *thread.World) audit.Actor {
	return audit.Actor{Kind: audit.ActorStaff, ID: w.Flow.NewID()}
}

// sendLink mails a customer a link as staff do and returns its token.
func sendLink(t *testing.T, w *thread.World, c members.Customer) string {
	t.Helper()
	if err := w.Flow.SendPasswordLink(t.Context(), thread.StoreID, someStaff(w), c.ID, w.Flow.NewID()); err != nil {
		t.Fatalf("send a link to %s: %v", c.Mail, err)
	}
	list := tokens(t, w, c.Mail)
	if len(list) == 0 {
		t.Fatalf("no link was mailed to %s", c.Mail)
	}
	return list[len(list)-1]
}

// moveIn imports members without password; every fourth has no mail.
func moveIn(t *testing.T, w *thread.World, n int) []members.Customer {
	t.Helper()
	list := make([]members.Customer, n)
	for i := range list {
		list[i] = members.Customer{
			ID: w.Flow.NewID(), Number: fmt.Sprintf("M%05d", i), Name: place.Name{Family: "早川", Given: "千尋"},
			Mail: fmt.Sprintf("member%d@example.jp", i), Lang: []string{"ja", "en", "zh-Hans", "zh-Hant"}[i%4], CreatedAt: fixture.Start,
		}
		if i%4 == 3 {
			list[i].Mail = ""
		}
	}
	err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return db.InsertImportedCustomers(ctx, tx, thread.StoreID, list, fixture.Start)
	})
	if err != nil {
		t.Fatalf("move %d members in: %v", n, err)
	}
	return list
}

func TestAMailedLinkSetsAPasswordOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		c := moveIn(t, w, 2)[1]
		token := sendLink(t, w, c)
		if m := w.Mails.To(c.Mail)[0]; !regexp.MustCompile(`/en/password/`).MatchString(m.Text) {
			t.Errorf("the link is not in the customer's language:\n%s", m.Text)
		}
		if _, err := w.Flow.SetPasswordByLink(t.Context(), thread.StoreID, "r1", token, "kurz"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a password that is too short: %v", err)
		}
		set, err := w.Flow.SetPasswordByLink(t.Context(), thread.StoreID, "r1", token, nextPassword)
		if err != nil || set.ID != c.ID || set.PasswordVersion != 1 || !set.HasLogin {
			t.Fatalf("set: %+v, %v", set, err)
		}
		if in, err := w.Flow.Login(t.Context(), thread.StoreID, c.Mail, nextPassword, home); err != nil || in.ID != c.ID {
			t.Errorf("the password does not log in: %v", err)
		}
		if _, err := w.Flow.PasswordLink(t.Context(), thread.StoreID, token); !fault.Is(err, fault.NotFound) {
			t.Errorf("the page of a used link: %v", err)
		}
		if _, err := w.Flow.SetPasswordByLink(t.Context(), thread.StoreID, "r2", token, goodPassword); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link works twice: %v", err)
		}
		lines, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{c.ID}, 10)
		if err != nil || len(lines) != 2 || lines[0].Verb != "customer.password" || lines[0].Actor.Kind != audit.ActorCustomer || lines[1].Verb != "customer.password_link" {
			t.Errorf("audit: %+v, %v", lines, err)
		}
	})
}

func TestALinkThatIsOldReplacedForgedOrOfAnotherMailSetsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wall := wallClock(w)
		c := moveIn(t, w, 1)[0]
		refused := func(what, token string, storeID int64) {
			t.Helper()
			if _, err := w.Flow.SetPasswordByLink(t.Context(), storeID, "r", token, nextPassword); !fault.Is(err, fault.NotFound) {
				t.Errorf("a link that is %s: %v", what, err)
			}
		}
		first := sendLink(t, w, c)
		refused("made up", "A"+first[1:]+"A", thread.StoreID)
		refused("empty", "", thread.StoreID)
		refused("another store's", first, 2)
		wall.Forward(5 * time.Minute)
		second := sendLink(t, w, c)
		refused("replaced", first, thread.StoreID)
		wall.Forward(72 * time.Hour)
		refused("too old", second, thread.StoreID)

		third := sendLink(t, w, c)
		c, err := db.Customer(t.Context(), d, thread.StoreID, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.Mail = "moved@example.jp"
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return db.UpdateCustomer(ctx, tx, thread.StoreID, c) })
		if err != nil {
			t.Fatal(err)
		}
		refused("sent to a mail that was given up", third, thread.StoreID)
	})
}

func TestOfTwoWhoPostOneLinkOneSetsThePassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		c := moveIn(t, w, 1)[0]
		token := sendLink(t, w, c)
		passwords, errs := []string{nextPassword, goodPassword}, make([]error, 2)
		var both sync.WaitGroup
		for i, password := range passwords {
			both.Go(func() {
				_, errs[i] = w.Flow.SetPasswordByLink(t.Context(), thread.StoreID, "r", token, password)
			})
		}
		both.Wait()
		won := 0
		for i, err := range errs {
			_, login := w.Flow.Login(t.Context(), thread.StoreID, c.Mail, passwords[i], home)
			switch {
			case err == nil && login == nil:
				won++
			case !fault.Is(err, fault.NotFound) || login == nil:
				t.Errorf("post %d: %v, login: %v", i, err, login)
			}
		}
		if won != 1 {
			t.Errorf("%d posts set the password", won)
		}
	})
}

func TestOneFormSendsOneLinkAndAnotherWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wall := wallClock(w)
		people := moveIn(t, w, 4)
		send := func(c members.Customer, request ident.ID) error {
			return w.Flow.SendPasswordLink(t.Context(), thread.StoreID, someStaff(w), c.ID, request)
		}
		request := w.Flow.NewID()
		var twice sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			twice.Go(func() { errs[i] = send(people[0], request) })
		}
		twice.Wait()
		if errs[0] != nil || errs[1] != nil || len(tokens(t, w, people[0].Mail)) != 1 {
			t.Errorf("one form twice: %v, %d mails", errs, len(tokens(t, w, people[0].Mail)))
		}
		wall.Forward(5*time.Minute - time.Second)
		if err := send(people[0], w.Flow.NewID()); !fault.Is(err, fault.Conflict) {
			t.Errorf("another form at once: %v", err)
		}
		wall.Forward(time.Second)
		if err := send(people[0], w.Flow.NewID()); err != nil || len(tokens(t, w, people[0].Mail)) != 2 {
			t.Errorf("another form after five minutes: %v", err)
		}
		if err := send(people[3], w.Flow.NewID()); !fault.Is(err, fault.Conflict) {
			t.Errorf("a customer without mail: %v", err)
		}
		if err := send(members.Customer{ID: w.Flow.NewID()}, w.Flow.NewID()); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestTheTokenOfALinkStandsNowhereInTheDatabaseAndOldLinksGo(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 1)
	wall := wallClock(w)
	c := moveIn(t, w, 1)[0]
	token := sendLink(t, w, c)
	var facts string
	var hash []byte
	err := w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := tx.Scan(ctx, &facts, "SELECT facts FROM outbox WHERE store_id = 1 AND event = 'password_link'"); err != nil {
			return err
		}
		return tx.Scan(ctx, &hash, "SELECT token_hash FROM password_links WHERE store_id = 1")
	})
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(token).MatchString(facts) || len(hash) != 32 || facts == "{}" {
		t.Errorf("outbox %s, hash of %d bytes", facts, len(hash))
	}
	for _, step := range []struct {
		wait time.Duration
		left int
	}{{71 * time.Hour, 1}, {2 * time.Hour, 0}} {
		wall.Forward(step.wait)
		left := -1
		err := w.Flow.Tidy(t.Context())
		if err == nil {
			err = w.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return tx.Scan(ctx, &left, "SELECT count(*) FROM password_links WHERE store_id = 1")
			})
		}
		if left != step.left || err != nil {
			t.Errorf("%s later %d links are left, want %d: %v", step.wait, left, step.left, err)
		}
	}
}

func TestEveryMemberWhoMovedInWithoutPasswordGetsOneLink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wall := wallClock(w)
		w.Shopper(t, "here@example.jp") // did not move in
		const n = 1200                  // more than two sets; a quarter has no mail
		people := moveIn(t, w, n)
		sendLink(t, w, people[0])
		token := sendLink(t, w, people[1])
		if _, err := w.Flow.SetPasswordByLink(t.Context(), thread.StoreID, "r", token, nextPassword); err != nil {
			t.Fatal(err)
		}
		due, err := w.Flow.PasswordLinksDue(t.Context(), thread.StoreID)
		if want := n*3/4 - 2; due != want || err != nil {
			t.Fatalf("%d are due, want %d: %v", due, want, err)
		}
		var both sync.WaitGroup
		counts, errs := make([]int, 2), make([]error, 2)
		for i := range counts {
			both.Go(func() {
				counts[i], errs[i] = w.Flow.SendPasswordLinks(t.Context(), thread.StoreID, someStaff(w))
			})
		}
		both.Wait()
		if errs[0] != nil || errs[1] != nil || counts[0]+counts[1] != due {
			t.Errorf("%v mails, want %d together: %v", counts, due, errs)
		}
		if left, err := w.Flow.PasswordLinksDue(t.Context(), thread.StoreID); left != 0 || err != nil {
			t.Errorf("%d are still due: %v", left, err)
		}
		var mails int
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return tx.Scan(ctx, &mails, "SELECT count(*) FROM outbox WHERE store_id = 1 AND event = 'password_link'")
		})
		if mails != due+2 || err != nil {
			t.Errorf("%d mails in the outbox, want %d: %v", mails, due+2, err)
		}
		wall.Forward(72 * time.Hour)
		if left, err := w.Flow.PasswordLinksDue(t.Context(), thread.StoreID); left != due+1 || err != nil {
			t.Errorf("when the links have expired %d are due, want %d: %v", left, due+1, err)
		}
	})
}

func TestACustomerChangesTheirPasswordAndALinkOnItsWayIsGoodNoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		c := moveIn(t, w, 1)[0]
		token := sendLink(t, w, c)
		in := flow.CustomerPassword{
			StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorCustomer, ID: c.ID}, Mail: c.Mail, Remote: home, New: nextPassword,
		}
		set, err := w.Flow.ChangePassword(t.Context(), in) // the first one: there is no old
		if err != nil || set.PasswordVersion != 1 {
			t.Fatalf("the first password: %+v, %v", set, err)
		}
		if _, err := w.Flow.PasswordLink(t.Context(), thread.StoreID, token); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link that was on its way: %v", err)
		}
		in.New = goodPassword
		if _, err := w.Flow.ChangePassword(t.Context(), in); fields(err)["old"] == "" {
			t.Errorf("without the old password: %v", err)
		}
		in.Old = nextPassword
		if set, err = w.Flow.ChangePassword(t.Context(), in); err != nil || set.PasswordVersion != 2 {
			t.Errorf("with the old password: %+v, %v", set, err)
		}
		in.Old, in.New = goodPassword, "kurz"
		if _, err := w.Flow.ChangePassword(t.Context(), in); fields(err)["new"] == "" {
			t.Errorf("a weak password: %v", err)
		}
		in.Old, in.New = "falsch", nextPassword
		for range 5 {
			if _, err = w.Flow.ChangePassword(t.Context(), in); fault.Is(err, fault.TooMany) {
				break
			}
		}
		if _, err = w.Flow.ChangePassword(t.Context(), in); !fault.Is(err, fault.TooMany) {
			t.Errorf("passwords are tried without end: %v", err)
		}
	})
}
