package mail

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/place"
	"github.com/teiki-commerce/teiki/internal/i18n"
)

var update = flag.Bool("update", false, "write testdata anew; look at the difference before committing it")

// catalog is the real one; a key without a text fails the test.
func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.OnMissing(func(lang i18n.Lang, key string) { t.Errorf("%s has no text for %s", lang, key) })
	return c
}

func tokyo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func hibari(t *testing.T, lang i18n.Lang) StoreFacts {
	t.Helper()
	names := map[i18n.Lang]string{i18n.Ja: "ひばり珈琲", i18n.En: "Hibari Coffee", i18n.ZhHans: "云雀咖啡", i18n.ZhHant: "雲雀咖啡"}
	hours := map[i18n.Lang]string{
		i18n.Ja: "平日 10時〜17時", i18n.En: "weekdays 10:00–17:00 JST", i18n.ZhHans: "工作日10时〜17时", i18n.ZhHant: "平日10時〜17時",
	}
	return StoreFacts{
		Name: names[lang], LegalName: "ひばり珈琲株式会社",
		Address: place.Address{Country: "JP", Postcode: "180-0004", Region: "JP-13", City: "武蔵野市", Street: "吉祥寺本町2-14-5"},
		Phone:   "0422-00-1846", Hours: hours[lang], Mail: "teiki@hibari-coffee.example",
		Registration: "T1234567890123", Zone: tokyo(t),
	}
}

// seventh is the 7th box of a subscription, with goods of both tax rates.
func seventh(t *testing.T) Facts {
	t.Helper()
	zone := tokyo(t)
	endOf := func(year int, month time.Month, day int) time.Time {
		return calendar.On(year, month, day).AddDays(1).Start(zone).UTC()
	}
	return Facts{
		Customer: place.Name{Family: "早川", Given: "千尋"}, Code: "048213", OrderNumber: "H-104826",
		Lines: []Line{
			{
				Name: "ひばりブレンド", Option: "豆・200g", Quantity: 2, Unit: money.Yen(1330), Amount: money.Yen(2660),
				Reason: "price.reason.subscription", BasisPoints: 800,
			},
			{
				Name: "ペーパーフィルター 100枚", Quantity: 1, Unit: money.Yen(480), Amount: money.Yen(480),
				Reason: "price.reason.regular", BasisPoints: 1000,
			},
		},
		Shipping: money.Yen(650), Fee: money.Yen(0), Total: money.Yen(3790),
		Tax: []TaxSum{
			{BasisPoints: 800, Amount: money.Yen(2660), Tax: money.Yen(197)},
			{BasisPoints: 1000, Amount: money.Yen(1130), Tax: money.Yen(102)},
		},
		DeliveryDate: calendar.On(2026, time.December, 8), ShippingDate: calendar.On(2026, time.December, 7),
		TimeSlot: "1820", ShippingMethod: "宅急便",
		Address: &place.Address{
			Country: "JP", Postcode: "167-0042", Region: "JP-13", City: "杉並区", Street: "西荻北3-18-6",
			Building: "メゾン西荻 203", Name: place.Name{Family: "早川", Given: "千尋"},
		},
		Payment:            Payment{Method: "card", Brand: "visa", Last4: "4242", Paid: true},
		SubscriptionNumber: "S-2044", Box: 7, Cycle: calendar.Cycle{Every: 1, Unit: calendar.UnitMonth},
		Anchor: calendar.On(2026, time.June, 8), Minimum: 3,
		Coming: []Coming{
			{Box: 8, Date: calendar.On(2027, time.January, 8), Total: money.Yen(3310), Deadline: endOf(2027, time.January, 3)},
			{Box: 9, Date: calendar.On(2027, time.February, 8), Total: money.Yen(3310), Deadline: endOf(2027, time.February, 3)},
		},
		Contact: &Contact{Name: "早川 千尋", Mail: "chihiro@example.jp", Body: "定期便の届け先を変えたいです。\n\n来月から引っ越します。"},
		Reason:  "decline.temporary", PayBy: endOf(2026, time.December, 8),
		Links: Links{
			MyPage: "https://hibari-coffee.example/mypage/subscriptions/S-2044", Pay: "https://hibari-coffee.example/pay/abc123",
			Shop: "https://hibari-coffee.example/", Reply: "mailto:chihiro@example.jp",
			Code: "https://hibari-coffee.example/login/code", Password: "https://hibari-coffee.example/password/abc123",
		},
	}
}

