package browsertest

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// A working day of staff in a shop that runs for half a year: each job on a phone
// in Japanese and at a desk in English.
func TestStaffDoTheirDayOnThePhoneAndAtADesk(t *testing.T) {
	at := start(t, app.Demo{})
	for _, v := range []struct {
		name   string
		screen browsertest.Screen
		lang   string
	}{
		{"phone, Japanese", browsertest.Phone, "ja"},
		{"desktop, English", browsertest.Desktop, "en"},
	} {
		t.Run(v.name, func(t *testing.T) {
			d := &day{shop: &shop{Page: browsertest.New(t, v.screen), t: t, at: at}, prefix: "day-" + v.lang}
			d.write(v.lang)
			d.Visit(at.Shop + "/admin/login")
			d.look("login")
			d.consoleLogin()
			d.speak(v.lang)
			d.home()
			d.orders()
			d.subscriptions()
			d.change()
			d.alerts()
			d.conversations()
			d.customers()
			d.password()
		})
	}
}

// day is a member of staff at the console.
type day struct {
	*shop
	prefix string
}

func (d *day) admin(path string) { d.Visit(d.at.Shop + "/admin" + path) }

// look checks a page, and takes its picture where they are asked for.
func (d *day) look(name string) {
	d.t.Helper()
	d.Axe()
	over := browsertest.Eval[int](d.Page, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	d.must(over <= 0, "the page is %d pixels too wide", over)
	d.shot(d.prefix + "-" + name)
}

// write is a customer who asks the shop something.
func (d *day) write(lang string) {
	prefix := ""
	if lang != "ja" {
		prefix = "/" + lang
	}
	d.Visit(d.at.Shop + prefix + "/legal/contact")
	d.Fill("#name", "早川 千尋")
	d.Fill("#mail", demo.CustomerMail)
	d.Fill("#body", "次回のお届け先を変えたいです。\nよろしくお願いします。")
	d.Follow("form.form .cta")
	d.WaitURL("/legal/contact/thanks")
}

// speak sets the language of the console.
func (d *day) speak(lang string) {
	d.admin("/account")
	d.look("account")
	d.Fill("#lang", lang)
	d.Follow(`form[action="/admin/account/language"] button`)
	got := browsertest.Eval[string](d.Page, `document.documentElement.lang`)
	d.must(got == lang, "the console speaks %q", got)
}

func (d *day) home() {
	d.admin("")
	d.look("home")
	d.must(len(d.Texts(".al")) > 0, "no alert at home")
	d.must(len(d.Texts("[aria-labelledby=today-h] .kv-num")) == 2, "the next deadline is not shown by product")
	d.Follow(".pills a[href*='by=week']")
	d.look("home-week")
	bars := browsertest.Eval[int](d.Page, `document.querySelectorAll(".fc svg rect").length`)
	d.must(bars > 3, "%d bars by week", bars)
	d.Follow(".pills a[href*='by=month']")
	d.look("home-month")
}

func (d *day) orders() {
	d.admin("/orders")
	d.look("orders")
	all := len(d.Texts("tbody tr"))
	d.Fill("#find-q", "早川")
	d.Follow(".find button")
	d.look("orders-found")
	found := len(d.Texts("tbody tr"))
	d.must(found > 0 && found < all, "%d of %d orders found by name", found, all)
	d.Fill("#find-source", "renewal")
	d.Follow(".find button")
	d.must(len(d.Texts("tbody tr")) < found, "the source narrows nothing")
	d.Follow("tbody tr:first-child .row-lk")
	d.look("order")
	d.must(len(d.Texts("#audit tbody tr")) > 0 && len(d.Texts(".sum .tax")) > 0, "an order without trail or tax")
	d.admin("/orders/does-not-exist")
	d.must(d.Status() == 404 && browsertest.Eval[bool](d.Page, `document.querySelector(".rooms a[href='/admin/orders']") !== null`), "an error has no navigation")
	d.look("error")
}

func (d *day) subscriptions() {
	d.admin("/subscriptions")
	d.look("subscriptions")
	all := d.Text(".list-sum dd")
	d.Fill("#find-q", "早川")
	d.Follow(".find button")
	d.look("subscriptions-found")
	d.must(d.Text(".list-sum dd") != all, "the total is not that of what was found")
	d.Visit(browsertest.Eval[string](d.Page, `[...document.querySelectorAll("tbody tr")].find(r => /ひばりブレンド|Hibari/.test(r.innerText)).querySelector("a").href`))
	d.look("subscription")
	for _, part := range []string{"#deliveries tbody tr", "#payments tbody tr", "#audit tbody tr", "#mails tbody tr", ".acts a"} {
		d.must(len(d.Texts(part)) > 0, "the subscription shows nothing at %s", part)
	}
}

// change puts a delivery off and skips it, with the effect first.
func (d *day) change() {
	page := d.URL()
	d.Follow(".acts a[href*='/put-off']")
	d.look("put-off")
	d.Fill("#date", browsertest.Eval[string](d.Page, `document.querySelector("#date option").value`))
	d.Follow("form[action$='/put-off']:not([method]) button")
	d.WaitVisible("#effect tr.on")
	d.look("put-off-effect")
	d.Follow("#effect form button")
	d.WaitVisible(".note-ok")
	d.must(strings.HasPrefix(d.URL(), page), "the change leads to %s", d.URL())
	d.Follow(".acts a[href*='/skip']")
	d.look("skip")
	d.Follow("#effect form button")
	d.WaitVisible(".note-ok")
	d.Follow("#deliveries a[href*='undo=1']")
	d.Follow("#effect form button")
	d.WaitVisible(".note-ok")
	for _, kind := range []string{"pause", "cancel"} {
		d.Follow(".acts a[href*='/" + kind + "']")
		d.look(kind)
		d.Visit(page)
	}
	mine := d.Text(".who b")
	d.must(strings.Contains(d.Text("#audit tbody tr:first-child"), mine), "the trail does not tell who skipped: %q", d.Text("#audit tbody tr:first-child"))
}

func (d *day) alerts() {
	d.admin("/alerts")
	d.look("alerts")
	open := len(d.Texts(".al"))
	d.Follow(".al a[href*='/link']")
	d.look("link")
	d.must(strings.Contains(d.Value("#link"), "/pay/"), "no link to pass on: %q", d.Value("#link"))
	d.Follow("form.do button")
	d.WaitVisible(".note-ok")
	d.Visit(browsertest.Eval[string](d.Page, `document.querySelector(".al a[href*='/retry']").href`))
	d.look("retry")
	d.Follow("form.do button")
	d.WaitVisible(".note-ok")
	d.must(len(d.Texts(".al")) >= open-1, "%d alerts were open, %d are", open, len(d.Texts(".al")))
	d.Visit(browsertest.Eval[string](d.Page, `document.querySelector(".al a[href*='/skip']").href`))
	d.look("skip-blocked")
	d.Follow("#effect form button")
	d.WaitVisible(".note-ok")
}

func (d *day) conversations() {
	d.admin("/conversations")
	d.look("conversations")
	d.Follow("tbody tr:first-child .row-lk")
	d.look("conversation")
	d.Fill("#note", "お電話で変更しました。")
	d.Follow("form.form button")
	d.WaitVisible(".note-ok")
	d.look("conversation-handled")
	d.must(len(d.Texts("#note")) == 0 && len(d.Texts("#audit tbody tr")) == 1, "it is still to be handled")
}

func (d *day) customers() {
	d.admin("/customers")
	d.look("customers")
	d.Fill("#find-q", "早川")
	d.Follow(".filter button")
	d.Follow("tbody tr:first-child .row-lk")
	d.look("customer")
	d.must(len(d.Texts("[aria-labelledby=subs-h] tbody tr")) > 0, "the customer has no subscription")
}

func (d *day) password() {
	d.admin("/account")
	d.Fill("#old", "not the password")
	d.Fill("#new", "hibari-demo")
	d.Follow("form.form button")
	d.WaitVisible("#old-error")
	d.look("account-wrong")
	d.Fill("#old", "hibari-demo")
	d.Fill("#new", "hibari-demo")
	d.Follow("form.form button")
	d.WaitVisible(".note-ok")
}
