package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
)

// complete may open.
func complete() Settings {
	ja := func(text string) map[string]string { return map[string]string{"ja": text} }
	return Settings{
		Profile: Profile{
			Names: ja("ひばり珈琲"), LegalName: "株式会社ひばり珈琲", Manager: "雲雀 奏", Phone: "03-0000-0000", Mail: "shop@hibari.example",
			Address: place.Address{Country: "JP", Postcode: "111-0032", Region: "JP-13", City: "台東区", Street: "浅草1-2-3"},
			Returns: ja("8日以内にご連絡ください。"),
		},
		Legal:    Legal{Terms: ja("規約"), Privacy: ja("方針"), Guide: ja("ご案内")},
		Delivery: Delivery{CutOffMinutes: 1440, Methods: []shipping.Method{{Code: "parcel", Zones: []shipping.Zone{{Country: "JP"}}}}},
		Payment:  Payment{COD: true, CODTiers: []shipping.CODTier{{Ceiling: 10_000, Fee: 330}}},
	}
}

func TestAStoreOpensOnlyWithAllThatTheLawAsksFor(t *testing.T) {
	if missing := complete().Missing(); len(missing) != 0 {
		t.Fatalf("a complete store lacks %v", missing)
	}
	for want, spoil := range map[Field]func(*Settings){
		FieldName:     func(s *Settings) { s.Profile.Names = map[string]string{"en": "Hibari"} },
		FieldSeller:   func(s *Settings) { s.Profile.LegalName = "" },
		FieldManager:  func(s *Settings) { s.Profile.Manager = "" },
		FieldPostcode: func(s *Settings) { s.Profile.Address.Postcode = "" },
		FieldRegion:   func(s *Settings) { s.Profile.Address.Region = "" },
		FieldCity:     func(s *Settings) { s.Profile.Address.City = "" },
		FieldStreet:   func(s *Settings) { s.Profile.Address.Street = "" },
		FieldPhone:    func(s *Settings) { s.Profile.Phone = "" },
		FieldMail:     func(s *Settings) { s.Profile.Mail = "" },
		FieldReturns:  func(s *Settings) { s.Profile.Returns = nil },
		FieldTerms:    func(s *Settings) { s.Legal.Terms = map[string]string{"zh-Hans": "条款"} },
		FieldPrivacy:  func(s *Settings) { s.Legal.Privacy = nil },
		FieldGuide:    func(s *Settings) { s.Legal.Guide = nil },
		FieldMethods:  func(s *Settings) { s.Delivery.Methods[0].Zones = nil },
		FieldPayment:  func(s *Settings) { s.Payment.COD = false },
		FieldCODTiers: func(s *Settings) { s.Payment.CODTiers = nil },
	} {
		s := complete()
		spoil(&s)
		if diff := cmp.Diff([]Field{want}, s.Missing()); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", want, diff)
		}
	}
}

func TestTextsAreReadAsHeadingsAndParagraphs(t *testing.T) {
	typed := "はじめに\r\n\r\n■ ご注文\nカートに入れます。\n確定します。\n\n\n次の段落。\n# Payment\nBy card.\n#1 coffee\n■\n<script>alert(1)</script>"
	want := []Section{
		{Paragraphs: []string{"はじめに"}},
		{Heading: "ご注文", Paragraphs: []string{"カートに入れます。\n確定します。", "次の段落。"}},
		{Heading: "Payment", Paragraphs: []string{"By card.\n#1 coffee\n■\n<script>alert(1)</script>"}},
	}
	if diff := cmp.Diff(want, Sections(typed)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Sections(" \n\n　\n"); got != nil {
		t.Errorf("an empty text has %v", got)
	}
}

func TestWhatIsFilledInWrongIsSaidBesideItsField(t *testing.T) {
	for want, spoil := range map[string]func(*Settings){
		"profile.names.en":                        func(s *Settings) { s.Profile.Names["en"] = strings.Repeat("a", MaxName+1) },
		"profile.manager":                         func(s *Settings) { s.Profile.Manager = "雲雀\x00奏" },
		"profile.address.postcode":                func(s *Settings) { s.Profile.Address.Postcode = "12" },
		"profile.address.region":                  func(s *Settings) { s.Profile.Address.Region = "JP-99" },
		"profile.phone":                           func(s *Settings) { s.Profile.Phone = "12" },
		"profile.mail":                            func(s *Settings) { s.Profile.Mail = "shop" },
		"profile.returns.ja":                      func(s *Settings) { s.Profile.Returns["ja"] = strings.Repeat("あ", MaxReturns+1) },
		"legal.guide.ja":                          func(s *Settings) { s.Legal.Guide["ja"] = strings.Repeat("あ", MaxText+1) },
		"delivery.preparation_days":               func(s *Settings) { s.Delivery.PreparationDays = MaxPreparation + 1 },
		"delivery.cut_off_minutes":                func(s *Settings) { s.Delivery.CutOffMinutes = 0 },
		"delivery.closed_weekdays":                func(s *Settings) { s.Delivery.Shipping.ClosedWeekdays = make([]time.Weekday, 7) },
		"delivery.methods.0.zones.0.transit_days": func(s *Settings) { s.Delivery.Methods[0].Zones[0].TransitDays = -1 },
		"delivery.methods.0.zones.0.fee":          func(s *Settings) { s.Delivery.Methods[0].Zones[0].Fee = -1 },
		"payment.cod_tiers.1.ceiling": func(s *Settings) {
			s.Payment.CODTiers = append(s.Payment.CODTiers, shipping.CODTier{Ceiling: 10_000, Fee: 440})
		},
		"payment.cod_tiers.0.fee": func(s *Settings) { s.Payment.CODTiers[0].Fee = 10_000 },
	} {
		s := complete()
		if faults := all(s); len(faults) != 0 {
			t.Fatalf("a complete store: %v", faults)
		}
		spoil(&s)
		if got := fmt.Sprint(all(s)); got != fmt.Sprint([]string{want}) {
			t.Errorf("faults at %s, want %s", got, want)
		}
	}
}

func TestAnEmptyProfileCanBeKept(t *testing.T) {
	if faults := (Profile{Address: place.Address{Country: "JP"}}).Validate(); len(faults) != 0 {
		t.Errorf("refused: %v", faults)
	}
}

func TestAProfileIsKeptAsItIsWritten(t *testing.T) {
	p := Profile{
		LegalName: " 株式会社ひばり ", Mail: "Shop@Hibari.example", Phone: "０３−００００−００００",
		Address: place.Address{Country: "JP", Postcode: "１１１００３２", Region: "東京都"},
		Returns: map[string]string{"ja": " 一行目\r\n二行目 ", "en": " "},
	}.Normalize()
	want := Profile{
		LegalName: "株式会社ひばり", Mail: "shop@hibari.example", Phone: "03-0000-0000",
		Address: place.Address{Country: "JP", Postcode: "111-0032", Region: "JP-13"},
		Names:   map[string]string{}, PhoneHours: map[string]string{}, Announcement: map[string]string{},
		Returns: map[string]string{"ja": "一行目\n二行目"},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// all are the fields of everything that is wrong.
func all(s Settings) []string {
	var fields []string
	for _, f := range append(append(append(s.Profile.Validate(), s.Legal.Validate()...), s.Delivery.Validate()...), s.Payment.Validate()...) {
		fields = append(fields, f.Field)
	}
	return fields
}
