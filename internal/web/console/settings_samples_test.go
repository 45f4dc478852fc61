package console_test

import (
	"fmt"
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// settingsSamples are the tabs of the settings with long texts and faults.
func settingsSamples(words *i18n.Localizer) []sample {
	wrong := words.T("fault.required")
	field := func(id, value, fault string) console.SettingsField {
		return console.SettingsField{
			Field: page.Field{Value: value, Error: fault}, ID: id, Label: words.T("settings.field.profile.manager"), Hint: longName,
			Limit: 100, Needed: fault != "",
		}
	}
	number := func(id, value, fault string) console.SettingsField {
		f := field(id, value, fault)
		f.Hint, f.Number, f.Unit = "", true, words.T("console.product.unit.JPY")
		return f
	}
	texts := func(group string) []console.SettingsTexts {
		var list []console.SettingsTexts
		for i, lang := range []string{"ja", "en", "zh-Hans", "zh-Hant"} {
			area := field(group+".terms."+lang, strings.Repeat("■ "+longGoods+"\n"+longName+"\n\n", 4), "")
			area.Rows, area.Lang, area.Hint = 8, lang, ""
			name := field(group+".names."+lang, "", wrong)
			name.Lang = lang
			list = append(list, console.SettingsTexts{
				Lang: lang, Title: lang, Open: i < 2, Filled: i == 3, Fields: []console.SettingsField{name, area},
			})
		}
		return list
	}
	tabs := func(current string) []console.Tab {
		var list []console.Tab
		for _, name := range []string{"profile", "legal", "delivery", "payment", "history"} {
			list = append(list, console.Tab{Text: words.T("settings.tab." + name), Path: "/admin/settings?tab=" + name, Current: name == current})
		}
		return list
	}
	settings := func(tab string) console.SettingsPage {
		return console.SettingsPage{
			Base: base(words, "x"), Tabs: tabs(tab), Tab: tab, Version: "3", StoreVersion: 2, State: tag(words, "settings.state.closed", "warn"),
			Missing: []console.Link{
				{Text: words.T("settings.field.profile.legal_name"), Path: "#profile.legal_name"},
				{Text: words.T("settings.field.profile.returns"), Path: "#profile.names.ja"},
			},
		}
	}
	profile := settings("profile")
	profile.Errors = []page.FieldError{{ID: "#profile.legal_name", Text: wrong}, {Text: words.T("fault.conflict")}}
	profile.Profile = &console.SettingsProfile{
		Seller: field("profile.legal_name", "", wrong), Manager: field("profile.manager", longName, ""),
		Postcode: field("profile.address.postcode", "12", words.T("fault.place.postcode.jp")), City: field("profile.address.city", "武蔵野市", ""),
		Street: field("profile.address.street", longGoods, ""), Building: field("profile.address.building", "", ""),
		Phone: field("profile.phone", "0422-00-1846", ""), Mail: field("profile.mail", "teiki@hibari-coffee.example", ""),
		Region:  field("profile.address.region", "JP-13", wrong),
		Regions: []page.Choice{{Value: "JP-13", Label: "東京都", Selected: true}}, Texts: texts("profile"),
	}
	legal := settings("legal")
	legal.Legal = &console.SettingsLegal{Texts: texts("legal")}
	delivery := settings("delivery")
	dates := field("delivery.closed_dates", "2026-12-31\n2027-01-01", wrong)
	dates.Rows = 5
	delivery.Delivery = &console.SettingsDelivery{
		Preparation: number("delivery.preparation_days", "1", ""), CutOff: field("delivery.cut_off_minutes", "24:00", wrong),
		WeekdayError: wrong, ClosedDates: dates,
	}
	for i, name := range words.Weekdays() {
		delivery.Delivery.Weekdays = append(delivery.Delivery.Weekdays, page.Choice{Value: fmt.Sprint(i), Label: name, Selected: i == 0})
	}
	zone := func(i int, fault string) console.SettingsZone {
		at := fmt.Sprintf("delivery.methods.0.zones.%d.", i)
		return console.SettingsZone{
			Name: longGoods, Transit: number(at+"transit_days", "2", ""), Fee: number(at+"fee", "650", fault), FreeFrom: number(at+"free_from", "", ""),
		}
	}
	delivery.Delivery.Methods = []console.SettingsMethod{{Name: "宅急便", Zones: []console.SettingsZone{zone(0, wrong), zone(1, "")}}}
	payment := settings("payment")
	payment.Payment = &console.SettingsPayment{Card: true, COD: true, Error: wrong, TierError: wrong, Tiers: []console.SettingsTier{
		{Ceiling: number("payment.cod_tiers.0.ceiling", "10,000", ""), Fee: number("payment.cod_tiers.0.fee", "330", wrong)},
		{Ceiling: number("payment.cod_tiers.1.ceiling", "", ""), Fee: number("payment.cod_tiers.1.fee", "", "")},
	}}
	history := settings("history")
	history.Open, history.Missing, history.State = true, nil, tag(words, "settings.state.open", "ok")
	history.Audit = []console.AuditLine{{When: "11/26（木）10:02", Actor: "森 健太", What: words.T("console.audit.store.opened")}}
	return []sample{
		{"settings", "profile", profile},
		{"settings", "legal", legal},
		{"settings", "delivery", delivery},
		{"settings", "payment", payment},
		{"settings", "history", history},
	}
}
