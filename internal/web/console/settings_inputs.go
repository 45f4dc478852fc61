package console

import (
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// settingsForm makes the inputs of a tab.
type settingsForm struct {
	d      *settingsDesk
	faults frame.Faults
}

// field is an input with what was typed, what is wrong with it and, where there
// is a hint for it, what it means.
func (f settingsForm) field(id string, limit int) SettingsField {
	words := f.d.v.words
	in := SettingsField{
		Field: f.faults.Field(id, f.d.form.Get(id)), ID: id, Label: f.d.v.settingField(id), Limit: limit,
		Needed: slices.Contains(needed, store.Field(id)),
	}
	if key := "settings.hint." + id; words.Has(key) {
		in.Hint = words.T(key)
	}
	return in
}

// needed is what an empty store lacks.
var needed = store.Settings{Profile: store.Profile{Address: place.Address{Country: "JP"}}}.Missing()

func (f settingsForm) line(field store.Field) SettingsField {
	return f.field(string(field), store.MaxLine)
}

func (f settingsForm) days(id string) SettingsField {
	in := f.field(id, 6)
	in.Number, in.Unit = true, f.d.v.words.T("console.product.unit.days")
	return in
}

func (f settingsForm) price(id string) SettingsField {
	in := f.field(id, 20)
	in.Number, in.Unit = true, string(f.d.v.shop.Currency)
	if unit := "console.product.unit." + in.Unit; f.d.v.words.Has(unit) {
		in.Unit = f.d.v.words.T(unit)
	}
	return in
}

// texts are the fields of each language, those of Japanese open: other languages
// fall back to it.
func (f settingsForm) texts(fields []textField) []SettingsTexts {
	list := make([]SettingsTexts, len(i18n.Langs))
	for i, lang := range i18n.Langs {
		t := SettingsTexts{Lang: string(lang), Title: f.d.v.h.Catalog.For(lang).T("common.lang"), Open: lang == i18n.Ja}
		t.Filled = true
		for _, field := range fields {
			in := f.field(field.in(lang), field.limit)
			in.Label, in.Rows, in.Lang = f.d.v.words.T("settings.field."+field.path), field.rows, string(lang)
			if key := "settings.hint." + field.path; lang == i18n.Ja && f.d.v.words.Has(key) {
				in.Hint = f.d.v.words.T(key)
			}
			t.Open = t.Open || in.Error != ""
			t.Filled = t.Filled && strings.TrimSpace(in.Value) != ""
			t.Fields = append(t.Fields, in)
		}
		list[i] = t
	}
	return list
}

func (f settingsForm) profile() *SettingsProfile {
	v := f.d.v
	p := &SettingsProfile{
		Seller: f.line(store.FieldSeller), Manager: f.line(store.FieldManager), Postcode: f.line(store.FieldPostcode),
		City: f.line(store.FieldCity), Street: f.line(store.FieldStreet), Building: f.line(fieldBuilding),
		Phone: f.line(store.FieldPhone), Mail: f.line(store.FieldMail), Region: f.line(store.FieldRegion),
		Texts: f.texts(profileTexts),
	}
	country := f.d.stored.Profile.Address.Country
	for _, region := range place.Regions(country) {
		p.Regions = append(p.Regions, page.Choice{
			Value: region.Code, Label: v.words.Region(country, region.Code), Selected: region.Code == p.Region.Value,
		})
	}
	return p
}

func (f settingsForm) legal() *SettingsLegal { return &SettingsLegal{Texts: f.texts(legalTexts)} }

func (f settingsForm) delivery() *SettingsDelivery {
	v := f.d.v
	p := &SettingsDelivery{
		Preparation: f.days(fieldPreparation), CutOff: f.field(fieldCutOff, 5),
		WeekdayError: f.faults.Field(fieldWeekdays, "").Error, ClosedDates: f.field(fieldDates, store.MaxText),
	}
	p.ClosedDates.Rows = 5
	for i, name := range v.words.Weekdays() {
		value := strconv.Itoa(i)
		p.Weekdays = append(p.Weekdays, page.Choice{Value: value, Label: name, Selected: slices.Contains(f.d.form[fieldWeekdays], value)})
	}
	for i, m := range f.d.stored.Delivery.Methods {
		method := SettingsMethod{Name: m.Name(string(v.words.Lang()))}
		for j, z := range m.Zones {
			method.Zones = append(method.Zones, SettingsZone{
				Name: v.zone(z), Transit: f.days(zoneField(i, j, "transit_days")),
				Fee: f.price(zoneField(i, j, "fee")), FreeFrom: f.price(zoneField(i, j, "free_from")),
			})
		}
		p.Methods = append(p.Methods, method)
	}
	return p
}

// namedRegions are as many regions as a zone is called by.
const namedRegions = 3

// zone names an area by its first regions.
func (v *visit) zone(z shipping.Zone) string {
	if len(z.Regions) == 0 {
		return v.words.T("shop.legal.postage.other")
	}
	var regions []string
	for _, code := range z.Regions[:min(namedRegions, len(z.Regions))] {
		regions = append(regions, v.words.Region(z.Country, code))
	}
	name := strings.Join(regions, v.words.T("console.product.separator"))
	if more := len(z.Regions) - namedRegions; more > 0 {
		name = v.words.T("settings.zone.more", "Regions", name, "Count", more)
	}
	if len(z.PostcodePrefixes) > 0 {
		return v.words.T("shop.legal.postage.part", "Region", name)
	}
	return name
}

func (f settingsForm) payment() *SettingsPayment {
	p := &SettingsPayment{
		Card: f.d.form.Get(fieldCard) != "", COD: f.d.form.Get(fieldCOD) != "",
		Error: f.faults.Field(fieldCard, "").Error, TierError: f.faults.Field(string(store.FieldCODTiers), "").Error,
	}
	rows := spareTiers
	for i := range store.MaxCODTiers + spareTiers {
		if f.d.form.Has(tierField(i, "ceiling")) && f.d.form.Get(tierField(i, "ceiling"))+f.d.form.Get(tierField(i, "fee")) != "" {
			rows = min(i+1+spareTiers, store.MaxCODTiers)
		}
	}
	for i := range rows {
		p.Tiers = append(p.Tiers, SettingsTier{Ceiling: f.price(tierField(i, "ceiling")), Fee: f.price(tierField(i, "fee"))})
	}
	return p
}
