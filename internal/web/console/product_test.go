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
	"github.com/google/go-cmp/cmp"

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

func TestEverySettingOfAPlanIsSavedAndComesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := typedIn(k.tab(t, "plan"))
		for id, value := range map[string]string{
			"texts.ja.plan": "一行目\r\n二行目", "plan.shipping": "free_box", "plan.free_box": "３", "plan.resume": "skip", "plan.stock_out": "rest",
			"plan.volume_tiers[0].from": "3", "plan.volume_tiers[0].kind": "share", "plan.volume_tiers[0].off": "7.5",
			"plan.volume_tiers[1].from": "", "plan.volume_tiers[1].off": "",
			"plan.volume_tiers[2].from": "6", "plan.volume_tiers[2].kind": "amount", "plan.volume_tiers[2].off": "３００円",
			"plan.count_discounts[0].from_box": "4", "plan.count_discounts[0].kind": "share", "plan.count_discounts[0].off": "5",
			"plan.count_more": "24",
		} {
			form.Set(id, value)
		}
		form.Del("plan.allow_pause")
		form.Set("do", "look")
		look := document(t, k.send(t, form))
		has(t, look, "#changes", "複数購入割引（定期購入）– → 3点以上 7.5%引き、6点以上 300円引き", "購入回数による値引き– → 4回目から 5%引き", "送料通常どおり → 決まった回だけ無料", "一時停止するする → しない")
		has(t, look, ".seen", "一行目", "3点以上で1点 1,230円", "いま申し込んだ場合")
		form = typedIn(look)
		form.Set("do", "save")
		if w := k.send(t, form); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		p := k.stored(t, k.Product.ID)
		want := *p.Plan
		want.Shipping, want.FreeBox, want.ResumeSkips, want.StockOut, want.AllowSkip, want.AllowPause = catalog.ShippingFreeBox, 3, true, catalog.StockOutRest, true, false
		want.VolumeTiers = []catalog.VolumeTier{{From: 3, Discount: catalog.Discount{BasisPoints: 750}}, {From: 6, Discount: catalog.Discount{Amount: 300}}}
		want.CountDiscounts = []catalog.CountDiscount{{FromBox: 4, Discount: catalog.Discount{BasisPoints: 500}}}
		if diff := cmp.Diff(&want, p.Plan); diff != "" || !slices.Contains(p.Plan.FixedCounts, 24) || p.Texts["ja"].Plan != "一行目\n二行目" {
			t.Errorf("kept %v, %q %s", p.Plan.FixedCounts, p.Texts["ja"].Plan, diff)
		}
		again := typedIn(k.tab(t, "plan"))
		again.Set("do", "look")
		has(t, document(t, k.send(t, again)), "#changes", "変更はありません")
	})
}

func TestDiscountsThatMeanNothingComeBackBesideTheirFields(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	form := typedIn(k.tab(t, "plan"))
	for id, value := range map[string]string{
		"plan.volume_tiers[0].from": "3", "plan.volume_tiers[0].kind": "share", "plan.volume_tiers[0].off": "100",
		"plan.volume_tiers[1].from": "2", "plan.volume_tiers[1].kind": "amount", "plan.volume_tiers[1].off": "99999",
		"plan.shipping": "free_box", "plan.free_box": "0",
	} {
		form.Set(id, value)
	}
	w := k.send(t, form)
	doc := document(t, w)
	if w.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d", w.Code)
	}
	for _, id := range []string{"plan.volume_tiers[0].off", "plan.volume_tiers[1].from", "plan.volume_tiers[1].off", "plan.free_box"} {
		if doc.Find("[id='"+id+"-about'] .err").Length() == 0 {
			t.Errorf("nothing is said beside %s", id)
		}
		if typed := doc.Find("[id='"+id+"']").AttrOr("value", ""); typed != form.Get(id) {
			t.Errorf("%s holds %q", id, typed)
		}
	}
}

func TestRowsAreAddedAndDroppedWithoutSavingAnything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := typedIn(k.tab(t, "variants"))
		form.Set("do", "add variants")
		w := k.send(t, form)
		doc := document(t, w)
		if n := doc.Find("fieldset.var").Length(); w.Code != http.StatusOK || n != 3 || doc.Find(".err").Length() > 0 {
			t.Fatalf("%d, %d rows", w.Code, n)
		}
		form = typedIn(doc)
		form.Set("do", "add options[0].values")
		form = typedIn(document(t, k.send(t, form)))
		for id, value := range map[string]string{
			"options[0].values[2].ja": "1kg", "variants[2].sku": "HB-1KG", "variants[2].values[0]": "2", "variants[2].regular": "6400",
			"variants[2].trial": "3000", "variants[2].weight_grams": "1050", "variants[2].on_hand": "4",
			"volume_tiers[0].from": "5", "volume_tiers[0].kind": "share", "volume_tiers[0].off": "3",
		} {
			form.Set(id, value)
		}
		if p := k.stored(t, k.Product.ID); len(p.Variants) != 2 {
			t.Fatal("a row was saved by the way")
		}
		form.Set("do", "save")
		if w := k.send(t, form); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		p := k.stored(t, k.Product.ID)
		if len(p.Variants) != 3 || p.Variants[2].Available != 4 || p.Variants[2].Prices["JPY"].Trial != 3_000 || len(p.VolumeTiers) != 1 {
			t.Fatalf("kept %+v", p.Variants)
		}
		form = typedIn(k.tab(t, "variants"))
		form.Set("do", "drop variants[2]")
		form = typedIn(document(t, k.send(t, form)))
		form.Set("do", "drop options[0].values[2]")
		form = typedIn(document(t, k.send(t, form)))
		form.Set("do", "save")
		if w := k.send(t, form); w.Code != http.StatusSeeOther || len(k.stored(t, k.Product.ID).Variants) != 2 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		has(t, k.tab(t, "history"), "#audit", "HB-1KG", "5点以上 3%引き")
	})
}

func TestProductsAreSearchedAndPaged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleViewer)
		for _, query := range []string{"?q=%EF%BE%8B%EF%BE%8A%EF%BE%9E", "?q=hb-blend", "?q=hb-blend-500", "?status=on_sale&q=hibari"} {
			if n := k.page(t, k.handlers.Products, "/admin/products"+query).Find("tbody tr").Length(); n != 1 {
				t.Errorf("%s finds %d", query, n)
			}
		}
		none := k.page(t, k.handlers.Products, "/admin/products?status=on_sale&q=nothing")
		has(t, none, ".empty", "条件に合う商品はありません")
		if href := none.Find("a.lk[href]").Last().AttrOr("href", ""); href != "/admin/products?status=on_sale" {
			t.Errorf("the search is cleared by %q", href)
		}
		for _, after := range []string{"x", "0.x", "99999999999999999999.1"} {
			if n := k.page(t, k.handlers.Products, "/admin/products?after="+after).Find("tbody tr").Length(); n != 1 {
				t.Errorf("after %s: %d", after, n)
			}
		}
	})
}
