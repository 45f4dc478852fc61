package console_test

import (
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// productSamples are what the handlers' own tests do not bring about: an empty
// shelf, and names and faults that are long.
func productSamples(words *i18n.Localizer) []sample {
	subscription := money.Yen(1_330)
	rows := []console.ProductRow{
		{
			Name: longGoods, NameOf: "ja", Code: "HB-BLEND", Path: "/admin/products/1", Picture: "goods/bag-blend.svg", Category: "珈琲豆",
			Variants: 4, Regular: money.Yen(1_480), Subscription: &subscription, Cycles: "1か月ごと、2週間ごと、30日ごと", Stock: "1,204",
			Status: tag(words, "state.product.on_sale", "ok"),
		},
		{Name: "湯のみ", Code: "MUG", Path: "/admin/products/2", Variants: 1, Regular: money.Yen(2_200), Stock: "0", Short: true, Status: tag(words, "state.product.draft", "info")},
	}
	field := func(id, value, wrong string) console.ProductField {
		return console.ProductField{Field: page.Field{Value: value, Error: wrong}, ID: id, Label: id, Hint: longName, Note: longGoods, Limit: 64}
	}
	wrong := words.T("fault.required")
	title := base(words, "x")
	title.Errors = []page.FieldError{{ID: "slug", Text: wrong}, {Text: words.T("fault.conflict")}}
	return []sample{
		{"products", "", console.ProductsPage{Base: base(words, "x"), Rows: rows, Next: "/admin/products?from=50", MayEdit: true}},
		{"products", "empty", console.ProductsPage{Base: base(words, "x")}},
		{"product", "", console.ProductPage{
			Base: title, Heading: longGoods, NameOf: "ja", Code: "HB", Status: rows[0].Status, ShopPath: "/goods/hb", Action: "/admin/products/1",
			Tab: "basic", Checked: true, Changes: []console.AuditLine{{What: words.T("console.product.name"), Before: longGoods, After: longName}},
			Basic: &console.ProductBasic{
				Slug:  field("slug", "hb-blend", wrong),
				Texts: []console.ProductText{{Lang: "ja", Title: "日本語", Open: true, Name: field("texts.ja.name", "", wrong), Summary: field("texts.ja.summary", longGoods, ""), Description: field("texts.ja.description", "", "")}},
			},
			Shopper: console.ShopperView{Name: longGoods, NameOf: "ja", Regular: money.Yen(1_480), Away: words.T("console.product.away.draft")},
		}},
		{"product", "unchanged", console.ProductPage{Base: base(words, "x"), Heading: "x", ShopPath: "/goods/x", Tab: "basic", Checked: true}},
		{"product", "variants", console.ProductPage{
			Base: base(words, "x"), Heading: longGoods, NameOf: "ja", ShopPath: "/goods/hb", Action: "/admin/products/1", Tab: "variants",
			Variants: &console.ProductVariants{
				Action: "/admin/products/1", Error: wrong, OptionsError: wrong, CanAddOption: true, CanCombine: true,
				Options: []console.ProductOption{{
					At: "options[0]", Title: longName, Error: wrong, Names: []console.ProductField{field("options[0].names.ja", longName, wrong)},
					Values: []console.ProductValue{{At: "options[0].values[0]", Words: []console.ProductField{field("options[0].values[0].ja", "", wrong)}, Drop: longName}},
				}},
				Rows: []console.ProductVariant{{
					At: "variants[0]", ID: "1", Title: longGoods, SKU: "HB-200", Held: longName, CanRaise: true, Raise: longName,
					Choices: []console.ProductChoice{{ID: "variants[0].values[0]", Label: longName, Error: wrong, Values: []page.Choice{{Value: "0", Label: longGoods, Selected: true}}}},
					Regular: field("variants[0].regular", "1480", wrong), Subscription: field("variants[0].subscription", "1330", ""),
					First: field("variants[0].first", "", ""), Trial: field("variants[0].trial", "", ""),
					Weight: field("variants[0].weight_grams", "", ""), OnHand: field("variants[0].on_hand", "12", ""),
				}},
				Tiers: console.ProductDiscounts{List: "volume_tiers", Error: wrong, Action: "/admin/products/1", Rows: []console.ProductDiscount{{
					At: "volume_tiers[0]", From: field("volume_tiers[0].from", "3", wrong), Off: field("volume_tiers[0].off", "10", wrong),
					KindID: "volume_tiers[0].kind", KindLabel: longName, Drop: longName, Note: longGoods,
				}}},
			},
			Shopper: console.ShopperView{Name: longGoods, NameOf: "ja", Regular: money.Yen(1_480), Total: &subscription},
		}},
		{"product", "pictures", console.ProductPage{
			Base: title, Heading: longGoods, NameOf: "ja", ShopPath: "/goods/hb", Action: "/admin/products/1/pictures", Tab: "pictures", PictureHint: longGoods,
			Pictures: []console.ProductPicture{
				{ID: "picture", Title: longGoods, Path: "goods/bag-blend.svg", Removable: true, RemoveID: "picture_remove", Error: wrong},
				{ID: "variants[0].picture", Title: longName, SKU: "HB-BLEND-500G-WHOLE-BEANS", Note: longName},
			},
		}},
		{"product", "history", console.ProductPage{Base: base(words, "x"), Heading: "x", ShopPath: "/goods/x", Tab: "history", History: true}},
	}
}
