package flow_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

const (
	goodPassword = "焙煎したての豆が好き"
	home         = "192.0.2.7"
)

func registration() flow.RegisterInput {
	return flow.RegisterInput{
		StoreID: thread.StoreID, Actor: audit.Actor{Kind: audit.ActorCustomer, RequestID: "r1"}, Remote: home,
		Name:     place.Name{Family: "早川", Given: "千尋", FamilyKana: "はやかわ", GivenKana: "チヒロ"},
		Mail:     "Chihiro@Example.JP",
		Password: goodPassword, Lang: i18n.Ja,
	}
}

// wallClock replaces the world's wall clock by one that only the test moves.
func wallClock(w *thread.World) *thread.Clock {
	c := &thread.Clock{}
	c.Set(fixture.Start)
	w.Flow.Wall = c.Now
	return c
}

func TestWhoRegistersHasALoginAMailAndAnAuditLine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		c, err := w.Flow.Register(t.Context(), registration())
		if err != nil {
			t.Fatal(err)
		}
		if c.Number != "C000001" || c.Mail != "chihiro@example.jp" || c.Name.FamilyKana != "ハヤカワ" {
			t.Errorf("registered as %+v", c)
		}
		w.Drain(t)
		if mails := w.Mails.To("chihiro@example.jp"); len(mails) != 1 {
			t.Errorf("%d mails tell of the registration, want 1", len(mails))
		}
		trail, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{c.ID}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(trail) != 1 || trail[0].Verb != "customer.registered" || trail[0].Actor.ID != c.ID || trail[0].Actor.RequestID != "r1" {
			t.Errorf("the trail tells %+v", trail)
		}
		got, err := w.Flow.Login(t.Context(), thread.StoreID, " CHIHIRO@example.jp", goodPassword, home)
		if err != nil || got.ID != c.ID {
			t.Errorf("logged in as %s: %v", got.ID, err)
		}
		if _, err := w.Flow.Login(t.Context(), 2, "chihiro@example.jp", goodPassword, home); !fault.Is(err, fault.Invalid) {
			t.Errorf("the login of one store opens another: %v", err)
		}
	})
}

func TestARegistrationSaysEverythingThatIsWrongAtOnce(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 1)
	in := registration()
	in.Name.Given, in.Name.FamilyKana, in.Mail, in.Phone, in.Password = "", "hayakawa", "chihiro@", "123", "password"
	_, err := w.Flow.Register(t.Context(), in)
	got := map[string]string{}
	for _, e := range fault.All(err) {
		got[e.Field] = e.Key
	}
	want := map[string]string{
		"given": "fault.place.name.given", "family_kana": "fault.place.kana", "mail": "fault.mail.invalid",
		"phone": "fault.place.phone", "password": "fault.password.weak",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestAMailIsRegisteredOnceAndAskingForManyIsSlowedDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		if _, err := w.Flow.Register(t.Context(), registration()); err != nil {
			t.Fatal(err)
		}
		for n := range 31 {
			_, err := w.Flow.Register(t.Context(), registration())
			faults := fault.All(err)
			if len(faults) != 1 {
				t.Fatalf("try %d: %v", n, err)
			}
			want := "fault.mail.taken"
			if n == 30 {
				want = "fault.too_many"
			}
			if faults[0].Key != want {
				t.Fatalf("try %d: %v, want %s", n, err, want)
			}
		}
	})
}

func TestGuessingSlowsDownTheGuesserAndNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		clock := wallClock(w)
		if _, err := w.Flow.Register(t.Context(), registration()); err != nil {
			t.Fatal(err)
		}
		const attacker = "203.0.113.66"
		try := func(mail, password, remote string) error {
			_, err := w.Flow.Login(t.Context(), thread.StoreID, mail, password, remote)
			return err
		}
		for _, mail := range []string{"chihiro@example.jp", "nobody@example.jp"} {
			for n := range 5 {
				if err := try(mail, "wrong password", attacker); !keyIs(err, "fault.login.failed") {
					t.Fatalf("%s, try %d: %v", mail, n, err)
				}
			}
			err := try(mail, goodPassword, attacker)
			if !fault.Is(err, fault.TooMany) || fault.All(err)[0].Args["Seconds"] != 1 {
				t.Errorf("%s, sixth try: %v, want to wait 1 second", mail, err)
			}
		}
		if err := try("chihiro@example.jp", goodPassword, home); err != nil {
			t.Errorf("the owner is locked out: %v", err)
		}
		clock.Set(clock.Now().Add(time.Second))
		if err := try("chihiro@example.jp", "wrong password", attacker); !keyIs(err, "fault.login.failed") {
			t.Errorf("after the wait: %v", err)
		}
		clock.Set(clock.Now().Add(time.Second))
		if err := try("chihiro@example.jp", "wrong password", attacker); !fault.Is(err, fault.TooMany) {
			t.Errorf("the wait does not grow: %v", err)
		}
		clock.Set(clock.Now().Add(2 * time.Hour))
		if err := try("chihiro@example.jp", goodPassword, attacker); err != nil {
			t.Errorf("the failures are remembered for ever: %v", err)
		}
	})
}

