package i18n

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
)

func TestAnAmountReadsBackAsItself(t *testing.T) {
	c := load(t)
	rapid.Check(t, func(t *rapid.T) {
		l := c.For(rapid.SampledFrom(Langs).Draw(t, "lang"))
		amount := money.Of(
			rapid.Int64Range(-1_000_000_000_000, 1_000_000_000_000).Draw(t, "minor"),
			rapid.SampledFrom([]money.Currency{"JPY", "KRW", "USD", "EUR", "TWD", "HKD", "CNY", "GBP", "KWD", "BHD"}).Draw(t, "currency"),
		)
		written := l.Money(amount)
		read, err := l.ParseMoney(written, amount.Currency)
		if err != nil || read != amount {
			t.Fatalf("%v was written %q and read %v, %v", amount, written, read, err)
		}
		if strings.Contains(written, "-") {
			t.Fatalf("%q has a hyphen for a minus", written)
		}
	})
}

func TestAmountsAreReadAsPeopleTypeThem(t *testing.T) {
	c := load(t)
	for typed, want := range map[string]money.Amount{
		"1330": money.Yen(1330), "１，３３０円": money.Yen(1330), "¥1,330": money.Yen(1330), "￥1330": money.Yen(1330), "−140": money.Yen(-140),
	} {
		if got, err := c.For(ZhHans).ParseMoney(typed, "JPY"); err != nil || got != want {
			t.Errorf("%q was read as %v, %v", typed, got, err)
		}
	}
}

func TestAFieldForAmountsRefusesWhatIsNoAmount(t *testing.T) {
	l := load(t).For(Ja)
	for _, typed := range []string{"", "abc", "1.5", "１円２円x", "99999999999999999999", "1円2円x", "NaN", "1e3x"} {
		if got, err := l.ParseMoney(typed, "JPY"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was read as %v, %v", typed, got, err)
		}
	}
}

func TestEveryDateIsWrittenWithItsParts(t *testing.T) {
	c := load(t)
	rapid.Check(t, func(t *rapid.T) {
		l := c.For(rapid.SampledFrom(Langs).Draw(t, "lang"))
		d := calendar.On(2020, time.January, 1).AddDays(rapid.IntRange(0, 20000).Draw(t, "days"))
		written := l.DateYear(d)
		month := l.T("format.month." + strconv.Itoa(int(d.Month)))
		for _, part := range []string{strconv.Itoa(d.Year), month, strconv.Itoa(d.Day), l.Weekday(d.Weekday())} {
			if !strings.Contains(written, part) {
				t.Fatalf("%s is written %q, without %q", d, written, part)
			}
		}
	})
}

func TestADeadlineNeverNamesADayOnWhichItIsTooLate(t *testing.T) {
	c := load(t)
	zones := []*time.Location{}
	for _, name := range []string{"Asia/Tokyo", "America/Santiago", "America/New_York", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		day := calendar.On(2026, time.January, 1).AddDays(rapid.IntRange(0, 1500).Draw(t, "day"))
		planned := calendar.Planned{DeadlineDate: day, Deadline: day.AddDays(1).Start(zone).UTC()}
		written := c.For(Ja).Deadline(planned, zone)
		if want := c.For(Ja).Date(day) + "24時"; written != want {
			t.Fatalf("%s in %s is written %q, want %q", day, zone, written, want)
		}
	})
}

func TestPathsKeepTheirWayThroughALanguage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom(Langs).Draw(t, "lang")
		path := "/" + rapid.StringMatching(`(products|cart|english|zh)?(/[a-z]{0,5})?`).Draw(t, "path")
		gotLang, gotPath := Cut(lang.URL(path))
		if gotLang != lang || gotPath != path {
			t.Fatalf("%s of %q is %q, which reads as %s %q", lang, path, lang.URL(path), gotLang, gotPath)
		}
	})
	for path, want := range map[string]Lang{"/en": En, "/en/": En, "/english": Ja, "/zh-hant/cart": ZhHant, "/zh-Hant/cart": Ja, "/": Ja, "": Ja} {
		if got, _ := Cut(path); got != want {
			t.Errorf("%q is read as %s, want %s", path, got, want)
		}
	}
}

func TestBrowsersGetTheirLanguage(t *testing.T) {
	for header, want := range map[string]Lang{
		"":                              Ja,
		"ja,en;q=0.5":                   Ja,
		"en-GB,en;q=0.9":                En,
		"zh-CN":                         ZhHans,
		"zh-TW,zh;q=0.8":                ZhHant,
		"zh-HK":                         ZhHant,
		"zh":                            ZhHans,
		"fr-FR,en;q=0.3":                En,
		"fi":                            Ja,
		";;;=":                          Ja,
		strings.Repeat("en,", 5) + "xx": En,
	} {
		if got := Match(header); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
	if l, ok := Parse("ZH-hant"); !ok || l != ZhHant {
		t.Errorf("got %s, %v", l, ok)
	}
	if _, ok := Parse("xx"); ok {
		t.Error("xx was taken for a language of ours")
	}
}