func TestEveryMailReadsInEveryLanguage(t *testing.T) {
	c := catalog(t)
	for _, event := range Events {
		for _, lang := range i18n.Langs {
			t.Run(string(event)+" "+string(lang), func(t *testing.T) {
				subject, text, html, err := Render(c.For(lang), event, seventh(t), hibari(t, lang))
				if err != nil {
					t.Fatal(err)
				}
				compareGolden(t, string(event)+"."+string(lang)+".txt", "Subject: "+subject+"\n\n"+text)
				page := parse(t, html)
				if got, _ := page.Find("html").Attr("lang"); got != string(lang) {
					t.Errorf("lang is %q", got)
				}
				if got := page.Find("title").Text(); got != subject {
					t.Errorf("title %q, subject %q", got, subject)
				}
				if page.Find("h1").Length() != 1 || page.Find("a.button").Length() != 1 {
					t.Errorf("%d headings, %d buttons", page.Find("h1").Length(), page.Find("a.button").Length())
				}
				wantSameWords(t, text, page)
			})
		}
	}
}

// wantSameWords holds the two forms together: what the HTML says stands in the
// text, and the button's address with it.
func wantSameWords(t *testing.T, text string, page *goquery.Document) {
	t.Helper()
	page.Find("h1, h2, p.to, p.body, th, a.button, p.note").Each(func(_ int, s *goquery.Selection) {
		if !strings.Contains(text, s.Text()) {
			t.Errorf("only the HTML says %q", s.Text())
		}
	})
	page.Find("table.order td:last-child, table.facts td").Each(func(_ int, s *goquery.Selection) {
		inner, err := s.Html()
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(inner, "<br/>") {
			if word := parse(t, part).Text(); !strings.Contains(text, word) {
				t.Errorf("only the HTML says %q", word)
			}
		}
	})
	if url, _ := page.Find("a.button").Attr("href"); !strings.Contains(text, url) {
		t.Errorf("the text lacks the address %s", url)
	}
}

func TestTheOrderTableShowsLinesStepsTotalAndTax(t *testing.T) {
	facts := seventh(t)
	facts.Adjustments = []Adjustment{{Key: "price.reason.first", Amount: money.Yen(-350)}}
	_, _, html, err := Render(catalog(t).For(i18n.Ja), EventSubscriptionOrder, facts, hibari(t, i18n.Ja))
	if err != nil {
		t.Fatal(err)
	}
	page := parse(t, html)
	var got []string
	page.Find("table.order tr").Each(func(_ int, row *goquery.Selection) {
		got = append(got, row.Find("td").First().Text()+" | "+row.Find("td").Last().Text())
	})
	want := []string{
		"ひばりブレンド　豆・200g ※定期価格 1,330円 × 2 | 2,660円",
		"ペーパーフィルター 100枚通常価格 480円 × 1 | 480円",
		"初回割引 | −350円",
		"送料 | 650円",
		"お支払い合計（税込） | 3,790円",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := page.Find("p.tax").Text(); got != "8%対象（※） 2,660円　うち消費税 197円10%対象 1,130円　うち消費税 102円" {
		t.Errorf("tax: %s", got)
	}
}

func TestTheTextFitsHowTheOrderIsPaid(t *testing.T) {
	c := catalog(t)
	tests := []struct {
		name    string
		payment Payment
		want    string
		absent  string
	}{
		{"card, charged", Payment{Method: "card", Brand: "jcb", Last4: "0505", Paid: true}, "お支払いは完了しています。", "代引手数料"},
		{"card, not yet charged", Payment{Method: "card"}, "ご登録のカードで手続きいたします。", "完了しています"},
		{"cash on delivery", Payment{Method: "cod"}, "配達員へお支払いください。", "カード"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			facts := seventh(t)
			facts.Payment = test.payment
			if test.payment.Method == "cod" {
				facts.Fee = money.Yen(330)
			}
			_, text, _, err := Render(c.For(i18n.Ja), EventSubscriptionOrder, facts, hibari(t, i18n.Ja))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, test.want) || strings.Contains(text, test.absent) {
				t.Errorf("want %q without %q in:\n%s", test.want, test.absent, text)
			}
			if (test.payment.Method == "cod") != strings.Contains(text, "代引手数料　330円") {
				t.Errorf("the fee stands where it should not, or not where it should:\n%s", text)
			}
		})
	}
}

