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
	// Search is what is looked for; Status the cut that it is looked for in.
	Search string
	Status string
	// Clear leads to the cut without a search.
	Clear string
	Rows  []ProductRow
	Next  string
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
	Variants *ProductVariants
	Plan     *ProductPlan
	// Pictures are those of the product and of its variants.
	Pictures    []ProductPicture
	PictureHint string
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
	// Short is what is shown of the label where its place says the rest.
	Short string
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

// ProductVariants is what a product is offered in, and what that costs.
type ProductVariants struct {
	Options      []ProductOption
	OptionsError string
	CanAddOption bool
	Rows         []ProductVariant
	Error        string
	// CanCombine offers a row for each combination that is missing.
	CanCombine bool
	Tiers      ProductDiscounts
	// Action is where the buttons of rows go; empty for who may only look.
	Action string
}

// ProductOption is a choice that shoppers have, such as a size. At names its row.
type ProductOption struct {
	At     string
	Title  string
	Names  []ProductField
	Values []ProductValue
	Error  string
}

// ProductValue is one value of an option, in every language.
type ProductValue struct {
	At    string
	Words []ProductField
	Drop  string
}

// ProductVariant is what is stocked and sold. At names its row; ID is empty for a
// new one.
type ProductVariant struct {
	At    string
	ID    string
	Title string
	SKU   string
	// New is the field for the SKU of a variant that is not there yet.
	New          *ProductField
	Choices      []ProductChoice
	Regular      ProductField
	Subscription ProductField
	First        ProductField
	Trial        ProductField
	Weight       ProductField
	OnHand       ProductField
	OnHandWas    string // what the form showed
	// Held says why it cannot be removed.
	Held     string
	Drop     string
	Raise    string
	CanRaise bool
}

// ProductChoice is which value of an option a variant has.
type ProductChoice struct {
	ID     string
	Label  string
	Error  string
	Values []page.Choice
}

// ProductDiscounts is a list of discounts. List is its name in the form; Action is
// where the buttons of its rows go.
type ProductDiscounts struct {
	List   string
	Error  string
	Rows   []ProductDiscount
	Action string
}

// ProductDiscount is one of them. Note says what a price becomes.
type ProductDiscount struct {
	At        string
	From      ProductField
	KindID    string
	KindLabel string
	Kinds     []page.Choice
	Off       ProductField
	Drop      string
	Note      string
}

// ProductPicture is the picture of a product or of a variant.
type ProductPicture struct {
	ID        string
	Title     string
	SKU       string
	Path      string
	Note      string
	Error     string
	Removable bool
	RemoveID  string
}

// ProductPlan is the [定期購入] tab.
type ProductPlan struct {
	Action     string
	On         bool
	Cycles     []page.Choice
	CycleError string
	AddEvery   ProductField
	AddUnits   []page.Choice
	Quantity   ProductField
	Prices     []PlanPrice
	PriceError string
	PricesPath string
	Volume     ProductDiscounts
	Texts      []ProductField // 説明文, by language
	Minimum    ProductField
	Endless    bool
	Counts     []page.Choice
	CountError string
	CountNote  string
	AddCount   ProductField
	Notice     bool
	NoticeNote string
	StaffGrace ProductField
	Grace      ProductField
	PutOff     ProductField
	Visible    ProductField
	// MoreOpen shows the settings that most merchants leave alone.
	MoreOpen bool
	Discount ProductDiscounts
	Shipping []page.Choice
	FreeBox  ProductField
	// ShippingError and StockOutError stand beside what was chosen.
	ShippingError string
	Resume        []page.Choice
	StockOut      []page.Choice
	StockOutError string
	Allowed       []page.Choice
	Timeline      *Timeline
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
	Text   string // 説明文
	Trial  *money.Amount
	Levels []string // what more pieces cost
	// Coming are the first boxes, with what they cost with postage.
	Coming       []ShopperBox
	Reasons      []page.Line
	Total        *money.Amount
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

// ShopperBox is one of the first boxes of a subscription begun now. Until is the
// last day on which it can be changed, empty for the first one.
type ShopperBox struct {
	N      int
	Date   string
	Amount money.Amount
	Until  string
}
