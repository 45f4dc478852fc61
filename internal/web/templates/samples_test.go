package templates_test

import (
	"strconv"
	"strings"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/core/store"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/mypage"
	"github.com/teiki-commerce/teiki/internal/web/page"
	"github.com/teiki-commerce/teiki/internal/web/shop"
)

// sample is one state of a page, on 26 November 2026.
type sample struct {
	page  string
	state string
	data  any
}

func (s sample) file() string {
	name := strings.ReplaceAll(s.page, "/", "-")
	if s.state != "" {
		name += "-" + s.state
	}
	return name
}

var tokyo = time.FixedZone("JST", 9*60*60)

func day(y int, m time.Month, d int) calendar.Date { return calendar.Date{Year: y, Month: m, Day: d} }

// closes is the end of a day in Japan.
func closes(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d+1, 0, 0, 0, 0, tokyo)
}

func yen(n int64) *money.Amount { a := money.Yen(n); return &a }

const longName = "山田錦仕込み・数量限定・冬のひばりブレンド 深煎り𠮷野ヶ里焙煎所スペシャルエディション二〇二六"

var monthly = calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}

func base(lang i18n.Lang, words *i18n.Localizer, title string) page.Base {
	b := page.Base{
		Lang: string(lang), Title: title, Path: "/goods/hibari-blend", CartCount: 1, LoggedIn: true,
		Store: page.Store{
			Name: "ひばり珈琲", Company: "ひばり珈琲株式会社", Phone: "0422-00-1846", Mail: "teiki@hibari-coffee.example",
			Address: "東京都武蔵野市吉祥寺本町2-14-5", Hours: "平日 10時〜17時",
		},
		Announcement: words.T("shop.announce.free", "Threshold", money.Yen(5000)),
		Nav: []page.NavLink{
			{Text: "珈琲豆", Path: "/goods/category/beans"},
			{Text: "定期コース", Path: "/goods/category/subscription", Current: true},
			{Text: "頒布会", Path: "/goods/category/series"},
			{Text: "道具", Path: "/goods/category/tools"},
		},
		Demo: &page.Demo{
			Clock: words.Date(day(2026, 11, 26)) + " 10:15", NextDeadline: words.Date(day(2026, 12, 3)),
			ForwardURL: "/_demo/forward", DeadlineURL: "/_demo/deadline", MailboxURL: "/_demo/mailbox", LedgerURL: "/_demo/ledger", ConsoleURL: "/admin", Return: "/",
		},
	}
	if lang == i18n.En {
		b.Store.Name = "Hibari Coffee"
	}
	names := map[i18n.Lang]string{i18n.Ja: "日本語", i18n.En: "English", i18n.ZhHans: "简体中文", i18n.ZhHant: "繁體中文"}
	for _, l := range i18n.Langs {
		b.Languages = append(b.Languages, page.Language{Lang: string(l), Name: names[l], URL: l.URL("/"), Current: l == lang})
	}
	return b
}

func bare(b page.Base) page.Base { b.Bare, b.Demo = true, nil; return b }

func wrong(b page.Base, ids ...string) page.Base {
	for _, id := range ids {
		b.Errors = append(b.Errors, page.FieldError{ID: id, Text: "郵便番号は7桁の数字で入力してください。"})
	}
	return b
}

func blend() page.Item {
	return page.Item{ID: "1", Name: "ひばりブレンド", Variant: "豆・200g", Path: "/goods/hibari-blend", Picture: "goods/bag-blend.svg", Quantity: 3, Unit: money.Yen(1330), Total: money.Yen(3990)}
}

func filter() page.Item {
	return page.Item{ID: "2", Name: "ペーパーフィルター 100枚", Path: "/goods/filter", Picture: "goods/filter.svg", Quantity: 1, Unit: money.Yen(480), Total: money.Yen(480), Tag: "今回だけ"}
}

func reasons() []page.Line {
	return []page.Line{
		{Label: "通常価格 1,480円 × 3袋", Amount: money.Yen(4440)},
		{Label: "定期コース割引（1袋150円引き）", Amount: money.Yen(-450)},
		{Label: "まとめ割・3袋以上（1袋70円引き）", Amount: money.Yen(-210)},
		{Label: "送料（宅急便・東京都へ）", Amount: money.Yen(650)},
	}
}

