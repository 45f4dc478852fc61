package i18n

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

func TestEveryLanguageHasEveryTextWithTheSameVariables(t *testing.T) {
	c := load(t)
	want := c.Keys(Ja)
	for _, lang := range Langs[1:] {
		if diff := cmp.Diff(want, c.Keys(lang)); diff != "" {
			t.Errorf("keys of ja (-) and %s (+) differ:\n%s", lang, diff)
		}
	}
	for _, key := range want {
		names := map[Lang]string{}
		for _, lang := range Langs {
			if m, ok := c.For(lang).messages[key]; ok {
				names[lang] = strings.Join(m.variables(), " ")
			}
		}
		for lang, n := range names {
			if n != names[Ja] && !dates[key] {
				t.Errorf("%s: %s uses %q, ja uses %q", key, lang, n, names[Ja])
			}
		}
	}
}

// dates of some languages name the month, others number it.
var dates = map[string]bool{"format.month": true}

// variables of all forms of a message, sorted, each once. Forms may leave the
// count out ("one bag").
func (m message) variables() []string {
	names := slices.Clone(m.other.vars)
	for _, t := range m.forms {
		names = append(names, t.vars...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestNoFileHasAKeyTwiceOrATextOfAnotherArea(t *testing.T) {
	names, err := fs.Glob(embedded, "catalog/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		area, _, _ := strings.Cut(strings.TrimPrefix(name, "catalog/"), ".")
		for _, key := range topKeys(t, name, content) {
			if !strings.HasPrefix(key, area+".") {
				t.Errorf("%s: %s belongs elsewhere", name, key)
			}
		}
	}
}

// topKeys reads the keys one by one: a JSON map would swallow a repeated one.
func topKeys(t *testing.T, name string, content []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	if _, err := decoder.Token(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var keys []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if slices.Contains(keys, key.(string)) {
			t.Errorf("%s: %s stands twice", name, key)
		}
		keys = append(keys, key.(string))
	}
	return keys
}

func TestWhatCoreMaySayHasATextInEveryLanguage(t *testing.T) {
	c := load(t)
	var keys []string
	for _, country := range place.Countries() {
		keys = append(keys, "place.country."+string(country))
	}
	for _, code := range []fault.Code{
		fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden,
		fault.TooMany, fault.Unavailable, fault.Unauthorized,
	} {
		keys = append(keys, "fault.code."+string(code))
	}
	for _, kind := range []alert.Kind{
		alert.KindPaymentFailed, alert.KindAuthentication, alert.KindPaymentUnclear, alert.KindPaymentRefused,
		alert.KindStockOut, alert.KindProductEnded, alert.KindNoCard, alert.KindNoZone, alert.KindMissed,
		alert.KindStockSkipped, alert.KindStockRest, alert.KindPriceCard, alert.KindPriceNearby,
		alert.KindQuarantined, alert.KindLateMoney, alert.KindMailRefused,
	} {
		keys = append(keys, "alert."+string(kind)+".title", "alert."+string(kind)+".advice")
	}
	for _, lang := range Langs {
		for _, key := range keys {
			if !c.For(lang).Has(key) {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}
