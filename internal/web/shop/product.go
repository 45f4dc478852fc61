package shop

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/frame"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
)

// Product shows a product with its purchase form. The choice stands in the
// address; a changed choice is the page asked for again.
func (h *Handlers) Product(w http.ResponseWriter, r *http.Request) error {
	quote, err := h.quote(r, r.PathValue("slug"), r.URL.Query())
	if ended(quote, err) {
		return h.showEnded(w, r, quote)
	}
	if err != nil {
		return err
	}
	return h.showProduct(w, r, http.StatusOK, quote, r.URL.Query())
}

// AddToCart puts the choice of a product page into the cart. A choice that
// cannot be had comes back beside its fields.
func (h *Handlers) AddToCart(w http.ResponseWriter, r *http.Request) error {
	quote, err := h.quote(r, r.PostForm.Get("product"), r.PostForm)
	if ended(quote, err) {
		return h.showEnded(w, r, quote)
	}
	if err != nil {
		return err
	}
	if len(quote.Faults) == 0 {
		quote.Faults, err = h.putInCart(r, quote)
		if err != nil {
			return err
		}
	}
	if len(quote.Faults) > 0 {
		return h.showProduct(w, r, http.StatusUnprocessableEntity, quote, r.PostForm)
	}
	return h.added(w, r, quote)
}

// choice reads the form of a product page. What cannot be read is what nobody
// offers: the quote says so.
func choice(form url.Values) flow.ProductChoice {
	c := flow.ProductChoice{Subscribe: form.Get("way") != "once", Quantity: 1}
	for i := 0; form.Has(optionKey(i)); i++ {
		index, err := strconv.Atoi(form.Get(optionKey(i)))
		if err != nil {
			index = -1
		}
		c.Values = append(c.Values, index)
	}
	if form.Has("cycle") {
		cycle, err := calendar.ParseCycle(form.Get("cycle"))
		if err != nil {
			cycle = calendar.Cycle{Every: -1}
		}
		c.Cycle = cycle
	}
	if form.Get("count") != "" {
		count, err := strconv.Atoi(form.Get("count"))
		if err != nil {
			count = -1
		}
		c.Count = count
	}
	if form.Has("quantity") {
		c.Quantity = number(form.Get("quantity"))
	}
	if date, err := calendar.ParseDate(form.Get("first")); err == nil {
		c.FirstDate = date
	}
	return c
}

// number reads a quantity; what is none is 0, which nobody offers.
func number(typed string) int64 {
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil {
		return 0
	}
	return n
}

func optionKey(i int) string { return "option" + strconv.Itoa(i) }

func (h *Handlers) quote(r *http.Request, slug string, form url.Values) (flow.ProductQuote, error) {
	c := choice(form)
	c.Slug = slug
	if buyer, ok := reqctx.Customer(r.Context()); ok {
		c.CustomerID = buyer.ID
	}
	return h.Flow.QuoteProduct(r.Context(), reqctx.Shop(r.Context()).ID, c)
}

// buyLabels are what the inputs of the purchase form are called.
var buyLabels = map[string]string{
	"cycle": "shop.buy.cycle", "count": "shop.buy.count", "first": "shop.buy.firstdate", "quantity": "shop.buy.quantity",
}

// showProduct shows the page of a quote with the form as it was typed.
func (h *Handlers) showProduct(w http.ResponseWriter, r *http.Request, status int, q flow.ProductQuote, form url.Values) error {
	words := h.Words(r)
	text := q.Product.Text(string(words.Lang()))
	faults := frame.FaultsOf(words, q.Faults, map[string]string{"first_date": "first"}, frame.Labels(words, buyLabels))
	p := ProductPage{
		Base: h.Base(r, text.Name), Slug: q.Product.Slug, Name: text.Name, NameOf: frame.NameOf(q.Product, words),
		Lead: text.Summary, Pictures: pictures(q, text.Name),
		Options: options(words, q), Buy: buy(words, q), Coming: coming(q),
		Crumbs: []page.NavLink{
			{Text: q.Shop.Profile.Name(string(words.Lang())), Path: "/"},
			{Text: category(words, q.Product.Category), Path: "/goods?category=" + q.Product.Category},
			{Text: text.Name},
		},
	}
	if q.Product.Category == "" {
		p.Crumbs = slices.Delete(p.Crumbs, 1, 2)
	}
	p.Story, p.Facts = particulars(words, q, text.Description)
	frame.At(r, &p.Base, frame.ProductPath(q.Product))
	p.Description = text.Summary
	p.Errors = faults.Summary()
	if english := q.Product.Texts[string(i18n.En)].Name; words.Lang() == i18n.Ja && english != text.Name {
		p.Subtitle = english
	}
	typed := form.Get("quantity")
	if !form.Has("quantity") {
		typed = strconv.FormatInt(q.Choice.Quantity, 10)
	}
	p.Buy.Quantity = faults.Field("quantity", typed)
	p.Buy.CycleError, p.Buy.CountError, p.Buy.FirstError = faults.Error("cycle"), faults.Error("count"), faults.Error("first")
	if flow.Subscribable(q.Product, q.Variant, q.Shop) {
		plan := q.Product.Plan
		p.Plan = &PlanTerms{
			Minimum: plan.MinimumDeliveries, GraceDays: plan.CustomerGraceDays, Notice: plan.DeadlineNotice, Explanation: text.Plan,
			Savings: planSavings(words, *plan, q.Shop.Currency), Changes: planChanges(words, *plan),
		}
	}
	related, err := h.related(r, q)
	if err != nil {
		return err
	}
	p.Related = related
	return h.Show(w, r, status, "shop/product", p)
}