func cards() []shop.Card {
	cycles := []calendar.Cycle{monthly, {Every: 2, Unit: calendar.UnitWeek}}
	return []shop.Card{
		{Name: "ひばりブレンド", Text: "毎朝飲んでも飲み飽きない、当店の定番", Path: "/goods/a", Picture: "goods/bag-blend.svg", Regular: money.Yen(1480), From: true, Subscription: yen(1330), Cycles: cycles},
		{Name: "深煎りブレンド 夜の灯", Text: "牛乳に負けない深い苦味", Path: "/goods/b", Picture: "goods/bag-deep.svg", Regular: money.Yen(1580), From: true, Subscription: yen(1420), Cycles: cycles},
		{Name: "エチオピア イルガチェフェ", Path: "/goods/c", Picture: "goods/bag-eth.svg", Regular: money.Yen(1780), Subscription: yen(1630), Cycles: cycles, SoldOut: true},
		{Name: "グアテマラ ウエウエテナンゴ", Path: "/goods/d", Picture: "goods/bag-gua.svg", Regular: money.Yen(1680), Subscription: yen(1540), Cycles: cycles[:1]},
		{Name: "カフェインレス コロンビア", Path: "/goods/e", Picture: "goods/bag-decaf.svg", Regular: money.Yen(1720), Subscription: yen(1540), Cycles: cycles[:1]},
		{Name: "ドリップバッグ 10袋", Path: "/goods/f", Picture: "goods/drip.svg", Regular: money.Yen(1280), Subscription: yen(1020), First: yen(500), Cycles: cycles[:1]},
		{Name: longName, Path: "/goods/g", Regular: money.Yen(3980), Subscription: yen(3980), Cycles: cycles[:1]},
		{Name: "常滑焼マグ 青磁", Path: "/goods/h", Picture: "goods/mug-celadon.svg", Regular: money.Yen(3300)},
	}
}

func product(b page.Base, words *i18n.Localizer) shop.ProductPage {
	first := []page.Choice{}
	for d := day(2026, 12, 5); d.Before(day(2026, 12, 12)); d = d.AddDays(1) {
		first = append(first, page.Choice{Value: d.String(), Label: words.Date(d), Selected: d.Day == 5})
	}
	return shop.ProductPage{
		Base: b, Slug: "hibari-blend", Name: "ひばりブレンド", Subtitle: "HIBARI BLEND",
		Crumbs:   []page.NavLink{{Text: "トップ", Path: "/"}, {Text: "珈琲豆", Path: "/goods"}, {Text: "ひばりブレンド"}},
		Lead:     "毎朝飲んでも飲み飽きない、当店の定番です。グアテマラとエチオピアを中深煎りに。カカオのような甘みのあとに、あかるい余韻が残ります。",
		Pictures: []shop.Picture{{Source: "goods/bag-blend-beans.svg", Alt: "ひばりブレンドの袋"}, {Source: "goods/bag-blend-500.svg", Alt: "500gの袋"}, {Source: "goods/mug-white.svg", Alt: "マグ"}, {Source: "goods/filter.svg", Alt: "フィルター"}},
		Tastes: []shop.Taste{
			{Label: "焙煎", Value: 4, Dots: [5]bool{true, true, true, true}},
			{Label: "苦味", Value: 3, Dots: [5]bool{true, true, true}},
			{Label: "酸味", Value: 2, Dots: [5]bool{true, true}},
			{Label: "コク", Value: 4, Dots: [5]bool{true, true, true, true}},
		},
		Options: []shop.Option{
			{Key: "option1", Label: "挽き方", Choices: []page.Choice{{Value: "豆", Label: "豆のまま", Selected: true}, {Value: "中挽き", Label: "中挽き", Note: "ペーパー用"}}},
			{Key: "option2", Label: "容量", Note: "200g（約13杯分）", Choices: []page.Choice{{Value: "200g", Label: "200g", Note: words.MoneyTax(money.Yen(1480)), Selected: true}, {Value: "500g", Label: "500g", SoldOut: true}}},
		},
		Story:   []store.Section{{Heading: "朝の一杯のために", Paragraphs: []string{"配合は2011年の開店から変えていません。豆の出来にあわせて煎り止めだけを毎回すこしずつ動かし、いつもの味に着地させています。"}}},
		Facts:   []shop.Fact{{Label: "原材料", Text: "コーヒー豆（生豆生産国：グアテマラ、エチオピア）"}, {Label: "賞味期限", Text: "焙煎日から 豆90日・粉60日（未開封）"}},
		Related: cards()[5:],
		Plan:    &shop.PlanTerms{Minimum: 1, GraceDays: 5, Changes: []string{words.T("shop.plan.can", "List", words.T("shop.plan.can.skip"))}, Savings: []string{words.T("shop.plan.postage.free")}, Notice: true},
		Buy: shop.Buy{
			Way: "subscribe", StockNote: words.T("shop.buy.stock.in"), Regular: money.Yen(1480), Subscription: money.Yen(1330),
			Benefit: words.T("shop.buy.benefit", "Amount", money.Yen(150)),
			Cycles:  []page.Choice{{Value: "1m", Label: words.Cycle(monthly), Selected: true}, {Value: "2w", Label: words.Cycle(calendar.Cycle{Every: 2, Unit: calendar.UnitWeek})}, {Value: "30d", Label: words.Cycle(calendar.Cycle{Every: 30, Unit: calendar.UnitDay})}},
			Counts:  []page.Choice{{Value: "0", Label: words.T("shop.buy.count.endless"), Selected: true}, {Value: "3", Label: words.Plural("shop.count", 3)}}, FirstDates: first,
			Quantity: page.Field{Value: "3"}, Maximum: 20, Unit: words.T("shop.buy.unit"), QuantityNote: words.T("shop.buy.quantity.tier", "Count", 3, "Amount", money.Yen(70)),
			Levels:        []shop.Level{{Label: words.T("shop.level.once"), Price: money.Yen(1480), Note: words.T("shop.level.note.once")}, {Label: words.T("shop.level.subscription"), Price: money.Yen(1330), Note: words.T("shop.level.note.to", "Count", 2)}, {Label: words.T("shop.level.volume"), Price: money.Yen(1260), Note: words.T("shop.level.note.from", "Count", 3), Current: true}},
			LevelsCaption: words.T("shop.buy.levels"),
			Sums:          []shop.Sum{{Label: words.T("shop.buy.total.each"), Reasons: reasons(), Total: money.Yen(4430)}},
			FreeShipping:  &shop.FreeShipping{Missing: money.Yen(1220), Goods: money.Yen(3780), Threshold: money.Yen(5000)},
		},
		Coming: []shop.Coming{{N: 1, Date: day(2026, 12, 5), Amount: money.Yen(4430)}, {N: 2, Date: day(2027, 1, 5), Amount: money.Yen(4430), Deadline: closes(2026, 12, 31)}, {N: 3, Date: day(2027, 2, 5), Amount: money.Yen(4430), Deadline: closes(2027, 1, 31)}},
	}
}

