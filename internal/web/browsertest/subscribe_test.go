package browsertest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

const (
	goodCard    = "4242424242424242"
	secureCard  = "4000002500003155"
	failingCard = "4000000000000341"
	mail        = "hana@example.jp"
)

func TestShopperSubscribesWithACardAndTheSecondBoxIsChargedAtItsDeadline(t *testing.T) {
	for name, v := range map[string]struct {
		screen browsertest.Screen
		lang   string
	}{
		"phone, Japanese":  {browsertest.Phone, ""},
		"desktop, English": {browsertest.Desktop, "/en"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, v.screen, v.lang)
			s.visit("/")
			s.shot("home")
			s.Axe()
			s.register(mail)
			s.confirm("card")
			s.shot("confirm")
			s.Axe()
			s.Follow(".final .cta")
			s.pay(goodCard)
			s.WaitURL("/thanks")
			s.shot("thanks")
			s.Axe()
			s.must(len(s.charges()) == 1, "%d charges after the first order", len(s.charges()))

			s.visit("/mypage")
			s.shot("mypage")
			s.Axe()
			s.Follow("main a[href*='/mypage/subscriptions/']")
			s.shot("subscription")
			s.Axe()

			s.toDeadline()
			until(t, "the second charge", func() bool { return len(s.charges()) == 2 })
			until(t, "the mails of registration, start, notice and order", func() bool { return len(s.mails(mail)) == 4 })
			s.visit("/mypage/orders")
			s.shot("orders")
			s.Axe()
			s.must(len(s.Texts("main a[href*='/mypage/orders/']")) >= 2, "the second order is not listed")

			s.consoleLogin()
			s.shot("console-home")
			s.Axe()
			s.Visit(s.at.Shop + "/admin/products")
			s.shot("console-products")
			s.Axe()
			s.Visit(s.at.Shop + "/admin/orders")
			s.shot("console-orders")
			s.Axe()
			s.must(len(s.Texts("tbody tr")) == 2, "the console lists %d orders", len(s.Texts("tbody tr")))
			s.Follow("tbody a[href*='/admin/orders/']")
			s.shot("console-order")
			s.Axe()
			s.Visit(s.at.Shop + "/admin/subscriptions")
			s.shot("console-subscriptions")
			s.Follow("tbody a[href*='/admin/subscriptions/']")
			s.shot("console-subscription")
			s.must(strings.Contains(s.Text("main"), "T0500001"), "the subscription's page lacks its number")
			s.Axe()
		})
	}
}

func TestShopperSubscribesWithACardThatAsksFor3DSecure(t *testing.T) {
	s := open(t, browsertest.Phone, "")
	s.register(mail)
	s.confirm("card")
	s.Follow(".final .cta")
	s.pay(secureCard)
	s.WaitVisible("#approve")
	s.Follow("#approve")
	s.WaitURL("/thanks")
	s.toDeadline()
	until(t, "the second charge, which asks nobody", func() bool { return len(s.charges()) == 2 })
}

func TestShopperSubscribesByCashOnDelivery(t *testing.T) {
	s := open(t, browsertest.Desktop, "")
	s.register(mail)
	s.confirm("cod")
	s.shot("confirm-cod")
	s.Follow(".final .cta")
	s.WaitURL("/thanks")
	s.shot("thanks-cod")
	s.toDeadline()
	until(t, "the mails of registration, start, notice and order", func() bool { return len(s.mails(mail)) == 4 })
	s.must(len(s.charges()) == 0, "%d charges for cash on delivery", len(s.charges()))
	s.consoleLogin()
	s.Visit(s.at.Shop + "/admin/orders")
	s.must(len(s.Texts("tbody tr")) == 2, "the console lists %d orders", len(s.Texts("tbody tr")))
}

// payLink is the address in a mail that pays an open order.
var payLink = regexp.MustCompile(`http://[^\s"<>]+/pay/[A-Za-z0-9_-]+`)

func TestCardThatFailsLaterIsAlertedMailedAndPaidOnceWithANewCard(t *testing.T) {
	s := open(t, browsertest.Phone, "")
	s.register(mail)
	s.confirm("card")
	s.Follow(".final .cta")
	s.pay(failingCard)
	s.WaitURL("/thanks")
	s.must(len(s.charges()) == 1, "%d charges after the first order", len(s.charges()))
	s.toDeadline()
	link := ""
	until(t, "the mail with the link", func() bool {
		for _, m := range s.mails(mail) {
			if link = payLink.FindString(m.Text); link != "" {
				return true
			}
		}
		return false
	})
	console := &shop{Page: browsertest.New(t, browsertest.Desktop), t: t, at: s.at}
	console.consoleLogin()
	console.Visit(s.at.Shop + "/admin/alerts")
	console.shot("console-alerts")
	console.Axe()
	console.must(len(console.Texts(".al a[href*='/retry']")) == 1, "%d alerts with a retry", len(console.Texts(".al a[href*='/retry']")))

	s.Visit(link)
	s.shot("pay")
	s.Axe()
	s.Follow("form[action$='/card'] button")
	s.pay(goodCard)
	until(t, "the second charge", func() bool { return len(s.charges()) == 2 })
	s.Visit(link)
	s.shot("pay-done")
	console.Visit(s.at.Shop + "/admin/alerts")
	console.must(len(console.Texts(".al a[href*='/retry']")) == 0, "the alert is still open after paying")
	s.Follow(`form[action="/_demo/forward"] button`)
	s.must(len(s.charges()) == 2, "%d charges a day later", len(s.charges()))
}