func pictures(q flow.ProductQuote, alt string) []Picture {
	source := frame.Picture(q.Product, q.Variant.ID)
	if source == "" {
		return nil
	}
	return []Picture{{Source: source, Alt: alt}}
}

// options offer each value together with the others chosen.
func options(words *i18n.Localizer, q flow.ProductQuote) []Option {
	list := make([]Option, len(q.Product.Options))
	for i, option := range q.Product.Options {
		list[i] = Option{Key: optionKey(i), Label: inLang(option.Names, words)}
		for index, names := range option.Values {
			values := slices.Clone(q.Variant.Values)
			if i >= len(values) {
				continue
			}
			values[i] = index
			variant, exists := withValues(q.Product, values)
			list[i].Choices = append(list[i].Choices, page.Choice{
				Value: strconv.Itoa(index), Label: inLang(names, words), Note: priceNote(words, q, variant, exists),
				Selected: q.Variant.Values[i] == index, SoldOut: !exists || variant.Available <= 0,
			})
		}
	}
	return list
}

// priceNote is what a choice costs where that is another price than the chosen
// one's: sizes have their prices beside them, grinds have not.
func priceNote(words *i18n.Localizer, q flow.ProductQuote, v catalog.Variant, exists bool) string {
	price := v.Prices[q.Shop.Currency].Regular
	if !exists || price == q.Variant.Prices[q.Shop.Currency].Regular {
		return ""
	}
	return words.MoneyTax(money.Of(price, q.Shop.Currency))
}

func withValues(p catalog.Product, values []int) (catalog.Variant, bool) {
	for _, v := range p.Variants {
		if slices.Equal(v.Values, values) {
			return v, true
		}
	}
	return catalog.Variant{}, false
}

func inLang(texts map[string]string, words *i18n.Localizer) string {
	if t := texts[string(words.Lang())]; t != "" {
		return t
	}
	return texts[string(i18n.Ja)]
}

// fewLeft is from how few pieces on the page counts them.
const fewLeft = 10

func buy(words *i18n.Localizer, q flow.ProductQuote) Buy {
	price := q.Variant.Prices[q.Shop.Currency]
	amount := func(minor int64) money.Amount { return money.Of(minor, q.Shop.Currency) }
	b := Buy{
		Way: "once", Regular: amount(price.Regular), Maximum: int(min(q.Maximum, max(q.Variant.Available, 1))),
		Unit: words.T("shop.buy.unit"), SoldOut: q.Variant.Available <= 0,
		Sums:         []Sum{sumOfBox(words, q, q.Priced, words.T("shop.buy.total.once"))},
		FreeShipping: freeShipping(q.Priced, q.FreeFrom), LevelsCaption: words.T("shop.buy.levels"),
	}
	if q.MayTry {
		b.Trial = amountOf(amount(price.Trial))
	}
	switch {
	case b.SoldOut:
	case q.Variant.Available <= fewLeft:
		b.StockNote = words.T("shop.buy.stock.few", "Count", q.Variant.Available)
	default:
		b.StockNote = words.T("shop.buy.stock.in")
	}
	b.Levels, b.QuantityNote = levels(words, q)
	if !flow.Subscribable(q.Product, q.Variant, q.Shop) {
		return b
	}
	b.Subscription = amount(price.Subscription)
	if price.First > 0 && q.MayStart {
		b.First = amountOf(amount(price.First))
		b.Least = leastGoods(words, *q.Product.Plan, price, q.Shop)
	} else if price.Subscription < price.Regular {
		b.Benefit = words.T("shop.buy.benefit", "Amount", amount(price.Regular-price.Subscription))
		if plan := q.Product.Plan; plan.UntilCancelled && plan.MinimumDeliveries == 1 {
			b.Benefit = words.T("shop.buy.nobinding", "Benefit", b.Benefit)
		}
	}
	planChoices(words, q, &b)
	if q.Subscription != nil {
		subscribed(words, q, &b)
	}
	return b
}