func TestTriesSentAtOnceDoNotAllPass(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		wallClock(w)
		var compared, refused atomic.Int32
		var tries sync.WaitGroup
		for range 40 {
			tries.Go(func() {
				_, err := w.Flow.Login(t.Context(), thread.StoreID, "chihiro@example.jp", "wrong password", "203.0.113.66")
				switch {
				case keyIs(err, "fault.login.failed"):
					compared.Add(1)
				case fault.Is(err, fault.TooMany):
					refused.Add(1)
				default:
					t.Errorf("login: %v", err)
				}
			})
		}
		tries.Wait()
		if compared.Load() != 5 || refused.Load() != 35 {
			t.Errorf("%d passwords were compared and %d tries refused, want 5 and 35", compared.Load(), refused.Load())
		}
	})
}

func TestOneAddressCannotGuessAtManyAccounts(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 1)
	wallClock(w)
	var err error
	tries := 0
	for tries < 40 && !fault.Is(err, fault.TooMany) {
		// any address of the /64 that a provider gives to one customer
		remote := fmt.Sprintf("2001:db8:1:2::%x", tries)
		_, err = w.Flow.Login(t.Context(), thread.StoreID, fmt.Sprintf("c%d@example.jp", tries), "wrong password", remote)
		tries++
	}
	if tries != 31 {
		t.Errorf("asked to wait after %d tries, want 31", tries)
	}
}

func TestALoginOfStaffStandsInTheTrail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		owner := flow.CreateOwnerInput{
			StoreID: thread.StoreID, Actor: audit.System, Name: "森 あかね", Mail: "Owner@hibari.example",
			Password: goodPassword, Lang: i18n.Ja,
		}
		m, err := w.Flow.CreateOwner(t.Context(), owner)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Flow.CreateOwner(t.Context(), owner); !keyIs(err, "fault.mail.taken") {
			t.Errorf("a second owner with the mail: %v", err)
		}
		got, err := w.Flow.StaffLogin(t.Context(), thread.StoreID, "owner@hibari.example", goodPassword, home)
		if err != nil || got.ID != m.ID || got.Role != staff.RoleOwner {
			t.Errorf("logged in as %+v: %v", got, err)
		}
		for _, c := range []struct {
			storeID        int64
			mail, password string
		}{{1, "owner@hibari.example", "wrong password"}, {1, "who@hibari.example", goodPassword}, {2, "owner@hibari.example", goodPassword}} {
			if _, err := w.Flow.StaffLogin(t.Context(), c.storeID, c.mail, c.password, home); !keyIs(err, "fault.login.failed") {
				t.Errorf("%+v: %v", c, err)
			}
		}
		var verbs []string
		trail, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{m.ID}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range trail {
			verbs = append(verbs, l.Verb)
		}
		if diff := cmp.Diff([]string{"staff.login_failed", "staff.logged_in", "staff.created"}, verbs); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
	})
}

func TestACustomerWithoutALoginCannotLogIn(t *testing.T) {
	w := thread.New(t, dbtest.Open(t, db.SQLite), 1)
	w.Shopper(t, "phone@example.jp")
	for _, password := range []string{"", goodPassword} {
		if _, err := w.Flow.Login(t.Context(), thread.StoreID, "phone@example.jp", password, home); !keyIs(err, "fault.login.failed") {
			t.Errorf("password %q: %v", password, err)
		}
	}
}

func TestAnAddressIsKeptOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 1)
		s := w.Shopper(t, "hana@example.jp")
		actor := audit.Actor{Kind: audit.ActorCustomer, ID: s.Customer.ID}
		next := s.Address.Address
		next.Postcode, next.Street = "１６００２２３", "西新宿2-8-1"
		first, err := w.Flow.SaveAddress(t.Context(), thread.StoreID, actor, s.Customer.ID, next)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Flow.SaveAddress(t.Context(), thread.StoreID, actor, s.Customer.ID, next)
		if err != nil || again.ID != first.ID || again.Address.Postcode != "160-0223" {
			t.Errorf("saved again as %+v: %v", again, err)
		}
		all, err := db.AddressesOf(t.Context(), d, thread.StoreID, s.Customer.ID)
		if err != nil || len(all) != 2 {
			t.Errorf("%d addresses: %v", len(all), err)
		}
		next.Street = ""
		_, err = w.Flow.SaveAddress(context.Background(), thread.StoreID, actor, s.Customer.ID, next)
		if list := fault.All(err); len(list) != 1 || list[0].Field != "street" {
			t.Errorf("without a street: %v", err)
		}
	})
}

func keyIs(err error, key string) bool {
	list := fault.All(err)
	return len(list) == 1 && list[0].Key == key && !errors.Is(err, db.ErrNotFound)
}
