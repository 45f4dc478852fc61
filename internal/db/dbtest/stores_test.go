package dbtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
)

func TestStoreAnswersAtItsHostsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if diff := cmp.Diff([]store.Store{fixture.Shop(1), fixture.Shop(2)}, must(db.Stores(ctx, d))(t)); diff != "" {
			t.Error(diff)
		}
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return errors.Join(
				db.AddHost(ctx, tx, 1, "shop.hibari.example"),
				db.AddHost(ctx, tx, 2, "Other.Example"),
			)
		})
		for host, id := range map[string]int64{"SHOP.hibari.example": 1, "other.example": 2} {
			if got := must(db.StoreByHost(ctx, d, host))(t); got.ID != id {
				t.Errorf("%s is store %d, want %d", host, got.ID, id)
			}
		}
		if _, err := db.StoreByHost(ctx, d, "hibari.example"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unknown host: %v, want ErrNotFound", err)
		}
		if _, err := db.Store(ctx, d, 3); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("store 3: %v, want ErrNotFound", err)
		}
		err := try(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.AddHost(ctx, tx, 2, "shop.hibari.example")
		})
		if !db.IsUnique(err) {
			t.Errorf("a host twice: %v, want a unique violation", err)
		}
	})
}

func TestSettingsReadBackAsSavedInTheirStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		_, want := fixture.Store(t, d, 1)
		if diff := cmp.Diff(want, must(db.Settings(ctx, d, 1))(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(store.Settings{}, must(db.Settings(ctx, d, 2))(t)); diff != "" {
			t.Errorf("store 2: %s", diff)
		}
		fixture.Store(t, d, 2)
		write(t, d, func(ctx context.Context, tx db.Tx) error {
			return db.SaveSettings(ctx, tx, 1, db.SettingsMail, store.Mail{FromName: "新しい名"}, 1, fixture.Start)
		})
		if got := must(db.Settings(ctx, d, 1))(t).Mail.FromName; got != "新しい名" {
			t.Errorf("store 1 has %q", got)
		}
		if diff := cmp.Diff(want, must(db.Settings(ctx, d, 2))(t)); diff != "" {
			t.Errorf("store 2: %s", diff)
		}
	})
}

func TestSettingsOfAnOldVersionOrTheWrongGroupAreRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fixture.Store(t, d, 1)
		save := func(group db.SettingsGroup, document any, version int64) error {
			return try(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.SaveSettings(ctx, tx, 1, group, document, version, fixture.Start)
			})
		}
		if err := save(db.SettingsMail, store.Mail{}, 0); !errors.Is(err, db.ErrStale) {
			t.Errorf("a first save of what is there: %v, want ErrStale", err)
		}
		if err := save(db.SettingsMail, store.Mail{}, 1); err != nil {
			t.Error(err)
		}
		if err := save(db.SettingsMail, store.Mail{}, 1); !errors.Is(err, db.ErrStale) {
			t.Errorf("version 1 again: %v, want ErrStale", err)
		}
		if got := must(db.SettingsVersion(t.Context(), d, 1, db.SettingsMail))(t); got != 2 {
			t.Errorf("version %d, want 2", got)
		}
		if err := save(db.SettingsMail, store.Payment{}, 2); err == nil {
			t.Error("a payment document was saved as mail")
		}
		if err := save("colours", store.Mail{}, 0); err == nil {
			t.Error("an unknown group was saved")
		}
	})
}

func TestSecretsStayInTheirStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put := func(storeID int64, sealed string) {
			write(t, d, func(ctx context.Context, tx db.Tx) error {
				return db.PutSecret(ctx, tx, storeID, "stripe", []byte(sealed), fixture.Start)
			})
		}
		put(1, "old\x00")
		put(2, "two\xff")
		put(1, "one\x00\xfe")
		for id, want := range map[int64]string{1: "one\x00\xfe", 2: "two\xff"} {
			if got := must(db.Secret(t.Context(), d, id, "stripe"))(t); string(got) != want {
				t.Errorf("store %d has %q, want %q", id, got, want)
			}
		}
		if _, err := db.Secret(t.Context(), d, 1, "smtp"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no such secret: %v, want ErrNotFound", err)
		}
	})
}
