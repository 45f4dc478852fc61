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

// views are the sizes of the tour: the name of its pictures and how much of a
// page they show, in CSS pixels.
var views = []struct {
	name   string
	screen browsertest.Screen
	height float64
}{
	{"desktop", browsertest.Screen{Width: 1280, Height: 900, Scale: 1}, 1000},
	{"phone", browsertest.Screen{Width: 390, Height: 844, Scale: 1.5, Mobile: true}, 1040},
}

// The demo as a visitor finds it, with half a year behind it: docs/tour.md shows
// what this test looks at.
func TestPagesOfARunningBusinessHaveNoFaultAtDeskAndOnThePhone(t *testing.T) {
	at := start(t, app.Demo{})
	for _, v := range views {
		t.Run(v.name, func(t *testing.T) {
			s := &shop{Page: browsertest.New(t, v.screen), t: t, at: at}
			look := func(name string) {
				s.Axe()
				if *pictures != "" {
					bar := browsertest.Eval[float64](s.Page, `document.querySelector(".demo").getBoundingClientRect().bottom + scrollY`)
					s.Picture(filepath.Join(*pictures, name+"-"+v.name+".png"), bar, v.height)
				}
			}
			s.visit("/")
			look("home")
			s.visit("/goods/hb-blend")
			look("product")

			s.visit("/login")
			s.Fill("#mail", demo.CustomerMail)
			s.Fill("#password", "hibari-demo")
			s.Follow("form.form .cta")
			s.visit("/mypage")
			look("mypage")
			s.Follow("main a[href*='/mypage/subscriptions/']")
			look("mypage-subscription")
			s.visit("/mypage/orders")
			look("mypage-orders")
			s.confirm("card")
			look("confirm")

			s.consoleLogin()
			look("console-home")
			for _, room := range []string{"alerts", "orders", "subscriptions", "products"} {
				s.Visit(at.Shop + "/admin/" + room)
				look("console-" + room)
			}
			s.Visit(at.Shop + "/admin/subscriptions?state=active")
			s.Follow("tbody a[href*='/admin/subscriptions/']")
			look("console-subscription")
		})
	}
}
