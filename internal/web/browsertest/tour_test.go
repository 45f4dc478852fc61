package browsertest

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// pictures is the folder of the documentation's pictures, which `make pictures`
// takes anew.
var pictures = flag.String("pictures", "", "folder for the pictures of docs/tour.md")

// views are the sizes of the tour, and the name that its pictures have for each.
var views = []struct {
	name   string
	screen browsertest.Screen
}{
	{"desktop", browsertest.Screen{Width: 1280, Height: 960, Scale: 1}},
	{"phone", browsertest.Screen{Width: 390, Height: 960, Scale: 1.5, Mobile: true}},
}

// The demo as a visitor finds it, with half a year behind it: docs/tour.md shows
// what this test looks at.
func TestPagesOfARunningBusinessHaveNoFaultAtDeskAndOnThePhone(t *testing.T) {
	at := start(t, app.Demo{})
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			s := &shop{Page: browsertest.New(t, v.screen), t: t, at: at}
			look := func(name string, screens float64) {
				s.Axe()
				if *pictures != "" {
					bar := browsertest.Eval[float64](s.Page, `document.querySelector(".demo").getBoundingClientRect().bottom + scrollY`)
					s.Picture(filepath.Join(*pictures, name+"-"+v.name+".png"), bar, screens*float64(v.screen.Height)-bar)
				}
			}
			s.visit("/")
			look("home", 1)
			s.visit("/goods/hb-blend")
			look("product", 1)

			s.visit("/login")
			s.Fill("#mail", demo.CustomerMail)
			s.Fill("#password", "hibari-demo")
			s.Follow("form.form .cta")
			s.visit("/mypage")
			look("mypage", 1)
			blend := browsertest.Eval[[]string](s.Page, `(function () {
				const of = [...document.querySelectorAll("a.sub-card")].find(a => a.innerText.includes("ひばりブレンド"));
				return [of.href, of.innerText.match(/T\d+/)[0]];
			})()`)
			s.Visit(blend[0])
			look("mypage-subscription", 1.2)
			s.visit("/mypage/orders")
			s.Axe()
			s.confirm("card")
			look("confirm", 1.5)
			s.visit("/cart")
			s.Follow(`form[action$="/cart/remove"] button`) // it is the member's on the next screen as well

			s.consoleLogin()
			look("console-home", 1.4)
			for _, room := range []string{"alerts", "subscriptions"} {
				s.Visit(at.Shop + "/admin/" + room)
				look("console-"+room, 1)
			}
			s.Visit(at.Shop + "/admin/orders")
			s.Axe()
			s.Visit(at.Shop + "/admin/products")
			s.Axe()
			s.Follow("tbody a[href*='/admin/products/']")
			s.Follow("a[href*='tab=plan']")
			look("console-plan", 1)
			s.Visit(at.Shop + "/admin/subscriptions/" + blend[1])
			look("console-subscription", 1.2)
		})
	}
}
