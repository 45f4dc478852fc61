package console_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/core/calendar"
	"github.com/teiki-commerce/teiki/internal/core/fault"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/simulation"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

// period is the form as it is sent, from a world's first day on.
func period(from, to string) url.Values {
	return url.Values{"from": {from}, "to": {to}, "declined": {"6"}, "authentication": {"0.5"}, "missing": {"1%"}}
}

func TestManagersAskForASimulationAndStopIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleManager)
		form := k.page(t, k.handlers.Simulations, "/admin/simulations")
		if from, _ := form.Find("#from").Attr("value"); from != "2026-11-21" {
			t.Errorf("the form begins on %q", from)
		}
		w, err := k.ask(t, k.handlers.StartSimulation, http.MethodPost, "/admin/simulations", period("2026-11-21", "2027-02-28"))
		if err != nil || w.Code != http.StatusSeeOther {
			t.Fatalf("%d, %v", w.Code, err)
		}
		path := w.Header().Get("Location")
		id := strings.TrimPrefix(path, "/admin/simulations/")
		has(t, k.page(t, k.handlers.Simulation, path, "id", id), "main", "2026年11月21日（土）〜2027年2月28日（日）", "待機中", "0.5%", "順番を待っています。")
		has(t, k.page(t, k.handlers.Simulations, "/admin/simulations"), "main", "実行中のシミュレーションがあります。", "待機中")
		w, err = k.ask(t, k.handlers.StartSimulation, http.MethodPost, "/admin/simulations", period("2026-11-22", "2027-02-28"))
		if err != nil || w.Code != http.StatusConflict {
			t.Errorf("a second one: %d, %v", w.Code, err)
		}
		has(t, document(t, w), ".note-crit", "終わってから次を始めてください。")
		for range 2 { // the second press of a button changes nothing
			if w, err = k.ask(t, k.handlers.StopSimulation, http.MethodPost, path+"/stop", nil, "id", id); err != nil || w.Code != http.StatusSeeOther {
				t.Fatalf("stop: %d, %v", w.Code, err)
			}
		}
		has(t, k.page(t, k.handlers.Simulation, path, "id", id), "main", "このシミュレーションは中止されました。")
	})
}

func TestAPeriodIsRefusedBesideItsField(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	for _, tc := range []struct{ field, value, want string }{
		{"from", "2026-11-20", "開始日は今日（11月21日（土））以降にしてください。"},
		{"from", "", "日付を入力してください。"},
		{"to", "2026-11-20", "終了日は開始日以降にしてください。"},
		{"to", "2029-01-01", "期間は2年以内にしてください。"},
		{"to", "soon", "日付を入力してください。"},
		{"declined", "101", "0から100までの割合を入力してください。"},
		{"authentication", "-1", "0から100までの割合を入力してください。"},
		{"missing", "NaN", "0から100までの割合を入力してください。"},
		{"missing", "99", "割合の合計は100％以内にしてください。"},
	} {
		form := period("2026-11-21", "2027-02-28")
		form.Set(tc.field, tc.value)
		w, err := k.ask(t, k.handlers.StartSimulation, http.MethodPost, "/admin/simulations", form)
		if err != nil || w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s=%s: %d, %v", tc.field, tc.value, w.Code, err)
			continue
		}
		doc := document(t, w)
		has(t, doc, ".err", tc.want)
		if kept, _ := doc.Find("#" + tc.field).Attr("value"); kept != tc.value {
			t.Errorf("%s=%s came back as %q", tc.field, tc.value, kept)
		}
	}
}

func TestWhoMayNotStartASimulationMayReadIt(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	doc := k.page(t, k.handlers.Simulations, "/admin/simulations")
	has(t, doc, "main", "始められるのはオーナーとマネージャーです。")
	if doc.Find("main form").Length() != 0 {
		t.Error("there is a form")
	}
}

