package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/core/alert"
	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/i18n"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
	"github.com/teiki-commerce/teiki/internal/testkit/fixture"
	"github.com/teiki-commerce/teiki/internal/testkit/pgtest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/console"
	"github.com/teiki-commerce/teiki/internal/web/reqctx"
	"github.com/teiki-commerce/teiki/internal/web/session"
)

func TestMain(m *testing.M) { browsertest.Main(m, pgtest.StopShared) }

// desk is a console with a member of staff at it.
type desk struct {
	*thread.World
	handlers *console.Handlers
	sessions *session.Manager
	member   staff.Member
	cookies  []*http.Cookie
}

func newDesk(t *testing.T, d *db.DB, role staff.Role) *desk {
	t.Helper()
	renderer, catalog := newRenderer(t)
	catalog.OnMissing(func(l i18n.Lang, key string) { t.Errorf("no text in %s for %s", l, key) })
	w := thread.New(t, d, 20)
	k := &desk{World: w, handlers: &console.Handlers{Flow: w.Flow, Catalog: catalog, Render: renderer}}
	k.sessions = session.New(d, session.Config{
		StoreID: thread.StoreID, Audience: session.Console, Cookie: "console", Wall: time.Now,
		Failed: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Errorf("session: %v", err) },
	})
	k.member = staff.Member{ID: w.Flow.NewID(), Mail: "mori@hibari.example", Name: "森 健太", Lang: "ja", Role: role}
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := db.InsertStaff(ctx, tx, k.member, "x", w.Clock.Now()); err != nil {
			return err
		}
		return db.SetStaffRole(ctx, tx, thread.StoreID, k.member.ID, role)
	}); err != nil {
		t.Fatal(err)
	}
	return k
}

type handler func(http.ResponseWriter, *http.Request) error

// ask sends a request to a handler as the server does after its checks. path
// values are pairs of name and value.
func (k *desk) ask(t *testing.T, h handler, method, target string, form url.Values, path ...string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	shop, err := k.Flow.Shop(t.Context(), k.DB, thread.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range k.cookies {
		r.AddCookie(c)
	}
	for i := 0; i+1 < len(path); i += 2 {
		r.SetPathValue(path[i], path[i+1])
	}
	var failed error
	w := httptest.NewRecorder()
	k.sessions.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := reqctx.WithStaff(reqctx.WithShop(r.Context(), shop), k.member)
		failed = h(w, r.WithContext(ctx))
	})).ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		k.cookies = set
	}
	return w, failed
}

// page asks for a page that must be there.
func (k *desk) page(t *testing.T, h handler, target string, path ...string) *goquery.Document {
	t.Helper()
	w, err := k.ask(t, h, http.MethodGet, target, nil, path...)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d, %v", target, w.Code, err)
	}
	keepPage(t, target, w.Body.Bytes())
	checkMarkup(t, w.Body.String(), i18n.Ja)
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func keepPage(t *testing.T, target string, html []byte) {
	if *write != "" {
		keep(t, *write+"/real"+strings.NewReplacer("/", "-", "?", "-").Replace(target)+".html", html)
	}
}

func has(t *testing.T, doc *goquery.Document, selector string, wanted ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(doc.Find(selector).Text()), " ")
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q, but: %s", selector, w, text)
		}
	}
}

// Cards of the simulator.
const (
	cardOK         = "4242424242424242"
	cardFailsLater = "4000000000000341"
)

// failing lets a subscriber's second box fail at its deadline.
func failing(t *testing.T, k *desk) *thread.Shopper {
	t.Helper()
	s := k.Shopper(t, "hana@example.jp")
	s.Subscribe(t, cardFailsLater)
	k.Drain(t)
	_, deliveries := s.Subscription(t)
	k.AdvanceTo(t, deliveries[1].Deadline)
	return s
}

