package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/redirect"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

const settingsPath = "/admin/settings"

// settingsHistory is the tab without a document.
const settingsHistory = "history"

// settingsTabs are the documents that staff edit, in their order.
var settingsTabs = []db.SettingsGroup{db.SettingsProfile, db.SettingsLegal, db.SettingsDelivery, db.SettingsPayment}

// settingsDesk is a tab of the settings with the form in which it is changed.
type settingsDesk struct {
	v       *visit
	tab     string
	stored  store.Settings
	form    url.Values
	faults  fault.List
	version int64
}

// Settings shows a tab of the shop's settings.
func (h *Handlers) Settings(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	d, err := v.settingsDesk(r.FormValue("tab"))
	if err != nil {
		return err
	}
	d.form = d.filled(d.stored)
	return d.show(w, r, http.StatusOK)
}

// SaveSettings keeps a tab, or fills the empty texts of it with the sample ones
// for staff to adapt, which saves nothing.
func (h *Handlers) SaveSettings(w http.ResponseWriter, r *http.Request) error {
	v := h.enter(r)
	d, err := v.settingsDesk(r.PostFormValue("tab"))
	if err != nil {
		return err
	}
	if d.tab == settingsHistory {
		return fault.New(fault.Invalid, "fault.invalid")
	}
	d.form = r.PostForm
	if d.form.Get("do") == "sample" {
		d.fillSamples()
		return d.show(w, r, http.StatusOK)
	}
	wanted := d.read()
	if len(d.faults) > 0 {
		return d.show(w, r, http.StatusUnprocessableEntity)
	}
	// none is never the version of a document that was shown
	version, err := strconv.ParseInt(d.form.Get("version"), 10, 64)
	if err != nil {
		version = -1
	}
	err = h.Flow.SaveSettings(v.ctx, flow.SaveSettings{
		StoreID: v.shop.ID, Actor: reqctx.Actor(v.ctx), Group: db.SettingsGroup(d.tab), Version: version, Settings: wanted,
	})
	switch d.faults = fault.All(err); {
	case err == nil:
		session.AddFlash(v.ctx, "ok", v.words.T("settings.saved"))
		return redirect.To(w, r, settingsTab(d.tab))
	case fault.Is(err, fault.Conflict):
		return d.show(w, r, http.StatusConflict)
	case fault.Is(err, fault.Invalid):
		return d.show(w, r, http.StatusUnprocessableEntity)
	}
	return err
}

// OpenStore lets shoppers in, or lists what is missing for that.
func (h *Handlers) OpenStore(w http.ResponseWriter, r *http.Request) error {
	return h.turnStore(w, r, h.Flow.OpenStore, "settings.opened")
}

// CloseStore shows shoppers that the shop prepares.
func (h *Handlers) CloseStore(w http.ResponseWriter, r *http.Request) error {
	return h.turnStore(w, r, h.Flow.CloseStore, "settings.closed")
}

func (h *Handlers) turnStore(w http.ResponseWriter, r *http.Request, turn func(context.Context, flow.TurnStore) error, done string) error {
	v := h.enter(r)
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		version = 0 // of no store
	}
	err = turn(v.ctx, flow.TurnStore{StoreID: v.shop.ID, Actor: reqctx.Actor(v.ctx), Version: version})
	if err == nil {
		session.AddFlash(v.ctx, "ok", v.words.T(done))
		return redirect.To(w, r, settingsPath)
	}
	status := http.StatusUnprocessableEntity
	if fault.Is(err, fault.Conflict) {
		status = http.StatusConflict
	} else if !fault.Is(err, fault.Invalid) {
		return err
	}
	d, failed := v.settingsDesk("")
	if failed != nil {
		return failed
	}
	d.form, d.faults = d.filled(d.stored), fault.All(err)
	return d.show(w, r, status)
}

// settingsDesk reads the version before the document: somebody who saves in
// between makes the form stale, never overwritten.
func (v *visit) settingsDesk(wanted string) (*settingsDesk, error) {
	d := &settingsDesk{v: v, tab: string(db.SettingsProfile)}
	if wanted == settingsHistory || slices.Contains(settingsTabs, db.SettingsGroup(wanted)) {
		d.tab = wanted
	}
	var err error
	if d.version, err = db.SettingsVersion(v.ctx, v.db(), v.shop.ID, db.SettingsGroup(d.tab)); err != nil {
		return nil, err
	}
	d.stored, err = db.Settings(v.ctx, v.db(), v.shop.ID)
	return d, err
}

func settingsTab(tab string) string { return settingsPath + "?tab=" + tab }

