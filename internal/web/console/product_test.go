package console_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// typedIn is what a browser would send of a page's product form.
func typedIn(doc *goquery.Document) url.Values {
	form := url.Values{}
	doc.Find("form.prod input, form.prod textarea, form.prod select").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		switch {
		case s.Is("textarea"):
			form.Add(name, s.Text())
		case s.Is("select"):
			form.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		case s.Is("[type=checkbox], [type=radio]"):
			if s.Is("[checked]") {
				form.Add(name, s.AttrOr("value", ""))
			}
		default:
			form.Add(name, s.AttrOr("value", ""))
		}
	})
	return form
}

// tab shows a tab of the thread's product.
func (k *desk) tab(t *testing.T, name string) *goquery.Document {
	t.Helper()
	id := k.Product.ID.String()
	return k.page(t, k.handlers.Product, "/admin/products/"+id+"?tab="+name, "id", id)
}

// send posts the form of the thread's product.
func (k *desk) send(t *testing.T, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	id := k.Product.ID.String()
	w, err := k.ask(t, k.handlers.SaveProduct, http.MethodPost, "/admin/products/"+id, form, "id", id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (k *desk) stored(t *testing.T, id ident.ID) catalog.Product {
	t.Helper()
	found, err := db.ProductsByIDs(t.Context(), k.DB, thread.StoreID, []ident.ID{id})
	if err != nil {
		t.Fatal(err)
	}
	return found[id]
}

func document(t *testing.T, w *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	keepPage(t, "-answer-"+t.Name(), w.Body.Bytes())
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAFormSentAsItIsChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		version := k.stored(t, k.Product.ID).Version
		for _, tab := range []string{"basic", "variants", "plan"} {
			form := typedIn(k.tab(t, tab))
			form.Set("do", "look")
			has(t, document(t, k.send(t, form)), "#changes", "変更はありません")
			form.Set("do", "save")
			if w := k.send(t, form); w.Code != http.StatusSeeOther {
				t.Errorf("%s: %d %s", tab, w.Code, w.Body)
			}
		}
		if now := k.stored(t, k.Product.ID).Version; now != version {
			t.Errorf("version %d, was %d", now, version)
		}
	})
}

func TestThePlanSaysWhatFollowsAndIsSavedAfterALook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		doc := k.tab(t, "plan")
		// 5 December is 14 days after the start of the test
		has(t, doc, "[id='plan.customer_grace_days-about']", "12/5（土）着なら11/30（月）まで")
		has(t, doc, "[id='plan.staff_grace_days-about']", "12/5（土）着なら12/3（木）まで")
		has(t, doc, "[id='plan.max_put_off_days-about']", "1/4（月）まで延ばせます")
		has(t, doc, "[id='plan.minimum_deliveries-about']", "いつでも解約できます")
		has(t, doc, ".seen", "1,480円", "1,330円", "2週間ごと", "お届け日の5日前まで変更できます")
		has(t, doc, "[id='plan.price']", "200g", "−10.1%")

		form := typedIn(doc)
		form.Set("plan.customer_grace_days", "６") // as a Japanese keyboard types it
		form.Set("plan.minimum_deliveries", "3")
		form.Set("plan.cycle_every", "3")
		form.Set("plan.cycle_unit", "w")
		form.Set("do", "look")
		look := document(t, k.send(t, form))
		has(t, look, "#changes", "変更猶予日数2（お客様）5 → 6", "最低購入回数1 → 3", "購入周期1か月ごと、2週間ごと、30日ごと → 1か月ごと、2週間ごと、30日ごと、3週間ごと")
		has(t, look, ".bul", "お届け日の6日前が締切", "継続中の定期購入は、申し込んだときの")
		if p := k.stored(t, k.Product.ID); p.Plan.CustomerGraceDays != 5 {
			t.Fatal("a look has saved it")
		}
		form = typedIn(look)
		form.Set("plan.cycle_every", "3")
		form.Set("plan.cycle_unit", "w")
		form.Set("do", "save")
		if w := k.send(t, form); w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "?tab=plan") {
			t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
		}
		plan := k.stored(t, k.Product.ID).Plan
		if plan.CustomerGraceDays != 6 || plan.MinimumDeliveries != 3 || len(plan.Cycles) != 4 || plan.Cycles[3].String() != "3w" {
			t.Errorf("kept %+v", plan)
		}
		history := k.tab(t, "history")
		has(t, history, "#audit", "森 健太", "商品を変更（変更猶予日数2（お客様））", "3週間ごと")
	})
}

