package db

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/teiki-commerce/teiki/internal/core/store"
)

// SettingsGroup names one of a store's settings documents.
type SettingsGroup string

// The groups, one field of store.Settings each.
const (
	SettingsProfile  SettingsGroup = "profile"
	SettingsDelivery SettingsGroup = "delivery"
	SettingsTax      SettingsGroup = "tax"
	SettingsPayment  SettingsGroup = "payment"
	SettingsMail     SettingsGroup = "mail"
	SettingsLegal    SettingsGroup = "legal"
)

type settingsRow struct {
	bun.BaseModel `bun:"table:settings"`

	StoreID   int64
	Grp       SettingsGroup
	Doc       string
	Version   int64
	UpdatedAt instant
}

// Settings reads all documents of a store in one query. A group that was never
// saved is its zero value.
func Settings(ctx context.Context, c Conn, storeID int64) (store.Settings, error) {
	rows, err := rowsOf[settingsRow](ctx, c, "WHERE store_id = ?", storeID)
	if err != nil {
		return store.Settings{}, doing("read settings", err)
	}
	var settings store.Settings
	for _, row := range rows {
		target, err := settingsField(&settings, row.Grp)
		if err != nil {
			return store.Settings{}, fmt.Errorf("read settings: %w", err)
		}
		if err := json.Unmarshal([]byte(row.Doc), target); err != nil {
			return store.Settings{}, fmt.Errorf("read settings %q: %w", row.Grp, err)
		}
	}
	return settings, nil
}

// SettingsVersion reads the version that the next SaveSettings of the group
// expects: 0 where the group was never saved.
func SettingsVersion(ctx context.Context, c Conn, storeID int64, group SettingsGroup) (int64, error) {
	rows, err := selectInto[settingsRow](ctx, c, "SELECT version FROM settings WHERE store_id = ? AND grp = ?", storeID, group)
	if err != nil || len(rows) == 0 {
		return 0, doing("read version of settings", err)
	}
	return rows[0].Version, nil
}

// SaveSettings replaces one document. expectedVersion is the one the caller
// read, 0 for the first; ErrStale where somebody saved meanwhile. A document
// that is not the group's type is refused.
func SaveSettings(ctx context.Context, tx Tx, storeID int64, group SettingsGroup, document any,
	expectedVersion int64, now time.Time,
) error {
	tx.touchShop()
	text, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("save settings %q: %w", group, err)
	}
	if err := fitsGroup(group, text); err != nil {
		return fmt.Errorf("save settings %q: %w", group, err)
	}
	if expectedVersion == 0 {
		row := settingsRow{StoreID: storeID, Grp: group, Doc: string(text), Version: 1, UpdatedAt: at(now)}
		n, err := insertOr(ctx, tx, []settingsRow{row}, "ON CONFLICT (store_id, grp) DO NOTHING")
		if err == nil && n == 0 {
			err = ErrStale
		}
		return doing("save settings", err)
	}
	result, err := tx.ExecContext(ctx, `UPDATE settings SET doc = ?, updated_at = ?, version = version + 1
		WHERE store_id = ? AND grp = ? AND version = ?`, string(text), at(now), storeID, group, expectedVersion)
	return hit(result, err, ErrStale, "save settings")
}

// settingsField is where a group stands in the settings.
func settingsField(s *store.Settings, group SettingsGroup) (any, error) {
	switch group {
	case SettingsProfile:
		return &s.Profile, nil
	case SettingsDelivery:
		return &s.Delivery, nil
	case SettingsTax:
		return &s.Tax, nil
	case SettingsPayment:
		return &s.Payment, nil
	case SettingsMail:
		return &s.Mail, nil
	case SettingsLegal:
		return &s.Legal, nil
	default:
		return nil, fmt.Errorf("no settings group %q", group)
	}
}

// fitsGroup decodes strictly: a document saved under the wrong group would read
// back as an empty one.
func fitsGroup(group SettingsGroup, text []byte) error {
	var settings store.Settings
	target, err := settingsField(&settings, group)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(target)
}