// planChoices offer what the plan has.
func planChoices(words *i18n.Localizer, q flow.ProductQuote, b *Buy) {
	plan := q.Product.Plan
	chosen := q.Choice.Cycle
	if !q.Choice.Subscribe {
		chosen = plan.Cycles[0]
	}
	for _, c := range plan.Cycles {
		b.Cycles = append(b.Cycles, page.Choice{Value: c.String(), Label: words.Cycle(c), Selected: c == chosen})
	}
	if plan.UntilCancelled {
		b.Counts = append(b.Counts, page.Choice{Value: "0", Label: words.T("shop.buy.count.endless"), Selected: q.Choice.Count == 0})
	}
	for _, n := range plan.FixedCounts {
		b.Counts = append(b.Counts, page.Choice{
			Value: strconv.Itoa(n), Label: words.Plural("shop.count", n), Selected: q.Choice.Count == n,
		})
	}
	b.FirstDates = dateChoices(words, q.Dates, q.Choice.FirstDate)
}

// dateChoices offer dates, the first as "the earliest", which stays the earliest
// however long the page is open.
func dateChoices(words *i18n.Localizer, dates []calendar.Date, chosen calendar.Date) []page.Choice {
	list := make([]page.Choice, len(dates))
	for i, d := range dates {
		list[i] = page.Choice{Value: d.String(), Label: words.Date(d), Selected: d == chosen}
		if i == 0 {
			list[i].Value, list[i].Label = "", words.T("shop.checkout.date.earliest", "Date", d)
		}
	}
	return list
}

// subscribed says what the boxes cost.
func subscribed(words *i18n.Localizer, q flow.ProductQuote, b *Buy) {
	s := q.Subscription
	b.Way, b.Sums = "subscribe", boxSums(words, q)
	if q.Product.Plan.Shipping == catalog.ShippingFree {
		b.FreeShipping = nil
	}
	switch {
	case q.Choice.Count > 0:
		b.Count, b.CountTotal = q.Choice.Count, amountOf(q.Priced.Amount(s.MinimumTotal))
	case s.Plan.MinimumDeliveries > 1:
		b.MinimumTotal = amountOf(q.Priced.Amount(s.MinimumTotal))
	}
}

// comingBoxes are as many as fit beside the form.
const comingBoxes = 4

func coming(q flow.ProductQuote) []Coming {
	if q.Subscription == nil {
		return nil
	}
	var list []Coming
	for _, b := range q.Subscription.Boxes[:min(comingBoxes, len(q.Subscription.Boxes))] {
		c := Coming{N: b.Box, Date: b.Planned.Date, Amount: b.Priced.Amount(b.Priced.Total)}
		if !b.Planned.Deadline.IsZero() {
			c.Deadline = b.Planned.Deadline.In(q.Shop.Location)
		}
		list = append(list, c)
	}
	return list
}

// relatedGoods fill one row.
const relatedGoods = 3

// related are other goods that may go into the same box, those of other
// categories first: who looks at beans needs a filter.
func (h *Handlers) related(r *http.Request, q flow.ProductQuote) ([]Card, error) {
	all, err := db.ProductsOnSale(r.Context(), h.Flow.DB, q.Shop.ID, "")
	if err != nil {
		return nil, err
	}
	var others, same []catalog.Product
	for _, p := range all {
		switch {
		case p.ID == q.Product.ID:
		case p.Category == q.Product.Category:
			same = append(same, p)
		default:
			others = append(others, p)
		}
	}
	others = append(others, same...)
	return cards(h.Words(r), q.Shop, others[:min(relatedGoods, len(others))]), nil
}

// asFaults takes what a form may be told out of an error; any other error stays.
func asFaults(err error) (fault.List, error) {
	list := fault.All(err)
	for _, e := range list {
		if e.Code != fault.Invalid {
			return nil, err
		}
	}
	if len(list) == 0 {
		return nil, err
	}
	return list, nil
}
