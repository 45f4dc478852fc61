// Package catalog holds what a store sells: products, their variants and
// prices, and the plan by which a product may be subscribed to.
package catalog

import (
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Status of a product in the shop.
type Status string

// Product states. An ended product stays readable and never breaks a running
// subscription.
const (
	StatusDraft  Status = "draft"
	StatusOnSale Status = "on_sale"
	StatusEnded  Status = "ended"
)

// Text is what a product says in one language.
type Text struct {
	Name        string
	Summary     string
	Description string
	Plan        string // 説明文 of the subscription
}

// Product is a page in the shop; its variants are what is stocked and sold.
type Product struct {
	ID       ident.ID
	Code     string // 商品コード, unique in the store
	Slug     string
	Status   Status
	Category string // slug of the category it stands in
	TaxClass tax.Class
	Picture  string // path of the main picture below /static/ or the store's files
	Options  []Option
	Texts    map[string]Text // by language
	Position int
	Plan     *Plan // nil: one-off only
	Variants []Variant
	Version  int64
	// VolumeTiers (複数購入割引) of one-off purchases; a subscription has those of
	// the plan.
	VolumeTiers []VolumeTier
}

// Option is a choice a product offers (size, colour, grind). Names and values
// are by language; a variant refers to a value by its index.
type Option struct {
	Names  map[string]string   `json:"names"`
	Values []map[string]string `json:"values"`
}

// Variant (バリエーション) is what is stocked and sold.
type Variant struct {
	ID          ident.ID
	ProductID   ident.ID
	SKU         string
	Values      []int // one index per option of the product
	WeightGrams int
	Picture     string // empty: the product's
	Position    int
	Prices      map[money.Currency]Price
	Available   int64 // on hand − reserved, as read; a hint for pages, never a promise
	Version     int64
}

// Price of a variant in one currency, in minor units. Subscription 0 means the
// variant cannot be subscribed to; First 0 means no special first price (初回価格)
// of a subscription, Trial 0 no trial price (お試し価格) of a one-off purchase. A
// customer has each once.
type Price struct {
	Regular      int64 `json:"regular"`
	Subscription int64 `json:"subscription"`
	First        int64 `json:"first"`
	Trial        int64 `json:"trial"`
}

// Text in a language, falling back to Japanese and then to anything there is.
func (p Product) Text(lang string) Text {
	if t, ok := p.Texts[lang]; ok && t.Name != "" {
		return t
	}
	if t, ok := p.Texts["ja"]; ok {
		return t
	}
	for _, t := range p.Texts {
		return t
	}
	return Text{Name: p.Code}
}

// Variant finds a variant of the product.
func (p Product) Variant(id ident.ID) (Variant, bool) {
	for _, v := range p.Variants {
		if v.ID == id {
			return v, true
		}
	}
	return Variant{}, false
}

// OptionText names the chosen values of a variant ("豆・200g").
func (p Product) OptionText(v Variant, lang string) string {
	text := ""
	for i, index := range v.Values {
		if i >= len(p.Options) || index < 0 || index >= len(p.Options[i].Values) {
			continue
		}
		value := p.Options[i].Values[index][lang]
		if value == "" {
			value = p.Options[i].Values[index]["ja"]
		}
		if text != "" {
			text += "・"
		}
		text += value
	}
	return text
}
