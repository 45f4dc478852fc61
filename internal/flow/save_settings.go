package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
)

// SaveSettings is one of a store's documents as staff want it: that of the group
// in Settings, in the version in which it was shown.
type SaveSettings struct {
	StoreID  int64
	Actor    audit.Actor
	Group    db.SettingsGroup
	Version  int64
	Settings store.Settings
}

// SaveSettings keeps one document: profile, legal, delivery or payment. Faults
// carry the path of their field; of an open store nothing can be taken away that
// it could not open without. Conflict where somebody saved meanwhile.
//
// Deadlines that are planned already stay as they were shown. Where ways of shipping
// or of paying have changed, the engine quotes what is planned anew (Requote).
func (f *Flow) SaveSettings(ctx context.Context, in SaveSettings) error {
	return stale(f.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		shop, err := f.Shop(ctx, tx, in.StoreID)
		if err != nil {
			return err
		}
		next, before, after, faults, err := withGroup(shop.Settings, in.Settings, in.Group)
		if err != nil {
			return err
		}
		if shop.Open {
			lacked := shop.Missing()
			faults = append(faults, wanting(slices.DeleteFunc(next.Missing(), func(field store.Field) bool {
				return slices.Contains(lacked, field)
			}))...)
		}
		if err := faults.Err(); err != nil {
			return err
		}
		changes, err := settingsChanges(in.Group, before, after)
		if err != nil || len(changes) == 0 {
			return err
		}
		if err := db.SaveSettings(ctx, tx, in.StoreID, in.Group, after, in.Version, f.Now()); err != nil {
			return err
		}
		if in.Group == db.SettingsDelivery || in.Group == db.SettingsPayment {
			if err := db.AskRequote(ctx, tx, in.StoreID, f.NewID(), f.Now().Add(settlesAfter)); err != nil {
				return err
			}
		}
		return db.WriteAudit(ctx, tx, in.StoreID, []audit.Line{
			f.line(in.Actor, "store.settings", "store", shop.NounID(), f.Now(), changes),
		})
	}))
}

// withGroup puts a group's document, as it is stored, into the settings and
// checks it. before and after are the documents themselves.
func withGroup(s, wanted store.Settings, group db.SettingsGroup) (next store.Settings, before, after any, faults fault.List, err error) {
	next = s
	switch group {
	case db.SettingsProfile:
		before, next.Profile = s.Profile, wanted.Profile.Normalize()
		return next, before, next.Profile, next.Profile.Validate(), nil
	case db.SettingsLegal:
		before, next.Legal = s.Legal, wanted.Legal.Normalize()
		return next, before, next.Legal, next.Legal.Validate(), nil
	case db.SettingsDelivery:
		before, next.Delivery = s.Delivery, wanted.Delivery
		return next, before, next.Delivery, next.Delivery.Validate(), nil
	case db.SettingsPayment:
		before, next.Payment = s.Payment, wanted.Payment
		return next, before, next.Payment, next.Payment.Validate(), nil
	case db.SettingsTax, db.SettingsMail:
	}
	return next, nil, nil, nil, fmt.Errorf("settings %q are not edited by staff", group)
}

// settingsChanges are the fields in which two states of a document differ, by
// their paths in it: "profile.names.en", "delivery.methods.0.zones.1.fee".
func settingsChanges(group db.SettingsGroup, before, after any) (map[string]audit.Change, error) {
	was, err := flat(group, before)
	if err != nil {
		return nil, err
	}
	is, err := flat(group, after)
	if err != nil {
		return nil, err
	}
	changes := map[string]audit.Change{}
	for field, value := range is {
		if was[field] != value {
			changes[field] = audit.Change{Before: shorten(was[field]), After: shorten(value)}
		}
	}
	for field, value := range was {
		if _, still := is[field]; !still {
			changes[field] = audit.Change{Before: shorten(value)}
		}
	}
	return changes, nil
}

// flat is a document as its stored form has it, a line for each value that is
// not empty.
func flat(group db.SettingsGroup, document any) (map[string]string, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("compare settings %q: %w", group, err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("compare settings %q: %w", group, err)
	}
	fields := map[string]string{}
	flatten(fields, string(group), tree)
	return fields, nil
}

func flatten(fields map[string]string, path string, node any) {
	switch n := node.(type) {
	case map[string]any:
		for name, child := range n {
			flatten(fields, path+"."+name, child)
		}
	case []any:
		for i, child := range n {
			flatten(fields, path+"."+strconv.Itoa(i), child)
		}
	case string:
		if n != "" {
			fields[path] = n
		}
	case float64:
		fields[path] = strconv.FormatFloat(n, 'f', -1, 64)
	case bool:
		fields[path] = yesNo(n)
	}
}
