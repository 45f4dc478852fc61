package console

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// textFields are the texts by language of a tab, with their limits and rows.
type textField struct {
	path        string
	limit, rows int
	of          func(*store.Settings) *map[string]string
}

var profileTexts = []textField{
	{"profile.names", store.MaxName, 0, func(s *store.Settings) *map[string]string { return &s.Profile.Names }},
	{"profile.announcement", store.MaxLine, 0, func(s *store.Settings) *map[string]string { return &s.Profile.Announcement }},
	{"profile.phone_hours", store.MaxLine, 0, func(s *store.Settings) *map[string]string { return &s.Profile.PhoneHours }},
	{"profile.returns", store.MaxReturns, 4, func(s *store.Settings) *map[string]string { return &s.Profile.Returns }},
}

var legalTexts = []textField{
	{"legal.terms", store.MaxText, 14, func(s *store.Settings) *map[string]string { return &s.Legal.Terms }},
	{"legal.privacy", store.MaxText, 12, func(s *store.Settings) *map[string]string { return &s.Legal.Privacy }},
	{"legal.guide", store.MaxText, 12, func(s *store.Settings) *map[string]string { return &s.Legal.Guide }},
}

// profileLines are the one-line fields of the profile.
var profileLines = []struct {
	field store.Field
	of    func(*store.Profile) *string
}{
	{store.FieldSeller, func(p *store.Profile) *string { return &p.LegalName }},
	{store.FieldManager, func(p *store.Profile) *string { return &p.Manager }},
	{store.FieldPostcode, func(p *store.Profile) *string { return &p.Address.Postcode }},
	{store.FieldRegion, func(p *store.Profile) *string { return &p.Address.Region }},
	{store.FieldCity, func(p *store.Profile) *string { return &p.Address.City }},
	{store.FieldStreet, func(p *store.Profile) *string { return &p.Address.Street }},
	{fieldBuilding, func(p *store.Profile) *string { return &p.Address.Building }},
	{store.FieldPhone, func(p *store.Profile) *string { return &p.Phone }},
	{store.FieldMail, func(p *store.Profile) *string { return &p.Mail }},
}

// fieldBuilding is the one line of the address that may stay empty.
const fieldBuilding store.Field = "profile.address.building"

// Inputs of what a store can open without.
const (
	fieldPreparation = "delivery.preparation_days"
	fieldCutOff      = "delivery.cut_off_minutes"
	fieldWeekdays    = "delivery.closed_weekdays"
	fieldDates       = "delivery.closed_dates"
	fieldCard        = "payment.card"
	fieldCOD         = "payment.cod"
)

// spareTiers are empty rows below the tiers that are there.
const spareTiers = 2

func (f textField) in(lang i18n.Lang) string { return f.path + "." + string(lang) }

func zoneField(method, zone int, name string) string {
	return fmt.Sprintf("delivery.methods.%d.zones.%d.%s", method, zone, name)
}

func tierField(i int, name string) string { return fmt.Sprintf("payment.cod_tiers.%d.%s", i, name) }

// filled is the form of a tab as it stands before anybody types.
func (d *settingsDesk) filled(s store.Settings) url.Values {
	form := url.Values{"version": {strconv.FormatInt(d.version, 10)}}
	switch db.SettingsGroup(d.tab) {
	case db.SettingsProfile:
		for _, line := range profileLines {
			form.Set(string(line.field), *line.of(&s.Profile))
		}
		fillTexts(form, profileTexts, s)
	case db.SettingsLegal:
		fillTexts(form, legalTexts, s)
	case db.SettingsDelivery:
		d.fillDelivery(form, s.Delivery)
	case db.SettingsPayment:
		d.fillPayment(form, s.Payment)
	case db.SettingsTax, db.SettingsMail:
	}
	return form
}

