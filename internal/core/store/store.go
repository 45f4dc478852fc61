// Package store holds a merchant's shop (ショップ) and its settings documents.
package store

import (
	"encoding/binary"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Store is one merchant's shop. ID is small and stands first in every key.
type Store struct {
	ID       int64
	Slug     string
	Currency money.Currency // base currency
	Zone     string         // IANA name; dates are civil dates in it
	Open     bool
	Demo     bool
	Version  int64
}

// Location loads the store's time zone; an unknown one is refused at saving, so
// that only a damaged installation falls back to UTC.
func (s Store) Location() *time.Location {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Settings are a store's documents, one versioned document per group.
type Settings struct {
	Profile  Profile
	Delivery Delivery
	Tax      tax.Rules
	Payment  Payment
	Mail     Mail
	Legal    Legal
}

// NounID names the store in the audit trail, whose nouns have ids of 16 bytes.
func (s Store) NounID() ident.ID {
	var id ident.ID
	binary.BigEndian.PutUint64(id[8:], uint64(s.ID)) // ids count up from 1
	return id
}

// Profile is who the shop is, as its pages, mails and documents say.
type Profile struct {
	Names        map[string]string `json:"names"` // shop name by language
	LegalName    string            `json:"legal_name"`
	Manager      string            `json:"manager"`
	Address      place.Address     `json:"address"`
	Phone        string            `json:"phone"`
	PhoneHours   map[string]string `json:"phone_hours"`
	Mail         string            `json:"mail"`
	Announcement map[string]string `json:"announcement"`
	Returns      map[string]string `json:"returns"` // 返品特約
	BaseURL      string            `json:"base_url"`
}

// Name of the shop in a language.
func (p Profile) Name(lang string) string { return In(p.Names, lang) }

// In picks a text by language, falling back to Japanese.
func In(texts map[string]string, lang string) string {
	if t := texts[lang]; t != "" {
		return t
	}
	return texts["ja"]
}

// Delivery is when and how the store ships.
type Delivery struct {
	Shipping        calendar.Shipping `json:"shipping"`
	PreparationDays int               `json:"preparation_days"`
	CutOffMinutes   int               `json:"cut_off_minutes"` // 1440 = 24:00
	Methods         []shipping.Method `json:"methods"`
}

// Method finds a shipping method by code.
func (d Delivery) Method(code string) (shipping.Method, bool) {
	for _, m := range d.Methods {
		if m.Code == code {
			return m, true
		}
	}
	return shipping.Method{}, false
}

// Payment is how the store is paid.
type Payment struct {
	Card        bool               `json:"card"`
	COD         bool               `json:"cod"`
	CODTiers    []shipping.CODTier `json:"cod_tiers"`
	CODTaxClass tax.Class          `json:"cod_tax_class"`
	GatewayURL  string             `json:"gateway_url"` // empty: Stripe's own
	RetryDays   []int              `json:"retry_days"`  // days after the first failure
}

// Mail is who the store's mails come from and the server they go out by. The
// server's password is a secret of the store. TLS is none, starttls or tls.
type Mail struct {
	FromName    string `json:"from_name"`
	FromAddress string `json:"from_address"`
	Host        string `json:"host"`
	Port        int    `json:"port"`
	User        string `json:"user,omitempty"`
	TLS         string `json:"tls"`
}

// Terms are the calendar's terms for a plan's grace days and a zone's transit.
func (s Settings) Terms(zone *time.Location, graceDays, transitDays int) calendar.Terms {
	return calendar.Terms{
		GraceDays: graceDays, TransitDays: transitDays,
		PreparationDays: s.Delivery.PreparationDays, CutOffMinutes: s.Delivery.CutOffMinutes,
		Zone: zone, Shipping: s.Delivery.Shipping,
	}
}
