package page

import "github.com/teiki-commerce/teiki/internal/core/money"

// Line is one row of a price's reasons. Discounts have a negative amount.
type Line struct {
	Label  string
	Amount money.Amount
	// Begins is true where the reasons of the next goods begin. Of are those goods,
	// where the price is of several kinds, else nil.
	Begins bool
	Of     *Item
}

// Item is one kind of goods in a cart, a box or an order.
type Item struct {
	ID      string
	Name    string
	NameOf  string // language of Name where it is not the page's, else empty
	Variant string
	Path    string // product page, empty where there is none any more
	Picture string // name of a static file or an absolute path, empty for none
	// Quantity is pieces, Unit one of them, Total all of them, tax included.
	Quantity int
	Unit     money.Amount
	Total    money.Amount
	Tag      string
}