func TestADeclineIsNeverCalledTheftOrFraud(t *testing.T) {
	c := catalog(t)
	for _, lang := range i18n.Langs {
		for _, reason := range []string{"decline.card_data", "decline.authentication", "decline.other_card", "decline.temporary"} {
			facts := seventh(t)
			facts.Reason = reason
			_, text, _, err := Render(c.For(lang), EventPaymentFailed, facts, hibari(t, lang))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, c.For(lang).T(reason)) {
				t.Errorf("%s: the mail does not say %s", lang, reason)
			}
			for _, word := range []string{"盗難", "紛失", "不正", "遺失", "被盗", "被盜", "欺诈", "詐欺", "诈骗", "lost", "stolen", "fraud"} {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s: the mail says %q", lang, word)
				}
			}
		}
	}
}

func TestBelowTheMinimumNoMailPromisesCancelling(t *testing.T) {
	facts := seventh(t)
	facts.Box, facts.Minimum = 1, 8
	_, text, _, err := Render(catalog(t).For(i18n.Ja), EventSubscriptionStart, facts, hibari(t, i18n.Ja))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1月3日（日）24時まで変更できます", "2月3日（水）24時まで変更・解約できます", "解約は8回目のお届けが確定した後から",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, text)
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	facts := seventh(t)
	facts.Customer.Family = `<script>alert(1)</script>`
	facts.Lines[0].Name = `<img src=x onerror=alert(1)>`
	facts.Links.MyPage = `javascript:alert(1)`
	_, _, html, err := Render(catalog(t).For(i18n.Ja), EventSubscriptionOrder, facts, hibari(t, i18n.Ja))
	if err != nil {
		t.Fatal(err)
	}
	page := parse(t, html)
	if n := page.Find("script, img").Length(); n != 0 {
		t.Errorf("%d elements came out of texts", n)
	}
	if href, _ := page.Find("a.button").Attr("href"); strings.HasPrefix(href, "javascript:") {
		t.Errorf("the button runs %s", href)
	}
}

func TestFactsSurviveTheOutbox(t *testing.T) {
	facts := seventh(t)
	facts.Adjustments = []Adjustment{{Key: "price.reason.regular", Args: map[string]any{"Unit": 1900, "Quantity": 2}, Amount: money.Yen(3800)}}
	stored, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var read Facts
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	loc := catalog(t).For(i18n.Ja)
	_, before, _, err := Render(loc, EventDeadlineNotice, seventh(t), hibari(t, i18n.Ja))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _, err := Render(loc, EventDeadlineNotice, read, hibari(t, i18n.Ja))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(after, "通常価格 1,900円 × 2　+3,800円") {
		t.Errorf("the adjustment lost its amounts:\n%s", after)
	}
	if diff := cmp.Diff(before, strings.Replace(after, "通常価格 1,900円 × 2　+3,800円\n", "", 1)); diff != "" {
		t.Error(diff)
	}
}

func TestAMailThatCannotBeWrittenIsAnError(t *testing.T) {
	loc := catalog(t).For(i18n.Ja)
	if _, _, _, err := Render(loc, "no_such_event", seventh(t), hibari(t, i18n.Ja)); err == nil {
		t.Error("an unknown event was rendered")
	}
	facts := seventh(t)
	facts.Links.Pay = ""
	if _, _, _, err := Render(loc, EventPaymentFailed, facts, hibari(t, i18n.Ja)); err == nil {
		t.Error("a failed payment without a way to solve it was rendered")
	}
	if _, _, _, err := Render(loc, EventOrder, seventh(t), StoreFacts{}); err == nil {
		t.Error("a store without a time zone was accepted")
	}
}

func parse(t *testing.T, html string) *goquery.Document {
	t.Helper()
	page, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestAnOrderThatStartsSeveralSubscriptionsTellsOfEach(t *testing.T) {
	facts := seventh(t)
	first := Started{
		Name: "ひばりブレンド 豆・200g", SubscriptionNumber: "S-2044", Cycle: facts.Cycle, Anchor: facts.Anchor, Minimum: facts.Minimum, Coming: facts.Coming,
	}
	second := Started{
		Name: "ペーパーフィルター 100枚", SubscriptionNumber: "S-2045", Cycle: calendar.Cycle{Every: 2, Unit: calendar.UnitMonth},
		Anchor: calendar.On(2026, time.December, 8), Count: 6,
		Coming: []Coming{{Box: 2, Date: calendar.On(2027, time.February, 8), Total: money.Yen(1130), Deadline: facts.Coming[1].Deadline}},
	}
	facts.Started = []Started{first, second}
	c := catalog(t)
	for _, lang := range i18n.Langs {
		_, text, html, err := Render(c.For(lang), EventSubscriptionStart, facts, hibari(t, lang))
		if err != nil {
			t.Fatal(err)
		}
		compareGolden(t, "subscription_start_two."+string(lang)+".txt", text)
		wantSameWords(t, text, parse(t, html))
	}
}