func trialProduct(b page.Base, words *i18n.Localizer) shop.ProductPage {
	p := product(wrong(b, "quantity"), words)
	p.Name, p.NameOf, p.Options, p.Tastes, p.Pictures = longName, "ja", nil, nil, nil
	p.Buy.First, p.Buy.Benefit, p.Buy.SoldOut = yen(500), "", true
	p.Buy.StockNote = words.T("shop.buy.stock.expected", "Date", day(2026, 12, 14))
	p.Buy.Sums = append(p.Buy.Sums, shop.Sum{Label: words.T("shop.buy.boxes", "From", 2, "Until", 3), Reasons: reasons(), Total: money.Yen(1670)})
	p.Buy.MinimumTotal = yen(16220)
	p.Buy.Quantity = page.Field{Value: "99", Error: "1回にお求めいただけるのは20点までです。"}
	p.Plan = &shop.PlanTerms{Minimum: 4, GraceDays: 10}
	return p
}

func confirm(b page.Base, words *i18n.Localizer) shop.ConfirmPage {
	box := func(n int, date calendar.Date, goods int64) shop.Box {
		return shop.Box{N: n, Date: date, Quantity: "1瓶（30日分）", Goods: money.Yen(goods), Shipping: money.Yen(0), ShippingNote: "5,000円以上", Fee: money.Yen(0), Total: money.Yen(goods)}
	}
	first, second, later := box(1, day(2026, 12, 5), 980), box(2, day(2027, 1, 4), 5080), box(3, day(2027, 2, 3), 5080)
	first.ShippingNote, first.Charge = "初回無料", words.T("shop.confirm.charge.now", "Date", day(2026, 11, 26))
	second.Deadline, second.Charge = closes(2026, 12, 25), words.Date(day(2026, 12, 26))
	later.Onward, later.DeadlineText, later.Charge = true, words.T("shop.confirm.deadline.rule", "Days", 10), words.T("shop.confirm.charge.rule")
	item := page.Item{Name: "珈琲生まれのクロロゲン酸サプリ", Variant: "1瓶（90粒・30日分）", Picture: "goods/bottle.svg", Quantity: 1, Unit: money.Yen(980), Total: money.Yen(980)}
	return shop.ConfirmPage{
		Base: b, Items: []page.Item{item}, Total: money.Yen(980), Reasons: []page.Line{{Label: "商品代金", Amount: money.Yen(980)}, {Label: "送料", Amount: money.Yen(0)}},
		Agreements: []shop.Agreement{{
			Name: item.Name, Quantity: "1瓶（30日分）", Cycle: calendar.Cycle{Every: 30, Unit: calendar.UnitDay}, Minimum: 4, MinimumNote: "（合計4瓶・120日分）",
			Boxes: []shop.Box{first, second, later}, MinimumTotal: yen(16220), MinimumSum: words.T("shop.confirm.sum.part", "Each", money.Yen(5080), "Count", 3),
			YearBoxes: 13, YearTotal: yen(61940), YearSum: words.T("shop.confirm.sum.part", "Each", money.Yen(5080), "Count", 12),
			Note:     "4回目は3月5日（金）にお届けします。変更・解約の締切は2月23日（火）24時、お支払い日は2月24日（水）です。",
			CancelBy: words.T("shop.confirm.cancel.rule", "Days", 10), EarlyEnd: []string{words.T("shop.confirm.cancel.end", "Count", 4), words.T("shop.confirm.cancel.now", "Amount", money.Yen(4100))},
			EarlyEndNote: words.T("shop.confirm.cancel.defect", "Count", 4),
		}},
		PaymentMethod: words.T("shop.payment.card"), PaymentTimes: words.T("shop.confirm.times.card"),
		Address: []string{"早川 千尋 様", "〒167-0042 東京都杉並区西荻北3-18-6 メゾン西荻 203", "090-5550-0142"}, Shipping: "宅急便 18時〜20時",
		Times:        words.T("shop.confirm.times.boxes", "Date", day(2026, 12, 5), "Cycle", calendar.Cycle{Every: 30, Unit: calendar.UnitDay}),
		ReturnPolicy: "商品到着後8日以内にご連絡ください。不良品・誤配送は送料当店負担、未開封品のお客様ご都合による返品は送料お客様負担で承ります",
		Promise:      words.T("shop.confirm.promise.minimum", "Count", 4, "Total", money.Yen(16220)), PaymentNote: words.T("shop.confirm.paymentnote.card"), Card: true, CartVersion: 3, Digest: "d",
	}
}