func fillTexts(form url.Values, fields []textField, s store.Settings) {
	for _, f := range fields {
		for _, lang := range i18n.Langs {
			form.Set(f.in(lang), (*f.of(&s))[string(lang)])
		}
	}
}

func (d *settingsDesk) fillDelivery(form url.Values, s store.Delivery) {
	form.Set(fieldPreparation, strconv.Itoa(s.PreparationDays))
	form.Set(fieldCutOff, fmt.Sprintf("%d:%02d", s.CutOffMinutes/60, s.CutOffMinutes%60))
	for _, day := range s.Shipping.ClosedWeekdays {
		form.Add(fieldWeekdays, strconv.Itoa(int(day)))
	}
	dates := make([]string, len(s.Shipping.ClosedDates))
	for i, date := range s.Shipping.ClosedDates {
		dates[i] = date.String()
	}
	form.Set(fieldDates, strings.Join(dates, "\n"))
	for i, m := range s.Methods {
		for j, z := range m.Zones {
			form.Set(zoneField(i, j, "transit_days"), strconv.Itoa(z.TransitDays))
			form.Set(zoneField(i, j, "fee"), d.v.typedOrZero(z.Fee))
			form.Set(zoneField(i, j, "free_from"), d.v.typed(z.FreeFrom))
		}
	}
}

func (v *visit) typedOrZero(minor int64) string {
	if minor == 0 {
		return "0"
	}
	return v.typed(minor)
}

func (d *settingsDesk) fillPayment(form url.Values, s store.Payment) {
	if s.Card {
		form.Set(fieldCard, "yes")
	}
	if s.COD {
		form.Set(fieldCOD, "yes")
	}
	for i, t := range s.CODTiers {
		form.Set(tierField(i, "ceiling"), d.v.typed(t.Ceiling))
		form.Set(tierField(i, "fee"), d.v.typedOrZero(t.Fee))
	}
}

// fillSamples writes the sample texts into the fields that are empty.
func (d *settingsDesk) fillSamples() {
	samples := store.Settings{Legal: flow.SampleLegal(d.v.h.Catalog)}
	for _, f := range legalTexts {
		for _, lang := range i18n.Langs {
			if strings.TrimSpace(d.form.Get(f.in(lang))) == "" {
				d.form.Set(f.in(lang), (*f.of(&samples))[string(lang)])
			}
		}
	}
}

// read makes of the form the document that staff want; what cannot be read is a
// fault. Where there is one, what is wrong with the rest is said with it, so that
// nobody mends a form one field at a time.
func (d *settingsDesk) read() store.Settings {
	s := d.stored
	switch db.SettingsGroup(d.tab) {
	case db.SettingsProfile:
		for _, line := range profileLines {
			*line.of(&s.Profile) = strings.TrimSpace(d.form.Get(string(line.field)))
		}
		d.readTexts(profileTexts, &s)
	case db.SettingsLegal:
		d.readTexts(legalTexts, &s)
	case db.SettingsDelivery:
		d.readDelivery(&s.Delivery)
		if len(d.faults) > 0 {
			d.faults = append(d.faults, s.Delivery.Validate()...)
		}
	case db.SettingsPayment:
		d.readPayment(&s.Payment)
		if len(d.faults) > 0 {
			d.faults = append(d.faults, s.Payment.Validate()...)
		}
	case db.SettingsTax, db.SettingsMail:
	}
	return s
}

func (d *settingsDesk) readTexts(fields []textField, s *store.Settings) {
	for _, f := range fields {
		texts := map[string]string{}
		for _, lang := range i18n.Langs {
			texts[string(lang)] = d.form.Get(f.in(lang))
		}
		*f.of(s) = texts
	}
}

