package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

// excerpt is how many characters of a long text the trail keeps.
const excerpt = 80

// ProductChanges are the fields in which two states of a product differ, as the
// trail keeps them: "slug", "name.en", "variants" with the SKUs in their order,
// "regular.<SKU>" with amounts as "1480 JPY", discounts as "3:1000; 5:100 JPY" (from
// three 1,000 basis points, from five an amount), the fields of the plan by their
// names, "plan" itself where it was switched on or off. Before is the zero product
// for a new one.
func ProductChanges(before, after catalog.Product, currency money.Currency) map[string]audit.Change {
	was, is := productFields(before, currency), productFields(after, currency)
	changes := map[string]audit.Change{}
	for field := range maps.Keys(is) {
		if was[field] != is[field] {
			changes[field] = audit.Change{Before: shorten(was[field]), After: shorten(is[field])}
		}
	}
	for field, value := range was {
		if _, still := is[field]; !still && value != "" {
			changes[field] = audit.Change{Before: shorten(value)}
		}
	}
	return changes
}

// productFields are the fields that staff edit, as texts.
func productFields(p catalog.Product, currency money.Currency) map[string]string {
	fields := map[string]string{
		"product_code": p.Code, "slug": p.Slug, "status": string(p.Status), "category": p.Category, "tax_class": string(p.TaxClass),
	}
	for lang, text := range p.Texts {
		fields["name."+lang], fields["summary."+lang], fields["description."+lang] = text.Name, text.Summary, text.Description
		fields["plan_text."+lang] = text.Plan
	}
	for _, lang := range i18n.Langs {
		fields["options."+string(lang)] = optionWords(p.Options, string(lang))
	}
	fields["volume_tiers"] = tierTexts(p.VolumeTiers, currency)
	skus := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		skus[i] = v.SKU
		fields["choice."+v.SKU] = p.OptionText(v, "ja")
		price := v.Prices[currency]
		fields["regular."+v.SKU] = priceText(price.Regular, currency)
		fields["subscription."+v.SKU] = priceText(price.Subscription, currency)
		fields["first."+v.SKU] = priceText(price.First, currency)
		fields["trial."+v.SKU] = priceText(price.Trial, currency)
		fields["weight."+v.SKU] = positive(v.WeightGrams)
	}
	fields["variants"] = strings.Join(skus, " ")
	if p.Plan != nil {
		planFields(fields, *p.Plan, currency)
	}
	return fields
}

// optionWords are the options in a language: "内容量: 200g / 500g; 挽き方: 豆".
func optionWords(options []catalog.Option, lang string) string {
	lines := make([]string, len(options))
	for i, o := range options {
		values := make([]string, len(o.Values))
		for n, value := range o.Values {
			values[n] = value[lang]
		}
		if lines[i] = o.Names[lang] + ": " + strings.Join(values, " / "); strings.Trim(lines[i], " :/") == "" {
			lines[i] = ""
		}
	}
	return strings.Trim(strings.Join(lines, "; "), "; ")
}

func tierTexts(tiers []catalog.VolumeTier, currency money.Currency) string {
	texts := make([]string, len(tiers))
	for i, t := range tiers {
		texts[i] = strconv.FormatInt(t.From, 10) + ":" + discountText(t.Discount, currency)
	}
	return strings.Join(texts, "; ")
}

func discountText(d catalog.Discount, currency money.Currency) string {
	if d.Amount > 0 {
		return priceText(d.Amount, currency)
	}
	return strconv.FormatInt(d.BasisPoints, 10)
}

func planFields(fields map[string]string, p catalog.Plan, currency money.Currency) {
	fields["plan"] = yesNo(true)
	cycles, counts := make([]string, len(p.Cycles)), make([]string, len(p.FixedCounts))
	for i, c := range p.Cycles {
		cycles[i] = c.String()
	}
	for i, n := range slices.Sorted(slices.Values(p.FixedCounts)) {
		counts[i] = strconv.Itoa(n)
	}
	fields["cycles"], fields["fixed_counts"] = strings.Join(cycles, " "), strings.Join(counts, " ")
	fields["max_quantity"] = strconv.FormatInt(p.MaxQuantity, 10)
	fields["minimum_deliveries"] = strconv.Itoa(p.MinimumDeliveries)
	fields["until_cancelled"], fields["deadline_notice"] = yesNo(p.UntilCancelled), yesNo(p.DeadlineNotice)
	fields["staff_grace_days"], fields["customer_grace_days"] = strconv.Itoa(p.StaffGraceDays), strconv.Itoa(p.CustomerGraceDays)
	fields["max_put_off_days"], fields["visible_deliveries"] = strconv.Itoa(p.MaxPutOffDays), strconv.Itoa(p.VisibleDeliveries)
	fields["plan_volume_tiers"] = tierTexts(p.VolumeTiers, currency)
	discounts := make([]string, len(p.CountDiscounts))
	for i, d := range p.CountDiscounts {
		discounts[i] = strconv.Itoa(d.FromBox) + ":" + discountText(d.Discount, currency)
	}
	fields["count_discounts"] = strings.Join(discounts, "; ")
	fields["shipping"], fields["stock_out"] = string(p.Shipping), string(p.StockOut)
	if p.Shipping == catalog.ShippingFreeBox {
		fields["free_box"] = strconv.Itoa(p.FreeBox)
	}
	fields["resume_skips"] = yesNo(p.ResumeSkips)
	fields["allow_skip"], fields["allow_pause"] = yesNo(p.AllowSkip), yesNo(p.AllowPause)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func priceText(minor int64, currency money.Currency) string {
	if minor == 0 {
		return ""
	}
	return money.Of(minor, currency).String()
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func shorten(s string) string {
	if letters := []rune(s); len(letters) > excerpt {
		return string(letters[:excerpt]) + "…"
	}
	return s
}
