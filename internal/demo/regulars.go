package demo

import (
	"context"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// How many people there are beside those of the cast.
const (
	regularPeople  = 66
	passingPeople  = 34
	foreignerEvery = 8
)

// shelf says how often people come for what.
var shelf = []struct {
	code   string
	weight int
}{
	{"HB-BLEND", 36},
	{"HB-DEEP", 14},
	{"HB-ETH", 8},
	{"HB-GUA", 10},
	{"HB-DECAF", 8},
	{"HB-DRIP", 10},
	{"HB-FILTER", 5},
	{"HB-SERIES", 4},
	{"HB-SUP", 5},
}

var timeSlots = []string{"", "", "0812", "1416", "1618", "1820", "1921"}

// newcomer is somebody new, now and then from abroad.
func (s *story) newcomer(n int) (*shopper, error) {
	who, err := s.crowd.somebody()
	if n%foreignerEvery == foreignerEvery-1 {
		who, err = s.crowd.foreigner(n / foreignerEvery)
	}
	return &shopper{identity: who}, err
}

// card that somebody has; most pay with one.
func (s *story) card() string {
	if s.dice.percent(20) {
		return ""
	}
	return pick(s.dice, goodCards)
}

// favourite is the product that somebody subscribes to.
func (s *story) favourite() catalog.Product {
	total := 0
	for _, o := range shelf {
		total += o.weight
	}
	n := s.dice.below(total)
	for _, o := range shelf {
		if n -= o.weight; n < 0 {
			return s.goods[o.code]
		}
	}
	return s.goods[shelf[0].code]
}

// regulars subscribe on some day, and then do what customers do.
func (s *story) regulars() error {
	for n := range regularPeople {
		p, err := s.newcomer(n)
		if err != nil {
			return err
		}
		product := s.favourite()
		// more of late than at the beginning: the shop grows
		since := 5 + min(s.dice.below(PastDays-10), 30+s.dice.below(PastDays-40))
		buy := purchase{wishes: []wish{s.wish(product)}, card: s.card(), slot: pick(s.dice, timeSlots)}
		if s.dice.percent(25) {
			buy.first = s.today.AddDays(6 + s.dice.below(14) - since)
		}
		if s.dice.percent(15) {
			buy.wishes = append(buy.wishes, wish{sku: pick(s.dice, extras), quantity: 1})
		}
		s.plan(since, 7+s.dice.below(16), s.dice.below(60), "a regular subscribes", func(ctx context.Context) error {
			return s.buy(ctx, p, buy)
		})
		s.habits(p, product.Code, since, buy.card != "")
	}
	return nil
}

var extras = []string{"HB-FILTER-100", "HB-FILTER-200", "HB-MUG-W", "HB-MUG-K", "HB-MUG-C", "HB-DRIP-10"}

// wish is a subscription to a product as most would have it.
func (s *story) wish(p catalog.Product) wish {
	w := wish{sku: pick(s.dice, p.Variants).SKU, quantity: 1, cycle: p.Plan.Cycles[0].String()}
	if s.dice.percent(40) {
		w.cycle = pick(s.dice, p.Plan.Cycles).String()
	}
	if s.dice.percent(35) {
		w.quantity = int64(2 + s.dice.below(3))
	}
	w.quantity = min(w.quantity, p.Plan.MaxQuantity)
	if !p.Plan.UntilCancelled || len(p.Plan.FixedCounts) > 0 && s.dice.percent(15) {
		w.count = pick(s.dice, p.Plan.FixedCounts)
	}
	return w
}

// habits are what a subscriber does once in a while, some days after the start.
func (s *story) habits(p *shopper, code string, since int, byCard bool) {
	later := func(least int) (int, bool) {
		if since <= least+3 {
			return 0, false
		}
		return 1 + s.dice.below(since-least), true
	}
	do := func(daysAgo int, what string, act func(context.Context) error) {
		s.plan(daysAgo, 8+s.dice.below(14), s.dice.below(60), what, act)
	}
	chance := s.dice.below(100)
	switch day, ok := later(12); {
	case !ok:
	case chance < 13:
		do(day, "a regular skips", func(ctx context.Context) error { return s.skip(ctx, p, code) })
	case chance < 22:
		days, following := 3+s.dice.below(9), s.dice.percent(40)
		do(day, "a regular puts off", func(ctx context.Context) error { return s.putOff(ctx, p, code, days, following) })
	case chance < 28:
		pieces := int64(1 + s.dice.below(4))
		do(day, "a regular takes another quantity", func(ctx context.Context) error { return s.quantity(ctx, p, code, pieces) })
	case chance < 37 && byCard:
		do(day+6, "a bank declines", func(ctx context.Context) error { return s.behave(ctx, p, "insufficient_funds") })
		do(max(day-4, 1), "a bank accepts again", func(ctx context.Context) error { return s.behave(ctx, p, "ok") })
	}
	switch day, ok := later(40); {
	case !ok:
	case chance%20 < 4:
		reason := pick(s.dice, append([]string{""}, flow.CancelReasons...))
		do(day, "a regular leaves", func(ctx context.Context) error { return s.cancel(ctx, p, code, reason) })
	case chance%20 < 6:
		do(day, "a regular pauses", func(ctx context.Context) error { return s.pause(ctx, p, code) })
		if back := day - 25; back > 2 && s.dice.percent(70) {
			ship := s.dice.percent(60)
			do(back, "a regular comes back", func(ctx context.Context) error { return s.resume(ctx, p, code, ship) })
		}
	}
}

// passersBy buy once.
func (s *story) passersBy() error {
	for range passingPeople {
		who, err := s.crowd.somebody()
		if err != nil {
			return err
		}
		p, buy := &shopper{identity: who}, purchase{card: s.card(), slot: pick(s.dice, timeSlots)}
		for range 1 + s.dice.below(3) {
			product := s.favourite()
			sku := pick(s.dice, product.Variants).SKU
			if s.dice.percent(40) {
				sku = pick(s.dice, extras)
			}
			buy.wishes = append(buy.wishes, wish{sku: sku, quantity: int64(1 + s.dice.below(2))})
		}
		s.plan(s.dice.below(PastDays-8), 8+s.dice.below(14), s.dice.below(60), "a passer-by buys", func(ctx context.Context) error {
			return s.buy(ctx, p, buy)
		})
	}
	return nil
}

// letters are what people wrote to the shop of late.
func (s *story) letters() error {
	for _, l := range []struct {
		daysAgo          int
		hour             int
		name, mail, body string
		lang             i18n.Lang
	}{
		{
			9, 20, "小野寺 早苗", "sanae.onodera@example.jp",
			"先日いただいた「夜汽車」がとてもおいしく、父の誕生日に贈りたいと思っています。のし紙をかけていただくことはできますか。", i18n.Ja,
		},
		{
			2, 11, "Emma Lindqvist", "emma.lindqvist@example.com",
			"Hello! I am moving to Sendai next month. Can my subscription follow me, and until when do you need the new address?", i18n.En,
		},
		{
			0, 7, "白石 寛", "hiroshi.shiraishi@example.jp",
			"定期便の豆を、次回だけ中挽きに替えていただくことは可能でしょうか。ミルが壊れてしまいました。", i18n.Ja,
		},
	} {
		s.plan(l.daysAgo, l.hour, 24, "somebody writes", func(ctx context.Context) error {
			return s.Flow.Contact(ctx, flow.ContactInput{
				StoreID: StoreID, Remote: "192.0.2.10", Name: l.name, Mail: l.mail, Body: l.body, Lang: l.lang,
			})
		})
	}
	return nil
}
