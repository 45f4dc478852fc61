// Package browsertest drives a headless Chromium for the browser tests: one
// browser per test binary, and for each Page a fresh context with its own
// cookies, at the size of a desktop or a phone.
//
// A Page fails its test when the page under test writes an error to the
// console, violates its Content Security Policy, asks for something that is
// not there, or reaches for a host other than this machine. The package holds
// no test of the product and knows none of its pages.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// errNoBrowser says what to install. Tests fail with it; they never skip.
var errNoBrowser = errors.New("no Chromium on this machine: run scripts/install-test-tools, " +
	"or install it yourself (Debian: apt-get install chromium fonts-noto-cjk)")

// browserNames are the programs that will do, the best first.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome"}

func findBrowser() (string, error) {
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBrowser
}

// browserFlags come on top of chromedp's own.
func browserFlags(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// The sandbox cannot be had as root or in most containers; all the
		// pages are ours.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// Nothing outside this machine has an address: a page that needs it
		// must fail here as it would for a merchant who is cut off.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
		chromedp.Flag("hide-scrollbars", true),
		// Screenshots must not differ by the machine's hinting.
		chromedp.Flag("font-render-hinting", "none"),
	)
}

var shared struct {
	mu      sync.Mutex
	started bool
	err     error
	ctx     context.Context // the browser's own tab; the parent of all pages
	stop    func() error
}

// sharedBrowser returns the context of this binary's browser and starts it at the
// first call.
func sharedBrowser(t testing.TB) context.Context {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if !shared.started {
		shared.started = true
		shared.ctx, shared.stop, shared.err = start()
	}
	if shared.err != nil {
		t.Fatalf("start the browser: %v", shared.err)
	}
	return shared.ctx
}

func start() (context.Context, func() error, error) {
	path, err := findBrowser()
	if err != nil {
		return nil, nil, err
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), browserFlags(path)...)
	ctx, _ := chromedp.NewContext(allocator) // cancelled by chromedp.Cancel below
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		return nil, nil, fmt.Errorf("run %s: %w", path, err)
	}
	stop := func() error {
		defer cancel()
		if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("stop the browser: %w", err)
		}
		return nil
	}
	return ctx, stop, nil
}

// Main runs the tests, stops the browser and whatever else is named (such as
// pgtest.StopShared), and exits. Call it from TestMain in each package that
// uses New.
func Main(m *testing.M, also ...func() error) {
	code := m.Run()
	for _, stop := range append([]func() error{StopShared}, also...) {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// StopShared stops the browser if one runs.
func StopShared() error {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.stop == nil {
		return nil
	}
	err := shared.stop()
	shared.ctx, shared.stop, shared.started = nil, nil, false
	return err
}
