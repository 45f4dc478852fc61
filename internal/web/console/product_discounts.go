package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/teiki-commerce/teiki/internal/core/catalog"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// Lists of discounts, and how the amount of a discount is meant.
const (
	onceTiers      = "volume_tiers"
	planTiers      = "plan.volume_tiers"
	countDiscounts = "plan.count_discounts"

	kindShare  = "share"
	kindAmount = "amount"
)

// fromName is the input that says from which piece or box a discount is given.
func fromName(list string) string {
	if list == countDiscounts {
		return ".from_box"
	}
	return ".from"
}

func (v *visit) fillTiers(form url.Values, list string, tiers []catalog.VolumeTier) {
	for i, t := range tiers {
		v.fillDiscount(form, list, i, t.From, t.Discount)
	}
}

func (v *visit) fillDiscount(form url.Values, list string, i int, from int64, d catalog.Discount) {
	at := rowID(list, i)
	form.Set(at+fromName(list), strconv.FormatInt(from, 10))
	form.Set(at+".kind", kindShare)
	form.Set(at+".off", shareText(d.BasisPoints))
	if d.Amount > 0 {
		form.Set(at+".kind", kindAmount)
		form.Set(at+".off", v.typed(d.Amount))
	}
}

// shareText writes basis points as percents are typed: 1050 is "10.5".
func shareText(basisPoints int64) string {
	text := strconv.FormatInt(basisPoints/100, 10)
	if rest := basisPoints % 100; rest != 0 {
		text += strings.TrimRight("."+strconv.FormatInt(rest/10, 10)+strconv.FormatInt(rest%10, 10), "0")
	}
	return text
}

// shareOf reads percents with two decimals at most, of full-width digits too.
func shareOf(typed string) (basisPoints int64, ok bool) {
	percents, decimals, _ := strings.Cut(strings.TrimSuffix(narrow(typed), "%"), ".")
	if percents == "" || len(percents) > 3 || len(decimals) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(percents+(decimals + "00")[:2], 10, 32)
	return int64(n), err == nil
}

// discounts reads a list; rows that are left empty are no discounts and go out of
// the form.
func (e *editing) discounts(list string) (from []int64, off []catalog.Discount) {
	for i := rows(e.form, list) - 1; i >= 0; i-- {
		if at := rowID(list, i); e.line(at+fromName(list)) == "" && e.line(at+".off") == "" {
			dropRow(e.form, list, i)
		}
	}
	for i := range rows(e.form, list) {
		at := rowID(list, i)
		from = append(from, int64(e.number(at+fromName(list))))
		var d catalog.Discount
		if e.form.Get(at+".kind") == kindAmount {
			d.Amount = e.amount(at + ".off")
		} else {
			share, ok := shareOf(e.form.Get(at + ".off"))
			if !ok && e.line(at+".off") != "" {
				e.faults.Add(fault.Field(at+".off", "fault.number.invalid"))
			}
			d.BasisPoints = share
		}
		off = append(off, d)
	}
	return from, off
}

func (e *editing) tiers(list string) []catalog.VolumeTier {
	from, off := e.discounts(list)
	var tiers []catalog.VolumeTier
	for i := range from {
		tiers = append(tiers, catalog.VolumeTier{From: from[i], Discount: off[i]})
	}
	return tiers
}

func (e *editing) countDiscounts() []catalog.CountDiscount {
	from, off := e.discounts(countDiscounts)
	var list []catalog.CountDiscount
	for i := range from {
		list = append(list, catalog.CountDiscount{FromBox: int(from[i]), Discount: off[i]})
	}
	return list
}

// offInput renames faults of a discount's two possible amounts to the one input
// that both are typed into.
func offInput(list fault.List) fault.List {
	renamed := slices.Clone(list)
	for i, f := range renamed {
		for _, name := range []string{".basis_points", ".amount"} {
			if at, is := strings.CutSuffix(f.Field, name); is && strings.HasSuffix(at, "]") {
				said := *f
				said.Field = at + ".off"
				renamed[i] = &said
			}
		}
	}
	return renamed
}

