package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/teiki-commerce/teiki/internal/core/staff"
	"github.com/teiki-commerce/teiki/internal/db"
	"github.com/teiki-commerce/teiki/internal/db/dbtest"
	"github.com/teiki-commerce/teiki/internal/web/webtest"
)

// faulty is a form with several wrong fields: the ids of those its summary names.
type faulty struct {
	path   string
	form   url.Values
	fields []string
}

var faultyShopForms = []faulty{
	{"/register", url.Values{"family": {"早川"}, "given": {"千尋"}}, []string{"family_kana", "given_kana", "mail", "password"}},
	{"/register", url.Values{"mail": {"nobody"}, "password": {"x"}}, []string{"family", "given", "mail", "password"}},
	{"/login", url.Values{"mail": {"hana@example.jp"}, "password": {"wrong"}}, []string{"mail"}},
	{"/login/code", url.Values{"mail": {"hana@example.jp"}, "code": {"1"}}, []string{"code"}},
	{"/legal/contact", url.Values{}, []string{"name", "mail", "body"}},
}

var faultyMemberForms = []faulty{
	{
		"/checkout",
		url.Values{"payment": {"card"}},
		[]string{"family", "given", "postcode", "region", "city", "street", "phone"},
	},
	{"/mypage/account/password", url.Values{"new": {"short"}, "old": {"wrong"}}, []string{"new"}},
}

var faultyStaffForms = []faulty{
	{"/admin/account/password", url.Values{"old": {""}, "new": {"short"}}, []string{"new"}},
	{
		"/admin/simulations",
		url.Values{"from": {"soon"}, "to": {""}, "declined": {"101"}, "authentication": {"x"}, "missing": {"-1"}},
		[]string{"from", "to", "declined", "authentication", "missing"},
	},
	{
		"/admin/settings",
		url.Values{"tab": {"delivery"}, "delivery.cut_off_minutes": {"25:00"}, "delivery.preparation_days": {"many"}, "delivery.closed_dates": {"?"}},
		[]string{"delivery.cut_off_minutes", "delivery.preparation_days", "delivery.closed_dates", "delivery.methods.0.zones.0.transit_days"},
	},
	{
		"/admin/settings",
		url.Values{"tab": {"payment"}, "payment.cod_tiers.0.ceiling": {"x"}, "payment.cod_tiers.3.ceiling": {"1"}, "payment.cod_tiers.3.fee": {"2"}},
		[]string{"payment.cod_tiers.0.ceiling", "payment.cod_tiers.1.fee"},
	},
	{"/admin/products", url.Values{}, []string{"texts.ja.name", "code", "slug"}},
}

func TestASummaryOfFaultsNamesItsFieldsAndLeadsToThem(t *testing.T) {
	for lang, prefix := range map[string]string{"ja": "", "en": "/en", "zh-Hans": "/zh-hans", "zh-Hant": "/zh-hant"} {
		t.Run(lang, func(t *testing.T) {
			site := webtest.New(t, dbtest.Open(t, db.SQLite))
			site.Buyer(t, "hana@example.jp")
			site.Staff(t, "mori@hibari.example", staff.RoleOwner)
			guest, member, worker := site.Browser(t), site.Browser(t), site.Browser(t)
			buy := faulty{
				"/cart",
				url.Values{"product": {site.Product.Slug}, "way": {"subscribe"}, "cycle": {"5w"}, "count": {"99"}, "first": {"2030-01-01"}, "quantity": {"0"}},
				[]string{"cycle", "count", "first", "quantity"},
			}
			for _, f := range append(slices.Clone(faultyShopForms), buy) {
				f.send(t, guest, prefix)
			}
			member.LogIn(t, "hana@example.jp")
			if a := member.Post(t, "/cart", url.Values{"product": {site.Product.Slug}, "way": {"subscribe"}, "quantity": {"1"}}); a.Status != http.StatusSeeOther {
				t.Fatalf("fill the cart: %d", a.Status)
			}
			for _, f := range faultyMemberForms {
				f.send(t, member, prefix)
			}
			worker.LogInStaff(t, "mori@hibari.example")
			worker.Post(t, "/admin/account/language", url.Values{"lang": {lang}})
			for _, f := range faultyStaffForms {
				f.send(t, worker, "")
			}
		})
	}
}

func (f faulty) send(t *testing.T, b *webtest.Browser, prefix string) {
	t.Helper()
	a := b.Post(t, prefix+f.path, f.form)
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("POST %s%s: %d %s", prefix, f.path, a.Status, a.Location)
		return
	}
	doc := a.Doc(t)
	for _, id := range f.fields {
		link := doc.Find(`main [role=alert] a[href="#` + id + `"]`)
		if link.Length() != 1 {
			t.Errorf("%s%s: %d lines about %s in: %s", prefix, f.path, link.Length(), id, doc.Find("main [role=alert]").Text())
			continue
		}
		if label := labelOf(doc, id); label == "" || !strings.Contains(link.Text(), label) {
			t.Errorf("%s%s: %q does not name %q", prefix, f.path, link.Text(), label)
		}
	}
	doc.Find("main [role=alert] li").Each(func(_ int, line *goquery.Selection) {
		href := line.Find("a").AttrOr("href", "")
		if doc.Find(`[id="`+strings.TrimPrefix(href, "#")+`"]`).Length() != 1 {
			t.Errorf("%s%s: %q leads nowhere: %q", prefix, f.path, line.Text(), href)
		}
	})
}

// labelOf is what the page calls an input, without the marks beside it.
func labelOf(doc *goquery.Document, id string) string {
	label := doc.Find(`label[for="` + id + `"], fieldset[id="` + id + `"] > legend`).First().Clone()
	label.Find("span, small").Remove()
	return strings.TrimSpace(label.Text())
}
