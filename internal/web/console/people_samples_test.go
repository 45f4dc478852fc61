package console_test

import (
	"strings"

	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

func conversationRows(words *i18n.Localizer) []console.ConversationRow {
	open, handled := tag(words, "console.conversations.open", "warn"), tag(words, "console.conversations.handled", "ok")
	return []console.ConversationRow{
		{Path: "/admin/conversations/1", When: "11/26（木）09:18", From: "早川 千尋", Mail: "chihiro.hayakawa@example.jp", Text: "次回のお届け先を実家に変えたいのですが、どこから変更できますか。締切は過ぎていないと思います。", State: open},
		{Path: "/admin/conversations/2", When: "11/25（水）23:40", From: longName, Mail: "averyveryverylongmailaddress_without_any_break@subdomain.example.co.jp", Text: longGoods + "は再入荷しますか。", State: handled},
	}
}

// peopleSamples are the pages about customers, what they write, and the member of
// staff.
func peopleSamples(words *i18n.Localizer) []sample {
	tabs := []console.Tab{
		{Text: words.T("console.conversations.open"), Path: "/admin/conversations", Count: "3", Current: true},
		{Text: words.T("console.conversations.handled"), Path: "/admin/conversations?state=handled"},
		{Text: words.T("console.tab.all"), Path: "/admin/conversations?state=all"},
	}
	somebody := person()
	somebody.Path = "/admin/customers/1"
	wrong := base(words, words.T("console.conversation.title", "Name", "早川 千尋"))
	wrong.Errors = []page.FieldError{{ID: "note", Text: words.T("fault.too_long", "Max", 2000)}}
	open := console.ConversationPage{
		Base: base(words, words.T("console.conversation.title", "Name", longName)), ID: "1", Version: 1, Name: longName, Mail: "chihiro.hayakawa@example.jp",
		Subtitle: "11/26（木）09:18・" + words.T("console.conversations.channel.form"), State: tag(words, "console.conversations.open", "warn"),
		Lines: []string{"お世話になっております。", "", "次回のお届け先を実家に変えたいのですが、どこから変更できますか。", strings.Repeat("長い行", 80)}, ReplyTo: "mailto:chihiro.hayakawa@example.jp",
		Customer: &somebody, Proved: true, Handling: &page.Field{},
	}
	refused := open
	refused.Base, refused.Proved = wrong, false
	refused.Handling = &page.Field{Value: "電話で回答", Error: words.T("fault.too_long", "Max", 2000)}
	done := open
	done.Handling, done.Customer, done.Handled = nil, nil, words.T("console.conversation.handled.by", "When", "11/26（木）10:02", "Name", "森 健太")
	done.Note, done.Audit, done.State = []string{"お電話で回答。", "次回から実家へ。"}, trail(words)[:2], tag(words, "console.conversations.handled", "ok")
	unnoted := done
	unnoted.Note = nil
	customer := console.CustomerPage{
		Base: base(words, somebody.Name), Person: somebody, Subtitle: words.T("console.customer.subtitle", "Number", "003127", "Date", words.DateYear(day(6, 1)), "Use", somebody.Use),
		Language: "日本語", Login: tag(words, "console.customers.login.no", "info"), LoginNote: words.T("console.customers.login.code"), LinkPath: "/admin/customers/1/password-link",
		Addresses: [][]string{append([]string{somebody.Name}, somebody.Address...), {longName, "〒920-0935", "石川県金沢市石引1-2-3"}}, Cards: []string{"Visa 4242・08/2029"},
		Subscriptions: subscriptionRows(words), Orders: orderRows(words), OrdersNote: words.T("console.customer.orders.latest", "Count", 20), Conversations: conversationRows(words), Audit: trail(words),
	}
	faulty := base(words, words.T("console.account.title"))
	faulty.Errors = []page.FieldError{{ID: "old", Text: words.T("fault.password.wrong")}}
	rows := []console.CustomerRow{
		{Number: "003127", Path: "/admin/customers/1", Name: "早川 千尋", Kana: "ハヤカワ チヒロ", Phone: "090-5550-0142", Mail: "chihiro.hayakawa@example.jp", Since: "2026/6/1"},
		{Number: "C000002", Path: "/admin/customers/2", Name: longName, Since: "2026/6/1"},
	}
	return []sample{
		{"conversations", "", console.ConversationsPage{Base: base(words, "x"), Tabs: tabs, OnlyOpen: true, Rows: conversationRows(words), Next: "/admin/conversations?before=1"}},
		{"conversations", "empty", console.ConversationsPage{Base: base(words, "x"), Tabs: tabs, OnlyOpen: true}},
		{"conversations", "none", console.ConversationsPage{Base: base(words, "x"), Tabs: tabs}},
		{"conversation", "", open},
		{"conversation", "refused", refused},
		{"conversation", "handled", done},
		{"conversation", "unnoted", unnoted},
		{"customers", "", console.CustomersPage{Base: base(words, "x"), Rows: rows, Next: "/admin/customers?before=1", BulkLinks: "/admin/customers/password-links"}},
		{"customers", "empty", console.CustomersPage{Base: base(words, "x")}},
		{"customers", "none", console.CustomersPage{Base: base(words, "x"), Query: "𠮷野"}},
		{"customer", "", customer},
		{"customer", "bare", console.CustomerPage{Base: base(words, "x"), Person: console.Person{Name: longName, Number: "9"}, Login: tag(words, "console.customers.login.no", "warn"), Language: "English"}},
		{"password_link", "", console.PasswordLinkPage{
			Base: base(words, words.T("console.password_link")), About: longName, Text: words.T("console.password_link.text"), Action: "/admin/customers/1/password-link", Back: "/admin/customers/1",
			Facts: []console.Fact{{Label: words.T("console.password_link.to"), Text: "averyveryverylongmailaddress_without_any_break@subdomain.example.co.jp"}}, Hidden: []console.Hidden{{"request", "1"}}, Button: words.T("console.password_link.send"),
		}},
		{"password_link", "none", console.PasswordLinkPage{
			Base: base(words, words.T("console.password_links.title")), Text: words.T("console.password_links.text"), Note: words.T("console.password_links.again"), Action: "/admin/customers/password-links", Back: "/admin/customers",
			Facts: []console.Fact{{Label: words.T("console.password_links.to"), Text: words.Plural("console.password_links.count", 0)}},
		}},
		{"account", "", console.AccountPage{Base: base(words, "x"), Name: "森 健太", Mail: "mori@example.jp", Role: words.T("console.role.owner"), Langs: []page.Choice{{Value: "ja", Label: "日本語", Selected: true}, {Value: "en", Label: "English"}}}},
		{"account", "refused", console.AccountPage{Base: faulty, Name: "森 健太", Mail: "mori@example.jp", Role: words.T("console.role.owner"), Old: page.Field{Error: words.T("fault.password.wrong")}}},
	}
}