// ended keeps a simulation of so many days that is done.
func (k *desk) ended(t *testing.T, days int) ident.ID {
	t.Helper()
	from := calendar.On(2026, time.November, 21)
	s := db.Simulation{ID: k.Flow.NewID(), From: from, To: from.AddDays(days - 1), Cards: simulation.UsualCards, StaffID: k.member.ID, CreatedAt: k.Clock.Now()}
	r := simulation.Result{From: s.From, To: s.To, Currency: "JPY", Goods: []simulation.Good{
		{SKU: "A-LOT", Name: "ひばりブレンド", Before: 900, Used: 100, After: 800},
		{SKU: "FEW", Name: "珈琲生まれのサプリ", Before: 10, Used: int64(days), After: 10 - int64(days), Short: 7, Boxes: 3, ShortFrom: from.AddDays(1)},
	}}
	for i := range days {
		r.Days = append(r.Days, simulation.Day{Date: from.AddDays(i), Figures: simulation.Figures{
			Orders: simulation.Sum{Count: 10, Total: 33_100}, COD: simulation.Sum{Count: 2, Total: 7_280}, Paid: simulation.Sum{Count: 8, Total: 25_820},
			Declined: 1, Mails: map[string]int{"subscription_order": 10, "carrier_pigeon": 1}, Alerts: map[string]int{"payment_failed": 1}, Due: map[string]int{"ordered": 10, "blocked": 2},
		}, Goods: map[string]simulation.GoodDay{"FEW": {Used: 1}}})
	}
	token := k.Flow.NewID()
	if err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertSimulation(ctx, tx, thread.StoreID, s); err != nil {
			return err
		}
		lease := db.Lease{Token: token, Now: k.Clock.Now(), Until: k.Clock.Now().Add(time.Minute)}
		if _, err := db.Claim(ctx, tx, db.QueueSimulations, k.Clock.Now(), 1, lease); err != nil {
			return err
		}
		s.State, s.Result = db.SimulationDone, &r
		return db.EndSimulation(ctx, tx, thread.StoreID, s, token, k.Clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
	return s.ID
}

func TestResultsAreShownAsFiguresChartsAndTables(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	for _, tc := range []struct {
		days, bars  int
		note, total string
	}{
		{20, 20, "日ごと", "662,000円"},
		{1, 1, "日ごと", "33,100円"},
		{110, 110, "日ごと", "3,641,000円"},
		{111, 16, "週ごと", "3,674,100円"},
		{731, 105, "週ごと", "24,196,100円"},
	} {
		id := k.ended(t, tc.days).String()
		doc := k.page(t, k.handlers.Simulation, "/admin/simulations/"+id, "id", id)
		has(t, doc, ".kpi", tc.total)
		has(t, doc, ".sim-charts .panel:first-child .ph", tc.note)
		chart := doc.Find(".sim-charts svg").First()
		if n := chart.Find("g").Length(); n != tc.bars {
			t.Errorf("%d days are %d bars, want %d", tc.days, n, tc.bars)
		}
		if n := doc.Find(".fc-table tbody tr").Length(); n != tc.days {
			t.Errorf("%d days have %d rows", tc.days, n)
		}
		has(t, doc, ".sim-goods tbody tr:first-child", "FEW", "7個不足（11/22（日）から）")
		has(t, doc, ".sim-three", "定期受注", "carrier_pigeon", "カード決済が承認されませんでした")
	}
}

func TestCSVHasARowADay(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	id := k.ended(t, 5).String()
	w, err := k.ask(t, k.handlers.SimulationCSV, http.MethodGet, "/admin/simulations/"+id+"/csv", nil, "id", id)
	if err != nil {
		t.Fatal(err)
	}
	body, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || !marked || len(rows) != 6 {
		t.Fatalf("%d rows, marked %t, %v", len(rows), marked, err)
	}
	if rows[0][0] != "日付" || rows[1][0] != "2026-11-21" || rows[5][len(rows[5])-1] != "5" {
		t.Errorf("%v\n%v", rows[0], rows[5])
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="simulation-2026-11-21-2026-11-25.csv"` {
		t.Error(got)
	}
	for _, h := range []handler{k.handlers.Simulation, k.handlers.SimulationCSV, k.handlers.StopSimulation} {
		if _, err := k.ask(t, h, http.MethodGet, "/admin/simulations/none", nil, "id", "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an id that is none: %v", err)
		}
	}
}
