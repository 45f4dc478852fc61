package frame

import (
	"fmt"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/customer"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/shipping"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// Reasons explain a price line by line.
func Reasons(words *i18n.Localizer, p pricing.Priced) []page.Line {
	lines := make([]page.Line, len(p.Steps))
	for i, s := range p.Steps {
		lines[i] = reason(words, s.Reason, s.Args, p.Amount(s.Amount))
	}
	return lines
}

// FrozenReasons explain the total of an order as they were kept with it.
func FrozenReasons(words *i18n.Localizer, o order.Order) []page.Line {
	lines := make([]page.Line, len(o.Breakdown.Steps))
	for i, s := range o.Breakdown.Steps {
		lines[i] = reason(words, pricing.Reason(s.Reason), s.Args, money.Of(s.Amount, o.Currency))
	}
	return lines
}

// reason words one step of a price. The steps of each kind of goods begin with what
// a piece of it costs (pricing.Price).
func reason(words *i18n.Localizer, why pricing.Reason, args map[string]any, a money.Amount) page.Line {
	return page.Line{
		Label: words.Reason(string(why), args, a.Currency), Amount: a,
		Begins: why == pricing.ReasonRegular || why == pricing.ReasonAgreed,
	}
}

// OfGoods names the goods that the reasons of a price speak of, where it is a price
// of several. Items stand in the order they were priced in; reasons that do not fit
// them stay as they are.
func OfGoods(lines []page.Line, items []page.Item) []page.Line {
	var begin []int
	for i, l := range lines {
		if l.Begins {
			begin = append(begin, i)
		}
	}
	if len(items) < 2 || len(begin) != len(items) {
		return lines
	}
	for i, at := range begin {
		lines[at].Of = &items[i]
	}
	return lines
}

// Products are the goods that a page speaks of, by variant.
type Products map[ident.ID]catalog.Product

// Picture is that of the variant, else of its product.
func Picture(p catalog.Product, variantID ident.ID) string {
	if v, ok := p.Variant(variantID); ok && v.Picture != "" {
		return v.Picture
	}
	return p.Picture
}

// OrderItems are the goods of an order. The names are those it was placed with;
// products lend pictures and links.
func OrderItems(words *i18n.Localizer, o order.Order, products Products) []page.Item {
	items := make([]page.Item, len(o.Lines))
	for i, l := range o.Lines {
		items[i] = page.Item{
			ID: l.ID.String(), Name: l.Name, Variant: l.OptionText, Quantity: int(l.Quantity),
			Unit: money.Of(l.Unit, o.Currency), Total: money.Of(l.Total, o.Currency),
		}
		if o.Lang != string(words.Lang()) {
			items[i].NameOf = o.Lang
		}
		product, known := products[l.VariantID]
		if !known {
			continue
		}
		items[i].Picture = Picture(product, l.VariantID)
		if product.Status == catalog.StatusOnSale {
			items[i].Path = ProductPath(product)
		}
	}
	return items
}

// ProductPath is the address of a product's page.
func ProductPath(p catalog.Product) string { return "/goods/" + p.Slug }

// NameOf is the language of a product's name where it is not the page's.
func NameOf(p catalog.Product, words *i18n.Localizer) string {
	if t, ok := p.Texts[string(words.Lang())]; ok && t.Name != "" {
		return ""
	}
	return string(i18n.Ja)
}

// Addressee is who a box goes to and where, in lines.
func Addressee(words *i18n.Localizer, a place.Address) []string {
	lines := append([]string{words.Addressee(a.Name)}, words.Address(a)...)
	return append(lines, a.Phone)
}

// Delivery is the method with its time slot.
func Delivery(words *i18n.Localizer, m shipping.Method, slot string) string {
	return words.T("shop.confirm.method.slot", "Method", m.Name(string(words.Lang())), "Slot", words.Slot(slot))
}

// CardName is how a stored card is called. Of one that moved in from another cart
// the gateway has not told the number yet.
func CardName(words *i18n.Localizer, c customer.Card) string {
	if c.Last4 == "" {
		return words.T("mypage.account.card.moved")
	}
	return words.T("mypage.account.card", "Brand", Brand(c.Brand), "Last4", c.Last4,
		"Expiry", fmt.Sprintf("%02d/%d", c.ExpMonth, c.ExpYear))
}

// Brand writes the gateway's name of a card's brand as the brand does.
func Brand(b string) string {
	switch b {
	case "visa":
		return "Visa"
	case "amex":
		return "American Express"
	case "jcb":
		return "JCB"
	default:
		return strings.ToUpper(b[:min(1, len(b))]) + b[min(1, len(b)):]
	}
}