func TestASubscriptionShowsItsBoxesPaymentsTrailAndMails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleOperator)
		s := k.Shopper(t, "hana@example.jp")
		s.Subscribe(t, cardOK)
		_, deliveries := s.Subscription(t)
		k.AdvanceTo(t, deliveries[1].Deadline)
		subscription, _ := s.Subscription(t)
		orders := s.Orders(t)

		doc := k.page(t, k.handlers.Subscription, "/admin/subscriptions/"+subscription.Number, "number", subscription.Number)
		has(t, doc, "h1", "𠮷田 花 様の定期購入")
		has(t, doc, ".pg .tg", "継続中")
		has(t, doc, "#deliveries", "1回目", "2回目", "受注確定", "お届け予定", orders[0].Number, orders[1].Number)
		has(t, doc, "#payments", "決済ページでの支払い", "カードへの請求", "成功", "Visa 末尾4242", orders[1].Number)
		has(t, doc, "#audit", "定期購入を開始", "受注を作成", "お支払い完了", "締切処理")
		has(t, doc, "#mails", "hana@example.jp", "送信済み")
		has(t, doc, ".sum", "合計（税込）", "円")

		order := k.page(t, k.handlers.Order, "/admin/orders/"+orders[1].Number, "number", orders[1].Number)
		has(t, order, "h1", orders[1].Number)
		has(t, order, ".pg .tg", "お支払い済み")
		has(t, order, "#payments", "カードへの請求")
		has(t, order, "#audit", "お支払い完了")
		if order.Find(`a[href="/admin/subscriptions/`+subscription.Number+`"]`).Length() == 0 {
			t.Error("the order of a delivery has no link to its subscription")
		}

		terms := k.page(t, k.handlers.Terms, "/admin/subscriptions/"+subscription.Number+"/terms", "number", subscription.Number)
		has(t, terms, ".agreed", "terms")

		home := k.page(t, k.handlers.Home, "/admin")
		has(t, home, "main", "対応が必要なことはありません", "継続中の定期購入", orders[0].Number, "カード")
		list := k.page(t, k.handlers.Orders, "/admin/orders")
		has(t, list, "tbody", orders[0].Number, orders[1].Number, "𠮷田 花")
		running := k.page(t, k.handlers.Subscriptions, "/admin/subscriptions")
		has(t, running, "tbody", subscription.Number, "𠮷田 花", "継続中")
		paused := k.page(t, k.handlers.Subscriptions, "/admin/subscriptions?state=paused")
		has(t, paused, ".empty", "定期購入はまだありません")
	})
}

func TestADeclinedCardIsAnAlertThatStaffTryAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleOperator)
		s := failing(t, k)
		number := s.Orders(t)[1].Number

		doc := k.page(t, k.handlers.Alerts, "/admin/alerts")
		has(t, doc, ".al", "カード決済が承認されませんでした", number, "𠮷田 花 様")
		has(t, doc, ".al-do", "カード登録リンクを送る", "再決済", "代引に切り替え", "受注を取り消す", "対応済みにする")
		asked, _ := doc.Find(`.al-do a[href*="/retry"]`).Attr("href")
		action, _, _ := strings.Cut(asked, "?")
		id := strings.TrimSuffix(strings.TrimPrefix(action, "/admin/alerts/"), "/retry")

		before := len(k.Ledger(t).Charges)
		ask := k.page(t, k.handlers.AskRetry, asked, "id", id)
		has(t, ask, "main", "1,980円をすぐに請求します", number, "Visa 末尾0341", "1回")
		version, _ := ask.Find(`input[name="version"]`).Attr("value")
		form := url.Values{"version": {version}, "return": {"/admin/orders/" + number}}
		w, err := k.ask(t, k.handlers.RetryAlert, http.MethodPost, action, form, "id", id)
		if err != nil || w.Header().Get("Location") != "/admin/orders/"+number {
			t.Fatalf("retry: to %q, %v", w.Header().Get("Location"), err)
		}
		k.Drain(t)
		if after := len(k.Ledger(t).Charges); after != before+1 {
			t.Errorf("%d charges tried after the retry, %d before", after, before)
		}
		order := k.page(t, k.handlers.Order, "/admin/orders/"+number, "number", number)
		has(t, order, ".note", "再試行を始めました")
		has(t, order, "#audit", "森 健太", "要対応を再試行", "カードが承認されず")
		has(t, order, "#payments", "失敗", "理由の通知なし")

		w, err = k.ask(t, k.handlers.RetryAlert, http.MethodPost, action, form, "id", id)
		if err != nil || w.Code != http.StatusSeeOther {
			t.Fatalf("second click: %d, %v", w.Code, err)
		}
		again := k.page(t, k.handlers.Alerts, "/admin/alerts")
		if again.Find(".note-crit").Length() != 1 {
			t.Error("a second click on the same button is not said to be too late")
		}
	})
}