func checkout(b page.Base, words *i18n.Localizer, mistaken bool) shop.CheckoutPage {
	p := shop.CheckoutPage{
		Base: b, AskKana: true, Family: page.Field{Value: "早川"}, Given: page.Field{Value: "千尋"}, FamilyKana: page.Field{Value: "ハヤカワ"}, GivenKana: page.Field{Value: "チヒロ"},
		Postcode: page.Field{Value: "167-0042"}, City: page.Field{Value: "杉並区"}, Street: page.Field{Value: "西荻北3-18-6"},
		Regions: []page.Choice{{Value: "JP-13", Label: "東京都", Selected: true}}, Dates: []page.Choice{{Value: "2026-12-05", Label: words.Date(day(2026, 12, 5)), Selected: true}},
		Slots:    []page.Choice{{Value: "", Label: words.T("shop.checkout.slot.none"), Selected: true}, {Value: "1820", Label: "18時〜20時"}},
		Payments: []page.Choice{{Value: "card", Label: words.T("shop.payment.card"), Note: words.T("shop.payment.card.note"), Selected: true}, {Value: "cod", Label: words.T("shop.payment.cod"), Note: words.T("shop.payment.cod.note", "Fee", money.Yen(330))}},
		Items:    []page.Item{blend()}, Reasons: reasons(), Total: money.Yen(4430), Subscription: true,
	}
	if mistaken {
		p.Base = wrong(b, "postcode", "region", "phone")
		p.Postcode = page.Field{Value: "1670", Error: "郵便番号は7桁の数字で入力してください。"}
		p.Region.Error, p.Phone.Error, p.Date.Error, p.Slot.Error, p.Payment.Error = "選んでください。", "入力してください。", "選んでください。", "選んでください。", "選んでください。"
	}
	return p
}

