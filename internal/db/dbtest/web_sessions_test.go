package dbtest_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

var _ scs.CtxStore = (*db.WebSessions)(nil)

func TestSessionIsKnownToItsStoreAndAudienceOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		clock := func() time.Time { return fixture.Start }
		shop := db.NewWebSessions(d, 1, "shop", clock)
		strangers := map[string]*db.WebSessions{
			"another store":    db.NewWebSessions(d, 2, "shop", clock),
			"another audience": db.NewWebSessions(d, 1, "console", clock),
		}
		data := []byte("\x00data\xff")
		commit := func(s *db.WebSessions, data []byte) {
			if err := s.CommitCtx(ctx, "token", data, fixture.Start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		commit(shop, []byte("old"))
		commit(shop, data)
		for name, s := range strangers {
			if _, found, err := s.FindCtx(ctx, "token"); found || err != nil {
				t.Errorf("%s finds the session (%v)", name, err)
			}
			commit(s, []byte("forged"))
			if err := s.DeleteCtx(ctx, "token"); err != nil {
				t.Error(err)
			}
		}
		got, found, err := shop.Find("token")
		if !found || err != nil || !bytes.Equal(got, data) {
			t.Errorf("its own session: %q, %t, %v", got, found, err)
		}
		if err := shop.Delete("token"); err != nil {
			t.Error(err)
		}
		if _, found, err := shop.Find("token"); found || err != nil {
			t.Errorf("after its end: found %t, %v", found, err)
		}
	})
}

func TestSessionEndsByTheClockAndIsThenRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := fixture.Start
		s := db.NewWebSessions(d, 1, "shop", func() time.Time { return now })
		for token, life := range map[string]time.Duration{"short": time.Hour, "long": 3 * time.Hour} {
			if err := s.Commit(token, []byte(token), now.Add(life)); err != nil {
				t.Fatal(err)
			}
		}
		find := func(token string) bool {
			_, found, err := s.Find(token)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		now = now.Add(2 * time.Hour)
		if find("short") || !find("long") {
			t.Errorf("after two hours: short %t, long %t", find("short"), find("long"))
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error { return db.DeleteExpiredSessions(ctx, tx, now) })
		now = fixture.Start
		if find("short") || !find("long") {
			t.Errorf("after sweeping: short %t, long %t", find("short"), find("long"))
		}
	})
}