func TestHomeSumsTheNextDeadlineByPaymentMethod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleOperator)
		byCard, byCOD := k.Shopper(t, "hana@example.jp"), k.Shopper(t, "ken@example.jp")
		byCard.Subscribe(t, cardOK)
		byCOD.Place(t, byCOD.Order(t, byCOD.Fill(t, 2, thread.Monthly, pricing.MethodCOD)))
		k.Drain(t)
		doc := k.page(t, k.handlers.Home, "/admin")
		// 1,330 + 650; 2 × 1,330 + 650 + 330
		has(t, doc, `[aria-labelledby="today-h"]`, "12月18日（金）24時", "2件5,620円", "カード1件1,980円", "代引1件3,640円")
		has(t, doc, ".kpi", "継続中の定期購入2件", "新規申込（30日間）2件", "同じ期間の解約 0件", "再決済中の受注0件", "未対応の問い合わせ0件")
		has(t, doc, `[aria-labelledby="today-h"]`, "商品ごと", k.Product.Text("ja").Name+"2件5,620円")
		has(t, doc, ".days", "11/23（月）2件")
		has(t, doc, ".fc-sum", "これからの見込み0円", "受注済み4,570円")
		month := k.page(t, k.handlers.Home, "/admin?by=month")
		has(t, month, ".fc-sum", "これからの見込み11,240円", "受注済み4,570円")
		has(t, month, ".fc-table tbody", "2026年11月2件4,570円", "2026年12月2件0円1,980円3,640円5,620円")
		week := k.page(t, k.handlers.Home, "/admin?by=week")
		has(t, week, ".fc-table tbody", "11/23（月）2件4,570円", "12/21（月）2件")
		k.Clock.Set(fixture.Start.AddDate(0, 0, 25))
		later := k.page(t, k.handlers.Home, "/admin")
		has(t, later, ".fc-sum", "これからの見込み5,620円", "カード1,980円", "代引3,640円")
		if n := later.Find(".fc-table tbody tr").Length(); n != 1 {
			t.Errorf("the table of the forecast has %d days, want the one on which both boxes arrive", n)
		}
		has(t, later, ".fc-table tbody", "2件", "1,980円", "3,640円", "5,620円")
		// a scale of four steps of 2,000 yen over 176 units: 43 for 1,980, 123 for the sum
		bars := later.Find(".fc svg rect")
		if h := bars.Eq(0).AttrOr("height", "") + "+" + bars.Eq(1).AttrOr("height", ""); bars.Length() != 2 || h != "43+80" {
			t.Errorf("%d bars with heights %s", bars.Length(), h)
		}
	})
}

func TestViewersSeeAlertsWithoutButtons(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	failing(t, k)
	doc := k.page(t, k.handlers.Home, "/admin")
	if doc.Find(".al").Length() == 0 || doc.Find(".al button").Length() != 0 {
		t.Errorf("%d alerts with %d buttons", doc.Find(".al").Length(), doc.Find(".al button").Length())
	}
}

func TestSearchGoesToNumbersAndFindsPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleViewer)
		s := k.Shopper(t, "hana@example.jp")
		s.Subscribe(t, cardOK)
		subscription, _ := s.Subscription(t)
		number := s.Orders(t)[0].Number
		fixture.Store(t, d, 2)
		fixture.Customer(t, d, k.Flow.NewID, 2, "hana@example.jp") // the twin in another store
		for typed, path := range map[string]string{
			subscription.Number:                  "/admin/subscriptions/" + subscription.Number,
			strings.ToLower(subscription.Number): "/admin/subscriptions/" + subscription.Number,
			" " + number:                         "/admin/orders/" + number,
			"":                                   "/admin",
		} {
			w, err := k.ask(t, k.handlers.Search, http.MethodGet, "/admin/search?q="+url.QueryEscape(typed), nil)
			if err != nil || w.Header().Get("Location") != path {
				t.Errorf("%q leads to %q, %v", typed, w.Header().Get("Location"), err)
			}
		}
		for _, typed := range []string{"𠮷田", "ﾖｼﾀﾞ", "hana@", "5678"} {
			doc := k.page(t, k.handlers.Search, "/admin/search?q="+url.QueryEscape(typed))
			has(t, doc, "main", "𠮷田 花 様", subscription.Number, number)
			if n := doc.Find("main .panel").Length(); n != 1 {
				t.Errorf("%q finds %d customers", typed, n)
			}
		}
		doc := k.page(t, k.handlers.Search, "/admin/search?q="+url.QueryEscape("山本%_"))
		has(t, doc, ".empty", "「山本%_」に合うものはありませんでした")
	})
}

