package console_test

import (
	"html/template"
	"slices"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// sample is one state of a page, on 26 November 2026.
type sample struct {
	page  string
	state string
	data  any
}

func day(m time.Month, d int) calendar.Date {
	year := 2026
	if m < time.June {
		year = 2027
	}
	return calendar.Date{Year: year, Month: m, Day: d}
}

func closes(m time.Month, d int) time.Time {
	return day(m, d).AddDays(1).Start(time.FixedZone("JST", 9*60*60))
}

const longName = "勅使河原 𠮷之助エリザベート・マクシミリアーノヴナ"

const longGoods = "数量限定・冬のひばりブレンド 深煎り𠮷野ヶ里焙煎所スペシャルエディション二〇二六"

func base(words *i18n.Localizer, title string) console.Base {
	return console.Base{
		Base:  page.Base{Lang: string(words.Lang()), Title: title, Store: page.Store{Name: "ひばり珈琲"}},
		Staff: &console.Member{Name: "森 健太", Initial: "森", Role: words.T("console.role.owner")},
		Clock: words.DateShort(day(11, 26)) + " 10:42",
		Rooms: []console.RoomGroup{
			{Rooms: []console.Room{
				{Text: words.T("console.room.home"), Path: "/admin", Icon: "home", Current: true},
				{Text: words.T("console.room.alerts"), Path: "/admin/alerts", Icon: "bell", Count: 12, Urgent: true},
			}},
			{Title: words.T("console.room.sales"), Rooms: []console.Room{
				{Text: words.T("console.room.orders"), Path: "/admin/orders", Icon: "document", Count: 86},
				{Text: words.T("console.room.subscriptions"), Path: "/admin/subscriptions", Icon: "repeat"},
			}},
			{Title: words.T("console.room.site"), Rooms: []console.Room{{Text: words.T("console.room.shop"), Path: "/", Icon: "link"}}},
		},
	}
}

func tag(words *i18n.Localizer, key, tone string) console.Tag {
	return console.Tag{Text: words.T(key), Tone: tone}
}

func alerts(words *i18n.Localizer) []console.Alert {
	yen := money.Yen(3310)
	return []console.Alert{
		{ID: "1", Version: 1, Icon: "card", Tone: "critical", Title: words.T("alert.payment_failed.title"), Advice: words.T("alert.payment_failed.advice"), When: "11/26（木）00:03", About: "受注 102277 早川 千尋 様", Path: "/admin/orders/102277", Detail: words.T("console.decline.expired_card"), Amount: &yen, Ways: ways(words, "link", "retry", "cod", "take-back", "resolve"), Return: "/admin"},
		{ID: "2", Version: 1, Icon: "box", Tone: "critical", Title: words.T("alert.stock_out.title"), Advice: words.T("alert.stock_out.advice"), When: "11/26（木）00:02", About: "T0000101 佐藤 美咲 様", Path: "/admin/subscriptions/T0000101", Detail: words.DateShort(day(12, 5)), Ways: ways(words, "retry", "skip", "cancel", "resolve"), Return: "/admin"},
		{ID: "3", Version: 4, Icon: "clock", Tone: "warning", Title: words.T("alert.missed.title"), Advice: words.T("alert.missed.advice"), When: "11/25（水）09:12", About: "T0004412 " + longName + " 様", Path: "/admin/subscriptions/T0004412", Ways: ways(words, "resolve"), Return: "/admin"},
		{ID: "4", Version: 1, Icon: "mail", Tone: "warning", Title: words.T("alert.mail_refused.title"), Advice: words.T("alert.mail_trouble.address.advice"), When: "11/24（火）18:40", About: "T0000206 田中 ゑみ 様", Detail: words.T("alert.mail_trouble.address"), Raw: "naming the recipient (permanent): 550 \"5.1.1 user unknown: averyveryverylongmailaddress_without_any_break@subdomain.example.co.jp", Ways: ways(words, "retry", "resolve")},
	}
}

// ways are buttons and links of an alert.
func ways(words *i18n.Localizer, names ...string) []console.AlertWay {
	list := make([]console.AlertWay, len(names))
	for i, n := range names {
		list[i] = console.AlertWay{
			Text: words.T("console.way." + n), Path: "/admin/alerts/1/" + n, About: "102277", Main: n == "link", Post: n == "resolve",
		}
	}
	return list
}

func orderRows(words *i18n.Localizer) []console.OrderRow {
	row := func(number, name, goods string, total int64, payment, tone, fulfilment, ftone string) console.OrderRow {
		return console.OrderRow{
			Number: number, Path: "/admin/orders/" + number, When: "11/26（木）00:03", Customer: name, Goods: goods, Quantity: 2,
			Source: words.T("console.source.renewal"), PaidBy: words.T("console.pays.card"), Delivery: day(12, 5), Total: money.Yen(total),
			Payment: tag(words, "state.payment."+payment, tone), Fulfilment: tag(words, "state.fulfilment."+fulfilment, ftone),
		}
	}
	rows := []console.OrderRow{
		row("102281", "早川 千尋", "ひばりブレンド", 3310, "paid", "ok", "ready", "info"),
		row("102280", "佐藤 美咲", "深煎りブレンド 夜汽車", 3690, "failing", "crit", "held", "warn"),
		row("102279", longName, longGoods, 123456789, "unknown", "warn", "held", "warn"),
		row("102278", "山口 隆", "ひばりブレンド", 2070, "cod", "", "shipped", "ok"),
		row("102277", "五十嵐 健太", "ペーパーフィルター 100枚", 480, "cancelled", "", "cancelled", ""),
	}
	rows[0].More = 2
	rows[3].Source, rows[3].PaidBy = words.T("console.source.shop"), words.T("console.pays.cod")
	return rows
}

func subscriptionRows(words *i18n.Localizer) []console.SubscriptionRow {
	yen := money.Yen(3690)
	row := func(number, name, kana, goods, state, tone string, box int) console.SubscriptionRow {
		return console.SubscriptionRow{
			Number: number, Path: "/admin/subscriptions/" + number, Customer: name, Kana: kana, Goods: goods, Option: "豆・200g",
			Quantity: 1, Cycle: words.Cycle(calendar.Cycle{Every: 2, Unit: calendar.UnitWeek}), Box: box, Date: day(12, 7), Deadline: day(12, 2),
			PaidBy: words.T("console.pays.card"), Total: &yen, State: tag(words, "state.subscription."+state, tone),
		}
	}
	rows := []console.SubscriptionRow{
		row("T0000101", "佐藤 美咲", "サトウ ミサキ", "ひばりブレンド", "active", "ok", 21),
		row("T0000117", "阿部 蓮", "アベ レン", "深煎りブレンド 夜汽車", "paused", "warn", 15),
		row("T0000158", longName, "テシガワラ ヨシノスケエリザベート", longGoods, "awaiting_payment", "info", 1),
		row("T0000206", "田中 ゑみ", "タナカ エミ", "エチオピア イルガチェフェ", "cancelled", "", 0),
	}
	rows[3].Date, rows[3].Deadline, rows[3].Total = calendar.Date{}, calendar.Date{}, nil
	return rows
}

func attempts(words *i18n.Localizer) []console.Attempt {
	ok, bad := tag(words, "console.attempt.succeeded", "ok"), tag(words, "console.attempt.declined", "crit")
	row := func(when string, no int, step string, result console.Tag, code string) console.Attempt {
		a := console.Attempt{When: when, Order: "102277", OrderPath: "/admin/orders/102277", No: no, Step: words.T("console.step." + step), Result: result, Amount: money.Yen(3310), Card: words.T("console.card", "Brand", "Visa", "Last4", "4242")}
		if code != "" {
			a.Reason, a.Code = words.T("console.decline."+code), code
		}
		return a
	}
	return []console.Attempt{
		row("11/4（水）00:03", 2, "confirm", ok, ""), row("11/4（水）00:03", 1, "create", ok, ""),
		row("10/5（月）00:02", 2, "confirm", bad, "expired_card"),
		row("10/4（日）00:02", 1, "confirm", tag(words, "console.attempt.unknown", "warn"), ""),
	}
}

func trail(words *i18n.Localizer) []console.AuditLine {
	system := words.T("console.actor.system")
	return []console.AuditLine{
		{When: "11/26（木）09:18", Actor: words.T("console.actor.customer"), What: words.T("console.audit.subscription.card_changed"), Before: "Visa 1881", After: "Visa 4242"},
		{When: "11/22（日）15:40", Actor: "森 健太", What: words.T("console.audit.alert.retried"), Before: words.T("alert.payment_failed.title")},
		{When: "11/4（水）00:03", Actor: system, What: words.T("console.audit.order.created"), After: words.Money(money.Yen(3310))},
		{When: "11/4（水）00:03", Actor: system, What: words.T("console.audit.order.created"), After: "102277", Again: true},
		{When: "10/4（日）00:02", Actor: system, What: words.T("console.audit.payment.declined"), Before: words.T("state.payment.due"), After: words.T("console.decline.expired_card")},
	}
}

func mails(words *i18n.Localizer) []console.Mail {
	return []console.Mail{
		{When: "11/26（木）00:04", Subject: "【ひばり珈琲】7回目のご注文を承りました（12月8日（火）お届け）", Event: words.T("console.event.subscription_order"), To: "chihiro.hayakawa@example.jp", State: tag(words, "console.mail.waiting", "info")},
		{When: "11/4（水）00:04", Subject: "【ひばり珈琲】お支払いのお手続きをお願いします（102277）", Event: words.T("console.event.payment_failed"), To: "chihiro.hayakawa@example.jp", State: tag(words, "console.mail.sent", "ok")},
		{When: "10/4（日）00:03", Subject: words.T("console.event.deadline_notice"), Event: words.T("console.event.deadline_notice"), To: "x@example.jp", State: tag(words, "console.mail.refused", "crit"), Error: "550 5.1.1 user unknown"},
	}
}

func person() console.Person {
	return console.Person{
		Name: "早川 千尋 様", Kana: "ハヤカワ チヒロ", Number: "003127", Phone: "090-5550-0142", Mail: "chihiro.hayakawa@example.jp",
		Address: []string{"〒167-0042", "東京都杉並区西荻北3-18-6", "メゾン西荻 203"}, Use: "受注 9件・28,420円",
	}
}

func lines() []console.Line {
	return []console.Line{
		{Name: "ひばりブレンド", Option: "豆・200g", SKU: "HB-BLEND-B-200g", Unit: money.Yen(1330), UnitNote: "定期価格・8%", Quantity: 2, Stock: "1,926", Total: money.Yen(2660)},
		{Name: longGoods, SKU: "HB-FILTER-100", Unit: money.Yen(480), UnitNote: "通常価格・10%", Quantity: 12, Stock: "3", Short: true, Total: money.Yen(5760)},
	}
}

func steps() []page.Line {
	return []page.Line{
		{Label: "通常価格 1,480円 × 2", Amount: money.Yen(2960)},
		{Label: "定期割引", Amount: money.Yen(-300)},
		{Label: "送料", Amount: money.Yen(650)},
	}
}

func taxes(words *i18n.Localizer) []console.Fact {
	return []console.Fact{{Label: words.T("console.tax.line", "Rate", "8%", "Amount", money.Yen(2660)), Text: "197円"}, {Label: words.T("console.tax.line", "Rate", "10%", "Amount", money.Yen(650)), Text: "59円"}}
}

// shown is a shorter confirmation page of the shop.
const shown template.HTML = `<div class="terms"><section class="blk"><div class="hd"><h2>商品と今回のお支払い</h2><a class="chg" href="/cart">変更する</a></div>
<ul class="lines"><li class="ln"><span class="grow"><span>ひばりブレンド</span><small>豆・200g<br>1,330円（税込） × 2</small></span><span class="num">2,660円</span></li></ul></section>
<section class="blk"><div class="hd"><h2>各回のお届けとお支払い</h2></div><div class="boxes"><section class="bx"><h3>初回</h3><dl><div><dt>お届け日</dt><dd>12月5日（土）</dd></div>
<div class="tot"><dt>お支払い額（税込）</dt><dd>3,310円</dd></div></dl></section></div><div class="sum2"><div>1年間の目安（12回）<b>39,720円（税込・送料込）</b></div></div></section>
<section class="blk"><div class="hd"><h2>お支払い方法</h2></div><dl class="kv"><div><dt>方法</dt><dd>クレジットカード</dd></div></dl></section></div>`

func deliveries(words *i18n.Localizer) []console.Delivery {
	return []console.Delivery{
		{N: 5, Date: day(10, 8), State: tag(words, "state.delivery.delivered", "ok"), Order: "102277", OrderPath: "/admin/orders/102277", Total: money.Yen(3310)},
		{Date: day(11, 8), State: tag(words, "state.delivery.skipped", ""), Cause: words.T("state.cause.missed"), Total: money.Yen(3310)},
		{N: 6, Date: day(12, 8), Deadline: day(12, 3), State: tag(words, "state.delivery.blocked", "crit"), Cause: words.T("state.cause.stock_out"), Total: money.Yen(3790), Current: true},
		{N: 7, Date: day(1, 8), Deadline: day(1, 3), State: tag(words, "state.delivery.planned", ""), Total: money.Yen(3310)},
	}
}

func samples(words *i18n.Localizer) []sample {
	home := console.HomePage{
		Base: base(words, words.T("console.room.home")), Alerts: alerts(words), Open: 12, Orders: orderRows(words),
		Figures: []console.Figure{
			{Label: words.T("console.figure.active"), Number: "4,799件", Note: words.T("console.figure.paused", "Count", 362), Path: "/admin/subscriptions"},
			{Label: words.T("console.figure.moves"), Number: "41件", Note: words.T("console.figure.moves.note", "Count", 12)},
			{Label: words.T("console.figure.unpaid"), Number: "39件", Note: words.T("console.figure.awaiting", "Count", 3), Path: "/admin/orders?payment=failing"},
			{Label: words.T("console.figure.conversations"), Number: "3件", Note: words.T("console.figure.conversations.some"), Path: "/admin/conversations"},
		},
		Today: console.Today{Deadline: closes(11, 26), Count: 174, Total: money.Yen(655320), CardCount: 151, CardTotal: money.Yen(561480), CODCount: 23, CODTotal: money.Yen(93840)},
	}
	home.Flash = []page.Flash{{Kind: "ok", Text: words.T("console.alert.retried")}}
	home.Demo = &page.Demo{Clock: "11/26 10:42", ForwardURL: "/_demo/forward", DeadlineURL: "/_demo/deadline", MailboxURL: "/_demo/mailbox", LedgerURL: "/_demo/ledger", ConsoleURL: "/admin", Return: "/admin"}
	for i, n := range []int{163, 158, 171, 0, 312, 176, 161} {
		home.Days = append(home.Days, console.DayLoad{Date: day(11, 26).AddDays(i), Today: i == 0, Count: n, Total: money.Yen(int64(n) * 3770), Percent: n * 100 / 312})
	}
	home.Forecast = console.Forecast{
		Any: true, Count: 4812, Made: money.Yen(610_000), Card: money.Yen(16_104_320), COD: money.Yen(3_080_000), Total: money.Yen(19_184_320), Width: 15,
		Note: words.T("console.forecast.note.day"), Head: words.T("console.forecast.head.day"),
		Tabs: []console.Tab{{Text: words.T("console.forecast.by.day"), Path: "/admin?by=day", Current: true}, {Text: words.T("console.forecast.by.week"), Path: "/admin?by=week"}, {Text: words.T("console.forecast.by.month"), Path: "/admin?by=month"}},
	}
	for i := range 5 {
		home.Forecast.Lines = append(home.Forecast.Lines, console.ForecastLine{Y: 190 - 44*i, Value: words.Money(money.Yen(int64(i) * 250_000))})
	}
	for i := range 30 {
		card := 60 + i*37%90
		home.Forecast.Spans = append(home.Forecast.Spans, console.ForecastSpan{
			Name: words.DateShort(day(11, 26).AddDays(i)), Today: i == 0, Count: 160, Made: money.Yen(0), Card: money.Yen(int64(card) * 5_000), COD: money.Yen(100_000), Total: money.Yen(int64(card)*5_000 + 100_000),
			Label: i%5 == 0, X: 80 + i*21, Mid: 87 + i*21, Bars: []console.ForecastBar{{Kind: "card", Y: 190 - card, H: card}, {Kind: "cod", Y: 172 - card, H: 18}},
		})
	}
	home.Mails = words.T("console.home.mails", "Count", 3)
	home.Today.Products = []console.ProductLoad{{Name: "ひばりブレンド", Count: 120, Total: money.Yen(452_000)}, {Name: longGoods, NameOf: "ja", Count: 54, Total: money.Yen(203_320)}}
	empty := console.HomePage{Base: base(words, "x"), Days: home.Days, Figures: home.Figures, Today: console.Today{Deadline: closes(11, 26)}}
	empty.Locked = true
	tabs := []console.Tab{
		{Text: words.T("console.tab.all"), Path: "/admin/orders", Current: true},
		{Text: words.T("state.payment.paid"), Path: "/admin/orders?payment=paid", Count: "4,799"},
		{Text: words.T("state.payment.failing"), Path: "/admin/orders?payment=failing", Count: "39"},
		{Text: words.T("state.payment.cod"), Path: "/admin/orders?payment=cod", Count: "362"},
	}
	login := console.LoginPage{Base: base(words, words.T("console.login.title")), Mail: page.Field{Value: "mori@example.jp", Error: words.T("fault.login.failed")}}
	login.Staff = nil
	box := console.NextBox{
		N: 6, Date: day(12, 8), Deadline: closes(12, 3), Open: true, Lines: lines(), Steps: steps(), Taxes: taxes(words),
		Total: money.Yen(3310), Charge: words.T("console.next.charge.card", "Card", "Visa 4242"),
	}
	subscription := console.SubscriptionPage{
		Base: base(words, "T0005873"), Number: "T0005873", Name: words.T("console.subscription.title", "Name", "早川 千尋"), State: tag(words, "state.subscription.active", "ok"),
		Subtitle: words.T("console.subscription.subtitle", "Number", "T0005873", "Cycle", words.Cycle(calendar.Cycle{Every: 1, Unit: calendar.UnitMonth}), "Date", words.DateYear(day(6, 1)), "Count", 6),
		Acts:     []console.Act{{Text: words.T("console.act.put-off"), Path: "/x", Main: true}, {Text: words.T("console.act.quantity"), Path: "/x"}, {Text: words.T("console.act.skip"), Path: "/x"}, {Text: words.T("console.act.pause"), Path: "/x"}, {Text: words.T("console.act.cod"), Path: "/x"}, {Text: words.T("console.act.cancel"), Path: "/x", Ends: true}},
		Alerts:   alerts(words)[:1], Next: &box, Deliveries: deliveries(words), Attempts: attempts(words), Audit: trail(words), Mails: mails(words), Customer: person(),
		Months: page.Months(day(11, 26), []page.Mark{{Date: day(12, 8), Deadline: day(12, 3)}}, 2), TermsPath: "/admin/subscriptions/T0005873/terms",
		Agreement: []console.Fact{{Label: words.T("console.agreement.cycle"), Text: "1か月ごと（8日）"}, {Label: words.T("console.agreement.count"), Text: words.T("console.agreement.count.endless", "Minimum", 3)}, {Label: words.T("console.agreement.pays"), Text: "Visa 末尾4242・08/2029まで"}},
	}
	bare := console.SubscriptionPage{Base: base(words, "T0000206"), Number: "T0000206", Name: words.T("console.subscription.title", "Name", longName), State: tag(words, "state.subscription.cancelled", ""), Subtitle: "T0000206", Customer: console.Person{Name: longName, Number: "000002"}}
	order := console.OrderPage{
		Base: base(words, "102277"), Number: "102277", Subtitle: words.T("console.order.subtitle", "When", "11/4（水）00:03", "Source", words.T("console.source.renewal"), "PaidBy", words.T("console.pays.card")),
		Customer: person(), Payment: tag(words, "state.payment.failing", "crit"), Fulfilment: tag(words, "state.fulfilment.held", "warn"), Alerts: alerts(words)[:1],
		Lines: lines(), Steps: steps(), Taxes: taxes(words), Total: money.Yen(3310), Address: append([]string{"早川 千尋 様"}, person().Address...),
		Facts:        []console.Fact{{Label: words.T("console.fact.date"), Text: words.DateShort(day(12, 8))}, {Label: words.T("console.fact.slot"), Text: words.Slot("1820")}},
		Subscription: "T0005873", SubscriptionPath: "/admin/subscriptions/T0005873", Attempts: attempts(words), Audit: trail(words), Mails: mails(words),
		PaymentNote: words.T("console.order.retry", "When", "11/7（土）00:03"),
	}
	rows := orderRows(words)
	for range 3 {
		rows = append(rows, rows...)
	}
	narrowed := console.SubscriptionSearch{
		State: "active", Text: "佐藤", From: "2026-12-07", Until: "2026-12-13", Trouble: true, Narrowed: true, Clear: "/admin/subscriptions?state=active",
		Products: []console.Choice{{Value: "1", Text: "ひばりブレンド"}, {Value: "2", Text: longGoods, Chosen: true}},
	}
	expected := money.Yen(4_339_710)
	sum := console.SubscriptionSum{
		Subscriptions: words.Plural("console.count.items", 1151), Boxes: words.Plural("console.count.items", 1163), Expected: &expected,
		Note: words.T("console.sum.between", "From", words.DateShort(day(12, 7)), "Until", words.DateShort(day(12, 13))),
	}
	search := base(words, "佐藤")
	search.Search = "佐藤"
	return append([]sample{
		{"login", "", login},
		{"login", "first", console.LoginPage{Base: login.Base, First: true}},
		{"error", "", console.ErrorPage{Base: base(words, "x"), Heading: words.T("common.error.title"), Text: words.T("fault.unavailable"), RequestID: "01HX"}},
		{"home", "", home},
		{"home", "empty", empty},
		{"alerts", "", console.AlertsPage{Base: base(words, "x"), Alerts: alerts(words), Open: 12, Next: "/admin/alerts?before=1"}},
		{"alerts", "empty", console.AlertsPage{Base: base(words, "x")}},
		{"orders", "", console.OrdersPage{Base: base(words, "x"), Tabs: tabs, Rows: rows, Next: "/admin/orders?before=1"}},
		{"orders", "empty", console.OrdersPage{Base: base(words, "x"), Tabs: tabs}},
		{"orders", "none", console.OrdersPage{Base: base(words, "x"), Tabs: tabs, Filter: console.OrderSearch{Text: "999", From: "2026-11-01", Until: "2026-11-30", Narrowed: true, Clear: "/admin/orders", Sources: []console.Choice{{Value: "renewal", Text: words.T("console.source.renewal"), Chosen: true}}}}},
		{"order", "", order},
		{"order", "bare", console.OrderPage{Base: base(words, "x"), Number: "1", PaymentNote: words.T("console.order.cod")}},
		{"subscriptions", "", console.SubscriptionsPage{Base: base(words, "x"), Tabs: tabs, Rows: subscriptionRows(words), Filter: narrowed, Sum: sum, Next: "/admin/subscriptions?before=1"}},
		{"subscriptions", "empty", console.SubscriptionsPage{Base: base(words, "x"), Tabs: tabs}},
		{"subscriptions", "none", console.SubscriptionsPage{Base: base(words, "x"), Tabs: tabs, Filter: narrowed, Sum: console.SubscriptionSum{
			Subscriptions: words.Plural("console.count.items", 0), Boxes: words.Plural("console.count.items", 0), Note: sum.Note,
		}}},
		{"subscriptions", "many", console.SubscriptionsPage{Base: base(words, "x"), Tabs: tabs, Filter: narrowed, Next: "/admin/subscriptions?before=1", Sum: console.SubscriptionSum{
			Subscriptions: words.T("console.count.least", "Count", words.Number(1_000)), Boxes: "–", Note: words.T("console.sum.many"),
		}}},
		{"subscription", "", subscription},
		{"subscription", "bare", bare},
		{"terms", "", console.TermsPage{Base: base(words, "x"), Number: "T0005873", Path: "/admin/subscriptions/T0005873", When: "6/1", TermsLang: "ja", HTML: shown}},
		{"search", "", console.SearchPage{Base: search, Found: []console.Found{{Person: person(), Subscriptions: subscriptionRows(words)[:2], Orders: orderRows(words)[:2]}, {Person: console.Person{Name: longName, Number: "9"}}}}},
		{"search", "none", console.SearchPage{Base: search}},
	}, slices.Concat(peopleSamples(words), changeSamples(words), productSamples(words), settingsSamples(words), simulationSamples(words))...)
}
