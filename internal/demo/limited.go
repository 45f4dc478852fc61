package demo

import (
	"context"
	"fmt"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/tax"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
)

// The limited roast: sold from the opening on and over by now.
const (
	limitedCode = "HB-KENYA"
	limitedSKU  = "HB-KENYA-B-200g"
	limitedEnds = 26 // days ago
)

// season puts the limited roast on the shelf and, when it is used up, takes it
// off: what staff do in the console.
func (s *story) season() error {
	s.goods[limitedCode] = limited() // for those who plan to subscribe to it
	s.plan(PastDays-1, 9, 0, "a limited roast", func(ctx context.Context) error {
		saved, err := s.Flow.SaveProduct(ctx, StoreID, s.owner(), flow.SaveProductInput{
			Product: limited(), OnHand: map[string]int64{limitedSKU: 240},
		})
		s.goods[limitedCode] = saved
		return err
	})
	s.plan(limitedEnds, 18, 30, "the limited roast ends", func(ctx context.Context) error {
		id := s.goods[limitedCode].ID
		current, err := db.ProductsByIDs(ctx, s.Flow.DB, StoreID, []ident.ID{id})
		if err != nil {
			return fmt.Errorf("read the limited roast: %w", err)
		}
		over := current[id]
		over.Status = catalog.StatusEnded
		_, err = s.Flow.SaveProduct(ctx, StoreID, s.owner(), flow.SaveProductInput{Product: over})
		return err
	})
	return nil
}

func limited() catalog.Product {
	plan := catalog.NewPlan()
	plan.Cycles = []calendar.Cycle{{Every: 30, Unit: calendar.UnitDay}}
	plan.MaxQuantity, plan.MinimumDeliveries, plan.UntilCancelled, plan.DeadlineNotice = 5, 1, true, true
	plan.StaffGraceDays, plan.CustomerGraceDays, plan.MaxPutOffDays, plan.VisibleDeliveries = 2, 5, 20, 2
	return catalog.Product{
		Code: limitedCode, Slug: "hb-kenya", Status: catalog.StatusOnSale, Category: "beans", TaxClass: tax.Reduced,
		Picture: "goods/bag-kenya.svg", Plan: &plan,
		Variants: []catalog.Variant{{
			SKU: limitedSKU, WeightGrams: 230, Prices: map[money.Currency]catalog.Price{currency: {Regular: 1_980, Subscription: 1_780}},
		}},
		Texts: map[string]catalog.Text{
			"ja": {
				Name:    "限定焙煎 ケニア ニエリ",
				Summary: "黒すぐりのような果実味。小さな農園から届いた麻袋のぶんだけ焙煎しました。",
				Description: "ケニア山のふもと、ニエリの農園が選り分けた実だけを水洗式で仕上げた豆です。中煎りで、黒すぐりやトマトを思わせる甘酸っぱさを残しました。" +
					"\n\n200グラム入り（豆）。麻袋がなくなりしだい終了します。",
			},
			"en": {
				Name:    "Limited Roast: Kenya Nyeri",
				Summary: "Fruit like blackcurrants, roasted for as long as the sacks from one small farm last.",
				Description: "Hand-sorted cherries from a farm in Nyeri below Mount Kenya, fully washed. A medium roast keeps the sweet " +
					"tartness of blackcurrant and tomato.\n\n200 g of whole beans. When the sacks are empty, it is over.",
			},
			"zh-Hans": {
				Name:        "限定烘焙 肯尼亚 涅里",
				Summary:     "黑加仑般的果香。只烘焙一座小农场送来的那几袋豆子。",
				Description: "产自肯尼亚山麓涅里的农场，只取手选果实，以水洗法处理。中度烘焙，保留黑加仑与番茄般的酸甜。\n\n200克装（咖啡豆），售完即止。",
			},
			"zh-Hant": {
				Name:        "限定烘焙 肯亞 尼耶利",
				Summary:     "黑醋栗般的果香。只烘焙一座小農場送來的那幾袋豆子。",
				Description: "產自肯亞山麓尼耶利的農場，只取手選果實，以水洗法處理。中焙，保留黑醋栗與番茄般的酸甜。\n\n200公克裝（咖啡豆），售完為止。",
			},
		},
	}
}
