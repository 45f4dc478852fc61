package browsertest

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

func TestAPostcodeFillsTheAddressAsItIsTyped(t *testing.T) {
	for name, v := range map[string]struct {
		screen  browsertest.Screen
		lang    string
		unknown string
	}{
		"phone, Japanese":  {browsertest.Phone, "", "見つかりませんでした"},
		"desktop, English": {browsertest.Desktop, "/en", "could not find"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, v.screen, v.lang)
			s.register(mail)
			s.visit("/goods/hb-blend")
			s.Follow("#add")
			s.WaitURL("/cart")
			s.Follow("a.cta")
			s.WaitURL("/checkout")

			s.enter("#postcode", "9999999")
			s.WaitText("#town", v.unknown)
			s.shot("postcode-unknown")
			s.Axe()

			s.enter("#postcode", "1670042")
			until(t, "the town", func() bool { return s.Value("#street") == "西荻北" })
			s.must(s.Value("#region") == "JP-13" && s.Value("#city") == "杉並区", "filled %s %s", s.Value("#region"), s.Value("#city"))
			s.shot("postcode-found")
			s.Axe()

			s.enter("#street", "西荻北3-18-6")
			s.enter("#postcode", "180-0004")
			until(t, "the town of the next postcode", func() bool { return s.Value("#city") == "武蔵野市" })
			s.must(s.Value("#street") == "西荻北3-18-6", "the street that was typed became %s", s.Value("#street"))
		})
	}
}

// enter types into a field and leaves it.
func (s *shop) enter(selector, value string) {
	s.Fill(selector, value)
	s.Press("\t")
}