func TestABadPlanComesBackWithItsReasonsBesideTheFields(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		for name, c := range map[string]struct {
			typed     map[string]string
			where, is string
		}{
			"customers before staff": {map[string]string{"plan.customer_grace_days": "1"}, "[id='plan.customer_grace_days-about']", "2日）以上"},
			"no number":              {map[string]string{"plan.max_put_off_days": "三十"}, "[id='plan.max_put_off_days-about']", "半角数字"},
			"a cycle within grace":   {map[string]string{"plan.cycle_every": "4", "plan.cycle_unit": "d"}, "[id='plan.cycles']", "「4日ごと」"},
			"no such cycle":          {map[string]string{"plan.cycle_every": "0", "plan.cycle_unit": "d"}, "[id='plan.cycles']", "使えません"},
			"a count below":          {map[string]string{"plan.minimum_deliveries": "5"}, "[id='plan.fixed_counts']", "3回は最低購入回数より少ない"},
		} {
			for _, do := range []string{"look", "save"} {
				form := typedIn(k.tab(t, "plan"))
				for id, value := range c.typed {
					form.Set(id, value)
				}
				form.Set("do", do)
				w := k.send(t, form)
				doc := document(t, w)
				if w.Code != http.StatusUnprocessableEntity || doc.Find(".note-crit a").Length() == 0 {
					t.Errorf("%s, %s: %d", name, do, w.Code)
				}
				has(t, doc, c.where, c.is)
				if again := typedIn(doc); !maps.EqualFunc(form, again, slices.Equal) && name != "no such cycle" && name != "a cycle within grace" {
					again.Set("do", do)
					if form.Encode() != again.Encode() {
						t.Errorf("%s: what was typed is gone:\n%s\n%s", name, form.Encode(), again.Encode())
					}
				}
			}
		}
		if plan := k.stored(t, k.Product.ID).Plan; plan.CustomerGraceDays != 5 || len(plan.Cycles) != 3 {
			t.Errorf("kept %+v", plan)
		}
	})
}

func TestTheBoxSwitchesSubscriptionsOffAndTheShopFollows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := typedIn(k.tab(t, "plan"))
		form.Del("plan.on")
		k.send(t, form)
		if k.stored(t, k.Product.ID).Plan != nil {
			t.Error("it can still be subscribed to")
		}
		form = typedIn(k.tab(t, "plan"))
		form.Set("plan.on", "yes")
		k.send(t, form)
		if plan := k.stored(t, k.Product.ID).Plan; plan == nil || len(plan.Cycles) != 1 {
			t.Errorf("switched on as %+v", plan)
		}
	})
}

func TestPricesTextsAndStockAreSavedAsTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := typedIn(k.tab(t, "variants"))
		form.Set("variants[0].regular", "１，６００円")
		form.Set("variants[0].first", "")
		form.Set("variants[1].on_hand", "33")
		if w := k.send(t, form); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		p := k.stored(t, k.Product.ID)
		if price := p.Variants[0].Prices["JPY"]; price != (catalog.Price{Regular: 1_600, Subscription: 1_330}) || p.Variants[1].Available != 33 {
			t.Errorf("kept %+v, %d pieces", price, p.Variants[1].Available)
		}
		form = typedIn(k.tab(t, "variants"))
		form.Set("variants[1].subscription", "9999")
		form.Set("variants[0].regular", "cheap")
		doc := document(t, k.send(t, form))
		has(t, doc, "[id='variants[0].regular-about']", "金額を正しく")
		form.Set("variants[0].regular", "1600")
		has(t, document(t, k.send(t, form)), "[id='variants[1].subscription-about']", "通常価格以下")

		form = typedIn(k.tab(t, "basic"))
		form.Set("texts.zh-Hans.name", " 云雀拼配 ")
		form.Set("texts.ja.description", "一行目\r\n二行目")
		form.Set("status", "ended")
		k.send(t, form)
		p = k.stored(t, k.Product.ID)
		if p.Texts["zh-Hans"].Name != "云雀拼配" || p.Texts["ja"].Description != "一行目\n二行目" || p.Status != catalog.StatusEnded {
			t.Errorf("kept %+v, %s", p.Texts, p.Status)
		}
	})
}

