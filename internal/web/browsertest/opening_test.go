package browsertest

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// A merchant closes the shop, is told what is missing, and opens it again; who
// shops meanwhile reads that it prepares, and who subscribes keeps their page.
func TestAShopIsClosedAndOpensOnlyWithItsLegalPages(t *testing.T) {
	for name, v := range map[string]struct {
		screen browsertest.Screen
		lang   string
		closed string
	}{
		"phone, Japanese":  {browsertest.Phone, "", "ただいま準備中です"},
		"desktop, English": {browsertest.Desktop, "/en", "We are getting ready"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, v.screen, v.lang)
			shopper := &shop{Page: browsertest.New(t, v.screen), t: t, at: s.at, lang: v.lang}
			shopper.register(mail)
			s.consoleLogin()
			for _, tab := range []string{"profile", "legal", "delivery", "payment", "history"} {
				s.Visit(s.at.Shop + "/admin/settings?tab=" + tab)
				s.shot("settings-" + tab)
				s.Axe()
			}
			s.Visit(s.at.Shop + "/admin/settings")
			s.Follow("form[action='/admin/settings/close'] button")
			s.WaitVisible("form[action='/admin/settings/open']")

			shopper.visit("/goods/hb-blend")
			shopper.WaitText("h1", v.closed)
			shopper.shot("closed")
			shopper.Axe()
			shopper.visit("/mypage")
			shopper.must(strings.HasSuffix(shopper.URL(), "/mypage"), "the member is not let in")
			shopper.Axe()

			s.Visit(s.at.Shop + v.lang + "/goods/hb-blend")
			s.WaitVisible(".strip-closed")
			s.shot("closed-staff")
			s.Axe()
			s.Visit(s.at.Shop + "/admin/settings?tab=legal")
			s.Fill("[id='legal.terms.ja']", "")
			s.Follow("button[value=save]")
			s.Follow("form[action='/admin/settings/open'] button")
			s.WaitVisible(".note-crit")
			s.shot("settings-missing")
			s.Axe()
			s.Follow(".need a")
			s.Follow("button[value=sample]")
			s.must(strings.Contains(s.Value("[id='legal.terms.ja']"), "■"), "no sample in the empty text")
			s.Follow("button[value=save]")
			s.Follow("form[action='/admin/settings/open'] button")
			s.WaitVisible("form[action='/admin/settings/close']")
			s.Axe()
			shopper.visit("/goods/hb-blend")
			shopper.WaitVisible("#add")
		})
	}
}
