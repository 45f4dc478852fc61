package browsertest

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// The product page has a price for one bag, one by subscription and one for
// several, and its sums follow what is chosen.
func TestTheProductPageSaysWhatEachChoiceCosts(t *testing.T) {
	for name, v := range map[string]struct {
		screen         browsertest.Screen
		lang           string
		volume, onward string
	}{
		"phone, Japanese":               {browsertest.Phone, "", "複数購入割引", "回目以降"},
		"desktop, English":              {browsertest.Desktop, "/en", "off", "later"},
		"desktop, Chinese (simplified)": {browsertest.Desktop, "/zh-hans", "优惠", "起"},
		"phone, Chinese (traditional)":  {browsertest.Phone, "/zh-hant", "優惠", "起"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, v.screen, v.lang)
			s.visit("/goods/hb-blend")
			s.must(len(s.Texts(".lv li")) >= 3, "%d levels of price", len(s.Texts(".lv li")))
			alone := s.Text(".lv .on b")
			s.Fill("#quantity", "3")
			s.Press("\t")
			until(t, "the price of three", func() bool { return s.Text(".lv .on b") != alone })
			s.shot("product-volume")
			s.Axe()
			if v.lang == "" {
				s.WaitText("#price", v.volume)
			}
			now := s.Text("#price .why:first-child .t dd")
			s.Follow("#add")
			s.WaitURL("/cart")
			s.shot("cart-volume")
			s.Axe()
			sum := firstWord(strings.ReplaceAll(now, "（", " "))
			s.must(strings.Contains(s.Text(".cart-sum .t dd"), sum), "the cart says %s, the product's page said %s", s.Text(".cart-sum .t dd"), sum)

			for _, slug := range []string{"hb-drip", "hb-deep", "hb-filter"} {
				s.visit("/goods/" + slug)
				s.shot("product-" + slug)
				s.Axe()
			}
		})
	}
}
