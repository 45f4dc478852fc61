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
	var rows []settingsRow
	if err := c.conn().NewSelect().Model(&rows).Where("store_id = ?", storeID).Scan(ctx); err != nil {
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
	var versions []int64
	err := c.conn().NewSelect().Model((*settingsRow)(nil)).Column("version").
		Where("store_id = ?", storeID).Where("grp = ?", group).Scan(ctx, &versions)
	if err != nil || len(versions) == 0 {
		return 0, doing("read version of settings", err)
	}
	return versions[0], nil
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
		result, err := tx.NewInsert().Model(&row).On("CONFLICT (store_id, grp) DO NOTHING").Exec(ctx)
		return hit(result, err, ErrStale, "save settings")
	}
	result, err := tx.NewUpdate().Model((*settingsRow)(nil)).
		Set("doc = ?", string(text)).Set("updated_at = ?", at(now)).Set("version = version + 1").
		Where("store_id = ?", storeID).Where("grp = ?", group).Where("version = ?", expectedVersion).
		Exec(ctx)
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
