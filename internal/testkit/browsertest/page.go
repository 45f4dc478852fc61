package browsertest

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Screen is the size a page is shown at, in CSS pixels.
type Screen struct {
	Width, Height int64
	// Scale is the number of device pixels to a CSS pixel.
	Scale float64
	// Mobile obeys the viewport tag and has touch.
	Mobile bool
}

// The two sizes each page is made for.
var (
	Desktop = Screen{Width: 1280, Height: 900, Scale: 1}
	Phone   = Screen{Width: 390, Height: 844, Scale: 2, Mobile: true}
)

// Page is one tab. Its methods wait for what they need, and fail the test with
// the tab's address and text when it does not come. Selectors are CSS.
type Page struct {
	t      testing.TB
	ctx    context.Context
	screen Screen
	seen   *problems
	status int
}

// New opens an empty tab in a browser context of its own: no cookies, nothing
// stored. The tab closes when the test ends; what its pages complained of
// until then fails the test.
func New(t testing.TB, screen Screen) *Page {
	t.Helper()
	return open(t, sharedBrowser(t), screen, chromedp.WithNewBrowserContext())
}

// NewTab opens a second tab that shares this one's cookies.
func (p *Page) NewTab() *Page {
	p.t.Helper()
	return open(p.t, p.ctx, p.screen)
}

func open(t testing.TB, parent context.Context, screen Screen, opts ...chromedp.ContextOption) *Page {
	t.Helper()
	seen := newProblems()
	ctx, cancel := chromedp.NewContext(parent, append(opts, chromedp.WithListener(seen.note))...)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // without a deadline, which would close the tab
		t.Fatalf("open a browser tab: %v", err)
	}
	p := &Page{t: t, ctx: ctx, screen: screen, seen: seen}
	p.do("set the screen", show(screen))
	t.Cleanup(func() {
		for _, problem := range p.Problems() {
			t.Errorf("the browser complained: %s", problem)
		}
	})
	return p
}

// Problems are the console errors, policy violations, exceptions and missing
// files of all pages this tab has shown so far.
func (p *Page) Problems() []string { return p.seen.list() }

// WithoutJavaScript stops the pages' own scripts from the next page on: a shop
// must sell without them.
func (p *Page) WithoutJavaScript() {
	p.t.Helper()
	p.do("switch JavaScript off", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

func show(s Screen) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: s.Width, Height: s.Height, DeviceScaleFactor: s.Scale, Mobile: s.Mobile,
		}); err != nil {
			return err
		}
		touch := emulation.SetTouchEmulationEnabledParams{Enabled: s.Mobile}
		if s.Mobile {
			touch.MaxTouchPoints = 1
		}
		_, err := cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, touch)
		return err
	})
}
