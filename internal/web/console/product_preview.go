package console

import (
	"context"
	"log/slog"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/web/frame"
)

// previewBoxes are as many as fit beside the form.
const previewBoxes = 3

// shopper is what the shop would show of the product as the form has it. Prices
// and dates come from the function that the shop's own page asks.
func (e *editing) shopper() ShopperView {
	v, p := e.v, e.wanted
	s := ShopperView{Picture: p.Picture}
	s.Name, s.NameOf = v.goods(p)
	if key := "console.product.away." + string(p.Status); v.words.Has(key) {
		s.Away = v.words.T(key)
	}
	if len(p.Variants) == 0 {
		return s
	}
	variant := p.Variants[0]
	if variant.Picture != "" {
		s.Picture = variant.Picture
	}
	price := variant.Prices[v.shop.Currency]
	s.Option, s.Regular = p.OptionText(variant, string(v.words.Lang())), v.amount(price.Regular)
	s.Trial = v.unlessFree(price.Trial)
	if p.Plan == nil || price.Subscription == 0 {
		s.Levels = v.levels(p.VolumeTiers, price.Regular)
		e.quoted(&s, false)
		return s
	}
	s.Levels = v.levels(p.Plan.VolumeTiers, price.Subscription)
	s.Subscription, s.First = v.unlessFree(price.Subscription), v.unlessFree(price.First)
	s.Text = p.Text(string(v.words.Lang())).Plan
	for _, c := range p.Plan.Cycles {
		s.Cycles = append(s.Cycles, v.words.Cycle(c))
	}
	if n := p.Plan.MinimumDeliveries; n > 1 {
		s.Promises = append(s.Promises, v.words.Plural("shop.plan.minimum.title", n))
	} else {
		s.Promises = append(s.Promises, v.words.T("shop.promise.stop.title"))
	}
	s.Promises = append(s.Promises, v.words.Plural("shop.plan.change.title", p.Plan.CustomerGraceDays))
	if n := p.Plan.MaxPutOffDays; n > 0 {
		s.Promises = append(s.Promises, v.words.Plural("shop.plan.change.text", n))
	} else {
		s.Promises = append(s.Promises, v.words.T("shop.plan.change.fixed"))
	}
	e.quoted(&s, true)
	return s
}

// levels say what a piece costs where several are bought.
func (v *visit) levels(tiers []catalog.VolumeTier, price int64) []string {
	var lines []string
	for _, t := range tiers {
		after, err := t.After(price, v.shop.Tax.Rounding)
		if err != nil || price <= 0 {
			continue
		}
		lines = append(lines, v.words.T("product.preview.level", "From", t.From, "Price", v.words.MoneyTax(v.amount(after))))
	}
	return lines
}

// quoted adds the first boxes with what they cost, or the one purchase, for an
// address near the shop. A product that cannot be sold yet has none.
func (e *editing) quoted(s *ShopperView, subscribe bool) {
	v := e.v
	if len(fault.All(e.wanted.Validate(v.shop.Currency))) > 0 || len(e.faults) > 0 {
		return
	}
	q, err := v.h.Flow.PreviewProduct(v.ctx, v.shop.ID, withIDs(e.wanted), flow.ProductChoice{
		Values: e.wanted.Variants[0].Values, Subscribe: subscribe, Quantity: 1,
	})
	if err != nil {
		previewless(v.ctx, err)
		return
	}
	s.Reasons = frame.Reasons(v.words, q.Priced)
	total := q.Priced.Amount(q.Priced.Total)
	s.Total = &total
	if q.Subscription == nil {
		return
	}
	boxes := q.Subscription.Boxes
	for _, b := range boxes[:min(previewBoxes, len(boxes))] {
		box := ShopperBox{N: b.Box, Date: v.words.DateShort(b.Planned.Date), Amount: money.Of(b.Priced.Total, q.Priced.Currency)}
		if !b.Planned.Deadline.IsZero() {
			box.Until = v.words.DateShort(b.Planned.DeadlineDate)
		}
		s.Coming = append(s.Coming, box)
	}
}

// previewless tells of a preview that could not be made, unless the reason is one
// that the shop's page would give, such as an address that nothing ships to.
func previewless(ctx context.Context, err error) {
	if len(fault.All(err)) == 0 {
		slog.WarnContext(ctx, "preview of a product failed", "error", err)
	}
}

// withIDs gives what is not kept yet ids that nothing else has: quotes tell
// variants apart by them.
func withIDs(p catalog.Product) catalog.Product {
	variants := make([]catalog.Variant, len(p.Variants))
	for i, variant := range p.Variants {
		if variant.ID.IsZero() {
			variant.ID = ident.ID{1, byte(i)}
		}
		variants[i] = variant
	}
	p.Variants = variants
	if p.ID.IsZero() {
		p.ID = ident.ID{1}
	}
	return p
}
