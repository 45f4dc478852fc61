package shop

import (
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
)

// cards lists products; one without a price in the shop's currency is left out.
func cards(words *i18n.Localizer, shop flow.Shop, products []catalog.Product) []Card {
	var list []Card
	for _, p := range products {
		if c, priced := card(words, shop, p); priced {
			list = append(list, c)
		}
	}
	return list
}

// card shows the prices of the cheapest variant, "from" where others cost more.
func card(words *i18n.Localizer, shop flow.Shop, p catalog.Product) (Card, bool) {
	text := p.Text(string(words.Lang()))
	c := Card{
		Name: text.Name, NameOf: frame.NameOf(p, words), Text: text.Summary, Path: frame.ProductPath(p),
		Picture: p.Picture, SoldOut: true,
	}
	var cheapest catalog.Price
	found := false
	for _, v := range p.Variants {
		price, ok := v.Prices[shop.Currency]
		if !ok {
			continue
		}
		if v.Available > 0 {
			c.SoldOut = false
		}
		if found && price.Regular != cheapest.Regular {
			c.From = true
		}
		if !found || price.Regular < cheapest.Regular {
			cheapest, found = price, true
		}
	}
	c.Regular = money.Of(cheapest.Regular, shop.Currency)
	if p.Plan == nil || cheapest.Subscription == 0 {
		return c, found
	}
	c.Cycles = p.Plan.Cycles
	c.Subscription = amountOf(money.Of(cheapest.Subscription, shop.Currency))
	if cheapest.First > 0 {
		c.First = amountOf(money.Of(cheapest.First, shop.Currency))
		c.Least = leastGoods(words, *p.Plan, cheapest, shop)
	}
	return c, found
}