func TestAFormThatIsTooLateSaysSoAndKeepsWhatWasTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		first, second := typedIn(k.tab(t, "basic")), typedIn(k.tab(t, "plan"))
		first.Set("slug", "lark")
		k.send(t, first)
		second.Set("plan.max_quantity", "7")
		w := k.send(t, second)
		doc := document(t, w)
		if w.Code != http.StatusConflict || doc.Find("[id='plan.max_quantity']").AttrOr("value", "") != "7" {
			t.Errorf("the second form: %d", w.Code)
		}
		has(t, doc, ".note-crit", "ほかの操作で内容が変わりました")
	})
}

func TestANewProductIsMadeAndGoesOnToItsPlan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := typedIn(k.page(t, k.handlers.NewProduct, "/admin/products/new"))
		w, err := k.ask(t, k.handlers.CreateProduct, http.MethodPost, "/admin/products", form)
		if err != nil || w.Code != http.StatusUnprocessableEntity {
			t.Fatalf("an empty form: %d, %v", w.Code, err)
		}
		empty := document(t, w)
		for _, id := range []string{"code", "slug", "texts.ja.name", "variants[0].sku", "variants[0].regular"} {
			has(t, empty, "[id='"+id+"-about']", "入力してください")
		}
		has(t, empty, ".note-crit", "商品コード：入力してください", "商品名・日本語：入力してください", "通常価格（1）：入力してください")
		for id, value := range map[string]string{
			"code": "MUG", "slug": "mug", "texts.ja.name": "湯のみ", "variants[0].sku": "MUG-1", "variants[0].regular": "2200", "variants[0].on_hand": "4",
		} {
			form.Set(id, value)
		}
		w, err = k.ask(t, k.handlers.CreateProduct, http.MethodPost, "/admin/products", form)
		if err != nil || w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "?tab=plan") {
			t.Fatalf("%d to %s, %v", w.Code, w.Header().Get("Location"), err)
		}
		list := k.page(t, k.handlers.Products, "/admin/products")
		has(t, list, ".note-ok", "「湯のみ」を保存しました")
		has(t, list, "tbody", "ひばりブレンド", "湯のみ", "MUG", "2,200円", "下書き", "販売中", "1か月ごと、2週間ごと、30日ごと")
		drafts := k.page(t, k.handlers.Products, "/admin/products?status=draft")
		if n := drafts.Find("tbody tr").Length(); n != 1 {
			t.Errorf("%d drafts", n)
		}
	})
}

func TestViewersSeeProductsWithoutButtons(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	if k.page(t, k.handlers.Products, "/admin/products").Find(`a[href="/admin/products/new"]`).Length() > 0 {
		t.Error("viewers are offered a new product")
	}
	for _, tab := range []string{"basic", "variants", "plan"} {
		doc := k.tab(t, tab)
		if doc.Find("form.prod button").Length() > 0 || doc.Find("form.prod > fieldset[disabled]").Length() != 1 {
			t.Errorf("%s can be edited", tab)
		}
	}
	_, err := k.ask(t, k.handlers.Product, http.MethodGet, "/admin/products/x", nil, "id", "x")
	if err == nil || !strings.Contains(err.Error(), "not_found") {
		t.Errorf("no such product: %v", err)
	}
}
