package shop_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

func put(t *testing.T, site *webtest.Site, p catalog.Product, status catalog.Status) {
	t.Helper()
	p.Status = status
	err := site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := db.UpsertProduct(ctx, tx, thread.StoreID, p, site.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnEndedProductSaysSoAndLeadsOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := webtest.New(t, d)
		site.Member(t, "chihiro@example.jp")
		subscriber := site.Browser(t)
		subscriber.LogIn(t, "chihiro@example.jp")
		own := shows(t, subscriber, orderCOD(t, subscriber)).Find("a.cta[href^='/mypage/subscriptions/']").AttrOr("href", "")
		guest := site.Browser(t)
		inCart := site.Browser(t)
		goesTo(t, inCart, "/cart", subscribe(), "/cart")
		fixture.Product(t, d, site.Flow.NewID, thread.StoreID, "HB-OTHER", 5)
		put(t, site, site.Product, catalog.StatusEnded)

		for prefix, says := range map[string]string{"": "この商品の販売は終了しました。", "/en": "This product is no longer sold.", "/zh-hans": "该商品已停止销售。", "/zh-hant": "此商品已停止販售。"} {
			a := guest.Get(t, prefix+"/goods/hb-blend?quantity=2")
			doc := a.Doc(t)
			main := text(doc.Find("main"))
			if a.Status != http.StatusGone || !strings.Contains(main, says) || doc.Find("meta[name=robots][content=noindex]").Length() != 1 {
				t.Errorf("%s: %d %s", prefix, a.Status, main)
			}
			if doc.Find("main a[href='"+prefix+"/goods/hb-other']").Length() == 0 || doc.Find("main a[href='"+prefix+"/goods?category=beans']").Length() == 0 || doc.Find(".nav-wide a").Length() == 0 {
				t.Errorf("%s leads nowhere: %s", prefix, main)
			}
			if doc.Find("main form").Length() != 0 {
				t.Errorf("%s can be bought", prefix)
			}
		}
		if a := guest.Post(t, "/cart", subscribe()); a.Status != http.StatusGone {
			t.Errorf("put into the cart: %d", a.Status)
		}
		shows(t, inCart, "/cart")
		shows(t, subscriber, own, "ひばりブレンド")
		shows(t, subscriber, "/mypage", "ひばりブレンド")

		put(t, site, site.Product, catalog.StatusDraft)
		if a := guest.Get(t, "/goods/hb-blend"); a.Status != http.StatusNotFound || strings.Contains(a.Body, "ひばりブレンド") {
			t.Errorf("a draft: %d", a.Status)
		}
		put(t, site, site.Product, catalog.StatusOnSale)
		if doc := shows(t, guest, "/goods/hb-blend"); doc.Find("meta[name=robots]").Length() != 0 {
			t.Error("a product on sale is kept from search engines")
		}
	})
}

func TestAnUnknownAddressIsAPageOfTheShop(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	site.Member(t, "chihiro@example.jp")
	b := site.Browser(t)
	b.LogIn(t, "chihiro@example.jp")
	goesTo(t, b, "/cart", subscribe(), "/cart") // says so on the next page
	for _, path := range []string{"/no-such-page", "/en/goods/nothing", "/favicon.ico"} {
		a := b.Get(t, path)
		doc := a.Doc(t)
		if a.Status != http.StatusNotFound || doc.Find("meta[name=robots][content=noindex]").Length() != 1 {
			t.Errorf("%s: %d", path, a.Status)
		}
		if doc.Find(".nav-wide a").Length() < 4 || doc.Find("#cart-link .bdg").Text() != "1" || doc.Find("a.tool-my[href$='/mypage']").Length() != 1 {
			t.Errorf("%s does not look like a page of the shop: %s", path, text(doc.Find("header")))
		}
		if doc.Find(".flash").Length() != 0 {
			t.Errorf("%s takes the next page's messages", path)
		}
	}
	if got := shows(t, b, "/cart").Find(".flash-ok").Length(); got != 2 { // of the login and of the cart
		t.Errorf("%d messages are left", got)
	}
}
