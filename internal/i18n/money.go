package i18n

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/bojanz/currency"

	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

// minus is U+2212, as wide as a digit; the hyphen of CLDR's patterns is not.
const minus = "−"

// Money writes an amount: 1,330円, ¥1,330, 1,330日元, 1,330日圓. Yen follows the
// shops' habit of each language, other currencies follow CLDR.
func (l *Localizer) Money(a money.Amount) string {
	if a.Currency == "JPY" {
		if a.Minor < 0 {
			return minus + l.T("format.yen", "Number", group(magnitude(a.Minor)))
		}
		return l.T("format.yen", "Number", group(magnitude(a.Minor)))
	}
	amount, err := currency.NewAmountFromInt64(a.Minor, string(a.Currency))
	if err != nil {
		return a.String()
	}
	return strings.Replace(l.currencies.Format(amount), "-", minus, 1)
}

// MoneyTax writes an amount that holds its tax: 1,330円（税込）.
func (l *Localizer) MoneyTax(a money.Amount) string {
	return l.T("format.money_tax", "Amount", l.Money(a))
}

// Signed writes a change of a price: −140円, +330円, and 0円 without a sign.
func (l *Localizer) Signed(a money.Amount) string {
	if a.Minor > 0 {
		return "+" + l.Money(a)
	}
	return l.Money(a)
}

// yenSigns are how people write yen; each language's own writing is among them.
var yenSigns = strings.NewReplacer("円", "", "日元", "", "日圓", "", "¥", "", "￥", "")

// narrow turns full-width digits and marks and the wide minus into ASCII. It
// leaves signs of currencies alone, because some languages write wide ones.
func narrow(r rune) rune {
	switch {
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '，':
		return ','
	case r == '．':
		return '.'
	case r == '－' || r == '−':
		return '-'
	default:
		return r
	}
}

// ParseMoney reads what a person typed into an amount field: digits, separators
// and the currency's sign, as Money writes them or plainer, full-width too.
func (l *Localizer) ParseMoney(s string, code money.Currency) (money.Amount, error) {
	cleaned := strings.Map(narrow, strings.TrimSpace(s))
	if code == "JPY" {
		cleaned = yenSigns.Replace(cleaned)
	}
	amount, err := l.currencies.Parse(cleaned, string(code))
	if err != nil {
		return money.Amount{}, fault.New(fault.Invalid, "fault.amount")
	}
	rounded := amount.Round()
	if !rounded.Equal(amount) {
		return money.Amount{}, fault.New(fault.Invalid, "fault.amount")
	}
	minor, err := rounded.Int64()
	if err != nil {
		return money.Amount{}, fault.New(fault.Invalid, "fault.amount")
	}
	return money.Of(minor, code), nil
}

// amountArgs of a price reason are minor units of the order's currency.
var amountArgs = []string{"Unit", "Off", "From"}

// Reason explains one step of a price, "通常価格 1,900円 × 2". Its arguments Unit,
// Off and From are minor units of the currency; a sum does not repeat it in
// every step.
func (l *Localizer) Reason(key string, args map[string]any, code money.Currency) string {
	return l.TArgs(key, withCurrency(args, code))
}

func withCurrency(args map[string]any, code money.Currency) map[string]any {
	worded := maps.Clone(args)
	for _, name := range amountArgs {
		switch minor := worded[name].(type) {
		case int64:
			worded[name] = money.Of(minor, code)
		case float64: // the same after a way through JSON
			worded[name] = money.Of(int64(minor), code)
		}
	}
	return worded
}

// Number writes a whole number in groups of three.
func (l *Localizer) Number(n int64) string {
	if n < 0 {
		return minus + group(magnitude(n))
	}
	return group(magnitude(n))
}

// Percent writes basis points: 1000 is 10%, 250 is 2.5%.
func (l *Localizer) Percent(basisPoints int) string {
	sign, n := "", basisPoints
	if n < 0 {
		sign, n = minus, -n
	}
	text := strconv.Itoa(n / 100)
	if rest := n % 100; rest != 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%02d", rest), "0")
	}
	return sign + l.T("format.percent", "Number", text)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func group(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	if len(digits) <= 3 {
		return digits
	}
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	return string(out)
}