func (d *settingsDesk) readDelivery(s *store.Delivery) {
	s.PreparationDays = d.number(fieldPreparation)
	s.CutOffMinutes = d.clock(fieldCutOff)
	s.Shipping = calendar.Shipping{}
	for _, typed := range d.form[fieldWeekdays] {
		if n, ok := whole(typed); ok && n >= int(time.Sunday) && n <= int(time.Saturday) {
			s.Shipping.ClosedWeekdays = append(s.Shipping.ClosedWeekdays, time.Weekday(n))
		}
	}
	for typed := range strings.FieldsSeq(norm.NFKC.String(d.form.Get(fieldDates))) {
		date, err := calendar.ParseDate(strings.ReplaceAll(typed, "/", "-"))
		if err != nil {
			d.faults.Add(fault.Field(fieldDates, "fault.store.date", "Typed", typed))
			continue
		}
		if !slices.Contains(s.Shipping.ClosedDates, date) {
			s.Shipping.ClosedDates = append(s.Shipping.ClosedDates, date)
		}
	}
	slices.SortFunc(s.Shipping.ClosedDates, func(a, b calendar.Date) int { return strings.Compare(a.String(), b.String()) })
	methods := make([]shipping.Method, len(s.Methods))
	for i, m := range s.Methods {
		m.Zones = slices.Clone(m.Zones)
		for j := range m.Zones {
			z := &m.Zones[j]
			z.TransitDays = d.number(zoneField(i, j, "transit_days"))
			z.Fee, z.FreeFrom = d.amount(zoneField(i, j, "fee")), d.amount(zoneField(i, j, "free_from"))
		}
		methods[i] = m
	}
	s.Methods = methods
}

func (d *settingsDesk) readPayment(s *store.Payment) {
	s.Card, s.COD = d.form.Get(fieldCard) != "", d.form.Get(fieldCOD) != ""
	s.CODTiers = nil
	d.closeGaps()
	for i := range store.MaxCODTiers + spareTiers {
		ceiling, fee := tierField(i, "ceiling"), tierField(i, "fee")
		if strings.TrimSpace(d.form.Get(ceiling)+d.form.Get(fee)) == "" {
			break
		}
		s.CODTiers = append(s.CODTiers, shipping.CODTier{Ceiling: d.amount(ceiling), Fee: d.amount(fee)})
	}
}

// closeGaps moves the tiers up over rows that were left empty: what is wrong with
// the second tier then stands in the second row.
func (d *settingsDesk) closeGaps() {
	filled := 0
	for i := range store.MaxCODTiers + spareTiers {
		ceiling, fee := d.form.Get(tierField(i, "ceiling")), d.form.Get(tierField(i, "fee"))
		if strings.TrimSpace(ceiling+fee) == "" {
			continue
		}
		for name, typed := range map[string]string{"ceiling": ceiling, "fee": fee} {
			d.form.Del(tierField(i, name))
			d.form.Set(tierField(filled, name), typed)
		}
		filled++
	}
}

func (d *settingsDesk) number(id string) int {
	n, ok := whole(d.form.Get(id))
	if !ok {
		d.faults.Add(fault.Field(id, "fault.number.invalid"))
	}
	return n
}

// amount reads an amount; an empty field is none.
func (d *settingsDesk) amount(id string) int64 {
	text := strings.TrimSpace(d.form.Get(id))
	if text == "" {
		return 0
	}
	amount, err := d.v.words.ParseMoney(text, d.v.shop.Currency)
	if err != nil {
		d.faults.Add(fault.Field(id, "fault.amount"))
	}
	return amount.Minor
}

// clock reads a time of day as minutes; 24:00 is the day's end.
func (d *settingsDesk) clock(id string) int {
	hours, minutes, found := strings.Cut(norm.NFKC.String(strings.TrimSpace(d.form.Get(id))), ":")
	h, hoursRead := whole(hours)
	m, minutesRead := whole(minutes)
	if !found || !hoursRead || !minutesRead || h < 0 || h > 24 || m < 0 || m > 59 || h*60+m == 0 || h*60+m > 24*60 {
		d.faults.Add(fault.Field(id, "fault.store.clock"))
		return 0
	}
	return h*60 + m
}
