package browsertest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// mailedLink is a link that sets a password in a mail.
var mailedLink = regexp.MustCompile(`http://\S+/password/[A-Za-z0-9_-]{43}`)

const nextPassword = "deep-roast-at-night"

func TestStaffMailALinkThatSetsAPasswordAndTheCustomerChangesItLater(t *testing.T) {
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

			office := &day{shop: &shop{Page: browsertest.New(t, v.screen), t: t, at: s.at, lang: v.lang}, prefix: "password"}
			office.consoleLogin()
			office.speak(map[string]string{"": "ja", "/en": "en"}[v.lang])
			office.admin("/customers")
			office.Follow("tbody tr:first-child .row-lk")
			office.look("customer")
			office.Follow("a[href$='/password-link']")
			office.must(strings.Contains(office.Text("main"), mail), "the address is not shown")
			office.look("ask")
			office.Follow("form.do .btn.p")
			office.WaitVisible(".note-ok")
			office.look("sent")

			link := ""
			until(t, "the mail with the link", func() bool {
				for _, m := range s.mails(mail) {
					if link == "" {
						link = mailedLink.FindString(m.Text)
					}
				}
				return link != ""
			})
			phone := &shop{Page: browsertest.New(t, v.screen), t: t, at: s.at, lang: v.lang}
			phone.Visit(link)
			phone.must(strings.Contains(phone.URL(), v.lang+"/password/"), "the link is not in the customer's language")
			phone.shot("password")
			phone.Axe()
			phone.Fill("#password", "12345678")
			phone.Follow("form.form .cta")
			phone.WaitVisible("#password-error")
			phone.shot("password-wrong")
			phone.Axe()
			phone.Fill("#password", nextPassword)
			phone.Follow("form.form .cta")
			phone.WaitURL("/mypage")
			s.visit("/mypage")
			s.WaitURL("/login") // where the password was set elsewhere, the session is over
			phone.Visit(link)
			phone.must(phone.Status() == 404, "a used link answers %d", phone.Status())
			phone.shot("password-gone")
			phone.Axe()

			s.Fill("#mail", mail)
			s.Fill("#password", nextPassword)
			s.Follow("form.form .cta:not(.ghost)")
			s.WaitURL("/mypage")
			s.visit("/mypage/account")
			s.Fill("#old", "not the password")
			s.Fill("#new", "hibari-and-beans")
			s.Follow("form[action$='/mypage/account/password'] button")
			s.WaitVisible("#old-error")
			s.shot("account-password")
			s.Axe()
			s.Fill("#old", nextPassword)
			s.Fill("#new", "hibari-and-beans")
			s.Follow("form[action$='/mypage/account/password'] button")
			s.WaitVisible(".flash-ok")
			s.Axe()
		})
	}
}
