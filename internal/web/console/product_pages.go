package console

import (
	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// ProductsPage lists what the store sells, in the order of the shelf.
type ProductsPage struct {
	Base
	Tabs []Tab
	Rows []ProductRow
	Next string
	// MayEdit shows the button for a new product.
	MayEdit bool
}

// ProductRow is one product of the list. Prices are of its first variant.
type ProductRow struct {
	Name         string
	NameOf       string // language of Name where it is not the page's
	Code         string
	Path         string
	Picture      string
	Category     string
	Variants     int
	Regular      money.Amount
	Subscription *money.Amount
	Cycles       string // empty: one-off only
	Stock        string
	Short        bool // nothing of some variant is left
	Status       Tag
}

// ProductPage is one tab of a product, or the form for a new one.
type ProductPage struct {
	Base
	Heading string
	NameOf  string
	Code    string
	Status  Tag
	// ShopPath leads to the product's page in the shop, empty for new ones.
	ShopPath string
	Tabs     []Tab
	// Action is where the form goes; empty for who may only look.
	Action  string
	Version string
	// Tab is which part the form holds.
	Tab      string
	Basic    *ProductBasic
	Variants []ProductVariant
	Plan     *ProductPlan
	// History is set on the tab with the trail.
	History bool
	Audit   []AuditLine
	// Checked says that what a save would change was asked for.
	Checked bool
	Changes []AuditLine
	Shopper ShopperView
}

// ProductField is one input of the form; ID is its name as well.
type ProductField struct {
	page.Field
	ID    string
	Label string
	Hint  string
	// Note says in words what the value means.
	Note string
	Warn string
	Unit string
	Lang string
	// Number asks phones for digits; Area is a field of many lines.
	Number bool
	Area   bool
	Limit  int
}

// ProductBasic is what the product is called and where it stands.
type ProductBasic struct {
	Code       *ProductField // of a new product; it stays
	Slug       ProductField
	Statuses   []page.Choice
	Categories []page.Choice
	TaxClasses []page.Choice
	Texts      []ProductText
}

// ProductText is what the product says in one language.
type ProductText struct {
	Lang        string
	Title       string
	Filled      bool
	Open        bool
	Name        ProductField
	Summary     ProductField
	Description ProductField
}

// ProductVariant is what is stocked and sold.
type ProductVariant struct {
	Title string
	SKU   string
	// New is the field for the SKU of a product that is not there yet.
	New          *ProductField
	Regular      ProductField
	Subscription ProductField
	First        ProductField
	OnHand       ProductField
	OnHandWas    string
	// WasID names the hidden input that says what the form showed.
	WasID string
}

// ProductPlan is the [定期購入] tab.
type ProductPlan struct {
	On         bool
	Cycles     []page.Choice
	CycleError string
	AddEvery   ProductField
	AddUnits   []page.Choice
	Quantity   ProductField
	Prices     []PlanPrice
	PriceError string
	PricesPath string
	Minimum    ProductField
	Endless    bool
	Counts     []page.Choice
	CountError string
	CountNote  string
	Notice     bool
	NoticeNote string
	StaffGrace ProductField
	Grace      ProductField
	PutOff     ProductField
	Visible    ProductField
	Timeline   *Timeline
	// Effects say what a save means for new and for running subscriptions.
	Effects []string
}

// PlanPrice is what a variant costs one-off and by subscription. Off is the
// discount in words, empty for none.
type PlanPrice struct {
	Name         string
	SKU          string
	Regular      money.Amount
	Subscription *money.Amount
	First        *money.Amount
	Off          string
}

// Timeline draws the deadlines before one delivery, in units of the drawing.
type Timeline struct {
	Date          calendar.Date
	Customer      string // the customer's last day
	Staff         string // the staff's last day
	Label         string
	Days          []TimelineDay
	CustomerWidth int
	StaffAt       int
	StaffWidth    int
	RestAt        int
	RestWidth     int
	DeliveryAt    int
}

// TimelineDay is a day's mark; At is its middle.
type TimelineDay struct {
	At   int
	Text string
}

// ShopperView is what the product's page offers.
type ShopperView struct {
	Name         string
	NameOf       string
	Option       string
	Picture      string
	Regular      money.Amount
	Subscription *money.Amount
	First        *money.Amount
	Cycles       []string
	Promises     []string
	// Away says why the shop does not show it.
	Away string
}
