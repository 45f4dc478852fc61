package browsertest

import (
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
			s.register(mail)
			s.confirm("card")
			s.Axe()
			s.Follow("form.final .cta, .final .cta")
			s.pay(goodCard)
			s.WaitURL("/thanks")
			s.Axe()
			s.must(len(s.charges()) == 1, "%d charges after the first order", len(s.charges()))

			s.visit("/mypage")
			s.Axe()
			s.Follow("main a[href*='/mypage/subscriptions/']")
			s.Axe()

			s.toDeadline()
			until(t, "the second charge", func() bool { return len(s.charges()) == 2 })
			until(t, "the mails of start, notice and order", func() bool { return len(s.mails(mail)) >= 4 })
			s.visit("/mypage/orders")
			s.must(len(s.Texts("main a[href*='/mypage/orders/']")) >= 2, "the second order is not listed")

			s.consoleLogin()
			s.Visit(s.at.Shop + "/admin/orders")
			s.must(len(s.Texts("tbody tr")) == 2, "the console lists %d orders", len(s.Texts("tbody tr")))
			s.Visit(s.at.Shop + "/admin/subscriptions")
			s.Follow("tbody a[href*='/admin/subscriptions/']")
			s.must(strings.Contains(s.Text("main"), "T0000001"), "the subscription's page lacks its number")
			s.Axe()
		})
	}
}
