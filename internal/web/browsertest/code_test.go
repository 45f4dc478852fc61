package browsertest

import (
	"regexp"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// mailedCode is a login code in a mail.
var mailedCode = regexp.MustCompile(`\b[0-9]{6}\b`)

func TestACustomerLogsInByAMailedCode(t *testing.T) {
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
			until(t, "the mail of the registration", func() bool { return len(s.mails(mail)) == 1 })

			s = &shop{Page: browsertest.New(t, v.screen), t: t, at: s.at, lang: v.lang}
			s.visit("/login")
			s.shot("login")
			s.Axe()
			s.Fill("#mail", mail)
			s.Follow("button[formaction$='/login/code/send']")
			s.shot("code")
			s.Axe()
			s.Fill("#code", "12")
			s.Follow("form.form .cta:not(.ghost)")
			s.shot("code-wrong")
			s.Axe()
			code := ""
			until(t, "the mail with the code", func() bool {
				for _, m := range s.mails(mail) {
					if code == "" {
						code = mailedCode.FindString(m.Text)
					}
				}
				return code != ""
			})
			s.Fill("#code", code)
			s.Follow("form.form .cta:not(.ghost)")
			s.WaitURL("/mypage")
		})
	}
}
