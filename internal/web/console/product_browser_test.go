package console_test

import (
	"context"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// merchandiser opens the console as an owner who reads a language.
func merchandiser(t *testing.T, site *webtest.Site, screen browsertest.Screen, lang i18n.Lang) *browsertest.Page {
	t.Helper()
	_, err := site.Flow.CreateOwner(t.Context(), flow.CreateOwnerInput{
		StoreID: thread.StoreID, Actor: audit.System, Name: "森 あかね", Mail: "mori@hibari.example", Password: webtest.Password, Lang: lang,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		pictured := site.Product
		pictured.Picture = "goods/bag-blend.svg"
		_, err := db.UpsertProduct(ctx, tx, thread.StoreID, pictured, site.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := browsertest.New(t, screen)
	p.Visit(site.URL + "/admin/login?next=/admin/products")
	p.Fill("#mail", "mori@hibari.example")
	p.Fill("#password", webtest.Password)
	p.Follow(".login form .btn.p")
	return p
}

// fits looks for what a page must not have on any screen.
func fits(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	p.Axe()
	if over := browsertest.Eval[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		t.Errorf("%s is %d pixels too wide", name, over)
	}
}

func TestAMerchandiserMakesAProductThatCanBeSubscribedTo(t *testing.T) {
	for name, v := range map[string]struct {
		screen                  browsertest.Screen
		lang                    i18n.Lang
		saved, refused, changes string
	}{
		"desktop, English": {browsertest.Desktop, i18n.En, "is saved", "Nothing was saved", "Grace days of customers"},
		"phone, Japanese":  {browsertest.Phone, i18n.Ja, "を保存しました", "保存できませんでした", "変更猶予日数2（お客様）"},
	} {
		t.Run(name, func(t *testing.T) {
			site := webtest.New(t, dbtest.Open(t, db.SQLite))
			p := merchandiser(t, site, v.screen, v.lang)
			fits(t, p, "the list")
			p.Follow(`a[href="/admin/products/new"]`)
			fits(t, p, "the form of a new product")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-crit", v.refused)
			fits(t, p, "the form with its faults")
			for id, value := range map[string]string{
				"code": "DRIP-5", "slug": "drip-5", "texts.ja.name": "ドリップバッグ 5袋", "variants[0].sku": "DRIP-5",
				"variants[0].regular": "900", "variants[0].subscription": "810", "variants[0].on_hand": "50",
			} {
				p.Fill(`[id="`+id+`"]`, value)
			}
			p.Click("#status-1")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-ok", v.saved)
			p.WaitVisible(".plan-off")
			p.Click(".plan-on")
			p.WaitVisible(".plan-rows")
			fits(t, p, "the plan")
			p.Fill(`[id="plan.customer_grace_days"]`, "7")
			p.Follow(`.save button[value="look"]`)
			p.WaitText("#changes", v.changes)
			fits(t, p, "the changes")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-ok", v.saved)
			if grace := p.Value(`[id="plan.customer_grace_days"]`); grace != "7" {
				t.Errorf("kept %q days", grace)
			}
			p.Visit(site.URL + "/goods/drip-5")
			p.WaitVisible(`input[name="way"][value="subscribe"]`)
		})
	}
}