func subscription(b page.Base, words *i18n.Localizer) mypage.SubscriptionPage {
	return mypage.SubscriptionPage{
		Base: b, Number: "T0005873", Name: "ひばりブレンド", State: "active", Cycle: monthly, Delivered: 6,
		Next: &mypage.NextDelivery{
			N: 7, Date: day(2026, 12, 8), Slot: "18時〜20時", Amount: money.Yen(3790), Open: true, Deadline: closes(2026, 12, 3), DaysLeft: 7,
			Charge: words.T("mypage.charge.card", "Date", day(2026, 12, 4), "Card", "Visa 4242"), Items: []page.Item{blend(), filter()}, Reasons: []page.Line{{Label: "送料（宅急便・東京都へ）", Amount: money.Yen(650)}},
		},
		Months:  page.Months(day(2026, 11, 26), []page.Mark{{Date: day(2026, 12, 8), Deadline: day(2026, 12, 3), Amount: money.Yen(3790)}, {Date: day(2027, 1, 8), Deadline: day(2027, 1, 3), Amount: money.Yen(3310)}}, 3)[1:],
		Actions: []mypage.Action{{Text: words.T("mypage.act.put-off"), Path: "/mypage/subscriptions/1/put-off", Icon: "calendar", Main: true}, {Text: words.T("mypage.act.quantity"), Path: "/mypage/subscriptions/1/quantity", Icon: "plus"}, {Text: words.T("mypage.act.skip"), Path: "/mypage/subscriptions/1/skip?slot=7", Icon: "skip"}, {Text: words.T("mypage.act.pause"), Path: "/mypage/subscriptions/1/pause", Icon: "pause"}, {Text: words.T("mypage.act.cancel"), Path: "/mypage/subscriptions/1/cancel", Icon: "close"}},
		Coming:  []mypage.Delivery{{N: 7, Date: day(2026, 12, 8), Amount: money.Yen(3790), Deadline: closes(2026, 12, 3), Open: true, State: "planned", SkipPath: "/mypage/subscriptions/1/skip?slot=7", PutOffPath: "/mypage/subscriptions/1/put-off?slot=7"}, {Date: day(2026, 12, 22), State: "skipped", UndoPath: "/mypage/subscriptions/1/skip?slot=8&undo=1"}, {N: 8, Date: day(2027, 1, 8), Amount: money.Yen(3310), Deadline: closes(2027, 1, 3), Open: true, State: "planned"}, {N: 9, Date: day(2027, 2, 8), Amount: money.Yen(3310), State: "held"}},
		Past:    []mypage.Delivery{{N: 6, Date: day(2026, 11, 8), Amount: money.Yen(3310), State: "delivered", OrderPath: "/mypage/orders/1042"}, {N: 5, Date: day(2026, 10, 8), Amount: money.Yen(3310), State: "skipped"}},
		Address: []string{"早川 千尋 様", "〒167-0042", "東京都杉並区西荻北3-18-6"}, PaymentMethod: "Visa 4242", GraceDays: 5, Minimum: 1,
	}
}

func troubled(b page.Base) mypage.SubscriptionPage {
	return mypage.SubscriptionPage{
		Base: b, Number: "T0000042", Name: longName, State: "paused", Cycle: monthly, Delivered: 1, Count: 6, Minimum: 4, MinimumLeft: 3,
		Trouble: &mypage.Trouble{Text: "12月4日のカード決済ができませんでした。", Action: "お支払いを完了する", Path: "/pay/abc"}, Address: []string{"早川 千尋 様"}, PaymentMethod: "Visa 4242",
	}
}

