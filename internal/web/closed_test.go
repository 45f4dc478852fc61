package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// closeStore closes the thread's store.
func closeStore(t *testing.T, site *webtest.Site) {
	t.Helper()
	s, err := db.Store(t.Context(), site.DB, thread.StoreID)
	if err == nil {
		err = site.Flow.CloseStore(t.Context(), flow.TurnStore{StoreID: thread.StoreID, Actor: audit.System, Version: s.Version})
	}
	if err != nil {
		t.Fatalf("close the store: %v", err)
	}
}

func TestAShopThatIsNotOpenSellsNothingAndKeepsItsCustomers(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	owned := ownedThings(t, site)
	buyer, guest := site.Browser(t), site.Browser(t)
	buyer.LogIn(t, "owner@example.jp")
	closeStore(t, site)
	selling := 0
	for _, r := range web.RoutesOf(site.Handler) {
		if r.Audience != web.Shopper && r.Audience != web.Buyer {
			continue
		}
		selling++
		for name, b := range map[string]*webtest.Browser{"a guest": guest, "a customer": buyer} {
			a := b.Send(t, r.Method(), owned.fill(t, r), plainForm, nil)
			if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(a.Body, "ただいま準備中です") {
				t.Errorf("%s: %s is answered %d", r.Pattern, name, a.Status)
			}
		}
	}
	if selling < 10 {
		t.Errorf("only %d routes sell", selling)
	}
	for _, path := range []string{"/mypage", "/mypage/subscriptions/" + owned.subscription.String() + "/cancel", "/legal/transactions", "/legal/terms", "/legal/contact", "/pay/" + owned.token} {
		if a := buyer.Get(t, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := guest.Get(t, "/en/goods"); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "We are getting ready") {
		t.Errorf("in English: %d", a.Status)
	}
}

func TestStaffLookAtTheShopTheyPrepare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Staff(t, "mori@hibari.example", staff.RoleViewer)
		shopper := site.Buyer(t, "hana@example.jp")
		order := shopper.Order(t, shopper.Fill(t, 1, thread.Monthly, pricing.MethodCOD))
		closeStore(t, site)
		member := site.Browser(t)
		member.LogInStaff(t, "mori@hibari.example")
		a := member.Get(t, "/goods/"+site.Product.Slug)
		if a.Status != http.StatusOK || !strings.Contains(a.Doc(t).Find(".strip-closed").Text(), "準備中") {
			t.Errorf("%d, strip %q", a.Status, a.Doc(t).Find(".strip-closed").Text())
		}
		if _, err := site.Flow.PlaceOrder(t.Context(), order); err == nil {
			t.Error("an order is taken")
		}
		member.Host = webtest.OtherHost // the session of one store opens no other
		if a := member.Get(t, "/"); a.Status != http.StatusOK {
			t.Errorf("the other store, which is open: %d", a.Status)
		}
		stranger := site.Browser(t)
		stranger.Header.Set("Cookie", "teiki_console_test=made-up")
		if a := stranger.Get(t, "/"); a.Status != http.StatusServiceUnavailable {
			t.Errorf("a made up session: %d", a.Status)
		}
	})
}
