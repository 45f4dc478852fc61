package browsertest

import (
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// An owner asks what the coming weeks will bring: on the phone the page tells by
// itself when it is done, at a desk without JavaScript a link does.
func TestOwnerSeesTheComingWeeksBeforeTheyCome(t *testing.T) {
	at := start(t, app.Demo{})
	for _, v := range []struct {
		name   string
		screen browsertest.Screen
		script bool
	}{
		{"phone", browsertest.Phone, true},
		{"desktop without JavaScript", browsertest.Desktop, false},
	} {
		t.Run(v.name, func(t *testing.T) {
			s := &shop{Page: browsertest.New(t, v.screen), t: t, at: at}
			charges := len(s.charges())
			if !v.script {
				s.WithoutJavaScript()
			}
			s.consoleLogin()
			s.Visit(at.Shop + "/admin/simulations")
			s.shot("simulations")
			first, err := time.Parse(time.DateOnly, s.Value("#from"))
			if err != nil {
				t.Fatal(err)
			}
			s.Fill("#to", first.AddDate(0, 0, -1).Format(time.DateOnly))
			s.Fill("#declined", "12")
			s.Follow("main form .btn.p")
			s.WaitVisible("#to-about")
			s.must(s.Value("#declined") == "12", "the share came back as %q", s.Value("#declined"))
			s.axe(v.script)
			s.Fill("#to", first.AddDate(0, 0, 89).Format(time.DateOnly))
			s.Follow("main form .btn.p")
			s.WaitURL("/admin/simulations/")
			s.axe(v.script)
			if !v.script {
				until(t, "the simulation is done", func() bool {
					if len(s.Texts(".sim-charts")) > 0 {
						return true
					}
					s.Follow(".sim-do a")
					return false
				})
			}
			s.WaitVisible(".sim-charts")
			s.shot("simulation")
			s.axe(v.script)
			s.must(len(s.Texts(".note-crit")) == 0, "the books disagree: %q", s.Texts(".note-crit"))
			s.must(!strings.HasPrefix(s.Text(".kpi-n"), "0"), "nothing is sold: %q", s.Texts(".kpi"))
			s.Visit(at.Shop + "/admin/simulations")
			s.Follow("tbody a")
			s.WaitVisible(".sim-charts")
			if n := len(s.charges()); n != charges {
				t.Errorf("%d charges at the shop's own gateway", n-charges)
			}
		})
	}
}

// axe looks for faults where it can run.
func (s *shop) axe(script bool) {
	if script {
		s.Axe()
	}
}