func TestLoginTakesTheRightPasswordOnlyAndGoesNowhereElse(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleViewer)
	const password = "kissaten-no-asa-7ji"
	owner, err := k.Flow.CreateOwner(t.Context(), flow.CreateOwnerInput{
		StoreID: thread.StoreID, Actor: audit.System, Name: "雲雀 奏", Mail: "owner@hibari.example", Password: password, Lang: i18n.Ja,
	})
	if err != nil {
		t.Fatal(err)
	}
	try := func(password, next string) *httptest.ResponseRecorder {
		form := url.Values{"mail": {"owner@hibari.example"}, "password": {password}, "next": {next}}
		w, err := k.ask(t, k.handlers.Login, http.MethodPost, "/admin/login", form)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	wrong := try("not-the-password", "/admin/orders")
	page := wrong.Body.String()
	if wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "owner@hibari.example") ||
		!strings.Contains(page, "メールアドレスまたはパスワードが違います") || strings.Contains(page, "not-the-password") {
		t.Errorf("wrong password: %d %s", wrong.Code, page)
	}
	for next, path := range map[string]string{"/admin/orders": "/admin/orders", "//evil.example/": "/admin", "": "/admin"} {
		if right := try(password, next); right.Header().Get("Location") != path {
			t.Errorf("login with next %q leads to %q", next, right.Header().Get("Location"))
		}
	}
	who := func(_ http.ResponseWriter, r *http.Request) error {
		if id, ok := session.Who(r.Context()); !ok || id != owner.ID {
			t.Errorf("logged in is %v, %t", id, ok)
		}
		return nil
	}
	if _, err := k.ask(t, who, http.MethodGet, "/admin", nil); err != nil {
		t.Fatal(err)
	}
	if w, err := k.ask(t, k.handlers.Logout, http.MethodPost, "/admin/logout", nil); err != nil || w.Header().Get("Location") != "/admin/login" {
		t.Errorf("logout leads to %q, %v", w.Header().Get("Location"), err)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleOperator)
	for name, h := range map[string]handler{
		"order": k.handlers.Order, "subscription": k.handlers.Subscription, "terms": k.handlers.Terms,
		"alert": k.handlers.ResolveAlert,
	} {
		_, err := k.ask(t, h, http.MethodPost, "/admin/x", url.Values{"version": {"1"}}, "number", "nothing", "id", ident.ID{1}.String())
		if err == nil || !strings.Contains(err.Error(), "not_found") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListsGoOnWhereTheyEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d, staff.RoleOperator)
		const many = 53
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			list := make([]alert.Alert, many)
			for i := range list {
				list[i] = alert.Alert{
					ID: k.Flow.NewID(), Kind: alert.KindMailRefused, Noun: "mail", SubjectID: k.Flow.NewID(), At: k.Clock.Now(),
					Args: map[string]any{"Reason": "550 " + strconv.Itoa(i)},
				}
			}
			return db.RaiseAlerts(ctx, tx, thread.StoreID, list)
		}); err != nil {
			t.Fatal(err)
		}
		first := k.page(t, k.handlers.Alerts, "/admin/alerts")
		next, ok := first.Find(".pager a").Attr("href")
		if n := first.Find(".al").Length(); n != 50 || !ok {
			t.Fatalf("%d alerts on the first page, next %q", n, next)
		}
		second := k.page(t, k.handlers.Alerts, next)
		if n := second.Find(".al").Length(); n != many-50 {
			t.Errorf("%d alerts on the second page", n)
		}
		if second.Find(".pager a").Length() != 0 {
			t.Error("the last page has a next one")
		}
	})
}

func TestARefusedMailIsSaidInStaffsWordsWithTheServersBehind(t *testing.T) {
	k := newDesk(t, dbtest.Open(t, db.SQLite), staff.RoleManager)
	said := map[string]string{
		`naming the recipient (permanent): 550 "5.1.1 user unknown"`: "このメールアドレスは存在しません。",
		`naming the recipient (permanent): 552 "5.2.2 mailbox full"`: "お客様のメールボックスがいっぱいです。",
		`naming the sender (permanent): 554 "5.7.1 not from you"`:    "メールサーバーが、当店からのメールを拒否しました。",
	}
	err := k.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		var alerts []alert.Alert
		for raw := range said {
			alerts = append(alerts, alert.Alert{
				ID: k.Flow.NewID(), Kind: alert.KindMailRefused, Noun: "mail", SubjectID: k.Flow.NewID(), At: k.Clock.Now(), Version: 1,
				Args: map[string]any{"Reason": raw},
			})
		}
		return db.RaiseAlerts(ctx, tx, thread.StoreID, alerts)
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	k.page(t, k.handlers.Alerts, "/admin/alerts").Find("li.al").Each(func(_ int, row *goquery.Selection) {
		raw := row.Find("details.raw code").Text()
		row.Find("details.raw").Remove()
		if want := said[raw]; want == "" || !strings.Contains(row.Text(), want) || strings.Contains(row.Text(), "naming") {
			t.Errorf("%q: %s", raw, strings.Join(strings.Fields(row.Text()), " "))
		}
		found++
	})
	if found != len(said) {
		t.Errorf("%d alerts", found)
	}
}
