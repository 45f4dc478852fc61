package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var (
	hana = ident.ID{1}
	cart = ident.ID{2}
)

func config(t *testing.T, a session.Audience) session.Config {
	return session.Config{
		StoreID: 1, Audience: a, Cookie: "teiki_" + string(a), Wall: time.Now,
		Failed: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Errorf("session failed: %v", err) },
	}
}

// visit runs do in a session, with the cookie of a visit before it, and returns
// the cookie that was set, nil for none.
func visit(t *testing.T, m *session.Manager, before *http.Cookie, do func(r *http.Request)) *http.Cookie {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
	if before != nil {
		r.AddCookie(before)
	}
	w := httptest.NewRecorder()
	m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		do(r)
		w.WriteHeader(http.StatusOK)
	})).ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		return set[0]
	}
	return nil
}

func TestALoginGivesTheSessionANewToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := session.New(d, config(t, session.Shop))
		guest := visit(t, m, nil, func(r *http.Request) { session.SetCartID(r.Context(), cart) })
		member := visit(t, m, guest, func(r *http.Request) {
			if err := session.LogIn(r.Context(), hana, 1); err != nil {
				t.Error(err)
			}
		})
		if guest == nil || member == nil || guest.Value == member.Value {
			t.Fatalf("before the login %v, after it %v", guest, member)
		}
		visit(t, m, guest, func(r *http.Request) {
			if who, ok := session.Who(r.Context()); ok {
				t.Errorf("the token from before the login is logged in as %s", who)
			}
		})
		out := visit(t, m, member, func(r *http.Request) {
			who, ok := session.Who(r.Context())
			basket, kept := session.CartID(r.Context())
			if !ok || who != hana || !kept || basket != cart {
				t.Errorf("after the login: %s %v, cart %s %v", who, ok, basket, kept)
			}
			if err := session.LogOut(r.Context()); err != nil {
				t.Error(err)
			}
		})
		if out == nil || out.MaxAge >= 0 {
			t.Errorf("the cookie stays after the logout: %v", out)
		}
		visit(t, m, member, func(r *http.Request) {
			if who, ok := session.Who(r.Context()); ok {
				t.Errorf("after the logout the token is still %s", who)
			}
		})
	})
}

func TestSessionsOfShopConsoleAndOtherStoresAreApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		token := visit(t, session.New(d, config(t, session.Shop)), nil, func(r *http.Request) {
			if err := session.LogIn(r.Context(), hana, 1); err != nil {
				t.Error(err)
			}
		})
		console, other := config(t, session.Console), config(t, session.Shop)
		other.StoreID = 2
		for name, c := range map[string]session.Config{"the console": console, "another store": other} {
			visit(t, session.New(d, c), &http.Cookie{Name: c.Cookie, Value: token.Value}, func(r *http.Request) {
				if who, ok := session.Who(r.Context()); ok {
					t.Errorf("a session of the shop is %s in %s", who, name)
				}
			})
		}
	})
}

func TestSessionsEndAtTheirTime(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	for audience, lifetime := range map[session.Audience]time.Duration{session.Shop: 30 * 24 * time.Hour, session.Console: 12 * time.Hour} {
		c := config(t, audience)
		token := visit(t, session.New(d, c), nil, func(r *http.Request) {
			if err := session.LogIn(r.Context(), hana, 1); err != nil {
				t.Error(err)
			}
		})
		for _, after := range []time.Duration{lifetime - time.Minute, lifetime + time.Minute} {
			c.Wall = func() time.Time { return time.Now().Add(after) }
			visit(t, session.New(d, c), token, func(r *http.Request) {
				if _, ok := session.Who(r.Context()); ok != (after < lifetime) {
					t.Errorf("%s, after %s: logged in %v", audience, after, ok)
				}
			})
		}
	}
}

func TestOnlyWhatIsKeptMakesASessionAndItsCookieIsGuarded(t *testing.T) {
	d := dbtest.Open(t, db.SQLite)
	c := config(t, session.Shop)
	c.Secure = true
	m := session.New(d, c)
	if got := visit(t, m, nil, func(r *http.Request) {
		session.Who(r.Context())
		session.CartID(r.Context())
		session.TakeFlashes(r.Context())
	}); got != nil {
		t.Errorf("somebody who only looked got %v", got)
	}
	got := visit(t, m, nil, func(r *http.Request) { session.SetCartID(r.Context(), cart) })
	if got == nil || !got.HttpOnly || !got.Secure || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" {
		t.Errorf("cookie %+v", got)
	}
}

func TestMessagesAreShownOnce(t *testing.T) {
	m := session.New(dbtest.Open(t, db.SQLite), config(t, session.Shop))
	token := visit(t, m, nil, func(r *http.Request) {
		session.AddFlash(r.Context(), "ok", "登録しました。")
		session.AddFlash(r.Context(), "error", "在庫が足りません。")
	})
	want := []page.Flash{{Kind: "ok", Text: "登録しました。"}, {Kind: "error", Text: "在庫が足りません。"}}
	for _, want := range [][]page.Flash{want, nil} {
		visit(t, m, token, func(r *http.Request) {
			if diff := cmp.Diff(want, session.TakeFlashes(r.Context())); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}
