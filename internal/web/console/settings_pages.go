package console

import "github.com/teiki-commerce/teiki/internal/web/page"

// SettingsPage is one tab of the shop's settings, of which exactly one of the
// pointers is set; the history has none.
type SettingsPage struct {
	Base
	Tabs    []Tab
	Tab     string
	Version string // of the document that the tab edits
	State   Tag
	Open    bool
	// StoreVersion goes back with the button that opens or closes the shop.
	StoreVersion int64
	// Missing leads to what the shop cannot open without.
	Missing  []Link
	Profile  *SettingsProfile
	Legal    *SettingsLegal
	Delivery *SettingsDelivery
	Payment  *SettingsPayment
	Audit    []AuditLine
}

// Link is a text with its address.
type Link struct {
	Text string
	Path string
}

// SettingsField is one input.
type SettingsField struct {
	page.Field
	ID    string
	Label string
	Hint  string
	Unit  string
	Lang  string
	Limit int
	Rows  int // of a field of many lines, 0 for one line
	// Number asks phones for digits. Needed marks what the shop cannot open without.
	Number bool
	Needed bool
}

// SettingsTexts are the texts in one language.
type SettingsTexts struct {
	Lang   string
	Title  string
	Open   bool
	Filled bool
	Fields []SettingsField
}

// SettingsProfile is who the shop is.
type SettingsProfile struct {
	Seller, Manager                  SettingsField
	Postcode, City, Street, Building SettingsField
	Phone, Mail                      SettingsField
	Region                           SettingsField
	Regions                          []page.Choice
	Texts                            []SettingsTexts
}

// SettingsLegal are the texts a shop must have.
type SettingsLegal struct {
	Texts []SettingsTexts
}

// SettingsDelivery is when and how the shop ships.
type SettingsDelivery struct {
	Preparation, CutOff SettingsField
	Weekdays            []page.Choice
	WeekdayError        string
	ClosedDates         SettingsField
	Methods             []SettingsMethod
}

// SettingsMethod is a way of shipping with its zones.
type SettingsMethod struct {
	Name  string
	Zones []SettingsZone
}

// SettingsZone is where it goes, how long it takes and what it costs.
type SettingsZone struct {
	Name                   string
	Transit, Fee, FreeFrom SettingsField
}

// SettingsPayment is how the shop is paid.
type SettingsPayment struct {
	Card, COD bool
	Error     string
	TierError string
	Tiers     []SettingsTier
}

// SettingsTier is a cash-on-delivery fee up to a ceiling.
type SettingsTier struct {
	Ceiling, Fee SettingsField
}