// dateChange puts the 7th box off to the 20th; dateless days cannot be chosen.
func dateChange(b page.Base, words *i18n.Localizer) mypage.ChangePage {
	month := mypage.PickMonth{First: day(2026, 12, 1)}
	for _, week := range page.Months(day(2026, 12, 1), nil, 1)[0].Weeks {
		var row []mypage.PickDay
		for _, cell := range week {
			d := mypage.PickDay{Number: cell.Number, Date: day(2026, 12, cell.Number), Sunday: cell.Sunday, Saturday: cell.Saturday, Now: cell.Number == 8, Chosen: cell.Number == 20}
			if cell.Number > 8 {
				d.Path = "/mypage/subscriptions/1/put-off?slot=7&date=2026-12-" + strconv.Itoa(cell.Number)
			}
			row = append(row, d)
		}
		month.Weeks = append(month.Weeks, row)
	}
	return mypage.ChangePage{
		Base: b, Name: "ひばりブレンド", Back: "/mypage/subscriptions/1", Heading: words.T("mypage.change.put-off.title", "N", 7),
		Intro: words.T("mypage.change.put-off.intro", "Date", day(2026, 12, 8)), Months: []mypage.PickMonth{month},
		Legend: words.T("mypage.change.put-off.legend"),
		Choices: []mypage.LinkChoice{
			{Label: words.T("mypage.change.put-off.one", "N", 7), Note: words.T("mypage.change.put-off.one.note"), Path: "/mypage/subscriptions/1/put-off?slot=7", Selected: true},
			{Label: words.T("mypage.change.put-off.all", "N", 7), Note: words.T("mypage.change.put-off.all.note"), Path: "/mypage/subscriptions/1/put-off?slot=7&scope=following"},
		},
		Effect: []mypage.EffectLine{{Label: words.T("shop.box", "N", 7), Before: []string{words.Date(day(2026, 12, 8))}, After: []string{words.Date(day(2026, 12, 20))}, Changed: true}, {Label: words.T("shop.box", "N", 8), Before: []string{words.Date(day(2027, 1, 8))}, After: []string{words.Date(day(2027, 1, 8))}}},
		Box:    &mypage.BoxOrdered{Count: 2, Date: day(2027, 2, 3), Reasons: reasons(), Total: money.Yen(3310)},
		Action: "/mypage/subscriptions/1/put-off", Hidden: []mypage.Hidden{{Name: "slot", Value: "7"}},
		Button: words.T("mypage.change.put-off.button", "Date", day(2026, 12, 20)), Note: words.T("mypage.change.put-off.note", "Deadline", words.DeadlineAt(closes(2026, 12, 15), tokyo)),
	}
}

func quantityChange(b page.Base, words *i18n.Localizer) mypage.ChangePage {
	return mypage.ChangePage{
		Base: b, Name: longName, Back: "/mypage/subscriptions/1", Heading: words.T("mypage.change.quantity.title"),
		Error:    words.T("fault.number.range", "Min", 1, "Max", 3),
		Quantity: &mypage.QuantityForm{Path: "/mypage/subscriptions/1/quantity", Items: []mypage.QuantityItem{{ID: "2", Field: "quantity-2", Name: "ひばりブレンド", Variant: "中挽き・200g"}, {ID: "1", Field: "quantity", Chosen: true, Name: longName, Choices: []page.Choice{{Value: "1", Label: "1"}, {Value: "2", Label: "2", Selected: true}}}}},
		Taken:    []string{words.T("mypage.change.taken", "Number", "1042", "Total", money.Yen(3790))},
		Reasons:  []page.Choice{{Value: "price", Label: words.T("state.reason.price")}}, Action: "/mypage/subscriptions/1/cancel", Button: words.T("mypage.change.cancel.button"),
	}
}

