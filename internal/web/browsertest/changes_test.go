package browsertest

import (
	"strings"
	"testing"

	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
)

// Members change their subscription by the tiles of my page; each form shows its
// effect first and says afterwards that it is done.
func TestMemberPutsOffChangesTheQuantitySkipsPausesResumesAndCancels(t *testing.T) {
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
			s.Follow(".final .cta")
			s.pay(goodCard)
			s.WaitURL("/thanks")
			s.visit("/mypage")
			s.Follow("main a[href*='/mypage/subscriptions/']")
			s.shot("change-tiles")

			s.act("put-off")
			s.must(len(s.Texts(".confirm .cta")) == 0, "a button before a day is chosen")
			s.shot("change-date")
			s.Axe()
			s.Follow("td.m-ok:nth-last-child(1) a, td.m-ok a")
			s.shot("change-date-chosen")
			s.Axe()
			day := s.Texts(".eff td.a")[0]
			s.Follow("a.way-link:not(.on)")
			s.shot("change-date-all")
			s.Follow(".confirm .cta")
			s.done()
			s.must(strings.HasPrefix(day, firstWord(s.Text(".next .when"))), "the next delivery is on %s, %s was chosen", s.Text(".next .when"), day)

			s.act("quantity")
			s.Fill("#quantity", "2")
			s.Follow("form[method=get] button")
			s.shot("change-quantity")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()

			s.act("skip")
			s.shot("change-skip")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()
			s.shot("change-skipped")
			s.Axe()
			s.Follow("a[href*='undo=1']")
			s.shot("change-undo")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()
			s.must(len(s.Texts("a[href*='undo=1']")) == 0, "the skip that was taken back can be taken back again")

			s.act("pause")
			s.shot("change-pause")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()
			page := s.URL()
			s.toDeadline()
			s.Visit(page)
			s.must(len(s.charges()) == 1, "%d charges in a pause", len(s.charges()))
			s.act("resume")
			s.shot("change-resume")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()
			until(t, "the charge of the box that was held", func() bool { return len(s.charges()) == 2 })

			s.act("cancel")
			s.Fill("#reason", "too_much")
			s.shot("change-cancel")
			s.Axe()
			s.Follow(".confirm .cta")
			s.done()
			s.shot("change-cancelled")
			s.Axe()
			s.must(len(s.Texts(".act")) == 0, "a cancelled subscription can be changed")
		})
	}
}

// A box may hold several items; each has its own quantity.
func TestMemberChangesTheQuantityOfEachItemAndLooksAtTheOrder(t *testing.T) {
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
			s.visit("/goods/hb-blend?option0=1&option1=0")
			s.Follow("#add")
			s.confirm("cod")
			s.shot("confirm-two")
			s.Axe()
			s.Follow(".final .cta")
			s.WaitURL("/thanks")
			s.visit("/mypage")
			s.must(len(s.Texts("main a[href*='/mypage/subscriptions/']")) == 1, "two items of one course are two subscriptions")
			s.Follow("main a[href*='/mypage/subscriptions/']")
			s.act("quantity")
			s.shot("change-quantities")
			s.Axe()
			s.Fill("#quantity-2", "3")
			s.Follow("form:has(#quantity-2) button")
			s.must(s.Value("#quantity-2") == "3", "the number chosen came back as %s", s.Value("#quantity-2"))
			s.Follow(".confirm .cta")
			s.done()
			s.must(strings.Contains(s.Text(".next .lines li:nth-child(2)"), "× 3"), "the second item is %s", s.Text(".next .lines li:nth-child(2)"))
			s.must(strings.Contains(s.Text(".next .lines li:first-child"), "× 1"), "the first item is %s", s.Text(".next .lines li:first-child"))
			s.visit("/mypage/orders")
			s.Follow("main a[href*='/mypage/orders/']")
			s.shot("order")
			s.Axe()
			s.visit("/mypage/account")
			s.shot("account")
			s.Axe()
		})
	}
}

func TestMemberChangesWithoutJavaScript(t *testing.T) {
	s := open(t, browsertest.Phone, "")
	s.register(mail)
	s.confirm("cod")
	s.Follow(".final .cta")
	s.WaitURL("/thanks")
	s.visit("/mypage")
	s.Follow("main a[href*='/mypage/subscriptions/']")
	s.WithoutJavaScript()
	s.act("put-off")
	s.Follow("td.m-ok a")
	s.Follow(".confirm .cta")
	s.WaitVisible(".flash-ok")
	s.act("quantity")
	s.Follow("form[method=get] button")
	s.Follow(".confirm .cta")
	s.WaitVisible(".flash-ok")
	s.act("cancel")
	s.Follow(".confirm .cta")
	s.WaitVisible(".flash-ok")
	s.WaitGone(".act")
}

// act follows a tile of the subscription's page.
func (s *shop) act(kind string) { s.Follow(".acts a[href*='/" + kind + "']") }

// done waits for the subscription's page that says what was done.
func (s *shop) done() {
	s.t.Helper()
	s.WaitVisible(".flash-ok")
	s.must(len(s.Texts(".flash-error")) == 0, "a fault beside the success: %v", s.Texts(".flash-error"))
}

// firstWord is the day in a heading, without what stands beside it.
func firstWord(text string) string { return strings.Fields(text)[0] }
