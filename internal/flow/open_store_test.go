package flow_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// verbsOf is what happened to the store itself, the oldest first.
func verbsOf(t *testing.T, w *thread.World, shop flow.Shop) []string {
	t.Helper()
	list, err := db.AuditTrail(t.Context(), w.DB, shop.ID, []ident.ID{shop.NounID()}, 50)
	if err != nil {
		t.Fatal(err)
	}
	var verbs []string
	for _, l := range slices.Backward(list) {
		verbs = append(verbs, l.Verb)
	}
	return verbs
}

func shopOf(t *testing.T, w *thread.World) flow.Shop {
	t.Helper()
	shop, err := w.Flow.Shop(t.Context(), w.DB, thread.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

// savedGroup saves a group of the thread's store as change leaves the settings.
func savedGroup(t *testing.T, w *thread.World, group db.SettingsGroup, change func(*store.Settings)) error {
	t.Helper()
	version, err := db.SettingsVersion(t.Context(), w.DB, thread.StoreID, group)
	if err != nil {
		t.Fatal(err)
	}
	wanted := shopOf(t, w).Settings
	change(&wanted)
	return w.Flow.SaveSettings(t.Context(), flow.SaveSettings{
		StoreID: thread.StoreID, Actor: merchandiser, Group: group, Version: version, Settings: wanted,
	})
}

func turn(t *testing.T, w *thread.World) flow.TurnStore {
	t.Helper()
	return flow.TurnStore{StoreID: thread.StoreID, Actor: merchandiser, Version: shopOf(t, w).Version}
}

func TestAStoreOpensOnlyWhenNothingIsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		if err := w.Flow.CloseStore(t.Context(), turn(t, w)); err != nil {
			t.Fatalf("close: %v", err)
		}
		if err := savedGroup(t, w, db.SettingsLegal, func(s *store.Settings) { s.Legal.Terms = nil }); err != nil {
			t.Fatalf("take the terms out of a closed store: %v", err)
		}
		if err := savedGroup(t, w, db.SettingsProfile, func(s *store.Settings) { s.Profile.Manager = " " }); err != nil {
			t.Fatalf("take the manager out of a closed store: %v", err)
		}
		err := w.Flow.OpenStore(t.Context(), turn(t, w))
		want := map[string]string{"profile.manager": "fault.store.missing", "legal.terms.ja": "fault.store.missing"}
		if diff := cmp.Diff(want, fields(err)); diff != "" {
			t.Errorf("opened without them (-want +got):\n%s", diff)
		}
		if shopOf(t, w).Open {
			t.Fatal("the store is open")
		}
		legal := flow.SampleLegal(w.Flow.Texts)
		if err := savedGroup(t, w, db.SettingsLegal, func(s *store.Settings) { s.Legal = legal }); err != nil {
			t.Fatalf("save the terms: %v", err)
		}
		if err := savedGroup(t, w, db.SettingsProfile, func(s *store.Settings) { s.Profile.Manager = "雲雀 奏" }); err != nil {
			t.Fatalf("save the manager: %v", err)
		}
		stale := turn(t, w)
		if err := w.Flow.OpenStore(t.Context(), stale); err != nil {
			t.Fatalf("open: %v", err)
		}
		if !shopOf(t, w).Open {
			t.Fatal("the store is not open")
		}
		if err := w.Flow.CloseStore(t.Context(), stale); !fault.Is(err, fault.Conflict) {
			t.Errorf("closed from an old page: %v", err)
		}
		wantVerbs := []string{"store.closed", "store.settings", "store.settings", "store.settings", "store.settings", "store.opened"}
		if diff := cmp.Diff(wantVerbs, verbsOf(t, w, shopOf(t, w))); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
	})
}