// discountRows are the inputs of a list. example is the price that the notes show
// the discount on; 0 for none.
func (f fields) discountRows(list string, example int64) ProductDiscounts {
	v := f.v
	d := ProductDiscounts{List: list, Action: f.action, Error: f.faults.Field(list, "").Error}
	unit, key := "pieces_from", "discount.from"
	if list == countDiscounts {
		unit, key = "box_from", "discount.from_box"
	}
	for i := range rows(f.form, list) {
		at := rowID(list, i)
		row := ProductDiscount{
			At: at, From: f.input(at+fromName(list), key), Off: f.input(at+".off", "discount.off"), KindID: at + ".kind",
			KindLabel: v.words.T("product.discount.kind"),
		}
		row.From.Number, row.From.Limit, row.From.Unit = true, 4, v.words.T("product.unit."+unit)
		row.Off.Number, row.Off.Limit = true, 20
		row.Kinds = []page.Choice{
			f.choice(row.KindID, kindShare, v.words.T("product.discount.share")),
			f.choice(row.KindID, kindAmount, v.words.T("product.discount.amount", "Currency", v.currencyName())),
		}
		row.From.Label = v.words.T("product.row", "Label", row.From.Label, "N", i+1)
		row.Off.Label = v.words.T("product.row", "Label", row.Off.Label, "N", i+1)
		row.KindLabel = v.words.T("product.row", "Label", row.KindLabel, "N", i+1)
		row.Drop = v.words.T("product.row", "Label", v.words.T("product.drop"), "N", i+1)
		row.Note = f.explainDiscount(list, at, example)
		d.Rows = append(d.Rows, row)
	}
	return d
}

// explainDiscount says what a price becomes: "1,330円 → 1,197円".
func (f fields) explainDiscount(list, at string, example int64) string {
	var d catalog.Discount
	if f.form.Get(at+".kind") == kindAmount {
		amount, err := f.v.words.ParseMoney(f.form.Get(at+".off"), f.v.shop.Currency)
		if err != nil {
			return ""
		}
		d.Amount = amount.Minor
	} else {
		share, ok := shareOf(f.form.Get(at + ".off"))
		if !ok {
			return ""
		}
		d.BasisPoints = share
	}
	after, err := d.After(example, f.v.shop.Tax.Rounding)
	if example <= 0 || err != nil || after == example || d.BasisPoints < 0 || d.Amount < 0 {
		return ""
	}
	key := "product.discount.unit"
	if list == countDiscounts {
		key = "product.discount.box"
	}
	return f.v.words.T(key, "Before", f.v.amount(example), "After", f.v.amount(after))
}

// currencyName is the store's currency as an input's unit.
func (v *visit) currencyName() string {
	if key := "console.product.unit." + string(v.shop.Currency); v.words.Has(key) {
		return v.words.T(key)
	}
	return string(v.shop.Currency)
}

// discountsText words a list of discounts as the trail keeps it.
func (v *visit) discountsText(value, unit string) string {
	var lines []string
	for part := range strings.SplitSeq(value, "; ") {
		from, off, is := strings.Cut(part, ":")
		if !is {
			continue
		}
		text := off
		if points, err := strconv.Atoi(off); err == nil {
			text = v.words.Percent(points)
		} else if minor, currency, is := strings.Cut(off, " "); is {
			if n, err := strconv.ParseInt(minor, 10, 64); err == nil {
				text = v.words.Money(money.Of(n, money.Currency(currency)))
			}
		}
		lines = append(lines, v.words.T("product.discount.line", "From", from, "Unit", v.words.T("product.unit."+unit), "Off", text))
	}
	return strings.Join(lines, v.words.T("console.product.separator"))
}
