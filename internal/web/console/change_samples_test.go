package console_test

import (
	"github.com/teiki-commerce/teiki/internal/core/money"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/page"
)

// changeSamples are the pages that ask before something is done.
func changeSamples(words *i18n.Localizer) []sample {
	title := words.T("console.change.put-off.title", "Date", day(12, 8))
	putOff := console.ChangePage{
		Base: base(words, title), Number: "T0005873", Back: "/admin/subscriptions/T0005873", Heading: title, Action: "/admin/subscriptions/T0005873/put-off",
		Choose: &console.ChangeForm{
			Hidden: []console.Hidden{{Name: "slot", Value: "7"}}, Label: words.T("console.change.put-off.date"), Name: "date",
			Options: []page.Choice{{Value: "2026-12-09", Label: words.DateShort(day(12, 9)), Selected: true}, {Value: "2026-12-10", Label: words.DateShort(day(12, 10))}},
			Scope:   []page.Choice{{Value: "one", Label: words.T("console.change.put-off.one"), Selected: true}, {Value: "following", Label: words.T("console.change.put-off.following")}},
			Error:   words.T("fault.delivery.no_day"),
		},
		Effect: []console.EffectLine{
			{N: 7, Before: day(12, 8), BeforeTotal: money.Yen(3310), After: day(12, 9), AfterTotal: money.Yen(3310), Changes: true},
			{N: 8, Before: day(1, 8), BeforeTotal: money.Yen(3310), After: day(1, 8), AfterTotal: money.Yen(123456789)},
			{N: 9, After: day(2, 8), AfterTotal: money.Yen(3310), AfterState: words.T("state.delivery.blocked"), Changes: true},
		},
		Hidden: []console.Hidden{{Name: "digest", Value: "x"}}, Button: words.T("console.change.put-off.button"), Mailed: true,
	}
	bare := putOff
	bare.Effect, bare.Button, bare.Problem = nil, "", words.T("fault.delivery.deadline")
	bare.Choose = nil
	cancel := putOff
	cancel.Choose, cancel.Ends, cancel.Mailed, cancel.Taken = nil, true, false, []string{words.T("console.change.taken", "Number", "102277", "Total", money.Yen(3310))}
	cancel.Heading, cancel.Button = words.T("console.change.cancel.title"), words.T("console.change.cancel.button")
	cancel.Reasons = []page.Choice{{Label: words.T("console.change.reason.none"), Selected: true}, {Value: "price", Label: words.T("state.reason.price")}}
	cod := putOff
	cod.Choose, cod.Agreed = nil, &page.Field{Error: words.T("fault.agreement")}
	cod.Heading, cod.Button = words.T("console.change.cod.title"), words.T("console.change.cod.button")
	resume := cod
	resume.Agreed, resume.Effect = nil, nil
	resume.Choose = &console.ChangeForm{Held: []page.Choice{{Value: "ship", Label: words.T("console.change.resume.ship"), Selected: true}, {Value: "skip", Label: words.T("console.change.resume.skip")}}}
	resume.Box = &console.BoxOrdered{Count: 2, Date: day(12, 5), Steps: steps(), Total: money.Yen(3310)}
	way := console.AlertPage{
		Base: base(words, words.T("console.way.link")), Alert: alerts(words)[0], Text: words.T("console.way.link.text", "Mail", "chihiro.hayakawa@example.jp"),
		Facts:  []console.Fact{{Label: words.T("console.col.order"), Text: "102277"}, {Label: words.T("console.col.card"), Text: "Visa 4242・08/2029"}},
		Action: "/admin/alerts/1/link", Button: words.T("console.way.link.button"), Back: "/admin/alerts", Mailed: true,
		Link: "https://hibari.example/pay/AZ8xkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	}
	passed := way
	passed.Mailed, passed.Text, passed.Facts = false, words.T("fault.alert.no_mail"), nil
	return []sample{
		{"change", "put-off", putOff},
		{"change", "refused", bare},
		{"change", "cancel", cancel},
		{"change", "cod", cod},
		{"change", "resume", resume},
		{"change", "empty", console.ChangePage{Base: base(words, "x"), Number: "T0005873", Heading: "x", Back: "/admin/subscriptions/T0005873", Action: "/admin/subscriptions/T0005873/cancel", Button: "x"}},
		{"alert", "", way},
		{"alert", "passed-on", passed},
	}
}
