package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow/importcsv"
)

// goodsFile is what the roaster exported from the cart it is leaving.
//
//go:embed products.csv
var goodsFile []byte

// dressFile is what a shop adds to such an export by hand: pictures, texts,
// translations. Japanese names and option values stay the export's, so that
// importing it again changes nothing.
//
//go:embed goods.json
var dressFile []byte

// currency is the shop's.
const currency money.Currency = "JPY"

// dress is what goods.json says of one product.
type dress struct {
	Code        string            `json:"code"`
	Category    string            `json:"category"`
	Picture     string            `json:"picture"`
	Pictures    map[string]string `json:"pictures"`     // of variants, by SKU
	FixedCounts []int             `json:"fixed_counts"` // of the plan
	OnlyFixed   bool              `json:"only_fixed"`   // no "until cancelled"
	// Discounts and postage of the plan, and the tiers of those who buy once.
	VolumeTiers    []catalog.VolumeTier    `json:"volume_tiers"`
	CountDiscounts []catalog.CountDiscount `json:"count_discounts"`
	Shipping       catalog.ShippingRule    `json:"shipping"`
	FreeBox        int                     `json:"free_box"`
	OnceTiers      []catalog.VolumeTier    `json:"once_tiers"`

	Trial   map[string]int64             `json:"trial"`   // trial prices by SKU, in yen
	Options []map[string]string          `json:"options"` // names by language
	Texts   map[string]map[string]string `json:"texts"`   // name, summary, description, plan by language
}

// wardrobe is goods.json.
type wardrobe struct {
	// Values translates option values, by the export's word.
	Values map[string]map[string]string `json:"values"`
	Goods  []dress                      `json:"goods"` // in the order of the shelf
}

// goods imports the export, then dresses each product.
func (s seeder) goods(ctx context.Context) error {
	mapping, err := importcsv.ProductsPreset()
	if err != nil {
		return err
	}
	report, err := importcsv.ProductsTx(ctx, s.tx, importcsv.ProductsInput{
		StoreID: StoreID, Content: goodsFile, Mapping: mapping, NewID: s.newID, Now: s.now, RequestID: "demo",
	})
	if err != nil {
		return err
	}
	if !report.Written {
		return fmt.Errorf("%d rows of the export are refused", report.BadRows())
	}
	var clothes wardrobe
	decoder := json.NewDecoder(bytes.NewReader(dressFile))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&clothes); err != nil {
		return fmt.Errorf("read goods.json: %w", err)
	}
	products, err := db.Products(ctx, s.tx, StoreID)
	if err != nil {
		return err
	}
	for position, d := range clothes.Goods {
		i := slices.IndexFunc(products, func(p catalog.Product) bool { return p.Code == d.Code })
		if i < 0 {
			return fmt.Errorf("goods.json: the export has no product %s", d.Code)
		}
		product := clothes.dress(products[i], d)
		product.Position = position + 1
		if _, err := db.UpsertProduct(ctx, s.tx, StoreID, product, s.now); err != nil {
			return err
		}
	}
	return nil
}

func (w wardrobe) dress(p catalog.Product, d dress) catalog.Product {
	p.Category, p.Picture = d.Category, d.Picture
	for i := range p.Variants {
		v := &p.Variants[i]
		v.Picture = d.Pictures[v.SKU]
		price := v.Prices[currency]
		price.Trial = d.Trial[v.SKU]
		v.Prices[currency] = price
	}
	p.VolumeTiers = d.OnceTiers
	if p.Plan != nil {
		p.Plan.FixedCounts, p.Plan.UntilCancelled = d.FixedCounts, !d.OnlyFixed
		p.Plan.VolumeTiers, p.Plan.CountDiscounts, p.Plan.FreeBox = d.VolumeTiers, d.CountDiscounts, d.FreeBox
		if d.Shipping != "" {
			p.Plan.Shipping = d.Shipping
		}
	}
	for i := range p.Options {
		if i < len(d.Options) {
			maps.Copy(p.Options[i].Names, d.Options[i])
		}
		for _, value := range p.Options[i].Values {
			maps.Copy(value, w.Values[value["ja"]])
		}
	}
	for lang, words := range d.Texts {
		text := p.Texts[lang]
		if name := words["name"]; name != "" {
			text.Name = name
		}
		text.Summary, text.Description, text.Plan = words["summary"], words["description"], words["plan"]
		p.Texts[lang] = text
	}
	return p
}