func samples(lang i18n.Lang, words *i18n.Localizer) []sample {
	b := base(lang, words, "ひばりブレンド")
	empty := b
	empty.CartCount, empty.LoggedIn = 0, false
	form := bare(b)
	flashed := b
	flashed.Flash = []page.Flash{{Kind: "ok", Text: words.T("shop.cart.added", "Name", "ひばりブレンド")}, {Kind: "error", Text: words.T("shop.confirm.changed")}}
	waiting := form
	waiting.Refresh = &page.Refresh{Path: "/checkout/thanks?order=1042", Seconds: 3}
	line := shop.CartLine{Item: blend(), Maximum: 20, Cycle: monthly, First: day(2026, 12, 5), Minimum: 4, Wanted: page.Field{Value: "3"}, Later: yen(3780)}
	gone := shop.CartLine{Item: filter(), Maximum: 20, Wanted: page.Field{Value: "1"}, SoldOut: true, Error: "1回に20点までお求めいただけます。"}
	gone.Name, gone.Picture = longName, ""
	thanks := shop.ThanksPage{Base: form, State: "paid", OrderNumber: "1042", OrderPath: "/mypage/orders/1042", Mail: "chihiro@example.jp", Items: []page.Item{blend()}, Total: money.Yen(4430), Delivery: day(2026, 12, 5), Slot: "18時〜20時", Subscription: &shop.Started{Path: "/mypage/subscriptions/1", Next: day(2027, 1, 5), Amount: money.Yen(4430), Deadline: closes(2026, 12, 31)}}
	wait, cod := thanks, thanks
	wait.Base, wait.State, wait.PayPath = waiting, "waiting", "/orders/1042/cancel"
	cod.State, cod.Subscription = "cod", nil
	once := confirm(form, words)
	once.Agreements = nil
	summary := mypage.Summary{Number: "T0005873", Path: "/mypage/subscriptions/1", Name: "ひばりブレンド", Picture: "goods/bag-blend.svg", State: "active", Cycle: monthly, Delivered: 6, Next: day(2026, 12, 8), Amount: money.Yen(3790), Deadline: closes(2026, 12, 3)}
	failing, ended := summary, summary
	failing.Name, failing.Picture, failing.State, failing.Trouble = longName, "", "awaiting_payment", words.T("mypage.order.open")
	ended.State, ended.Next = "cancelled", calendar.Date{}
	row := mypage.OrderRow{Number: "1042", Path: "/mypage/orders/1042", Placed: day(2026, 11, 3), Name: "ひばりブレンド", More: 1, Picture: "goods/bag-blend.svg", Total: money.Yen(3790), State: "paid", Shipping: "shipped"}
	open := row
	open.State, open.Shipping, open.PayPath, open.More = "failed", "waiting", "/pay/abc", 0
	order := mypage.OrderPage{Base: b, Number: "1042", Placed: day(2026, 11, 3), State: "failed", Shipping: "waiting", Items: []page.Item{blend(), filter()}, Reasons: reasons(), Total: money.Yen(3790), TaxLines: []page.Line{{Label: words.T("mypage.order.tax", "Rate", "8%"), Amount: money.Yen(280)}}, Delivery: day(2026, 11, 8), Address: []string{"早川 千尋 様"}, PaymentMethod: "Visa 4242", SubscriptionPath: "/mypage/subscriptions/1", SubscriptionName: "T0005873", PayPath: "/pay/abc", Tracking: "1234-5678-9012"}
	pay := mypage.PayPage{Base: form, Number: "1042", Items: []page.Item{blend()}, Reasons: reasons(), Total: money.Yen(4430), Reason: "カードの有効期限が切れています。", Card: "Visa 4242", Action: "/pay/abc"}
	secure, done, closed, unclear := pay, pay, pay, pay
	unclear.Waiting = true
	dropped := thanks
	dropped.State, dropped.Subscription = "cancelled", nil
	secure.Confirm, secure.CardAction, done.Done, closed.Closed = true, "/pay/abc", true, true
	list := []sample{
		{"shop/home", "", shop.HomePage{Base: b, Featured: cards()[:4], Sections: []shop.Section{{Heading: "珈琲豆", Goods: cards()}}}},
		{"shop/home", "empty", shop.HomePage{Base: empty}},
		{"shop/category", "", shop.CategoryPage{Base: flashed, Heading: "商品一覧", Text: "焙煎したてをお届けします。", Goods: cards()}},
		{"shop/category", "empty", shop.CategoryPage{Base: empty, Heading: "商品一覧"}},
		{"shop/product", "", product(b, words)},
		{"shop/product", "soldout", trialProduct(empty, words)},
		{"shop/cart", "", shop.CartPage{Base: wrong(flashed), Lines: []shop.CartLine{line, gone}, Reasons: reasons(), Total: money.Yen(4430), Checkout: "/checkout", Free: &shop.FreeShipping{Goods: money.Yen(5200), Threshold: money.Yen(5000)}}},
		{"shop/cart", "empty", shop.CartPage{Base: empty}},
		{"shop/login", "", shop.LoginPage{Base: empty, Next: "/checkout"}},
		{"shop/login", "wrong", shop.LoginPage{Base: wrong(empty, "mail"), Mail: page.Field{Value: "x", Error: "メールアドレスかパスワードが違います。"}}},
		{"shop/code", "", shop.CodePage{Base: empty, Mail: page.Field{Value: "chihiro@example.jp"}, Sent: "chihiro@example.jp", Next: "/checkout"}},
		{"shop/code", "wrong", shop.CodePage{Base: wrong(empty, "code"), Mail: page.Field{Value: "chihiro@example.jp"}, Code: page.Field{Value: "12", Error: "確認コードが違うか、期限が切れています。"}}},
		{"shop/password", "", shop.PasswordPage{Base: bare(empty), Mail: "chihiro@example.jp"}},
		{"shop/password", "wrong", shop.PasswordPage{Base: bare(wrong(empty, "password")), Mail: "averyveryverylongmailaddress_without_any_break@subdomain.example.co.jp", Password: page.Field{Error: "8文字以上で入力してください。"}}},
		{"shop/password", "gone", shop.PasswordPage{Base: bare(empty), Gone: true}},
		{"shop/register", "", shop.RegisterPage{Base: empty, AskKana: true, Password: page.Field{Error: "10文字以上で入力してください。"}}},
		{"shop/checkout", "", checkout(form, words, false)},
		{"shop/checkout", "wrong", checkout(form, words, true)},
		{"shop/confirm", "", confirm(form, words)},
		{"shop/confirm", "once", once},
		{"shop/thanks", "", thanks},
		{"shop/thanks", "waiting", wait},
		{"shop/thanks", "cod", cod},
		{"shop/thanks", "cancelled", dropped},
		{"shop/payfailed", "", shop.PayFailedPage{Base: form, Reason: "カード会社の承認が得られませんでした。", RetryPath: "/orders/1042/pay", OrderPath: "/mypage/orders/1042", OrderNumber: "1042", Total: money.Yen(4430), Until: "10:45"}},
		{"shop/contact", "", shop.ContactPage{Base: b, Rows: []shop.Fact{{Label: "販売業者", Text: "ひばり珈琲株式会社"}}, Body: page.Field{Value: "届け先を変えたいです。\n来月から引っ越します。"}}},
		{"shop/contact", "wrong", shop.ContactPage{Base: wrong(b, "body"), Name: page.Field{Value: longName}, Body: page.Field{Error: "入力してください。"}}},
		{"shop/contact", "sent", shop.ContactPage{Base: b, Sent: true}},
		{"shop/legal", "", shop.LegalPage{Base: b, Heading: words.T("shop.legal.transactions"), Rows: []shop.Fact{{Label: "販売業者", Text: "ひばり珈琲株式会社"}}}},
		{"shop/legal", "text", shop.LegalPage{Base: b, Heading: words.T("shop.legal.terms"), TextOf: "ja", Sections: []store.Section{{Heading: "返品について", Paragraphs: []string{"商品到着後8日以内にご連絡ください。"}}}}},
		{"shop/legal", "empty", shop.LegalPage{Base: b, Heading: words.T("shop.legal.guide")}},
		{"shop/closed", "", shop.ClosedPage{Base: b}},
		{"shop/ended", "", shop.EndedPage{Base: b, Name: longName, NameOf: "ja", Similar: cards()[4:], More: "/goods", MoreText: words.T("shop.list.all")}},
		{"shop/ended", "alone", shop.EndedPage{Base: b, Name: "ひばりブレンド", More: "/goods", MoreText: words.T("shop.list.all")}},
		{"mypage/subscriptions", "", mypage.SubscriptionsPage{Base: b, Running: []mypage.Summary{summary, failing}, Ended: []mypage.Summary{ended}}},
		{"mypage/subscriptions", "empty", mypage.SubscriptionsPage{Base: b}},
		{"mypage/subscription", "", subscription(b, words)},
		{"mypage/subscription", "trouble", troubled(b)},
		{"mypage/change", "date", dateChange(b, words)},
		{"mypage/change", "quantity", quantityChange(b, words)},
		{"mypage/change", "refused", mypage.ChangePage{Base: b, Name: longName, Back: "/mypage/subscriptions/1", Heading: words.T("mypage.change.cancel.title"), Problem: words.T("fault.subscription.unpaid")}},
		{"mypage/orders", "", mypage.OrdersPage{Base: b, Orders: []mypage.OrderRow{row, open}}},
		{"mypage/orders", "empty", mypage.OrdersPage{Base: b}},
		{"mypage/order", "", order},
		{"mypage/pay", "", pay},
		{"mypage/pay", "secure", secure},
		{"mypage/pay", "done", done},
		{"mypage/pay", "closed", closed},
		{"mypage/pay", "waiting", unclear},
		{"mypage/account", "", mypage.AccountPage{Base: b, Name: "早川 千尋", Kana: "ハヤカワ チヒロ", Mail: "chihiro@example.jp", Phone: "090-5550-0142", Addresses: [][]string{{"〒167-0042", "東京都杉並区西荻北3-18-6"}}, Cards: []string{"Visa 4242"}, HasPassword: true}},
		{"mypage/account", "empty", mypage.AccountPage{Base: b, Name: "早川 千尋", Mail: "chihiro@example.jp"}},
	}
	for _, status := range []int{403, 404, 429, 500} {
		list = append(list, sample{"shop/error", strconv.Itoa(status), shop.ErrorPage{Base: empty, Status: status, RequestID: "01J-ABC"}})
	}
	return list
}