// settingsInput is where a setting is edited.
func settingsInput(f store.Field) string {
	group, _, _ := strings.Cut(string(f), ".")
	return settingsTab(group) + "#" + string(f)
}

func (d *settingsDesk) show(w http.ResponseWriter, r *http.Request, status int) error {
	v := d.v
	b, err := v.base(r, v.words.T("settings.title"))
	if err != nil {
		return err
	}
	p := SettingsPage{
		Base: b, Tab: d.tab, Version: d.form.Get("version"), Open: v.shop.Open, StoreVersion: v.shop.Version,
		State: Tag{Text: v.words.T("settings.state.closed"), Tone: toneWarn},
	}
	if v.shop.Open {
		p.State = Tag{Text: v.words.T("settings.state.open"), Tone: toneOK}
	}
	for _, field := range d.stored.Missing() {
		p.Missing = append(p.Missing, Link{Text: v.settingField(string(field)), Path: settingsInput(field)})
	}
	for _, tab := range append(slices.Clone(settingsTabs), settingsHistory) {
		p.Tabs = append(p.Tabs, Tab{
			Text: v.words.T("settings.tab." + string(tab)), Path: settingsTab(string(tab)), Current: string(tab) == d.tab,
		})
	}
	faults := frame.FaultsOf(v.words, d.faults, nil, d.inputLabel)
	for _, line := range faults.Summary() {
		p.Errors = append(p.Errors, page.FieldError{ID: d.inputOf(line.ID), Text: line.Text})
	}
	in := settingsForm{d: d, faults: faults}
	switch d.tab {
	case string(db.SettingsProfile):
		p.Profile = in.profile()
	case string(db.SettingsLegal):
		p.Legal = in.legal()
	case string(db.SettingsDelivery):
		p.Delivery = in.delivery()
	case string(db.SettingsPayment):
		p.Payment = in.payment()
	default:
		if p.Audit, err = v.trail([]ident.ID{v.shop.NounID()}); err != nil {
			return err
		}
	}
	return v.show(w, status, "settings", p)
}

// inputOf is where an input is found, on this tab or another; nothing where a
// fault concerns none.
func (d *settingsDesk) inputOf(path string) string {
	group, _, _ := strings.Cut(path, ".")
	switch group {
	case "":
		return ""
	case d.tab:
		return "#" + path
	default:
		return settingsInput(store.Field(path))
	}
}

// inputLabel is what an input is called, with the row that it stands in:
// "delivery.methods.0.zones.1.fee" is 送料・大阪府、京都府ほか.
func (d *settingsDesk) inputLabel(path string) string {
	if path == "" {
		return ""
	}
	words, label := d.v.words, d.v.settingField(path)
	parts := strings.Split(path, ".")
	numbers := make([]int, 0, len(parts))
	for _, part := range parts {
		if n, err := strconv.Atoi(part); err == nil {
			numbers = append(numbers, n)
		}
	}
	methods := d.stored.Delivery.Methods
	switch {
	case len(numbers) == 1:
		return words.T("product.row", "Label", label, "N", numbers[0]+1)
	case len(numbers) == 2 && numbers[0] < len(methods) && numbers[1] < len(methods[numbers[0]].Zones):
		return words.T("console.product.field_of", "Field", label, "Of", d.v.zone(methods[numbers[0]].Zones[numbers[1]]))
	}
	return label
}

// settingField names a path in the settings: "profile.names.en" is
// ショップ名・English, "delivery.methods.0.zones.1.fee" 送料.
func (v *visit) settingField(path string) string {
	var named []string
	of := ""
	for _, part := range strings.Split(path, ".") {
		if _, err := strconv.Atoi(part); err == nil {
			continue
		}
		if lang, known := i18n.Parse(part); known {
			of = v.h.Catalog.For(lang).T("common.lang")
			continue
		}
		named = append(named, part)
	}
	key := "settings.field." + strings.Join(named, ".")
	if !v.words.Has(key) {
		return path
	}
	if of == "" {
		return v.words.T(key)
	}
	return v.words.T("console.product.field_of", "Field", v.words.T(key), "Of", of)
}

// settingValue words a value of the trail.
func (v *visit) settingValue(field, value string) string {
	switch {
	case value == "yes" || value == "no":
		return v.words.T("settings.is." + value)
	case field == string(store.FieldRegion):
		return v.words.Region(v.shop.Profile.Address.Country, value)
	case strings.HasPrefix(field, "delivery.shipping.closed_weekdays"):
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < len(v.words.Weekdays()) {
			return v.words.Weekdays()[n]
		}
	}
	return value
}
