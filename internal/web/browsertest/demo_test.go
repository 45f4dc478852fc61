// Package browsertest does the main job as a person does it: in a real browser,
// in the demo shop that a newcomer starts, with the Stripe simulator's hosted
// page and the embedded mail box.
package browsertest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teiki-commerce/teiki/internal/app"
	"github.com/teiki-commerce/teiki/internal/demo"
	"github.com/teiki-commerce/teiki/internal/testkit/browsertest"
	"github.com/teiki-commerce/teiki/internal/testkit/thread"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// shop is a running demo with a browser at it.
type shop struct {
	*browsertest.Page
	t    *testing.T
	at   app.Addresses
	lang string // prefix of the pages: "" or "/en"
}

// open starts a demo that nobody has bought in yet, and a browser at it.
func open(t *testing.T, screen browsertest.Screen, lang string) *shop {
	t.Helper()
	return &shop{Page: browsertest.New(t, screen), t: t, at: start(t, app.Demo{Empty: true}), lang: lang}
}

// start runs a demo in a folder of its own.
func start(t *testing.T, c app.Demo) app.Addresses {
	t.Helper()
	c.Listen, c.Data = "127.0.0.1:0", t.TempDir()
	t.Setenv("TEIKI_INSTANCE_SECRET", strings.Repeat("07", 32))
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	at, wait, err := c.Start(ctx)
	if err != nil {
		stop()
		t.Fatalf("start the demo: %v", err)
	}
	t.Cleanup(func() {
		stop()
		if err := wait(); err != nil {
			t.Errorf("stop the demo: %v", err)
		}
	})
	return at
}

func (s *shop) visit(path string) { s.Visit(s.at.Shop + s.lang + path) }

// register makes a member by the form.
func (s *shop) register(mail string) {
	s.visit("/register")
	s.Fill("#family", "𠮷田")
	s.Fill("#given", "花")
	s.Fill("#family_kana", "ヨシダ")
	s.Fill("#given_kana", "ハナ")
	s.Fill("#mail", mail)
	s.Fill("#password", "hibari-and-beans")
	s.Axe()
	s.Follow("form.form .cta")
}

// confirm goes from the product to the final confirmation.
func (s *shop) confirm(payment string) {
	s.visit("/goods/hb-blend")
	s.shot("product")
	s.Axe()
	s.Follow("#add")
	s.WaitURL("/cart")
	s.shot("cart")
	s.Axe()
	s.Follow("a.cta")
	s.WaitURL("/checkout")
	s.Fill("#postcode", "1600022")
	s.Fill("#region", "JP-13")
	s.Fill("#city", "新宿区")
	s.Fill("#street", "新宿1-2-3")
	s.Fill("#phone", "090-1234-5678")
	s.Click("input[name=payment][value=" + payment + "]")
	s.shot("checkout")
	s.Axe()
	s.Follow("form.form > .cta")
	s.WaitURL("/checkout/confirm")
}

// pay fills in the hosted card page.
func (s *shop) pay(card string) {
	s.WaitVisible("#number")
	s.Fill("#number", card)
	s.Fill("#expiry", "12/34")
	s.Fill("#cvc", "123")
	s.Fill("#name", "HANA YOSHIDA")
	s.Follow("#submit")
}

// toDeadline moves the demo's clock to the next change deadline.
func (s *shop) toDeadline() { s.Follow(`form[action="/_demo/deadline"] button`) }

// mails reads the subjects of a recipient's mails in the mail box, the newest first.
func (s *shop) mails(to string) []mailSummary {
	var list []mailSummary
	s.json(s.at.Mails+"/api/messages?q="+to, &list)
	return list
}

type mailSummary struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

func (s *shop) json(address string, answer any) {
	s.t.Helper()
	response, err := http.Get(address)
	if err != nil {
		s.t.Fatalf("get %s: %v", address, err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		s.t.Fatalf("read %s: %v", address, err)
	}
}

func (s *shop) charges() []thread.Charge { return thread.ReadLedger(s.t, s.at.Simulator).Succeeded() }

// until waits for something that another part of the demo does.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-limit.C:
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

// consoleLogin enters the console as the owner.
func (s *shop) consoleLogin() {
	s.Visit(s.at.Shop + "/admin/login")
	s.Fill("#mail", demo.OwnerMail)
	s.Fill("#password", "hibari-demo")
	s.Follow("main form button")
}

func (s *shop) must(ok bool, format string, args ...any) {
	s.t.Helper()
	if !ok {
		s.t.Fatalf("at %s: %s", s.URL(), fmt.Sprintf(format, args...))
	}
}

// shots is a folder for pictures of the pages, for people to look at:
// go test ./internal/web/browsertest -args -shots DIR
var shots = flag.String("shots", "", "folder for pictures of the pages")

// shot takes a picture of the page where they are asked for.
func (s *shop) shot(name string) {
	if *shots == "" {
		return
	}
	for size, screen := range map[string]browsertest.Screen{"1280": browsertest.Desktop, "390": browsertest.Phone} {
		s.Screenshot(filepath.Join(*shots, name+strings.ReplaceAll(s.lang, "/", "-")+"-"+size+".png"), screen)
	}
}
