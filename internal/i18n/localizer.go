package i18n

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// Localizer speaks one language. Catalog.For hands out one per language; it is
// safe for many goroutines.
type Localizer struct {
	lang       Lang
	tag        language.Tag
	catalog    *Catalog
	messages   map[string]message
	currencies *currency.Formatter
}

// Lang is the language spoken.
func (l *Localizer) Lang() Lang { return l.lang }

// Has reports whether the key has a text.
func (l *Localizer) Has(key string) bool {
	_, ok := l.messages[key]
	return ok
}

// T is the text of a key with values put in, given as pairs of name and value:
// T("shop.cart.total", "Count", 3). Amounts, dates, cycles and names of people
// are written in the language's own way, everything else plainly. A key without
// a text is returned as it is, and counted.
func (l *Localizer) T(key string, args ...any) string {
	m, ok := l.messages[key]
	if !ok {
		l.catalog.miss(l.lang, key)
		return key
	}
	return m.other.fill(l.pairs(args))
}

// TArgs is T with the values in a map, as faults, alerts and price explanations
// keep them; values that went through JSON are recognised.
func (l *Localizer) TArgs(key string, args map[string]any) string {
	m, ok := l.messages[key]
	if !ok {
		l.catalog.miss(l.lang, key)
		return key
	}
	return m.other.fill(func(name string) (string, bool) {
		value, ok := args[name]
		if !ok {
			return "", false
		}
		return l.value(value), true
	})
}

// Plural is T for a text that varies with a count; the text has it as {{.Count}},
// grouped.
func (l *Localizer) Plural(key string, count int, args ...any) string {
	m, ok := l.messages[key]
	if !ok {
		l.catalog.miss(l.lang, key)
		return key
	}
	values := l.pairs(args)
	return m.counted(l.tag, count).fill(func(name string) (string, bool) {
		if name == "Count" {
			return l.Number(int64(count)), true
		}
		return values(name)
	})
}

// Fault is what a person is told about an error. A key without a text falls back
// to what its code says in general.
func (l *Localizer) Fault(e *fault.Error) string {
	if l.Has(e.Key) {
		return l.TArgs(e.Key, e.Args)
	}
	l.catalog.miss(l.lang, e.Key)
	return l.T("fault.code." + string(e.Code))
}

func (l *Localizer) pairs(args []any) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return l.value(args[i+1]), true
			}
		}
		return "", false
	}
}

// value writes one value in the language's way.
func (l *Localizer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case money.Amount:
		return l.Money(v)
	case calendar.Date:
		return l.Date(v)
	case calendar.Cycle:
		return l.Cycle(v)
	case place.Name:
		return l.Name(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		return l.value(amountFromJSON(v))
	default:
		return fmt.Sprint(v)
	}
}

// amountFromJSON recognises an amount that went through JSON without its type.
func amountFromJSON(v map[string]any) any {
	code, isText := v["currency"].(string)
	if !isText {
		return fmt.Sprint(v)
	}
	switch minor := v["minor"].(type) {
	case float64:
		return money.Of(int64(minor), money.Currency(code))
	case json.Number:
		n, err := minor.Int64()
		if err == nil {
			return money.Of(n, money.Currency(code))
		}
	}
	return fmt.Sprint(v)
}
