package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/core/audit"
	"github.com/teiki-commerce/teiki/internal/core/ident"
	"github.com/teiki-commerce/teiki/internal/core/order"
	"github.com/teiki-commerce/teiki/internal/core/pricing"
	"github.com/teiki-commerce/teiki/internal/core/subscription"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/flow"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// changer is a member at the pages of their subscription.
type changer struct {
	*webtest.Browser
	t     *testing.T
	buyer *thread.Shopper
	path  string
}

func newChanger(t *testing.T, site *webtest.Site) changer {
	t.Helper()
	buyer := site.Buyer(t, "changer@example.jp")
	buyer.Place(t, buyer.Order(t, buyer.Fill(t, 1, thread.Monthly, pricing.MethodCOD)))
	s, _ := buyer.Subscription(t)
	b := site.Browser(t)
	b.LogIn(t, "changer@example.jp")
	return changer{b, t, buyer, "/mypage/subscriptions/" + s.ID.String()}
}

// form is what the confirming form of a page sends.
func (c changer) form(doc *goquery.Document) url.Values {
	values := url.Values{}
	doc.Find("form.confirm input").Each(func(_ int, s *goquery.Selection) {
		values.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return values
}

func (c changer) states() string {
	c.t.Helper()
	var list []string
	_, deliveries := c.buyer.Subscription(c.t)
	for _, d := range deliveries {
		list = append(list, string(d.State))
	}
	return strings.Join(list, " ")
}

func TestAFormSentTwiceIsOneChangeAndAnOldOneShowsTheEffectAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newChanger(t, webtest.New(t, d))
		page := c.Get(t, c.path+"/skip").Doc(t)
		form := c.form(page)
		old := c.form(c.Get(t, c.path+"/skip?slot=3").Doc(t))
		for range 2 {
			if a := c.Post(t, c.path+"/skip", form); a.Status != http.StatusSeeOther || a.Location != c.path {
				t.Fatalf("skip: %d to %s", a.Status, a.Location)
			}
		}
		if got := c.states(); got != "ordered skipped planned planned planned" {
			t.Errorf("deliveries: %s", got)
		}
		again := c.Post(t, c.path+"/skip", old)
		if again.Status != http.StatusConflict || again.Doc(t).Find(".flash-error").Length() != 1 {
			t.Errorf("an old form: %d with %d messages", again.Status, again.Doc(t).Find(".flash-error").Length())
		}
		if fresh := c.form(again.Doc(t)); fresh.Get("digest") == "" || fresh.Get("digest") == old.Get("digest") {
			t.Errorf("the effect is not shown anew: %v", fresh)
		}
	})
}

func TestWhatCannotBeChangedSaysWhyAndHasNoButton(t *testing.T) {
	c := newChanger(t, webtest.New(t, dbtest.Open(t, db.SQLite)))
	refused := func(path string) {
		t.Helper()
		a := c.Get(t, c.path+path)
		doc := a.Doc(t)
		if a.Status != http.StatusOK || doc.Find(".flash-error, .err").Length() == 0 || doc.Find("form.confirm").Length() != 0 {
			t.Errorf("%s: %d, %d reasons, %d forms", path, a.Status, doc.Find(".flash-error, .err").Length(), doc.Find("form.confirm").Length())
		}
	}
	refused("/resume")
	refused("/skip?slot=99")
	refused("/skip?slot=1")
	refused("/skip?slot=2&undo=1")
	refused("/put-off?slot=2&date=2027-12-24")
	refused("/put-off?slot=2&date=2020-01-01")
	refused("/quantity?quantity=99")
	refused("/quantity?quantity=-1")
	for _, path := range []string{"/put-off?slot=x&date=y&scope=z", "/quantity?quantity=many&item=none"} {
		if a := c.Get(t, c.path+path); a.Status != http.StatusOK || a.Doc(t).Find("form.confirm").Length() != 0 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	form := c.form(c.Get(t, c.path+"/cancel").Doc(t))
	form.Set("reason", "made up")
	if a := c.Post(t, c.path+"/cancel", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a reason of their own: %d", a.Status)
	}
	if s, _ := c.buyer.Subscription(t); s.State != subscription.StateActive {
		t.Errorf("the subscription is %s", s.State)
	}
	form.Del("reason")
	if a := c.Post(t, c.path+"/cancel", form); a.Status != http.StatusSeeOther {
		t.Errorf("cancel without a reason: %d", a.Status)
	}
	if s, _ := c.buyer.Subscription(t); s.State != subscription.StateCancelled {
		t.Errorf("the subscription is %s", s.State)
	}
	if n := c.Get(t, c.path).Doc(t).Find(".act").Length(); n != 0 {
		t.Errorf("%d tiles for a cancelled subscription", n)
	}
	refused("/cancel")
	refused("/pause")
	refused("/put-off")
}

func TestWhoCancelsIsToldOfTheOrderThatIsTakenBack(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	c := newChanger(t, site)
	err := site.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE subscriptions SET pays = 'card', card_id = ? WHERE store_id = ?", c.buyer.Card.ID[:], thread.StoreID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.buyer.Behave(t, "insufficient_funds")
	site.AdvanceTo(t, c.buyer.Deadline(t))
	number := c.buyer.Orders(t)[1].Number
	page := c.Get(t, c.path+"/cancel").Doc(t)
	if told := page.Find(".flash").Text(); !strings.Contains(told, number) || !strings.Contains(told, "取り消します") {
		t.Errorf("the page says %q of the order %s", told, number)
	}
	if a := c.Post(t, c.path+"/cancel", c.form(page)); a.Status != http.StatusSeeOther {
		t.Fatalf("cancel: %d", a.Status)
	}
	if o := c.buyer.Orders(t)[1]; o.Payment != order.PaymentCancelled {
		t.Errorf("the order is %s", o.Payment)
	}
	site.Sound(t)
}

func TestAPlanThatForbidsSkippingAndPausingOffersNeither(t *testing.T) {
	site := webtest.New(t, dbtest.Open(t, db.SQLite))
	c := newChanger(t, site)
	found, err := db.ProductsByIDs(t.Context(), site.DB, thread.StoreID, []ident.ID{site.Product.ID})
	if err != nil {
		t.Fatal(err)
	}
	strict := found[site.Product.ID]
	plan := *strict.Plan
	plan.AllowSkip, plan.AllowPause = false, false
	strict.Plan = &plan
	if _, err := site.Flow.SaveProduct(t.Context(), thread.StoreID, audit.System, flow.SaveProductInput{Product: strict}); err != nil {
		t.Fatal(err)
	}
	doc := c.Get(t, c.path).Doc(t)
	for _, kind := range []string{"skip", "pause"} {
		if n := doc.Find("main a[href*='/" + kind + "']").Length(); n != 0 {
			t.Errorf("%d ways to %s", n, kind)
		}
		if form := c.Get(t, c.path+"/"+kind+"?slot=2").Doc(t).Find("form.confirm").Length(); form != 0 {
			t.Errorf("the page to %s has a button", kind)
		}
	}
	if doc.Find("main a[href*='/put-off']").Length() == 0 || doc.Find("main a[href*='/cancel']").Length() == 0 {
		t.Error("no way to put off or to cancel is left")
	}
	if said := c.Get(t, "/goods/"+strict.Slug).Doc(t).Find(".feat").Text(); strings.Contains(said, "お休み") || strings.Contains(said, "一時停止") {
		t.Errorf("the product's page promises: %s", said)
	}
}
