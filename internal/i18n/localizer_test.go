package i18n

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
)

// load is the real catalogue; a key that is asked for without a text fails the test.
func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	c.OnMissing(func(lang Lang, key string) { t.Errorf("%s has no text for %s", lang, key) })
	return c
}

// say runs one saying in all four languages.
func say(c *Catalog, f func(l *Localizer) string) []string {
	var said []string
	for _, lang := range Langs {
		said = append(said, f(c.For(lang)))
	}
	return said
}

func TestAmountsDatesAndNamesReadAsShopsWriteThem(t *testing.T) {
	c := load(t)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	saturday := calendar.On(2026, time.December, 5)
	thursdayNight := time.Date(2026, time.December, 3, 15, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		say  func(l *Localizer) string
		want []string
	}{
		{
			"yen", func(l *Localizer) string { return l.Money(money.Yen(1330)) },
			[]string{"1,330円", "¥1,330", "1,330日元", "1,330日圓"},
		},
		{
			"yen with tax", func(l *Localizer) string { return l.MoneyTax(money.Yen(1330)) },
			[]string{"1,330円（税込）", "¥1,330 (tax incl.)", "1,330日元（含税）", "1,330日圓（含稅）"},
		},
		{
			"a discount", func(l *Localizer) string { return l.Signed(money.Yen(-140)) },
			[]string{"−140円", "−¥140", "−140日元", "−140日圓"},
		},
		{
			"a surcharge", func(l *Localizer) string { return l.Signed(money.Yen(330)) },
			[]string{"+330円", "+¥330", "+330日元", "+330日圓"},
		},
		{
			"dollars", func(l *Localizer) string { return l.Money(money.Of(-123456, "USD")) },
			[]string{"−$1,234.56", "−$1,234.56", "−US$1,234.56", "−US$1,234.56"},
		},
		{
			"Taiwan dollars in Traditional, not Simplified, Chinese",
			func(l *Localizer) string { return l.Money(money.Of(50000, "TWD")) },
			[]string{"NT$500.00", "NT$500.00", "NT$500.00", "$500.00"},
		},
		{
			"a number", func(l *Localizer) string { return l.Number(-1234567) },
			[]string{"−1,234,567", "−1,234,567", "−1,234,567", "−1,234,567"},
		},
		{
			"a percentage", func(l *Localizer) string { return l.Percent(1050) },
			[]string{"10.5%", "10.5%", "10.5%", "10.5%"},
		},
		{
			"a date", func(l *Localizer) string { return l.Date(saturday) },
			[]string{"12月5日（土）", "Sat, 5 Dec", "12月5日（六）", "12月5日（六）"},
		},
		{
			"a date with its year", func(l *Localizer) string { return l.DateYear(saturday) },
			[]string{"2026年12月5日（土）", "Sat, 5 Dec 2026", "2026年12月5日（六）", "2026年12月5日（六）"},
		},
		{
			"a date for staff", func(l *Localizer) string { return l.DateShort(saturday) },
			[]string{"12/5（土）", "Sat 5 Dec", "12/5（六）", "12/5（六）"},
		},
		{
			"a month", func(l *Localizer) string { return l.Month(saturday) },
			[]string{"2026年12月", "December 2026", "2026年12月", "2026年12月"},
		},
		{
			"an instant", func(l *Localizer) string { return l.DateTime(thursdayNight.Add(-time.Hour), tokyo) },
			[]string{"12月3日（木）23:00", "Thu, 3 Dec, 23:00", "12月3日（四） 23:00", "12月3日（四） 23:00"},
		},
		{
			"a deadline at midnight belongs to the day before",
			func(l *Localizer) string { return l.DeadlineAt(thursdayNight, tokyo) },
			[]string{"12月3日（木）24時", "end of Thu, 3 Dec", "12月3日（四）24时", "12月3日（四）24時"},
		},
		{
			"a deadline at five", func(l *Localizer) string { return l.DeadlineAt(thursdayNight.Add(-7*time.Hour), tokyo) },
			[]string{"12月3日（木）17時", "Thu, 3 Dec, 17:00", "12月3日（四）17时", "12月3日（四）17時"},
		},
		{
			"a deadline at half past five",
			func(l *Localizer) string { return l.DeadlineAt(thursdayNight.Add(-6*time.Hour-30*time.Minute), tokyo) },
			[]string{"12月3日（木）17時30分", "Thu, 3 Dec, 17:30", "12月3日（四）17时30分", "12月3日（四）17時30分"},
		},
		{
			"a monthly cycle", func(l *Localizer) string { return l.Cycle(calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}) },
			[]string{"1か月ごと", "every month", "每月", "每個月"},
		},
		{
			"a cycle of weeks on its weekday",
			func(l *Localizer) string {
				return l.CycleFrom(calendar.Cycle{Every: 2, Unit: calendar.UnitWeek}, saturday)
			},
			[]string{"2週間ごと（土曜日）", "every 2 weeks, Saturday", "每2周（星期六）", "每2週（星期六）"},
		},
		{
			"a cycle on the second Tuesday",
			func(l *Localizer) string {
				return l.CycleFrom(calendar.Cycle{Every: 1, Unit: calendar.UnitMonthWeekday}, calendar.On(2026, time.December, 8))
			},
			[]string{"1か月ごと（第2火曜日）", "every month, 2nd Tuesday", "每月（第2个星期二）", "每個月（第2個星期二）"},
		},
		{
			"a cycle on a day of the month",
			func(l *Localizer) string {
				return l.CycleFrom(calendar.Cycle{Every: 3, Unit: calendar.UnitMonth}, saturday)
			},
			[]string{"3か月ごと（5日）", "every 3 months, on the 5th", "每3个月（5日）", "每3個月（5日）"},
		},
		{
			"a time slot", func(l *Localizer) string { return l.Slot("0812") + " " + l.Slot("1820") },
			[]string{"午前中 18時〜20時", "morning 18:00–20:00", "上午 18时〜20时", "上午 18時〜20時"},
		},
		{
			"a Japanese name", func(l *Localizer) string { return l.Addressee(place.Name{Family: "早川", Given: "千尋"}) },
			[]string{"早川 千尋 様", "早川 千尋", "早川千尋", "早川千尋"},
		},
		{
			"a name in Latin letters",
			func(l *Localizer) string { return l.Name(place.Name{Family: "Hayakawa", Given: "Chihiro"}) },
			[]string{"Hayakawa Chihiro", "Chihiro Hayakawa", "Chihiro Hayakawa", "Chihiro Hayakawa"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, say(c, test.say)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeadlineWhereClocksSkipMidnightStillEndsTheDayBefore(t *testing.T) {
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	deadline := calendar.On(2026, time.September, 6).Start(santiago)
	if got := load(t).For(Ja).DeadlineAt(deadline, santiago); got != "9月5日（土）24時" {
		t.Errorf("got %s", got)
	}
}

func TestAddressesFollowTheirCountry(t *testing.T) {
	c := load(t)
	tests := []struct {
		name    string
		lang    Lang
		address place.Address
		want    []string
	}{
		{
			"Japanese, read in Japanese", Ja,
			place.Address{Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6", Building: "メゾン西荻 203"},
			[]string{"〒167-0042", "東京都杉並区西荻北3-18-6", "メゾン西荻 203"},
		},
		{
			"Japanese, read in English", En,
			place.Address{Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6"},
			[]string{"〒167-0042", "東京都杉並区西荻北3-18-6", "Japan"},
		},
		{
			"Japanese, typed in Latin letters", En,
			place.Address{Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "Suginami-ku", Street: "3-18-6 Nishiogikita", Building: "#203"},
			[]string{"#203, 3-18-6 Nishiogikita", "Suginami-ku, Tokyo 167-0042", "Japan"},
		},
		{
			"American", Ja,
			place.Address{Country: "US", Postcode: "94103", Region: "US-CA", City: "San Francisco", Street: "1 Market St"},
			[]string{"1 Market St", "San Francisco, CA 94103", "アメリカ合衆国"},
		},
		{
			"Hong Kong has no postcode", ZhHant,
			place.Address{Country: "HK", Region: "HK-KLN", City: "旺角", Street: "彌敦道688號"},
			[]string{"九龍旺角彌敦道688號", "香港"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, c.For(test.lang).Address(test.address)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCountsTakeThePluralOfTheLanguage(t *testing.T) {
	c := load(t)
	for count, want := range map[int]string{1: "There is 1 thing to correct.", 2: "There are 2 things to correct.", 0: "There are 0 things to correct."} {
		if got := c.For(En).Plural("common.errors.summary", count); got != want {
			t.Errorf("%d: got %q, want %q", count, got, want)
		}
	}
	if got := c.For(Ja).Plural("common.errors.summary", 1200); got != "入力内容に1,200件の誤りがあります。" {
		t.Errorf("got %q", got)
	}
}

func TestFaultsSpeakTheLanguageOfThePage(t *testing.T) {
	c := load(t)
	tooLong := fault.Field("name", "fault.too_long", "Max", 40)
	want := []string{"40文字以内で入力してください。", "Please use at most 40 characters.", "请输入不超过40个字符。", "請輸入不超過40個字元。"}
	if diff := cmp.Diff(want, say(c, func(l *Localizer) string { return l.Fault(tooLong) })); diff != "" {
		t.Error(diff)
	}
}

func TestAMissingTextIsCountedAndShownAsItsKey(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var reported []string
	c.OnMissing(func(lang Lang, key string) { reported = append(reported, string(lang)+" "+key) })
	if got := c.For(En).T("shop.no_such_key"); got != "shop.no_such_key" {
		t.Errorf("got %q", got)
	}
	unknown := fault.New(fault.Conflict, "fault.no_such_key")
	if got := c.For(En).Fault(unknown); got != c.For(En).T("fault.code.conflict") {
		t.Errorf("an unknown fault says %q", got)
	}
	if diff := cmp.Diff([]string{"en shop.no_such_key", "en fault.no_such_key"}, reported); diff != "" {
		t.Error(diff)
	}
	if c.Missing() != 2 {
		t.Errorf("counted %d", c.Missing())
	}
}

func TestArgumentsSurviveJSON(t *testing.T) {
	files := fstest.MapFS{"a.ja.json": {Data: []byte(`{"a.b": "{{.Price}}を{{.Count}}回、{{.Big}}、{{.Lost}}"}`)}}
	c, err := loadFrom(files)
	if err != nil {
		t.Fatal(err)
	}
	real := load(t)
	c.For(Ja).messages["format.yen"] = real.For(Ja).messages["format.yen"]
	stored, err := json.Marshal(map[string]any{"Price": money.Yen(1330), "Count": 3, "Big": 12000000})
	if err != nil {
		t.Fatal(err)
	}
	var args map[string]any
	if err := json.Unmarshal(stored, &args); err != nil {
		t.Fatal(err)
	}
	if got := c.For(Ja).TArgs("a.b", args); got != "1,330円を3回、12000000、{Lost}" {
		t.Errorf("got %q", got)
	}
}

func TestSpoiledCataloguesAreRefused(t *testing.T) {
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"a key in two areas", fstest.MapFS{"a.ja.json": {Data: []byte(`{"a.x": "あ"}`)}, "b.ja.json": {Data: []byte(`{"a.x": "い"}`)}}, "stands in"},
		{"an unknown language", fstest.MapFS{"a.xx.json": {Data: []byte(`{}`)}}, "language of ours"},
		{"a name without an area", fstest.MapFS{"ja.json": {Data: []byte(`{}`)}}, "<area>.<lang>.json"},
		{"no JSON", fstest.MapFS{"a.ja.json": {Data: []byte(`{`)}}, "parsing"},
		{"an empty text", fstest.MapFS{"a.ja.json": {Data: []byte(`{"a.x": ""}`)}}, "no text"},
		{"a template action", fstest.MapFS{"a.ja.json": {Data: []byte(`{"a.x": "{{if .A}}あ{{end}}"}`)}}, "only {{.Name}}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadFrom(test.files)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
