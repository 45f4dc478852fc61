package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Limits in characters, days and minor units.
const (
	MaxName         = 60
	MaxLine         = 100
	MaxReturns      = 1_000
	MaxText         = 10_000
	MaxPreparation  = 30
	MaxTransit      = 60
	MaxCODTiers     = 10
	maxClosedDates  = 400
	minutesOfDay    = 24 * 60
	maxAmount       = 1_000_000_000_000
	weekdaysInAWeek = 7
)

// Validate checks what is filled in of a normalised profile. What is missing is
// not wrong: Missing says what a store cannot open without.
func (p Profile) Validate() fault.List {
	var faults fault.List
	line := func(field, value string, limit int) {
		faults.Add(place.CheckText("profile."+field, value, limit, place.Optional))
	}
	each(p.Names, func(lang, text string) { line("names."+lang, text, MaxName) })
	line("legal_name", p.LegalName, MaxLine)
	line("manager", p.Manager, MaxName)
	faults = append(faults, p.checkAddress()...)
	faults.Add(place.CheckPhone("profile.phone", p.Address.Country, p.Phone, place.Optional))
	each(p.PhoneHours, func(lang, text string) { line("phone_hours."+lang, text, MaxLine) })
	faults.Add(place.CheckMail("profile.mail", p.Mail, place.Optional))
	each(p.Announcement, func(lang, text string) { line("announcement."+lang, text, MaxLine) })
	each(p.Returns, func(lang, text string) { faults.Add(checkLines("profile.returns."+lang, text, MaxReturns)) })
	return faults
}

// checkAddress judges the lines that are filled in; the shop's address needs no
// person's name.
func (p Profile) checkAddress() fault.List {
	a := p.Address
	filled := map[string]string{
		"profile.address.postcode": a.Postcode, "profile.address.region": a.Region, "profile.address.city": a.City,
		"profile.address.street": a.Street, "profile.address.building": a.Building,
	}
	return slices.DeleteFunc(a.Validate("profile.address"), func(e *fault.Error) bool { return filled[e.Field] == "" })
}

// Validate checks the lengths of the texts.
func (l Legal) Validate() fault.List {
	var faults fault.List
	for _, t := range []struct {
		name  string
		texts map[string]string
	}{{"terms", l.Terms}, {"privacy", l.Privacy}, {"guide", l.Guide}} {
		each(t.texts, func(lang, text string) { faults.Add(checkLines("legal."+t.name+"."+lang, text, MaxText)) })
	}
	return faults
}

// Validate checks the days and fees that orders are made with.
func (d Delivery) Validate() fault.List {
	var faults fault.List
	within(&faults, "delivery.preparation_days", d.PreparationDays, 0, MaxPreparation)
	within(&faults, "delivery.cut_off_minutes", d.CutOffMinutes, 1, minutesOfDay)
	if len(d.Shipping.ClosedWeekdays) >= weekdaysInAWeek {
		faults.Add(fault.Field("delivery.closed_weekdays", "fault.store.never_ships"))
	}
	if len(d.Shipping.ClosedDates) > maxClosedDates {
		faults.Add(fault.Field("delivery.closed_dates", "fault.store.dates.many", "Max", maxClosedDates))
	}
	for i, m := range d.Methods {
		for j, z := range m.Zones {
			path := fmt.Sprintf("delivery.methods.%d.zones.%d.", i, j)
			within(&faults, path+"transit_days", z.TransitDays, 0, MaxTransit)
			faults.Add(checkAmount(path+"fee", z.Fee))
			faults.Add(checkAmount(path+"free_from", z.FreeFrom))
		}
	}
	return faults
}

// Validate checks the tiers of the cash-on-delivery fee: each ceiling above the
// one before, or no order would ever reach the later tier.
func (p Payment) Validate() fault.List {
	var faults fault.List
	if len(p.CODTiers) > MaxCODTiers {
		faults.Add(fault.Field("payment.cod_tiers", "fault.store.tiers.many", "Max", MaxCODTiers))
	}
	last := int64(0)
	for i, t := range p.CODTiers {
		path := fmt.Sprintf("payment.cod_tiers.%d.", i)
		faults.Add(checkAmount(path+"fee", t.Fee))
		switch {
		case t.Ceiling <= last:
			faults.Add(fault.Field(path+"ceiling", "fault.store.tiers.order"))
		case t.Fee >= t.Ceiling:
			faults.Add(fault.Field(path+"fee", "fault.store.tiers.fee"))
		default:
			faults.Add(checkAmount(path+"ceiling", t.Ceiling))
		}
		last = max(last, t.Ceiling)
	}
	return faults
}

// Normalize writes a profile as it is stored: addresses and numbers as place
// does, texts trimmed and without the languages that have none.
func (p Profile) Normalize() Profile {
	p.LegalName, p.Manager = strings.TrimSpace(p.LegalName), strings.TrimSpace(p.Manager)
	p.Address = p.Address.Normalize()
	p.Phone, p.Mail = place.Phone(p.Address.Country, p.Phone), place.MailAddress(p.Mail)
	p.Names, p.PhoneHours = tidy(p.Names), tidy(p.PhoneHours)
	p.Announcement, p.Returns = tidy(p.Announcement), tidy(p.Returns)
	return p
}

// Normalize writes the texts as they are stored.
func (l Legal) Normalize() Legal {
	return Legal{Terms: tidy(l.Terms), Privacy: tidy(l.Privacy), Guide: tidy(l.Guide)}
}

func tidy(texts map[string]string) map[string]string {
	tidied := map[string]string{}
	for lang, text := range texts {
		text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(text))
		if text != "" {
			tidied[lang] = text
		}
	}
	return tidied
}

// each visits texts in a fixed order, so that faults have one.
func each(texts map[string]string, visit func(lang, text string)) {
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		visit(lang, texts[lang])
	}
}

// checkLines looks at a text of several lines as place.CheckText does at one.
func checkLines(field, text string, limit int) *fault.Error {
	return place.CheckText(field, strings.ReplaceAll(text, "\n", " "), limit, place.Optional)
}

func checkAmount(field string, minor int64) *fault.Error {
	if minor < 0 || minor > maxAmount {
		return fault.Field(field, "fault.amount")
	}
	return nil
}

func within(faults *fault.List, field string, n, least, most int) {
	if n < least || n > most {
		faults.Add(fault.Field(field, "fault.number.range", "Min", least, "Max", most))
	}
}
