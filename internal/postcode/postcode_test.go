package postcode

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/core/place"
)

func TestPostcodesFindTheirTowns(t *testing.T) {
	for code, want := range map[string]Town{
		"167-0042":       {"JP-13", "杉並区", "西荻北"},
		"1670042":        {"JP-13", "杉並区", "西荻北"},
		"〒１６７ー００４２":      {"JP-13", "杉並区", "西荻北"},
		"001-0010":       {"JP-01", "札幌市北区", "北十条西"},
		"602-8368":       {"JP-26", "京都市上京区", "北町"},
		"100-0000":       {"JP-13", "千代田区", ""},
		"100-0301":       {"JP-13", "利島村", ""}, // 利島村一円: all of the village
		"522-0317":       {"JP-25", "犬上郡多賀町", "一円"},
		"029-5506":       {"JP-03", "和賀郡西和賀町", "湯之沢"}, // 湯之沢３１地割〜湯之沢３５地割
		" 180 - 0004   ": {"JP-13", "武蔵野市", "吉祥寺本町"},
	} {
		if got, ok := Lookup(code); !ok || got != want {
			t.Errorf("%s: %+v %t, want %+v", code, got, ok, want)
		}
	}
}

func TestWhatIsNoPostcodeFindsNothing(t *testing.T) {
	for _, code := range []string{"", "167", "167-004", "167-00421", "0000000", "9999999", "abcdefg", "167\t042", "SW1A 1AA"} {
		if got, ok := Lookup(code); ok {
			t.Errorf("%q: %+v", code, got)
		}
	}
}

func TestEveryLineIsFoundAndFitsAnAddress(t *testing.T) {
	before := ""
	lines := 0
	for line := range strings.Lines(table()) {
		code := line[:7]
		if code <= before {
			t.Fatalf("%s stands after %s", code, before)
		}
		before = code
		town, ok := Lookup(code)
		if !ok || town.City == "" || strings.ContainsAny(town.City+town.Name, "（）〜、") {
			t.Errorf("%s: %+v %t", code, town, ok)
		}
		if _, known := place.RegionOf("JP", town.Region); !known {
			t.Errorf("%s: no region %s", code, town.Region)
		}
		lines++
	}
	if lines < 120_000 {
		t.Errorf("%d postcodes; Japan has more than 120,000", lines)
	}
	if limit := 1_200_000; len(packed) > limit {
		t.Errorf("the table has %d bytes, more than %d", len(packed), limit)
	}
}
