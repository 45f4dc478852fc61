package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience bounds one step. It is far more than a page takes, as other tests
// compile and run at the same time.
const patience = 20 * time.Second

// Visit opens an address and waits until the page has loaded. An answer of 500
// and above fails the test; see Status for the others.
func (p *Page) Visit(url string) {
	p.t.Helper()
	p.load("visit "+url, chromedp.NavigateResponse(url))
}

// Follow clicks what leads to another page (a link, a form's button) and waits
// until that has loaded, through all redirects. Use Click for what changes the
// page in place.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	p.load("follow "+selector, func(ctx context.Context, t *chromedp.Target) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	})
}

func (p *Page) load(what string, action chromedp.Action[*network.Response]) {
	p.t.Helper()
	response := run(p, what, action)
	if response == nil { // a jump within the page
		return
	}
	p.status = int(response.Status)
	if p.status >= 500 && p.status != http.StatusServiceUnavailable { // a shop that is not open says so with 503
		p.fail(what, fmt.Errorf("the server answered %d", p.status))
	}
}

// Status is the HTTP status of the page that Visit or Follow came to.
func (p *Page) Status() int { return p.status }

// Click clicks an element that changes the page in place.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Press sends keys to whatever has the focus, as a person without a mouse
// does; see chromedp/kb for those without a letter, such as kb.Tab.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// fillField focuses the field and says whether its text can be typed. Others
// (lists, dates, numbers with arrows) get their value and the events that a
// choice by hand sends.
const fillField = `(function (field, value) {
	field.focus();
	if (field.disabled || field.readOnly) throw new Error("the field cannot be changed");
	const typed = field.tagName === "TEXTAREA" || (field.tagName === "INPUT" &&
		["text", "email", "tel", "search", "url", "password", "number"].includes(field.type));
	if (typed) { field.select(); return true; }
	field.value = value;
	if (field.value !== value) throw new Error("the field does not take " + JSON.stringify(value));
	field.dispatchEvent(new Event("input", { bubbles: true }));
	field.dispatchEvent(new Event("change", { bubbles: true }));
	return false;
})(document.querySelector(%s), %s)`

// Fill replaces what a field holds: typed into text fields, chosen (by value)
// in lists, dates and times.
func (p *Page) Fill(selector, value string) {
	p.t.Helper()
	what := "fill " + selector
	p.do(what, chromedp.WaitVisible(chromedp.CSS(selector)))
	typed := run(p, what, chromedp.Evaluate[bool](fmt.Sprintf(fillField, quote(selector), quote(value))))
	if !typed {
		return
	}
	if value == "" {
		p.Press("\b")
		return
	}
	p.do(what, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: value})
		return err
	}))
}

// Text waits for an element to be visible and returns the text a person sees.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(run(p, "read "+selector, chromedp.Text(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// Texts returns the texts of all elements that match now, visible or not; it
// does not wait.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	return Eval[[]string](p, fmt.Sprintf(
		`[...document.querySelectorAll(%s)].map(e => e.innerText.trim())`, quote(selector)))
}

// Value waits for a field and returns what it holds.
func (p *Page) Value(selector string) string {
	p.t.Helper()
	return run(p, "read "+selector, chromedp.Value(chromedp.CSS(selector), chromedp.NodeVisible))
}

// WaitVisible waits until an element can be seen.
func (p *Page) WaitVisible(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// WaitGone waits until no element matches.
func (p *Page) WaitGone(selector string) {
	p.t.Helper()
	p.do(selector+" is gone", chromedp.WaitNotPresent(chromedp.CSS(selector)))
}

// WaitText waits until an element's text contains words.
func (p *Page) WaitText(selector, words string) {
	p.t.Helper()
	run(p, fmt.Sprintf("wait until %s says %q", selector, words), poll(fmt.Sprintf(
		`[...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))`, quote(selector), quote(words))))
}

// WaitURL waits until the tab's address contains part.
func (p *Page) WaitURL(part string) {
	p.t.Helper()
	run(p, "wait for an address with "+part, poll(fmt.Sprintf(`location.href.includes(%s)`, quote(part))))
}

// URL is the tab's address.
func (p *Page) URL() string {
	p.t.Helper()
	return run(p, "read the address", chromedp.Location())
}

// Eval evaluates JavaScript in the page and returns its value; a promise is
// awaited. The page's policy does not concern it.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	return run(p, "evaluate JavaScript", chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// poll waits until an expression holds. It asks anew from outside, so that it
// outlives navigations and works while scripts are switched off.
func poll(js string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			// An error is a page that is just being left.
			if holds, err := chromedp.Evaluate[bool](js)(ctx, t); err == nil && holds {
				return nil
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

func (p *Page) do(what string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	run(p, what, action)
}

// run is the one door to the browser: a deadline, and a failure one can act
// on.
func run[T any](p *Page, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		p.fail(what, err)
	}
	return value
}

// fail ends the test with all a person needs to see why: the address, the
// text, what the browser complained of, and a picture in the test's artifacts
// (go test -artifacts keeps them).
func (p *Page) fail(what string, err error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	url, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	if picture, shotErr := chromedp.Run(ctx, chromedp.CaptureScreenshot()); shotErr == nil {
		_ = os.WriteFile(filepath.Join(p.t.ArtifactDir(), "failed.png"), picture, 0o644)
	}
	const show = 1500
	if r := []rune(text); len(r) > show {
		text = string(r[:show]) + " …"
	}
	p.t.Fatalf("%s: %v\nat %s\ncomplaints: %q\nthe page says:\n%s", what, err, url, p.Problems(), text)
}

// quote writes a Go string as a JavaScript one.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
