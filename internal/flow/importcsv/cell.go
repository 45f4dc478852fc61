package importcsv

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/tax"
)

// Cells are written by people: full-width digits, a yen sign, separators. What
// can be meant only one way is read; everything else is refused, since a guessed
// price is worse than a refused file.

// narrow writes full-width letters, digits and marks in ASCII and drops all
// spaces.
func narrow(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), "") }

// typed takes off the apostrophe by which an export keeps spreadsheets from
// running a cell as a formula.
func typed(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

var (
	grouped = regexp.MustCompile(`^[0-9]{1,3}(?:,[0-9]{3})+$|^[0-9]+$`)
	codes   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	percent = regexp.MustCompile(`^(\d{1,2})(?:\.0+)?%?$`)
	dates   = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$`)
)

const (
	maxCode  = 64
	maxName  = 200
	maxCount = 1_000_000_000
	maxPrice = 999_999_999_999 // in minor units; the gateway's own limit is lower for most currencies
)

// whole reads a whole number that is not negative.
func whole(s string, limit int64) (int64, *fault.Error) {
	s = narrow(s)
	if !grouped.MatchString(s) {
		return 0, fault.Field("", "import.number")
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	if err != nil || n > limit {
		return 0, fault.Field("", "import.number.limit", "Max", limit)
	}
	return n, nil
}

var yenSigns = strings.NewReplacer("¥", "", "\\", "", "円", "")

// price reads an amount in a currency with so many decimals, in minor units.
// Decimals that are zero may stand beyond them, as exports write "1480.00". CP932
// has the yen sign at the backslash's place.
func price(s string, digits int) (int64, *fault.Error) {
	units, fraction, _ := strings.Cut(yenSigns.Replace(narrow(s)), ".")
	fraction = strings.TrimRight(fraction, "0")
	if !grouped.MatchString(units) || len(fraction) > digits || strings.Trim(fraction, "0123456789") != "" {
		return 0, fault.Field("", "import.price")
	}
	minor, err := strconv.ParseInt(strings.ReplaceAll(units, ",", "")+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil || minor > maxPrice {
		return 0, fault.Field("", "import.price.limit")
	}
	if minor == 0 {
		return 0, fault.Field("", "import.price.zero")
	}
	return minor, nil
}

// taxClasses are the classes of Japan's rates in percent. Rates of the past and
// of other countries have none: a merchant says them as a class in the console.
var taxClasses = map[string]tax.Class{"8": tax.Reduced, "10": tax.Standard}

// taxClass reads "8%", "８％", "10".
func taxClass(s string) (tax.Class, *fault.Error) {
	if match := percent.FindStringSubmatch(narrow(s)); match != nil {
		if class, known := taxClasses[match[1]]; known {
			return class, nil
		}
	}
	return "", fault.Field("", "import.tax")
}

// date reads 2026/12/14, 2026-12-14, 2026.12.14 and 2026年12月14日.
func date(s string) (calendar.Date, *fault.Error) {
	wrong := fault.Field("", "import.date")
	match := dates.FindStringSubmatch(narrow(s))
	if match == nil {
		return calendar.Date{}, wrong
	}
	var parts [3]int
	for i := range parts {
		parts[i], _ = strconv.Atoi(match[i+1]) // digits only, four at most
	}
	d := calendar.Date{Year: parts[0], Month: time.Month(parts[1]), Day: parts[2]}
	if calendar.On(d.Year, d.Month, d.Day) != d {
		return calendar.Date{}, wrong
	}
	return d, nil
}

// yesNo reads 1 and 0 and the words people put in their place.
func yesNo(s string) (bool, *fault.Error) {
	switch strings.ToLower(narrow(s)) {
	case "1", "true", "yes", "○", "〇", "有", "あり", "する":
		return true, nil
	case "", "0", "false", "no", "×", "-", "無", "なし", "しない":
		return false, nil
	default:
		return false, fault.Field("", "import.flag")
	}
}

// cycles reads "1m,2w,30d", as a list with any usual separator.
func cycles(s string) ([]calendar.Cycle, *fault.Error) {
	var list []calendar.Cycle
	parts := strings.FieldsFunc(norm.NFKC.String(s), func(r rune) bool { return strings.ContainsRune(",、;/| \t\n", r) })
	for _, part := range parts {
		cycle, err := calendar.ParseCycle(strings.ToLower(part))
		if err != nil {
			return nil, fault.Field("", "import.cycle", "Cycle", part)
		}
		for _, other := range list {
			if other == cycle {
				return nil, fault.Field("", "import.cycle.twice", "Cycle", part)
			}
		}
		list = append(list, cycle)
	}
	return list, nil
}

// code reads a product's code or a SKU, which stand in addresses and on labels.
// Spaces within are no slip of the keyboard that could be dropped: two codes may
// differ by one.
func code(s string) (string, *fault.Error) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	switch {
	case len(s) > maxCode:
		return "", fault.Field("", "fault.too_long", "Max", maxCode)
	case !codes.MatchString(s):
		return "", fault.Field("", "import.code")
	default:
		return s, nil
	}
}
