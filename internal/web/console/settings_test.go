package console_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func (k *desk) settings(t *testing.T) store.Settings {
	t.Helper()
	s, err := db.Settings(t.Context(), k.DB, thread.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (k *desk) settingsTab(t *testing.T, tab string) *goquery.Document {
	t.Helper()
	return k.page(t, k.handlers.Settings, "/admin/settings?tab="+tab)
}

func (k *desk) sendSettings(t *testing.T, h handler, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	w, err := k.ask(t, h, http.MethodPost, "/admin/settings", form)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// version is that of the store on the page's button.
func version(doc *goquery.Document) url.Values {
	return url.Values{"version": {doc.Find(".panel form input[name=version]").AttrOr("value", "")}}
}

func TestSettingsSentAsTheyAreChangeNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		before := k.settings(t)
		for _, tab := range []string{"profile", "legal", "delivery", "payment"} {
			if w := k.sendSettings(t, k.handlers.SaveSettings, typedIn(k.settingsTab(t, tab))); w.Code != http.StatusSeeOther {
				t.Errorf("%s: %d %s", tab, w.Code, document(t, w).Find(".note-crit").Text())
			}
		}
		if rows := k.settingsTab(t, "history").Find("#audit tbody tr").Length(); rows != 0 {
			t.Errorf("%d lines in the trail", rows)
		}
		after := k.settings(t)
		if after.Profile.LegalName != before.Profile.LegalName || len(after.Payment.CODTiers) != len(before.Payment.CODTiers) {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

func TestSettingsAreSavedAsTyped(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleOwner)
	profile := typedIn(k.settingsTab(t, "profile"))
	profile.Set("profile.manager", "雲雀 響")
	profile.Set("profile.names.zh-Hant", "雲雀咖啡")
	profile.Set("profile.address.postcode", "１８００００４")
	delivery := typedIn(k.settingsTab(t, "delivery"))
	delivery["delivery.closed_weekdays"] = []string{"0", "6"}
	delivery.Set("delivery.closed_dates", "2027-01-01\n2026/12/31 2026-12-31")
	delivery.Set("delivery.cut_off_minutes", "１７：３０")
	delivery.Set("delivery.methods.0.zones.0.fee", "1,800円")
	payment := typedIn(k.settingsTab(t, "payment"))
	payment.Del("payment.card")
	payment.Set("payment.cod_tiers.4.ceiling", "500000")
	payment.Set("payment.cod_tiers.4.fee", "1650")
	for _, form := range []url.Values{profile, delivery, payment} {
		if w := k.sendSettings(t, k.handlers.SaveSettings, form); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", form.Get("tab"), w.Code, document(t, w).Find(".note-crit").Text())
		}
	}
	s := k.settings(t)
	if s.Profile.Manager != "雲雀 響" || s.Profile.Names["zh-Hant"] != "雲雀咖啡" || s.Profile.Address.Postcode != "180-0004" {
		t.Errorf("profile: %+v", s.Profile)
	}
	if got := s.Delivery.Shipping; len(got.ClosedWeekdays) != 2 || len(got.ClosedDates) != 2 || got.ClosedDates[0].String() != "2026-12-31" {
		t.Errorf("calendar: %+v", got)
	}
	if s.Delivery.CutOffMinutes != 17*60+30 || s.Delivery.Methods[0].Zones[0].Fee != 1_800 {
		t.Errorf("cut off at %d, a fee of %d", s.Delivery.CutOffMinutes, s.Delivery.Methods[0].Zones[0].Fee)
	}
	if tiers := s.Payment.CODTiers; s.Payment.Card || len(tiers) != 5 || tiers[4].Ceiling != 500_000 || tiers[4].Fee != 1_650 {
		t.Errorf("payment: %+v", s.Payment)
	}
	has(t, k.settingsTab(t, "history"), "#audit", "設定を変更（運営責任者）", "雲雀 奏", "雲雀 響", "締切の時刻", "送料")
}

func TestWhatIsWrongInTheSettingsIsSaidBesideItsFieldAndNothingIsLost(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	form := typedIn(k.settingsTab(t, "profile"))
	form.Set("profile.mail", "shop@")
	form.Set("profile.returns.ja", " ")
	form.Set("profile.manager", "𠮷田 <b>花</b>")
	doc := document(t, k.sendSettings(t, k.handlers.SaveSettings, form))
	has(t, doc, ".note-crit", "メールアドレス", "返品・交換の条件（返品特約）・日本語：ショップを公開するには、入力が必要です。")
	if got := doc.Find(`[id="profile.manager"]`).AttrOr("value", ""); got != "𠮷田 <b>花</b>" {
		t.Errorf("the name came back as %q", got)
	}
	if doc.Find(`[id="profile.mail"][aria-invalid]`).Length() != 1 || doc.Find(`.note-crit a[href="#profile.mail"]`).Length() != 1 {
		t.Error("the mail address is not marked")
	}
	delivery := typedIn(k.settingsTab(t, "delivery"))
	delivery.Set("delivery.cut_off_minutes", "25:00")
	delivery.Set("delivery.closed_dates", "元日")
	delivery.Set("delivery.preparation_days", "many")
	doc = document(t, k.sendSettings(t, k.handlers.SaveSettings, delivery))
	has(t, doc, ".note-crit", "締切の時刻", "「元日」", "出荷準備日数")
	if got := doc.Find(`[id="delivery.closed_dates"]`).Text(); got != "元日" {
		t.Errorf("the dates came back as %q", got)
	}
	delivery["delivery.closed_weekdays"] = strings.Split("0123456", "")
	delivery.Set("delivery.cut_off_minutes", "24:00")
	delivery.Set("delivery.closed_dates", "")
	delivery.Set("delivery.preparation_days", "1")
	has(t, document(t, k.sendSettings(t, k.handlers.SaveSettings, delivery)), ".note-crit", "出荷する曜日")
	old := typedIn(k.settingsTab(t, "payment"))
	fresh := typedIn(k.settingsTab(t, "payment"))
	fresh.Del("payment.cod")
	k.sendSettings(t, k.handlers.SaveSettings, fresh)
	old.Del("payment.card")
	if w := k.sendSettings(t, k.handlers.SaveSettings, old); w.Code != http.StatusConflict {
		t.Errorf("an old form: %d", w.Code)
	}
}

func TestTheShopIsOpenedAndClosedWithAListOfWhatIsMissing(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	if w := k.sendSettings(t, k.handlers.CloseStore, version(k.settingsTab(t, "profile"))); w.Code != http.StatusSeeOther {
		t.Fatalf("close: %d", w.Code)
	}
	legal := typedIn(k.settingsTab(t, "legal"))
	legal.Set("legal.terms.ja", "")
	legal.Set("legal.guide.ja", "")
	if w := k.sendSettings(t, k.handlers.SaveSettings, legal); w.Code != http.StatusSeeOther {
		t.Fatalf("empty texts of a closed shop: %d", w.Code)
	}
	doc := k.settingsTab(t, "profile")
	has(t, doc, ".need", "あと2項目", "利用規約", "ご利用ガイド")
	if doc.Find(`.need a[href="/admin/settings?tab=legal#legal.terms.ja"]`).Length() != 1 {
		t.Error("no way to the terms")
	}
	w := k.sendSettings(t, k.handlers.OpenStore, version(doc))
	if doc = document(t, w); w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("opened without terms: %d", w.Code)
	}
	if doc.Find(`.note-crit a[href="/admin/settings?tab=legal#legal.guide.ja"]`).Length() != 1 {
		t.Errorf("the refusal leads nowhere: %s", doc.Find(".note-crit").Text())
	}
	legal = typedIn(k.settingsTab(t, "legal"))
	legal.Set("do", "sample")
	filled := document(t, k.sendSettings(t, k.handlers.SaveSettings, legal))
	if k.settings(t).Legal.Terms["ja"] != "" {
		t.Error("the samples are saved before anybody has looked at them")
	}
	legal = typedIn(filled)
	if got := legal.Get("legal.privacy.ja"); !strings.Contains(got, "お名前とご住所をお預かりします。") {
		t.Errorf("the sample replaced what was there: %s", got)
	}
	if w := k.sendSettings(t, k.handlers.SaveSettings, legal); w.Code != http.StatusSeeOther {
		t.Fatalf("save the samples: %d", w.Code)
	}
	doc = k.settingsTab(t, "legal")
	has(t, doc, ".all-there", "必要な項目はそろっています")
	if w := k.sendSettings(t, k.handlers.OpenStore, version(doc)); w.Code != http.StatusSeeOther {
		t.Fatalf("open: %d", w.Code)
	}
	has(t, k.settingsTab(t, "history"), "#audit", "ショップを公開", "ショップを準備中に")
}

// wrongSettings are several wrong fields of a tab at once, by their inputs.
var wrongSettings = map[string]map[string]string{
	"profile": {
		"profile.mail": "shop@", "profile.phone": "12", "profile.address.postcode": "99", "profile.address.region": "JP-99",
		"profile.manager": strings.Repeat("長", 300), "profile.names.en": strings.Repeat("x", 300), "profile.returns.zh-Hant": strings.Repeat("長", 9_000),
	},
	"legal": {"legal.terms.en": strings.Repeat("x", 90_000), "legal.privacy.ja": "", "legal.guide.zh-Hans": strings.Repeat("x", 90_000)},
	"delivery": {
		"delivery.preparation_days": "many", "delivery.cut_off_minutes": "25:00", "delivery.closed_dates": "2026-12-31 元日",
		"delivery.methods.0.zones.0.transit_days": "999", "delivery.methods.0.zones.0.fee": "free", "delivery.methods.0.zones.1.free_from": "-1",
	},
	"payment": {
		"payment.cod_tiers.0.ceiling": "many", "payment.cod_tiers.1.fee": "99,999,999", "payment.cod_tiers.2.ceiling": "1",
	},
}

func TestSeveralWrongSettingsAreSaidAtOnceEachBesideItsField(t *testing.T) {
	for tab, wrong := range wrongSettings {
		t.Run(tab, func(t *testing.T) {
			k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
			before := k.settings(t)
			form := typedIn(k.settingsTab(t, tab))
			for id, typed := range wrong {
				form.Set(id, typed)
			}
			w := k.sendSettings(t, k.handlers.SaveSettings, form)
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatalf("%d", w.Code)
			}
			doc := document(t, w)
			for id, typed := range wrong {
				in := doc.Find(`[id="` + id + `"]`)
				got := in.AttrOr("value", in.Find("option[selected]").AttrOr("value", ""))
				if in.Is("textarea") {
					got = in.Text()
				}
				if !in.Is("select") && got != typed {
					t.Errorf("%s came back as %.40q", id, got)
				}
				if in.AttrOr("aria-invalid", "") != "true" || strings.TrimSpace(doc.Find(`[id="`+id+`-about"] .err`).Text()) == "" {
					t.Errorf("nothing is said beside %s", id)
				}
				if doc.Find(`.note-crit a[href="#`+id+`"]`).Length() != 1 {
					t.Errorf("%s is not in the summary: %s", id, doc.Find(".note-crit").Text())
				}
				if closed := in.ParentsFiltered("details:not([open])").Length(); closed != 0 {
					t.Errorf("%s is folded away", id)
				}
			}
			if diff := cmp.Diff(before, k.settings(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAGapInTheTiersIsClosedAndItsFaultsStandInTheRightRow(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	form := typedIn(k.settingsTab(t, "payment"))
	for id, typed := range map[string]string{"0.ceiling": "10000", "0.fee": "330", "1.ceiling": "", "1.fee": "", "2.ceiling": "500", "2.fee": "440", "3.ceiling": "", "3.fee": ""} {
		form.Set("payment.cod_tiers."+id, typed)
	}
	doc := document(t, k.sendSettings(t, k.handlers.SaveSettings, form))
	if in := doc.Find(`[id="payment.cod_tiers.1.ceiling"]`); in.AttrOr("value", "") != "500" || in.AttrOr("aria-invalid", "") != "true" {
		t.Errorf("the second row: %q", in.AttrOr("value", ""))
	}
	has(t, doc, ".note-crit", "お支払い額の上限（2）：上の段より大きい金額を入力してください。")
	if got := doc.Find(".note-crit li").Length(); got != 1 {
		t.Errorf("%d faults", got)
	}
}
