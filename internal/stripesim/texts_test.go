package stripesim

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The ledger is for the people who run the demo: Japanese and English only.
func onlyJaEn(key string) bool {
	return strings.HasPrefix(key, "l_") || strings.HasPrefix(key, "ledger_") || strings.HasPrefix(key, "s_")
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	for lang, catalogue := range texts {
		for key := range texts["ja"] {
			if catalogue[key] == "" && !(onlyJaEn(key) && strings.HasPrefix(lang, "zh")) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for key := range catalogue {
			if texts["ja"][key] == "" {
				t.Errorf("%s has %s, which ja has not", lang, key)
			}
		}
	}
	if got := slices.Sorted(maps.Keys(texts)); !slices.Equal(got, []string{"en", "ja", "zh-Hans", "zh-Hant"}) {
		t.Errorf("languages: %v", got)
	}
}

func TestTemplatesUseOnlyTextsThatExist(t *testing.T) {
	used := regexp.MustCompile(`\.T\.(\w+)`)
	files, err := fs.Glob(pageFiles, "page/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		body, err := pageFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range used.FindAllStringSubmatch(string(body), -1) {
			if texts["ja"][match[1]] == "" {
				t.Errorf("%s uses %s", name, match[1])
			}
		}
	}
}

func TestMoneyIsWrittenAsTheLanguageDoes(t *testing.T) {
	for _, c := range []struct {
		lang, currency, want string
		amount               int64
	}{
		{"ja", "jpy", "1,234,567円", 1234567},
		{"en", "jpy", "¥1,330", 1330},
		{"zh-Hant", "jpy", "980日圓", 980},
		{"zh-Hans", "jpy", "980日元", 980},
		{"ja", "usd", "USD 0.05", 5},
		{"ja", "twd", "TWD 1,234.50", 123450},
		{"en", "kwd", "KWD 12.340", 12340},
		{"ja", "jpy", "−500円", -500},
	} {
		if got := texts[c.lang].money(c.amount, c.currency); got != c.want {
			t.Errorf("%s %d %s: %s, want %s", c.lang, c.amount, c.currency, got, c.want)
		}
	}
}