func TestNothingThatAnOpenStoreNeedsCanBeTakenAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		for field, c := range map[string]struct {
			group db.SettingsGroup
			take  func(*store.Settings)
		}{
			"profile.returns.ja": {db.SettingsProfile, func(s *store.Settings) { s.Profile.Returns = nil }},
			"legal.privacy.ja":   {db.SettingsLegal, func(s *store.Settings) { s.Legal.Privacy = map[string]string{"en": "Privacy"} }},
			"delivery.methods":   {db.SettingsDelivery, func(s *store.Settings) { s.Delivery.Methods = nil }},
			"payment.card":       {db.SettingsPayment, func(s *store.Settings) { s.Payment.Card, s.Payment.COD = false, false }},
		} {
			err := savedGroup(t, w, c.group, c.take)
			if diff := cmp.Diff(map[string]string{field: "fault.store.missing"}, fields(err)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", field, diff)
			}
		}
		if missing := shopOf(t, w).Missing(); len(missing) != 0 {
			t.Errorf("the open store lacks %v", missing)
		}
	})
}

func TestSettingsAreKeptOnceWithWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		before := shopOf(t, w)
		change := func(s *store.Settings) {
			s.Profile.Names = map[string]string{"ja": "ひばり珈琲", "en": "Lark Coffee"}
			s.Profile.Phone = "０３－１１１１－１１１１"
		}
		old := flow.SaveSettings{StoreID: thread.StoreID, Actor: merchandiser, Group: db.SettingsProfile, Settings: before.Settings}
		var err error
		if old.Version, err = db.SettingsVersion(t.Context(), d, thread.StoreID, db.SettingsProfile); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to change
			if err := savedGroup(t, w, db.SettingsProfile, change); err != nil {
				t.Fatalf("save: %v", err)
			}
		}
		list, err := db.AuditTrail(t.Context(), d, thread.StoreID, []ident.ID{before.NounID()}, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d lines in the trail, %v", len(list), err)
		}
		want := map[string]audit.Change{
			"profile.names.en": {Before: "Hibari Coffee", After: "Lark Coffee"},
			"profile.phone":    {Before: "03-0000-0000", After: "03-1111-1111"},
		}
		if diff := cmp.Diff(want, list[0].Changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		old.Settings.Profile.Manager = "別の人"
		if err := w.Flow.SaveSettings(t.Context(), old); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old form overwrote a newer one: %v", err)
		}
		if other, err := db.Settings(t.Context(), d, 2); err != nil || other.Profile.Phone == "03-1111-1111" {
			t.Errorf("the other store has %s, %v", other.Profile.Phone, err)
		}
	})
}

func TestAClosedStoreTakesNoOrderAndKeepsItsSubscriptions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := thread.New(t, d, 20)
		subscriber, shopper := w.Shopper(t, "hana@example.jp"), w.Shopper(t, "taro@example.jp")
		subscriber.Place(t, subscriber.Order(t, subscriber.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
		order := shopper.Order(t, shopper.Fill(t, 1, thread.Monthly, pricing.MethodCOD))
		if err := w.Flow.CloseStore(t.Context(), turn(t, w)); err != nil {
			t.Fatalf("close: %v", err)
		}
		if _, err := w.Flow.PlaceOrder(t.Context(), order); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a closed store took an order: %v", err)
		}
		w.AdvanceTo(t, subscriber.Deadline(t))
		if n := len(subscriber.Orders(t)); n != 2 {
			t.Errorf("%d orders of who had subscribed, want the second box too", n)
		}
		w.Sound(t)
	})
}

func TestTheSampleTextsAreThereInEveryLanguage(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	l := flow.SampleLegal(texts)
	for name, of := range map[string]map[string]string{"terms": l.Terms, "privacy": l.Privacy, "guide": l.Guide} {
		for _, lang := range i18n.Langs {
			if sections := store.Sections(of[string(lang)]); len(sections) < 4 {
				t.Errorf("%s in %s has %d sections", name, lang, len(sections))
			}
		}
		if !slices.Equal(slices.Sorted(maps.Keys(of)), []string{"en", "ja", "zh-Hans", "zh-Hant"}) {
			t.Errorf("%s in %v", name, slices.Sorted(maps.Keys(of)))
		}
	}
	if faults := l.Validate(); len(faults) > 0 {
		t.Errorf("the sample texts are refused: %v", faults)
	}
}
