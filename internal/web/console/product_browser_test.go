package console_test

import (
	"context"
	"strings"
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

// chooseFile puts a picture into an input, as who picks a file does: its left half
// is red, its right half blue.
const chooseFile = `(() => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 900 });
	const pen = canvas.getContext("2d");
	pen.fillStyle = "#c81400"; pen.fillRect(0, 0, 450, 900);
	pen.fillStyle = "#0014c8"; pen.fillRect(450, 0, 450, 900);
	const bytes = Uint8Array.from(atob(canvas.toDataURL("image/jpeg").split(",")[1]), c => c.charCodeAt(0));
	const files = new DataTransfer();
	files.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
	document.getElementById("picture").files = files.files;
	return true;
})()`

// look takes a picture of the page for people, where they asked for any.
func look(t *testing.T, p *browsertest.Page, screen browsertest.Screen, name string) {
	t.Helper()
	if *write != "" {
		p.Screenshot(*write+"/"+strings.NewReplacer("/", "-", " ", "_").Replace(t.Name())+"-"+name+".png", screen)
	}
}

func TestAMerchandiserMakesAProductThatShoppersSubscribeTo(t *testing.T) {
	for name, v := range map[string]struct {
		screen                  browsertest.Screen
		lang                    i18n.Lang
		saved, refused, changes string
		trail                   string
	}{
		"desktop, English": {browsertest.Desktop, i18n.En, "is saved", "Nothing was saved", "Grace days of customers", "Picture"},
		"phone, Japanese":  {browsertest.Phone, i18n.Ja, "を保存しました", "保存できませんでした", "変更猶予日数2（お客様）", "画像"},
	} {
		t.Run(name, func(t *testing.T) {
			site := webtest.New(t, dbtest.Open(t, db.SQLite))
			p := merchandiser(t, site, v.screen, v.lang)
			fits(t, p, "the list")
			look(t, p, v.screen, "list")
			p.Follow(`a[href="/admin/products/new"]`)
			fits(t, p, "the form of a new product")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-crit", v.refused)
			fits(t, p, "the form with its faults")
			look(t, p, v.screen, "faults")

			fill := func(fields map[string]string) {
				t.Helper()
				for id, value := range fields {
					p.Fill(`[id="`+id+`"]`, value)
				}
			}
			fill(map[string]string{
				"code": "DRIP", "slug": "drip", "texts.ja.name": "ドリップバッグ", "variants[0].sku": "DRIP-5",
				"variants[0].regular": "900", "variants[0].subscription": "810", "variants[0].on_hand": "50",
			})
			p.Click("#status-1")
			p.Click(`button[value="add options"]`)
			p.WaitVisible(`[id="options[0].names.ja"]`)
			p.Click(`button[value="add options[0].values"]`)
			p.WaitVisible(`[id="options[0].values[1].ja"]`)
			fill(map[string]string{
				"options[0].names.ja": "個数", "options[0].values[0].ja": "5袋", "options[0].values[1].ja": "10袋",
			})
			p.Click(`button[value="combine"]`)
			p.WaitVisible(`[id="variants[1].sku"]`)
			if kept := p.Value(`[id="texts.ja.name"]`); kept != "ドリップバッグ" {
				t.Errorf("adding rows lost the name: %q", kept)
			}
			fill(map[string]string{"variants[1].sku": "DRIP-10", "variants[1].regular": "1700", "variants[1].subscription": "1500", "variants[1].on_hand": "30"})
			fits(t, p, "the form with its rows")
			look(t, p, v.screen, "new")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-ok", v.saved)

			p.WaitVisible(".plan-off")
			p.Click(".plan-on")
			p.WaitVisible(".plan-rows")
			fill(map[string]string{"plan.customer_grace_days": "7", "texts.ja.plan": "毎月お得にお届けします。"})
			p.Click(`button[value="add plan.volume_tiers"]`)
			p.WaitVisible(`[id="plan.volume_tiers[0].from"]`)
			fill(map[string]string{"plan.volume_tiers[0].from": "3", "plan.volume_tiers[0].off": "10"})
			p.Click(".more summary")
			fits(t, p, "the plan")
			p.Follow(`.save button[value="look"]`)
			p.WaitText("#changes", v.changes)
			p.WaitText(".seen-coming", "1,460") // 810 and postage
			fits(t, p, "the changes")
			look(t, p, v.screen, "plan")
			p.Follow(`.save button[value="save"]`)
			p.WaitText(".note-ok", v.saved)
			if grace := p.Value(`[id="plan.customer_grace_days"]`); grace != "7" {
				t.Errorf("kept %q days", grace)
			}

			p.Follow(`.tabs a[href$="pictures"]`)
			browsertest.Eval[bool](p, chooseFile)
			p.Follow(".save .btn.p")
			p.WaitText(".note-ok", v.saved)
			p.WaitVisible(`.pic-now[src^="/files/"]`)
			fits(t, p, "the pictures")
			look(t, p, v.screen, "pictures")
			p.Follow(`.tabs a[href$="history"]`)
			p.WaitText("#audit", v.trail)

			// what shoppers see of it
			p.Visit(site.URL + "/goods/drip")
			p.WaitVisible(`input[name="way"][value="subscribe"]`)
			p.WaitVisible(`.hero img[src^="/files/"]`)
			if wide := browsertest.Eval[int](p, `document.querySelector(".hero img").naturalWidth`); wide == 0 {
				t.Error("the picture does not load")
			}
			p.WaitText("#buy", "810円")
			look(t, p, v.screen, "shop")
		})
	}
}
