package browsertest

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

func TestSomebodyWritesToTheShop(t *testing.T) {
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
			s.Follow("footer a[href$='/legal/contact']")
			s.shot("contact")
			s.Axe()
			s.Fill("#name", "𠮷田 花")
			s.Fill("#mail", "hana@example")
			s.Fill("#body", "届け先を変えたいです。")
			s.Follow("form.form .cta")
			s.WaitVisible("#mail-error")
			s.must(s.Value("#body") == "届け先を変えたいです。", "the message came back as %q", s.Value("#body"))
			s.shot("contact-wrong")
			s.Axe()
			s.Fill("#mail", mail)
			s.Follow("form.form .cta")
			s.WaitURL("/legal/contact/thanks")
			s.shot("contact-thanks")
			s.Axe()
			until(t, "the receipt", func() bool { return len(s.mails(mail)) == 1 })
		})
	}
}
