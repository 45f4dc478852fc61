package simulation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
)

func TestSharesOfCardsAreKeptAndTheSameCardAlwaysBehavesTheSame(t *testing.T) {
	const n = 20_000
	seen := map[string]int{}
	for i := range n {
		card := fmt.Sprintf("pm_%06dHIBARI", i)
		b := UsualCards.Behaviour(card)
		if again := UsualCards.Behaviour(card); again != b {
			t.Fatalf("%s is %s, then %s", card, b, again)
		}
		seen[b]++
	}
	declined := n - seen["ok"] - seen["3ds_always"] - seen["missing"]
	for what, share := range map[string]struct{ got, basisPoints int }{
		"declined": {declined, 600}, "3-D Secure": {seen["3ds_always"], 100}, "missing": {seen["missing"], 100},
		"insufficient funds": {seen["insufficient_funds"], 240}, "stolen": {seen["stolen_card"], 12},
	} {
		want := n * share.basisPoints / 10_000
		if share.got < want/2 || share.got > want*3/2 {
			t.Errorf("%s: %d of %d, want about %d", what, share.got, n, want)
		}
	}
	if got := (Cards{}).Behaviour("pm_1"); got != "ok" {
		t.Errorf("without any share a card is %s", got)
	}
	if got := (Cards{Missing: 10_000}).Behaviour("pm_1"); got != "missing" {
		t.Errorf("with all missing a card is %s", got)
	}
}

func TestPeriodsAndSharesAreRefusedByField(t *testing.T) {
	first := calendar.On(2026, time.November, 21)
	for _, tc := range []struct {
		err  error
		want string
	}{
		{CheckPeriod(first, first), ""},
		{CheckPeriod(first, first.AddDays(730)), ""},
		{CheckPeriod(first, first.AddDays(731)), "to: simulation.fault.long"},
		{CheckPeriod(first, first.AddDays(-1)), "to: simulation.fault.order"},
		{CheckPeriod(calendar.Date{}, first), "from: simulation.fault.date"},
		{CheckPeriod(first, calendar.Date{}), "to: simulation.fault.date"},
		{Cards{Declined: 10_000}.Check(), ""},
		{Cards{Declined: 10_001}.Check(), "declined: simulation.fault.share"},
		{Cards{Authentication: -1}.Check(), "authentication: simulation.fault.share"},
		{Cards{Declined: 9_999, Missing: 2}.Check(), "declined: simulation.fault.shares"},
	} {
		got := ""
		for _, f := range fault.All(tc.err) {
			got += f.Field + ": " + f.Key
		}
		if got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func result() Result {
	day := func(m time.Month, d, orders int, mail string) Day {
		return Day{Date: calendar.On(2026, m, d), Figures: Figures{
			Orders: Sum{orders, int64(orders) * 1_000}, Mails: map[string]int{mail: orders}, Due: map[string]int{"ordered": orders},
		}, Goods: map[string]GoodDay{"BLEND": {Used: int64(orders)}}}
	}
	r := Result{
		Days:  []Day{day(11, 29, 1, "order"), day(11, 30, 2, "order"), day(12, 1, 4, "notice")},
		Goods: []Good{{SKU: "BLEND", Before: 10, After: 8, Used: 7, Arrived: 5}},
	}
	r.Days[1].Goods["BLEND"] = GoodDay{Used: 2, Arrived: 5, Short: 3}
	return r
}

func TestMonthsAndTotalsAddUpTheDays(t *testing.T) {
	r := result()
	months := r.Months()
	if len(months) != 2 || months[0].Orders != (Sum{3, 3_000}) || months[1].Orders != (Sum{4, 4_000}) ||
		months[0].Date.Month != time.November || months[0].Mails["order"] != 3 {
		t.Errorf("%+v", months)
	}
	all := r.Total()
	if all.Orders != (Sum{7, 7_000}) || all.AllMails() != 7 || all.Due["ordered"] != 7 || all.AllAlerts() != 0 {
		t.Errorf("%+v", all)
	}
	if r.Days[0].Mails["order"] != 1 {
		t.Error("summing has changed the days")
	}
}

func TestTableHasARowADayWithTheStockLeft(t *testing.T) {
	word := func(s string) string { return strings.ToUpper(s) }
	rows := result().Table(Words{Column: word, Event: word, Alert: word, State: word})
	cut := func(row []string) []string { return append(append([]string{}, row[:3]...), row[len(row)-6:]...) }
	want := [][]string{
		{"DATE", "ORDERS", "ORDERS_TOTAL", "MAILS NOTICE", "MAILS ORDER", "BLEND USED", "BLEND ARRIVED", "BLEND SHORT", "BLEND LEFT"},
		{"2026-11-29", "1", "1000", "0", "1", "1", "0", "0", "9"},
		{"2026-11-30", "2", "2000", "0", "2", "2", "5", "3", "12"},
		{"2026-12-01", "4", "4000", "4", "0", "4", "0", "0", "8"},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i := range want {
		if diff := cmp.Diff(want[i], cut(rows[i])); diff != "" || len(rows[i]) != len(rows[0]) {
			t.Errorf("row %d:\n%s", i, diff)
		}
	}
}
